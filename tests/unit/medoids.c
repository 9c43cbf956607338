/* k medoids over made-up points: nothing is better that exchanges one medoid, the figures are those
 * of the definitions, and groups that are far apart are found with their number. Says what is not
 * so, and then exits with 1.
 *
 * usage: medoids WORLDS SEED */
#include "lib/eval/medoids.h"
#include "lib/base/rng.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 40 };

struct world {
    size_t n, groups;
    float distance[MOST * MOST];
};

/* Points in a plane, those of a group near each other; one group: anywhere. */
static void make_world(struct world *world, struct sm_rng *rng)
{
    double x[MOST], y[MOST];
    world->n = (size_t)sm_rng_int(rng, 2, MOST);
    world->groups = (size_t)sm_rng_int(rng, 1, world->n < 12 ? 1 : 4);
    for (size_t i = 0; i < world->n; i++) {
        x[i] = sm_rng_double(rng) + 40 * (double)(i % world->groups);
        y[i] = sm_rng_double(rng) + 40 * (double)(i % world->groups % 2);
    }
    for (size_t i = 0; i < world->n; i++) {
        for (size_t j = 0; j < world->n; j++)
            world->distance[i * world->n + j] = (float)hypot(x[i] - x[j], y[i] - y[j]);
    }
}

static double cost_of(const struct world *world, const size_t *medoids, size_t count)
{
    double cost = 0;
    for (size_t i = 0; i < world->n; i++) {
        double least = INFINITY;
        for (size_t m = 0; m < count; m++)
            least = fmin(least, world->distance[i * world->n + medoids[m]]);
        cost += least;
    }
    return cost;
}

/* The mean distance of an object to those of a cluster, but for itself. */
static double mean_to(const struct world *world, const struct sm_medoids *found, size_t object,
                      size_t cluster)
{
    double sum = 0, n = 0;
    for (size_t i = 0; i < world->n; i++) {
        if (i != object && found->cluster[i] == cluster) {
            sum += world->distance[object * world->n + i];
            n++;
        }
    }
    return n ? sum / n : NAN;
}

static double silhouette_of(const struct world *world, const struct sm_medoids *found)
{
    double sum = 0;
    for (size_t i = 0; i < world->n; i++) {
        double a = mean_to(world, found, i, found->cluster[i]), b = INFINITY;
        for (size_t m = 0; m < found->count; m++)
            b = m == found->cluster[i] ? b : fmin(b, mean_to(world, found, i, m));
        sum += isnan(a) ? 0 : (b - a) / fmax(a, b);
    }
    return found->count > 1 ? sum / (double)world->n : 0;
}

static bool check_found(const struct world *world, const struct sm_medoids *found)
{
    bool good = fabs(found->cost - cost_of(world, found->medoids, found->count)) < 1e-6 &&
                fabs(found->silhouette - silhouette_of(world, found)) < 1e-6;
    for (size_t m = 0; m < found->count; m++) {
        size_t kept = found->medoids[m];
        good &= found->cluster[kept] == m;
        for (size_t h = 0; h < world->n; h++) {
            found->medoids[m] = h;
            good &= cost_of(world, found->medoids, found->count) > found->cost - 1e-4;
        }
        found->medoids[m] = kept;
    }
    return good;
}

static bool check_world(const struct world *world)
{
    struct sm_medoids found;
    bool good = true;
    for (size_t count = 1; count <= world->n && count <= 6; count++) {
        sm_medoids_find(world->distance, world->n, count, &found);
        good &= found.count == count && check_found(world, &found);
        sm_medoids_release(&found);
    }
    sm_medoids_best(world->distance, world->n, 8, 0.8, &found);
    good &= world->groups == 1 || found.count == world->groups;
    for (size_t i = 0; i < world->n && world->groups > 1; i++)
        good &= found.cluster[i] == found.cluster[i % world->groups];
    sm_medoids_release(&found);
    sm_medoids_best(world->distance, world->n, 8, 1, &found);
    good &= found.count == 1;
    sm_medoids_release(&found);
    return good;
}

int main(int argc, char **argv)
{
    struct sm_rng rng;
    static struct world world;
    int wrong = 0;
    sm_rng_seed(&rng, argc > 2 ? strtol(argv[2], NULL, 10) : 1);
    for (long i = 0; argc > 1 && i < strtol(argv[1], NULL, 10); i++) {
        make_world(&world, &rng);
        if (!check_world(&world)) {
            fprintf(stderr, "world %ld: %zu points in %zu groups\n", i, world.n, world.groups);
            wrong = 1;
        }
    }
    return wrong;
}
