/* UTF-8, byte by byte (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF). */
#ifndef SM_BASE_UTF8_H
#define SM_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SM_UTF8_BAD UINT32_MAX /* no character: see sm_utf8_decode() */

/* The length of the longest valid UTF-8 prefix of `text`: `len` if all of it is. */
size_t sm_utf8_valid(const char *text, size_t len);

/* The bytes of the character that begins `text`, `left` being there; 0 if it is not UTF-8. */
size_t sm_utf8_sequence(const char *text, size_t left);

/* The bytes of the character that begins `text`, of which there is at least one, and its code
 * point; for a byte that is not UTF-8, 1 and SM_UTF8_BAD. */
size_t sm_utf8_decode(const char *text, size_t left, uint32_t *code);

/* Whether a byte of valid UTF-8 begins a character: those that do are as many as the characters. */
static inline bool sm_utf8_is_start(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

#endif
