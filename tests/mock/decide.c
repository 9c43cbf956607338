#include "decide.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_MARK "\xe2\x9f\xa6"  /* U+27E6 */
#define CLOSE_MARK "\xe2\x9f\xa7" /* U+27E7 */
#define MARK_BYTES 3
#define MARKERS_MAX 4096

struct span {
    const char *at;
    size_t len;
};

enum decision decision_named(const char *name)
{
    static const char *const names[] = {"", "golden", "longer", "shorter", "first", "digest"};
    for (int i = 1; i < 6; i++) {
        if (strcmp(name, names[i]) == 0)
            return (enum decision)i;
    }
    return DECIDE_NONE;
}

char *contents_of(jv body, int last_only)
{
    jv messages = jv_object_get(jv_copy(body), jv_string("messages"));
    int n = jv_get_kind(messages) == JV_KIND_ARRAY ? jv_array_length(jv_copy(messages)) : 0;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    for (int i = last_only && n ? n - 1 : 0; i < n; i++) {
        jv message = jv_array_get(jv_copy(messages), i);
        if (jv_get_kind(message) == JV_KIND_OBJECT) {
            jv content = jv_object_get(message, jv_string("content"));
            if (jv_get_kind(content) == JV_KIND_STRING)
                fputs(jv_string_value(content), out);
            jv_free(content);
        } else {
            jv_free(message);
        }
    }
    fclose(out);
    jv_free(messages);
    return text;
}

static uint64_t fnv(uint64_t hash, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
    return hash;
}

static uint64_t fnv_text(uint64_t hash, const char *text)
{
    return fnv(hash, text, strlen(text));
}

static const uint64_t fnv_start = 14695981039346656037u;

static size_t find_markers(const char *text, struct span *markers)
{
    size_t n = 0;
    const char *open, *close;
    while (n < MARKERS_MAX && (open = strstr(text, OPEN_MARK)) &&
           (close = strstr(open, CLOSE_MARK))) {
        markers[n++] = (struct span){open + MARK_BYTES, (size_t)(close - open) - MARK_BYTES};
        text = close + MARK_BYTES;
    }
    return n;
}

static int compare(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    int order = memcmp(x->at, y->at, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static bool same(struct span a, struct span b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* v(x) of the golden function: `x` and "|" hashed before the key, so the key is hashed each time.
 */
static uint64_t value_of(struct span x, const char *salt, struct span persona,
                         const struct span *demos, size_t n)
{
    uint64_t hash = fnv_text(fnv(fnv_start, x.at, x.len), "|");
    hash = fnv_text(fnv_text(hash, salt), "|");
    hash = fnv_text(fnv(hash, persona.at, persona.len), "|");
    for (size_t i = 0; i < n; i++) {
        if (i && same(demos[i], demos[i - 1]))
            continue;
        hash = fnv(fnv_text(hash, i ? "," : ""), demos[i].at, demos[i].len);
    }
    return hash % 100 + (x.len && x.at[0] == 'g' ? 30 : 0);
}

static bool golden_first(const char *salt, const char *text)
{
    static _Thread_local struct span markers[MARKERS_MAX];
    size_t n = find_markers(text, markers);
    if (n < 2)
        return true;
    struct span a = markers[n - 2], b = markers[n - 1], persona = {"", 0};
    const char *known = strstr(text, "Mock persona ");
    if (known)
        persona = (struct span){known + 13, strspn(known + 13, "0123456789abcdef")};
    qsort(markers, n - 2, sizeof *markers, compare);
    return value_of(b, salt, persona, markers, n - 2) <= value_of(a, salt, persona, markers, n - 2);
}

static char *golden_persona(const char *salt, jv body)
{
    static _Thread_local struct span markers[MARKERS_MAX];
    char *text = contents_of(body, true), *reply = NULL;
    size_t n = find_markers(text, markers), length;
    uint64_t hash = fnv_text(fnv_text(fnv_start, salt), "|persona|");
    const char *comma = "";
    for (size_t i = 0; i < n; i++) {
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = same(markers[i], markers[k]);
        if (seen)
            continue;
        hash = fnv(fnv_text(hash, comma), markers[i].at, markers[i].len);
        comma = ",";
    }
    FILE *out = open_memstream(&reply, &length);
    fprintf(out, "Mock persona %016llx", (unsigned long long)hash);
    fclose(out);
    free(text);
    return reply;
}

/* The length of <NAME>…</NAME> in the last message. */
static size_t element_length(const char *text, const char *open, const char *close)
{
    const char *at = strstr(text, open), *end = at ? strstr(at, close) : NULL;
    return end ? (size_t)(end - at) - strlen(open) : 0;
}

static bool prefers_first(enum decision decision, const char *salt, jv body)
{
    char *text = contents_of(body, decision != DECIDE_GOLDEN && decision != DECIDE_DIGEST);
    bool first = true;
    if (decision == DECIDE_GOLDEN) {
        first = golden_first(salt, text);
    } else if (decision == DECIDE_DIGEST) {
        first = fnv_text(fnv_text(fnv_start, salt), text) >> 32 & 1;
    } else if (decision != DECIDE_FIRST) {
        size_t a = element_length(text, "<first>", "</first>");
        size_t b = element_length(text, "<second>", "</second>");
        first = decision == DECIDE_LONGER ? a >= b : a <= b;
    }
    free(text);
    return first;
}

static bool wants_persona(jv body)
{
    const jv path = JV_ARRAY(jv_string("response_format"), jv_string("json_schema"),
                             jv_string("schema"), jv_string("properties"));
    jv properties = jv_getpath(jv_copy(body), path);
    bool wants = false;
    if (jv_get_kind(properties) == JV_KIND_OBJECT) {
        wants = jv_object_has(jv_copy(properties), jv_string("persona"));
    } else {
        char *text = contents_of(body, false);
        wants = strstr(text, "\"persona\":") != NULL;
        free(text);
    }
    jv_free(properties);
    return wants;
}

char *decide(enum decision decision, const char *salt, jv body)
{
    static const char *const likes[] = {"",
                                        "",
                                        "Likes longer replies.",
                                        "Likes shorter replies.",
                                        "Likes the first reply.",
                                        "Likes this and that."};
    jv reply =
        jv_object_set(jv_object(), jv_string("reasoning"), jv_string("As the mock decides."));
    if (!wants_persona(body)) {
        const char *word = prefers_first(decision, salt, body) ? "First" : "Second";
        reply = jv_object_set(reply, jv_string("preference"), jv_string(word));
    } else if (decision == DECIDE_GOLDEN) {
        char *persona = golden_persona(salt, body);
        reply = jv_object_set(reply, jv_string("persona"), jv_string(persona));
        free(persona);
    } else {
        reply = jv_object_set(reply, jv_string("persona"), jv_string(likes[decision]));
    }
    jv text = jv_dump_string(reply, 0);
    char *copy = strdup(jv_string_value(text));
    jv_free(text);
    return copy;
}
