#include "lib/eval/sequential.h"

#include <math.h>

static const double stake = 0.5, log_of_limit = 690.7755278982137;

/* Products would overflow after some 1,700 users. */
static double log_both(const struct sm_sequential *s)
{
    double more = fmax(s->log_up, s->log_down), less = fmin(s->log_up, s->log_down);
    return more + log1p(exp(less - more)) - log(2);
}

void sm_sequential_add(struct sm_sequential *s, double difference)
{
    s->n++;
    s->log_up += log1p(stake * difference);
    s->log_down += log1p(-stake * difference);
    s->log_most = fmax(s->log_most, log_both(s));
}

double sm_sequential_e(const struct sm_sequential *s)
{
    return exp(fmin(log_both(s), log_of_limit));
}

double sm_sequential_p(const struct sm_sequential *s)
{
    return exp(-fmin(s->log_most, log_of_limit));
}
