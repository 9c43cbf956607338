#include "cmd/report/read.h"

#include "cmd/eval/figures.h"
#include "cmd/eval/result.h"
#include "cmd/report/kept.h"
#include "cmd/report/user.h"

#include "cmd/common/environment.h"

#include "lib/base/file.h"
#include "lib/json/json.h"

#include <errno.h>

#define SHARED_MAX 1000

/* Keeps the names of the files that a record names. */
static void keep_names(struct report *report, jv record)
{
    static const char *const members[] = {"file", "a", "b"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        names_add(&report->names, sm_json_text(record, members[i], NULL));
}

/* Keeps a record of nobody, if the page shows it. */
static bool keep_shared(struct report *report, const struct sm_record_view *record,
                        const char *line, size_t len, struct sm_err *err)
{
    jv value;
    if (!report_keeps_shared(record))
        return true;
    if (report->shared_count == SHARED_MAX) {
        report->shared_lost++;
        return true;
    }
    if (!sm_json_parse(line, len, &value, err))
        return false;
    if (record->type == SM_RESULT || record->type == SM_COMPARISON)
        keep_names(report, value);
    for (size_t i = 0; i < report->shared_count; i++) {
        if (jv_equal(jv_copy(report->shared[i]), jv_copy(value))) {
            jv_free(value);
            return true;
        }
    }
    report->shared =
        sm_grow(report->shared, report->shared_count, &report->shared_room, sizeof *report->shared);
    report->shared[report->shared_count++] = value;
    return true;
}

/* Invalid verdicts are reported here, where their line is known. */
static bool is_sound(const struct sm_record_view *record, struct sm_err *err)
{
    struct sm_verdict verdict;
    size_t index;
    bool reverse;
    if (record->type == SM_VERDICT && !record->user)
        return sm_err_set(err, SM_EXIT_PARTIAL, "see sm-records(5) for the fields of a record",
                          "a verdict with `user_id` null");
    if (record->type == SM_VERDICT)
        return sm_verdict_from(record, &verdict, err);
    if (record->type == SM_ERROR)
        sm_verdict_place(record, &index, &reverse, err);
    return !err->message;
}

/* Keeps the file that verdicts come from, if it is one alone. */
static void keep_judge(struct report *report, const char *file)
{
    if (report->judges || (report->judge && strcmp(report->judge, file) == 0))
        return;
    report->judges = report->judge != NULL;
    free(report->judge);
    report->judge = report->judges ? NULL : sm_strdup(file);
}

/* Takes a sound record of the input. False with `err` if it cannot be kept, or with `why` if it is
 * not as it should be. */
static bool take_record(struct report *report, struct sm_user_spool *spool,
                        const struct sm_reader *reader, const char *line, size_t len,
                        struct sm_err *why, struct sm_err *err)
{
    const struct sm_record_view *view = &reader->view;
    if (!view->user)
        return keep_shared(report, view, line, len, why);
    if (view->type == SM_VERDICT)
        keep_judge(report, sm_input_name(reader->input));
    for (; len > 0 && *line == REPORT_AGAINST; len--)
        line++;
    return sm_user_spool_add(spool, view->user, line, len, view->type == SM_PAIR, err);
}

/* Takes a sound record of --against, if the page sets it beside those of the input. */
static bool take_against(struct sm_user_spool *spool, const struct sm_reader *reader,
                         const char *line, size_t len, struct sm_err *err)
{
    const struct sm_record_view *view = &reader->view;
    if (!view->user || !report_keeps_against(view))
        return true;
    struct sm_buf marked = {0};
    sm_buf_char(&marked, REPORT_AGAINST);
    sm_buf_add(&marked, line, len);
    bool ok = sm_user_spool_add(spool, view->user, marked.data, marked.len, false, err);
    sm_buf_release(&marked);
    return ok;
}

/* Reads the input, or with `against` the file of the other judge. */
static bool read_lines(struct report *report, bool against, struct sm_user_spool *spool,
                       struct sm_err *err)
{
    struct sm_reader reader;
    const char *line;
    size_t len;
    bool ok = true;
    if (against)
        app_open_files(report->eval.app, &reader, &report->against, 1);
    else
        app_open_reader(report->eval.app, &reader);
    while (ok && sm_reader_record(&reader, true, &line, &len) == SM_READ_LINE) {
        struct sm_err why = {0};
        if (is_sound(&reader.view, &why))
            ok = against ? take_against(spool, &reader, line, len, err)
                         : take_record(report, spool, &reader, line, len, &why, err);
        if (why.message) {
            sm_reader_bad(&reader, &why);
            ok = true;
        }
    }
    report->unread |= reader.failed;
    sm_reader_close(&reader);
    return ok;
}

/* Finds the figures over all: the input's own, else those counted here. */
static void find_all(struct report *report)
{
    size_t whole = 0;
    for (size_t i = 0; i < report->shared_count; i++) {
        const char *type = sm_json_text(report->shared[i], "type", NULL);
        bool of_file = sm_json_text(report->shared[i], "file", NULL) != NULL;
        if (!type || strcmp(type, "result") != 0 || (of_file && whole > 0))
            continue;
        whole += !of_file;
        jv_free(report->all);
        report->all = jv_copy(report->shared[i]);
    }
    if (whole > 1)
        app_warn(report->eval.app,
                 "%zu results over all, of which the last is shown; to compare judges give it the "
                 "output of sm-eval A.jsonl B.jsonl",
                 whole);
    report->given = whole > 0;
    if (whole || sm_string_set_count(report->judged.users) == 0)
        return;
    struct sm_buf text = {0};
    struct sm_err err = {0};
    struct estimates figures = eval_figures_all(&report->eval, &report->judged);
    jv all;
    eval_result_all(&report->eval, &text, &report->judged, &figures);
    if (sm_json_parse(text.data, text.len, &all, &err)) {
        jv_free(report->all);
        report->all = all;
    }
    sm_err_clear(&err);
    sm_buf_release(&text);
}

/* Standard input has a name only if it is given one. */
static void name_standard(struct report *report)
{
    const char *name = labels_name(&report->labels, "-");
    free(report->judge);
    report->judge = strcmp(name, "-") == 0 ? NULL : sm_strdup(name);
}

static void name_judges(struct report *report)
{
    if (report->judge && strcmp(report->judge, "stdin") == 0)
        name_standard(report);
    else
        names_add_read(&report->names, report->judge);
    names_add_read(&report->names, report->against);
    names_settle(&report->names, &report->labels);
}

bool report_read(struct report *report)
{
    struct sm_err err = {0};
    const char *folder = env_temp_folder();
    report->judged.users = sm_string_set_open();
    report->all = jv_invalid();
    report->blocks = sm_file_unnamed(folder, &err);
    struct sm_user_spool *spool =
        report->blocks ? sm_user_spool_open(folder, report_user, report, &err) : NULL;
    bool ok = spool && read_lines(report, false, spool, &err) &&
              (!report->against || read_lines(report, true, spool, &err)) &&
              sm_user_spool_end(spool, &err);
    if (ok && (ferror(report->blocks) || fflush(report->blocks) != 0))
        ok = sm_err_set(&err, SM_EXIT_INPUT, "make room, or set TMPDIR to a folder that has it",
                        "cannot write the temporary file: %s", strerror(errno));
    sm_user_spool_close(spool);
    if (!ok) {
        app_fail(report->eval.app, &err);
        return false;
    }
    if (report->shared_lost)
        app_warn(report->eval.app, "%zu records of nobody are left out: %d are kept",
                 report->shared_lost, SHARED_MAX);
    if (report->strangers)
        app_warn(report->eval.app, "%zu users of %s are left out: the input does not have them",
                 report->strangers, report->against);
    name_judges(report);
    if (!labels_all_used(&report->labels, &err)) {
        app_fail(report->eval.app, &err);
        return false;
    }
    find_all(report);
    report->eval.app->users = report->row_count;
    return true;
}

void report_release(struct report *report)
{
    for (size_t i = 0; i < report->row_count; i++) {
        free(report->rows[i].user);
        free(report->rows[i].about);
    }
    for (size_t i = 0; i < report->shared_count; i++)
        jv_free(report->shared[i]);
    names_release(&report->names);
    labels_release(&report->labels);
    free(report->judge);
    free(report->label.at);
    free(report->rows);
    free(report->shared);
    jv_free(report->all);
    if (report->judged.users)
        sm_string_set_close(report->judged.users);
    eval_release_users(&report->judged);
    if (report->blocks)
        fclose(report->blocks);
}
