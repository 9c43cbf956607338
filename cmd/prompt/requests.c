#include "cmd/prompt/requests.h"

#include "lib/judge/judge.h"

bool requests_open(struct requests *requests, const struct client *client, struct app *app,
                   struct sm_learned *learned, struct sm_stage *stage)
{
    struct judging *judging = &requests->judging;
    judging->app = app;
    judging->learned = learned;
    judging->asker =
        (struct sm_asker){client->llm, client->prompts, client->set.temperature, false, NULL};
    judging->scorer = judging->asker;
    return nearest_open(&requests->nearest, judging, client, stage);
}

void requests_close(struct requests *requests)
{
    nearest_close(&requests->nearest);
}

/* One for each persona that votes. */
static bool write_pair(const struct requests *requests, const struct judge *judge,
                       const struct sm_pair *pair, struct sm_buf *out, struct sm_err *err)
{
    const struct judging *judging = &requests->judging;
    bool scored = judge->rubric.count > 0, ok = true;
    size_t voters = judge->voters ? judge->voters : 1;
    struct sm_buf messages = {0};
    for (size_t i = 0; ok && i < voters; i++) {
        sm_buf_clear(&messages);
        ok = (scored ? sm_rubric_messages : sm_judge_messages)(
            judging->asker.prompts, i ? &judge->others[i - 1] : &judge->head, pair,
            requests->order[0] == 'f', &messages, err);
        if (!ok)
            break;
        (scored ? sm_rubric_request : sm_judge_request)(&judging->asker, &messages, out);
        sm_buf_char(out, '\n');
    }
    sm_buf_release(&messages);
    return ok;
}

static bool is_wanted(const struct requests *requests, const struct sm_pair *pair)
{
    return requests->index < 0 ? sm_pair_is_judged(pair) : pair->index == (size_t)requests->index;
}

static bool write_pairs(const struct requests *requests, const struct judge *judge,
                        const struct nearby *nearby, const struct sm_user *user, struct sm_buf *out,
                        struct sm_err *err)
{
    size_t written = 0;
    for (size_t i = 0; i < user->pair_count; i++) {
        const struct sm_pair *pair = &user->pairs[i];
        const struct judge *own = nearby_judge(nearby, pair);
        if (!is_wanted(requests, pair) || (own && !sm_pair_is_judged(pair)))
            continue;
        if (!write_pair(requests, own ? own : judge, pair, out, err))
            return false;
        written++;
    }
    return written > 0 || sm_err_set(err, SM_EXIT_PARTIAL, "see the `index` of the user's pairs",
                                     "no such pair, or none to judge");
}

bool requests_write(struct requests *requests, struct sm_user *user, struct sm_buf *out,
                    struct sm_err *err)
{
    struct judge judge = {0};
    struct nearby nearby = {0};
    bool ok = judge_init(&judge, &requests->judging, user, err);
    if (ok && requests->judging.nearest && judge.rubric.count == 0)
        ok = nearby_init(&nearby, &requests->nearest, user, err) &&
             nearby_choose(&nearby, &judge, err);
    ok = ok && write_pairs(requests, &judge, &nearby, user, out, err);
    nearby_release(&nearby);
    judge_release(&judge);
    return ok;
}
