#include "cmd/report/user.h"

#include "cmd/eval/figures.h"
#include "cmd/eval/result.h"
#include "cmd/report/text.h"

#include "lib/json/json.h"
#include "lib/judge/judge.h"

#include <math.h>

#define ABOUT_CHARACTERS 160

/* One user's records, while the user is worked on. */
struct person {
    struct report *report;
    const char *user;
    struct entry {
        const struct sm_user_line *line;
        struct sm_record_view view;
        size_t index; /* of a pair: its own, or its place among the pairs */
    } * entries;
    size_t count;
    struct taught taught;
    struct sm_string_set *judged; /* pairs with a verdict, by index in decimal */
    struct sm_scorer *scorer;
    size_t verdicts;
    bool given; /* the input has its figures */
    struct row row;
    struct sm_buf out;
};

/* Records that the page has no use for are counted, not held. */
static bool is_shown(enum sm_type type)
{
    return type != SM_TRACE && type != SM_RUN && type != SM_OTHER && type != SM_COMPARISON;
}

static void name_index(struct sm_string_set *names, size_t index)
{
    char text[24];
    bool known;
    snprintf(text, sizeof text, "%zu", index);
    sm_string_set_add(names, text, &known);
}

static bool has_index(const struct sm_string_set *names, size_t index)
{
    char text[24];
    bool known;
    snprintf(text, sizeof text, "%zu", index);
    sm_string_set_find(names, text, &known);
    return known;
}

static void begin_record(struct person *p)
{
    sm_buf_char(&p->out, p->out.len ? ',' : '[');
}

static jv parse(const struct entry *entry)
{
    jv value = jv_invalid();
    sm_json_parse(entry->line->text, entry->line->len, &value, NULL); /* what was viewed is valid */
    return value;
}

/* Looks at the lines of a user, each once. */
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
        sm_err_clear(&err); /* was told when the line was read */
        return;
    }
    p->verdicts++;
    p->taught.verdicts[!verdict.untaught]++;
    name_index(p->judged, verdict.index);
    if (sm_scorer_verdict(p->scorer, &verdict))
        return;
    sm_err_set(
        &err, SM_EXIT_PARTIAL, "give the verdicts of one run of the judge",
        "user %s has a verdict for pair %zu, order %s, already; the later one is not counted",
        p->user, verdict.index, verdict.reverse ? "reverse" : "forward");
    app_fail(app, &err);
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
        name_index(p->judged, index);
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

static void read_learned(struct person *p, enum sm_type type, jv record)
{
    static const char *const kinds[] = {"zero-shot", "labels", "bootstrapped"};
    const char *text = sm_json_text(record, "persona", NULL);
    const char *won = sm_json_text(record, "won", NULL);
    struct sm_buf about = {0};
    if (type == SM_PERSONA && text) {
        report_plain(&about, text, ABOUT_CHARACTERS);
        free(p->row.about);
        p->row.about = sm_buf_take(&about);
    }
    if (type != SM_DEMOS || !sm_demos_for_judge(sm_json_text(record, "stage", NULL)))
        return;
    p->row.won = "imported";
    for (size_t i = 0; won && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(won, kinds[i]) == 0)
            p->row.won = kinds[i];
    }
}

/* Figures that the input brings go before those that are counted here, and these before those of
 * several files, of which it is the last one's. */
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
    jv value =
        type == SM_RESULT || type == SM_PERSONA || type == SM_DEMOS ? parse(entry) : jv_invalid();
    if (type == SM_VERDICT)
        read_verdict(p, &entry->view);
    else if (type == SM_ERROR)
        read_error(p, &entry->view);
    else if (type == SM_RESULT)
        read_result(p, value);
    else
        read_learned(p, type, value);
    jv_free(value);
    p->row.pending |= type == SM_PENDING;
    if (type == SM_VERDICT || type == SM_TRACE || type == SM_PERSONA)
        sm_cost_add(&cost, &entry->view);
    sm_scorer_cost(p->scorer, &cost);
}

/* The pairs first: how long they are is to be known when their verdicts come. */
static void count(struct person *p)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->entries[i].view.type == SM_PAIR)
            measure_pair(p, &p->entries[i]);
    }
    for (size_t i = 0; i < p->count; i++)
        count_record(p, &p->entries[i]);
}

/* The user's own `result`, as sm-eval would write it. */
static void score(struct person *p)
{
    struct eval *e = &p->report->eval;
    struct judged *judged = &p->report->judged;
    struct sm_pair_predictions *outcomes = NULL;
    struct sm_buf text = {0};
    size_t room = 0, used = 0;
    const struct sm_tally *t = sm_scorer_tally(p->scorer);
    bool known;
    judged->pending_users += p->row.pending;
    if (p->verdicts == 0 && t->failed == 0)
        return;
    sm_string_set_add(judged->users, p->user, &known);
    eval_keep_learned(judged, &p->taught);
    if (e->method == SM_CI_CLUSTER)
        used = sm_scorer_outcomes(p->scorer, &outcomes, 0, &room);
    struct sm_ci ci = eval_interval(e, t, outcomes, used);
    if (eval_scored(e, t) > 0)
        judged->last = ci;
    eval_keep(e, judged, t);
    eval_result(e, &text, judged, p->user, t, ci);
    jv result = jv_invalid();
    struct sm_err err = {0};
    if (!p->given && sm_json_parse(sm_buf_text(&text), text.len, &result, &err)) {
        p->row.result = report_result_of(result);
        p->row.counted = true;
        begin_record(p);
        report_json(&p->out, result);
    }
    jv_free(result);
    sm_err_clear(&err);
    free(outcomes);
    sm_buf_release(&text);
}

/* With the index that it has or would have. */
static void write_pair(struct person *p, const struct entry *entry)
{
    jv value = jv_object_set(parse(entry), jv_string("type"), jv_string("pair"));
    value = jv_object_set(value, jv_string("index"), jv_number((double)entry->index));
    report_json(&p->out, value);
    jv_free(value);
}

/* A line that only libjq takes is written anew: a browser would not read it. */
static void write_line(struct person *p, const struct entry *entry)
{
    if (entry->view.literal) {
        report_json_text(&p->out, entry->line->text, entry->line->len);
        return;
    }
    jv value = parse(entry);
    report_json(&p->out, value);
    jv_free(value);
}

/* What the page holds of the user: the records, of pairs those that were judged. */
static void write_block(struct person *p)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct entry *entry = &p->entries[i];
        bool pair = entry->view.type == SM_PAIR;
        if (pair ? !has_index(p->judged, entry->index) : !is_shown(entry->view.type))
            continue;
        begin_record(p);
        if (pair)
            write_pair(p, entry);
        else
            write_line(p, entry);
    }
    sm_buf_str(&p->out, p->out.len ? "]\n" : "[]\n");
    fwrite(p->out.data, 1, p->out.len, p->report->blocks);
}

bool report_user(void *arg, const char *user, struct sm_user_lines *lines)
{
    struct report *report = arg;
    struct person p = {.report = report, .user = user, .judged = sm_string_set_open()};
    p.scorer = sm_scorer_open();
    p.row = (struct row){.user = sm_strdup(user), .result = {.accuracy = NAN, .low = NAN}};
    view_lines(&p, lines);
    count(&p);
    score(&p);
    write_block(&p);
    report->rows =
        sm_grow(report->rows, report->row_count, &report->row_room, sizeof *report->rows);
    report->rows[report->row_count++] = p.row;
    report->counted += p.row.counted;
    for (size_t i = 0; i < p.count; i++)
        sm_record_view_release(&p.entries[i].view);
    free(p.entries);
    sm_string_set_close(p.judged);
    sm_scorer_close(p.scorer);
    sm_buf_release(&p.out);
    return !ferror(report->blocks);
}
