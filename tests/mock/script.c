#include "script.h"

#include "decide.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    jv value;
    double left; /* times that it may still answer */
};

struct script {
    struct entry *entries;
    size_t count;
    pthread_mutex_t lock;
};

struct script *script_open(const char *path)
{
    struct script *script = calloc(1, sizeof *script);
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0, number = 0;
    if (!file || !script) {
        fprintf(stderr, "mock-llm: %s: cannot be read\n", path);
        exit(2);
    }
    pthread_mutex_init(&script->lock, NULL);
    while (getline(&line, &room, file) >= 0) {
        number++;
        if (line[0] == '#' || strspn(line, " \t\r\n") == strlen(line))
            continue;
        jv value = jv_parse(line);
        if (jv_get_kind(value) != JV_KIND_OBJECT) {
            fprintf(stderr, "mock-llm: %s:%zu: not a JSON object\n", path, number);
            exit(2);
        }
        jv times = jv_object_get(jv_copy(value), jv_string("times"));
        script->entries = realloc(script->entries, (script->count + 1) * sizeof *script->entries);
        script->entries[script->count++] = (struct entry){
            value, jv_get_kind(times) == JV_KIND_NUMBER ? jv_number_value(times) : 1e18};
        jv_free(times);
    }
    free(line);
    fclose(file);
    return script;
}

/* True if every text of the list is (or, with `want` false, is not) in `text`. Consumes `list`. */
static bool texts_fit(jv list, const char *text, bool want)
{
    int n = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(list)) : 0;
    bool fit = true;
    for (int i = 0; fit && i < n; i++) {
        jv item = jv_array_get(jv_copy(list), i);
        fit = (strstr(text, jv_string_value(item)) != NULL) == want;
        jv_free(item);
    }
    jv_free(list);
    return fit;
}

static bool members_fit(jv list, jv body, bool want)
{
    int n = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(list)) : 0;
    bool fit = true;
    for (int i = 0; fit && i < n; i++)
        fit = jv_object_has(jv_copy(body), jv_array_get(jv_copy(list), i)) == want;
    jv_free(list);
    return fit;
}

/* `wanted` (consumed) is missing or equal to the member of `body`. */
static bool value_fits(jv wanted, jv body, const char *name)
{
    if (!jv_is_valid(wanted)) {
        jv_free(wanted);
        return true;
    }
    return jv_equal(wanted, jv_object_get(jv_copy(body), jv_string(name)));
}

static bool headers_fit(jv wanted, jv headers)
{
    bool fit = true;
    if (jv_get_kind(wanted) == JV_KIND_OBJECT) {
        jv_object_foreach(wanted, name, value)
        {
            fit = jv_equal(value, jv_object_get(jv_copy(headers), name)) && fit;
        }
    }
    jv_free(wanted);
    return fit;
}

static jv member(jv object, const char *name)
{
    return jv_get_kind(object) == JV_KIND_OBJECT ? jv_object_get(jv_copy(object), jv_string(name))
                                                 : jv_invalid();
}

static bool fits(jv expect, const char *path, jv headers, jv body, const char *text)
{
    jv wanted_path = member(expect, "path");
    bool path_fits = jv_get_kind(wanted_path) != JV_KIND_STRING ||
                     strcmp(jv_string_value(wanted_path), path) == 0;
    jv_free(wanted_path);
    return path_fits && texts_fit(member(expect, "contains"), text, true) &&
           texts_fit(member(expect, "lacks"), text, false) &&
           members_fit(member(expect, "has"), body, true) &&
           members_fit(member(expect, "hasnt"), body, false) &&
           value_fits(member(expect, "model"), body, "model") &&
           value_fits(member(expect, "temperature"), body, "temperature") &&
           headers_fit(member(expect, "header"), headers);
}

jv script_take(struct script *script, const char *path, jv headers, jv body)
{
    jv found = jv_invalid();
    char *text = contents_of(body, false);
    pthread_mutex_lock(&script->lock);
    for (size_t i = 0; i < script->count && !jv_is_valid(found); i++) {
        struct entry *entry = &script->entries[i];
        jv expect = member(entry->value, "expect");
        if (entry->left >= 1 && fits(expect, path, headers, body, text)) {
            entry->left -= 1;
            jv_free(found);
            found = jv_copy(entry->value);
        }
        jv_free(expect);
    }
    pthread_mutex_unlock(&script->lock);
    free(text);
    return found;
}
