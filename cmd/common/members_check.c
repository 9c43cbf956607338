#include "cmd/common/members_check.h"

#include "lib/json/json.h"

#include <strings.h>

/* Members by which a gateway, such as LiteLLM's, is told where a request goes, with which key, what
 * it costs, who hears of it, or what to answer instead. */
static const char *const gateway[] = {
    "api_base",
    "base_url",
    "api_key",
    "api_version",
    "api_type",
    "apikey",
    "authorization",
    "callbacks",
    "client",
    "client_id",
    "client_secret",
    "content_policy_fallbacks",
    "context_window_fallback_dict",
    "context_window_fallbacks",
    "custom_llm_provider",
    "default_headers",
    "deployment_id",
    "extra_body",
    "extra_headers",
    "extra_query",
    "failure_callback",
    "fallbacks",
    "headers",
    "hf_token",
    "model_info",
    "model_list",
    "models",
    "organization",
    "proxy",
    "proxy_server_request",
    "region_name",
    "secret_fields",
    "ssl_verify",
    "success_callback",
    "tenant_id",
    "use_litellm_proxy",
    "user_config",
};

static const char *const gateway_prefixes[] = {
    "aws_",  "azure_",           "input_cost_per_", "langfuse_", "langsmith_", "litellm_",
    "mock_", "output_cost_per_", "user_api_key",    "vertex_",   "watsonx_",
};

/* What they hold is a text or a schema, whose names are the user's. */
static const char *const opaque[] = {
    "messages",           "tools",    "functions", "response_format", "guided_json",
    "structured_outputs", "metadata",
};

/* Members that cost more than prompt and reply, or that bound the reply in the place of ours. */
static const char *const dear[] = {
    "audio",
    "max_new_tokens",
    "max_output_tokens",
    "max_tokens_to_sample",
    "maxoutputtokens",
    "modalities",
    "n_predict",
    "num_predict",
    "plugins",
    "prediction",
    "search_parameters",
    "service_tier",
    "web_search_options",
};

/* Counts, which a server may read from a text too. */
static const char *const counts[] = {"n", "best_of", "max_completion_tokens"};

#define LISTS(list, name) lists(list, sizeof(list) / sizeof *(list), name)

static bool lists(const char *const *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(list[i], name) == 0)
            return true;
    }
    return false;
}

static bool is_gateway(const char *name)
{
    for (size_t i = 0; i < sizeof gateway_prefixes / sizeof *gateway_prefixes; i++) {
        if (strncasecmp(name, gateway_prefixes[i], strlen(gateway_prefixes[i])) == 0)
            return true;
    }
    return LISTS(gateway, name);
}

/* The first of such members at any depth, a copy; invalid if there is none. Borrows `value`. */
static jv find_gateway(jv value)
{
    jv found = jv_invalid();
    bool object = jv_get_kind(value) == JV_KIND_OBJECT;
    if (!object && jv_get_kind(value) != JV_KIND_ARRAY)
        return found;
    jv keys = jv_keys(jv_copy(value));
    int n = jv_array_length(jv_copy(keys));
    for (int i = 0; i < n && !jv_is_valid(found); i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        const char *name = object ? jv_string_value(key) : "";
        if (object && is_gateway(name)) {
            found = jv_copy(key);
        } else if (!LISTS(opaque, name)) {
            jv inner = jv_get(jv_copy(value), jv_copy(key));
            jv_free(found);
            found = find_gateway(inner);
            jv_free(inner);
        }
        jv_free(key);
    }
    jv_free(keys);
    return found;
}

static bool check_gateway(jv members, int code, struct sm_err *err)
{
    jv found = find_gateway(members);
    bool ok = !jv_is_valid(found);
    if (!ok)
        sm_err_set(
            err, code,
            "give --base-url, a key as sm-llm(7) says, and --header @FILE; or "
            "--gateway-members, if it is meant for a gateway that you trust",
            "`%s` must not be a member of a request: it says where the request goes, with which "
            "key or at which price",
            jv_string_value(found));
    jv_free(found);
    return ok;
}

/* The type of the first object of a list that is neither `a` nor `b`, a copy; invalid if there is
 * none. Owns `list`. */
static jv find_other(jv list, const char *a, const char *b)
{
    jv found = jv_invalid();
    int n = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(list)) : 0;
    for (int i = 0; i < n && !jv_is_valid(found); i++) {
        jv item = jv_array_get(jv_copy(list), i);
        const char *type = sm_json_text(item, "type", NULL);
        if (type && strcmp(type, a) != 0 && strcmp(type, b) != 0)
            found = jv_string(type);
        jv_free(item);
    }
    jv_free(list);
    return found;
}

/* Of messages: a picture, a sound or a file, whose tokens its bytes do not tell; of tools: one that
 * the server runs. Invalid if there is none. Borrows `members`. */
static jv find_dear_part(jv members)
{
    jv messages = sm_json_get(members, "messages");
    jv found = find_other(sm_json_get(members, "tools"), "function", "custom");
    int n = jv_get_kind(messages) == JV_KIND_ARRAY ? jv_array_length(jv_copy(messages)) : 0;
    for (int i = 0; i < n && !jv_is_valid(found); i++) {
        jv message = jv_array_get(jv_copy(messages), i);
        jv_free(found);
        found = find_other(sm_json_get(message, "content"), "text", "refusal");
        jv_free(message);
    }
    jv_free(messages);
    return found;
}

static bool unknown_cost(const char *name, int code, struct sm_err *err)
{
    return sm_err_set(err, code, "leave it out, or leave out --max-cost",
                      "`%s` in a request: what it costs then is not known, and --max-cost could be "
                      "passed",
                      name);
}

/* What the cost is reckoned by must be what the server reads. */
static bool check_cost(jv members, int code, struct sm_err *err)
{
    bool ok = true;
    jv_object_foreach(members, key, value)
    {
        const char *name = jv_string_value(key);
        jv_kind kind = jv_get_kind(value);
        if (ok && kind != JV_KIND_NULL &&
            (LISTS(dear, name) || (LISTS(counts, name) && kind != JV_KIND_NUMBER)))
            ok = unknown_cost(name, code, err);
        jv_free(key);
        jv_free(value);
    }
    jv part = ok ? find_dear_part(members) : jv_invalid();
    if (jv_is_valid(part))
        ok = unknown_cost(jv_string_value(part), code, err);
    jv_free(part);
    return ok;
}

bool members_check(jv members, const struct client_options *set, int code, struct sm_err *err)
{
    if (!set->gateway_members && !check_gateway(members, code, err))
        return false;
    return set->max_cost <= 0 || check_cost(members, code, err);
}
