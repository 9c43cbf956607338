#include "cmd/common/members.h"

#include "cmd/common/members_check.h"
#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/json/json.h"

#include <errno.h>
#include <fcntl.h>
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

bool members_read(const struct client_options *set, jv *members, struct sm_err *err)
{
    const struct sm_string_list *texts = &set->members;
    bool ok = true;
    *members = jv_object();
    if (set->gateway_members && set->max_cost > 0)
        return sm_err_set(err, SM_EXIT_USAGE, "give one of them",
                          "--gateway-members and --max-cost exclude each other: a gateway may be "
                          "told to ask a dearer model");
    if (set->body)
        ok = read_file(set->body, members, err);
    for (size_t i = 0; ok && i < texts->count; i++)
        ok = add_text(texts->at[i], members, err);
    return ok && check_reserved(*members, err) && members_check(*members, set, SM_EXIT_USAGE, err);
}
