#include "lib/judge/scale.h"

#include <math.h>

enum { HALVINGS = 64 };

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

/* The derivative by b of what b maximizes; it falls everywhere. */
static double slope_at(double b, const double *differences, size_t count, double unit)
{
    double sum = 1 / b - 1;
    for (size_t i = 0; i < count; i++)
        sum += differences[i] / unit * logistic(-b * differences[i] / unit);
    return sum;
}

double sm_scale_fit(const double *differences, size_t count)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += differences[i] * differences[i];
    double unit = count ? sqrt(squares / (double)count) : 0;
    /* x * logistic(-b x) is below 1 / b, so that the slope is negative from count + 1 on. */
    double low = 0, high = (double)count + 1;
    for (int i = 0; i < HALVINGS && unit > 0; i++) {
        double middle = (low + high) / 2;
        if (slope_at(middle, differences, count, unit) > 0)
            low = middle;
        else
            high = middle;
    }
    return unit / high;
}

double sm_scale_probability(double difference, double scale)
{
    return logistic(difference / scale);
}
