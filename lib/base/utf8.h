/* UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF). */
#ifndef SM_BASE_UTF8_H
#define SM_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SM_UTF8_BAD UINT32_MAX /* not a character: see sm_utf8_decode() */

/* The length of the longest valid UTF-8 prefix of `text`; `len` if all of it is valid. */
size_t sm_utf8_valid(const char *text, size_t len);

/* The length of the character at `text`, of whose bytes `left` (at least one) are there; 0 if it is
 * not UTF-8. */
size_t sm_utf8_sequence(const char *text, size_t left);

/* Sets *code to the character at `text` and returns its length; `left` is at least one. For a byte
 * that is not UTF-8 these are SM_UTF8_BAD and 1. */
size_t sm_utf8_decode(const char *text, size_t left, uint32_t *code);

/* How many bytes of `text` to keep so that they are at most `most`, and whole characters. */
static inline size_t sm_utf8_cut(const char *text, size_t len, size_t most)
{
    size_t kept = len < most ? len : most;
    while (kept < len && kept > 0 && ((unsigned char)text[kept] & 0xc0) == 0x80)
        kept--;
    return kept;
}

/* Whether a byte of valid UTF-8 begins a character. Counting such bytes counts characters. */
static inline bool sm_utf8_is_start(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

#endif
