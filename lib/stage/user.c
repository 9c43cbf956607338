/* Keeps what a stage needs of a user's records. */
#include "lib/stage/internal/user.h"
#include "lib/base/mem.h"
#include "lib/json/json.h"

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
    jv_free(user->personas);
    jv_free(user->history);
    jv_free(user->demos);
    jv_free(user->verdicts);
    jv_free(user->rankings);
    user->persona = user->personas = user->history = user->demos = jv_invalid();
    user->verdicts = user->rankings = jv_invalid();
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

static void keep_valued(jv *by_index, jv value)
{
    jv rewards = sm_json_get(value, "rewards");
    int64_t index;
    char name[24];
    if (jv_is_valid(rewards) && sm_json_integer(value, "index", 0, SM_INDEX_MAX, &index)) {
        snprintf(name, sizeof name, "%lld", (long long)index);
        *by_index = jv_object_set(*by_index, jv_string(name), jv_copy(value));
    }
    jv_free(rewards);
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
    case SM_DEMOS:
        return take_demos(user, record->value, err);
    case SM_VERDICT:
        keep_valued(&user->verdicts, record->value);
        return true;
    case SM_RANKING:
        keep_valued(&user->rankings, record->value);
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
