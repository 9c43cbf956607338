/* The scale of a user's rewards (lib/judge/scale.h), by the user's own known choices: each is
 * judged with all others as the history. */
#ifndef CMD_JUDGE_CALIBRATION_H
#define CMD_JUDGE_CALIBRATION_H

#include "cmd/common/rewarding.h"

struct calibration;

/* Borrows both. */
struct calibration *calibration_open(const struct rewarding *rewarding, const struct known *known);
void calibration_close(struct calibration *calibration);

/* Asks for all rewards; calls `done` once they are in, or at once if there are none. */
void calibration_ask(struct calibration *calibration, void (*done)(void *arg), void *arg);

enum calibration_state {
    CALIBRATION_DONE,
    CALIBRATION_PENDING, /* left to a dry run */
    CALIBRATION_FAILED,
};

/* Sets *scale if it could be fitted; or *why, borrowed, and *tried if it failed. NULL is done
 * without a scale. */
enum calibration_state calibration_end(const struct calibration *calibration, double *scale,
                                       const struct sm_err **why, unsigned *tried);

#endif
