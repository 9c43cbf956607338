/* Runs a stage over a stream. Users come in, many are worked on at once, and each leaves in input
 * order: its lines byte for byte, then the records that the stage appended. */
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
    jv persona;  /* the last `persona` record; invalid if none */
    jv personas; /* all of them, a list; invalid if none */
    jv rubric;   /* the last `rubric` record; invalid if none */
    jv history;  /* the last `demos` record of stage bootstrap; invalid if none */
    jv demos;    /* the last `demos` record of stage demosearch or import; invalid if none */
    /* If the stage wants them: objects of the last such records with `rewards`, by `index` as
     * decimal digits. */
    jv verdicts, rankings;
    /* If the stage wants them: {label, reasoning} of the last correct trace with a reason of each
     * pair, by `index` as decimal digits. */
    jv traces;
    bool halted;    /* has an `error` or `pending` record: passes untouched */
    bool pending;   /* the last such record is a `pending` one */
    bool scattered; /* its records are not contiguous, which was reported: halted too */
    struct sm_buf out;
    struct sm_stage *stage;
    /* for the runner alone */
    struct sm_buf lines, trailing; /* to copy: `lines` before `out`, nobody's lines behind it */
    size_t held_bytes;
    size_t question; /* with `line` of the stage: the number of the line, from 1; else 0 */
    enum { SM_USER_READING, SM_USER_BUSY, SM_USER_DONE } state;
    struct sm_user *next, *next_done;
};

/* The stage is done with *user: its records are in user->out. begin() may call it. */
void sm_user_done(struct sm_user *user);

/* Instead of sm_user_done(): `err` becomes an `error` record (see sm_record_error()), and the user
 * counts as failed. */
void sm_user_failed(struct sm_user *user, const struct sm_err *err, unsigned tried);

/* Instead of sm_user_done(): `waiting` answers are left to a batch, or planned (see sm_llm_mode).
 * What was appended to user->out stays, and a `pending` record follows. */
void sm_user_pending(struct sm_user *user, size_t waiting);

/* The reason of a verified trace of the pair, borrowed from user->traces, or NULL; and whether the
 * chosen reply was shown first then, or else is when the pair is shown as an example. */
const char *sm_user_reason(const struct sm_user *user, const struct sm_pair *pair,
                           bool *chosen_first);

/* Frees what was kept of the records, once nobody works on the user. The runner calls it. */
void sm_user_forget(struct sm_user *user);

/* Whether a `rubric` record (borrowed) can be used. False with `err`. */
bool sm_rubric_check(jv record, struct sm_err *err);

struct sm_stage {
    const char *name; /* the `stage` of its records */
    /* Asks, and later calls sm_user_done() or one of its kind. */
    void (*begin)(struct sm_user *user);
    /* Called for a user who passes untouched. Or NULL. */
    void (*halted)(struct sm_user *user);
    /* In a dry run: adds what it will ask for a user who waits for an earlier stage. Or NULL. */
    void (*plan)(struct sm_user *user, struct sm_plan *plan);
    /* Appends members to the `run` record. Or NULL. */
    void (*summarize)(const struct sm_stage *stage, struct sm_buf *out);
    void *self;            /* the stage's own, reached through user->stage */
    struct sm_llm *llm;    /* NULL for a stage that asks nothing */
    struct sm_llm *beside; /* another one that it asks too; or NULL */
    size_t each;           /* calls that a user may be expected to take, if known beforehand */
    bool only;             /* appends records without copying the input */
    /* Each line is a question of its own, a record of type `asked`, which is begun at once; a user
     * may come any number of times. In the order of the lines each is answered by `answers` records
     * (0: 1) with the member `line`, be they errors. An endpoint that cannot be reached ends
     * nothing. Implies `only`. */
    bool line;
    enum sm_type asked;
    size_t answers;
    bool rewards;        /* wants verdicts and rankings by likelihood */
    bool traces;         /* wants traces */
    size_t window_bytes; /* of lines and results held; 0: 32 MiB. One user always fits. */
    struct sm_progress *progress;
    const volatile sig_atomic_t *interrupted;      /* a signal's number, or 0 */
    void (*report)(void *arg, struct sm_err *err); /* called with why a user failed; or NULL */
    void *report_arg;
    /* set by the runner */
    size_t users, failed_users;
    size_t
        expected; /* calls that the users begun may be expected to take, as far as begin() says */
    size_t pending_users;   /* including those that came in as such */
    struct sm_plan planned; /* what pending users may still take */
    struct sm_plan earlier; /* what earlier stages plan, by their `run` records */
    struct sm_user *done;   /* users that are newly done */
    bool stopped;           /* ends early: what fails now is no failure of the user */
};

/* Runs to the end of the input. False with `err` if it must end before: after a signal (code
 * SM_EXIT_SIGNAL + N, no message), when the endpoint refuses for good, or when the output or the
 * store cannot be written. */
bool sm_stage_run(struct sm_stage *stage, struct sm_reader *reader, struct sm_output *output,
                  struct sm_err *err);

#endif
