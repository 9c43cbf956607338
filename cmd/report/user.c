#include "cmd/report/user.h"

#include "cmd/eval/figures.h"
#include "cmd/eval/result.h"
#include "cmd/report/about.h"
#include "cmd/report/block.h"
#include "cmd/report/kept.h"

#include "lib/json/json.h"
#include "lib/judge/judge.h"

#include <math.h>

/* One user's records while they are processed. */
struct person {
    struct report *report;
    const char *user;
    struct entry {
        const struct sm_user_line *line;
        struct sm_record_view view;
        size_t index; /* a pair's own, or its place among the pairs */
        bool against; /* of the other judge */
    } * entries;
    size_t count;
    struct taught taught;
    struct sm_string_set *judged; /* pairs with a verdict, by index in decimal */
    struct sm_scorer *scorer;
    struct duels duels;
    size_t verdicts;
    bool given; /* the input has its figures */
    struct user_row row;
    struct sm_buf out;
};

static void add_index(struct sm_string_set *set, size_t index)
{
    char text[24];
    bool known;
    snprintf(text, sizeof text, "%zu", index);
    sm_string_set_add(set, text, &known);
}

static bool has_index(const struct sm_string_set *set, size_t index)
{
    char text[24];
    bool known;
    snprintf(text, sizeof text, "%zu", index);
    sm_string_set_find(set, text, &known);
    return known;
}

static void begin_record(struct person *p)
{
    sm_buf_char(&p->out, p->out.len ? ',' : '[');
}

static jv parse(const struct entry *entry)
{
    jv value = jv_invalid();
    /* It was viewed, so it is valid. */
    sm_json_parse(entry->line->text, entry->line->len, &value, NULL);
    return value;
}

/* Views the lines of a user; equal ones count once. */
static void view_lines(struct person *p, const struct sm_user_lines *lines)
{
    struct sm_string_set *seen = sm_string_set_open();
    size_t pairs = 0;
    p->entries = sm_alloc(lines->count, sizeof *p->entries);
    for (size_t i = 0; i < lines->count; i++) {
        const struct sm_user_line *line = &lines->at[i];
        struct entry *entry = &p->entries[p->count];
        bool known;
        sm_string_set_add(seen, line->text, &known);
        if (known || !sm_record_view_read(&entry->view, line->text, line->len, p->user, NULL))
            continue;
        entry->line = line;
        entry->against = *line->text == REPORT_AGAINST;
        if (entry->view.type == SM_PAIR)
            entry->index = (size_t)sm_raw_number(&entry->view.at[SM_FIELD_INDEX], (double)pairs++);
        p->count++;
    }
    sm_string_set_close(seen);
}

static void read_verdict(struct person *p, const struct sm_record_view *view)
{
    struct app *app = p->report->eval.app;
    struct sm_verdict verdict;
    struct sm_err err = {0};
    if (!sm_verdict_from(view, &verdict, &err)) {
        sm_err_clear(&err); /* it was reported when the line was read */
        return;
    }
    p->verdicts++;
    p->taught.verdicts[!verdict.untaught]++;
    add_index(p->judged, verdict.index);
    if (verdict.labeled)
        duels_add(&p->duels, verdict.index, verdict.reverse, false, verdict.prediction > 0);
    switch (sm_scorer_verdict(p->scorer, &verdict)) {
    case SM_COUNTED:
        return;
    case SM_TAKEN:
        sm_err_set(
            &err, SM_EXIT_PARTIAL, "give the verdicts of one run of the judge",
            "user %s has a verdict for pair %zu, order %s, already; the later one is not counted",
            p->user, verdict.index, verdict.reverse ? "reverse" : "forward");
        break;
    case SM_CONTRADICTS:
        sm_err_set(&err, SM_EXIT_PARTIAL, "see sm-records(5) for the fields of a record",
                   "user %s, pair %zu: `debiased` contradicts the verdicts of the two orders",
                   p->user, verdict.index);
        break;
    }
    app_fail(app, &err);
}

/* A verdict of the other judge: it is set beside this one's, and counts in nothing else. */
static void read_against(struct person *p, const struct sm_record_view *view)
{
    struct sm_verdict verdict;
    struct sm_err err = {0};
    if (view->type == SM_VERDICT && sm_verdict_from(view, &verdict, &err) && verdict.labeled)
        duels_add(&p->duels, verdict.index, verdict.reverse, true, verdict.prediction > 0);
    sm_err_clear(&err);
}

static void read_error(struct person *p, const struct sm_record_view *view)
{
    struct sm_err err = {0};
    size_t index;
    bool reverse;
    p->row.failed++;
    if (!sm_verdict_place(view, &index, &reverse, &err)) {
        sm_scorer_failed_user(p->scorer);
    } else {
        add_index(p->judged, index);
        sm_scorer_failed(p->scorer, index, reverse);
    }
    sm_err_clear(&err);
}

static void measure_pair(struct person *p, const struct entry *entry)
{
    const struct sm_raw *at = entry->view.at;
    bool learned = sm_raw_is(&at[SM_FIELD_SPLIT], sm_split_name(SM_SPLIT_TRAIN)) ||
                   sm_raw_is(&at[SM_FIELD_SPLIT], sm_split_name(SM_SPLIT_VAL));
    p->taught.pairs += learned;
    if (!learned && at[SM_FIELD_CHOSEN].value)
        sm_scorer_pair(p->scorer, entry->index, sm_reply_length(&at[SM_FIELD_CHOSEN]),
                       sm_reply_length(&at[SM_FIELD_REJECTED]));
}

/* The last one counts. */
static void read_about(struct person *p, jv record)
{
    char *about = report_about(record);
    if (!about)
        return;
    free(p->row.about);
    p->row.about = about;
}

static void read_demos(struct person *p, jv record)
{
    static const char *const kinds[] = {"zero-shot", "labels", "bootstrapped"};
    const char *won = sm_json_text(record, "won", NULL);
    if (!sm_demos_for_judge(sm_json_text(record, "stage", NULL)))
        return;
    p->row.won = "imported";
    for (size_t i = 0; won && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(won, kinds[i]) == 0)
            p->row.won = kinds[i];
    }
}

/* The input's own figures come before those counted here, and these before figures by file, of
 * which the last ones count. */
static void read_result(struct person *p, jv record)
{
    bool of_file = sm_json_text(record, "file", NULL) != NULL;
    if (of_file && p->given)
        return;
    p->given = !of_file;
    p->row.result = report_result_of(record);
    p->row.counted = true;
}

static void count_record(struct person *p, const struct entry *entry)
{
    enum sm_type type = entry->view.type;
    struct sm_cost cost = {0};
    bool about = report_is_about(&entry->view);
    jv value = type == SM_RESULT || type == SM_DEMOS || about ? parse(entry) : jv_invalid();
    if (type == SM_VERDICT)
        read_verdict(p, &entry->view);
    else if (type == SM_ERROR)
        read_error(p, &entry->view);
    else if (type == SM_RESULT)
        read_result(p, value);
    else if (type == SM_DEMOS)
        read_demos(p, value);
    else if (about)
        read_about(p, value);
    jv_free(value);
    p->row.pending |= type == SM_PENDING;
    if (type == SM_VERDICT || type == SM_TRACE || type == SM_PERSONA || type == SM_RUBRIC ||
        type == SM_REVISION)
        sm_cost_add(&cost, &entry->view);
    sm_scorer_cost(p->scorer, &cost);
}

/* Pairs come first: verdicts need to know how long they are. */
static void count_records(struct person *p)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->entries[i].view.type == SM_PAIR)
            measure_pair(p, &p->entries[i]);
    }
    for (size_t i = 0; i < p->count; i++) {
        if (p->entries[i].against)
            read_against(p, &p->entries[i].view);
        else
            count_record(p, &p->entries[i]);
    }
    p->row.duels = duels_count(&p->duels);
}

/* Scores the user as sm-eval would, unless the input has its figures. */
static void score_user(struct person *p)
{
    struct eval *e = &p->report->eval;
    struct judged *judged = &p->report->judged;
    struct sm_buf text = {0};
    const struct sm_tally *t = sm_scorer_tally(p->scorer);
    bool known;
    judged->pending_users += p->row.pending;
    if (p->verdicts == 0 && t->failed == 0)
        return;
    sm_string_set_add(judged->users, p->user, &known);
    eval_keep_learned(judged, &p->taught);
    struct estimates figures = eval_figures(e, p->scorer);
    eval_keep(judged, t, &figures);
    eval_result(e, &text, judged, p->user, t, &figures, NULL);
    jv result = jv_invalid();
    struct sm_err err = {0};
    if (!p->given && sm_json_parse(sm_buf_text(&text), text.len, &result, &err)) {
        p->row.result = report_result_of(result);
        p->row.counted = true;
        begin_record(p);
        sm_json_value(&p->out, result);
    }
    jv_free(result);
    sm_err_clear(&err);
    sm_buf_release(&text);
}

/* With its index, or the one that it would have. */
static void write_pair(struct person *p, const struct entry *entry)
{
    jv value = jv_object_set(parse(entry), jv_string("type"), jv_string("pair"));
    value = jv_object_set(value, jv_string("index"), jv_number((double)entry->index));
    sm_json_value(&p->out, value);
    jv_free(value);
}

/* A line that only libjq accepts is written anew: a browser would reject it. The other judge's are
 * marked. */
static void write_line(struct person *p, const struct entry *entry)
{
    if (entry->view.literal && !entry->against) {
        sm_buf_add(&p->out, entry->line->text, entry->line->len);
        return;
    }
    jv value = parse(entry);
    if (entry->against)
        value = jv_object_set(value, jv_string("against"), jv_true());
    sm_json_value(&p->out, value);
    jv_free(value);
}

/* What the page holds of the user: its records, but only those pairs that were judged. */
static void write_block(struct person *p)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct entry *entry = &p->entries[i];
        bool pair = entry->view.type == SM_PAIR;
        if (pair ? !has_index(p->judged, entry->index) : !report_keeps(&entry->view))
            continue;
        begin_record(p);
        if (pair)
            write_pair(p, entry);
        else
            write_line(p, entry);
    }
    sm_buf_str(&p->out, p->out.len ? "]" : "[]");
    report_block(p->report->blocks, &p->out);
}

/* Whether the other judge alone has judged the user. */
static bool is_stranger(const struct person *p)
{
    for (size_t i = 0; i < p->count; i++) {
        if (!p->entries[i].against)
            return false;
    }
    return p->count > 0;
}

static void add_user(struct person *p)
{
    struct report *report = p->report;
    p->row = (struct user_row){.user = sm_strdup(p->user),
                               .result = {.unit = "", .accuracy = NAN, .low = NAN}};
    count_records(p);
    score_user(p);
    write_block(p);
    report->rows =
        sm_grow(report->rows, report->row_count, &report->row_room, sizeof *report->rows);
    report->rows[report->row_count++] = p->row;
    report->counted += p->row.counted;
}

bool report_user(void *arg, const char *user, struct sm_user_lines *lines)
{
    struct report *report = arg;
    struct person p = {.report = report, .user = user, .judged = sm_string_set_open()};
    p.scorer = sm_scorer_open();
    view_lines(&p, lines);
    if (is_stranger(&p))
        report->strangers++;
    else
        add_user(&p);
    for (size_t i = 0; i < p.count; i++)
        sm_record_view_release(&p.entries[i].view);
    free(p.entries);
    duels_release(&p.duels);
    sm_string_set_close(p.judged);
    sm_scorer_close(p.scorer);
    sm_buf_release(&p.out);
    return !ferror(report->blocks);
}
