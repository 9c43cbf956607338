/* The vocabulary of records, as documented in sm-records(5). */
#ifndef SM_JSON_RECORD_WORDS_H
#define SM_JSON_RECORD_WORDS_H

#include <stdbool.h>
#include <stdint.h>

enum sm_type {
    SM_PAIR,
    SM_CANDIDATES,
    SM_TRACE,
    SM_SCORE,
    SM_DEMOS,
    SM_PERSONA,
    SM_RUBRIC,
    SM_REVISION,
    SM_VERDICT,
    SM_RANKING,
    SM_NEIGHBORS,
    SM_PROTOTYPE,
    SM_RESULT,
    SM_COMPARISON,
    SM_ERROR,
    SM_PENDING,
    SM_PLAN,
    SM_RUN,
    SM_OTHER, /* an unknown type: it passes through */
};

/* The name in the `type` field; "other" for SM_OTHER. */
const char *sm_type_name(enum sm_type type);

/* The highest `index` of a pair. */
#define SM_INDEX_MAX 1000000000

enum sm_split { SM_SPLIT_NONE, SM_SPLIT_TRAIN, SM_SPLIT_VAL, SM_SPLIT_TEST };

/* "train", "val", "test"; NULL for SM_SPLIT_NONE. */
const char *sm_split_name(enum sm_split split);

/* Whether a judge is shown the `demos` of `stage`; those of bootstrap are only a persona's history.
 * NULL: false. */
bool sm_demos_for_judge(const char *stage);

/* A judge's preference, as the replies were shown: "Tie", "First", "Second". */
enum sm_choice { SM_TIE, SM_FIRST, SM_SECOND };
const char *sm_choice_name(enum sm_choice choice);

/* How a question ended: "ok", "unparsed", "truncated", "refused". */
enum sm_status { SM_STATUS_OK, SM_STATUS_UNPARSED, SM_STATUS_TRUNCATED, SM_STATUS_REFUSED };
const char *sm_status_name(enum sm_status status);

/* Tokens as the endpoint counts them. `in` includes `cached`; `out` includes `reasoning`, tokens
 * that no reply shows. An answer of which the endpoint tells no tokens counts as `untold` only. */
struct sm_usage {
    int64_t in, out, cached, reasoning, untold;
};

void sm_usage_add(struct sm_usage *sum, const struct sm_usage *usage);

#endif
