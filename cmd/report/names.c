#include "cmd/report/names.h"

#include "cmd/report/text.h"

#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/json/json.h"

#include <stdint.h>
#include <string.h>

#define NONE SIZE_MAX

static size_t count_of(const struct names *names)
{
    return names->files ? sm_string_set_count(names->files) : 0;
}

static const char *file_at(const struct names *names, size_t i)
{
    return sm_string_set_text(names->files, i);
}

static void add(struct names *names, const char *file)
{
    bool known;
    if (!names->files)
        names->files = sm_string_set_open();
    if (file)
        sm_string_set_add(names->files, file, &known);
}

void names_add(struct names *names, const char *file)
{
    add(names, file);
    names->recorded = count_of(names);
}

void names_add_read(struct names *names, const char *file)
{
    add(names, file);
}

/* Whether one path is the end of the other: "demo/a.jsonl" and "/tmp/demo/a.jsonl". */
static bool ends_alike(const char *a, const char *b)
{
    a += strncmp(a, "./", 2) == 0 ? 2 : 0;
    b += strncmp(b, "./", 2) == 0 ? 2 : 0;
    size_t len_a = strlen(a), len_b = strlen(b);
    const char *longer = len_a > len_b ? a : b, *shorter = len_a > len_b ? b : a;
    const char *end = longer + strlen(longer) - strlen(shorter);
    return (end == longer || end[-1] == '/') && strcmp(end, shorter) == 0;
}

/* The one file of records that a file which was read may be, by another path; or NONE. */
static size_t recorded_as(const struct names *names, size_t read)
{
    size_t found = NONE;
    for (size_t i = 0; i < names->recorded; i++) {
        if (!ends_alike(file_at(names, i), file_at(names, read)))
            continue;
        if (found != NONE)
            return NONE;
        found = i;
    }
    for (size_t i = names->recorded; found != NONE && i < count_of(names); i++) {
        if (i != read && ends_alike(file_at(names, i), file_at(names, found)))
            return NONE;
    }
    return found;
}

/* The last parts of a path, `count` of them. */
static const char *last_parts(const char *file, size_t count)
{
    const char *from = file + strlen(file);
    while (from > file && (from[-1] != '/' || --count > 0))
        from--;
    return from;
}

/* Whether so many parts tell all files apart that have no name yet. */
static bool differ(const struct names *names, size_t parts)
{
    struct sm_string_set *seen = sm_string_set_open();
    bool known = false;
    for (size_t i = 0; i < count_of(names) && !known; i++) {
        if (!names->shown[i])
            sm_string_set_add(seen, last_parts(file_at(names, i), parts), &known);
    }
    sm_string_set_close(seen);
    return !known;
}

/* Whether ".jsonl" or the like begins here; what begins with a digit may be a version. */
static bool is_ending(const char *text)
{
    return *text == '.' && (((text[1] | 0x20) >= 'a' && (text[1] | 0x20) <= 'z'));
}

static size_t shared_end(const char *a, const char *b, size_t most)
{
    size_t len = 0, len_a = strlen(a), len_b = strlen(b);
    for (size_t i = 1; i <= most && i < len_a && i < len_b && a[len_a - i] == b[len_b - i]; i++)
        len = a[len_a - i] == '/' || is_ending(a + len_a - i) ? i : len;
    return len;
}

/* How much all names share at their ends that is no label; a single one shares its ending with
 * none. */
static size_t end_of(const struct names *names, size_t parts)
{
    const char *first = NULL;
    size_t end = SIZE_MAX;
    bool several = false;
    for (size_t i = 0; i < count_of(names); i++) {
        const char *name = last_parts(file_at(names, i), parts);
        if (names->shown[i])
            continue;
        several |= first != NULL;
        end = first ? shared_end(first, name, end) : end;
        first = first ? first : name;
    }
    if (several || !first)
        return several ? end : 0;
    const char *dot = strrchr(first, '.');
    return dot && dot > first && is_ending(dot) ? strlen(dot) : 0;
}

/* Names those without a label by as much of their path as tells them apart. */
static void name_by_path(struct names *names)
{
    size_t parts = 1;
    while (!differ(names, parts))
        parts++;
    size_t end = end_of(names, parts);
    for (size_t i = 0; i < count_of(names); i++) {
        const char *name = last_parts(file_at(names, i), parts);
        size_t len = strlen(name);
        if (!names->shown[i])
            names->shown[i] = sm_strndup(name, len > end ? len - end : len);
    }
}

static char *label_of(struct labels *labels, const char *file)
{
    const char *label = labels_name(labels, file);
    return label == file ? NULL : sm_strdup(label);
}

void names_settle(struct names *names, struct labels *labels)
{
    size_t count = count_of(names), *same = sm_alloc(count + 1, sizeof *same);
    names->shown = sm_alloc(count + 1, sizeof *names->shown);
    for (size_t i = 0; i < count; i++) {
        char *label = label_of(labels, file_at(names, i));
        same[i] = i < names->recorded ? NONE : recorded_as(names, i);
        names->shown[i] = label;
        if (same[i] != NONE && label && !names->shown[same[i]])
            names->shown[same[i]] = sm_strdup(label);
        else if (same[i] != NONE && !label)
            names->shown[i] = sm_strdup(""); /* waits for the other's */
    }
    name_by_path(names);
    for (size_t i = 0; i < count; i++) {
        if (same[i] == NONE)
            continue;
        free(names->shown[i]);
        names->shown[i] = sm_strdup(names->shown[same[i]]);
    }
    free(same);
}

const char *names_of(const struct names *names, const char *file)
{
    bool known = false;
    size_t number = names->files ? sm_string_set_find(names->files, file, &known) : 0;
    return known && names->shown ? names->shown[number] : file;
}

void names_write(const struct names *names, struct sm_buf *out)
{
    struct sm_buf json = {0};
    sm_buf_char(&json, '{');
    for (size_t i = 0; i < count_of(names); i++) {
        const char *file = file_at(names, i);
        if (sm_utf8_valid(file, strlen(file)) < strlen(file))
            continue; /* no record can name it */
        if (json.len > 1)
            sm_buf_char(&json, ',');
        sm_json_cstring(&json, file);
        sm_buf_char(&json, ':');
        sm_json_cstring(&json, names->shown[i]);
    }
    sm_buf_char(&json, '}');
    report_json_text(out, sm_buf_text(&json), json.len);
    sm_buf_release(&json);
}

void names_release(struct names *names)
{
    for (size_t i = 0; names->shown && i < count_of(names); i++)
        free(names->shown[i]);
    free(names->shown);
    if (names->files)
        sm_string_set_close(names->files);
    *names = (struct names){0};
}
