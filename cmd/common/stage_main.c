#include "cmd/common/stage_main.h"

#include <stddef.h>

const struct sm_opt stage_opts[] = {
    SM_OPT_TITLED("Records"),
    {0, "only", NULL, SM_OPT_FLAG, offsetof(struct sm_stage, only), 0, 0,
     "Write only the records that this program makes, not the lines that it read."},
    SM_OPT_END};

const struct sm_opt line_opts[] = {
    {0, "line", NULL, SM_OPT_FLAG, offsetof(struct sm_stage, line), 0, 0,
     "Answer each line as it comes, with --only (see Answering line by line)."},
    SM_OPT_END};

bool line_check(struct sm_stage *stage, const struct client *client, struct app *app,
                const char *clash)
{
    struct sm_err err = {0};
    const char *wrong = app->set.shard        ? "--shard"
                        : client->set.batch   ? "--batch"
                        : client->set.dry_run ? "--dry-run"
                                              : clash;
    stage->only |= stage->line;
    app->told_of_users = stage->line;
    if (stage->line)
        app->counted = "lines";
    if (!stage->line || !wrong)
        return true;
    sm_err_set(&err, SM_EXIT_USAGE, "leave one of them out",
               "%s: with --line each line is answered by itself, at once", wrong);
    app_fail(app, &err);
    return false;
}

static void report_failure(void *arg, struct sm_err *err)
{
    app_fail(arg, err);
}

bool stage_run_over(struct app *app, const struct client *client, struct sm_stage *stage,
                    struct sm_reader *reader, struct sm_output *output)
{
    struct sm_err err = {0};
    stage->llm = client ? client->llm : NULL;
    stage->progress = app->progress;
    stage->interrupted = app_signal();
    stage->report = report_failure;
    stage->report_arg = app;
    bool ok = sm_stage_run(stage, reader, output, &err);
    app->users = stage->users;
    if (!ok)
        app_fail(app, &err);
    sm_reader_close(reader);
    return ok;
}

bool stage_run(struct app *app, const struct client *client, struct sm_stage *stage)
{
    struct sm_reader reader;
    app_open_reader(app, &reader);
    return stage_run_over(app, client, stage, &reader, &app->output);
}

/* What a dry run found: for this program, and for the pipe so far. */
static void report_plan(const struct client *client, struct app *app, const struct sm_stage *stage,
                        struct sm_buf *extra)
{
    struct sm_plan plan = sm_llm_totals(client->llm).plan;
    sm_plan_sum(&plan, &stage->planned);
    if (stage->beside) {
        struct sm_plan beside = sm_llm_totals(stage->beside).plan;
        sm_plan_sum(&plan, &beside);
    }
    client_write_plan(client, "plan", &plan, extra);
    client_say_plan(client, app, "would make ", &plan);
    if (stage->earlier.most.calls > 0) {
        sm_plan_sum(&plan, &stage->earlier);
        client_write_plan(client, "plan_so_far", &plan, extra);
        client_say_plan(client, app, "with the programs before it ", &plan);
    }
}

void stage_finish(struct app *app, const struct client *client, struct sm_stage *stage,
                  bool complete)
{
    enum sm_llm_mode mode = sm_llm_config(client->llm)->mode;
    struct sm_buf extra = {0};
    sm_buf_printf(&extra, ",\"users\":%zu,\"failed_users\":%zu,\"complete\":%s", stage->users,
                  stage->failed_users, complete ? "true" : "false");
    if (stage->summarize)
        stage->summarize(stage, &extra);
    if (mode == SM_LLM_PLAN)
        report_plan(client, app, stage, &extra);
    if (mode == SM_LLM_BATCH && stage->pending_users > 0)
        client_say_pending(client, app);
    client_run_record(client, app, extra.data);
    sm_buf_release(&extra);
}

void stage_main(struct app *app, const struct client *client, struct sm_stage *stage)
{
    stage_finish(app, client, stage, stage_run(app, client, stage));
}
