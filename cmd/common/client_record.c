/* What the client says about a run: the `run` record, and what a dry run or a batch postponed. */
#include "cmd/common/client.h"
#include "cmd/common/run_record.h"
#include "lib/json/json.h"
#include "lib/json/record.h"

#include <math.h>

static void write_cost(struct sm_buf *out, double cost)
{
    if (isnan(cost))
        sm_buf_str(out, "null");
    else
        sm_buf_printf(out, "%.10g", cost);
}

static void write_totals(const struct client *client, struct sm_buf *out)
{
    struct sm_llm_totals t = sm_llm_totals(client->llm);
    sm_buf_str(out, ",\"refused\":");
    sm_llm_unsupported(client->llm, out);
    sm_buf_printf(out,
                  ",\"calls\":%lld,\"hits\":%lld,\"shared\":%lld,\"retries\":%lld,\"failed\":%lld",
                  (long long)t.calls, (long long)t.hits, (long long)t.shared, (long long)t.retries,
                  (long long)t.failed);
    sm_record_tokens(out, &t.usage);
    sm_buf_str(out, ",\"cost\":");
    write_cost(out, t.cost);
    if (sm_llm_config(client->llm)->mode == SM_LLM_BATCH)
        sm_buf_printf(out, ",\"pending\":%lld", (long long)t.pending);
}

void client_run_record(const struct client *client, struct app *app, const char *extra)
{
    struct sm_buf out = {0};
    run_record_begin(app, &out);
    sm_buf_str(&out, ",\"model\":");
    sm_json_cstring(&out, client->model);
    sm_buf_str(&out, ",\"endpoint\":");
    sm_json_cstring(&out, client->endpoint);
    run_record_options(app, &out);
    if (jv_object_length(jv_copy(client->members)) > 0) {
        sm_buf_str(&out, ",\"members\":");
        sm_json_value(&out, client->members);
    }
    if (client->prompts) {
        sm_buf_str(&out, ",\"prompts\":");
        sm_prompts_digests(client->prompts, &out);
    }
    write_totals(client, &out);
    run_record_end(app, &out, extra);
    sm_buf_release(&out);
}

static void write_bounds(struct sm_buf *out, const char *name, int64_t least, int64_t typical,
                         int64_t most)
{
    sm_buf_printf(out, "\"%s\":{\"least\":%lld,\"typical\":%lld,\"most\":%lld}", name,
                  (long long)least, (long long)typical, (long long)most);
}

void client_write_plan(const struct client *client, const char *name, const struct sm_plan *plan,
                       struct sm_buf *out)
{
    const struct sm_price *price = &sm_llm_config(client->llm)->price;
    sm_buf_printf(out, ",\"%s\":{", name);
    write_bounds(out, "calls", plan->least.calls, plan->typical.calls, plan->most.calls);
    sm_buf_str(out, ",\"tokens\":{");
    write_bounds(out, "in", plan->least.in, plan->typical.in, plan->most.in);
    sm_buf_char(out, ',');
    write_bounds(out, "out", plan->least.out, plan->typical.out, plan->most.out);
    sm_buf_str(out, "},\"cost\":{\"least\":");
    write_cost(out, sm_plan_cost(price, &plan->least, true));
    sm_buf_str(out, ",\"typical\":");
    write_cost(out, sm_plan_cost(price, &plan->typical, false));
    sm_buf_str(out, ",\"most\":");
    write_cost(out, sm_plan_cost(price, &plan->most, false));
    sm_buf_printf(out, "},\"exact\":%s}", plan->least.calls == plan->most.calls ? "true" : "false");
}

void client_say_plan(const struct client *client, struct app *app, const char *whose,
                     const struct sm_plan *plan)
{
    const struct sm_price *price = &sm_llm_config(client->llm)->price;
    struct sm_buf cost = {0};
    if (isnan(price->in))
        sm_buf_str(&cost, "at an unknown price (see --prices)");
    else
        sm_buf_printf(&cost, "about %.4f US dollars (%.4f to %.4f)",
                      sm_plan_cost(price, &plan->typical, false),
                      sm_plan_cost(price, &plan->least, true),
                      sm_plan_cost(price, &plan->most, false));
    if (plan->least.calls == plan->most.calls)
        app_note(app, "%s%lld calls, %s", whose, (long long)plan->most.calls,
                 plan->most.calls ? sm_buf_text(&cost) : "all is recorded");
    else
        app_note(app, "%sabout %lld calls (%lld to %lld), %s", whose,
                 (long long)plan->typical.calls, (long long)plan->least.calls,
                 (long long)plan->most.calls, sm_buf_text(&cost));
    sm_buf_release(&cost);
}

void client_say_pending(const struct client *client, struct app *app)
{
    long long pending = (long long)sm_llm_totals(client->llm).pending;
    if (pending > 0)
        app_note(
            app,
            "%lld requests wait in %s; have them answered, take the answers in with sm-cache import, and run the same command again",
            pending, client->set.batch);
    app_raise(app, SM_EXIT_PENDING);
}

void client_say_postponed(const struct client *client, struct app *app, size_t pending)
{
    enum sm_llm_mode mode = sm_llm_config(client->llm)->mode;
    struct sm_plan plan = sm_llm_totals(client->llm).plan;
    if (mode == SM_LLM_PLAN)
        client_say_plan(client, app, "would make ", &plan);
    else if (mode == SM_LLM_BATCH && pending > 0)
        client_say_pending(client, app);
}
