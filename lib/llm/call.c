#include "lib/llm/internal/call.h"

#include "lib/base/mem.h"

void sm_queue_init(struct sm_queue *q)
{
    *q = (struct sm_queue){.tail = &q->first};
}

void sm_queue_add(struct sm_queue *q, struct sm_call *call)
{
    call->next = NULL;
    *q->tail = call;
    q->tail = &call->next;
    q->count++;
}

struct sm_call *sm_queue_take(struct sm_queue *q)
{
    struct sm_call *call = q->first;
    q->first = call->next;
    q->count--;
    if (!q->first)
        q->tail = &q->first;
    return call;
}

static struct sm_call **bucket(struct sm_call_table *table, const char *key)
{
    unsigned hash = 0;
    for (int i = 0; i < 4; i++)
        hash = hash * 256 + (unsigned char)key[i];
    return &table->buckets[(hash ^ hash >> 13) % SM_CALL_BUCKETS];
}

struct sm_call *sm_call_find(const struct sm_call_table *table, const char *key)
{
    struct sm_call *call = *bucket((struct sm_call_table *)table, key);
    while (call && strcmp(call->key, key) != 0)
        call = call->chain;
    return call;
}

void sm_call_unlink(struct sm_call_table *table, struct sm_call *call)
{
    struct sm_call **at = bucket(table, call->key);
    while (*at && *at != call)
        at = &(*at)->chain;
    if (*at)
        *at = call->chain;
}

void sm_call_link(struct sm_call_table *table, struct sm_call *call)
{
    struct sm_call **at = bucket(table, call->key);
    call->chain = *at;
    *at = call;
}

void sm_call_free(struct sm_call *call)
{
    while (call->others) {
        struct sm_call *other = call->others;
        call->others = other->next;
        sm_call_free(other);
    }
    sm_buf_release(&call->bundled);
    while (call->waiters) {
        struct sm_waiter *waiter = call->waiters;
        call->waiters = waiter->next;
        free(waiter);
    }
    free(call->ask.messages);
    free(call->ask.body);
    free(call->ask.identity);
    sm_buf_release(&call->body);
    sm_buf_release(&call->response);
    sm_err_clear(&call->error);
    if (call->read && !call->ask.post)
        sm_completion_release(&call->completion);
    free(call);
}

/* Of posts that were sent together each gets its part. */
static bool read_parts(struct sm_call *call)
{
    size_t parts = call->other_count + 1, i = 0;
    struct sm_buf *kept = sm_alloc(parts, sizeof *kept);
    struct sm_usage *usage = sm_alloc(parts, sizeof *usage);
    call->refused = call->ask.post->divide(sm_buf_text(&call->response), call->response.len, parts,
                                           kept, usage);
    for (struct sm_call *part = call; part && !call->refused; i++) {
        sm_buf_clear(&part->response);
        sm_buf_add(&part->response, sm_buf_text(&kept[i]), kept[i].len);
        part->completion.usage = usage[i];
        part->ms = call->ms;
        part->read = true;
        part = i == 0 ? call->others : part->next;
    }
    for (i = 0; i < parts; i++)
        sm_buf_release(&kept[i]);
    free(kept);
    free(usage);
    return !call->refused;
}

/* What was recorded of a post was accepted when it came. */
static bool read_post(struct sm_call *call)
{
    struct sm_buf kept = {0};
    if (!call->stored && call->ask.post->divide)
        return read_parts(call);
    bool ok =
        call->stored || call->ask.post->accept(call->ask.post_arg, sm_buf_text(&call->response),
                                               call->response.len, &kept, &call->completion.usage);
    if (ok && !call->stored) {
        sm_buf_clear(&call->response);
        sm_buf_add(&call->response, sm_buf_text(&kept), kept.len);
    }
    sm_buf_release(&kept);
    return ok;
}

/* What is kept of the response is one line, whatever the server made of it; of an error too, if it
 * could be read. */
static bool read_chat(struct sm_call *call)
{
    struct sm_buf line = {0};
    bool ok = sm_completion_parse(sm_buf_text(&call->response), call->response.len, &line,
                                  &call->completion);
    if (line.len) {
        sm_buf_clear(&call->response);
        sm_buf_add(&call->response, line.data, line.len);
    }
    sm_buf_release(&line);
    return ok;
}

bool sm_call_read(struct sm_call *call)
{
    if (!call->read)
        call->read = call->ask.post ? read_post(call) : read_chat(call);
    return call->read;
}

void sm_queue_clear(struct sm_queue *q)
{
    while (q->first)
        sm_call_free(sm_queue_take(q));
}
