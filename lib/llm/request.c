#include "lib/llm/internal/request.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"

#include <math.h>

#define TOP_LOGPROBS 5
#define REPLIES_MAX 1e6 /* more than any endpoint gives */

long sm_request_max_tokens(const struct sm_llm_config *config, const struct sm_ask *ask)
{
    return ask->max_tokens ? ask->max_tokens : config->max_tokens;
}

int64_t sm_request_replies(const struct sm_ask *ask)
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
    return (struct sm_usage){.in = (int64_t)bytes / SM_BYTES_PER_TOKEN_LEAST,
                             .out = sm_request_max_tokens(config, ask) * sm_request_replies(ask)};
}

int64_t sm_request_tokens(const struct sm_llm_config *config, const struct sm_ask *ask,
                          size_t bytes)
{
    return (int64_t)bytes / SM_BYTES_PER_TOKEN +
           sm_request_max_tokens(config, ask) * sm_request_replies(ask);
}

static void add_schema(const struct sm_ask *ask, struct sm_buf *body)
{
    sm_buf_str(body, ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":");
    sm_json_cstring(body, ask->schema_name);
    sm_buf_printf(body, ",\"strict\":true,\"schema\":%s}}", ask->schema);
}

/* Adds members that the user wrote, as far as the model takes them. */
static void add_members(unsigned lacks, jv members, struct sm_buf *body)
{
    jv keys = jv_keys(jv_copy(members));
    int n = jv_array_length(jv_copy(keys));
    for (int i = 0; i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        const char *name = jv_string_value(key);
        if (sm_param_is_taken(lacks, name)) {
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

/* Within a string, a bare quote can only follow a brace at the string's end. The last message is
 * then taken to begin later than it does, which only affects when the call is sent. */
static size_t before_last_message(const char *messages)
{
    const char *last = messages;
    for (const char *at = messages; (at = strchr(at, '{')); at++)
        last = at[1] == '"' ? at : last;
    return (size_t)(last - messages);
}

/* What the program itself writes behind the messages. */
static void add_own(const struct sm_llm_config *config, unsigned lacks, const struct sm_ask *ask,
                    struct sm_buf *body)
{
    bool logprobs = ask->logprobs && sm_param_is_taken(lacks, "logprobs");
    if (!isnan(ask->temperature) && sm_param_is_taken(lacks, "temperature"))
        sm_buf_printf(body, ",\"temperature\":%.10g", ask->temperature);
    sm_buf_printf(body, ",\"%s\":%ld",
                  sm_param_is_taken(lacks, "max_tokens") ? "max_tokens" : "max_completion_tokens",
                  sm_request_max_tokens(config, ask));
    if (ask->schema && sm_param_is_taken(lacks, "response_format"))
        add_schema(ask, body);
    if (logprobs && config->logprobs_count)
        sm_buf_str(body, ",\"logprobs\":1");
    else if (logprobs)
        sm_buf_printf(body, ",\"logprobs\":true,\"top_logprobs\":%d", TOP_LOGPROBS);
}

/* That and the members of the request itself, with the members that the user set merged into them.
 * Such a body is written anew: the keys are in byte order. */
static void add_merged(const struct sm_llm_config *config, unsigned lacks, const struct sm_ask *ask,
                       struct sm_buf *body)
{
    struct sm_buf own = {0};
    jv members = jv_invalid();
    add_own(config, lacks, ask, &own);
    own.data[0] = '{'; /* instead of the comma */
    sm_buf_char(&own, '}');
    if (!sm_json_parse(own.data, own.len, &members, NULL))
        members = jv_object();
    if (ask->members)
        members = jv_object_merge(members, jv_copy(*ask->members));
    members = sm_json_merge(members, *config->members);
    add_members(lacks, members, body);
    jv_free(members);
    sm_buf_release(&own);
}

static bool has_members(const struct sm_llm_config *config)
{
    return config->members && jv_object_length(jv_copy(*config->members)) > 0;
}

size_t sm_request_write(const struct sm_llm_config *config, const struct sm_model *model,
                        unsigned lacks, const struct sm_ask *ask, struct sm_buf *body)
{
    char *folded =
        lacks & 1u << SM_PARAM_SYSTEM_ROLE ? sm_request_fold_system(ask->messages) : NULL;
    const char *messages = folded ? folded : ask->messages;
    sm_buf_str(body, "{\"model\":");
    sm_json_cstring(body, model->name);
    sm_buf_str(body, ",\"messages\":");
    size_t before = body->len + before_last_message(messages);
    sm_buf_str(body, messages);
    free(folded);
    if (has_members(config)) {
        add_merged(config, lacks, ask, body);
    } else {
        add_own(config, lacks, ask, body);
        if (ask->members)
            add_members(lacks, *ask->members, body);
    }
    sm_buf_char(body, '}');
    return before;
}

/* --- Without a role of the system's --- */

static bool has_role(jv message, const char *role)
{
    const char *own = sm_json_text(message, "role", NULL);
    return own && strcmp(own, role) == 0;
}

static bool is_systems(jv message)
{
    return has_role(message, "system") || has_role(message, "developer");
}

/* Two contents behind each other: texts with an empty line between, or lists of parts. Consumes
 * both. */
static jv join_contents(jv first, jv second)
{
    if (jv_get_kind(first) == JV_KIND_STRING && jv_get_kind(second) == JV_KIND_STRING) {
        first = jv_string_append_str(first, "\n\n");
        return jv_string_concat(first, second);
    }
    jv parts[] = {first, second};
    for (int i = 0; i < 2; i++) {
        if (jv_get_kind(parts[i]) == JV_KIND_STRING) {
            jv part = jv_object_set(jv_object(), jv_string("type"), jv_string("text"));
            parts[i] = JV_ARRAY(jv_object_set(part, jv_string("text"), parts[i]));
        } else if (jv_get_kind(parts[i]) != JV_KIND_ARRAY) {
            jv_free(parts[i]);
            parts[i] = jv_array();
        }
    }
    return jv_array_concat(parts[0], parts[1]);
}

/* Templates without that role want the others to alternate: a message behind one of the same role
 * is joined to it. Consumes both. */
static jv append_message(jv list, jv message)
{
    int n = jv_array_length(jv_copy(list));
    jv last = n > 0 ? jv_array_get(jv_copy(list), n - 1) : jv_null();
    const char *role = sm_json_text(message, "role", NULL);
    if (n > 0 && role && has_role(last, role)) {
        jv content = join_contents(sm_json_get(last, "content"), sm_json_get(message, "content"));
        list = jv_array_set(list, n - 1, jv_object_set(last, jv_string("content"), content));
        jv_free(message);
        return list;
    }
    jv_free(last);
    return jv_array_append(list, message);
}

char *sm_request_fold_system(const char *messages)
{
    jv given = jv_invalid(), list = jv_array();
    bool any = false;
    if (!sm_json_parse(messages, strlen(messages), &given, NULL))
        return NULL;
    int n = jv_get_kind(given) == JV_KIND_ARRAY ? jv_array_length(jv_copy(given)) : 0;
    for (int i = 0; i < n; i++) {
        jv message = jv_array_get(jv_copy(given), i);
        if (is_systems(message)) {
            message = jv_object_set(message, jv_string("role"), jv_string("user"));
            any = true;
        }
        list = append_message(list, message);
    }
    struct sm_buf text = {0};
    sm_json_value(&text, list);
    jv_free(list);
    jv_free(given);
    if (any)
        return sm_buf_take(&text);
    sm_buf_release(&text);
    return NULL;
}
