/* Objects that hold rows instead of being one: {"data": [...]}, pages of the datasets server,
 * {"train": [...], "test": [...]}. */
#include "lib/data/internal/rows.h"

#include "lib/base/mem.h"

#define NAME_MAX_BYTES 4096

/* The usual names of a list of rows, the likeliest first. */
static const char *const usual[] = {"rows",        "data",    "examples",  "instances",  "records",
                                    "items",       "samples", "entries",   "results",    "dataset",
                                    "preferences", "pairs",   "questions", "comparisons"};
#define USUAL (sizeof usual / sizeof *usual)

static const char *const splits[] = {"train", "training", "test", "testing", "validation",
                                     "valid", "val",      "dev",  "eval"};

static bool is_name(const char *text, size_t len, const char *name)
{
    return strlen(name) == len && memcmp(text, name, len) == 0;
}

/* The name of a split may have more behind it: train_prefs. */
static bool is_split(const char *name, size_t len)
{
    const char *rest = memchr(name, '_', len);
    for (size_t i = 0; i < sizeof splits / sizeof *splits; i++) {
        if (is_name(name, rest ? (size_t)(rest - name) : len, splits[i]))
            return true;
    }
    return false;
}

static size_t usual_rank(const char *name, size_t len)
{
    size_t i = 0;
    while (i < USUAL && !is_name(name, len, usual[i]))
        i++;
    return i;
}

/* A member of an object, of whose text some may be missing. */
struct part {
    const char *name, *value, *end;
    size_t name_len;
};

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
        p++;
    return p;
}

/* The place of the quote that closes the string at `p`; `end` if there is none. */
static const char *string_end(const char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++)
        p += *p == '\\';
    return p < end ? p : end;
}

/* Start with *at at the bracket of the object. False if no more members can be made out. */
static bool next_part(const char **at, const char *end, struct part *part)
{
    const char *p = skip_space(*at, end);
    if (p < end && (*p == '{' || *p == ','))
        p = skip_space(p + 1, end);
    if (p == end || *p != '"')
        return false;
    part->name = p + 1;
    p = string_end(p, end);
    if (p == end)
        return false;
    part->name_len = (size_t)(p - part->name);
    p = skip_space(p + 1, end);
    if (p == end || *p != ':')
        return false;
    struct sm_nesting nesting = {0};
    part->value = skip_space(p + 1, end);
    part->end =
        part->value + sm_nesting_scan(&nesting, part->value, (size_t)(end - part->value), true);
    *at = part->end;
    return true;
}

/* The first object of a list of objects; NULL if the value is something else. */
static const char *first_object(const struct part *part)
{
    const char *p = part->value;
    if (p == part->end || *p != '[')
        return NULL;
    p = skip_space(p + 1, part->end);
    return p < part->end && *p == '{' ? p : NULL;
}

/* Whether it is called like a column that a row needs. A name with escapes may be. */
static bool is_column(const struct sm_rows *rows, const struct part *part)
{
    bool is = memchr(part->name, '\\', part->name_len);
    for (size_t i = 0; !is && i < rows->columns_needed_count; i++)
        is = is_name(part->name, part->name_len, rows->columns_needed[i]);
    return is;
}

static bool has_column(const struct sm_rows *rows, const char *object, const char *end)
{
    struct part part;
    while (next_part(&object, end, &part)) {
        if (is_column(rows, &part))
            return true;
    }
    return false;
}

/* What is known of an object's lists of objects. */
struct lists {
    size_t count, splits;
    size_t rank;                 /* of the best usual name */
    struct part best;            /* what is called so; else a list whose first item has a column */
    bool splits_last, best_last; /* such a list is the last member, and may be cut off */
};

static void add_list(const struct sm_rows *rows, const struct part *part, const char *object,
                     struct lists *lists)
{
    size_t rank = usual_rank(part->name, part->name_len);
    bool split = is_split(part->name, part->name_len);
    bool better = rank < lists->rank;
    if (!split && rank == USUAL && lists->rank == USUAL)
        better = !lists->best.name && has_column(rows, object, part->end);
    lists->count++;
    lists->splits += split;
    lists->splits_last = split;
    lists->best_last = better;
    if (better) {
        lists->rank = rank;
        lists->best = *part;
    }
}

bool sm_rows_is_wrapper(struct sm_rows *rows, bool whole)
{
    const char *at = sm_buf_text(&rows->text), *end = at + rows->text.len, *object;
    struct lists lists = {.rank = USUAL};
    struct part part;
    if (*at != '{')
        return false;
    while (next_part(&at, end, &part)) {
        if (is_column(rows, &part))
            return false;
        lists.splits_last = lists.best_last = false;
        if ((object = first_object(&part)))
            add_list(rows, &part, object, &lists);
    }
    rows->splits = lists.splits > 0;
    if (rows->splits)
        return whole || lists.splits_last;
    if (!lists.best.name || (lists.rank == USUAL && lists.count > 1))
        return false;
    sm_buf_clear(&rows->wanted);
    sm_buf_add(&rows->wanted, lists.best.name, lists.best.name_len);
    return whole || lists.best_last;
}

static enum sm_read cut_off(struct sm_rows *rows, struct sm_err *err)
{
    return sm_rows_fail(rows, "get the whole file again",
                        "the object around the rows does not end: the file is cut off", err);
}

/* Reads the name of a member, at its quote, into rows->member. False if it does not end. */
static bool take_name(struct sm_rows *rows)
{
    int c;
    sm_buf_clear(&rows->member);
    rows->member.max = NAME_MAX_BYTES;
    sm_byte_reader_take(&rows->bytes);
    while ((c = sm_byte_reader_take(&rows->bytes)) >= 0 && c != '"') {
        sm_buf_char(&rows->member, (char)c);
        if (c == '\\')
            sm_byte_reader_take(&rows->bytes);
    }
    return c == '"';
}

/* Skips a value, in whose outermost bracket we may be already. */
static void skip_value(struct sm_rows *rows, bool inside)
{
    const char *from;
    size_t len, used = 0;
    rows->nesting = (struct sm_nesting){.depth = inside, .open = {'['}};
    while ((len = sm_byte_reader_ahead(&rows->bytes, 1, &from))) {
        used = sm_nesting_scan(&rows->nesting, from, len, true);
        sm_byte_reader_drop(&rows->bytes, used);
        if (used < len)
            return;
    }
}

static bool is_wanted(const struct sm_rows *rows)
{
    const char *name = sm_buf_text(&rows->member);
    if (rows->member.over)
        return false;
    return rows->splits ? is_split(name, rows->member.len)
                        : strcmp(name, sm_buf_text(&rows->wanted)) == 0;
}

enum sm_read sm_rows_next_array(struct sm_rows *rows, struct sm_err *err)
{
    struct sm_byte_reader *bytes = &rows->bytes;
    int c;
    while ((c = sm_byte_reader_skip(bytes)) >= 0) {
        rows->line = bytes->line;
        if (c == '}' || c == ',')
            sm_byte_reader_take(bytes);
        if (c == '}')
            return SM_READ_END;
        if (c == ',')
            continue;
        if (c != '"' || !take_name(rows) || sm_byte_reader_skip(bytes) != ':')
            return sm_byte_reader_peek(bytes) < 0
                       ? cut_off(rows, err)
                       : sm_rows_fail(rows, "see what jq says of the file",
                                      "not valid JSON around the rows: the rest is not read", err);
        sm_byte_reader_take(bytes);
        bool list = sm_byte_reader_skip(bytes) == '[' && is_wanted(rows);
        if (list) {
            sm_byte_reader_take(bytes);
            c = sm_byte_reader_skip(bytes);
            if (c == '{' || c == ']')
                return SM_READ_LINE;
        }
        skip_value(rows, list);
    }
    return cut_off(rows, err);
}
