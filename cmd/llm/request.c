#include "cmd/llm/request.h"

#include "cmd/common/members_check.h"
#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/json/raw.h"

#include <math.h>

#define CHAT_PATH "/chat/completions"

static bool bad(struct sm_err *err, const char *what)
{
    return sm_err_set(err, SM_EXIT_PARTIAL,
                      "write a list of messages, {\"messages\":[...]}, or a batch line with "
                      "custom_id and body",
                      "%s: skipped", what);
}

/* The messages of a request: each an object with a role. */
static bool are_messages(jv messages)
{
    int n = jv_get_kind(messages) == JV_KIND_ARRAY ? jv_array_length(jv_copy(messages)) : 0;
    bool ok = n > 0;
    for (int i = 0; ok && i < n; i++) {
        jv message = jv_array_get(jv_copy(messages), i);
        ok = sm_json_text(message, "role", NULL) != NULL;
        jv_free(message);
    }
    return ok;
}

/* Whether the numbers that the client writes itself are ones that a double can hold. */
static bool are_numbers(jv body)
{
    static const char *const names[] = {"temperature", "max_tokens", "max_completion_tokens"};
    bool ok = true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        jv member = sm_json_get(body, names[i]);
        ok = ok && (jv_get_kind(member) != JV_KIND_NUMBER ||
                    isfinite(sm_json_number(body, names[i], NAN)));
        jv_free(member);
    }
    return ok;
}

static double take_number(jv *members, const char *name)
{
    double number = sm_json_number(*members, name, NAN);
    if (!isnan(number))
        *members = jv_object_delete(*members, jv_string(name));
    return number;
}

/* The body in a line: a batch line's, an object with messages, or a list of messages. Consumes
 * it. */
static jv body_of(jv value)
{
    if (jv_get_kind(value) == JV_KIND_ARRAY)
        return jv_object_set(jv_object(), jv_string("messages"), value);
    jv body = sm_json_get(value, "body");
    if (jv_get_kind(body) != JV_KIND_OBJECT) {
        jv_free(body);
        return value;
    }
    jv_free(value);
    return body;
}

static bool is_chat(jv value)
{
    const char *url = sm_json_text(value, "url", NULL);
    size_t len = url ? strlen(url) : 0, path = strlen(CHAT_PATH);
    return !url || (len >= path && strcmp(url + len - path, CHAT_PATH) == 0);
}

static char *id_of(jv value, size_t number)
{
    struct sm_buf id = {0};
    const char *own = sm_json_text(value, "custom_id", NULL);
    if (own)
        sm_json_cstring(&id, own);
    else
        sm_buf_printf(&id, "\"line-%zu\"", number);
    return sm_buf_take(&id);
}

/* Removes from the body what the client writes itself. A reply comes whole, never streamed. */
static void set_ask(struct llm_request *r, const struct client_options *set)
{
    const char *model = sm_json_text(r->members, "model", NULL);
    if (model && !set->model)
        r->model = sm_strdup(model);
    double temperature = take_number(&r->members, "temperature");
    double max_tokens = take_number(&r->members, "max_tokens");
    double max_completion = take_number(&r->members, "max_completion_tokens");
    static const char *const ours[] = {"model",          "messages",   "stream",
                                       "stream_options", "max_tokens", "temperature"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        r->members = jv_object_delete(r->members, jv_string(ours[i]));
    max_tokens = isnan(max_completion) ? max_tokens : max_completion;
    r->temperature = isnan(temperature) ? set->temperature : temperature;
    r->max_tokens = max_tokens >= 1 && max_tokens < 1e9 ? (long)max_tokens : 0;
}

/* The messages in the bytes of the line, whose shape was checked. */
static char *messages_of(const char *line, size_t len)
{
    struct sm_raw body, messages;
    if (sm_raw_find(line, len, "body", &body) &&
        sm_raw_find(body.value, body.value_len, "messages", &messages))
        return sm_strndup(messages.value, messages.value_len);
    if (sm_raw_find(line, len, "messages", &messages))
        return sm_strndup(messages.value, messages.value_len);
    return sm_strndup(line, len);
}

bool llm_request_read(struct llm_request *r, const char *line, size_t len, size_t number,
                      const struct client_options *set, struct sm_err *err)
{
    jv value;
    if (!sm_json_parse(line, len, &value, err))
        return false;
    bool chat = is_chat(value);
    enum sm_batch_form form = sm_batch_form_of_request(value);
    jv body = body_of(jv_copy(value)), messages = sm_json_get(body, "messages");
    bool numbers = are_numbers(body), readable = chat && are_messages(messages) && numbers;
    bool ok = readable && members_check(body, set, SM_EXIT_PARTIAL, err);
    if (ok) {
        *r = (struct llm_request){.messages = messages_of(line, len),
                                  .id = id_of(value, number),
                                  .members = jv_copy(body)};
        set_ask(r, set);
    }
    jv_free(messages);
    jv_free(body);
    jv_free(value);
    if (readable)
        return ok;
    return bad(err, !chat ? "a batch line for another interface"
                    : form < SM_BATCH_FORMS && form != SM_BATCH_OPENAI
                        ? "a batch line in another form than OpenAI's"
                    : numbers ? "no messages in this line"
                              : "a number that is out of range");
}

void llm_request_release(struct llm_request *r)
{
    jv_free(r->members);
    free(r->id);
    free(r->model);
}
