#include "cmd/common/members.h"

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <unistd.h>

#define FILE_MAX_BYTES ((size_t)1 << 20)

/* Members that the program answers for, and what sets them instead. */
static const struct reserved {
    const char *name, *remedy;
} reserved[] = {
    {"model", "name the model with --model"},
    {"messages", "the prompt programs write them: see --prompts"},
    {"temperature", "give --temperature"},
    {"max_tokens", "give --max-tokens"},
    {"max_completion_tokens", "give --max-tokens"},
    {"n", "leave it out: a request asks for one reply"},
    {"stream", "leave it out: replies come whole"},
    {"stream_options", "leave it out: replies come whole"},
};

/* Members by which a gateway takes a request elsewhere, or that hold a secret; at any depth. */
static const char *const elsewhere[] = {
    "api_base",
    "base_url",
    "api_key",
    "api_version",
    "api_type",
    "apikey",
    "authorization",
    "extra_headers",
    "headers",
    "model_list",
    "user_config",
    "custom_llm_provider",
    "proxy",
    "azure_ad_token",
    "azure_endpoint",
    "client_secret",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_bedrock_runtime_endpoint",
    "vertex_credentials",
    "litellm_credential_name",
};

static bool is_elsewhere(const char *name)
{
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
        if (strcasecmp(name, elsewhere[i]) == 0)
            return true;
    }
    return false;
}

static bool check_depths(jv value, struct sm_err *err);

static bool check_members(jv object, struct sm_err *err)
{
    bool ok = true;
    jv keys = jv_keys(jv_copy(object));
    int n = jv_array_length(jv_copy(keys));
    for (int i = 0; ok && i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i),
           value = jv_object_get(jv_copy(object), jv_copy(key));
        if (is_elsewhere(jv_string_value(key)))
            ok = sm_err_set(err, SM_EXIT_USAGE,
                            "give --base-url, a key in the environment or .env, and --header @FILE",
                            "`%s` must not be a member of a request: it says where the request "
                            "goes, or with which key",
                            jv_string_value(key));
        ok = ok && check_depths(value, err);
        jv_free(value);
        jv_free(key);
    }
    jv_free(keys);
    return ok;
}

static bool check_depths(jv value, struct sm_err *err)
{
    bool ok = true;
    if (jv_get_kind(value) == JV_KIND_OBJECT)
        return check_members(value, err);
    int n = jv_get_kind(value) == JV_KIND_ARRAY ? jv_array_length(jv_copy(value)) : 0;
    for (int i = 0; ok && i < n; i++) {
        jv item = jv_array_get(jv_copy(value), i);
        ok = check_depths(item, err);
        jv_free(item);
    }
    return ok;
}

static bool check_reserved(jv members, struct sm_err *err)
{
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        jv value = sm_json_get(members, reserved[i].name);
        bool there = jv_is_valid(value);
        jv_free(value);
        if (there)
            return sm_err_set(err, SM_EXIT_USAGE, reserved[i].remedy,
                              "`%s` cannot be set by --body or --set", reserved[i].name);
    }
    return true;
}

static bool read_file(const char *name, jv *members, struct sm_err *err)
{
    struct sm_buf text = {.max = FILE_MAX_BYTES};
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && sm_file_read(fd, &text);
    if (!ok)
        sm_err_set(err, SM_EXIT_INPUT, "give a file with one JSON object", "--body %s: %s", name,
                   strerror(errno));
    if (fd >= 0)
        close(fd);
    if (ok && text.over)
        ok = sm_err_set(err, SM_EXIT_INPUT, NULL, "--body %s: longer than a megabyte", name);
    jv value = jv_invalid();
    if (ok && !sm_json_parse(sm_buf_text(&text), text.len, &value, err)) {
        sm_err_prefix(err, "--body %s", name);
        ok = false;
    }
    sm_buf_release(&text);
    if (ok && jv_get_kind(value) != JV_KIND_OBJECT)
        ok = sm_err_set(err, SM_EXIT_INPUT, "give members, as in {\"reasoning_effort\": \"low\"}",
                        "--body %s: not a JSON object", name);
    if (!ok) {
        jv_free(value);
        return false;
    }
    jv_free(*members);
    *members = value;
    return true;
}

/* What is no JSON is a text. False if it is not valid UTF-8. */
static bool read_value(const char *text, jv *value)
{
    size_t len = strlen(text);
    if (sm_json_parse(text, len, value, NULL))
        return true;
    *value = jv_string_sized(text, (int)len);
    size_t kept = (size_t)jv_string_length_bytes(jv_copy(*value));
    return kept == len && memcmp(jv_string_value(*value), text, len) == 0;
}

/* Sets the member to which a path of names leads, and makes the objects on the way. Consumes
 * `object` (whatever it is) and `value`. */
static jv set_member(jv object, const char *path, size_t len, jv value)
{
    const char *dot = memchr(path, '.', len);
    size_t first = dot ? (size_t)(dot - path) : len;
    jv key = jv_string_sized(path, (int)first);
    if (jv_get_kind(object) != JV_KIND_OBJECT) {
        jv_free(object);
        object = jv_object();
    }
    if (dot)
        value = set_member(jv_object_get(jv_copy(object), jv_copy(key)), dot + 1, len - first - 1,
                           value);
    return jv_object_set(object, key, value);
}

static bool add_text(const char *text, jv *members, struct sm_err *err)
{
    const char *equals = strchr(text, '=');
    size_t len = equals ? (size_t)(equals - text) : 0;
    struct sm_buf name = {0};
    sm_buf_printf(&name, ".%.*s.", (int)len, text);
    bool ok = len > 0 && !strstr(name.data, "..");
    sm_buf_release(&name);
    if (!ok)
        return sm_err_set(err, SM_EXIT_USAGE, "for example --set reasoning_effort=low",
                          "--set %s: not NAME=VALUE", text);
    jv value;
    ok = read_value(equals + 1, &value);
    if (!ok) {
        jv_free(value);
        return sm_err_set(err, SM_EXIT_USAGE, "give it in UTF-8", "--set %.*s: not valid UTF-8",
                          (int)len, text);
    }
    *members = set_member(*members, text, len, value);
    return true;
}

bool members_read(const char *file, const struct sm_string_list *texts, jv *members,
                  struct sm_err *err)
{
    bool ok = true;
    *members = jv_object();
    if (file)
        ok = read_file(file, members, err);
    for (size_t i = 0; ok && i < texts->count; i++)
        ok = add_text(texts->at[i], members, err);
    return ok && check_reserved(*members, err) && check_members(*members, err);
}
