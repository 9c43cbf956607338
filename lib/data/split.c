#include "lib/data/split.h"

#include "lib/base/mem.h"
#include "lib/base/rng.h"
#include "lib/base/string_set.h"
#include "lib/json/json.h"
#include "lib/json/raw.h"
#include "lib/json/record.h"

#define FLIP_SEED 42 /* the reference's */

/* A pair and what is decided about it. */
struct row {
    const struct sm_user_line *line;
    enum sm_split split;
    bool fixed; /* it came with a split */
    bool labeled, has_flip, flip;
    char *group; /* the group field's value as JSON text, or NULL */
};

static char *group_value(jv object, const char *field)
{
    jv value = field ? sm_json_get(object, field) : jv_invalid();
    char *text = NULL;
    if (jv_is_valid(value) && jv_get_kind(value) != JV_KIND_NULL) {
        struct sm_buf buf = {0};
        sm_json_value(&buf, value);
        text = sm_buf_take(&buf);
    }
    jv_free(value);
    return text;
}

static void read_row(const struct sm_user_line *line, const char *field, struct row *row)
{
    struct sm_record record;
    struct sm_pair pair;
    *row = (struct row){.line = line};
    if (!sm_record_parse(line->text, line->len, "", &record, NULL))
        return;
    sm_pair_from(&record, 0, &pair);
    row->split = pair.split;
    row->fixed = pair.split != SM_SPLIT_NONE;
    row->labeled = pair.labeled;
    row->has_flip = pair.has_flip;
    row->flip = pair.flip;
    row->group = group_value(record.value, field);
    if (!row->labeled && !row->fixed) {
        row->split = SM_SPLIT_TEST; /* nobody has chosen: there is nothing to learn */
        row->fixed = true;
    }
    sm_pair_release(&pair);
    sm_record_release(&record);
}

static void shuffle_pairs(const struct sm_split_options *options, struct sm_user_lines *lines)
{
    size_t n = 0;
    size_t *order = sm_alloc(lines->count, sizeof *order), *at = sm_alloc(lines->count, sizeof *at);
    struct sm_user_line *copy = sm_alloc(lines->count, sizeof *copy);
    for (size_t i = 0; i < lines->count; i++) {
        copy[i] = lines->at[i];
        if (lines->at[i].pair) {
            order[n] = i;
            at[n++] = i;
        }
    }
    struct sm_rng rng;
    sm_rng_seed(&rng, options->shuffle);
    sm_rng_shuffle(&rng, order, n);
    for (size_t i = 0; i < n; i++)
        lines->at[at[i]] = copy[order[i]];
    free(order);
    free(at);
    free(copy);
}

/* The first row of the same group before `i`, or `i`. `groups` are those so far, `leaders` their
 * first rows. */
static size_t leader(const struct row *rows, size_t i, struct sm_string_set *groups,
                     size_t *leaders)
{
    bool known = true;
    if (!rows[i].group)
        return i;
    size_t group = sm_string_set_add(groups, rows[i].group, &known);
    if (!known)
        leaders[group] = i;
    return leaders[group];
}

static void divide(const struct sm_split_options *options, struct row *rows, size_t count)
{
    size_t n = 0, place = 0;
    for (size_t i = 0; i < count; i++)
        n += !rows[i].fixed;
    double wanted = options->test < 1 ? options->test * (double)n : options->test;
    size_t held = wanted < (double)n ? (size_t)wanted : n;
    size_t learned = n - held, train = (size_t)(options->ratio * (double)learned);
    struct sm_string_set *groups = sm_string_set_open();
    size_t *leaders = sm_alloc(count + 1, sizeof *leaders);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].fixed)
            continue;
        size_t first = leader(rows, i, groups, leaders);
        if (first < i)
            rows[i].split = rows[first].split;
        else if (place < train)
            rows[i].split = SM_SPLIT_TRAIN;
        else
            rows[i].split = place < learned ? SM_SPLIT_VAL : SM_SPLIT_TEST;
        place++;
    }
    sm_string_set_close(groups);
    free(leaders);
}

static void flip_split(struct row *rows, size_t count, enum sm_split split)
{
    struct sm_rng rng;
    sm_rng_seed(&rng, FLIP_SEED);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].split != split || rows[i].has_flip || !rows[i].labeled)
            continue;
        rows[i].flip = sm_rng_bool(&rng);
        rows[i].has_flip = true;
    }
}

static bool is_ours(const struct sm_raw *member)
{
    static const char *const names[] = {"type", "user_id", "index", "split", "flip"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (sm_raw_key_is(member, names[i]))
            return true;
    }
    return false;
}

static void write_member(struct sm_buf *out, const struct sm_raw *member)
{
    sm_buf_str(out, ",\"");
    sm_buf_add(out, member->key, member->key_len);
    sm_buf_str(out, "\":");
    sm_buf_add(out, member->value, member->value_len);
}

/* Copies the other members byte for byte. A foreign `type` goes under another name. */
static void write_members(struct sm_buf *out, const struct sm_user_line *line)
{
    const char *at = line->text, *end = line->text + line->len;
    struct sm_raw member, type = {0};
    bool has_source = false;
    while (sm_raw_next_member(&at, end, &member)) {
        has_source |= sm_raw_key_is(&member, "source_type");
        if (sm_raw_key_is(&member, "type"))
            type = member;
    }
    bool foreign = type.value && !(type.value_len == 6 && memcmp(type.value, "\"pair\"", 6) == 0);
    if (foreign && !has_source) {
        struct sm_raw renamed = type;
        renamed.key = "source_type";
        renamed.key_len = strlen(renamed.key);
        write_member(out, &renamed);
    }
    for (at = line->text; sm_raw_next_member(&at, end, &member);) {
        if (!is_ours(&member))
            write_member(out, &member);
    }
}

static void write_pair(struct sm_buf *out, const char *user, const struct row *row, size_t index)
{
    sm_record_open(out, SM_PAIR, user);
    sm_buf_printf(out, ",\"index\":%zu,\"split\":\"%s\"", index, sm_split_name(row->split));
    if (row->has_flip)
        sm_buf_printf(out, ",\"flip\":%s", row->flip ? "true" : "false");
    write_members(out, row->line);
    sm_buf_str(out, "}\n");
}

void sm_split_user(const struct sm_split_options *options, const char *user,
                   struct sm_user_lines *lines, struct sm_buf *out, struct sm_split_counts *counts)
{
    if (options->shuffle >= 0)
        shuffle_pairs(options, lines);
    struct row *rows = sm_alloc(lines->count, sizeof *rows);
    size_t count = 0, next = 0;
    for (size_t i = 0; i < lines->count; i++) {
        if (lines->at[i].pair)
            read_row(&lines->at[i], options->group, &rows[count++]);
    }
    divide(options, rows, count);
    flip_split(rows, count, SM_SPLIT_TRAIN);
    flip_split(rows, count, SM_SPLIT_VAL);
    for (size_t i = 0; i < lines->count; i++) {
        if (lines->at[i].pair) {
            write_pair(out, user, &rows[next], next);
            next++;
            continue;
        }
        sm_buf_add(out, lines->at[i].text, lines->at[i].len);
        sm_buf_char(out, '\n');
    }
    for (size_t i = 0; i < count; i++) {
        counts->train += rows[i].split == SM_SPLIT_TRAIN;
        counts->val += rows[i].split == SM_SPLIT_VAL;
        counts->test += rows[i].split == SM_SPLIT_TEST;
        free(rows[i].group);
    }
    free(rows);
}
