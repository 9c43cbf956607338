/* Raw values: the members of valid JSON text, found and read in their own bytes. Nothing is built
 * and nothing is copied: every pointer is into the text. */
#ifndef SM_JSON_RAW_H
#define SM_JSON_RAW_H

#include "lib/json/json.h"

/* A member of an object, or an item of an array. One that is not there has no `value`. */
struct sm_raw {
    const char *key, *value; /* the key is between its quotes, its escapes kept */
    size_t key_len, value_len;
};

/* The next member of an object: start with *at at its '{'. False when there are no more. */
bool sm_raw_next_member(const char **at, const char *end, struct sm_raw *member);

/* The same for the items of an array: start with *at at its '['; items have no key. */
bool sm_raw_next_item(const char **at, const char *end, struct sm_raw *item);

/* Whether the member has that key; escapes in the text do not matter. */
bool sm_raw_key_is(const struct sm_raw *member, const char *name);

/* The member `name` of the object that `text` is; false if there is none, or `text` is no object.
 * Of several with one name it is the last, as for a parser. */
bool sm_raw_find(const char *text, size_t len, const char *name, struct sm_raw *found);

/* JV_KIND_INVALID if it is not there. */
jv_kind sm_raw_kind(const struct sm_raw *member);

/* Whether it is that string; the escapes of neither matter. */
bool sm_raw_is(const struct sm_raw *member, const char *word);

/* Which of `count` words it is; -1 if none. */
int sm_raw_word(const struct sm_raw *member, const char *const *words, int count);

/* `missing` if it is no number. The same double that libjq makes of it. */
double sm_raw_number(const struct sm_raw *member, double missing);

/* As sm_json_integer(). */
bool sm_raw_integer(const struct sm_raw *member, int64_t low, int64_t high, int64_t *out);

/* Appends the text of a string; false, and nothing, if it holds a NUL character. */
bool sm_raw_text(const struct sm_raw *member, struct sm_buf *out);

/* The characters of a string. */
size_t sm_raw_length(const struct sm_raw *member);

#endif
