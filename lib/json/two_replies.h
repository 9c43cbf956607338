/* Two replies that are named like each other, as `option1` and `option2`: someone's rows before
 * anybody has chosen, whose replies are to be called `first` and `second`. */
#ifndef SM_JSON_TWO_REPLIES_H
#define SM_JSON_TWO_REPLIES_H

#include <stdbool.h>
#include <stddef.h>

/* Borrows the names. All-zero is empty. */
struct sm_two_replies {
    const char *first, *second; /* not ended by a NUL; NULL: not seen */
    size_t first_len, second_len;
    size_t stem; /* bytes that both begin with */
};

/* Looks at one more member's name. True once both are there. */
bool sm_two_replies_add(struct sm_two_replies *two, const char *name, size_t len);

#endif
