#include "cmd/neighbors/words.h"

#include "lib/base/mem.h"
#include "lib/base/utf8.h"

#include <math.h>
#include <stdbool.h>

#define FNV_PRIME UINT64_C(1099511628211)
#define SPACELESS 0x2E80 /* from here on, scripts that have no spaces */

static uint64_t add_byte(uint64_t digest, unsigned byte)
{
    return (digest ^ byte) * FNV_PRIME;
}

uint64_t words_digest(uint64_t before, const char *text)
{
    for (; *text; text++)
        before = add_byte(before, (unsigned char)*text);
    before = (before ^ before >> 33) * UINT64_C(0xff51afd7ed558ccd);
    before = (before ^ before >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return before ^ before >> 33;
}

static bool is_of_word(uint32_t code)
{
    return code >= 0x80 || (code >= '0' && code <= '9') ||
           ((code | 32) >= 'a' && (code | 32) <= 'z');
}

static int by_word(const void *a, const void *b)
{
    const struct word *x = a, *y = b;
    return (x->digest > y->digest) - (x->digest < y->digest);
}

static void merge_words(struct words *words)
{
    size_t n = 0;
    if (words->count)
        qsort(words->at, words->count, sizeof *words->at, by_word);
    for (size_t i = 0; i < words->count; i++) {
        if (n && words->at[n - 1].digest == words->at[i].digest)
            words->at[n - 1].weight++;
        else
            words->at[n++] = words->at[i];
    }
    words->count = n;
}

struct reading {
    struct words *words;
    size_t room;
    uint64_t digest; /* of the word that is being read */
};

static void end_word(struct reading *reading)
{
    struct words *words = reading->words;
    if (reading->digest == WORDS_DIGEST)
        return;
    words->at = sm_grow(words->at, words->count, &reading->room, sizeof *words->at);
    words->at[words->count++] = (struct word){reading->digest, 1};
    reading->digest = WORDS_DIGEST;
}

void words_read(struct words *words, const char *text)
{
    struct reading reading = {.words = words, .digest = WORDS_DIGEST};
    uint32_t code;
    *words = (struct words){0};
    for (size_t left = strlen(text), len; left; left -= len, text += len) {
        len = sm_utf8_decode(text, left, &code);
        unsigned lower = code >= 'A' && code <= 'Z' ? 'a' - 'A' : 0;
        if (!is_of_word(code) || code >= SPACELESS)
            end_word(&reading);
        for (size_t i = 0; i < len && is_of_word(code); i++)
            reading.digest = add_byte(reading.digest, (unsigned char)text[i] + lower);
        if (code >= SPACELESS)
            end_word(&reading);
    }
    end_word(&reading);
    merge_words(words);
}

void words_release(struct words *words)
{
    free(words->at);
    *words = (struct words){0};
}

static int by_posting(const void *a, const void *b)
{
    const struct posting *x = a, *y = b;
    if (x->digest != y->digest)
        return x->digest < y->digest ? -1 : 1;
    return (x->text > y->text) - (x->text < y->text);
}

/* The first posting of a word, or where it would be. */
static size_t find(const struct words_index *index, uint64_t digest)
{
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (index->at[mid].digest < digest)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static void weigh_text(const struct words *words, const struct words_index *index, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < words->count; i++) {
        struct word *word = &words->at[i];
        size_t df = find(index, word->digest + 1) - find(index, word->digest);
        word->weight = (1 + log(word->weight)) * log(1 + (double)count / (double)df);
        sum += word->weight * word->weight;
    }
    for (size_t i = 0; i < words->count; i++)
        words->at[i].weight /= sqrt(sum);
}

static void gather(const struct words *texts, size_t count, struct words_index *index)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < texts[i].count; j++)
            index->at[n++] = (struct posting){texts[i].at[j].digest, i, texts[i].at[j].weight};
    }
    if (n)
        qsort(index->at, n, sizeof *index->at, by_posting);
}

void words_weigh(const struct words *texts, size_t count, struct words_index *index)
{
    *index = (struct words_index){0};
    for (size_t i = 0; i < count; i++)
        index->count += texts[i].count;
    index->at = sm_alloc(index->count, sizeof *index->at);
    gather(texts, count, index);
    for (size_t i = 0; i < count; i++)
        weigh_text(&texts[i], index, count);
    gather(texts, count, index);
}

void words_index_release(struct words_index *index)
{
    free(index->at);
    *index = (struct words_index){0};
}

double words_cosine(const struct words *a, const struct words *b)
{
    double sum = 0;
    for (size_t i = 0, j = 0; i < a->count && j < b->count;) {
        if (a->at[i].digest == b->at[j].digest)
            sum += a->at[i++].weight * b->at[j++].weight;
        else if (a->at[i].digest < b->at[j].digest)
            i++;
        else
            j++;
    }
    return sum;
}

void words_like(const struct words_index *index, const struct words *words, double *likeness)
{
    for (size_t i = 0; i < words->count; i++) {
        const struct word *word = &words->at[i];
        for (size_t at = find(index, word->digest);
             at < index->count && index->at[at].digest == word->digest; at++)
            likeness[index->at[at].text] += word->weight * index->at[at].weight;
    }
}
