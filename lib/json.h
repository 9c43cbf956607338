/* JSON beyond what libjq gives: a fast writer, field access without reference juggling, and a walk
 * over the members of an object in its own bytes. Every `jv` parameter is borrowed: the callee
 * leaves its reference count as it was (unlike libjq's own functions, which consume). */
#ifndef SM_JSON_H
#define SM_JSON_H

#include "buf.h"
#include "err.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

/* Appends a JSON string: `text` is valid UTF-8, may hold any byte below 0x20. */
void sm_json_string(struct sm_buf *buf, const char *text, size_t len);

/* The same for a C string; NULL gives null. */
void sm_json_cstring(struct sm_buf *buf, const char *text);

/* Appends `value` compactly, the keys of objects in byte order: equal values, equal bytes. */
void sm_json_value(struct sm_buf *buf, jv value);

/* Parses one JSON value (UTF-8 checked, no NUL byte, at most 256 levels deep, an object counting as
 * two). On success the caller owns *value; on failure `err` says why, and where if that is known.
 */
bool sm_json_parse(const char *text, size_t len, jv *value, struct sm_err *err);

/* A member of an object, which the caller frees; an invalid jv if there is none or `object` is no
 * object. */
jv sm_json_get(jv object, const char *name);

/* A string member, borrowed from `object`; NULL if missing or no string. `len` may be NULL. */
const char *sm_json_text(jv object, const char *name, size_t *len);

/* A numeric or boolean member; `missing` if there is none of that kind. */
double sm_json_number(jv object, const char *name, double missing);
bool sm_json_bool(jv object, const char *name, bool missing);

/* Walks the top-level members of a valid JSON object: start with *at at its '{'. The key is raw
 * (between its quotes, escapes kept), the value is its bytes without surrounding white space. False
 * when there are no more. All pointers are into the text. */
struct sm_member {
    const char *key, *value;
    size_t key_len, value_len;
};
bool sm_json_member(const char **at, const char *end, struct sm_member *member);
bool sm_json_is(const struct sm_member *member, const char *name);

/* The same for the items of an array: start with *at at its '['; items have no key. */
bool sm_json_item(const char **at, const char *end, struct sm_member *item);

/* The bytes of a member as they stand in `text`; false if there is none, or `text` is no object. Of
 * several with one name it is the last, as for a parser. */
bool sm_json_find(const char *text, size_t len, const char *name, struct sm_member *found);

/* The length of the longest valid UTF-8 prefix of `text`: `len` if all of it is. */
size_t sm_utf8_valid(const char *text, size_t len);

/* The bytes of the character that begins `text`, `left` being there; 0 if it is not UTF-8. */
size_t sm_utf8_sequence(const char *text, size_t left);

#endif
