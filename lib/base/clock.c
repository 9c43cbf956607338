#include "lib/base/clock.h"

#include <time.h>

static double system_ms(void *arg)
{
    struct timespec t;
    (void)arg;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int64_t system_unix_ms(void *arg)
{
    struct timespec t;
    (void)arg;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const struct sm_clock sm_system_clock = {system_ms, system_unix_ms, NULL};

double sm_clock_ms(const struct sm_clock *clock)
{
    clock = clock ? clock : &sm_system_clock;
    return clock->ms(clock->arg);
}

int64_t sm_clock_unix_ms(const struct sm_clock *clock)
{
    clock = clock ? clock : &sm_system_clock;
    return clock->unix_ms(clock->arg);
}

int64_t sm_clock_unix_s(const struct sm_clock *clock)
{
    return sm_clock_unix_ms(clock) / 1000;
}

double sm_clock_seconds_until(const struct sm_clock *clock, int64_t unix_s)
{
    int64_t now = sm_clock_unix_s(clock);
    return unix_s > now ? (double)(unix_s - now) : 0;
}
