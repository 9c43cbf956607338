#include "tests/mock/script.h"

#include "tests/mock/die.h"
#include "tests/mock/fault.h"
#include "tests/mock/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct script_line {
    jv value;
    double left; /* how often it may still answer */
};

/* KIND:NAME=VALUE:... become members of the line, and what the kind expects does too. */
static jv unfold_fault(jv line)
{
    jv words = jv_string_split(jv_string(text_of(line, "fault")), jv_string(":"));
    jv_array_foreach(words, i, word)
    {
        const char *text = jv_string_value(word), *value = strchr(text, '=');
        if (i == 0)
            line = jv_object_set(line, jv_string("fault"), jv_copy(word));
        else if (!value)
            die("%s: no option of a fault", text);
        else if (strncmp(text, "value=", 6) == 0)
            line = jv_object_set(line, jv_string("value"), jv_string(value + 1));
        else
            line = jv_object_set(line, jv_string_sized(text, (int)(value - text)),
                                 jv_number(strtod(value + 1, NULL)));
        jv_free(word);
    }
    jv_free(words);
    jv expected = jv_object_merge(member_or(line, "expect", jv_object()),
                                  fault_expect(text_of(line, "fault"), text_of(line, "value")));
    return jv_object_set(line, jv_string("expect"), expected);
}

/* Consumes the value, which `text` was read as or stands for. */
static void add_line(struct script *script, jv value, const char *text)
{
    static const char *const known[] = {"expect", "reply", "fault", "value",
                                        "every",  "first", "times", NULL};
    if (jv_get_kind(value) != JV_KIND_OBJECT)
        die("no JSON object: %s", text);
    if (has_member(value, "fault") && !text_of(value, "fault"))
        die("the fault is no text: %s", text);
    if (has_member(value, "fault"))
        value = unfold_fault(value);
    jv rest = jv_copy(value);
    for (const char *const *name = known; *name; name++)
        rest = jv_object_delete(rest, jv_string(*name));
    if (jv_object_length(rest) > 0)
        die("unknown member or option: %s", text);
    script->lines = realloc(script->lines, (script->count + 1) * sizeof *script->lines);
    if (!script->lines)
        die("out of memory");
    script->lines[script->count++] =
        (struct script_line){value, number_or(value, "times", INFINITY)};
}

static void add_file(struct script *script, const char *path)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    if (!file)
        die("%s: cannot be read", path);
    while (getline(&line, &room, file) >= 0) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '#' && line[strspn(line, " \t\r")])
            add_line(script, jv_parse(line), line);
    }
    free(line);
    fclose(file);
}

struct script script_open(const char *const *faults, size_t fault_count, const char *path)
{
    struct script script = {0};
    for (size_t i = 0; i < fault_count; i++)
        add_line(&script, JV_OBJECT(jv_string("fault"), jv_string(faults[i])), faults[i]);
    if (path)
        add_file(&script, path);
    return script;
}

static bool contains(const struct call *call, const char *text)
{
    return strstr(call->text, text) != NULL;
}

static bool lacks(const struct call *call, const char *text)
{
    return strstr(call->text, text) == NULL;
}

static bool has(const struct call *call, const char *name)
{
    return has_member(call->body, name);
}

/* Consumes the list. */
static bool all(jv list, const struct call *call, bool (*holds)(const struct call *, const char *))
{
    bool hold = true;
    jv_array_foreach(list, i, item)
    {
        hold = hold && holds(call, jv_string_value(item));
        jv_free(item);
    }
    jv_free(list);
    return hold;
}

/* Whether a call is as this member of `expect` says, whose value is consumed. */
static bool is_expected(const struct call *call, const char *name, jv value)
{
    if (strcmp(name, "contains") == 0)
        return all(value, call, contains);
    if (strcmp(name, "lacks") == 0)
        return all(value, call, lacks);
    if (strcmp(name, "has") == 0)
        return all(value, call, has);
    if (strcmp(name, "over_bytes") == 0)
        return (double)call->len > jv_number_value(value);
    return jv_equal(value, member_or(call->body, name, jv_null()));
}

static bool fits(const struct script_line *line, const struct call *call)
{
    double number = (double)call->number;
    bool fit = line->left >= 1 && fmod(number, number_or(line->value, "every", 1)) == 0 &&
               number <= number_or(line->value, "first", INFINITY);
    jv expect = member_or(line->value, "expect", jv_object());
    jv_object_foreach(expect, name, value)
    {
        fit = is_expected(call, jv_string_value(name), value) && fit;
        jv_free(name);
    }
    jv_free(expect);
    return fit;
}

jv script_reply(struct script *script, const struct call *call, const char **fault)
{
    for (size_t i = 0; i < script->count; i++) {
        struct script_line *line = &script->lines[i];
        if (!fits(line, call))
            continue;
        line->left--;
        *fault = text_of(line->value, "fault");
        return *fault ? fault_reply(*fault, text_of(line->value, "value"))
                      : member_or(line->value, "reply", jv_object());
    }
    return jv_object();
}
