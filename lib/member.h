/* Values in their own bytes, as the walks of json.h and pick.h find them in valid JSON. A member
 * that is not there has no `value`. */
#ifndef SM_MEMBER_H
#define SM_MEMBER_H

#include "json.h"

/* JV_KIND_INVALID if it is not there. */
jv_kind sm_member_kind(const struct sm_member *member);

/* Whether it is that string; the escapes of neither matter. */
bool sm_member_is(const struct sm_member *member, const char *word);

/* Which of `count` words it is; -1 if none. */
int sm_member_word(const struct sm_member *member, const char *const *words, int count);

/* `missing` if it is no number. The same double that libjq makes of it. */
double sm_member_number(const struct sm_member *member, double missing);

/* Appends the text of a string; false, and nothing, if it holds a NUL character. */
bool sm_member_text(const struct sm_member *member, struct sm_buf *out);

/* The characters of a string. */
size_t sm_member_length(const struct sm_member *member);

#endif
