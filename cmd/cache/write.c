#include "cmd/cache/cache.h"

#include "lib/json/json.h"
#include "lib/json/tidy.h"

/* Older stores have responses with line ends in them. */
static void write_response(const struct sm_answer *a, struct sm_buf *out)
{
    size_t space = strspn(a->response, " \t\r\n");
    if (!sm_json_tidy(a->response + space, a->response_len - space, out))
        sm_buf_str(out, "null");
}

static bool write_answer(void *arg, const struct sm_answer *a, bool whole)
{
    struct app *app = arg;
    struct sm_buf out = {0};
    sm_buf_printf(&out,
                  "{\"type\":\"answer\",\"user_id\":null,\"key\":\"%s\",\"endpoint\":", a->key);
    sm_json_cstring(&out, a->endpoint);
    sm_buf_str(&out, ",\"model\":");
    sm_json_cstring(&out, a->model);
    sm_buf_printf(&out,
                  ",\"sample\":%lld,\"created\":%lld,\"ms\":%.10g,\"tokens\":{\"in\":%lld,"
                  "\"out\":%lld}",
                  (long long)a->sample, (long long)a->created, a->ms, (long long)a->tokens_in,
                  (long long)a->tokens_out);
    if (whole) {
        sm_buf_str(&out, ",\"response\":");
        write_response(a, &out);
    }
    sm_buf_str(&out, "}\n");
    bool ok = app_write(app, out.data, out.len);
    sm_buf_release(&out);
    return ok;
}

static bool list_answer(void *arg, const struct sm_answer *answer)
{
    return write_answer(arg, answer, false);
}

static bool export_answer(void *arg, const struct sm_answer *answer)
{
    return write_answer(arg, answer, true);
}

static bool write_capability(void *arg, const struct sm_capability *capability)
{
    struct sm_buf out = {0};
    bool run = strncmp(capability->name, SM_ASKED_WITH, strlen(SM_ASKED_WITH)) == 0;
    sm_buf_printf(
        &out, "{\"type\":\"%s\",\"user_id\":null,\"endpoint\":", run ? "recording" : "endpoint");
    sm_json_cstring(&out, capability->endpoint);
    sm_buf_str(&out, ",\"model\":");
    sm_json_cstring(&out, capability->model);
    sm_buf_str(&out, ",\"name\":");
    sm_json_cstring(&out, capability->name);
    sm_buf_str(&out, ",\"value\":");
    sm_json_cstring(&out, capability->value);
    sm_buf_str(&out, "}\n");
    bool ok = app_write(arg, out.data, out.len);
    sm_buf_release(&out);
    return ok;
}

static void write_all(struct cache *cache, bool (*write)(void *, const struct sm_answer *))
{
    struct sm_err err = {0};
    if (!sm_store_each_capability(cache->store, write_capability, cache->app, &err) ||
        !sm_store_each(cache->store, write, cache->app, &err))
        app_fail(cache->app, &err);
}

void cache_list(struct cache *cache)
{
    write_all(cache, list_answer);
}

void cache_export(struct cache *cache)
{
    write_all(cache, export_answer);
}

static bool write_count(void *arg, const struct sm_store_count *count)
{
    struct sm_buf out = {0};
    sm_buf_str(&out, "{\"type\":\"count\",\"user_id\":null,\"endpoint\":");
    sm_json_cstring(&out, count->endpoint);
    sm_buf_str(&out, ",\"model\":");
    sm_json_cstring(&out, count->model);
    sm_buf_printf(&out,
                  ",\"answers\":%lld,\"bytes\":%lld,\"oldest\":%lld,\"newest\":%lld,"
                  "\"tokens\":{\"in\":%lld,\"out\":%lld}}\n",
                  (long long)count->answers, (long long)count->bytes, (long long)count->oldest,
                  (long long)count->newest, (long long)count->tokens_in,
                  (long long)count->tokens_out);
    bool ok = app_write(arg, out.data, out.len);
    sm_buf_release(&out);
    return ok;
}

void cache_count(struct cache *cache)
{
    struct sm_err err = {0};
    if (!sm_store_count(cache->store, write_count, cache->app, &err))
        app_fail(cache->app, &err);
}
