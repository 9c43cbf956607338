/* A user's rankings, one after another as far as there is room. */
#include "cmd/rank/rank.h"

static const struct sm_err *first_reason(const struct ranked_user *ranked)
{
    const struct contest *contest = ranked->contests;
    while (!contest->failed)
        contest++;
    return &contest->why;
}

static void free_ranked(struct ranked_user *ranked)
{
    for (size_t i = 0; i < ranked->count; i++) {
        sm_err_clear(&ranked->contests[i].why);
        sm_buf_release(&ranked->contests[i].out);
    }
    judge_release(&ranked->judge);
    sm_sides_release(&ranked->sides);
    free(ranked->contests);
    free(ranked);
}

static void end_ranked(const struct ranker *ranker, struct ranked_user *ranked)
{
    for (size_t i = 0; i < ranked->count; i++)
        sm_buf_add(&ranked->user->out, sm_buf_text(&ranked->contests[i].out),
                   ranked->contests[i].out.len);
    if (ranked->failed)
        judging_report(&ranker->judging, ranked->user, ranked->failed, ranked->count, "rankings",
                       first_reason(ranked));
    if (ranked->pending)
        sm_user_pending(ranked->user, ranked->pending);
    else
        sm_user_done(ranked->user);
    free_ranked(ranked);
}

static void advance(struct ranker *ranker, struct ranked_user *ranked)
{
    while (ranked->begun < ranked->count && rank_has_room(ranker, ranked))
        contest_begin(ranker, &ranked->contests[ranked->begun++]);
    if (ranked->ended == ranked->count)
        end_ranked(ranker, ranked);
}

static struct ranked_user *new_ranked(struct sm_user *user)
{
    struct ranked_user *ranked = sm_alloc(1, sizeof *ranked);
    *ranked =
        (struct ranked_user){.user = user,
                             .advance = advance,
                             .contests = sm_alloc(user->candidate_count, sizeof *ranked->contests),
                             .count = user->candidate_count};
    for (size_t i = 0; i < ranked->count; i++)
        ranked->contests[i] = (struct contest){.ranked = ranked, .record = &user->candidates[i]};
    return ranked;
}

/* What is known of the user, as the judge sees it. */
static bool know_user(const struct ranker *ranker, struct ranked_user *ranked, struct sm_err *err)
{
    if (!ranker->by_likelihood)
        return judge_init(&ranked->judge, &ranker->judging, ranked->user, err);
    struct known known = {0};
    bool ok = known_init(&known, &ranker->rewarding, ranked->user, err) &&
              rewarding_sides(&ranker->rewarding, &known, &ranked->sides, err);
    known_release(&known);
    return ok;
}

void rank_user(struct sm_user *user)
{
    struct ranker *ranker = user->stage->self;
    struct sm_err err = {0};
    if (user->candidate_count == 0) {
        app_note(ranker->app, "user %s has no candidates to rank; see sm-records(5)", user->id);
        sm_user_done(user);
        return;
    }
    struct ranked_user *ranked = new_ranked(user);
    if (know_user(ranker, ranked, &err)) {
        advance(ranker, ranked);
    } else {
        sm_user_failed(user, &err, 0);
        free_ranked(ranked);
    }
    sm_err_clear(&err);
}

void rank_plan_user(struct sm_user *user, struct sm_plan *sum)
{
    const struct ranker *ranker = user->stage->self;
    struct ranked_user *ranked = new_ranked(user);
    size_t shown;
    int64_t learned;
    bool ok = sm_judge_head(ranker->judging.asker.prompts, NULL, jv_invalid(), &ranked->judge.head,
                            &shown, NULL) &&
              judging_learned_most(&ranker->judging, user, &learned);
    for (size_t i = 0; ok && i < ranked->count; i++) {
        ok = rank_enlist(ranker, &ranked->contests[i], NULL);
        if (ok)
            rank_plan(ranker, &ranked->contests[i], ranked->judge.head.len, learned, sum);
        contest_release(&ranked->contests[i]);
    }
    free_ranked(ranked);
}

void rank_plan_rewards(struct sm_user *user, struct sm_plan *sum)
{
    const struct ranker *ranker = user->stage->self;
    struct ranked_user *ranked = new_ranked(user);
    struct sm_err err = {0};
    int64_t replies = 0, bytes = 0;
    for (size_t i = 0; i < ranked->count; i++) {
        struct contest *contest = &ranked->contests[i];
        if (!rank_enlist(ranker, contest, &err))
            continue;
        replies += (int64_t)contest->contestants;
        bytes += rank_bytes(contest);
    }
    rewarding_plan(&ranker->rewarding, user, replies, bytes, sum);
    sm_err_clear(&err);
    free_ranked(ranked);
}
