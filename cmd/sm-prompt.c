/* What was learned, in the forms in which it is used: persona, examples, prompts, requests. */
#include "cmd/common/client.h"
#include "cmd/common/stage_main.h"
#include "cmd/prompt/messages.h"
#include "cmd/prompt/requests.h"
#include "cmd/prompt/rubric.h"

#include "lib/json/json.h"
#include "lib/judge/judge.h"
#include "lib/judge/rubric.h"
#include "lib/stage/learned.h"

#include <stddef.h>

struct prompt_options {
    bool list, json;
    const char *show, *select, *learned_file;
};

struct printer {
    struct app *app;
    struct client client;
    struct prompt_options set;
    struct requests requests;
    const struct what *what;
    struct sm_learned *learned;
    bool found; /* a user to print came */
};

/* What is known of the user to print. Borrowed. */
struct known {
    const char *persona;     /* or NULL */
    jv demos;                /* the record, or invalid */
    jv record;               /* the `rubric` record, or invalid */
    struct sm_rubric rubric; /* what the judge goes by, if it has criteria */
};

typedef bool write_fn(struct printer *, struct sm_user *, const struct known *, struct sm_buf *out,
                      struct sm_err *err);

struct what {
    const char *name;
    write_fn *write; /* NULL: the requests, which are lines of their own, without a heading */
};

static const struct sm_opt options[] = {
    {0, "list", NULL, SM_OPT_FLAG, offsetof(struct prompt_options, list), 0, 0,
     "List the prompt programs in force with a digest of each, and exit."},
    {0, "show", "NAME", SM_OPT_TEXT, offsetof(struct prompt_options, show), 0, 0,
     "Print prompt program NAME (judge, persona, revise, rubric, scores, generation or likelihood), and exit."},
    {'s', "select", "ID", SM_OPT_TEXT, offsetof(struct prompt_options, select), 0, 0,
     "Only this user, and without a heading."},
    {0, "json", NULL, SM_OPT_FLAG, offsetof(struct prompt_options, json), 0, 0,
     "A JSON object a user, with chat messages, instead of text."},
    {'m', "trained", "FILE", SM_OPT_TEXT, offsetof(struct prompt_options, learned_file), 0, 0,
     "Take what was learned from FILE instead of from the input."},
    SM_OPT_END};

static const struct sm_opt rubric_options[] = {
    {0, "no-rubric", NULL, SM_OPT_FLAG, offsetof(struct judging_options, no_rubric), 0, 0,
     "For judge and request: of a user with a rubric, what sm-judge --no-rubric sends."},
    SM_OPT_END};

static const struct sm_opt request_options[] = {
    SM_OPT_TITLED("For request"),
    {'i', "index", "N", SM_OPT_INT, offsetof(struct requests, index), 0, 1e9,
     "The pair with this index. Default: every pair that sm-judge would judge."},
    {0, "order", "forward|reverse", SM_OPT_CHOICE, offsetof(struct requests, order), 0, 0,
     "Show the chosen (or first) reply first or second. Default: forward."},
    SM_OPT_END};

static void write_messages(const struct printer *p, const struct sm_user *user,
                           const struct sm_buf *messages, struct sm_buf *out)
{
    if (!p->set.json) {
        messages_text(messages->data, messages->len, out);
        return;
    }
    sm_buf_str(out, "{\"type\":\"prompt\",\"user_id\":");
    sm_json_cstring(out, user->id);
    sm_buf_printf(out, ",\"what\":\"%s\",\"messages\":%s}\n", p->what->name, messages->data);
}

static bool write_persona(struct printer *p, struct sm_user *user, const struct known *known,
                          struct sm_buf *out, struct sm_err *err)
{
    if (!known->persona)
        return sm_err_set(err, SM_EXIT_PARTIAL, "run sm-persona first", "no persona");
    if (!p->set.json) {
        sm_buf_printf(out, "%s\n", known->persona);
        return true;
    }
    sm_buf_str(out, "{\"type\":\"prompt\",\"user_id\":");
    sm_json_cstring(out, user->id);
    sm_buf_str(out, ",\"what\":\"persona\",\"text\":");
    sm_json_cstring(out, known->persona);
    sm_buf_str(out, "}\n");
    return true;
}

static bool write_rubric(struct printer *p, struct sm_user *user, const struct known *known,
                         struct sm_buf *out, struct sm_err *err)
{
    if (!jv_is_valid(known->record))
        return sm_err_set(err, SM_EXIT_PARTIAL, "run sm-persona --form rubric first", "no rubric");
    rubric_print(user->id, known->record, p->set.json, out);
    return true;
}

static bool add_demos(const struct printer *p, const char *program, jv record,
                      struct sm_buf *messages, struct sm_err *err)
{
    jv list = sm_json_get(record, "demos");
    int n = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(list)) : 0;
    bool ok = true;
    for (int i = 0; ok && i < n; i++)
        ok = sm_prompts_messages(p->client.prompts, program, "demo", jv_array_get(jv_copy(list), i),
                                 messages, err);
    jv_free(list);
    return ok;
}

static bool write_demos(struct printer *p, struct sm_user *user, const struct known *known,
                        struct sm_buf *out, struct sm_err *err)
{
    if (!jv_is_valid(known->demos))
        return sm_err_set(err, SM_EXIT_PARTIAL, "run sm-demosearch first", "no demos");
    struct sm_buf messages = {0};
    sm_buf_char(&messages, '[');
    bool ok = add_demos(p, "judge", known->demos, &messages, err);
    sm_buf_char(&messages, ']');
    if (ok)
        write_messages(p, user, &messages, out);
    sm_buf_release(&messages);
    return ok;
}

/* What the judge sends before a pair. */
static bool write_head(const struct printer *p, const struct known *known, struct sm_buf *head,
                       struct sm_err *err)
{
    size_t shown;
    if (known->rubric.count > 0)
        return sm_rubric_head(p->client.prompts, known->rubric.criteria, head, err);
    return sm_judge_head(p->client.prompts, known->persona, known->demos, head, &shown, err);
}

static bool write_judge(struct printer *p, struct sm_user *user, const struct known *known,
                        struct sm_buf *out, struct sm_err *err)
{
    struct sm_buf messages = {0};
    bool ok = write_head(p, known, &messages, err);
    sm_buf_char(&messages, ']');
    if (ok)
        write_messages(p, user, &messages, out);
    sm_buf_release(&messages);
    return ok;
}

static bool write_generation(struct printer *p, struct sm_user *user, const struct known *known,
                             struct sm_buf *out, struct sm_err *err)
{
    struct sm_buf messages = {0};
    jv persona = known->persona ? jv_string(known->persona) : jv_null();
    sm_buf_char(&messages, '[');
    bool ok = sm_prompts_messages(p->client.prompts, "generation", "system",
                                  jv_object_set(jv_object(), jv_string("persona"), persona),
                                  &messages, err) &&
              add_demos(p, "generation", known->demos, &messages, err);
    sm_buf_char(&messages, ']');
    if (ok)
        write_messages(p, user, &messages, out);
    sm_buf_release(&messages);
    return ok;
}

static const struct what whats[] = {
    {"persona", write_persona}, {"rubric", write_rubric},         {"demos", write_demos},
    {"judge", write_judge},     {"generation", write_generation}, {"request", NULL},
};

static bool is_wanted(struct printer *p, const struct sm_user *user)
{
    bool wanted = !p->set.select || strcmp(p->set.select, user->id) == 0;
    p->found |= wanted;
    return wanted;
}

/* What is asked for of what was learned about the user. */
static bool write_known(struct printer *p, struct sm_user *user, struct sm_buf *out,
                        struct sm_err *err)
{
    jv persona, demos, rubric = jv_invalid();
    bool ok = sm_learned_of(p->learned, user, &persona, &demos, err) &&
              sm_learned_rubric(p->learned, user, &rubric, err);
    struct known known = {
        .persona = sm_json_text(persona, "persona", NULL), .demos = demos, .record = rubric};
    if (ok && jv_is_valid(rubric) && !p->requests.judging.set.no_rubric)
        sm_rubric_from(rubric, &known.rubric);
    if (ok && !p->set.json && !p->set.select)
        sm_buf_printf(out, "# user %s\n", user->id);
    ok = ok && p->what->write(p, user, &known, out, err);
    sm_rubric_release(&known.rubric);
    jv_free(persona);
    jv_free(demos);
    jv_free(rubric);
    return ok;
}

static void print_user(struct sm_user *user)
{
    struct printer *p = user->stage->self;
    struct sm_err err = {0};
    sm_user_done(user);
    if (!is_wanted(p, user))
        return;
    bool ok = p->what->write ? write_known(p, user, &user->out, &err)
                             : requests_write(&p->requests, user, &user->out, &err);
    if (!ok) {
        sm_buf_clear(&user->out);
        sm_err_prefix(&err, "user %s", user->id);
        app_fail(p->app, &err);
    }
}

/* Nothing is printed for a user whom an earlier stage gave up, and somebody should know. */
static void report_halted(struct sm_user *user)
{
    struct printer *p = user->stage->self;
    struct sm_err err = {0};
    if (!is_wanted(p, user))
        return;
    sm_err_set(&err, SM_EXIT_PARTIAL, "see the user's `error` record",
               "user %s: an earlier stage failed", user->id);
    app_fail(p->app, &err);
}

static void show_programs(struct printer *p)
{
    struct app *app = p->app;
    struct sm_buf out = {0};
    struct sm_err err = {0};
    const char *source = p->set.show ? sm_prompts_source(p->client.prompts, p->set.show) : NULL;
    if (p->set.list) {
        sm_prompts_digests(p->client.prompts, &out);
        sm_buf_char(&out, '\n');
    } else if (source) {
        sm_buf_str(&out, source);
    } else {
        sm_err_set(&err, SM_EXIT_USAGE, "see sm-prompt --list", "no prompt program %s",
                   p->set.show);
        app_fail(app, &err);
    }
    app_write(app, sm_buf_text(&out), out.len);
    sm_buf_release(&out);
}

static bool prepare(struct printer *p, struct sm_err *err)
{
    struct app *app = p->app;
    const char *name = app_operand(app);
    for (size_t i = 0; i < sizeof whats / sizeof *whats; i++) {
        if (name && strcmp(name, whats[i].name) == 0)
            p->what = &whats[i];
    }
    if (!p->what)
        return sm_err_set(
            err, SM_EXIT_USAGE, "see --help",
            "say what to print: persona, rubric, demos, judge, generation or request");
    if (p->set.learned_file)
        p->learned = sm_learned_open(p->set.learned_file, app->set.user, err);
    return !err->message && (p->what->write || client_open(&p->client, app, err));
}

static void print_users(struct printer *p)
{
    struct sm_stage stage = {
        .name = "prompt", .begin = print_user, .halted = report_halted, .self = p, .only = true};
    struct sm_err err = {0};
    const bool requests = !p->what->write;
    if (requests && !requests_open(&p->requests, &p->client, p->app, p->learned, &stage))
        return;
    if (!stage_run(p->app, requests ? &p->client : NULL, &stage) || p->found || !p->set.select)
        return;
    sm_err_set(&err, SM_EXIT_PARTIAL, "see the `user_id` of the records", "no user %s in the input",
               p->set.select);
    app_fail(p->app, &err);
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-prompt",
        .of_users = true,
        .summary = "print personas, examples, prompts and requests",
        .operands = "persona | rubric | demos | judge | generation | request [FILE ...]",
        .about =
            "Reads what sm-demosearch wrote and prints, for each user: the persona; the "
            "rubric; the examples; the judge's\nprompt; the generation prompt, a chat to put before any "
            "conversation so that replies suit the\nuser; or the requests that sm-judge would "
            "send, byte for byte.",
    };
    struct app app;
    struct printer printer = {
        .app = &app,
        .client = CLIENT_DEFAULTS,
        .requests = {.judging = JUDGING_DEFAULTS, .index = -1, .order = "forward"}};
    struct client *client = &printer.client;
    struct requests *requests = &printer.requests;
    client->only_writes = true;
    const struct sm_opt_group groups[] = {{options, &printer.set},
                                          {rubric_options, &requests->judging.set},
                                          {request_options, requests},
                                          {examples_opts, &requests->nearest.set},
                                          {personas_opts, &requests->judging.set},
                                          {client_opts, &client->set},
                                          {store_opts, &client->set.store},
                                          {prompt_opts, &client->set},
                                          {0}};
    struct sm_err err = {0};
    if (app_start(&app, &program, groups, argc, argv) &&
        nearest_check(&requests->nearest, NULL, client, &requests->judging, &app)) {
        bool show = printer.set.list || printer.set.show;
        bool ok = client_open_prompts(client, &err) && (show || prepare(&printer, &err));
        if (!ok)
            app_fail(&app, &err);
        else if (show)
            show_programs(&printer);
        else
            print_users(&printer);
    }
    requests_close(requests);
    sm_learned_close(printer.learned);
    client_close(client, &app);
    return app_end(&app);
}
