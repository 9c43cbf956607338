#include "lib/eval/bias.h"

#include <math.h>

double sm_bias_ece(const struct sm_bias *bias)
{
    double sum = 0;
    for (int i = 0; i < SM_BINS; i++)
        sum += fabs(bias->bins[i].p - bias->bins[i].first);
    return bias->forecasts ? sum / (double)bias->forecasts : NAN;
}

struct sm_murphy sm_bias_murphy(const struct sm_bias *bias)
{
    double n = (double)bias->forecasts, first = 0, apart = 0, spread = 0;
    for (int i = 0; i < SM_BINS; i++)
        first += bias->bins[i].first;
    for (int i = 0; i < SM_BINS; i++) {
        const struct sm_bin *bin = &bias->bins[i];
        double count = (double)bin->n, off = bin->p - bin->first;
        double from_all = bin->first - count * first / n;
        apart += bin->n ? off * off / count : 0;
        spread += bin->n ? from_all * from_all / count : 0;
    }
    return (struct sm_murphy){
        .reliability = apart / n,
        .resolution = spread / n,
        .uncertainty = first / n * (1 - first / n),
    };
}

void sm_bias_add(struct sm_bias *sum, const struct sm_bias *part)
{
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

void sm_bias_verdict(struct sm_bias *bias, const struct sm_verdict *verdict)
{
    size_t cast = verdict->votes[0] + verdict->votes[1] + verdict->votes[2];
    if (cast > 1) {
        bias->voted++;
        bias->vote_agreement += agreement_of(verdict->votes, cast);
    }
    if (verdict->labeled && !isnan(verdict->p_first))
        count_forecast(bias, verdict->p_first, !verdict->reverse);
}
