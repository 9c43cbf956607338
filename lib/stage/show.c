#include "lib/stage/internal/show.h"

#define SHARE_LEAST 0.02 /* of a file, to tell from it how many users there are */

/* How many users a file has, by the part of it that they were read from; 0: not known. */
static int64_t estimate(const struct sm_reader *reader, size_t seen)
{
    double share = sm_input_share(reader->input);
    return share >= SHARE_LEAST && seen > 1 ? (int64_t)((double)seen / share + 0.5) : 0;
}

void sm_stage_show(const struct sm_stage *stage, const struct sm_reader *reader, size_t done,
                   size_t seen, bool ended)
{
    struct sm_counts counts = {.users_done = (int64_t)done,
                               .users_seen = (int64_t)seen,
                               .users = ended ? (int64_t)seen : estimate(reader, seen),
                               .about = !ended,
                               .asks = stage->llm != NULL,
                               .begun = stage->users ? (int64_t)stage->users : 1,
                               .expected = (int64_t)(stage->users ? stage->expected : stage->each),
                               .failed = (int64_t)stage->failed_users};
    if (stage->llm) {
        struct sm_llm_totals totals = sm_llm_totals(stage->llm);
        const struct sm_limits *limits = &sm_llm_config(stage->llm)->limits;
        counts.calls = totals.calls;
        counts.hits = totals.hits + totals.shared;
        counts.waiting = totals.waiting;
        counts.tokens_in = totals.usage.in;
        counts.tokens_out = totals.usage.out;
        counts.cost = totals.cost;
        counts.max_calls = limits->max_calls;
        counts.max_cost = limits->max_cost;
    }
    sm_progress_update(stage->progress, &counts);
}
