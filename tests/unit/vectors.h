/* What the programs here share. Each reads vectors, one JSON object a line, from stdin, compares
 * every field it knows with what the library computes, and names each that differs on stderr with
 * its line. Exit status 1 if any differs or if there was nothing to compare. */
#ifndef VECTORS_H
#define VECTORS_H

#include <jv.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vectors {
    size_t line, compared, failed;
    const char *text; /* the line as read: libjq 1.6 rounds integers beyond 53 bits */
};

/* Counts a comparison, and reports it unless `same`. */
__attribute__((format(printf, 3, 4))) static inline void
vectors_expect(struct vectors *vectors, bool same, const char *format, ...)
{
    vectors->compared++;
    if (same)
        return;
    vectors->failed++;
    va_list args;
    va_start(args, format);
    fprintf(stderr, "line %zu: ", vectors->line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

/* Borrows `row`. */
static inline bool vectors_has(jv row, const char *name)
{
    return jv_object_has(jv_copy(row), jv_string(name));
}

/* Borrows `row`; what it returns is the caller's, invalid if there is no such field. */
static inline jv vectors_field(jv row, const char *name)
{
    return jv_object_get(jv_copy(row), jv_string(name));
}

/* Consumes `value`; NaN if it is no number. */
static inline double vectors_number(jv value)
{
    double number = jv_get_kind(value) == JV_KIND_NUMBER ? jv_number_value(value) : NAN;
    jv_free(value);
    return number;
}

/* Borrow `list`; the length is 0 if it is no array. */
static inline size_t vectors_length(jv list)
{
    return jv_get_kind(list) == JV_KIND_ARRAY ? (size_t)jv_array_length(jv_copy(list)) : 0;
}

static inline double vectors_at(jv list, size_t at)
{
    return vectors_number(jv_array_get(jv_copy(list), (int)at));
}

/* Where the value of a field of numbers begins in the line, with brackets skipped; NULL: none. */
static inline const char *vectors_raw(const struct vectors *vectors, const char *name)
{
    const char *at = strstr(vectors->text, name);
    return at ? at + strlen(name) + strspn(at + strlen(name), "\": [") : NULL;
}

/* Gives every line of stdin to `check`, which borrows the object; returns the exit status. */
static inline int vectors_run(void (*check)(struct vectors *vectors, jv row))
{
    struct vectors vectors = {0};
    char *text = NULL;
    size_t room = 0;
    while (getline(&text, &room, stdin) > 0) {
        vectors.line++;
        vectors.text = text;
        jv row = jv_parse(text);
        if (jv_get_kind(row) == JV_KIND_OBJECT)
            check(&vectors, row);
        else
            vectors_expect(&vectors, false, "no JSON object");
        jv_free(row);
    }
    free(text);
    if (vectors.compared == 0)
        fputs("nothing to compare\n", stderr);
    return vectors.failed || !vectors.compared;
}

#endif
