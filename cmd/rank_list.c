/* Who takes part in a ranking, and what it may take. */
#include "rank.h"

struct sm_pair rank_pair(const struct contest *contest, jv first, jv second)
{
    return (struct sm_pair){
        .context = contest->slate->context, .chosen = first, .rejected = second};
}

jv rank_reply(const struct contest *contest, size_t candidate)
{
    return jv_array_get(jv_copy(contest->slate->replies), (int)candidate);
}

/* Appends the question, were the candidate both replies: what the judge is shown of it. */
static bool show(const struct ranker *ranker, const struct contest *contest, size_t candidate,
                 struct sm_buf *text, struct sm_err *err)
{
    jv reply = rank_reply(contest, candidate);
    struct sm_pair pair = rank_pair(contest, reply, reply);
    bool ok = sm_prompts_messages(ranker->judging.asker.prompts, "judge", "question",
                                  sm_case(&pair, true), text, err);
    jv_free(reply);
    return ok;
}

bool rank_enlist(const struct ranker *ranker, struct contest *contest, struct sm_err *err)
{
    struct sm_buf shown[SM_SLATE_MAX] = {0};
    size_t n = (size_t)jv_array_length(jv_copy(contest->slate->replies));
    bool ok = true;
    contest->candidates = n;
    for (size_t i = 0; ok && i < n; i++) {
        size_t k = 0;
        ok = show(ranker, contest, i, &shown[i], err);
        while (k < contest->contestants &&
               strcmp(sm_buf_text(&shown[contest->candidate[k]]), sm_buf_text(&shown[i])) != 0)
            k++;
        contest->contestant[i] = k;
        if (k < contest->contestants)
            continue;
        contest->candidate[k] = i;
        contest->bytes[k] = shown[i].len;
        contest->contestants++;
    }
    for (size_t i = 0; i < n; i++)
        sm_buf_release(&shown[i]);
    if (ok)
        contest->tournament = sm_tournament_open(ranker->mode, contest->contestants);
    return ok;
}

void rank_plan(const struct ranker *ranker, const struct contest *contest, size_t head,
               int64_t learned, struct sm_plan *plan)
{
    long max_tokens = sm_llm_config(ranker->app->llm)->max_tokens;
    int64_t each = 2 * ranker->app->set.judge.votes;
    size_t least, most, shortest = SIZE_MAX, longest = 0;
    for (size_t i = 0; i < contest->contestants; i++) {
        shortest = contest->bytes[i] < shortest ? contest->bytes[i] : shortest;
        longest = contest->bytes[i] > longest ? contest->bytes[i] : longest;
    }
    sm_tournament_rest(contest->tournament, &least, &most);
    sm_plan_add(&plan->least, false, each * (int64_t)least,
                each * (int64_t)(least * (head + shortest)), max_tokens);
    sm_plan_add(&plan->most, true, each * (int64_t)most,
                each * (int64_t)most * ((int64_t)(head + longest) + learned), max_tokens);
}
