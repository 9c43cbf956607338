/* Texts are long and mostly plain ASCII, so eight bytes are checked at a time. */
#ifndef SM_BASE_SWAR_H
#define SM_BASE_SWAR_H

#include <stdint.h>
#include <string.h>

#define SM_SWAR_EACH(b) (0x0101010101010101u * (b))

static inline uint64_t sm_swar_at(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return word;
}

/* Nonzero if a byte of `word` is zero. */
static inline uint64_t sm_swar_zero(uint64_t word)
{
    return (word - SM_SWAR_EACH(0x01)) & ~word & SM_SWAR_EACH(0x80);
}

/* Nonzero if a byte is not ASCII. */
static inline uint64_t sm_swar_high(uint64_t word)
{
    return word & SM_SWAR_EACH(0x80);
}

/* Nonzero if a byte needs an escape in a JSON string. */
static inline uint64_t sm_swar_escape(uint64_t word)
{
    uint64_t control = (word - SM_SWAR_EACH(0x20)) & ~word & SM_SWAR_EACH(0x80);
    return control | sm_swar_zero(word ^ SM_SWAR_EACH('"')) |
           sm_swar_zero(word ^ SM_SWAR_EACH('\\'));
}

#endif
