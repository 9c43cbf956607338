/* Stage 2: a readable persona from the examples that sm-bootstrap found. */
#include "cmd/common/stage_main.h"

#include "lib/json/json.h"
#include "lib/stage/question.h"

#include <math.h>
#include <stddef.h>

struct persona_options {
    const char *examples;
    long max_history;
};

struct writer {
    struct persona_options set;
    struct sm_asker asker;
    struct sm_buf head; /* "[" and the messages before the history */
};

/* One user's history while the persona is written. */
struct persona_question {
    struct sm_user *user;
    size_t shown, dropped; /* judgments */
};

static const struct sm_opt options[] = {
    {0, "examples", "FILE", SM_OPT_TEXT, offsetof(struct persona_options, examples), 0, 0,
     "Show the model these examples of writing a persona instead of the built-in ones: a JSON object a line with history, reasoning and persona."},
    {0, "max-history", "BYTES", SM_OPT_INT, offsetof(struct persona_options, max_history), 256, 1e9,
     "Leave out the last judgements, whole ones, when the history is longer. Default: 65536."},
    SM_OPT_END};

static jv history_of(const struct sm_user *user, size_t count)
{
    jv demos = sm_json_get(user->history, "demos");
    return jv_array_slice(demos, 0, (int)count);
}

static void write_indices(const struct sm_user *user, size_t count, struct sm_buf *out)
{
    jv history = history_of(user, count);
    sm_buf_str(out, ",\"history\":[");
    for (size_t i = 0; i < count; i++) {
        jv demo = jv_array_get(jv_copy(history), (int)i);
        double index = sm_json_number(demo, "index", NAN);
        sm_buf_str(out, i ? "," : "");
        if (!isfinite(index))
            sm_buf_str(out, "null");
        else
            sm_buf_printf(out, "%.0f", index);
        jv_free(demo);
    }
    sm_buf_char(out, ']');
    jv_free(history);
}

static void write_persona(struct persona_question *question, const struct sm_outcome *outcome)
{
    struct sm_buf *out = &question->user->out;
    sm_record_open(out, SM_PERSONA, question->user->id);
    sm_buf_str(out, ",\"stage\":\"persona\",\"persona\":");
    sm_json_cstring(out, sm_json_text(outcome->value, "persona", NULL));
    sm_buf_str(out, ",\"reasoning\":");
    sm_json_cstring(out, sm_json_text(outcome->value, "reasoning", NULL));
    write_indices(question->user, question->shown, out);
    sm_buf_printf(out, ",\"dropped\":%zu,\"shortened\":%s", question->dropped,
                  sm_json_bool(outcome->value, "shortened", false) ? "true" : "false");
    sm_asker_cost(&((const struct writer *)question->user->stage->self)->asker, out,
                  &outcome->usage, outcome->ms);
    sm_buf_str(out, "}\n");
}

static void take_outcome(void *arg, const struct sm_outcome *outcome)
{
    struct persona_question *question = arg;
    struct sm_err err = {0};
    if (outcome->error && outcome->error->code == SM_EXIT_PENDING) {
        sm_user_pending(question->user, 1);
    } else if (outcome->error) {
        sm_user_failed(question->user, outcome->error, outcome->tried);
    } else if (outcome->status != SM_STATUS_OK || !sm_json_text(outcome->value, "persona", NULL)) {
        sm_err_set(&err, SM_EXIT_PARTIAL, "use a larger model, or raise --max-tokens",
                   "the model wrote no persona that can be read (%s)",
                   sm_status_name(outcome->status));
        sm_user_failed(question->user, &err, outcome->tried);
    } else {
        write_persona(question, outcome);
        sm_user_done(question->user);
    }
    sm_err_clear(&err);
    free(question);
}

/* The messages for the first `count` judgments. */
static bool compose(const struct writer *writer, const struct sm_user *user, size_t count,
                    struct sm_buf *out, struct sm_err *err)
{
    jv input = jv_object_set(jv_object(), jv_string("history"), history_of(user, count));
    sm_buf_clear(out);
    sm_buf_add(out, writer->head.data, writer->head.len);
    return sm_prompts_messages(writer->asker.prompts, "persona", "question", input, out, err);
}

/* Shortens the history by whole judgments until it fits. */
static bool fit(const struct writer *writer, struct persona_question *question, struct sm_buf *out,
                struct sm_err *err)
{
    size_t max = (size_t)writer->set.max_history;
    bool ok = compose(writer, question->user, question->shown, out, err);
    while (ok && out->len - writer->head.len > max && question->shown > 0) {
        question->shown--;
        question->dropped++;
        ok = compose(writer, question->user, question->shown, out, err);
    }
    return ok;
}

static void ask_persona(struct sm_user *user)
{
    const struct writer *writer = user->stage->self;
    struct sm_err err = {0};
    struct sm_buf messages = {0};
    struct persona_question *question = sm_alloc(1, sizeof *question);
    jv demos = sm_json_get(user->history, "demos");
    *question = (struct persona_question){.user = user};
    if (!jv_is_valid(demos)) {
        sm_err_set(&err, SM_EXIT_PARTIAL, "run sm-bootstrap before sm-persona",
                   "no demos of stage bootstrap to write a persona from");
    } else {
        question->shown = (size_t)jv_array_length(jv_copy(demos));
        if (fit(writer, question, &messages, &err)) {
            sm_buf_char(&messages, ']');
            sm_question_ask(&writer->asker, "persona", sm_buf_take(&messages), 0, take_outcome,
                            question);
        }
    }
    jv_free(demos);
    if (err.message) {
        sm_user_failed(user, &err, 0);
        free(question);
    }
    sm_buf_release(&messages);
    sm_err_clear(&err);
}

/* One call, at most with the longest history that is allowed; the user's pairs tell how long it may
 * well be. */
static void plan_user(struct sm_user *user, struct sm_plan *sum)
{
    const struct writer *writer = user->stage->self;
    int64_t history = (int64_t)user->lines.len;
    history = history < writer->set.max_history ? history : writer->set.max_history;
    long max_tokens = sm_llm_config(writer->asker.llm)->max_tokens;
    sm_plan_add(&sum->least, false, 1, (int64_t)writer->head.len, max_tokens);
    sm_plan_expect(sum, 1, (int64_t)writer->head.len + history, max_tokens);
    sm_plan_add(&sum->most, true, 1, (int64_t)writer->head.len + writer->set.max_history,
                max_tokens);
}

static bool add_example(struct writer *writer, jv example, struct sm_err *err)
{
    return sm_prompts_messages(writer->asker.prompts, "persona", "demo", example, &writer->head,
                               err);
}

static bool add_example_line(void *arg, const char *line, size_t len, off_t offset,
                             struct sm_err *err)
{
    jv example;
    (void)offset;
    return sm_json_parse(line, len, &example, err) && add_example(arg, example, err);
}

static bool add_builtin_examples(struct writer *writer, struct sm_err *err)
{
    jv examples = sm_prompts_value(writer->asker.prompts, "persona", "examples", jv_null(), err);
    int n = jv_get_kind(examples) == JV_KIND_ARRAY ? jv_array_length(jv_copy(examples)) : 0;
    bool ok = !err->message;
    for (int i = 0; ok && i < n; i++)
        ok = add_example(writer, jv_array_get(jv_copy(examples), i), err);
    jv_free(examples);
    return ok;
}

static bool prepare(struct writer *writer, struct sm_err *err)
{
    sm_buf_char(&writer->head, '[');
    return sm_prompts_messages(writer->asker.prompts, "persona", "system", jv_object(),
                               &writer->head, err) &&
           (writer->set.examples
                ? sm_read_lines(writer->set.examples, add_example_line, writer, err)
                : add_builtin_examples(writer, err));
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-persona",
        .of_users = true,
        .summary = "write a persona from a user's explained choices: stage 2",
        .operands = "[FILE ...]",
        .about = "Reads what sm-bootstrap wrote. For each user the model is shown the winning "
                 "examples and writes\nwhat they tell of the user's taste in replies, which is "
                 "appended as a `persona` record.",
    };
    struct app app;
    struct client client = CLIENT_DEFAULTS;
    struct writer writer = {.set = {.max_history = 65536}};
    struct sm_stage stage = {
        .name = "persona", .each = 1, .begin = ask_persona, .plan = plan_user, .self = &writer};
    const struct sm_opt_group groups[] = {
        {options, &writer.set},          {stage_opts, &stage},       {client_opts, &client.set},
        {store_opts, &client.set.store}, {prompt_opts, &client.set}, {0}};
    struct sm_err err = {0};
    client.describes = true;
    if (app_start(&app, &program, groups, argc, argv) && client_start(&client, &app)) {
        writer.asker = (struct sm_asker){client.llm, client.prompts, client.set.temperature, false,
                                         &client.endings};
        if (prepare(&writer, &err))
            stage_main(&app, &client, &stage);
        else
            app_fail(&app, &err);
    }
    sm_buf_release(&writer.head);
    client_close(&client, &app);
    return app_end(&app);
}
