#include "lib/eval/power.h"

#include "lib/eval/distributions.h"

#include <math.h>
#include <stdbool.h>

/* Gauss and Legendre's nodes and weights on -1 to 1, the positive half of 16. */
enum { HALF_NODES = 8 };
static const double nodes[HALF_NODES] = {
    0.0950125098376374402, 0.2816035507792589132, 0.4580167776572273863, 0.6178762444026437485,
    0.7554044083550030339, 0.8656312023878317439, 0.9445750230732325761, 0.9894009349916499326};
static const double weights[HALF_NODES] = {
    0.1894506104550684963, 0.1826034150449235888, 0.1691565193950025382, 0.1495959888165767321,
    0.1246289712555338720, 0.0951585116824927848, 0.0622535239386478929, 0.0271524594117540949};

#define LOST 40.0  /* e to the minus this is lost in rounding */
#define PANELS 6   /* of 16 nodes, in each part of the range */
#define STEP_SDS 9 /* a normal distribution is 0 or 1 beyond */
#define FLAT 0.05  /* and nearly constant over less than this */

/* The density of s, where df * s^2 is chi-squared, as one of x = log s, and without its constant:
 * x is never at an edge of its range, whatever df. */
static double density(double x, double df)
{
    return exp(df * (x - expm1(2 * x) / 2));
}

static double normal_above(double z)
{
    return 0.5 * erfc(z / sqrt(2));
}

/* What is integrated: P(Z > t s - shift), and the density, by which its sum is divided. */
struct sums {
    double above, all;
};

static void add_part(struct sums *sums, double from, double to, double t, double df, double shift)
{
    double half = (to - from) / (2 * PANELS);
    for (int panel = 0; panel < PANELS; panel++) {
        double middle = from + (2 * panel + 1) * half;
        for (int i = 0; i < 2 * HALF_NODES; i++) {
            double x = middle + half * (i % 2 ? nodes[i / 2] : -nodes[i / 2]);
            double weight = half * weights[i / 2] * density(x, df);
            sums->above += weight * normal_above(t * exp(x) - shift);
            sums->all += weight;
        }
    }
}

static double within(double number, double low, double high)
{
    return fmin(fmax(number, low), high);
}

/* The density spans from `low` to `high`. Where t s is near the shift, the other factor takes a
 * step, which may be far narrower: it is a part of its own. */
double sm_t_above(double t, double df, double shift)
{
    struct sums sums = {0};
    double low = -LOST / df - sqrt(LOST / df), high = sqrt(LOST / df);
    double from = log(fmax(shift - STEP_SDS, FLAT) / t), to = log(fmax(shift + STEP_SDS, FLAT) / t);
    double cuts[] = {low, within(from, low, 0),  within(to, low, 0),
                     0,   within(from, 0, high), within(to, 0, high),
                     high};
    for (size_t i = 0; i + 1 < sizeof cuts / sizeof *cuts; i++)
        if (cuts[i] < cuts[i + 1])
            add_part(&sums, cuts[i], cuts[i + 1], t, df, shift);
    return sums.above / sums.all;
}

/* Where a falling or rising function crosses `wanted` between `low` and `high`. */
typedef double curve_fn(double x, const double parameters[3]);
static double crossing(curve_fn *curve, const double parameters[3], double wanted, double low,
                       double high)
{
    bool rising = curve(high, parameters) > curve(low, parameters);
    for (;;) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high || high - low <= 1e-14 * high)
            return middle;
        if ((curve(middle, parameters) < wanted) == rising)
            low = middle;
        else
            high = middle;
    }
}

double sm_spread_of_mean(const struct sm_spread *spread, double pairs)
{
    return sqrt(spread->between * spread->between + spread->within * spread->within / pairs);
}

/* parameters: users, the critical t. */
static double power_at(double shift, const double parameters[3])
{
    double df = parameters[0] - 1, t = parameters[1];
    return sm_t_above(t, df, shift) + sm_t_above(t, df, -shift);
}

double sm_power(double difference, double sd, double users, double alpha)
{
    double parameters[3] = {users, sm_t_quantile(1 - alpha / 2, users - 1)};
    if (difference == 0 || sd == 0)
        return difference == 0 ? alpha : 1;
    return power_at(fabs(difference) / sd * sqrt(users), parameters);
}

double sm_power_difference(double sd, double users, double alpha, double power)
{
    double parameters[3] = {users, sm_t_quantile(1 - alpha / 2, users - 1)}, high = 1;
    while (power_at(high, parameters) < power)
        high *= 2;
    return crossing(power_at, parameters, power, 0, high) * sd / sqrt(users);
}

/* parameters: the difference, the sd, alpha. */
static double power_of_users(double users, const double parameters[3])
{
    return sm_power(parameters[0], parameters[1], users, parameters[2]);
}

double sm_power_users(double difference, double sd, double alpha, double power)
{
    double parameters[3] = {difference, sd, alpha}, high = 2;
    while (high < SM_USERS_MAX && power_of_users(high, parameters) < power)
        high = fmin(2 * high, SM_USERS_MAX);
    if (high == 2 || (high == SM_USERS_MAX && power_of_users(high, parameters) < power))
        return high;
    return crossing(power_of_users, parameters, power, high / 2, high);
}

/* The sums that analysis of variance needs of one user's differences. */
struct groups {
    double users, count, sum, squares_of_counts, within, between_squares;
};

static void add_user(struct groups *g, const double *differences, size_t count)
{
    double sum = 0, n = (double)count;
    for (size_t i = 0; i < count; i++)
        sum += differences[i];
    for (size_t i = 0; i < count; i++)
        g->within += (differences[i] - sum / n) * (differences[i] - sum / n);
    g->users++;
    g->count += n;
    g->sum += sum;
    g->squares_of_counts += n * n;
    g->between_squares += sum * sum / n;
}

struct sm_spread sm_spread_from(const double *differences, const size_t *users, size_t count)
{
    struct groups g = {0};
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from; to < count && users[to] == users[from];)
            to++;
        add_user(&g, differences + from, to - from);
    }
    if (g.users < 2 || g.count <= g.users)
        return (struct sm_spread){NAN, NAN};
    double variance = g.within / (g.count - g.users);
    double between = (g.between_squares - g.sum * g.sum / g.count) / (g.users - 1);
    double size = (g.count - g.squares_of_counts / g.count) / (g.users - 1);
    return (struct sm_spread){sqrt(fmax(0, (between - variance) / size)), sqrt(variance)};
}
