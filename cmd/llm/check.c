#include "cmd/llm/check.h"

#include "lib/json/json.h"
#include "lib/llm/likelihood.h"

#include <math.h>

static const char messages[] =
    "[{\"role\":\"system\",\"content\":\"You compare two words. Answer with a JSON object and nothing else: {\\\"reasoning\\\": one short sentence, \\\"longer\\\": \\\"First\\\" or "
    "\\\"Second\\\"}.\"},"
    "{\"role\":\"user\",\"content\":\"Which word has more letters?\\n\\nFirst: sea\\nSecond: "
    "harbor\"}]";

static const char schema[] =
    "{\"type\":\"object\",\"properties\":{\"reasoning\":{\"type\":\"string\"},\"longer\":{\"type\":"
    "\"string\",\"enum\":[\"First\",\"Second\"]}},\"required\":[\"reasoning\",\"longer\"],"
    "\"additionalProperties\":false}";

struct check {
    bool answered;
    struct sm_err error;
    bool follows, right, logprobs, truncated, refused;
    struct sm_usage usage;
    double ms;
};

static void read_content(struct check *check, const struct sm_completion *c)
{
    jv value;
    if (!sm_json_parse(c->content, c->content_len, &value, NULL))
        return;
    const char *longer = sm_json_text(value, "longer", NULL);
    check->follows = longer && (strcmp(longer, "First") == 0 || strcmp(longer, "Second") == 0) &&
                     sm_json_text(value, "reasoning", NULL);
    check->right = check->follows && strcmp(longer, "Second") == 0;
    jv_free(value);
}

static void take_reply(void *arg, const struct sm_reply *reply)
{
    struct check *check = arg;
    check->answered = true;
    if (reply->error) {
        sm_err_set(&check->error, reply->error->code, reply->error->remedy, "%s",
                   reply->error->message);
        return;
    }
    jv logprobs = sm_completion_logprobs(reply->completion);
    check->logprobs = jv_get_kind(logprobs) == JV_KIND_OBJECT;
    jv_free(logprobs);
    check->truncated = reply->completion->truncated;
    check->refused = reply->completion->refused;
    check->usage = reply->completion->usage;
    check->ms = reply->ms;
    read_content(check, reply->completion);
}

static void add_row(struct sm_buf *out, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add_row(struct sm_buf *out, const char *name, const char *format, ...)
{
    va_list args;
    sm_buf_printf(out, "%-12s", name);
    va_start(args, format);
    sm_buf_vprintf(out, format, args);
    va_end(args);
    sm_buf_char(out, '\n');
}

/* Says whether the endpoint lists the model: some do not list all that they serve. */
static void add_model(const struct client *client, struct sm_buf *out)
{
    struct sm_buf names = {0}, line = {0};
    struct sm_err err = {0};
    if (!sm_llm_models(client->llm, &names, &err)) {
        add_row(out, "model", "%s: answers (the endpoint gives no list of its models)",
                client->model);
    } else {
        sm_buf_printf(&line, "\n%s\n", client->model);
        struct sm_buf all = {0};
        sm_buf_printf(&all, "\n%s", names.data);
        bool listed = strstr(all.data, line.data) != NULL;
        add_row(out, "model", "%s: answers%s", client->model,
                listed ? "" : " (it is not in the endpoint's list of models)");
        sm_buf_release(&all);
    }
    sm_err_clear(&err);
    sm_buf_release(&names);
    sm_buf_release(&line);
}

static bool is_refused(const char *refused, const char *param)
{
    struct sm_buf word = {0};
    sm_buf_printf(&word, "\"%s\"", param);
    bool is = strstr(refused, word.data) != NULL;
    sm_buf_release(&word);
    return is;
}

static void add_params(const struct check *check, const char *refused, struct sm_buf *out)
{
    if (is_refused(refused, "response_format"))
        add_row(out, "schema", "refused: replies are asked for in words, and read from the text");
    else if (check->follows)
        add_row(out, "schema", "taken, and the reply follows it");
    else
        add_row(out, "schema", "taken, but the reply does not follow it%s: %s",
                check->truncated ? " (it was cut)" : "",
                check->truncated ? "raise --max-tokens" : "expect replies that cannot be read");
    if (is_refused(refused, "logprobs"))
        add_row(out, "logprobs", "refused: use --votes for soft verdicts");
    else
        add_row(out, "logprobs", "%s",
                check->logprobs ? "given: sm-judge --logprobs gives soft verdicts"
                                : "not given: use --votes for soft verdicts");
    if (is_refused(refused, "temperature"))
        add_row(out, "temperature",
                "refused: left out, so that votes and second tries vary as the "
                "endpoint likes");
    if (is_refused(refused, "max_tokens"))
        add_row(out, "max_tokens", "refused: sent as max_completion_tokens");
    if (is_refused(refused, "system_role"))
        add_row(out, "system_role", "refused: instructions go into the user's message");
}

static void add_likelihood(const struct client *client, struct sm_buf *out)
{
    struct sm_err err = {0};
    struct sm_likelihood *likelihood = sm_likelihood_open(client->llm, &err);
    if (likelihood)
        add_row(out, "likelihood", "told (%s): sm-judge --by likelihood can use it",
                sm_likelihood_way(likelihood));
    else
        add_row(out, "likelihood", "not told: sm-judge needs --by verdict");
    sm_likelihood_close(likelihood);
    sm_err_clear(&err);
}

static void add_figures(const struct client *client, const struct check *check, struct sm_buf *out)
{
    const struct sm_usage *u = &check->usage;
    const struct sm_price *price = &sm_llm_config(client->llm)->price;
    double per_second = check->ms > 0 ? (double)u->out / check->ms * 1e3 : 0;
    add_row(out, "speed", "%.0f ms for one reply, %.1f tokens a second", check->ms, per_second);
    if (u->in + u->out == 0)
        add_row(out, "tokens", "not told: --tpm and --max-cost cannot hold");
    else
        add_row(out, "tokens", "%lld in, %lld out%s", (long long)u->in, (long long)u->out,
                u->reasoning ? ", some of them thoughts that no reply shows" : "");
    if (isnan(price->in))
        add_row(out, "price", "not known: give it with --prices FILE");
    else
        add_row(out, "price", "%.10g US dollars in, %.10g out, per million tokens", price->in,
                price->out);
}

static bool ask_question(const struct client *client, struct check *check, struct sm_err *err)
{
    struct sm_ask question = {
        .messages = sm_strdup(messages),
        .schema_name = "check",
        .schema = schema,
        .temperature = client->set.temperature,
        .logprobs = true,
    };
    sm_llm_ask(client->llm, &question, take_reply, check);
    while (!check->answered) {
        if (!sm_llm_turn(client->llm, NULL, 0, 1000, err))
            return false;
        if (app_interrupted()) {
            err->code = SM_EXIT_SIGNAL + app_interrupted();
            return false;
        }
    }
    if (check->error.message)
        *err = check->error;
    return check->error.message == NULL;
}

bool check_endpoint(struct app *app, const struct client *client, struct sm_err *err)
{
    struct check check = {0};
    struct sm_buf out = {0}, refused = {0};
    if (!ask_question(client, &check, err))
        return false;
    sm_llm_unsupported(client->llm, &refused);
    add_row(&out, "endpoint", "%s", client->endpoint);
    add_row(&out, "key", "%s", client->has_key ? "taken" : "none is sent, and none is asked for");
    add_model(client, &out);
    add_params(&check, refused.data, &out);
    if (check.follows && !check.right)
        add_row(&out, "answer", "wrong, to a question that is easy: use a larger model as a judge");
    if (check.refused)
        add_row(&out, "answer", "declined by the model or a filter");
    add_likelihood(client, &out);
    add_figures(client, &check, &out);
    bool whole = app_interrupted() == 0; /* else rows say what a signal kept from being asked */
    if (whole)
        app_write(app, out.data, out.len);
    else
        err->code = SM_EXIT_SIGNAL + app_interrupted();
    sm_buf_release(&out);
    sm_buf_release(&refused);
    return whole;
}
