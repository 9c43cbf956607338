#include "cmd/report/names.h"

#include "cmd/report/text.h"

#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/json/json.h"

#include <stdint.h>
#include <string.h>

/* Bytes to leave out of each name. */
struct trim {
    size_t before, after;
};

void names_add(struct names *names, const char *file)
{
    bool known;
    if (!names->files)
        names->files = sm_string_set_open();
    if (file)
        sm_string_set_add(names->files, file, &known);
}

static size_t count_of(const struct names *names)
{
    return names->files ? sm_string_set_count(names->files) : 0;
}

static size_t shared_begin(const char *a, const char *b, size_t most)
{
    size_t len = 0;
    for (size_t i = 0; i < most && a[i] && (a == b || a[i] == b[i]); i++)
        len = a[i] == '/' ? i + 1 : len;
    return len;
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

/* What all names share that are no labels; a single one shares its folder and ending with none. */
static struct trim trim_of(const struct names *names)
{
    struct trim trim = {SIZE_MAX, SIZE_MAX};
    const char *first = NULL;
    bool several = false;
    for (size_t i = 0; i < count_of(names); i++) {
        const char *file = sm_string_set_text(names->files, i);
        if (names->shown[i])
            continue;
        several |= first != NULL;
        first = first ? first : file;
        trim.before = shared_begin(first, file, trim.before);
        trim.after = first == file ? trim.after : shared_end(first, file, trim.after);
    }
    if (!first)
        return (struct trim){0};
    if (!several) {
        const char *dot = strrchr(first + trim.before, '.');
        trim.after = dot && is_ending(dot) ? strlen(dot) : 0;
    }
    return trim;
}

void names_settle(struct names *names, struct labels *labels)
{
    names->shown = sm_alloc(count_of(names) + 1, sizeof *names->shown);
    for (size_t i = 0; i < count_of(names); i++) {
        const char *file = sm_string_set_text(names->files, i), *label = labels_name(labels, file);
        names->shown[i] = label == file ? NULL : sm_strdup(label);
    }
    struct trim trim = trim_of(names);
    for (size_t i = 0; i < count_of(names); i++) {
        const char *file = sm_string_set_text(names->files, i);
        size_t len = strlen(file);
        if (names->shown[i])
            continue;
        names->shown[i] = trim.before + trim.after < len
                              ? sm_strndup(file + trim.before, len - trim.before - trim.after)
                              : sm_strdup(file);
    }
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
        const char *file = sm_string_set_text(names->files, i);
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
