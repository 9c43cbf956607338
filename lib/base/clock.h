/* Time. Code that depends on it takes a clock, so that a test can pass one in which a minute goes
 * by at once. */
#ifndef SM_BASE_CLOCK_H
#define SM_BASE_CLOCK_H

#include <stdint.h>

/* A borrowed clock must outlive its borrower. NULL means the system's clock. */
struct sm_clock {
    double (*ms)(void *arg);       /* milliseconds since an arbitrary moment; never goes back */
    int64_t (*unix_ms)(void *arg); /* milliseconds since 1970, the same for every process */
    void *arg;
};

extern const struct sm_clock sm_system_clock;

/* For durations within a process. */
double sm_clock_ms(const struct sm_clock *clock);

/* For times that are stored or shared with other processes. */
int64_t sm_clock_unix_ms(const struct sm_clock *clock);
int64_t sm_clock_unix_s(const struct sm_clock *clock);

/* Seconds from now until `unix_s`, in seconds since 1970; 0 if that is past. */
double sm_clock_seconds_until(const struct sm_clock *clock, int64_t unix_s);

#endif
