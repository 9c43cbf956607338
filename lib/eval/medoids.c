#include "lib/eval/medoids.h"

#include "lib/base/mem.h"

#include <math.h>
#include <stdbool.h>

#define GAIN_LEAST 1e-6 /* of a swap: less is rounding */

/* What each object has to its nearest and second nearest medoid. */
struct search {
    const float *distance;
    size_t n;
    struct sm_medoids *found;
    struct nearest {
        double first, second;
    } * nearest;
    double *removal; /* what the cost rises by without that medoid */
};

static double between(const struct search *s, size_t a, size_t b)
{
    return s->distance[a * s->n + b];
}

static void assign(struct search *s)
{
    struct sm_medoids *found = s->found;
    found->cost = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct nearest *near = &s->nearest[i];
        *near = (struct nearest){INFINITY, INFINITY};
        for (size_t m = 0; m < found->count; m++) {
            /* A medoid is of its own cluster, even where another object is as near. */
            double d = found->medoids[m] == i ? -1 : between(s, i, found->medoids[m]);
            if (d < near->first) {
                near->second = near->first;
                near->first = d;
                found->cluster[i] = m;
            } else if (d < near->second) {
                near->second = d;
            }
        }
        near->first = fmax(near->first, 0);
        found->cost += near->first;
    }
}

/* BUILD: each further medoid is the object that lowers the cost most. */
static void build(struct search *s, size_t count)
{
    struct sm_medoids *found = s->found;
    for (found->count = 0; found->count < count; found->count++) {
        size_t best = 0;
        double least = INFINITY;
        for (size_t h = 0; h < s->n; h++) {
            double cost = 0;
            for (size_t i = 0; i < s->n; i++)
                cost +=
                    found->count ? fmin(s->nearest[i].first, between(s, i, h)) : between(s, i, h);
            for (size_t m = 0; m < found->count; m++)
                cost = found->medoids[m] == h ? INFINITY : cost;
            if (cost < least - GAIN_LEAST) {
                least = cost;
                best = h;
            }
        }
        found->medoids[found->count] = best;
        for (size_t i = 0; i < s->n; i++)
            s->nearest[i].first =
                found->count ? fmin(s->nearest[i].first, between(s, i, best)) : between(s, i, best);
    }
}

/* What the cost changes by if `h` replaces a medoid, at best; *which is that medoid. */
static double best_swap(const struct search *s, size_t h, double *change, size_t *which)
{
    double gain = 0, least = INFINITY;
    memcpy(change, s->removal, s->found->count * sizeof *change);
    for (size_t i = 0; i < s->n; i++) {
        const struct nearest *near = &s->nearest[i];
        double d = between(s, i, h);
        if (d < near->first) {
            gain += d - near->first;
            change[s->found->cluster[i]] += near->first - near->second;
        } else if (d < near->second) {
            change[s->found->cluster[i]] += d - near->second;
        }
    }
    for (size_t m = 0; m < s->found->count; m++) {
        if (change[m] + gain < least) {
            least = change[m] + gain;
            *which = m;
        }
    }
    return least;
}

/* SWAP: the best exchange of a medoid for another object. False if none lowers the cost. */
static bool swap(struct search *s)
{
    double least = -GAIN_LEAST, *change = sm_alloc(s->found->count, sizeof *change);
    size_t from = 0, to = s->n;
    for (size_t m = 0; m < s->found->count; m++)
        s->removal[m] = 0;
    for (size_t i = 0; i < s->n; i++)
        s->removal[s->found->cluster[i]] += s->nearest[i].second - s->nearest[i].first;
    for (size_t h = 0; h < s->n; h++) {
        size_t which = 0;
        double cost = best_swap(s, h, change, &which);
        if (s->found->medoids[s->found->cluster[h]] != h && cost < least - GAIN_LEAST) {
            least = cost;
            from = which;
            to = h;
        }
    }
    free(change);
    if (to < s->n)
        s->found->medoids[from] = to;
    return to < s->n;
}

/* How much nearer an object is to its own cluster than to the next one: (b - a) / max(a, b). */
static double silhouette_of(const struct search *s, size_t object, const size_t *sizes, double *sum)
{
    const struct sm_medoids *found = s->found;
    size_t own = found->cluster[object];
    double next = INFINITY;
    if (sizes[own] < 2)
        return 0;
    for (size_t m = 0; m < found->count; m++)
        sum[m] = 0;
    for (size_t i = 0; i < s->n; i++)
        sum[found->cluster[i]] += i == object ? 0 : between(s, object, i);
    for (size_t m = 0; m < found->count; m++)
        next = m == own ? next : fmin(next, sum[m] / (double)sizes[m]);
    double a = sum[own] / (double)(sizes[own] - 1), most = fmax(a, next);
    return most > 0 ? (next - a) / most : 0;
}

static void measure(struct search *s)
{
    struct sm_medoids *found = s->found;
    size_t *sizes = sm_alloc(found->count, sizeof *sizes);
    double *sum = sm_alloc(found->count, sizeof *sum);
    for (size_t i = 0; i < s->n; i++)
        sizes[found->cluster[i]]++;
    found->silhouette = 0;
    for (size_t i = 0; i < s->n && found->count > 1; i++)
        found->silhouette += silhouette_of(s, i, sizes, sum) / (double)s->n;
    free(sizes);
    free(sum);
}

void sm_medoids_find(const float *distance, size_t n, size_t count, struct sm_medoids *found)
{
    struct search s = {.distance = distance, .n = n, .found = found};
    *found = (struct sm_medoids){.medoids = sm_alloc(count, sizeof *found->medoids),
                                 .cluster = sm_alloc(n, sizeof *found->cluster)};
    s.nearest = sm_alloc(n, sizeof *s.nearest);
    s.removal = sm_alloc(count, sizeof *s.removal);
    build(&s, count);
    do
        assign(&s);
    while (count > 1 && count < n && swap(&s));
    measure(&s);
    free(s.nearest);
    free(s.removal);
}

void sm_medoids_best(const float *distance, size_t n, size_t most, double least,
                     struct sm_medoids *found)
{
    size_t best = 1;
    for (size_t count = 2; count <= most && count < n; count++) {
        sm_medoids_find(distance, n, count, found);
        if (found->silhouette > least) {
            least = found->silhouette;
            best = count;
        }
        sm_medoids_release(found);
    }
    sm_medoids_find(distance, n, best, found);
}

void sm_medoids_release(struct sm_medoids *found)
{
    free(found->medoids);
    free(found->cluster);
    *found = (struct sm_medoids){0};
}
