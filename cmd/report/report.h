/* What was read, as the page and the plots need it. */
#ifndef CMD_REPORT_REPORT_H
#define CMD_REPORT_REPORT_H

#include "cmd/eval/eval.h"
#include "cmd/report/duels.h"
#include "cmd/report/names.h"
#include "cmd/report/result.h"

#include "cmd/common/labels.h"

/* In the temporary file, a line of --against begins so, and no other does. */
#define REPORT_AGAINST ' '

#define REPORT_SHORT 40 /* more users than this are drawn without their names */

/* A user, as the page's table and the plots need it. */
struct user_row {
    char *user;
    char *about;     /* the beginning of the persona, or NULL */
    const char *won; /* what kind of examples won, by the `demos` record; or NULL */
    struct result result;
    struct duel_counts duels; /* against the other judge */
    size_t failed;            /* `error` records */
    bool pending, counted;    /* counted: it has figures */
};

struct report {
    struct eval eval; /* counts verdicts as sm-eval does */
    struct judged judged;
    struct sm_string_list label;
    struct labels labels;
    struct names names; /* of the files that records name, and of those that verdicts came from */
    const char *plot, *html, *kind, *format, *title, *against;
    char *judge;      /* the file that all verdicts came from, or NULL */
    bool judges;      /* they came from several */
    size_t strangers; /* users of --against that the input lacks */
    struct user_row *rows;
    size_t row_count, row_room, counted;
    FILE *blocks; /* each user's records as the page holds them (block.h), one line each */
    jv *shared;   /* result, comparison and run records of nobody */
    size_t shared_count, shared_room, shared_lost;
    bool unread; /* a file could not be read to its end */
    bool given;  /* `all` is the input's, which does not say of which judge */
    jv all;      /* the result over all; invalid if none */
};

#endif
