#include "lib/eval/bias.h"

#include <math.h>

double sm_bias_ece(const struct sm_bias *bias)
{
    double sum = 0;
    for (int i = 0; i < SM_BINS; i++)
        sum += fabs(bias->bins[i].p - bias->bins[i].first);
    return bias->forecasts ? sum / (double)bias->forecasts : NAN;
}

void sm_bias_add(struct sm_bias *sum, const struct sm_bias *part)
{
    for (int i = 0; i < 4; i++)
        sum->shown[i / 2][i % 2] += part->shown[i / 2][i % 2];
    sum->longer += part->longer;
    sum->longer_won += part->longer_won;
    sum->longer_pairs += part->longer_pairs;
    sum->longer_chosen += part->longer_chosen;
    sum->voted += part->voted;
    sum->vote_agreement += part->vote_agreement;
    sum->forecasts += part->forecasts;
    sum->brier += part->brier;
    for (int i = 0; i < SM_BINS; i++) {
        sum->bins[i].n += part->bins[i].n;
        sum->bins[i].p += part->bins[i].p;
        sum->bins[i].first += part->bins[i].first;
    }
}

/* The chance that two votes drawn from those of a verdict are equal. */
static double agreement_of(const size_t votes[3], size_t cast)
{
    double equal = 0;
    for (int i = 0; i < 3; i++)
        equal += (double)votes[i] * ((double)votes[i] - 1);
    return equal / ((double)cast * ((double)cast - 1));
}

static void count_forecast(struct sm_bias *bias, double p, bool first)
{
    int bin = (int)(p * SM_BINS);
    struct sm_bin *at = &bias->bins[bin < SM_BINS ? bin : SM_BINS - 1];
    bias->forecasts++;
    bias->brier += (p - first) * (p - first);
    at->n++;
    at->p += p;
    at->first += first;
}

static void count_lengths(struct sm_bias *bias, const struct sm_verdict *verdict,
                          const size_t lengths[2], bool again)
{
    bool longer = lengths[0] > lengths[1], decided = verdict->preference != SM_TIE;
    bias->longer_pairs += !again;
    bias->longer_chosen += !again && longer;
    bias->longer += decided;
    bias->longer_won += decided && (verdict->prediction == 1) == longer;
}

void sm_bias_verdict(struct sm_bias *bias, const struct sm_verdict *verdict,
                     const size_t lengths[2], bool again)
{
    size_t cast = verdict->votes[0] + verdict->votes[1] + verdict->votes[2];
    if (cast > 1) {
        bias->voted++;
        bias->vote_agreement += agreement_of(verdict->votes, cast);
    }
    if (!verdict->labeled)
        return;
    bool first = !verdict->reverse;
    if (!isnan(verdict->p_first))
        count_forecast(bias, verdict->p_first, first);
    if (verdict->preference != SM_TIE)
        bias->shown[!first][verdict->preference == SM_SECOND]++;
    if (lengths && lengths[0] != lengths[1])
        count_lengths(bias, verdict, lengths, again);
}
