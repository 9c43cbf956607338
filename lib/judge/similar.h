/* Which of a user's conversations are like another one: BM25 over their words and the parts of
 * these, by SQLite's FTS5 in memory. Case and accents do not count.
 *
 * A word counts as a whole and by each three of its letters; of Chinese, Japanese and Korean each
 * sign does, and each two. In short questions, in which few words are the same, that finds the
 * similar one much more often than words alone do, in every language. */
#ifndef SM_JUDGE_SIMILAR_H
#define SM_JUDGE_SIMILAR_H

#include "lib/base/err.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

struct sm_similar;

/* Empty. NULL with `err`: this SQLite has no FTS5. */
struct sm_similar *sm_similar_open(struct sm_err *err);
void sm_similar_close(struct sm_similar *similar);

/* Forgets all texts. */
bool sm_similar_clear(struct sm_similar *similar, struct sm_err *err);

/* Texts are numbered from 0 as they come. They are any UTF-8. */
bool sm_similar_add(struct sm_similar *similar, const char *text, size_t len, struct sm_err *err);

/* Sets score[i], for all texts that were added, to how much text i is like this one: 0 where they
 * have no word in common. */
bool sm_similar_score(struct sm_similar *similar, const char *text, size_t len, double *score,
                      struct sm_err *err);

#endif
