#include "lib/llm/embeddings.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/llm/internal/likelihood_parts.h"
#include "lib/llm/internal/likelihood_ways.h"

#include <float.h>
#include <math.h>

struct inquiry {
    sm_embedding_fn *done;
    void *arg;
};

/* --- The answer --- */

static const char wrong_numbers[] = "an embedding of the answer is no list of finite numbers, as "
                                    "long as the others";

/* Appends {"embedding":[...]. Sets *count to how many numbers there are, which must be that if it
 * is not 0. */
static const char *keep_numbers(jv list, size_t *count, struct sm_buf *kept)
{
    size_t n = sm_part_count(list);
    if (jv_get_kind(list) == JV_KIND_STRING)
        return "the embeddings of the answer are texts (base64), and numbers were asked for";
    if (n == 0 || (*count && n != *count))
        return wrong_numbers;
    *count = n;
    for (size_t i = 0; i < n; i++) {
        double number = sm_part_number(list, i);
        if (!(fabs(number) <= FLT_MAX))
            return wrong_numbers;
        sm_buf_printf(kept, "%s%.7g", i ? "," : "{\"embedding\":[", number);
    }
    sm_buf_char(kept, ']');
    return NULL;
}

/* The tokens of all texts, shared out. */
static void share_usage(jv root, size_t parts, struct sm_buf *kept, struct sm_usage *usage)
{
    struct sm_usage all;
    sm_part_usage(root, &all);
    for (size_t i = 0; i < parts; i++) {
        int64_t each = all.in / (int64_t)parts;
        usage[i] = (struct sm_usage){.in = i ? each : all.in - each * ((int64_t)parts - 1),
                                     .untold = all.untold};
        sm_buf_printf(&kept[i], ",\"usage\":{\"in\":%lld,\"untold\":%s}}", (long long)usage[i].in,
                      all.untold ? "true" : "false");
    }
}

/* `index` says which text an embedding is of. One alone needs none. */
static const char *keep_item(jv item, size_t parts, size_t *count, struct sm_buf *kept)
{
    int64_t index = 0;
    jv list = sm_json_get(item, "embedding"), number = sm_json_get(item, "index");
    bool told = jv_is_valid(number);
    bool ok =
        (!told && parts == 1) || sm_json_integer(item, "index", 0, (int64_t)parts - 1, &index);
    const char *wrong = ok && kept[index].len == 0
                            ? keep_numbers(list, count, &kept[index])
                            : "an `index` of the answer is missing, or not that of one text each";
    jv_free(number);
    jv_free(list);
    return wrong;
}

static const char *divide(const char *body, size_t len, size_t parts, struct sm_buf *kept,
                          struct sm_usage *usage)
{
    jv root = jv_invalid();
    size_t count = 0;
    if (!sm_json_parse(body, len, &root, NULL))
        return "the answer is no JSON";
    jv data = sm_json_get(root, "data");
    const char *wrong = jv_get_kind(data) != JV_KIND_ARRAY ? "the answer has no list `data`"
                        : sm_part_count(data) != parts
                            ? "the answer does not have one embedding for each text"
                            : NULL;
    for (size_t i = 0; !wrong && i < parts; i++) {
        jv item = jv_array_get(jv_copy(data), (int)i);
        wrong = keep_item(item, parts, &count, kept);
        jv_free(item);
    }
    if (!wrong)
        share_usage(root, parts, kept, usage);
    jv_free(data);
    jv_free(root);
    return wrong;
}

static const struct sm_post post = {
    .path = "/embeddings", .refused = "the answer has no embedding", .divide = divide};

/* --- What was kept --- */

static void read_usage(jv root, struct sm_usage *usage)
{
    jv told = sm_json_get(root, "usage");
    *usage = (struct sm_usage){.in = sm_part_tokens(told, "in"),
                               .untold = sm_json_bool(told, "untold", false)};
    jv_free(told);
}

/* The numbers, for the caller to free; NULL: it is no embedding. */
static float *read_kept(const char *text, size_t len, size_t *count, struct sm_usage *usage)
{
    jv root = jv_invalid();
    if (!sm_json_parse(text, len, &root, NULL))
        return NULL;
    jv list = sm_json_get(root, "embedding");
    *count = sm_part_count(list);
    float *at = *count ? sm_alloc(*count, sizeof *at) : NULL;
    for (size_t i = 0; at && i < *count; i++) {
        double number = sm_part_number(list, i);
        at[i] = (float)number;
        if (!(fabs(number) <= FLT_MAX)) {
            free(at);
            at = NULL;
        }
    }
    read_usage(root, usage);
    jv_free(list);
    jv_free(root);
    return at;
}

bool sm_embedding_is_recorded(const char *text, size_t len, struct sm_usage *usage)
{
    size_t count;
    float *at = read_kept(text, len, &count, usage);
    free(at);
    return at != NULL;
}

/* --- Asking --- */

static void take_reply(void *arg, const struct sm_reply *reply)
{
    struct inquiry *q = arg;
    struct sm_embedding embedding = {.error = reply->error, .tried = reply->tried, .ms = reply->ms};
    struct sm_err err = {0};
    float *at = NULL;
    if (!reply->error &&
        !(at = read_kept(reply->response, reply->response_len, &embedding.count, &embedding.usage)))
        sm_err_set(&err, SM_EXIT_INPUT, NULL, "the recorded embedding cannot be read");
    embedding.error = err.message ? &err : reply->error;
    embedding.at = at;
    q->done(q->arg, &embedding);
    free(at);
    free(q);
    sm_err_clear(&err);
}

void sm_embedding_ask(const struct sm_embedder *embedder, const char *text, size_t len,
                      sm_embedding_fn *done, void *arg)
{
    struct inquiry *q = sm_alloc(1, sizeof *q);
    struct sm_buf body = {0};
    *q = (struct inquiry){done, arg};
    sm_buf_str(&body, "{\"model\":");
    sm_json_cstring(&body, embedder->model);
    sm_buf_str(&body, ",\"encoding_format\":\"float\",\"input\":[");
    size_t prefix = body.len;
    sm_json_string(&body, text, len);
    sm_buf_str(&body, "]}");
    struct sm_ask ask = {.post = &post,
                         .body = sm_buf_take(&body),
                         .body_prefix = prefix,
                         .model = embedder->model,
                         .max_tokens = 1};
    sm_llm_ask(embedder->llm, &ask, take_reply, q);
}

double sm_embedding_cosine(const float *a, const float *b, size_t count)
{
    double both = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < count; i++) {
        both += (double)a[i] * b[i];
        aa += (double)a[i] * a[i];
        bb += (double)b[i] * b[i];
    }
    return aa > 0 && bb > 0 ? both / (sqrt(aa) * sqrt(bb)) : 0;
}
