/* Raw values: the members of valid JSON text, found and read in place. Nothing is built or copied:
 * every pointer points into the text. */
#ifndef SM_JSON_RAW_H
#define SM_JSON_RAW_H

#include "lib/json/json.h"

/* A member of an object, or an item of an array. A missing one has a NULL `value`. */
struct sm_raw {
    const char *key, *value; /* the key is what is between its quotes, escapes included */
    size_t key_len, value_len;
};

/* The next member of an object: start with *at at its '{'. False if there are no more. */
bool sm_raw_next_member(const char **at, const char *end, struct sm_raw *member);

/* The same for the items of an array: start with *at at its '['; items have no key. */
bool sm_raw_next_item(const char **at, const char *end, struct sm_raw *item);

/* Whether the member has that key, however the text escapes it. */
bool sm_raw_key_is(const struct sm_raw *member, const char *name);

/* The member `name` of the object in `text`; false if there is none, or `text` is not an object. Of
 * several with that name it is the last, as in a parser. */
bool sm_raw_find(const char *text, size_t len, const char *name, struct sm_raw *found);

/* JV_KIND_INVALID if it is missing. */
jv_kind sm_raw_kind(const struct sm_raw *member);

/* Whether it is that string, however the text escapes it. */
bool sm_raw_is(const struct sm_raw *member, const char *word);

/* Which of `count` words it is; -1 if it is none of them. */
int sm_raw_word(const struct sm_raw *member, const char *const *words, int count);

/* The double that libjq would parse; `missing` if it is not a number, or no double is near it
 * (1e999). */
double sm_raw_number(const struct sm_raw *member, double missing);

/* As sm_json_integer(). */
bool sm_raw_integer(const struct sm_raw *member, int64_t low, int64_t high, int64_t *out);

/* Appends the text of a string. False, appending nothing, if it holds a NUL character. */
bool sm_raw_text(const struct sm_raw *member, struct sm_buf *out);

/* How many characters a string has. */
size_t sm_raw_length(const struct sm_raw *member);

#endif
