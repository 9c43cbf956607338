#include "lib/search/race.h"

#include "lib/base/mem.h"
#include "lib/base/rng.h"

#include <math.h>

#define RACES 16
#define RIGHT 0.75

/* Rows that it may still get right, if it misses `misses` more. */
static size_t best_of(const struct sm_racer *racer, size_t misses)
{
    size_t wrong = racer->answered - racer->correct + misses;
    return wrong < racer->rows ? racer->rows - wrong : 0;
}

/* Whether a / m is greater than b / n, where 0 / 0 is 0. */
static bool is_above(size_t a, size_t m, size_t b, size_t n)
{
    return a * (n ? n : 1) > b * (m ? m : 1);
}

size_t sm_race_front(const struct sm_racer *racers, size_t count)
{
    size_t front = count;
    for (size_t i = 0; i < count; i++) {
        if (!racers[i].out &&
            (front == count || is_above(best_of(&racers[i], 0), racers[i].rows,
                                        best_of(&racers[front], 0), racers[front].rows)))
            front = i;
    }
    return front;
}

bool sm_race_finished(const struct sm_racer *racer)
{
    return racer->answered == racer->rows;
}

/* Whether it stays in front of all others after so many misses. */
static bool stays(const struct sm_racer *racers, size_t count, size_t front, size_t misses)
{
    const struct sm_racer *racer = &racers[front];
    size_t best = best_of(racer, misses);
    for (size_t i = 0; i < count; i++) {
        size_t other = best_of(&racers[i], 0);
        if (i == front || racers[i].out)
            continue;
        if (i < front ? !is_above(best, racer->rows, other, racers[i].rows)
                      : is_above(other, racers[i].rows, best, racer->rows))
            return false;
    }
    return true;
}

size_t sm_race_next(const struct sm_racer *racers, size_t count, size_t front,
                    const struct sm_rounds *rounds)
{
    size_t left = racers[front].rows - racers[front].asked, misses = 1;
    while (misses < left && stays(racers, count, front, misses))
        misses++;
    return sm_rounds_chunk(rounds, misses, left, 1 - sm_rounds_right(rounds));
}

double sm_race_bound(const struct sm_racer *racer)
{
    return racer->rows ? 100.0 * (double)best_of(racer, 0) / (double)racer->rows : 0;
}

static size_t drawn_race(struct sm_racer *racers, size_t count, struct sm_rng *rng)
{
    struct sm_rounds rounds = {.certainty = -1, .quickest_ms = INFINITY};
    size_t asked = 0, front = sm_race_front(racers, count);
    while (front < count && !sm_race_finished(&racers[front])) {
        struct sm_racer *racer = &racers[front];
        size_t next = sm_race_next(racers, count, front, &rounds);
        racer->asked += next;
        for (asked += next; racer->answered < racer->asked; racer->answered++) {
            bool right = sm_rng_double(rng) < RIGHT;
            racer->correct += right;
            sm_rounds_answered(&rounds, right, INFINITY);
        }
        front = sm_race_front(racers, count);
    }
    return asked;
}

size_t sm_race_typical(const struct sm_racer *racers, size_t count)
{
    struct sm_racer *copy = sm_alloc(count, sizeof *copy);
    size_t sum = 0;
    for (int i = 0; i < RACES; i++) {
        struct sm_rng rng;
        sm_rng_seed(&rng, i);
        for (size_t k = 0; k < count; k++) {
            copy[k] = racers[k];
            copy[k].asked = copy[k].answered;
        }
        sum += drawn_race(copy, count, &rng);
    }
    free(copy);
    return (sum + RACES / 2) / RACES;
}
