#include "lib/io/reader.h"

void sm_reader_open(struct sm_reader *reader, const char *const *names, size_t count,
                    const char *default_user, sm_report_fn *report, void *arg)
{
    *reader = (struct sm_reader){.input = sm_input_open(names, count),
                                 .report = report,
                                 .arg = arg,
                                 .default_user = default_user};
}

void sm_reader_close(struct sm_reader *reader)
{
    sm_input_close(reader->input);
    sm_record_view_release(&reader->view);
    *reader = (struct sm_reader){0};
}

static void report_problem(struct sm_reader *reader, size_t line, int code, struct sm_err *err)
{
    err->code = code;
    reader->report(reader->arg, sm_input_name(reader->input), line, err);
    sm_err_clear(err);
}

void sm_reader_bad(struct sm_reader *reader, struct sm_err *err)
{
    report_problem(reader, sm_input_line(reader->input), SM_EXIT_PARTIAL, err);
}

enum sm_read sm_reader_line(struct sm_reader *reader, bool wait, const char **line, size_t *len)
{
    struct sm_err err = {0};
    for (;;) {
        enum sm_read what = sm_input_next(reader->input, wait, line, len, &err);
        if (what == SM_READ_BAD) {
            sm_reader_bad(reader, &err);
        } else if (what == SM_READ_FAIL) {
            reader->failed = true;
            report_problem(reader, 0, SM_EXIT_INPUT, &err);
        } else {
            return what;
        }
    }
}

enum sm_read sm_reader_each(struct sm_reader *reader, bool wait, const char **line, size_t *len,
                            struct sm_err *err)
{
    sm_input_each(reader->input);
    for (;;) {
        enum sm_read what = sm_input_next(reader->input, wait, line, len, err);
        if (what != SM_READ_FAIL)
            return what;
        reader->failed = true;
        report_problem(reader, 0, SM_EXIT_INPUT, err);
    }
}

enum sm_read sm_reader_record(struct sm_reader *reader, bool wait, const char **line, size_t *len)
{
    struct sm_err err = {0};
    for (;;) {
        enum sm_read what = sm_reader_line(reader, wait, line, len);
        if (what != SM_READ_LINE)
            return what;
        if (!sm_record_view_read(&reader->view, *line, *len, reader->default_user, &err))
            sm_reader_bad(reader, &err);
        else if (sm_shard_has(&reader->shard, reader->view.user))
            return what;
    }
}

bool sm_read_lines(const char *path, sm_each_line_fn *each, void *arg, struct sm_err *err)
{
    struct sm_input *input = sm_input_open(&path, 1);
    const char *line;
    size_t len;
    enum sm_read what = SM_READ_LINE;
    bool ok = true;
    while (ok && (what = sm_input_next(input, true, &line, &len, err)) == SM_READ_LINE)
        ok = each(arg, line, len, sm_input_offset(input), err);
    ok = ok && what == SM_READ_END;
    if (!ok && sm_input_line(input) > 0)
        sm_err_prefix(err, "%s:%zu", path, sm_input_line(input));
    else if (!ok)
        sm_err_prefix(err, "%s", path);
    sm_input_close(input);
    return ok;
}
