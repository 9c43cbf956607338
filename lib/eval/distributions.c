#include "lib/eval/distributions.h"

#include <math.h>
#include <stdbool.h>

static const double tiny = 1e-300;   /* instead of a 0 that would be divided by */
static const double precise = 3e-16; /* a factor as near to 1 ends the fraction */
enum { TERMS_MAX = 100000 };

static double never_zero(double x)
{
    return fabs(x) < tiny ? tiny : x;
}

/* The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), from its
 * head on by Lentz's method. It converges fast where x < (a + 1) / (a + b + 2). */
static double beta_fraction(double x, double a, double b)
{
    double c = 1, d = 1 / never_zero(1 - (a + b) * x / (a + 1)), value = d;
    for (int i = 1; i < TERMS_MAX; i++) {
        double m = i, ahead = 0;
        for (int odd = 0; odd < 2; odd++) {
            double term = odd ? -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
                              : m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / never_zero(1 + term * d);
            c = never_zero(1 + term / c);
            ahead = c * d;
            value *= ahead;
        }
        if (fabs(ahead - 1) < precise)
            break;
    }
    return value;
}

double sm_beta_share(double x, double a, double b)
{
    if (!(x > 0))
        return isnan(x) ? NAN : 0;
    if (x >= 1)
        return 1;
    bool turned = x >= (a + 1) / (a + b + 2);
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    double part =
        turned ? front * beta_fraction(1 - x, b, a) / b : front * beta_fraction(x, a, b) / a;
    return turned ? 1 - part : part;
}

double sm_beta_quantile(double share, double a, double b)
{
    double low = 0, high = 1;
    for (;;) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            return middle;
        if (sm_beta_share(middle, a, b) < share)
            low = middle;
        else
            high = middle;
    }
}

double sm_t_p(double t, double degrees)
{
    return sm_beta_share(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/* The beta quantile is taken where it is far from 1, and so keeps its digits. */
double sm_t_quantile(double share, double degrees)
{
    if (degrees < 1) {
        double x = sm_beta_quantile(2 * (1 - share), degrees / 2, 0.5);
        return sqrt(degrees * (1 - x) / x);
    }
    double y = sm_beta_quantile(2 * share - 1, 0.5, degrees / 2);
    return sqrt(degrees * y / (1 - y));
}
