/* A stage over a stream: users come in, each is worked on (many at once), and leaves in input
 * order, its lines byte for byte, then the records that the stage appended. */
#ifndef SM_STAGE_STAGE_H
#define SM_STAGE_STAGE_H

#include "lib/base/buf.h"
#include "lib/io/progress.h"
#include "lib/io/reader.h"
#include "lib/io/stream.h"
#include "lib/json/record.h"
#include "lib/llm/client.h"

#include <jv.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

struct sm_stage;

/* One user's records. Owned by the runner; a stage reads all and appends to `out`. */
struct sm_user {
    char *id;
    struct sm_pair *pairs; /* in input order */
    size_t pair_count, pair_room;
    struct sm_candidates *candidates; /* in input order */
    size_t candidate_count, candidate_room;
    jv persona; /* the last `persona` record; invalid if none */
    jv history; /* the last `demos` record of stage bootstrap; invalid if none */
    jv demos;   /* the last `demos` record of stage demosearch or import; invalid if none */
    jv verdicts, rankings; /* where the stage wants them: objects, by `index` as decimal digits the
                              last such record that has `rewards` */
    bool halted;           /* has an `error` or `pending` record: passes untouched */
    bool pending;          /* the last such record is a `pending` one */
    bool scattered;        /* its records came in pieces, which was reported: halted too */
    struct sm_buf out;
    struct sm_stage *stage;
    /* the runner's own */
    struct sm_buf lines, trailing; /* to copy: before `out`, and nobody's lines after it */
    size_t held_bytes;
    enum { SM_USER_READING, SM_USER_BUSY, SM_USER_DONE } state;
    struct sm_user *next, *next_done;
};

/* The stage's part in *user is over: its records are in user->out. May be called from begin(). */
void sm_user_done(struct sm_user *user);

/* Instead: `err` becomes an `error` record (see sm_record_error()), and the user counts as
 * failed. */
void sm_user_failed(struct sm_user *user, const struct sm_err *err, unsigned tried);

/* Instead: `waiting` answers are left to a batch, or planned (see sm_llm_mode). What was appended
 * to user->out is kept, and a `pending` record follows. */
void sm_user_pending(struct sm_user *user, size_t waiting);

/* The runner's own (user.c). Keeps what stages need of a record; false: it cannot be used. */
bool sm_user_take(struct sm_user *user, const struct sm_record *record, struct sm_err *err);

/* Frees what was kept: the user is not worked on any more. */
void sm_user_forget(struct sm_user *user);

struct sm_stage {
    const char *name;                     /* the `stage` of its records */
    void (*begin)(struct sm_user *user);  /* asks, and later calls sm_user_done() */
    void (*halted)(struct sm_user *user); /* told of a user who passes untouched; or NULL */
    /* Adds what this stage will ask for a user who waits for an earlier one, in a dry run; or NULL.
     */
    void (*plan)(struct sm_user *user, struct sm_plan *plan);
    /* Appends members to the `run` record; or NULL. */
    void (*summarize)(const struct sm_stage *stage, struct sm_buf *out);
    void *self;          /* for begin(), through user->stage */
    struct sm_llm *llm;  /* NULL: a stage that asks nothing */
    bool only;           /* append without copying the input */
    bool rewards;        /* wants verdicts and rankings by likelihood */
    size_t window_bytes; /* 0: 32 MiB of lines and results held; one user is always worked on */
    struct sm_progress *progress;
    const volatile sig_atomic_t *interrupted;      /* a signal's number, or 0 */
    void (*report)(void *arg, struct sm_err *err); /* told why a user failed */
    void *report_arg;
    /* set by the runner */
    size_t users, failed_users;
    size_t pending_users;   /* among those that came in, too */
    struct sm_plan planned; /* of users who wait for an earlier stage */
    struct sm_plan earlier; /* of the stages before, by their `run` records */
    struct sm_user *done;   /* users that have just become so */
    bool stopped;           /* it ends early: what fails now is not the user's failure */
};

/* Runs to the end of the input, an interrupt, or what makes going on senseless: the endpoint's
 * refusal, an output that cannot be written, a store that cannot. False then, with `err` filled
 * (code SM_EXIT_SIGNAL + N and no message after a signal). */
bool sm_stage_run(struct sm_stage *stage, struct sm_reader *reader, struct sm_output *output,
                  struct sm_err *err);

#endif
