/* sm-prompt request: what sm-judge would send. */
#ifndef CMD_PROMPT_REQUESTS_H
#define CMD_PROMPT_REQUESTS_H

#include "cmd/common/judging.h"
#include "cmd/common/nearest.h"

struct requests {
    struct judging judging;
    struct nearest nearest;
    const char *order;
    long index; /* of the only pair; below 0: all that sm-judge would judge */
};

/* `client` and the file of what was learned (borrowed; may be NULL) must be open. False if that
 * failed, which was reported. */
bool requests_open(struct requests *requests, const struct client *client, struct app *app,
                   struct sm_learned *learned, struct sm_stage *stage);
void requests_close(struct requests *requests);

/* Appends the bodies of the requests that sm-judge sends first for each pair, a line each. False
 * with `err`. */
bool requests_write(struct requests *requests, struct sm_user *user, struct sm_buf *out,
                    struct sm_err *err);

#endif
