/* The `run` record, a program's last line, and what a dry run and a batch have to tell. */
#include "cmd/common/app.h"

#include "lib/json/json.h"

#include <math.h>

static void write_cost(struct sm_buf *out, double cost)
{
    if (isnan(cost))
        sm_buf_str(out, "null");
    else
        sm_buf_printf(out, "%.10g", cost);
}

static void write_bounds(struct sm_buf *out, const char *name, int64_t least, int64_t most)
{
    sm_buf_printf(out, "\"%s\":{\"least\":%lld,\"most\":%lld}", name, (long long)least,
                  (long long)most);
}

static void write_plan(struct app *app, const char *name, const struct sm_plan *plan,
                       struct sm_buf *out)
{
    const struct sm_price *price = &sm_llm_config(app->llm)->price;
    sm_buf_printf(out, ",\"%s\":{", name);
    write_bounds(out, "calls", plan->least.calls, plan->most.calls);
    sm_buf_str(out, ",\"tokens\":{");
    write_bounds(out, "in", plan->least.in, plan->most.in);
    sm_buf_char(out, ',');
    write_bounds(out, "out", plan->least.out, plan->most.out);
    sm_buf_str(out, "},\"cost\":{\"least\":");
    write_cost(out, sm_plan_cost(price, plan, false));
    sm_buf_str(out, ",\"most\":");
    write_cost(out, sm_plan_cost(price, plan, true));
    sm_buf_printf(out, "},\"exact\":%s}", plan->least.calls == plan->most.calls ? "true" : "false");
}

static void write_totals(struct app *app, struct sm_buf *out)
{
    struct sm_llm_totals t = sm_llm_totals(app->llm);
    sm_buf_str(out, ",\"refused\":");
    sm_llm_unsupported(app->llm, out);
    sm_buf_printf(
        out,
        ",\"calls\":%lld,\"hits\":%lld,\"shared\":%lld,\"retries\":%lld,\"failed\":%lld,"
        "\"tokens\":{\"in\":%lld,\"out\":%lld,\"cached\":%lld,\"reasoning\":%lld},\"cost\":",
        (long long)t.calls, (long long)t.hits, (long long)t.shared, (long long)t.retries,
        (long long)t.failed, (long long)t.usage.in, (long long)t.usage.out,
        (long long)t.usage.cached, (long long)t.usage.reasoning);
    write_cost(out, t.cost);
    if (sm_llm_config(app->llm)->mode == SM_LLM_BATCH)
        sm_buf_printf(out, ",\"pending\":%lld", (long long)t.pending);
}

void app_run_record(struct app *app, const char *extra)
{
    if (app->output.broken)
        return;
    struct sm_buf out = {0};
    sm_record_open(&out, SM_RUN, NULL);
    sm_buf_printf(&out, ",\"program\":\"%s\",\"version\":\"%s\"", app->program->name, SM_VERSION);
    if (app->llm) {
        sm_buf_str(&out, ",\"model\":");
        sm_json_cstring(&out, app->model);
        sm_buf_str(&out, ",\"endpoint\":");
        sm_json_cstring(&out, app->endpoint);
    }
    sm_buf_str(&out, ",\"options\":");
    sm_opt_json(app->groups, &out);
    if (app->prompts) {
        sm_buf_str(&out, ",\"prompts\":");
        sm_prompts_digests(app->prompts, &out);
    }
    if (app->llm)
        write_totals(app, &out);
    if (extra)
        sm_buf_str(&out, extra);
    sm_buf_printf(&out, ",\"seconds\":%.3f}\n", app_seconds() - app->started);
    app_write(app, out.data, out.len);
    sm_buf_release(&out);
}

static void say_plan(struct app *app, const char *whose, const struct sm_plan *plan)
{
    const struct sm_price *price = &sm_llm_config(app->llm)->price;
    double least = sm_plan_cost(price, plan, false), most = sm_plan_cost(price, plan, true);
    struct sm_buf cost = {0};
    if (isnan(most))
        sm_buf_str(&cost, "at an unknown price (see --prices)");
    else
        sm_buf_printf(&cost, "%.4f to %.4f US dollars", least, most);
    if (plan->least.calls == plan->most.calls)
        app_note(app, "%s%lld calls, %s", whose, (long long)plan->most.calls,
                 plan->most.calls ? sm_buf_text(&cost) : "all is recorded");
    else
        app_note(app, "%s%lld to %lld calls, %s", whose, (long long)plan->least.calls,
                 (long long)plan->most.calls, sm_buf_text(&cost));
    sm_buf_release(&cost);
}

/* What a dry run found: this program's part, and the pipe's so far. */
static void tell_plan(struct app *app, const struct sm_stage *stage, struct sm_buf *extra)
{
    struct sm_plan plan = sm_llm_totals(app->llm).plan;
    sm_plan_sum(&plan, &stage->planned);
    write_plan(app, "plan", &plan, extra);
    say_plan(app, "would make ", &plan);
    if (stage->earlier.most.calls > 0) {
        sm_plan_sum(&plan, &stage->earlier);
        write_plan(app, "plan_so_far", &plan, extra);
        say_plan(app, "with the programs before it ", &plan);
    }
}

static void tell_pending(struct app *app)
{
    long long pending = (long long)sm_llm_totals(app->llm).pending;
    if (pending > 0)
        app_note(app,
                 "%lld requests wait in %s; have them answered, take the answers in with sm-cache "
                 "import, and run the same command again",
                 pending, app->set.batch);
    app_raise(app, SM_EXIT_PENDING);
}

void app_tell_postponed(struct app *app, size_t pending)
{
    enum sm_llm_mode mode = sm_llm_config(app->llm)->mode;
    struct sm_plan plan = sm_llm_totals(app->llm).plan;
    if (mode == SM_LLM_PLAN)
        say_plan(app, "would make ", &plan);
    else if (mode == SM_LLM_BATCH && pending > 0)
        tell_pending(app);
}

void app_run_stage(struct app *app, struct sm_stage *stage)
{
    bool ok = app_stage(app, stage);
    enum sm_llm_mode mode = sm_llm_config(app->llm)->mode;
    struct sm_buf extra = {0};
    sm_buf_printf(&extra, ",\"users\":%zu,\"failed_users\":%zu,\"complete\":%s", stage->users,
                  stage->failed_users, ok ? "true" : "false");
    if (stage->summarize)
        stage->summarize(stage, &extra);
    if (mode == SM_LLM_PLAN)
        tell_plan(app, stage, &extra);
    if (mode == SM_LLM_BATCH && stage->pending_users > 0)
        tell_pending(app);
    app_run_record(app, extra.data);
    sm_buf_release(&extra);
}
