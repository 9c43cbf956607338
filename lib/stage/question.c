#include "lib/stage/question.h"

#include "lib/base/mem.h"
#include "lib/json/record.h"
#include "lib/stage/reply.h"

#include <math.h>

struct question {
    const struct sm_asker *asker;
    const char *program;
    char *messages;
    jv about; /* for the program's `reply` */
    sm_outcome_fn *outcome;
    void *arg;
    struct sm_outcome sum; /* of the tries so far */
};

static void take_reply(void *arg, const struct sm_reply *reply);

/* At temperature 0 a second try would only repeat the first. */
static double temperature_of(double first, unsigned tried)
{
    return fmin(first + 0.3 * tried, fmax(first, 1));
}

static void send_try(struct question *q)
{
    unsigned tried = q->sum.tried;
    struct sm_ask ask = {
        .messages = sm_strdup(q->messages),
        .schema_name = q->program,
        .schema = sm_prompts_schema(q->asker->prompts, q->program),
        .temperature = temperature_of(q->asker->temperature, tried),
        .sample = (int64_t)q->sum.vote * SM_TRIES_MAX + tried,
        .logprobs = q->asker->logprobs,
    };
    q->sum.tried++;
    sm_llm_ask(q->asker->llm, &ask, take_reply, q);
}

/* `completion` is the last one; NULL if there is none. */
static void end_question(struct question *q, const struct sm_completion *completion)
{
    if (completion && q->asker->endings)
        sm_endings_add(q->asker->endings, q->sum.status, completion);
    q->outcome(q->arg, &q->sum);
    jv_free(q->sum.value);
    jv_free(q->sum.logprobs);
    jv_free(q->about);
    free(q->messages);
    free(q);
}

static jv parse(struct question *q, const struct sm_reply *reply, struct sm_err *err)
{
    jv input = jv_object_merge(sm_reply_input(reply->completion), jv_copy(q->about));
    return sm_prompts_reply(q->asker->prompts, q->program, input, err);
}

static void take_reply(void *arg, const struct sm_reply *reply)
{
    struct question *q = arg;
    struct sm_outcome *sum = &q->sum;
    struct sm_err err = {0};
    if (reply->error) {
        sum->error = reply->error;
        sum->tried = reply->tried;
        end_question(q, NULL);
        return;
    }
    sm_usage_add(&sum->usage, &reply->completion->usage);
    sum->ms += reply->ms;
    sum->model = reply->model;
    if (reply->completion->refused) {
        sum->status = SM_STATUS_REFUSED;
        end_question(q, reply->completion);
        return;
    }
    sum->value = parse(q, reply, &err);
    jv_free(sum->logprobs);
    sum->logprobs = sm_completion_logprobs(reply->completion);
    if (jv_is_valid(sum->value))
        sum->status = SM_STATUS_OK;
    else
        sum->status = reply->completion->truncated ? SM_STATUS_TRUNCATED : SM_STATUS_UNPARSED;
    if (err.message)
        sum->error = &err; /* the prompt program is wrong: asking again would not help */
    if (sum->status == SM_STATUS_OK || sum->error || sum->tried == SM_TRIES_MAX)
        end_question(q, sum->error ? NULL : reply->completion);
    else
        send_try(q);
    sm_err_clear(&err);
}

void sm_question_ask(const struct sm_asker *asker, const char *program, char *messages, int vote,
                     sm_outcome_fn *outcome, void *arg)
{
    sm_question_ask_about(asker, program, messages, jv_object(), vote, outcome, arg);
}

void sm_question_ask_about(const struct sm_asker *asker, const char *program, char *messages,
                           jv about, int vote, sm_outcome_fn *outcome, void *arg)
{
    struct question *q = sm_alloc(1, sizeof *q);
    *q = (struct question){.asker = asker,
                           .program = program,
                           .messages = messages,
                           .about = about,
                           .outcome = outcome,
                           .arg = arg,
                           .sum = {.vote = vote, .value = jv_invalid(), .logprobs = jv_invalid()}};
    send_try(q);
}

void sm_asker_cost(const struct sm_asker *asker, struct sm_buf *out, const struct sm_usage *usage,
                   double ms)
{
    double cost = sm_llm_cost(asker->llm, usage);
    sm_record_tokens(out, usage);
    if (!isnan(cost) && !usage->untold)
        sm_buf_printf(out, ",\"cost\":%.10g", cost);
    sm_buf_printf(out, ",\"ms\":%.10g", ms);
}
