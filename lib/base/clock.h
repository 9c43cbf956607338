/* Time. Whatever depends on it is given a clock, so that a test can give one of its own, by which a
 * minute passes at once. */
#ifndef SM_BASE_CLOCK_H
#define SM_BASE_CLOCK_H

#include <stdint.h>

/* Where a clock is borrowed, it must outlive its borrower, and NULL stands for the system's. */
struct sm_clock {
    double (*ms)(void *arg);       /* milliseconds since some moment; it never goes back */
    int64_t (*unix_ms)(void *arg); /* milliseconds since 1970, the same for every process */
    void *arg;
};

extern const struct sm_clock sm_system_clock;

/* For durations within a process. */
double sm_clock_ms(const struct sm_clock *clock);

/* For what is written down, or shared with other processes. */
int64_t sm_clock_unix_ms(const struct sm_clock *clock);
int64_t sm_clock_unix_s(const struct sm_clock *clock);

/* Seconds from now until a moment in seconds since 1970; 0 when it is past. */
double sm_clock_seconds_until(const struct sm_clock *clock, int64_t unix_s);

#endif
