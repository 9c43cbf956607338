#include "lib/judge/votes.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/judge/logprobs.h"

#include <math.h>

static void insert(struct sm_votes *votes, int number, double p)
{
    votes->each = sm_grow(votes->each, votes->count, &votes->room, sizeof *votes->each);
    size_t at = votes->count++;
    for (; at > 0 && votes->each[at - 1].number > number; at--)
        votes->each[at] = votes->each[at - 1];
    votes->each[at] = (struct sm_vote){number, p};
}

static void keep_reason(struct sm_votes *votes, enum sm_choice choice, int number, const char *text)
{
    if (votes->reasons[choice] && votes->reason_votes[choice] < number)
        return;
    free(votes->reasons[choice]);
    votes->reasons[choice] = sm_strdup(text);
    votes->reason_votes[choice] = number;
}

void sm_votes_add(struct sm_votes *votes, const struct sm_outcome *outcome)
{
    enum sm_choice choice = sm_outcome_choice(outcome);
    double p = NAN;
    if (choice != SM_TIE)
        p = sm_logprobs_first(outcome->logprobs, sm_choice_name(choice));
    sm_votes_add_as(votes, outcome, choice, p);
}

void sm_votes_add_as(struct sm_votes *votes, const struct sm_outcome *outcome,
                     enum sm_choice choice, double p)
{
    const char *reasoning = sm_json_text(outcome->value, "reasoning", NULL);
    votes->has_probability |= !isnan(p);
    if (isnan(p))
        p = choice == SM_TIE ? 0.5 : choice == SM_FIRST ? 1 : 0;
    bool last = votes->count == 0 || outcome->vote > votes->each[votes->count - 1].number;
    if (votes->count == 0 || outcome->status == SM_STATUS_OK ||
        (last && votes->status != SM_STATUS_OK))
        votes->status = outcome->status;
    insert(votes, outcome->vote, p);
    votes->by_choice[choice]++;
    if (reasoning)
        keep_reason(votes, choice, outcome->vote, reasoning);
    votes->model = outcome->model;
    sm_usage_add(&votes->usage, &outcome->usage);
    votes->ms += outcome->ms;
}

void sm_votes_release(struct sm_votes *votes)
{
    for (int i = SM_TIE; i <= SM_SECOND; i++)
        free(votes->reasons[i]);
    free(votes->each);
    *votes = (struct sm_votes){0};
}

double sm_votes_first(const struct sm_votes *votes)
{
    double sum = 0;
    for (size_t i = 0; i < votes->count; i++)
        sum += votes->each[i].p;
    return sum / (double)votes->count;
}

enum sm_choice sm_votes_choice(const struct sm_votes *votes)
{
    double p = sm_votes_first(votes);
    return p > 0.5 ? SM_FIRST : p < 0.5 ? SM_SECOND : SM_TIE;
}

const char *sm_votes_reasoning(const struct sm_votes *votes)
{
    const char *reason = votes->reasons[sm_votes_choice(votes)];
    for (int i = SM_SECOND; !reason && i >= SM_TIE; i--)
        reason = votes->reasons[i];
    return reason;
}
