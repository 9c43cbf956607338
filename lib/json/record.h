/* Records: one JSON object a line, as sm-records(5) describes them. */
#ifndef SM_JSON_RECORD_H
#define SM_JSON_RECORD_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/json/record_words.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

/* A parsed line. Owns `value` and `user`. */
struct sm_record {
    enum sm_type type;
    char *user; /* NULL: `user_id` is null, the line belongs to nobody */
    jv value;   /* the object */
};

/* Parses and checks one line (without its newline). A missing `user_id` becomes `default_user`, an
 * integer one its decimal text. An object with `context` and `chosen`/`rejected` or
 * `first`/`second` is a pair whatever its `type`; one without `type` that has `candidates` is of
 * that type. On failure `err` says what is wrong with the line, and *record is empty. */
bool sm_record_parse(const char *line, size_t len, const char *default_user,
                     struct sm_record *record, struct sm_err *err);
void sm_record_release(struct sm_record *record);

/* Two replies to one context. `chosen` and `rejected` are `first` and `second` where nobody has
 * chosen yet (`labeled` false). A reply is a turn {role, content}, a list of turns, or a string. */
struct sm_pair {
    size_t index; /* row in its user, from 0 */
    enum sm_split split;
    bool labeled;
    bool has_flip, flip; /* flip: training shows the chosen reply first */
    jv context;          /* list of turns */
    jv chosen, rejected;
    jv record; /* all of it, for members that few need; shares memory with the rest */
};

/* Fills *pair, owned by the caller, from a record of type SM_PAIR that sm_record_parse() has
 * checked. `index` is used if the record has none. */
void sm_pair_from(const struct sm_record *record, size_t index, struct sm_pair *pair);
void sm_pair_release(struct sm_pair *pair);

/* Replies to one context, to be ranked: SM_CANDIDATES_MIN to SM_CANDIDATES_MAX. */
enum { SM_CANDIDATES_MIN = 2, SM_CANDIDATES_MAX = 64 };
struct sm_candidates {
    size_t index; /* row in its user, from 0 */
    jv context;
    jv replies; /* a list; each as in a pair */
};

/* The same for a record of type SM_CANDIDATES. */
void sm_candidates_from(const struct sm_record *record, size_t index,
                        struct sm_candidates *candidates);
void sm_candidates_release(struct sm_candidates *candidates);

/* Begins a record: {"type":"TYPE","user_id":USER (null for NULL). The caller adds ,"field":value
 * and closes it with "}\n". */
void sm_record_open(struct sm_buf *out, enum sm_type type, const char *user);

/* Appends ,"tokens":{…}, with `untold` where it is not 0. */
void sm_record_tokens(struct sm_buf *out, const struct sm_usage *usage);

/* Appends an `error` record of `stage` for `user`. `tried`, the number of attempts, is left out if
 * 0. `extra` is NULL, or further members as JSON text that begins with a comma. */
void sm_record_error(struct sm_buf *out, const char *user, const char *stage,
                     const struct sm_err *err, unsigned tried, const char *extra);

#endif
