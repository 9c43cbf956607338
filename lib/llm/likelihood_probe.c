/* Whether an endpoint has a way to likelihoods. All of its steps are made: some servers know the
 * first and ignore what the last asks for. */
#include "lib/llm/internal/likelihood_parts.h"
#include "lib/llm/internal/likelihood_ways.h"

#include "lib/json/json.h"

#define TRANSCRIPT "The sky is blue. Grass is"
#define REPLY " green, and grass it is."
#define MESSAGES "[{\"role\":\"user\",\"content\":\"Which color is grass?\"}]"

/* Makes a step. Consumes the contents of `body`. What is kept of the answer goes to `kept`. */
static bool make(const struct sm_endpoint *endpoint, const struct sm_post *post,
                 struct sm_given *given, struct sm_buf *body, struct sm_buf *kept,
                 struct sm_err *err)
{
    struct sm_buf answer = {0};
    struct sm_usage usage;
    bool ok = sm_endpoint_post(endpoint, post, body, &answer, err) &&
              post->accept(given, sm_buf_text(&answer), answer.len, kept, &usage);
    sm_buf_release(&answer);
    sm_buf_release(body);
    return ok;
}

/* Makes a step before the last, and takes a member of what is kept of it, for the caller to free.
 * Invalid: it has none. */
static jv learn(const struct sm_endpoint *endpoint, const struct sm_post *post, struct sm_buf *body,
                const char *name, jv_kind kind, struct sm_err *err)
{
    struct sm_buf kept = {0};
    bool ok = make(endpoint, post, NULL, body, &kept, err);
    jv member = ok ? sm_kept_member(sm_buf_text(&kept), kept.len, name, kind) : jv_invalid();
    sm_buf_release(&kept);
    return member;
}

static bool prepare_forced(const struct sm_endpoint *endpoint, const struct sm_given *given,
                           struct sm_buf *last, struct sm_err *err)
{
    struct sm_buf body = {0};
    sm_template_body(&body, MESSAGES);
    jv prompt = learn(endpoint, &sm_template_post, &body, "prompt", JV_KIND_STRING, err);
    jv grammar = jv_invalid();
    if (jv_is_valid(prompt)) {
        sm_pieces_body(&body, REPLY);
        grammar = learn(endpoint, &sm_pieces_post, &body, "grammar", JV_KIND_STRING, err);
    }
    bool ok = jv_is_valid(grammar);
    if (ok)
        sm_forced_body(last, jv_string_value(prompt), jv_string_value(grammar), given);
    jv_free(prompt);
    jv_free(grammar);
    return ok;
}

static bool prepare_chat(const struct sm_endpoint *endpoint, const char *model,
                         struct sm_given *given, struct sm_buf *last, struct sm_err *err)
{
    struct sm_buf body = {0};
    sm_tokenize_body(&body, model, MESSAGES);
    jv count = learn(endpoint, &sm_tokenize_post, &body, "count", JV_KIND_NUMBER, err);
    bool ok = jv_is_valid(count);
    if (ok) {
        given->prefix_tokens = (size_t)jv_number_value(count);
        sm_chat_body(last, model, MESSAGES, given);
    }
    jv_free(count);
    return ok;
}

bool sm_way_probe(const struct sm_endpoint *endpoint, const char *model, enum sm_way way,
                  struct sm_err *err)
{
    static const struct sm_post *const posts[SM_WAYS] = {&sm_forced_post, &sm_chat_post,
                                                         &sm_echo_post};
    struct sm_given given = {.transcript = TRANSCRIPT, .reply = REPLY};
    struct sm_buf body = {0}, kept = {0};
    bool ok = true;
    if (way == SM_WAY_FORCED)
        ok = prepare_forced(endpoint, &given, &body, err);
    else if (way == SM_WAY_CHAT)
        ok = prepare_chat(endpoint, model, &given, &body, err);
    else
        sm_echo_body(&body, model, &given);
    ok = ok && make(endpoint, posts[way], &given, &body, &kept, err);
    sm_buf_release(&body);
    sm_buf_release(&kept);
    return ok;
}
