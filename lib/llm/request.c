#include "lib/llm/internal/request.h"

#include "lib/json/json.h"

#include <math.h>

#define TOP_LOGPROBS 5
#define BYTES_PER_TOKEN 4 /* an estimate for prompts */
#define BYTES_PER_TOKEN_LEAST 2
#define REPLIES_MAX 1e6 /* more than any endpoint gives */

long sm_request_max_tokens(const struct sm_llm_config *config, const struct sm_ask *ask)
{
    return ask->max_tokens ? ask->max_tokens : config->max_tokens;
}

/* How many replies the user's own members ask for: each is paid for. */
static int64_t replies(const struct sm_ask *ask)
{
    double n = 1;
    if (ask->members)
        n = fmax(sm_json_number(*ask->members, "n", 1),
                 sm_json_number(*ask->members, "best_of", 1));
    return (int64_t)fmin(fmax(n, 1), REPLIES_MAX);
}

struct sm_usage sm_request_most(const struct sm_llm_config *config, const struct sm_ask *ask,
                                size_t bytes)
{
    return (struct sm_usage){.in = (int64_t)bytes / BYTES_PER_TOKEN_LEAST,
                             .out = sm_request_max_tokens(config, ask) * replies(ask)};
}

int64_t sm_request_tokens(const struct sm_llm_config *config, const struct sm_ask *ask,
                          size_t bytes)
{
    return (int64_t)bytes / BYTES_PER_TOKEN + sm_request_max_tokens(config, ask) * replies(ask);
}

static void add_schema(const struct sm_ask *ask, struct sm_buf *body)
{
    sm_buf_str(body, ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":");
    sm_json_cstring(body, ask->schema_name);
    sm_buf_printf(body, ",\"strict\":true,\"schema\":%s}}", ask->schema);
}

static bool takes(const struct sm_model *model, const char *member)
{
    return !model || sm_model_takes(model, member);
}

/* Adds members that the user wrote, as far as the model takes them; NULL: it takes all. */
static void add_members(const struct sm_model *model, jv members, struct sm_buf *body)
{
    jv keys = jv_keys(jv_copy(members));
    int n = jv_array_length(jv_copy(keys));
    for (int i = 0; i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        const char *name = jv_string_value(key);
        if (takes(model, name)) {
            jv value = sm_json_get(members, name);
            sm_buf_char(body, ',');
            sm_json_cstring(body, name);
            sm_buf_char(body, ':');
            sm_json_value(body, value);
            jv_free(value);
        }
        jv_free(key);
    }
    jv_free(keys);
}

/* What the program itself writes behind the messages, as far as the model takes it; NULL: it takes
 * all. */
static void add_own(const struct sm_llm_config *config, const struct sm_model *model,
                    const struct sm_ask *ask, struct sm_buf *body)
{
    bool logprobs = ask->logprobs && takes(model, "logprobs");
    if (!isnan(ask->temperature) && takes(model, "temperature"))
        sm_buf_printf(body, ",\"temperature\":%.10g", ask->temperature);
    sm_buf_printf(body, ",\"%s\":%ld",
                  takes(model, "max_tokens") ? "max_tokens" : "max_completion_tokens",
                  sm_request_max_tokens(config, ask));
    if (ask->schema && takes(model, "response_format"))
        add_schema(ask, body);
    if (logprobs && config->logprobs_count)
        sm_buf_str(body, ",\"logprobs\":1");
    else if (logprobs)
        sm_buf_printf(body, ",\"logprobs\":true,\"top_logprobs\":%d", TOP_LOGPROBS);
}

/* That and the members of the request itself, with the members that the user set merged into them.
 * Such a body is written anew: the keys are in byte order. */
static void add_merged(const struct sm_llm_config *config, const struct sm_model *model,
                       const struct sm_ask *ask, struct sm_buf *body)
{
    struct sm_buf own = {0};
    jv members = jv_invalid();
    add_own(config, model, ask, &own);
    own.data[0] = '{'; /* instead of the comma */
    sm_buf_char(&own, '}');
    if (!sm_json_parse(own.data, own.len, &members, NULL))
        members = jv_object();
    if (ask->members)
        members = jv_object_merge(members, jv_copy(*ask->members));
    members = sm_json_merge(members, *config->members);
    add_members(model, members, body);
    jv_free(members);
    sm_buf_release(&own);
}

static bool has_members(const struct sm_llm_config *config)
{
    return config->members && jv_object_length(jv_copy(*config->members)) > 0;
}

void sm_request_write(const struct sm_llm_config *config, const struct sm_model *model,
                      const struct sm_ask *ask, enum sm_request_form form, struct sm_buf *body)
{
    const struct sm_model *taker = form == SM_REQUEST_SENT ? model : NULL;
    sm_buf_str(body, "{\"model\":");
    sm_json_cstring(body, model->name);
    sm_buf_str(body, ",\"messages\":");
    sm_buf_str(body, ask->messages);
    if (has_members(config)) {
        add_merged(config, taker, ask, body);
    } else {
        add_own(config, taker, ask, body);
        if (ask->members)
            add_members(taker, *ask->members, body);
    }
    sm_buf_char(body, '}');
}
