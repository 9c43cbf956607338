/* What is told of rows, or kept for a guess. */
#include "cmd/import/import.h"

void import_trial_bad(struct import_trial *trial, const char *where, struct sm_err *err)
{
    if (trial->bad++ == 0) {
        sm_buf_printf(&trial->first, "%s%s%s", where ? where : "", where ? ": " : "", err->message);
        trial->remedy = err->remedy ? sm_strdup(err->remedy) : NULL;
    }
    sm_err_clear(err);
}

static void place(const struct importer *importer, size_t line, struct sm_buf *out)
{
    sm_buf_printf(out, "%s%s%zu", importer->source, importer->unit, line);
}

void import_bad(struct importer *importer, size_t line, struct sm_err *err)
{
    struct sm_buf where = {0};
    place(importer, line, &where);
    importer->bad++;
    if (!importer->trial)
        app_bad_at(importer->app, where.data, err);
    else
        import_trial_bad(importer->trial, where.data, err);
    sm_buf_release(&where);
}

void import_fail(struct importer *importer, struct sm_err *err)
{
    if (!importer->trial)
        app_fail(importer->app, err);
    else
        import_trial_bad(importer->trial, NULL, err);
}

void import_count(struct importer *importer, struct import_tally *tally, const char *reason,
                  size_t line)
{
    struct sm_buf where = {0};
    place(importer, line, &where);
    import_tally_add(tally, reason, where.data);
    sm_buf_release(&where);
}
