/* A user's rubric takes two steps: the criteria, from the explained choices; and their weights,
 * from the scores of all choices that are not held out. */
#include "cmd/persona/rubric.h"
#include "cmd/persona/head.h"
#include "cmd/persona/scored.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/judge/rubric.h"

#include <math.h>

#define CRITERIA_BYTES 600 /* of a typical rubric in a prompt */
#define BYTES_PER_TOKEN 2  /* as in the upper bound of sm_plan_add() */

struct rubric_question {
    struct sm_user *user;
    jv history;      /* the examples that were shown */
    size_t dropped;  /* examples */
    char *reasoning; /* the model's, or NULL */
    struct scored scored;
    struct sm_usage usage; /* of writing the criteria */
    double ms;
};

static const struct rubric_writer *writer_of(const struct rubric_question *question)
{
    return question->user->stage->self;
}

static void free_question(struct rubric_question *question)
{
    scored_release(&question->scored);
    jv_free(question->history);
    free(question->reasoning);
    free(question);
}

static void fail_question(struct rubric_question *question, const struct sm_err *err,
                          unsigned tried)
{
    sm_user_failed(question->user, err, tried);
    free_question(question);
}

static void write_history(const struct rubric_question *question, struct sm_buf *out)
{
    int n = jv_array_length(jv_copy(question->history));
    sm_buf_str(out, ",\"history\":[");
    for (int i = 0; i < n; i++) {
        jv demo = jv_array_get(jv_copy(question->history), i);
        double index = sm_json_number(demo, "index", NAN);
        sm_buf_str(out, i ? "," : "");
        if (isfinite(index))
            sm_buf_printf(out, "%.0f", index);
        else
            sm_buf_str(out, "null");
        jv_free(demo);
    }
    sm_buf_printf(out, "],\"dropped\":%zu", question->dropped);
}

static void write_rubric(struct rubric_question *question)
{
    struct sm_buf *out = &question->user->out;
    struct sm_usage usage = question->usage;
    sm_usage_add(&usage, &question->scored.usage);
    sm_record_open(out, SM_RUBRIC, question->user->id);
    sm_buf_str(out, ",\"stage\":\"persona\"");
    scored_write(&question->scored, out);
    sm_buf_str(out, ",\"reasoning\":");
    sm_json_cstring(out, question->reasoning);
    write_history(question, out);
    sm_asker_cost(&writer_of(question)->asker, out, &usage, question->ms + question->scored.ms);
    sm_buf_str(out, "}\n");
}

static void end_question(struct rubric_question *question)
{
    write_rubric(question);
    sm_user_done(question->user);
    free_question(question);
}

static void take_scores(void *arg)
{
    struct rubric_question *question = arg;
    if (question->scored.failed) {
        fail_question(question, &question->scored.why, question->scored.tried);
    } else if (question->scored.pending) {
        sm_user_pending(question->user, question->scored.pending);
        free_question(question);
    } else {
        end_question(question);
    }
}

/* False if the program gave no criteria, or more than can be weighed. */
static bool take_criteria(struct rubric_question *question, jv value)
{
    struct scored *scored = &question->scored;
    jv criteria = sm_json_get(value, "criteria"),
       record = JV_OBJECT(jv_string("criteria"), jv_copy(criteria));
    bool ok = sm_rubric_check(record, NULL) && jv_array_length(jv_copy(criteria)) <= SM_WEIGHTS_MAX;
    double sum = 0;
    scored->criteria = criteria;
    scored->criteria_count = ok ? (size_t)jv_array_length(jv_copy(criteria)) : 0;
    for (size_t i = 0; i < scored->criteria_count; i++) {
        jv item = jv_array_get(jv_copy(criteria), (int)i);
        scored->stated[i] = sm_json_number(item, "weight", 0);
        sum += fabs(scored->stated[i]);
        jv_free(item);
    }
    for (size_t i = 0; i < scored->criteria_count; i++)
        scored->stated[i] = sum > 0 ? scored->stated[i] / sum : 1 / (double)scored->criteria_count;
    const char *reasoning = sm_json_text(value, "reasoning", NULL);
    question->reasoning = reasoning ? sm_strdup(reasoning) : NULL;
    jv_free(record);
    return ok;
}

/* What the scores may take before the criteria are known: there may be none. */
static void plan_scores(struct sm_user *user, struct sm_plan *sum)
{
    const struct rubric_writer *writer = user->stage->self;
    struct sm_prompts *prompts = writer->asker.prompts;
    long max_tokens = sm_llm_config(writer->asker.llm)->max_tokens;
    struct sm_buf head = {0}, messages = {0};
    jv none = jv_array();
    int64_t calls = 0, bytes = 0;
    bool ok = sm_rubric_head(prompts, none, &head, NULL);
    for (size_t i = 0; ok && i < user->pair_count; i++) {
        if (!scored_takes(&user->pairs[i]))
            continue;
        sm_buf_clear(&messages);
        ok = sm_rubric_messages(prompts, &head, &user->pairs[i], true, &messages, NULL);
        bytes += (int64_t)messages.len;
        calls++;
    }
    sm_plan_expect(sum, calls, bytes + calls * CRITERIA_BYTES, max_tokens);
    sm_plan_add(&sum->most, true, calls, bytes + calls * BYTES_PER_TOKEN * max_tokens, max_tokens);
    jv_free(none);
    sm_buf_release(&head);
    sm_buf_release(&messages);
}

static void take_outcome(void *arg, const struct sm_outcome *outcome)
{
    struct rubric_question *question = arg;
    struct sm_user *user = question->user;
    const struct rubric_writer *writer = user->stage->self;
    struct sm_err err = {0};
    if (outcome->error && outcome->error->code == SM_EXIT_PENDING) {
        plan_scores(user, &user->stage->planned);
        sm_user_pending(user, 1);
        free_question(question);
        return;
    }
    if (outcome->error) {
        fail_question(question, outcome->error, outcome->tried);
        return;
    }
    question->usage = outcome->usage;
    question->ms = outcome->ms;
    if (outcome->status != SM_STATUS_OK || !take_criteria(question, outcome->value)) {
        sm_err_set(&err, SM_EXIT_PARTIAL, "use a larger model, or raise --max-tokens",
                   "the model wrote no criteria that can be read (%s)",
                   sm_status_name(outcome->status));
        fail_question(question, &err, outcome->tried);
    } else if (question->scored.criteria_count == 0) {
        end_question(question); /* the choices show nothing */
    } else if (!scored_ask(&question->scored, &writer->asker, user)) {
        take_scores(question);
    }
    sm_err_clear(&err);
}

/* The messages for the first `count` examples of the list. */
static bool compose(const struct rubric_writer *writer, jv demos, size_t count, struct sm_buf *out,
                    struct sm_err *err)
{
    jv history = jv_array_slice(jv_copy(demos), 0, (int)count);
    sm_buf_clear(out);
    sm_buf_add(out, writer->head.data, writer->head.len);
    return sm_prompts_messages(writer->asker.prompts, "rubric", "question",
                               jv_object_set(jv_object(), jv_string("history"), history), out, err);
}

/* Shortens the history by whole judgements until it fits. */
static bool fit_history(const struct rubric_writer *writer, struct rubric_question *question,
                        struct sm_buf *out, struct sm_err *err)
{
    size_t all = (size_t)jv_array_length(jv_copy(question->history)), shown = all;
    bool ok = compose(writer, question->history, shown, out, err);
    while (ok && out->len - writer->head.len > writer->max_history && shown > 0)
        ok = compose(writer, question->history, --shown, out, err);
    question->history = jv_array_slice(question->history, 0, (int)shown);
    question->dropped = all - shown;
    sm_buf_char(out, ']');
    return ok;
}

void rubric_begin(struct sm_user *user)
{
    const struct rubric_writer *writer = user->stage->self;
    struct rubric_question *question = sm_alloc(1, sizeof *question);
    struct sm_err err = {0};
    struct sm_buf messages = {0};
    *question = (struct rubric_question){
        .user = user,
        .history = sm_json_get(user->history, "demos"),
        .scored = {.done = take_scores, .arg = question, .criteria = jv_invalid()}};
    if (!jv_is_valid(question->history)) {
        sm_err_set(&err, SM_EXIT_PARTIAL, "run sm-bootstrap before sm-persona",
                   "no demos of stage bootstrap to write a rubric from");
        fail_question(question, &err, 0);
    } else if (jv_array_length(jv_copy(question->history)) == 0) {
        end_question(question);
    } else if (fit_history(writer, question, &messages, &err)) {
        sm_question_ask(&writer->asker, "rubric", sm_buf_take(&messages), 0, take_outcome,
                        question);
    } else {
        fail_question(question, &err, 0);
    }
    sm_buf_release(&messages);
    sm_err_clear(&err);
}

void rubric_plan(struct sm_user *user, struct sm_plan *sum)
{
    const struct rubric_writer *writer = user->stage->self;
    int64_t head = (int64_t)writer->head.len, longest = (int64_t)writer->max_history,
            history = (int64_t)user->lines.len;
    long max_tokens = sm_llm_config(writer->asker.llm)->max_tokens;
    sm_plan_expect(sum, 1, head + (history < longest ? history : longest), max_tokens);
    sm_plan_add(&sum->most, true, 1, head + longest, max_tokens);
    plan_scores(user, sum);
}

bool rubric_open(struct rubric_writer *writer, const char *examples, struct sm_err *err)
{
    return head_write(writer->asker.prompts, "rubric", examples, &writer->head, err);
}

void rubric_release(struct rubric_writer *writer)
{
    sm_buf_release(&writer->head);
}
