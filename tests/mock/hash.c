#include "tests/mock/hash.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_MARK "\xe2\x9f\xa6"  /* U+27E6 */
#define CLOSE_MARK "\xe2\x9f\xa7" /* U+27E7 */
#define WORDS_MAX 4096

/* FNV-1a */
static const uint64_t hash_start = 14695981039346656037u;

struct span {
    const char *at;
    size_t len;
};

static uint64_t add(uint64_t hash, struct span span)
{
    for (size_t i = 0; i < span.len; i++)
        hash = (hash ^ (unsigned char)span.at[i]) * 1099511628211u;
    return hash;
}

static uint64_t add_text(uint64_t hash, const char *text)
{
    return add(hash, (struct span){text, strlen(text)});
}

bool hash_digest_first(const char *salt, const struct call *call)
{
    return add_text(add_text(hash_start, salt), call->text) >> 32 & 1;
}

static size_t find_words(const char *text, struct span *words)
{
    size_t n = 0;
    const char *open, *close;
    while (n < WORDS_MAX && (open = strstr(text, OPEN_MARK)) &&
           (close = strstr(open, CLOSE_MARK))) {
        open += strlen(OPEN_MARK);
        words[n++] = (struct span){open, (size_t)(close - open)};
        text = close + strlen(CLOSE_MARK);
    }
    return n;
}

static int compare(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    int order = memcmp(x->at, y->at, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static bool holds(const struct span *words, size_t n, struct span word)
{
    for (size_t i = 0; i < n; i++) {
        if (compare(&words[i], &word) == 0)
            return true;
    }
    return false;
}

/* Adds the words in their order, each once, with commas between them. */
static uint64_t add_words(uint64_t hash, const struct span *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!holds(words, i, words[i]))
            hash = add(add_text(hash, i ? "," : ""), words[i]);
    }
    return hash;
}

/* What a reply is worth; those that begin with g are worth more. */
static uint64_t worth(struct span reply, const char *salt, struct span persona,
                      const struct span *examples, size_t n)
{
    uint64_t hash = add_text(add(hash_start, reply), "|");
    hash = add_text(add_text(hash, salt), "|");
    hash = add_text(add(hash, persona), "|");
    return add_words(hash, examples, n) % 100 + (reply.len && reply.at[0] == 'g' ? 30 : 0);
}

bool hash_golden_first(const char *salt, const struct call *call)
{
    static const char known[] = "Mock persona ";
    struct span words[WORDS_MAX], persona = {"", 0};
    size_t n = find_words(call->text, words);
    if (n < 2)
        return true;
    const char *at = strstr(call->text, known);
    if (at) {
        at += strlen(known);
        persona = (struct span){at, strspn(at, "0123456789abcdef")};
    }
    struct span first = words[n - 2], second = words[n - 1];
    qsort(words, n - 2, sizeof *words, compare);
    return worth(second, salt, persona, words, n - 2) <= worth(first, salt, persona, words, n - 2);
}

jv hash_golden_persona(const char *salt, const struct call *call)
{
    struct span words[WORDS_MAX];
    size_t n = find_words(call->last, words);
    uint64_t hash = add_text(add_text(hash_start, salt), "|persona|");
    return jv_string_fmt("Mock persona %016llx", (unsigned long long)add_words(hash, words, n));
}
