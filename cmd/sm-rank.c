/* The best of several replies, or all in order, by a user's judge. */
#include "cmd/common/stage_main.h"
#include "cmd/rank/rank.h"

#include "lib/json/json.h"

#include <stddef.h>

struct rank_options {
    const char *by;
    bool best, order, full;
};

static const struct sm_opt options[] = {
    {0, "by", "verdict|likelihood", SM_OPT_CHOICE, offsetof(struct rank_options, by), 0, 0,
     "Compare candidates in twos by verdicts of the model, or give each a reward: how likely the model finds it after what the user has chosen and rejected (see Rewards). Default: verdict."},
    {0, "best", NULL, SM_OPT_FLAG, offsetof(struct rank_options, best), 0, 0,
     "Find the best candidate alone, by a knockout: N - 1 comparisons. This is the default."},
    {0, "order", NULL, SM_OPT_FLAG, offsetof(struct rank_options, order), 0, 0,
     "Put all candidates in order, by a merge sort: about N log2 N comparisons at most."},
    {0, "full", NULL, SM_OPT_FLAG, offsetof(struct rank_options, full), 0, 0,
     "Compare each candidate with each, N (N - 1) / 2 comparisons, and give scores with "
     "intervals."},
    SM_OPT_END};

static void fail_contest(struct contest *contest, const struct sm_err *why, unsigned tried)
{
    if (contest->failed)
        return;
    contest->failed = true;
    contest->tried = tried;
    sm_err_set(&contest->why, why->code, why->remedy, "%s", why->message);
}

static void free_contest(struct contest *contest)
{
    size_t cells = contest->comparisons ? contest->contestants * contest->contestants : 0;
    for (size_t i = 0; i < cells; i++) {
        if (!contest->comparisons[i])
            continue;
        judgment_release(&contest->comparisons[i]->forward);
        judgment_release(&contest->comparisons[i]->reverse);
        free(contest->comparisons[i]);
    }
    free(contest->comparisons);
    contest->comparisons = NULL;
    sm_tournament_close(contest->tournament);
    contest->tournament = NULL;
    rewards_release(&contest->rewards);
}

static void write_error(struct contest *contest)
{
    struct sm_buf place = {0};
    sm_buf_printf(&place, ",\"index\":%zu", contest->record->index);
    sm_record_error(&contest->out, contest->ranked->user->id, "rank", &contest->why, contest->tried,
                    place.data);
    sm_buf_release(&place);
}

static bool is_decided(const struct ranker *ranker, const struct contest *contest)
{
    return ranker->by_likelihood ? contest->pending == 0 : sm_tournament_done(contest->tournament);
}

static void end_contest(struct ranker *ranker, struct contest *contest)
{
    struct ranked_user *ranked = contest->ranked;
    if (contest->failed) {
        write_error(contest);
        ranked->failed++;
    } else if (is_decided(ranker, contest)) {
        rank_write(ranker, contest);
    } else {
        ranked->pending += contest->pending;
        if (contest->tournament && sm_llm_config(ranker->judging.asker.llm)->mode == SM_LLM_PLAN)
            rank_plan(ranker, contest, ranked->judge.head.len, 0, &ranked->user->stage->planned);
    }
    free_contest(contest);
    ranked->ended++;
}

static void end_judgment(void *arg);

static void ask_order(struct ranker *ranker, struct comparison *c, const struct sm_pair *pair,
                      bool forward)
{
    struct judgment *judgment = forward ? &c->forward : &c->reverse;
    judgment->done = end_judgment;
    judgment->arg = c;
    if (judging_ask(&ranker->judging, &c->contest->ranked->judge, pair, forward, judgment))
        c->under_way++;
    else
        fail_contest(c->contest, &judgment->why, 0);
}

static void begin_comparison(struct ranker *ranker, struct contest *contest, struct sm_match match)
{
    struct comparison *c = sm_alloc(1, sizeof *c);
    jv first = rank_reply(contest, contest->candidate[match.a]);
    jv second = rank_reply(contest, contest->candidate[match.b]);
    struct sm_pair pair = rank_pair(contest, first, second);
    *c = (struct comparison){.contest = contest, .match = match};
    contest->comparisons[match.a * contest->contestants + match.b] = c;
    ask_order(ranker, c, &pair, true);
    ask_order(ranker, c, &pair, false);
    contest->under_way += c->under_way > 0;
    contest->ranked->under_way += c->under_way > 0;
    jv_free(first);
    jv_free(second);
}

/* A user's comparisons fill all places in flight, but no more are begun: 64 candidates that all
 * meet make 4,032 requests. */
static bool has_room(const struct ranker *ranker, const struct ranked_user *ranked)
{
    return ranked->under_way < (size_t)sm_llm_config(ranker->judging.asker.llm)->jobs;
}

/* Begins the comparisons that are possible now. Ends the contest if none is under way then. */
static void advance_contest(struct ranker *ranker, struct contest *contest)
{
    struct sm_match match;
    while (!contest->failed && has_room(ranker, contest->ranked) &&
           sm_tournament_next(contest->tournament, &match))
        begin_comparison(ranker, contest, match);
    if (contest->under_way == 0)
        end_contest(ranker, contest);
}

static void advance_user(struct ranker *ranker, struct ranked_user *ranked);

static void take_rewards(struct contest *contest)
{
    contest->ranked->under_way -= contest->contestants;
    contest->pending = contest->rewards.pending;
    if (contest->rewards.failed)
        fail_contest(contest, &contest->rewards.why, contest->rewards.tried);
}

static void end_rewards(void *arg)
{
    struct contest *contest = arg;
    struct ranked_user *ranked = contest->ranked;
    struct ranker *ranker = ranked->user->stage->self;
    take_rewards(contest);
    end_contest(ranker, contest);
    advance_user(ranker, ranked);
}

/* Asks what all contestants are worth. */
static void value_contest(struct ranker *ranker, struct contest *contest)
{
    jv replies[SM_CANDIDATES_MAX];
    for (size_t i = 0; i < contest->contestants; i++)
        replies[i] = rank_reply(contest, contest->candidate[i]);
    contest->rewards.done = end_rewards;
    contest->rewards.arg = contest;
    contest->ranked->under_way += contest->contestants;
    if (!rewarding_ask(&ranker->rewarding, &contest->ranked->sides, contest->record->context,
                       replies, contest->contestants, &contest->rewards)) {
        take_rewards(contest);
        end_contest(ranker, contest);
    }
    for (size_t i = 0; i < contest->contestants; i++)
        jv_free(replies[i]);
}

static void begin_contest(struct ranker *ranker, struct contest *contest)
{
    static const struct sm_err stopped = {.code = SM_EXIT_PARTIAL, .message = "stopped"};
    struct sm_err err = {0};
    if (contest->ranked->user->stage->stopped)
        fail_contest(contest, &stopped, 0);
    else if (!rank_enlist(ranker, contest, &err))
        fail_contest(contest, &err, 0);
    else if (!ranker->by_likelihood)
        contest->comparisons =
            sm_alloc(contest->contestants * contest->contestants, sizeof(struct comparison *));
    sm_err_clear(&err);
    if (ranker->by_likelihood && !contest->failed)
        value_contest(ranker, contest);
    else
        advance_contest(ranker, contest);
}

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

/* Begins contests while there is room. May free `ranked`. */
static void advance_user(struct ranker *ranker, struct ranked_user *ranked)
{
    while (ranked->begun < ranked->count && has_room(ranker, ranked))
        begin_contest(ranker, &ranked->contests[ranked->begun++]);
    if (ranked->ended == ranked->count)
        end_ranked(ranker, ranked);
}

static void take_judgment(struct contest *contest, const struct judgment *judgment)
{
    if (judgment->failed)
        fail_contest(contest, &judgment->why, judgment->tried);
    contest->pending += judgment->pending;
}

static void end_judgment(void *arg)
{
    struct comparison *c = arg;
    struct contest *contest = c->contest;
    struct ranked_user *ranked = contest->ranked;
    struct ranker *ranker = ranked->user->stage->self;
    if (--c->under_way > 0)
        return;
    contest->under_way--;
    ranked->under_way--;
    take_judgment(contest, &c->forward);
    take_judgment(contest, &c->reverse);
    if (!contest->failed && !c->forward.pending && !c->reverse.pending)
        sm_tournament_tell(contest->tournament, c->match, comparison_result(c));
    advance_contest(ranker, contest);
    advance_user(ranker, ranked);
}

static struct ranked_user *new_ranked(struct sm_user *user)
{
    struct ranked_user *ranked = sm_alloc(1, sizeof *ranked);
    *ranked =
        (struct ranked_user){.user = user,
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

static void rank_user(struct sm_user *user)
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
        advance_user(ranker, ranked);
    } else {
        sm_user_failed(user, &err, 0);
        free_ranked(ranked);
    }
    sm_err_clear(&err);
}

static void plan_user(struct sm_user *user, struct sm_plan *sum)
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
        free_contest(&ranked->contests[i]);
    }
    free_ranked(ranked);
}

static void plan_rewards(struct sm_user *user, struct sm_plan *sum)
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

static void summarize_rewards(const struct sm_stage *stage, struct sm_buf *out)
{
    const struct ranker *ranker = stage->self;
    sm_buf_printf(out, ",\"rankings\":%zu,\"rewards\":%zu", ranker->rankings, ranker->rewards);
    rewarding_summarize(&ranker->rewarding, out);
}

static void summarize(const struct sm_stage *stage, struct sm_buf *out)
{
    const struct ranker *ranker = stage->self;
    sm_buf_printf(out, ",\"rankings\":%zu,\"comparisons\":%zu,\"ties\":%zu", ranker->rankings,
                  ranker->comparisons, ranker->ties);
    if (ranker->mode == SM_ROUND_ROBIN)
        sm_buf_printf(out, ",\"cyclic\":%zu", ranker->cyclic);
}

static bool choose_mode(struct ranker *ranker, const struct rank_options *set)
{
    struct sm_err err = {0};
    int given = set->best + set->order + set->full;
    ranker->mode = set->full ? SM_ROUND_ROBIN : set->order ? SM_MERGE_SORT : SM_KNOCKOUT;
    ranker->by_likelihood = is_by_likelihood(set->by);
    bool clash = given > 1, pointless = given && ranker->by_likelihood;
    if (clash)
        sm_err_set(&err, SM_EXIT_USAGE, "give one of them",
                   "--best, --order and --full exclude each other");
    else if (pointless)
        sm_err_set(&err, SM_EXIT_USAGE, "leave it out: all candidates are put in order",
                   "--best, --order and --full choose comparisons, and --by likelihood makes none");
    if (clash || pointless)
        app_fail(ranker->app, &err);
    return !clash && !pointless;
}

static bool open_ranker(struct ranker *ranker, const struct client *client, struct sm_stage *stage)
{
    if (!ranker->by_likelihood)
        return true;
    stage->plan = plan_rewards;
    stage->summarize = summarize_rewards;
    return rewarding_open(&ranker->rewarding, &ranker->judging, client);
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-rank",
        .summary = "find the reply that a user likes best among several",
        .operands = "[FILE ...]",
        .about = "Reads objects with a context and 2 to 64 candidates, and what was learned of "
                 "their users. Compares\ncandidates by the user's judge, each time in both orders, "
                 "or gives each a reward by likelihood, and\nappends a `ranking` record for each "
                 "object.",
    };
    struct app app;
    struct client client = CLIENT_DEFAULTS;
    struct rank_options set = {0};
    struct ranker ranker = {
        .app = &app, .judging = JUDGING_DEFAULTS, .rewarding = REWARDING_DEFAULTS};
    struct sm_stage stage = {.name = "rank",
                             .begin = rank_user,
                             .plan = plan_user,
                             .summarize = summarize,
                             .self = &ranker};
    const struct sm_opt_group groups[] = {{options, &set},
                                          {reward_opts, &ranker.rewarding.set},
                                          {history_opts, &ranker.rewarding.set},
                                          {judging_opts, &ranker.judging.set},
                                          {stage_opts, &stage},
                                          {client_opts, &client.set},
                                          {store_opts, &client.set.store},
                                          {prompt_opts, &client.set},
                                          {0}};
    if (app_start(&app, &program, groups, argc, argv) && choose_mode(&ranker, &set) &&
        rewarding_check(set.by, &ranker.rewarding.set, &ranker.judging.set, &client, &app) &&
        judging_open(&ranker.judging, &client, &app) && open_ranker(&ranker, &client, &stage))
        stage_main(&app, &client, &stage);
    rewarding_close(&ranker.rewarding);
    judging_close(&ranker.judging);
    client_close(&client, &app);
    return app_end(&app);
}
