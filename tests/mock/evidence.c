#include "tests/mock/evidence.h"

#include "tests/mock/die.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEIGHT_NEAR 40 /* bytes from a taste to its weight, at most */

struct span evidence_tagged(const char *text, const char *tag)
{
    char open[32], close[32];
    snprintf(open, sizeof open, "<%s>\n", tag);
    snprintf(close, sizeof close, "\n</%s>", tag);
    const char *at = strstr(text, open), *end = at ? strstr(at, close) : NULL;
    if (!end)
        return (struct span){NULL, 0};
    at += strlen(open);
    return (struct span){at, (size_t)(end - at)};
}

static unsigned traits_in(struct span reply)
{
    return traits_of(reply.at, reply.len);
}

/* A reason counts only for a trait that tells the two replies apart. */
static void add_choice(struct evidence *evidence, struct span chosen, struct span rejected,
                       const char *said)
{
    unsigned has = traits_in(chosen), differs = has ^ traits_in(rejected);
    for (size_t i = 0; i < TRAITS; i++) {
        bool with = has >> i & 1;
        if (differs >> i & 1)
            evidence->net[i] += (trait_named(said, "has", i, with) ? 2 : 1) * (with ? 1 : -1);
    }
    evidence->choices++;
}

/* `text` is a conversation with its two replies and what is said of them. */
static void add_from(struct evidence *evidence, const char *text)
{
    struct span chosen = evidence_tagged(text, "chosen"),
                rejected = evidence_tagged(text, "rejected");
    if (chosen.at && rejected.at) {
        add_choice(evidence, chosen, rejected, text);
        return;
    }
    struct span first = evidence_tagged(text, "first"), second = evidence_tagged(text, "second");
    if (!first.at || !second.at)
        return;
    const char *behind = second.at + second.len, *one = strstr(behind, "First"),
               *two = strstr(behind, "Second");
    if (one && (!two || one < two))
        add_choice(evidence, first, second, behind);
    else if (two)
        add_choice(evidence, second, first, behind);
}

void evidence_add(struct evidence *evidence, const char *text, const char *end)
{
    static const char mark[] = "<conversation>\n";
    const char *at = strstr(text, mark);
    while (at && at < end) {
        const char *next = strstr(at + 1, mark), *stop = next && next < end ? next : end;
        char *choice = strndup(at, (size_t)(stop - at));
        if (!choice)
            die("out of memory");
        add_from(evidence, choice);
        free(choice);
        at = next;
    }
}

static int by_place(const void *a, const void *b)
{
    const struct stated *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

/* The number behind the word, if that is near; else `missing`. */
static double weight_at(const char *text, double missing)
{
    const char *at = strstr(text, "weight"), *digits = at ? strpbrk(at, "0123456789") : NULL;
    bool near = digits && digits - text <= WEIGHT_NEAR;
    return near ? strtod(digits, NULL) : missing;
}

size_t evidence_stated(const char *text, struct stated tastes[2 * TRAITS])
{
    size_t count = 0;
    for (size_t i = 0; i < 2 * (size_t)TRAITS; i++) {
        const char *at = trait_named(text, "likes", i / 2, i % 2);
        if (at)
            tastes[count++] = (struct stated){.trait = i / 2, .with = i % 2, .at = at};
    }
    qsort(tastes, count, sizeof *tastes, by_place);
    for (size_t i = 0; i < count; i++)
        tastes[i].weight = weight_at(tastes[i].at, exp2(-(double)i));
    return count;
}
