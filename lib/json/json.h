/* JSON beyond what libjq gives: a fast writer, a strict parser, and access to members without
 * reference counting. Every `jv` parameter is borrowed: the callee leaves its reference count as it
 * was, unlike libjq's own functions, which consume. */
#ifndef SM_JSON_JSON_H
#define SM_JSON_JSON_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SM_INTEGER_MAX 9007199254740991 /* beyond it, different integers are the same double */

/* Appends `text`, which must be valid UTF-8, as a JSON string. Control characters are escaped. */
void sm_json_string(struct sm_buf *buf, const char *text, size_t len);

/* The same for a C string, which may be a file's name or from the command line: a byte that is not
 * UTF-8 becomes U+FFFD. NULL gives null. */
void sm_json_cstring(struct sm_buf *buf, const char *text);

/* Appends `value` compactly, keys of objects in byte order: equal values give equal bytes. */
void sm_json_value(struct sm_buf *buf, jv value);

/* `value` with every number as the double that it is: libjq 1.7 and later keep a number's spelling
 * in the input (1E-7, 39.0, 280000000000000006), and write and compare that. Consumes `value`. */
jv sm_json_doubles(jv value);

/* Most values in a text: libjq takes up to 400 bytes for one of two. Names of members count too. */
#define SM_JSON_VALUES_MAX 1000000

/* Whether a text has at most `most` values. One pass that builds nothing. */
bool sm_json_fits(const char *text, size_t len, size_t most);

/* Parses one JSON value, as RFC 8259 has it: valid UTF-8 without a byte order mark, no NUL byte, at
 * most SM_JSON_VALUES_MAX values, at most 256 levels deep, where an object counts as two. On
 * success the caller owns *value; on failure `err` says why and, if known, where. */
bool sm_json_parse(const char *text, size_t len, jv *value, struct sm_err *err);

/* A member of an object, for the caller to free; an invalid jv if there is none or `object` is not
 * an object. */
jv sm_json_get(jv object, const char *name);

/* A string member, borrowed from `object`; NULL if there is no such string. `len` may be NULL. */
const char *sm_json_text(jv object, const char *name, size_t *len);

/* `object` with U+FFFD for each NUL in its string member `name`, so that it can be read as a C
 * string. Consumes `object`, whatever it is. */
jv sm_json_without_nul(jv object, const char *name);

/* A numeric or boolean member; `missing` if there is none of that kind. Infinite if no double is
 * near it (1e999), which is not to be written. */
double sm_json_number(jv object, const char *name, double missing);
bool sm_json_bool(jv object, const char *name, bool missing);

/* A member that is a whole number from `low` to `high`, both within ±SM_INTEGER_MAX. False, with
 * *out as it was, if it is missing, not a number, a fraction or out of range. Numbers from outside
 * become integers by this function, never by a cast. */
bool sm_json_integer(jv object, const char *name, int64_t low, int64_t high, int64_t *out);

/* The same for a number that is already read; NAN counts as missing. */
bool sm_integer(double number, int64_t low, int64_t high, int64_t *out);

/* `target` with `patch` merged into it as RFC 7396 says: members of objects one by one, null takes
 * a member out. Consumes `target`. */
jv sm_json_merge(jv target, jv patch);

#endif
