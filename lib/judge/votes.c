#include "lib/judge/votes.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/judge/logprobs.h"

#include <math.h>

void sm_votes_add(struct sm_votes *ballot, const struct sm_outcome *outcome)
{
    enum sm_choice choice = sm_outcome_choice(outcome);
    const char *reasoning = sm_json_text(outcome->value, "reasoning", NULL);
    double p = NAN;
    if (choice != SM_TIE)
        p = sm_logprobs_first(outcome->logprobs, sm_choice_name(choice));
    ballot->soft |= !isnan(p);
    if (isnan(p))
        p = choice == SM_TIE ? 0.5 : choice == SM_FIRST ? 1 : 0;
    ballot->p_sum += p;
    if (ballot->count == 0 || ballot->status != SM_STATUS_OK)
        ballot->status = outcome->status;
    ballot->count++;
    ballot->votes[choice]++;
    if (reasoning && !ballot->reasons[choice])
        ballot->reasons[choice] = sm_strdup(reasoning);
    ballot->model = outcome->model;
    sm_usage_add(&ballot->usage, &outcome->usage);
    ballot->ms += outcome->ms;
}

void sm_votes_release(struct sm_votes *ballot)
{
    for (int i = SM_TIE; i <= SM_SECOND; i++)
        free(ballot->reasons[i]);
    *ballot = (struct sm_votes){0};
}

double sm_votes_first(const struct sm_votes *ballot)
{
    return ballot->p_sum / (double)ballot->count;
}

enum sm_choice sm_votes_choice(const struct sm_votes *ballot)
{
    double p = sm_votes_first(ballot);
    return p > 0.5 ? SM_FIRST : p < 0.5 ? SM_SECOND : SM_TIE;
}

const char *sm_votes_reasoning(const struct sm_votes *ballot)
{
    const char *reason = ballot->reasons[sm_votes_choice(ballot)];
    for (int i = SM_SECOND; !reason && i >= SM_TIE; i--)
        reason = ballot->reasons[i];
    return reason;
}
