/* The best of several replies, or all in order, by a user's judge. */
#include "cmd/common/stage_main.h"
#include "cmd/rank/rank.h"

#include <stddef.h>

struct rank_options {
    const char *by;
    bool best, order, full, adaptive, both;
    long budget, seed;
};

#define FIELD(name) offsetof(struct rank_options, name)

static const struct sm_opt options[] = {
    {0, "by", "verdict|likelihood", SM_OPT_CHOICE, FIELD(by), 0, 0,
     "Compare candidates in twos by verdicts of the model, or give each a reward: how likely the model finds it after what the user has chosen and rejected (see Rewards). Default: verdict."},
    {0, "best", NULL, SM_OPT_FLAG, FIELD(best), 0, 0,
     "Find the best candidate alone, by a knockout: N - 1 comparisons, each in one order, which is "
     "left to chance. This is the default."},
    {0, "both", NULL, SM_OPT_FLAG, FIELD(both), 0, 0,
     "Make the comparisons of --best in both orders, as those of --order and --full are."},
    {0, "adaptive", NULL, SM_OPT_FLAG, FIELD(adaptive), 0, 0,
     "Ask where a model of all verdicts so far is least sure which candidate is the best, in rounds "
     "of N / 2 questions: finds it more often than a knockout of as many calls (see Finding the "
     "best)."},
    {0, "budget", "QUESTIONS", SM_OPT_INT, FIELD(budget), 1, 1e6,
     "With --adaptive: how many questions to ask about an object, at most N (N - 1). Default: "
     "2 (N - 1)."},
    {0, "seed", "N", SM_OPT_INT, FIELD(seed), 0, 1e9,
     "Where --best and --adaptive leave something to chance: another seed, other orders. Default: "
     "0."},
    {0, "order", NULL, SM_OPT_FLAG, FIELD(order), 0, 0,
     "Put all candidates in order, by a merge sort: about N log2 N comparisons at most."},
    {0, "full", NULL, SM_OPT_FLAG, FIELD(full), 0, 0,
     "Compare each candidate with each, N (N - 1) / 2 comparisons, and give scores with "
     "intervals."},
    SM_OPT_END};

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
    if (ranker->mode == RANK_FULL)
        sm_buf_printf(out, ",\"cyclic\":%zu", ranker->cyclic);
}

/* What is wrong with the options together, and the remedy; NULL if nothing is. */
static const char *clash(const struct rank_options *set, const char **remedy)
{
    int modes = set->best + set->order + set->full + set->adaptive;
    bool compares = modes || set->both || set->budget || set->seed;
    *remedy = "give one of them";
    if (modes > 1)
        return "--best, --order, --full and --adaptive exclude each other";
    if (set->both && set->adaptive)
        return "--both and --adaptive exclude each other";
    *remedy = "leave it out: all candidates are put in order";
    if (compares && is_by_likelihood(set->by))
        return modes || set->both
                   ? "--best, --order, --full, --adaptive and --both choose comparisons, and --by "
                     "likelihood makes none"
                   : "--budget and --seed are about comparisons, and --by likelihood makes none";
    *remedy = "add --adaptive";
    return set->budget && !set->adaptive ? "--budget is about --adaptive" : NULL;
}

static bool choose_mode(struct ranker *ranker, const struct rank_options *set)
{
    struct sm_err err = {0};
    const char *remedy, *wrong = clash(set, &remedy);
    ranker->mode = set->full       ? RANK_FULL
                   : set->order    ? RANK_ORDER
                   : set->adaptive ? RANK_ADAPTIVE
                                   : RANK_BEST;
    ranker->both = set->both || ranker->mode != RANK_BEST;
    ranker->budget = set->budget;
    ranker->seed = set->seed;
    ranker->by_likelihood = is_by_likelihood(set->by);
    if (!wrong)
        return true;
    sm_err_set(&err, SM_EXIT_USAGE, remedy, "%s", wrong);
    app_fail(ranker->app, &err);
    return false;
}

static bool open_ranker(struct ranker *ranker, const struct client *client, struct sm_stage *stage)
{
    if (!ranker->by_likelihood)
        return true;
    stage->plan = rank_plan_rewards;
    stage->summarize = summarize_rewards;
    return rewarding_open(&ranker->rewarding, &ranker->judging, client);
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-rank",
        .of_users = true,
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
                             .asked = SM_CANDIDATES,
                             .plan = rank_plan_user,
                             .summarize = summarize,
                             .self = &ranker};
    const struct sm_opt_group groups[] = {{options, &set},
                                          {reward_opts, &ranker.rewarding.set},
                                          {history_opts, &ranker.rewarding.set},
                                          {judging_opts, &ranker.judging.set},
                                          {stage_opts, &stage},
                                          {line_opts, &stage},
                                          {client_opts, &client.set},
                                          {store_opts, &client.set.store},
                                          {prompt_opts, &client.set},
                                          {0}};
    if (app_start(&app, &program, groups, argc, argv) && choose_mode(&ranker, &set) &&
        rewarding_check(set.by, &ranker.rewarding.set, &ranker.judging.set, &client, &app) &&
        line_check(&stage, &client, &app, clash_with_lines(&ranker.rewarding.set)) &&
        judging_open(&ranker.judging, &client, &app) && open_ranker(&ranker, &client, &stage))
        stage_main(&app, &client, &stage);
    rewarding_close(&ranker.rewarding);
    judging_close(&ranker.judging);
    client_close(&client, &app);
    return app_end(&app);
}
