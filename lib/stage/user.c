/* Keeps what a stage needs of a user's records, and says how a user ended. */
#include "lib/stage/internal/user.h"
#include "lib/base/mem.h"
#include "lib/json/json.h"

#include <math.h>

void sm_user_forget(struct sm_user *user)
{
    for (size_t i = 0; i < user->pair_count; i++)
        sm_pair_release(&user->pairs[i]);
    free(user->pairs);
    user->pairs = NULL;
    user->pair_count = 0;
    for (size_t i = 0; i < user->candidate_count; i++)
        sm_candidates_release(&user->candidates[i]);
    free(user->candidates);
    user->candidates = NULL;
    user->candidate_count = 0;
    jv_free(user->persona);
    jv_free(user->rubric);
    jv_free(user->personas);
    jv_free(user->history);
    jv_free(user->demos);
    jv_free(user->verdicts);
    jv_free(user->rankings);
    jv_free(user->traces);
    user->persona = user->personas = user->rubric = jv_invalid();
    user->history = user->demos = jv_invalid();
    user->verdicts = user->rankings = user->traces = jv_invalid();
}

static void set_value(jv *slot, jv value)
{
    jv_free(*slot);
    *slot = jv_copy(value);
}

static bool take_demos(struct sm_user *user, jv value, struct sm_err *err)
{
    const char *stage = sm_json_text(value, "stage", NULL);
    jv demos = sm_json_get(value, "demos");
    bool ok = stage && jv_get_kind(demos) == JV_KIND_ARRAY;
    jv_free(demos);
    if (!ok)
        return sm_err_set(err, SM_EXIT_INPUT, "see sm-records(5)",
                          "a `demos` record needs a string `stage` and a list `demos`");
    if (strcmp(stage, "bootstrap") == 0)
        set_value(&user->history, value);
    else if (sm_demos_for_judge(stage))
        set_value(&user->demos, value);
    return true;
}

static void name_index(int64_t index, char name[24])
{
    snprintf(name, 24, "%lld", (long long)index);
}

static bool is_criterion(jv item)
{
    return sm_json_text(item, "name", NULL) && isfinite(sm_json_number(item, "weight", NAN));
}

bool sm_rubric_check(jv record, struct sm_err *err)
{
    jv criteria = sm_json_get(record, "criteria");
    bool ok = jv_get_kind(criteria) == JV_KIND_ARRAY;
    int n = ok ? jv_array_length(jv_copy(criteria)) : 0;
    for (int i = 0; ok && i < n; i++) {
        jv item = jv_array_get(jv_copy(criteria), i);
        ok = is_criterion(item);
        jv_free(item);
    }
    jv_free(criteria);
    return ok || sm_err_set(err, SM_EXIT_INPUT, "see sm-records(5)",
                            "a `rubric` record needs a list `criteria`, each with a string `name` "
                            "and a number `weight`");
}

static void keep_valued(jv *by_index, jv value)
{
    jv rewards = sm_json_get(value, "rewards");
    int64_t index;
    char name[24];
    if (jv_is_valid(rewards) && sm_json_integer(value, "index", 0, SM_INDEX_MAX, &index)) {
        name_index(index, name);
        *by_index = jv_object_set(*by_index, jv_string(name), jv_copy(value));
    }
    jv_free(rewards);
}

/* An answer that the user's choice has verified, with its reason. */
static void keep_trace(jv *by_index, jv value)
{
    const char *reasoning = sm_json_text(value, "reasoning", NULL);
    const char *label = sm_json_text(value, "label", NULL);
    int64_t index;
    char name[24];
    if (!reasoning || !*reasoning || !label || !sm_json_bool(value, "correct", false) ||
        !sm_json_integer(value, "index", 0, SM_INDEX_MAX, &index))
        return;
    jv trace = sm_json_without_nul(
        jv_object_set(jv_object(), jv_string("reasoning"), sm_json_get(value, "reasoning")),
        "reasoning");
    name_index(index, name);
    trace = jv_object_set(trace, jv_string("label"), sm_json_get(value, "label"));
    *by_index = jv_object_set(*by_index, jv_string(name), trace);
}

const char *sm_user_reason(const struct sm_user *user, const struct sm_pair *pair,
                           bool *chosen_first)
{
    char name[24];
    name_index((int64_t)pair->index, name);
    jv trace = sm_json_get(user->traces, name);
    const char *label = sm_json_text(trace, "label", NULL);
    *chosen_first = label            ? strcmp(label, "First") == 0
                    : pair->has_flip ? pair->flip
                                     : pair->index % 2 == 0;
    const char *reasoning = sm_json_text(trace, "reasoning", NULL);
    jv_free(trace); /* the user has it still */
    return reasoning;
}

bool sm_user_take(struct sm_user *user, const struct sm_record *record, struct sm_err *err)
{
    switch (record->type) {
    case SM_PAIR:
        user->pairs = sm_grow(user->pairs, user->pair_count, &user->pair_room, sizeof *user->pairs);
        sm_pair_from(record, user->pair_count, &user->pairs[user->pair_count]);
        user->pair_count++;
        return true;
    case SM_CANDIDATES:
        user->candidates = sm_grow(user->candidates, user->candidate_count, &user->candidate_room,
                                   sizeof *user->candidates);
        sm_candidates_from(record, user->candidate_count, &user->candidates[user->candidate_count]);
        user->candidate_count++;
        return true;
    case SM_PERSONA:
        if (!sm_json_text(record->value, "persona", NULL))
            return sm_err_set(err, SM_EXIT_INPUT, "see sm-records(5)",
                              "a `persona` record needs a string `persona`");
        jv_free(user->persona);
        user->persona = sm_json_without_nul(jv_copy(record->value), "persona");
        user->personas = jv_array_append(jv_is_valid(user->personas) ? user->personas : jv_array(),
                                         jv_copy(user->persona));
        return true;
    case SM_RUBRIC:
        if (!sm_rubric_check(record->value, err))
            return false;
        set_value(&user->rubric, record->value);
        return true;
    case SM_DEMOS:
        return take_demos(user, record->value, err);
    case SM_VERDICT:
        keep_valued(&user->verdicts, record->value);
        return true;
    case SM_RANKING:
        keep_valued(&user->rankings, record->value);
        return true;
    case SM_TRACE:
        keep_trace(&user->traces, record->value);
        return true;
    case SM_ERROR:
    case SM_PENDING:
        user->halted = true;
        user->pending = record->type == SM_PENDING;
        return true;
    default:
        return true;
    }
}

static bool is_learned_from(const struct sm_pair *pair)
{
    return pair->split == SM_SPLIT_TRAIN || pair->split == SM_SPLIT_VAL;
}

bool sm_user_take_question(struct sm_user *user, const char *line, size_t len,
                           const char *default_user, struct sm_err *err)
{
    enum sm_type asked = user->stage->asked;
    struct sm_record record;
    if (!sm_record_parse(line, len, default_user, &record, err))
        return false;
    user->id = record.user ? sm_strdup(record.user) : NULL;
    bool ok = record.user && record.type == asked && sm_user_take(user, &record, err);
    if (!ok)
        sm_err_set(err, SM_EXIT_PARTIAL, "with --line each line is one, with its user",
                   "not %s of a user", asked == SM_PAIR ? "a pair" : "candidates");
    else if (asked == SM_PAIR && is_learned_from(user->pairs))
        ok = sm_err_set(err, SM_EXIT_PARTIAL, "leave its `split` out",
                        "a pair to learn from, which is not judged");
    sm_record_release(&record);
    return ok;
}

/* Each record of `out` ends in "}\n". */
void sm_user_number(struct sm_user *user)
{
    struct sm_buf numbered = {0};
    const char *from = sm_buf_text(&user->out), *end;
    if (!user->question)
        return;
    for (; (end = strchr(from, '\n')); from = end + 1) {
        sm_buf_add(&numbered, from, (size_t)(end - 1 - from));
        sm_buf_printf(&numbered, ",\"line\":%zu}\n", user->question);
    }
    sm_buf_release(&user->out);
    user->out = numbered;
}

void sm_user_done(struct sm_user *user)
{
    user->state = SM_USER_DONE;
    user->next_done = user->stage->done;
    user->stage->done = user;
}

void sm_user_fail(struct sm_user *user, const struct sm_err *err, unsigned tried)
{
    size_t records = user->question && user->stage->answers ? user->stage->answers : 1;
    sm_user_done(user);
    if (user->stage->stopped)
        return;
    while (records-- > 0)
        sm_record_error(&user->out, user->id, user->stage->name, err, tried, NULL);
    user->stage->failed_users++;
}

void sm_user_failed(struct sm_user *user, const struct sm_err *err, unsigned tried)
{
    const struct sm_stage *stage = user->stage;
    struct sm_err copy = {0};
    sm_user_fail(user, err, tried);
    if (stage->stopped || !stage->report)
        return;
    sm_err_set(&copy, err->code == SM_EXIT_REPLAY ? SM_EXIT_REPLAY : SM_EXIT_PARTIAL, err->remedy,
               "user %s: %s", user->id, err->message);
    stage->report(stage->report_arg, &copy);
    sm_err_clear(&copy);
}

void sm_user_pending(struct sm_user *user, size_t waiting)
{
    sm_user_done(user);
    if (user->stage->stopped)
        return;
    sm_record_open(&user->out, SM_PENDING, user->id);
    sm_buf_printf(&user->out, ",\"stage\":\"%s\",\"waiting\":%zu}\n", user->stage->name, waiting);
    user->stage->pending_users++;
}
