/* Errors: the library fills an object; the program prints it, in one place. */
#ifndef SM_BASE_ERR_H
#define SM_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

/* Exit statuses, the same for every program of the suite. */
enum sm_exit {
    SM_EXIT_OK = 0,
    SM_EXIT_PARTIAL = 1,  /* some lines or users failed, the rest is done */
    SM_EXIT_USAGE = 2,    /* the command line is wrong, or a setting is missing */
    SM_EXIT_INPUT = 3,    /* input or environment cannot be used */
    SM_EXIT_PROVIDER = 4, /* the endpoint refused: key, quota, model */
    SM_EXIT_PENDING = 5,  /* waiting for a batch */
    SM_EXIT_CAP = 6,      /* a cap on calls or cost was reached */
    SM_EXIT_GATE = 7,     /* a required figure was missed */
    SM_EXIT_REPLAY = 8,   /* --replay, and the store has no answer */
    SM_EXIT_SIGNAL = 128, /* plus the signal's number */
};

/* What went wrong and what to do about it. All-zero means no error. sm_err_set() fills an error
 * that owns its strings until sm_err_clear(). A constant error is a `static const` of literals:
 * never pass it to these functions. */
struct sm_err {
    int code;            /* an enum sm_exit */
    const char *message; /* NULL: none */
    const char *remedy;  /* what the user can do, or NULL */
};

/* Fills `err`, replacing what it held; a NULL `err` keeps nothing. `remedy` may be NULL. Always
 * returns false, for `return sm_err_set(...)`. */
bool sm_err_set(struct sm_err *err, int code, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts "PREFIX: " before the message, if there is one. */
void sm_err_prefix(struct sm_err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Frees the strings and leaves "no error". */
void sm_err_clear(struct sm_err *err);

#endif
