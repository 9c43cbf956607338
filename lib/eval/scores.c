#include "lib/eval/scores.h"

#include "lib/base/mem.h"

#include <math.h>

static const double rounding = 2e-6; /* of the mean of two probabilities of six digits */

/* What is known of one order of a pair. */
enum state { UNKNOWN, JUDGED, FAILED };

struct judged_pair {
    unsigned char state[2]; /* enum state; forward, reverse */
    short prediction[2], debiased;
    bool scored, labeled[2], orderless, paired;
    bool has_lengths, has_probability[2];
    double p_chosen[2];       /* see sm_verdict_chosen() */
    size_t index, lengths[2]; /* chosen, rejected */
};

struct sm_scorer {
    struct judged_pair *pairs;
    size_t count, room, last; /* last: the pair found last */
    size_t *slots;            /* open addressing, by index: number of the pair + 1, or 0 */
    size_t slot_count;
    struct sm_tally tally;
};

void sm_tally_add(struct sm_tally *tally, const struct sm_tally *part)
{
    tally->n += part->n;
    tally->correct += part->correct;
    tally->ties += part->ties;
    tally->pairs += part->pairs;
    tally->unlabeled += part->unlabeled;
    tally->unparsed += part->unparsed;
    tally->truncated += part->truncated;
    tally->refused += part->refused;
    tally->failed += part->failed;
    tally->decided += part->decided;
    tally->first += part->first;
    tally->both += part->both;
    tally->agreed += part->agreed;
    for (int i = 0; i < 4; i++)
        tally->orders[i / 2][i % 2] += part->orders[i / 2][i % 2];
    tally->debiased += part->debiased;
    tally->debiased_correct += part->debiased_correct;
    tally->debiased_ties += part->debiased_ties;
    sm_cost_sum(&tally->cost, &part->cost);
    sm_bias_add(&tally->bias, &part->bias);
}

double sm_tally_lean(const struct sm_tally *tally)
{
    const size_t(*orders)[2] = tally->orders;
    double first = (double)orders[0][1], second = (double)orders[1][0];
    return (first - second) / (first + second + (double)orders[0][0] + (double)orders[1][1]);
}

struct sm_scorer *sm_scorer_open(void)
{
    struct sm_scorer *scorer = sm_alloc(1, sizeof *scorer);
    scorer->slot_count = 64;
    scorer->slots = sm_alloc(scorer->slot_count, sizeof *scorer->slots);
    return scorer;
}

void sm_scorer_close(struct sm_scorer *scorer)
{
    if (!scorer)
        return;
    free(scorer->slots);
    free(scorer->pairs);
    free(scorer);
}

/* The slot that holds the pair of `index`, or the free one where it belongs. */
static size_t *find_slot(const struct sm_scorer *scorer, size_t index)
{
    size_t mask = scorer->slot_count - 1, at = (index * 0x9e3779b97f4a7c15u >> 32) & mask;
    while (scorer->slots[at] && scorer->pairs[scorer->slots[at] - 1].index != index)
        at = (at + 1) & mask;
    return &scorer->slots[at];
}

static void widen(struct sm_scorer *scorer)
{
    free(scorer->slots);
    scorer->slot_count *= 2;
    scorer->slots = sm_alloc(scorer->slot_count, sizeof *scorer->slots);
    for (size_t i = 0; i < scorer->count; i++)
        *find_slot(scorer, scorer->pairs[i].index) = i + 1;
}

static struct judged_pair *find_pair(struct sm_scorer *scorer, size_t index)
{
    if (scorer->count && scorer->pairs[scorer->last].index == index)
        return &scorer->pairs[scorer->last];
    if (2 * (scorer->count + 1) > scorer->slot_count)
        widen(scorer);
    size_t *slot = find_slot(scorer, index);
    if (!*slot) {
        scorer->pairs = sm_grow(scorer->pairs, scorer->count, &scorer->room, sizeof *scorer->pairs);
        scorer->pairs[scorer->count++] = (struct judged_pair){.index = index};
        *slot = scorer->count;
    }
    scorer->last = *slot - 1;
    return &scorer->pairs[scorer->last];
}

static void count_label(struct sm_tally *tally, struct judged_pair *pair,
                        const struct sm_verdict *verdict)
{
    if (!verdict->labeled) {
        tally->unlabeled++;
        return;
    }
    tally->n++;
    tally->correct += verdict->prediction == 1;
    tally->ties += verdict->prediction == 0;
    tally->pairs += !pair->scored;
    pair->scored = true;
}

void sm_scorer_pair(struct sm_scorer *scorer, size_t index, size_t chosen, size_t rejected)
{
    struct judged_pair *pair = find_pair(scorer, index);
    pair->has_lengths = true;
    pair->lengths[0] = chosen;
    pair->lengths[1] = rejected;
}

/* Whether what the verdict says of both orders follows from it and the other one, if that is there.
 */
static bool is_sound(const struct judged_pair *pair, const struct sm_verdict *verdict)
{
    if (!verdict->paired || pair->state[!verdict->reverse] != JUDGED)
        return true;
    double p = (pair->p_chosen[!verdict->reverse] + sm_verdict_chosen(verdict)) / 2;
    return sm_follows(verdict->debiased, p) &&
           (isnan(verdict->p_chosen) || fabs(verdict->p_chosen - p) < rounding);
}

static void keep_verdict(struct judged_pair *pair, const struct sm_verdict *verdict)
{
    bool k = verdict->reverse;
    pair->state[k] = JUDGED;
    pair->prediction[k] = (short)verdict->prediction;
    pair->p_chosen[k] = sm_verdict_chosen(verdict);
    pair->has_probability[k] = verdict->labeled && !isnan(verdict->p_first);
    pair->labeled[k] = verdict->labeled;
    pair->orderless = verdict->orderless;
    if (verdict->paired && verdict->labeled) {
        pair->paired = true;
        pair->debiased = (short)verdict->debiased;
    }
}

static void count_orders(struct sm_tally *tally, const struct judged_pair *pair)
{
    const short *says = pair->prediction;
    tally->both++;
    tally->agreed += says[0] == says[1] && says[0] != 0;
    if (says[0] != 0 && says[1] != 0)
        tally->orders[says[0] < 0][says[1] < 0]++;
}

enum sm_counted sm_scorer_verdict(struct sm_scorer *scorer, const struct sm_verdict *verdict)
{
    struct sm_tally *tally = &scorer->tally;
    struct judged_pair *pair = find_pair(scorer, verdict->index);
    if (pair->state[verdict->reverse] != UNKNOWN)
        return SM_TAKEN;
    if (!is_sound(pair, verdict))
        return SM_CONTRADICTS;
    keep_verdict(pair, verdict);
    count_label(tally, pair, verdict);
    tally->unparsed += verdict->status == SM_STATUS_UNPARSED;
    tally->truncated += verdict->status == SM_STATUS_TRUNCATED;
    tally->refused += verdict->status == SM_STATUS_REFUSED;
    tally->decided += verdict->preference != SM_TIE;
    tally->first += verdict->preference == SM_FIRST;
    sm_bias_verdict(&tally->bias, verdict);
    if (verdict->paired && verdict->labeled) {
        tally->debiased++;
        tally->debiased_correct += verdict->debiased == 1;
        tally->debiased_ties += verdict->debiased == 0;
    }
    if (pair->state[!verdict->reverse] == JUDGED)
        count_orders(tally, pair);
    return SM_COUNTED;
}

bool sm_scorer_failed(struct sm_scorer *scorer, size_t index, bool reverse)
{
    struct judged_pair *pair = find_pair(scorer, index);
    if (pair->state[reverse] != UNKNOWN)
        return false;
    pair->state[reverse] = FAILED;
    scorer->tally.failed++;
    return true;
}

void sm_scorer_cost(struct sm_scorer *scorer, const struct sm_cost *cost)
{
    sm_cost_sum(&scorer->tally.cost, cost);
}

void sm_scorer_failed_user(struct sm_scorer *scorer)
{
    scorer->tally.failed++;
}

const struct sm_tally *sm_scorer_tally(const struct sm_scorer *scorer)
{
    return &scorer->tally;
}

size_t sm_scorer_pairs(const struct sm_scorer *scorer)
{
    return scorer->count;
}

static double one_if(bool yes)
{
    return yes ? 1 : 0;
}

static bool lengths_differ(const struct judged_pair *pair)
{
    return pair->has_lengths && pair->lengths[0] != pair->lengths[1];
}

/* The value of a pair's verdict in an order; NAN if it has none. */
static double verdict_value(const struct judged_pair *pair, enum sm_series series, bool reverse,
                            double tie)
{
    int says = pair->prediction[reverse];
    double off = 1 - pair->p_chosen[reverse];
    bool judged = pair->state[reverse] == JUDGED, labeled = judged && pair->labeled[reverse];
    switch (series) {
    case SM_OF_ACCURACY:
        return !labeled ? NAN : says == 0 ? tie : one_if(says == 1);
    case SM_OF_FIRST:
        return judged && says != 0 ? one_if((says == 1) != reverse) : NAN;
    case SM_OF_BRIER:
        return judged && pair->has_probability[reverse] ? off * off : NAN;
    default: /* SM_OF_LONGER */
        return labeled && says != 0 && lengths_differ(pair)
                   ? one_if((says == 1) == (pair->lengths[0] > pair->lengths[1]))
                   : NAN;
    }
}

/* The same of what a pair has once. */
static double pair_value(const struct judged_pair *pair, enum sm_series series, double tie)
{
    const short *says = pair->prediction;
    switch (series) {
    case SM_OF_DEBIASED:
        return !pair->paired ? NAN : pair->debiased == 0 ? tie : one_if(pair->debiased == 1);
    case SM_OF_AGREEMENT:
        return pair->state[0] == JUDGED && pair->state[1] == JUDGED
                   ? one_if(says[0] == says[1] && says[0] != 0)
                   : NAN;
    default: /* SM_OF_USER_LONGER */
        return pair->scored && lengths_differ(pair) ? one_if(pair->lengths[0] > pair->lengths[1])
                                                    : NAN;
    }
}

size_t sm_scorer_values(const struct sm_scorer *scorer, enum sm_series series, double tie,
                        double *sums, double *counts)
{
    bool once =
        series == SM_OF_DEBIASED || series == SM_OF_AGREEMENT || series == SM_OF_USER_LONGER;
    size_t used = 0;
    for (size_t i = 0; i < scorer->count; i++) {
        const struct judged_pair *pair = &scorer->pairs[i];
        double sum = 0, count = 0;
        for (int k = 0; k < 2 - once; k++) {
            double value =
                once ? pair_value(pair, series, tie) : verdict_value(pair, series, k == 1, tie);
            sum += isnan(value) ? 0 : value;
            count += !isnan(value);
        }
        if (count == 0)
            continue;
        sums[used] = sum;
        counts[used++] = count;
    }
    return used;
}

static int compare_indices(const void *left, const void *right)
{
    size_t a = ((const struct sm_pair_predictions *)left)->index;
    size_t b = ((const struct sm_pair_predictions *)right)->index;
    return (a > b) - (a < b);
}

size_t sm_scorer_outcomes(const struct sm_scorer *scorer, struct sm_pair_predictions **list,
                          size_t used, size_t *room)
{
    size_t from = used;
    for (size_t i = 0; i < scorer->count; i++) {
        const struct judged_pair *pair = &scorer->pairs[i];
        struct sm_pair_predictions outcomes = {.index = pair->index, .orderless = pair->orderless};
        if (!pair->scored)
            continue;
        for (int k = 0; k < 2; k++)
            outcomes.prediction[k] =
                (short)(pair->state[k] == JUDGED && pair->labeled[k] ? pair->prediction[k]
                                                                     : SM_NO_PREDICTION);
        *list = sm_grow(*list, used, room, sizeof **list);
        (*list)[used++] = outcomes;
    }
    if (used > from)
        qsort(*list + from, used - from, sizeof **list, compare_indices);
    return used;
}
