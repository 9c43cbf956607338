#include "tests/mock/token.h"

#include "tests/mock/die.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define IDS 1000000000

static size_t special_length(const char *text)
{
    static const char *const specials[] = {"<|im_start|>", "<|im_end|>"};
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++) {
        if (strncmp(text, specials[i], strlen(specials[i])) == 0)
            return strlen(specials[i]);
    }
    return 0;
}

static bool ends_word(const char *p, bool special)
{
    return !*p || strchr(" \r\n", *p) || (unsigned char)*p >= 0x80 ||
           (special && special_length(p));
}

static size_t length_at(const char *text, bool special)
{
    size_t len = special ? special_length(text) : 0;
    if (len == 0)
        len = strspn(text, "\r\n");
    if (len)
        return len;
    const char *p = text + (*text == ' ');
    unsigned char c = (unsigned char)*p;
    if (c >= 0x80)
        return (size_t)(p - text) + (c >= 0xe0 && c < 0xf0 ? 3 : 2);
    while (!ends_word(p, special))
        p++;
    return (size_t)(p - text);
}

struct tokens tokens_of(const char *text, bool special)
{
    struct tokens tokens = {.at = calloc(strlen(text) + 1, sizeof *tokens.at)};
    if (!tokens.at)
        die("out of memory");
    for (const char *p = text; *p; p += tokens.at[tokens.count++].len)
        tokens.at[tokens.count] = (struct token){p, length_at(p, special)};
    return tokens;
}

long token_id(struct token token)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < token.len; i++)
        hash = (hash ^ (unsigned char)token.at[i]) * 1099511628211u;
    return (long)(hash % IDS);
}

jv token_key(struct token token)
{
    return jv_string_fmt("%ld", token_id(token));
}

bool token_begins_within(struct token token)
{
    return (token.at[0] & 0xc0) == 0x80;
}

bool token_ends_within(struct token token)
{
    return token.len >= 2 && (unsigned char)token.at[token.len - 2] >= 0xf0;
}

jv token_text(const struct tokens *tokens, size_t i)
{
    struct token token = tokens->at[i];
    if (token_ends_within(token))
        return jv_string("");
    size_t before = token_begins_within(token) ? tokens->at[i - 1].len : 0;
    return jv_string_sized(token.at - before, (int)(before + token.len));
}

jv token_bytes(struct token token)
{
    jv bytes = jv_array();
    for (size_t i = 0; i < token.len; i++)
        bytes = jv_array_append(bytes, jv_number((unsigned char)token.at[i]));
    return bytes;
}
