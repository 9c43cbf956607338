/* The search that sm-bootstrap and sm-demosearch share: which examples make the judge agree best
 * with a user's own choices on the validation rows.
 *
 * A candidate (candidate.h) is taught: the judge answers train rows, and an answer that agrees with
 * the user becomes an example, with its reasoning. Then it is validated. In the order of seeds, the
 * first candidate with the greatest score wins, but the first score that reaches `stop_at` ends the
 * search.
 *
 * It does not take every row to know the winner. The search follows one candidate at a time: the
 * first that could still end it, for as long as it could. If there is none, it follows the first of
 * those with the greatest bound; once that one is finished, it has won (next.c). A candidate's
 * calls go out in rounds. Each has as many calls as will be needed with probability `certainty`; by
 * default fewer if answers come quickly, and more if each round takes long. With `speculate`, all
 * candidates are followed side by side and asked every row, in as many rounds as one of them takes.
 * The result is the same.
 *
 * With a rewarder the judge goes by likelihood (reward.h): all examples are labeled and are what is
 * known of the user, and a row is right if the chosen reply has the greater reward. A call is one
 * evaluation, of which a row takes two or four. */
#ifndef SM_SEARCH_SEARCH_H
#define SM_SEARCH_SEARCH_H

#include "lib/io/opt.h"
#include "lib/judge/reward.h"
#include "lib/stage/question.h"
#include "lib/stage/stage.h"

#include <stdbool.h>

struct sm_search_options {
    long candidates;       /* seeds go up to candidates - 1 */
    long max_labeled;      /* a set is filled up to this many examples with labels alone */
    long max_bootstrapped; /* traces in a set; -1: as many as there are train rows */
    double stop_at;        /* percent; above 100: never */
    const char *seeds;     /* "A..B", or NULL for the stage's own range */
    double certainty; /* a call goes out beside others if it is needed with this probability; below
                         0: by how long answers take */
    bool speculate;   /* ask at once all that may be needed */
    long budget;      /* calls per user; 0: no limit */
    const char *verify;    /* "one" or "both" orders of presentation */
    const char *tie_break; /* "first", "shortest" or "consistent" */
    bool fallback; /* takes no examples unless they are told from none; see struct sm_against; asks
                      the judge without them the rest of the validation rows */
};

/* The options that set them, and the defaults; --fallback stands apart. */
extern const struct sm_opt sm_search_opts[];
extern const struct sm_opt sm_search_fallback_opts[];
#define SM_SEARCH_DEFAULTS                                                                         \
    {                                                                                              \
        .candidates = 10, .max_labeled = 4, .max_bootstrapped = -1, .stop_at = 80,                 \
        .certainty = -1, .verify = "one", .tie_break = "first"                                     \
    }

/* What kind of set won. A user should see at once whether examples, and reasoning, were of use. */
enum sm_nature { SM_ZERO_SHOT, SM_LABELS, SM_BOOTSTRAPPED, SM_NATURES };
const char *sm_nature_name(enum sm_nature nature);

/* How many calls a search of so many rows may be expected to take. */
struct sm_search_forecast {
    size_t train, val, calls;
};

/* Users, by what their winner is against the judge without examples: better with a probability of
 * at least SM_CI_LEVEL (stats.h), not told from it, or that judge itself. Not counted where it was
 * not tried. */
struct sm_against {
    size_t told, untold, itself;
};

struct oracle;

/* What the searches of all users share, and what came of them. */
struct sm_search {
    struct sm_asker asker;
    struct sm_search_options options;
    const struct sm_rewarder *rewarder; /* borrowed; NULL: asks for verdicts */
    long first_seed;
    const struct oracle *oracle; /* borrowed; NULL: by `rewarder`. A test gives its own */
    size_t won[SM_NATURES];      /* users, by what won */
    struct sm_against against;
    struct sm_search_forecast forecast; /* the last one; many users have as many pairs */
};

/* Checks the options before the first search. False with `err` if one is wrong, or meaningless by
 * likelihood. By likelihood no pair is taught, so that no example is bootstrapped; and no answer
 * depends on an order, so that the first of equally consistent candidates wins: the options are set
 * to that. */
bool sm_search_check(struct sm_search *search, struct sm_err *err);

/* Begins the search for `user` (stage user->stage). The judge knows `persona` (borrowed; may be
 * NULL). Appends `trace`, `score` and `demos` records to the user and calls sm_user_done(),
 * sm_user_failed() or sm_user_pending(). `search` is borrowed until then. */
void sm_search_begin(struct sm_user *user, struct sm_search *search, const char *persona);

/* Adds to `plan` what the search will ask for a user whose earlier stages are not done: at least
 * the validation of one candidate, at most all rows of all candidates, with the longest possible
 * persona. */
void sm_search_plan(struct sm_user *user, struct sm_search *search, struct sm_plan *plan);

#endif
