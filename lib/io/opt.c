#include "lib/io/opt.h"

#include "lib/base/mem.h"
#include "lib/base/near.h"
#include "lib/json/json.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>

#define OPTIONS_MAX 64
#define FIRST_LONG 256 /* getopt's value of option i is FIRST_LONG + i */

/* All tables as one, which is what getopt_long() takes. */
struct flat {
    const struct sm_opt *options[OPTIONS_MAX];
    void *settings[OPTIONS_MAX];
    struct option longs[OPTIONS_MAX + 1];
    char shorts[2 * OPTIONS_MAX + 3];
    int count;
};

static void flatten(const struct sm_opt_group *groups, struct flat *flat)
{
    *flat = (struct flat){.shorts = ":"};
    size_t letters = 1;
    for (; groups->options; groups++) {
        for (const struct sm_opt *o = groups->options; o->name && flat->count < OPTIONS_MAX; o++) {
            if (o->kind == SM_OPT_TITLE)
                continue;
            int i = flat->count++;
            flat->options[i] = o;
            flat->settings[i] = groups->settings;
            flat->longs[i] =
                (struct option){.name = o->name, .has_arg = o->arg != NULL, .val = FIRST_LONG + i};
            if (o->letter)
                flat->shorts[letters++] = o->letter;
            if (o->letter && o->arg)
                flat->shorts[letters++] = ':';
        }
    }
}

static int by_letter(const struct flat *flat, int letter)
{
    for (int i = 0; i < flat->count; i++) {
        if (flat->options[i]->letter == letter)
            return i;
    }
    return -1;
}

static bool bad_value(const struct sm_opt *o, const char *text, struct sm_err *err)
{
    if (o->kind == SM_OPT_CHOICE)
        return sm_err_set(err, SM_EXIT_USAGE, NULL, "--%s %s: give one of %s", o->name, text,
                          o->arg);
    const char *kind = o->kind == SM_OPT_INT ? "a whole number" : "a number";
    if (isinf(o->high))
        return sm_err_set(err, SM_EXIT_USAGE, NULL, "--%s %s: give %s, at least %g", o->name, text,
                          kind, o->low);
    return sm_err_set(err, SM_EXIT_USAGE, NULL, "--%s %s: give %s from %g to %g", o->name, text,
                      kind, o->low, o->high);
}

static bool set_number(const struct sm_opt *o, void *field, const char *text, struct sm_err *err)
{
    char *end;
    errno = 0;
    double real = strtod(text, &end);
    bool whole = real == floor(real) && fabs(real) <= 9e15;
    if (errno || end == text || *end || !(real >= o->low && real <= o->high) ||
        (o->kind == SM_OPT_INT && !whole))
        return bad_value(o, text, err);
    if (o->kind == SM_OPT_INT)
        *(long *)field = (long)real;
    else
        *(double *)field = real;
    return true;
}

static bool is_choice(const char *words, const char *text)
{
    size_t len = strlen(text);
    while (*words) {
        size_t n = strcspn(words, "|");
        if (n == len && memcmp(words, text, n) == 0)
            return true;
        words += n + (words[n] == '|');
    }
    return false;
}

static bool set_option(const struct sm_opt *o, void *settings, char *text, struct sm_err *err)
{
    void *field = (char *)settings + o->offset;
    struct sm_string_list *list = field;
    switch (o->kind) {
    case SM_OPT_FLAG:
        *(bool *)field = true;
        return true;
    case SM_OPT_CHOICE:
        if (!is_choice(o->arg, text))
            return bad_value(o, text, err);
        *(const char **)field = text;
        return true;
    case SM_OPT_TEXT:
        *(const char **)field = text;
        return true;
    case SM_OPT_TEXTS:
        list->at = sm_grow(list->at, list->count, &list->room, sizeof *list->at);
        list->at[list->count++] = text;
        return true;
    default:
        return set_number(o, field, text, err);
    }
}

/* Appends the options that `given` ("--max=3") may abbreviate, joined by ", ", and counts them. */
static size_t list_matches(const struct flat *flat, const char *given, struct sm_buf *out)
{
    size_t len = strcspn(given + 2, "="), count = 0;
    for (int i = 0; i < flat->count; i++) {
        bool hidden = !*flat->options[i]->help;
        if (!hidden && strncmp(flat->options[i]->name, given + 2, len) == 0)
            sm_buf_printf(out, "%s--%s", count++ ? ", " : "", flat->options[i]->name);
    }
    return count;
}

/* The option that `given` ("--modle=x") is a slip of, for messages; NULL if none is near. */
static const char *meant(const struct flat *flat, const char *given)
{
    struct sm_near near = {.word = given + 2, .len = strcspn(given + 2, "=")};
    for (int i = 0; i < flat->count; i++) {
        if (*flat->options[i]->help)
            sm_near_try(&near, flat->options[i]->name);
    }
    return near.best;
}

static void unknown(const struct flat *flat, const char *given, struct sm_err *err)
{
    const char *near = meant(flat, given);
    struct sm_buf remedy = {0};
    if (near)
        sm_buf_printf(&remedy, "did you mean --%s? --help tells the options", near);
    else
        sm_buf_str(&remedy, "see --help for the options");
    sm_err_set(err, SM_EXIT_USAGE, remedy.data, "unknown option %s", given);
    sm_buf_release(&remedy);
}

/* getopt_long() says '?' for four different mistakes. */
static bool bad_option(const struct flat *flat, const char *given, struct sm_err *err)
{
    static const char see_help[] = "see --help for the options";
    struct sm_buf names = {0};
    if (optopt >= FIRST_LONG)
        sm_err_set(err, SM_EXIT_USAGE, see_help, "option --%s takes no argument",
                   flat->options[optopt - FIRST_LONG]->name);
    else if (optopt)
        sm_err_set(err, SM_EXIT_USAGE, see_help, "unknown option -%c", optopt);
    else if (list_matches(flat, given, &names) > 1)
        sm_err_set(err, SM_EXIT_USAGE, see_help, "option %.*s is short for several: %s",
                   (int)strcspn(given, "="), given, names.data);
    else
        unknown(flat, given, err);
    sm_buf_release(&names);
    return false;
}

bool sm_opt_parse(const struct sm_opt_group *groups, int argc, char **argv, int *first,
                  struct sm_err *err)
{
    struct flat flat;
    flatten(groups, &flat);
    opterr = 0;
    optind = 0; /* begins anew, also where an earlier command line was left in the middle */
    int c;
    while ((c = getopt_long(argc, argv, flat.shorts, flat.longs, NULL)) != -1) {
        const char *given = argv[optind - 1];
        if (c == ':')
            return sm_err_set(err, SM_EXIT_USAGE, "see --help for the options",
                              "option %s needs an argument", given);
        int i = c >= FIRST_LONG ? c - FIRST_LONG : by_letter(&flat, c);
        if (i < 0)
            return bad_option(&flat, given, err);
        if (!set_option(flat.options[i], flat.settings[i], optarg, err))
            return false;
    }
    *first = optind;
    return true;
}

/* A number below the lowest allowed value means "not set". */
static bool is_set(const struct sm_opt *o, const void *field)
{
    switch (o->kind) {
    case SM_OPT_TITLE:
        return false;
    case SM_OPT_FLAG:
        return *(const bool *)field;
    case SM_OPT_INT:
        return (double)*(const long *)field >= o->low;
    case SM_OPT_REAL:
        return *(const double *)field >= o->low;
    case SM_OPT_TEXTS:
        return ((const struct sm_string_list *)field)->count > 0;
    default:
        return *(const char *const *)field;
    }
}

static void write_value(const struct sm_opt *o, const void *field, struct sm_buf *out)
{
    sm_buf_printf(out, "\"%s\":", o->name);
    switch (o->kind) {
    case SM_OPT_FLAG:
        sm_buf_str(out, "true");
        break;
    case SM_OPT_INT:
        sm_buf_printf(out, "%ld", *(const long *)field);
        break;
    case SM_OPT_REAL:
        sm_buf_printf(out, "%.10g", *(const double *)field);
        break;
    case SM_OPT_TEXTS:
        sm_buf_printf(out, "%zu", ((const struct sm_string_list *)field)->count);
        break;
    default:
        sm_json_cstring(out, *(const char *const *)field);
    }
}

void sm_opt_json(const struct sm_opt_group *groups, struct sm_buf *out)
{
    bool first = true;
    sm_buf_char(out, '{');
    for (; groups->options; groups++) {
        for (const struct sm_opt *o = groups->options; o->name; o++) {
            const void *field = (const char *)groups->settings + o->offset;
            if (!is_set(o, field))
                continue;
            if (!first)
                sm_buf_char(out, ',');
            write_value(o, field, out);
            first = false;
        }
    }
    sm_buf_char(out, '}');
}
