#include "cmd/common/run_record.h"

#include "lib/json/record.h"

void run_record_begin(const struct app *app, struct sm_buf *out)
{
    sm_record_open(out, SM_RUN, NULL);
    sm_buf_printf(out, ",\"program\":\"%s\",\"version\":\"%s\"", app->program->name, SM_VERSION);
}

void run_record_options(const struct app *app, struct sm_buf *out)
{
    sm_buf_str(out, ",\"options\":");
    sm_opt_json(app->groups, out);
}

void run_record_end(struct app *app, struct sm_buf *out, const char *extra)
{
    if (extra)
        sm_buf_str(out, extra);
    sm_buf_printf(out, ",\"seconds\":%.3f}\n", app_elapsed(app));
    app_write(app, out->data, out->len);
}

void run_record_write(struct app *app, const char *extra)
{
    struct sm_buf out = {0};
    run_record_begin(app, &out);
    run_record_options(app, &out);
    run_record_end(app, &out, extra);
    sm_buf_release(&out);
}
