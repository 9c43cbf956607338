/* The best of several replies, or all in order, by a user's judge. */
#include "cmd/common/stage_main.h"
#include "cmd/rank/rank.h"

#include "lib/json/json.h"

#include <stddef.h>

struct rank_options {
    bool best, order, full;
};

static const struct sm_opt options[] = {
    {0, "best", NULL, SM_OPT_FLAG, offsetof(struct rank_options, best), 0, 0,
     "Find the best candidate alone, by a knockout: N - 1 comparisons. This is the default."},
    {0, "order", NULL, SM_OPT_FLAG, offsetof(struct rank_options, order), 0, 0,
     "Put all candidates in order, by a merge sort: about N log2 N comparisons at most."},
    {0, "full", NULL, SM_OPT_FLAG, offsetof(struct rank_options, full), 0, 0,
     "Compare each candidate with each, N (N - 1) / 2 comparisons, and give scores with "
     "intervals."},
    SM_OPT_END};

static void fail(struct contest *contest, const struct sm_err *why, unsigned tried)
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
}

static void write_error(struct contest *contest)
{
    struct sm_buf place = {0};
    sm_buf_printf(&place, ",\"index\":%zu", contest->slate->index);
    sm_record_error(&contest->out, contest->job->user->id, "rank", &contest->why, contest->tried,
                    place.data);
    sm_buf_release(&place);
}

static void end_contest(struct ranker *ranker, struct contest *contest)
{
    struct job *job = contest->job;
    if (contest->failed) {
        write_error(contest);
        job->failed++;
    } else if (sm_tournament_done(contest->tournament)) {
        rank_write(ranker, contest);
    } else {
        job->pending += contest->pending;
        if (sm_llm_config(ranker->judging.asker.llm)->mode == SM_LLM_PLAN)
            rank_plan(ranker, contest, job->judge.head.len, 0, &job->user->stage->planned);
    }
    free_contest(contest);
    job->ended++;
}

static void end_verdict(void *arg);

static void ask(struct ranker *ranker, struct comparison *c, const struct sm_pair *pair,
                bool forward)
{
    struct judgment *verdict = forward ? &c->forward : &c->reverse;
    verdict->done = end_verdict;
    verdict->arg = c;
    if (judging_ask(&ranker->judging, &c->contest->job->judge, pair, forward, verdict))
        c->under_way++;
    else
        fail(c->contest, &verdict->why, 0);
}

static void compare(struct ranker *ranker, struct contest *contest, struct sm_match match)
{
    struct comparison *c = sm_alloc(1, sizeof *c);
    jv first = rank_reply(contest, contest->candidate[match.a]);
    jv second = rank_reply(contest, contest->candidate[match.b]);
    struct sm_pair pair = rank_pair(contest, first, second);
    *c = (struct comparison){.contest = contest, .match = match};
    contest->comparisons[match.a * contest->contestants + match.b] = c;
    ask(ranker, c, &pair, true);
    ask(ranker, c, &pair, false);
    contest->under_way += c->under_way > 0;
    contest->job->under_way += c->under_way > 0;
    jv_free(first);
    jv_free(second);
}

/* A user has so many comparisons under way at once that every place in flight is taken, and no
 * more: 64 candidates that all meet make 4,032 requests. */
static bool has_room(const struct ranker *ranker, const struct job *job)
{
    return job->under_way < (size_t)sm_llm_config(ranker->judging.asker.llm)->jobs;
}

/* Asks what can be asked now. Of a contest that goes on something is under way afterwards. */
static void advance(struct ranker *ranker, struct contest *contest)
{
    struct sm_match match;
    while (!contest->failed && has_room(ranker, contest->job) &&
           sm_tournament_next(contest->tournament, &match))
        compare(ranker, contest, match);
    if (contest->under_way == 0)
        end_contest(ranker, contest);
}

static void begin_contest(struct ranker *ranker, struct contest *contest)
{
    static const struct sm_err stopped = {.code = SM_EXIT_PARTIAL, .message = (char *)"stopped"};
    struct sm_err err = {0};
    if (contest->job->user->stage->stopped)
        fail(contest, &stopped, 0);
    else if (!rank_enlist(ranker, contest, &err))
        fail(contest, &err, 0);
    else
        contest->comparisons =
            sm_alloc(contest->contestants * contest->contestants, sizeof(struct comparison *));
    sm_err_clear(&err);
    advance(ranker, contest);
}

/* A user of whom rankings are missing is told once, with the first reason. */
static void say_failed(const struct ranker *ranker, const struct job *job)
{
    const struct contest *contest = job->contests;
    struct sm_err err = {0};
    while (!contest->failed)
        contest++;
    int code = contest->why.code == SM_EXIT_REPLAY ? SM_EXIT_REPLAY : SM_EXIT_PARTIAL;
    sm_err_set(&err, code, contest->why.remedy, "user %s: %zu of %zu rankings failed: %s",
               job->user->id, job->failed, job->count, contest->why.message);
    app_fail(ranker->app, &err);
    job->user->stage->failed_users++;
}

static void free_job(struct job *job)
{
    for (size_t i = 0; i < job->count; i++) {
        sm_err_clear(&job->contests[i].why);
        sm_buf_release(&job->contests[i].out);
    }
    judge_release(&job->judge);
    free(job->contests);
    free(job);
}

static void end_job(const struct ranker *ranker, struct job *job)
{
    for (size_t i = 0; i < job->count; i++)
        sm_buf_add(&job->user->out, sm_buf_text(&job->contests[i].out), job->contests[i].out.len);
    if (job->failed && !job->user->stage->stopped)
        say_failed(ranker, job);
    if (job->pending)
        sm_user_pending(job->user, job->pending);
    else
        sm_user_done(job->user);
    free_job(job);
}

/* Begins what there is room for. `job` may be gone afterwards. */
static void go_on(struct ranker *ranker, struct job *job)
{
    while (job->begun < job->count && has_room(ranker, job))
        begin_contest(ranker, &job->contests[job->begun++]);
    if (job->ended == job->count)
        end_job(ranker, job);
}

static void take(struct contest *contest, const struct judgment *verdict)
{
    if (verdict->failed)
        fail(contest, &verdict->why, verdict->tried);
    contest->pending += verdict->pending;
}

static void end_verdict(void *arg)
{
    struct comparison *c = arg;
    struct contest *contest = c->contest;
    struct job *job = contest->job;
    struct ranker *ranker = job->user->stage->self;
    if (--c->under_way > 0)
        return;
    contest->under_way--;
    job->under_way--;
    take(contest, &c->forward);
    take(contest, &c->reverse);
    if (!contest->failed && !c->forward.pending && !c->reverse.pending)
        sm_tournament_tell(contest->tournament, c->match, comparison_result(c));
    advance(ranker, contest);
    go_on(ranker, job);
}

static struct job *new_job(struct sm_user *user)
{
    struct job *job = sm_alloc(1, sizeof *job);
    *job = (struct job){.user = user,
                        .contests = sm_alloc(user->candidate_count, sizeof *job->contests),
                        .count = user->candidate_count};
    for (size_t i = 0; i < job->count; i++)
        job->contests[i] = (struct contest){.job = job, .slate = &user->candidates[i]};
    return job;
}

static void begin(struct sm_user *user)
{
    struct ranker *ranker = user->stage->self;
    struct sm_err err = {0};
    if (user->candidate_count == 0) {
        app_note(ranker->app, "user %s has no candidates to rank; see sm-records(5)", user->id);
        sm_user_done(user);
        return;
    }
    struct job *job = new_job(user);
    if (judge_init(&job->judge, &ranker->judging, user, &err)) {
        go_on(ranker, job);
    } else {
        sm_user_failed(user, &err, 0);
        free_job(job);
    }
    sm_err_clear(&err);
}

static void plan(struct sm_user *user, struct sm_plan *sum)
{
    const struct ranker *ranker = user->stage->self;
    struct job *job = new_job(user);
    size_t shown;
    int64_t learned;
    bool ok = sm_judge_head(ranker->judging.asker.prompts, NULL, jv_invalid(), &job->judge.head,
                            &shown, NULL) &&
              judging_learned_most(&ranker->judging, user, &learned);
    for (size_t i = 0; ok && i < job->count; i++) {
        ok = rank_enlist(ranker, &job->contests[i], NULL);
        if (ok)
            rank_plan(ranker, &job->contests[i], job->judge.head.len, learned, sum);
        free_contest(&job->contests[i]);
    }
    free_job(job);
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
    ranker->mode = set->full ? SM_ROUND_ROBIN : set->order ? SM_MERGE_SORT : SM_KNOCKOUT;
    if (set->best + set->order + set->full < 2)
        return true;
    sm_err_set(&err, SM_EXIT_USAGE, "give one of them",
               "--best, --order and --full exclude each other");
    app_fail(ranker->app, &err);
    return false;
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-rank",
        .summary = "find the reply that a user likes best among several",
        .operands = "[FILE ...]",
        .about = "Reads objects with a context and 2 to 64 candidates, and what was learned of "
                 "their users. Compares\ncandidates by the user's judge, each time in both orders, "
                 "and appends a `ranking` record for\neach object.",
    };
    struct app app;
    struct client client = CLIENT_DEFAULTS;
    struct rank_options set = {0};
    struct ranker ranker = {.app = &app, .judging = JUDGING_DEFAULTS};
    struct sm_stage stage = {
        .name = "rank", .begin = begin, .plan = plan, .summarize = summarize, .self = &ranker};
    const struct sm_opt_group groups[] = {{options, &set},
                                          {judging_opts, &ranker.judging.set},
                                          {stage_opts, &stage},
                                          {client_opts, &client.set},
                                          {store_opts, &client.set.store},
                                          {prompt_opts, &client.set},
                                          {0}};
    if (app_start(&app, &program, groups, argc, argv) && choose_mode(&ranker, &set) &&
        judging_open(&ranker.judging, &client, &app))
        stage_main(&app, &client, &stage);
    judging_close(&ranker.judging);
    client_close(&client, &app);
    return app_end(&app);
}
