/* How the questions of a run ended, so that ties which are no choice of the model's are not taken
 * for choices. */
#ifndef SM_STAGE_ENDINGS_H
#define SM_STAGE_ENDINGS_H

#include "lib/json/record_words.h"
#include "lib/llm/completion.h"

#include <stddef.h>

#define SM_STATUSES (SM_STATUS_REFUSED + 1)

/* All-zero is empty. Owns the samples. */
struct sm_endings {
    size_t count[SM_STATUSES];
    char *sample[SM_STATUSES]; /* the beginning of the first such reply, one line, printable; "" if
                                  the reply was empty; NULL: none ended so */
};

/* Counts a question that ended with `completion`. */
void sm_endings_add(struct sm_endings *endings, enum sm_status status,
                    const struct sm_completion *completion);
void sm_endings_release(struct sm_endings *endings);

/* How many there are in all. */
size_t sm_endings_total(const struct sm_endings *endings);

/* The commonest status but ok; SM_STATUS_OK if all are. */
enum sm_status sm_endings_worst(const struct sm_endings *endings);

#endif
