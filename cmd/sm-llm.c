/* The client as a filter: chat requests in, completions out, in the same order. */
#include "cmd/common/client.h"
#include "cmd/llm/check.h"
#include "cmd/llm/request.h"

#include "lib/json/json.h"

#include <math.h>
#include <stddef.h>

#define WINDOW_BYTES ((size_t)32 << 20) /* of requests and answers held in memory */
#define LOOKAHEAD 256                   /* requests to choose the next one from: see sm_llm_ask() */

struct llm_options {
    bool check;
};

/* A request, until its answer has left. */
struct request {
    struct filter *filter;
    struct request *next;
    struct llm_request read;
    size_t bytes; /* held */
    bool done;
    struct sm_buf line; /* of output */
};

struct filter {
    struct app *app;
    const struct client *client;
    struct sm_reader reader;
    struct request *first, **end;
    size_t held_bytes, requests, failed, pending;
    bool all_read, stopped;
};

static const struct sm_opt options[] = {
    {0, "check", NULL, SM_OPT_FLAG, offsetof(struct llm_options, check), 0, 0,
     "Ask the endpoint one question, and say what works and what to do about what does not."},
    SM_OPT_END};

static const char *code_of(const struct sm_err *err)
{
    if (err->code == SM_EXIT_PENDING)
        return "pending";
    return err->code == SM_EXIT_REPLAY ? "not_recorded" : "failed";
}

static void write_error(struct request *r, const struct sm_reply *reply)
{
    const struct sm_err *err = reply->error;
    sm_buf_printf(&r->line,
                  ",\"response\":null,\"error\":{\"code\":\"%s\",\"message\":", code_of(err));
    sm_json_cstring(&r->line, err->message);
    if (reply->tried)
        sm_buf_printf(&r->line, ",\"tried\":%u", reply->tried);
    if (err->remedy) {
        sm_buf_str(&r->line, ",\"remedy\":");
        sm_json_cstring(&r->line, err->remedy);
    }
    sm_buf_str(&r->line, "}}\n");
}

/* Only the first failure is reported: the lines show the others. */
static void count_error(struct filter *f, const struct sm_err *err)
{
    f->pending += err->code == SM_EXIT_PENDING;
    if (err->code == SM_EXIT_PENDING || f->failed++ > 0)
        return;
    struct sm_err first = {0};
    sm_err_set(&first, err->code == SM_EXIT_REPLAY ? SM_EXIT_REPLAY : SM_EXIT_PARTIAL, err->remedy,
               "%s", err->message);
    app_fail(f->app, &first);
}

static void take_reply(void *arg, const struct sm_reply *reply)
{
    struct request *r = arg;
    struct filter *f = r->filter;
    r->done = true;
    sm_buf_printf(&r->line, "{\"id\":\"%s\",\"custom_id\":%s", reply->key, r->read.id);
    if (reply->error) {
        write_error(r, reply);
        if (!f->stopped && !sm_llm_fatal(f->client->llm))
            count_error(f, reply->error);
    } else {
        sm_buf_str(&r->line, ",\"response\":{\"status_code\":200,\"request_id\":null,\"body\":");
        sm_buf_add(&r->line, reply->response, reply->response_len);
        sm_buf_str(&r->line, "},\"error\":null}\n");
    }
    r->bytes += r->line.len;
    f->held_bytes += r->line.len;
}

static void free_request(struct request *r)
{
    llm_request_release(&r->read);
    sm_buf_release(&r->line);
    free(r);
}

static void add_request(struct filter *f, const struct llm_request *read, size_t len)
{
    struct request *r = sm_alloc(1, sizeof *r);
    r->filter = f;
    r->read = *read;
    r->bytes = len;
    f->held_bytes += len;
    f->requests++;
    *f->end = r;
    f->end = &r->next;
    struct sm_ask ask = {.messages = read->messages,
                         .temperature = read->temperature,
                         .max_tokens = read->max_tokens,
                         .model = read->model,
                         .members = &r->read.members};
    sm_llm_ask(f->client->llm, &ask, take_reply, r);
}

static bool take_line(struct filter *f, const char *line, size_t len, struct sm_err *err)
{
    struct llm_request read;
    if (!llm_request_read(&read, line, len, sm_input_line(f->reader.input), &f->client->set, err))
        return false;
    add_request(f, &read, len);
    return true;
}

static bool has_room(const struct filter *f)
{
    if (f->all_read || sm_llm_fatal(f->client->llm) || app_interrupted())
        return false;
    return !f->first || (sm_llm_backlog(f->client->llm) < LOOKAHEAD &&
                         f->held_bytes + f->app->output.pending.len < WINDOW_BYTES);
}

static void read_lines(struct filter *f)
{
    struct sm_err err = {0};
    const char *line;
    size_t len;
    enum sm_read what = SM_READ_LINE;
    while (what == SM_READ_LINE && has_room(f)) {
        what = sm_reader_line(&f->reader, false, &line, &len);
        if (what == SM_READ_LINE && !take_line(f, line, len, &err))
            sm_reader_bad(&f->reader, &err);
    }
    f->all_read |= what == SM_READ_END;
}

/* Answers leave in the order of their requests. If the run ends early, the store has those that
 * came. */
static void release_done(struct filter *f)
{
    while (f->first && f->first->done) {
        struct request *r = f->first;
        f->first = r->next;
        if (!f->first)
            f->end = &f->first;
        f->held_bytes -= r->bytes;
        sm_buf_add(&f->app->output.pending, r->line.data, r->line.len);
        free_request(r);
    }
}

static void show_progress(struct filter *f)
{
    struct sm_llm_totals t = sm_llm_totals(f->client->llm);
    struct sm_counts counts = {.users_done = t.calls + t.hits + t.shared,
                               .users_seen = (int64_t)f->requests,
                               .users = f->all_read ? (int64_t)f->requests : 0,
                               .asks = true,
                               .failed = t.failed,
                               .calls = t.calls,
                               .hits = t.hits + t.shared,
                               .waiting = t.waiting,
                               .tokens_in = t.usage.in,
                               .tokens_out = t.usage.out,
                               .cost = t.cost,
                               .max_calls = f->client->set.max_calls,
                               .max_cost = f->client->set.max_cost};
    if (f->app->progress)
        sm_progress_update(f->app->progress, &counts);
}

static bool turn_client(struct filter *f, struct sm_err *err)
{
    const struct sm_output *output = &f->app->output;
    int input = sm_input_fd(f->reader.input);
    struct pollfd fds[2];
    unsigned count = 0;
    if (has_room(f) && input >= 0)
        fds[count++] = (struct pollfd){.fd = input, .events = POLLIN};
    if (output->pending.len)
        fds[count++] = (struct pollfd){.fd = output->fd, .events = POLLOUT};
    bool idle = f->first && f->first->done;
    return sm_llm_turn(f->client->llm, fds, count, idle ? 0 : 1000, err);
}

/* Nothing new is sent; what is in flight ends in the store. */
static void stop_filter(struct filter *f)
{
    struct sm_err err = {0};
    f->stopped = true;
    sm_llm_stop(f->client->llm);
    while (sm_llm_totals(f->client->llm).waiting > 0 &&
           sm_llm_turn(f->client->llm, NULL, 0, 1000, &err)) {
    }
    sm_err_clear(&err);
}

static void run_filter(struct filter *f)
{
    struct sm_err err = {0};
    bool ok = true;
    while (ok && (!f->all_read || f->first || f->app->output.pending.len)) {
        read_lines(f);
        release_done(f);
        ok =
            sm_output_drain(&f->app->output, false, &err) &&
            (!f->first && f->all_read && !f->app->output.pending.len ? true : turn_client(f, &err));
        if (sm_llm_fatal(f->client->llm)) {
            const struct sm_err *why = sm_llm_fatal(f->client->llm);
            sm_err_set(&err, why->code, why->remedy, "%s", why->message);
            ok = false;
        } else if (app_interrupted()) {
            err.code = SM_EXIT_SIGNAL + app_interrupted();
            ok = false;
        }
        show_progress(f);
    }
    if (!ok) {
        app_fail(f->app, &err);
        stop_filter(f);
    }
    while (f->first) {
        struct request *r = f->first;
        f->first = r->next;
        free_request(r);
    }
}

static void filter_all(struct app *app, const struct client *client)
{
    struct filter f = {.app = app, .client = client};
    f.end = &f.first;
    app_open_reader(app, &f.reader);
    run_filter(&f);
    sm_reader_close(&f.reader);
    app->users = f.requests;
    client_say_postponed(client, app, f.pending);
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-llm",
        .summary = "send chat requests to a model, or check an endpoint",
        .operands = "[FILE ...]",
        .about =
            "Reads chat requests, one a line: a list of messages, {\"messages\":[...]} with further members of the\nrequest, or a line as batch interfaces take them. Writes a line as "
            "they give them back for each,\nin the same order: retried, recorded and limited as "
            "for the other programs.",
    };
    struct app app;
    struct client client = CLIENT_DEFAULTS;
    struct llm_options set = {0};
    const struct sm_opt_group groups[] = {
        {options, &set}, {client_opts, &client.set}, {store_opts, &client.set.store}, {0}};
    struct sm_err err = {0};
    if (app_start(&app, &program, groups, argc, argv)) {
        app.counted = "requests";
        client.forget = set.check;
        bool ok = client_open(&client, &app, &err);
        if (ok && set.check)
            ok = check_endpoint(&app, &client, &err);
        else if (ok)
            filter_all(&app, &client);
        if (!ok)
            app_fail(&app, &err);
    }
    client_close(&client, &app);
    return app_end(&app);
}
