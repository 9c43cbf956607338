/* JSON beyond what libjq gives: a fast writer, a strict parser, and field access without reference
 * juggling. Every `jv` parameter is borrowed: the callee leaves its reference count as it was
 * (unlike libjq's own functions, which consume). */
#ifndef SM_JSON_JSON_H
#define SM_JSON_JSON_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SM_INTEGER_MAX 9007199254740991 /* beyond it different integers are the same double */

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

/* A member that is a whole number from `low` to `high`, neither further from 0 than SM_INTEGER_MAX.
 * False, with *out as it was: it is missing, no number, a fraction or out of range. This, and not a
 * cast, is how a number of somebody else's JSON becomes an integer. */
bool sm_json_integer(jv object, const char *name, int64_t low, int64_t high, int64_t *out);

/* The same for a number that is read already; NAN is none. */
bool sm_integer(double number, int64_t low, int64_t high, int64_t *out);

#endif
