#include "lib/llm/internal/waiting.h"

#include "lib/base/mem.h"

#define BLOCK_BYTES 256 /* common beginnings count in blocks: less is not worth a turn */

void sm_waiting_init(struct sm_waiting *w)
{
    *w = (struct sm_waiting){.tail = &w->first};
}

void sm_waiting_release(struct sm_waiting *w)
{
    while (w->first) {
        struct sm_call *call = w->first;
        sm_waiting_take(w, call);
        sm_call_free(call);
    }
    if (w->last)
        free(w->last->text);
    free(w->last);
    free(w->prefixes);
}

static int compare_prefix(const struct sm_prefix *prefix, const char *text, size_t len)
{
    int order = memcmp(prefix->text, text, len < prefix->len ? len : prefix->len);
    return order ? order : (prefix->len > len) - (prefix->len < len);
}

/* Where the prefix is, or belongs. */
static size_t place_of(const struct sm_waiting *w, const char *text, size_t len)
{
    size_t from = 0, to = w->prefix_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (compare_prefix(w->prefixes[middle], text, len) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static struct sm_prefix *find_prefix(struct sm_waiting *w, const char *text, size_t len)
{
    size_t at = place_of(w, text, len);
    if (at < w->prefix_count && compare_prefix(w->prefixes[at], text, len) == 0)
        return w->prefixes[at];
    struct sm_prefix *prefix = sm_alloc(1, sizeof *prefix);
    *prefix = (struct sm_prefix){.text = sm_strndup(text, len), .len = len, .tail = &prefix->first};
    w->prefixes =
        sm_grow(w->prefixes, w->prefix_count, &w->prefix_room, sizeof(struct sm_prefix *));
    for (size_t i = w->prefix_count++; i > at; i--)
        w->prefixes[i] = w->prefixes[i - 1];
    w->prefixes[at] = prefix;
    return prefix;
}

/* Frees a prefix that no call needs. */
static void drop_unused(struct sm_waiting *w, struct sm_prefix *prefix)
{
    if (!prefix || prefix->first || prefix == w->last)
        return;
    size_t at = place_of(w, prefix->text, prefix->len);
    w->prefix_count--;
    for (size_t i = at; i < w->prefix_count; i++)
        w->prefixes[i] = w->prefixes[i + 1];
    free(prefix->text);
    free(prefix);
}

void sm_waiting_add(struct sm_waiting *w, struct sm_call *call)
{
    struct sm_prefix *prefix = find_prefix(w, sm_buf_text(&call->body), call->prefix_len);
    call->prefix = prefix;
    call->next = call->akin = NULL;
    call->link = w->tail;
    *w->tail = call;
    w->tail = &call->next;
    w->count++;
    *prefix->tail = call;
    prefix->tail = &call->akin;
}

/* Few are before it: those that wait for something else. */
static void leave_prefix(struct sm_call *call)
{
    struct sm_prefix *prefix = call->prefix;
    struct sm_call **link = &prefix->first;
    while (*link != call)
        link = &(*link)->akin;
    *link = call->akin;
    if (prefix->tail == &call->akin)
        prefix->tail = link;
    call->prefix = NULL;
}

void sm_waiting_take(struct sm_waiting *w, struct sm_call *call)
{
    struct sm_prefix *prefix = call->prefix;
    *call->link = call->next;
    if (call->next)
        call->next->link = call->link;
    else
        w->tail = call->link;
    w->count--;
    leave_prefix(call);
    drop_unused(w, prefix);
}

void sm_waiting_follow(struct sm_waiting *w, const struct sm_call *call)
{
    struct sm_prefix *before = w->last;
    w->last = call->prefix;
    drop_unused(w, before);
}

static size_t blocks_alike(const struct sm_prefix *a, const struct sm_prefix *b)
{
    size_t most = (a->len < b->len ? a->len : b->len) / BLOCK_BYTES, n = 0;
    while (n < most &&
           memcmp(a->text + n * BLOCK_BYTES, b->text + n * BLOCK_BYTES, BLOCK_BYTES) == 0)
        n++;
    return n;
}

struct sm_prefix *sm_waiting_nearest(const struct sm_waiting *w, const struct sm_call *call)
{
    struct sm_prefix *last = w->last, *nearest = NULL;
    if (!last || call->prefix == last)
        return NULL;
    if (last->first)
        return last;
    size_t at = place_of(w, last->text, last->len), most = blocks_alike(last, call->prefix);
    for (size_t i = at > 0 ? at - 1 : at + 1; i <= at + 1 && i < w->prefix_count; i += 2) {
        size_t alike = blocks_alike(last, w->prefixes[i]);
        if (alike > most) {
            most = alike;
            nearest = w->prefixes[i];
        }
    }
    return nearest;
}
