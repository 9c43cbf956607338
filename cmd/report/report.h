/* What was read, for the page and the plots. */
#ifndef CMD_REPORT_REPORT_H
#define CMD_REPORT_REPORT_H

#include "cmd/eval/eval.h"
#include "cmd/report/result.h"

#define REPORT_SHORT 40 /* more users than this are drawn without their names */

/* A user, as the table of the page and the plots need it. */
struct row {
    char *user;
    char *about;     /* the beginning of the persona; NULL: none */
    const char *won; /* what kind of examples, by the `demos` record; NULL: none */
    struct result result;
    size_t failed;         /* `error` records */
    bool pending, counted; /* counted: there are figures */
};

struct report {
    struct eval eval; /* counts verdicts as sm-eval does */
    struct judged judged;
    const char *plot, *html, *kind, *format, *title;
    struct row *rows;
    size_t row_count, row_room, counted;
    FILE *blocks; /* each user's records as the page holds them, a line each */
    jv *shared;   /* result, comparison and run records of nobody */
    size_t shared_count, shared_room, shared_lost;
    bool unread; /* a file could not be read, or not to its end */
    jv all;      /* the result over all; invalid: none */
};

#endif
