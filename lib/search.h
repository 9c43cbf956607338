/* The search that sm-bootstrap and sm-demosearch share: which examples make the judge agree best
 * with a user's own choices on the validation rows.
 *
 * Candidates (candidate.h) are looked at in the order of their seeds. A candidate is taught (the
 * judge answers train rows; an answer that agrees with the user is kept as an example with its
 * reasoning), then validated. The first strictly greatest score wins; the scan ends at the first
 * score that reaches `stop_at`.
 *
 * At any time exactly those calls are asked, all at once, that every outcome of the calls under way
 * would need: as many train rows as traces are still wanted, as many validation rows as it takes to
 * rule the candidate out. So a candidate that can no longer beat the best is not paid for further,
 * and nothing waits that need not wait. With `speculate` all candidates are looked at side by side,
 * every row of them: in as many round trips as one takes. The result is the same. */
#ifndef SM_SEARCH_H
#define SM_SEARCH_H

#include "opt.h"
#include "question.h"
#include "stage.h"

#include <stdbool.h>

struct sm_search_options {
    long candidates;       /* seeds go up to candidates - 1 */
    long max_labeled;      /* examples a set is filled up to with labels alone */
    long max_bootstrapped; /* traces in a set; -1: as many as there are train rows */
    double stop_at;        /* percent; above 100: never */
    const char *seeds;     /* "A..B" instead of the stage's own range, or NULL */
    bool speculate;        /* ask what may be needed, too */
};

/* The options that set them, and what they are when none is given. */
extern const struct sm_opt sm_search_opts[];
#define SM_SEARCH_DEFAULTS                                                                         \
    {                                                                                              \
        .candidates = 10, .max_labeled = 4, .max_bootstrapped = -1, .stop_at = 80                  \
    }

/* The numbers of "A..B" (A from -3, B at most 1e6); false if `text` is something else. */
bool sm_search_seeds(const char *text, long *from, long *to, struct sm_err *err);

/* Begins the search for `user` (stage user->stage) over the seeds from `first_seed`; the judge
 * knows `persona` (borrowed; may be NULL). Appends `trace`, `score` and `demos` records to the user
 * and calls sm_user_done() or sm_user_failed(). `asker` and `options` are borrowed until then. */
void sm_search_begin(struct sm_user *user, const struct sm_asker *asker,
                     const struct sm_search_options *options, long first_seed, const char *persona);

/* Adds to `plan` what the search for a user would ask whose earlier stages are not done: at least
 * the validation of one candidate, at most all rows of every one, with a persona as long as may be.
 */
void sm_search_plan(struct sm_user *user, const struct sm_asker *asker,
                    const struct sm_search_options *options, long first_seed, struct sm_plan *plan);

#endif
