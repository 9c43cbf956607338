/* The words of personas, to tell cheaply which are alike. */
#ifndef CMD_NEIGHBORS_WORDS_H
#define CMD_NEIGHBORS_WORDS_H

#include <stddef.h>
#include <stdint.h>

#define WORDS_DIGEST UINT64_C(14695981039346656037) /* of no bytes */

/* The digest of what `before` is of, and `text`: FNV-1a of 64 bits, mixed by the last step of
 * MurmurHash3 (A. Appleby, public domain). */
uint64_t words_digest(uint64_t before, const char *text);

/* A text as its different words, by their digests. All-zero is empty. */
struct words {
    struct word {
        uint64_t digest;
        double weight; /* how often it comes, until words_weigh() */
    } * at;
    size_t count;
};

/* Letters and digits in a row are a word, without regard to case; so is each character of a script
 * that has no spaces. */
void words_read(struct words *words, const char *text);
void words_release(struct words *words);

/* An index of the words of many texts. */
struct words_index {
    struct posting {
        uint64_t digest;
        size_t text;
        double weight;
    } * at;
    size_t count;
};

/* Gives each word of the texts its weight, so that the cosine of two texts is the sum over common
 * words of the products of their weights, and indexes them: (1 + ln tf) ln(1 + n/df), each text
 * scaled to length 1. */
void words_weigh(const struct words *texts, size_t count, struct words_index *index);
void words_index_release(struct words_index *index);

/* The cosine of two texts that were weighed, and of one with all: adds to likeness[text]. */
double words_cosine(const struct words *a, const struct words *b);
void words_like(const struct words_index *index, const struct words *words, double *likeness);

#endif
