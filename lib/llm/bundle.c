#include "lib/llm/internal/bundle.h"

#include "lib/json/json.h"

#include <math.h>
#include <string.h>

#define POSTS_BYTES ((size_t)128 << 10) /* of posts that go together */
#define POST_END "]}"

bool sm_bundle_may(const struct sm_call *call)
{
    const struct sm_ask *ask = &call->ask;
    if (ask->post)
        return ask->post->divide && call->tried == 0 && !(call->without & 1u << SM_PARAM_N);
    return !ask->members && ask->temperature > 0 && call->model->proven && call->tried == 0 &&
           sm_param_is_taken(call->model->lacks | call->without, "n");
}

bool sm_bundle_fits(const struct sm_call *call, const struct sm_call *other)
{
    if (other == call || !sm_bundle_may(other) || other->ask.post != call->ask.post)
        return false;
    if (call->ask.post)
        return other->model == call->model && call->bundled_bytes + other->body.len <= POSTS_BYTES;
    return other->version == other->model->version && other->model == call->model &&
           other->body.len == call->body.len &&
           memcmp(other->body.data, call->body.data, call->body.len) == 0;
}

void sm_bundle_add(struct sm_call *call, struct sm_call *other)
{
    struct sm_call **end = &call->others;
    while (*end)
        end = &(*end)->next;
    other->next = NULL;
    *end = other;
    call->other_count++;
    call->bundled_bytes += other->body.len;
}

struct sm_call *sm_bundle_take(struct sm_call *call)
{
    struct sm_call *other = call->others;
    if (!other)
        return NULL;
    call->others = other->next;
    call->other_count--;
    call->bundled_bytes -= other->body.len;
    return other;
}

static void write_posts(struct sm_call *call)
{
    sm_buf_add(&call->bundled, call->body.data, call->body.len - strlen(POST_END));
    for (const struct sm_call *other = call->others; other; other = other->next) {
        size_t from = other->prefix_len;
        sm_buf_char(&call->bundled, ',');
        sm_buf_add(&call->bundled, other->body.data + from,
                   other->body.len - strlen(POST_END) - from);
    }
    sm_buf_str(&call->bundled, POST_END);
}

void sm_bundle_write(struct sm_call *call)
{
    sm_buf_clear(&call->bundled);
    if (call->ask.post) {
        write_posts(call);
        return;
    }
    sm_buf_add(&call->bundled, call->body.data, call->body.len - 1); /* less its last brace */
    sm_buf_printf(&call->bundled, ",\"n\":%zu}", call->other_count + 1);
}

/* The answer with one of its choices. Tokens of the prompt, and what is told in detail, are the
 * first one's; those of the replies are shared. */
static void write_share(jv root, int choice, size_t parts, struct sm_buf *out)
{
    jv choices = sm_json_get(root, "choices"), usage = sm_json_get(root, "usage");
    jv one = jv_object_set(jv_array_get(choices, choice), jv_string("index"), jv_number(0));
    jv share = jv_object_set(jv_copy(root), jv_string("choices"), JV_ARRAY(one));
    if (jv_get_kind(usage) == JV_KIND_OBJECT) {
        double all = sm_json_number(usage, "completion_tokens", 0);
        double each = floor(all / (double)(parts ? parts : 1));
        double own = choice == 0 ? all - each * (double)(parts - 1) : each;
        if (choice > 0) {
            jv_free(usage);
            usage = JV_OBJECT(jv_string("prompt_tokens"), jv_number(0));
        }
        usage = jv_object_set(usage, jv_string("completion_tokens"), jv_number(own));
        share = jv_object_set(share, jv_string("usage"), usage);
    } else {
        jv_free(usage);
    }
    sm_json_value(out, share);
    jv_free(share);
}

/* False if that choice is no answer. */
static bool give(struct sm_call *call, jv root, int choice, size_t parts)
{
    struct sm_buf share = {0};
    write_share(root, choice, parts, &share);
    if (call->read)
        sm_completion_release(&call->completion);
    call->read = false;
    sm_buf_clear(&call->response);
    sm_buf_add(&call->response, share.data, share.len);
    sm_buf_release(&share);
    return sm_call_read(call);
}

size_t sm_bundle_divide(struct sm_call *call)
{
    if (call->ask.post)
        return call->other_count + 1; /* as they were read */
    jv root = jv_copy(call->completion.root), choices = sm_json_get(root, "choices");
    size_t count = jv_get_kind(choices) == JV_KIND_ARRAY ? (size_t)jv_array_length(choices) : 0;
    size_t parts = count < call->other_count + 1 ? count : call->other_count + 1;
    size_t given = 1;
    give(call, root, 0, parts);
    for (struct sm_call *other = call->others; other && given < parts; other = other->next) {
        other->ms = call->ms;
        if (!give(other, root, (int)given, parts))
            break;
        given++;
    }
    jv_free(root);
    return given;
}
