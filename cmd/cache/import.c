#include "cmd/cache/cache.h"

#include "lib/base/clock.h"
#include "lib/json/json.h"
#include "lib/json/raw.h"
#include "lib/llm/completion.h"
#include "lib/llm/embeddings.h"
#include "lib/llm/fault.h"
#include "lib/llm/likelihood.h"

#define COMMIT_EVERY 256
#define MS_MAX 1e15

static bool is_key(const char *key)
{
    return key && strlen(key) == SM_KEY_LEN && strspn(key, "0123456789abcdef") == SM_KEY_LEN;
}

/* Sets the answer's response to what is kept of a completion. False if the text is none. */
static bool set_response(struct cache *cache, const char *text, size_t len,
                         struct sm_answer *answer)
{
    struct sm_completion completion;
    sm_buf_clear(&cache->response);
    if (!sm_completion_parse(text, len, &cache->response, &completion))
        return false;
    answer->response = cache->response.data;
    answer->response_len = cache->response.len;
    answer->tokens_in = completion.usage.in;
    answer->tokens_out = completion.usage.out;
    sm_completion_release(&completion);
    return true;
}

static bool find_response(struct cache *cache, const char *line, size_t len,
                          struct sm_answer *answer)
{
    struct sm_raw member;
    struct sm_usage usage;
    if (!sm_raw_find(line, len, "response", &member))
        return false;
    if (!sm_likelihood_is_recorded(member.value, member.value_len, &usage) &&
        !sm_embedding_is_recorded(member.value, member.value_len, &usage))
        return set_response(cache, member.value, member.value_len, answer);
    answer->response = member.value;
    answer->response_len = member.value_len;
    answer->tokens_in = usage.in;
    answer->tokens_out = usage.out;
    return true;
}

/* Reads a whole number from 0; *number stays if the member is missing. */
static bool read_whole(jv value, const char *name, int64_t *number)
{
    jv member = sm_json_get(value, name);
    bool missing = !jv_is_valid(member);
    jv_free(member);
    return missing || sm_json_integer(value, name, 0, SM_INTEGER_MAX, number);
}

static bool read_answer(struct cache *cache, jv value, const char *line, size_t len,
                        struct sm_answer *answer)
{
    const char *key = sm_json_text(value, "key", NULL);
    *answer = (struct sm_answer){
        .endpoint = sm_json_text(value, "endpoint", NULL),
        .model = sm_json_text(value, "model", NULL),
        .ms = sm_json_number(value, "ms", 0),
    };
    if (!is_key(key) || !answer->endpoint || !answer->model ||
        !find_response(cache, line, len, answer))
        return false;
    memcpy(answer->key, key, sizeof answer->key);
    return true;
}

static bool import_answer(struct cache *cache, jv value, const char *line, size_t len,
                          struct sm_err *err)
{
    struct sm_answer answer;
    if (!read_answer(cache, value, line, len, &answer))
        return sm_err_set(err, SM_EXIT_PARTIAL, "import what sm-cache export wrote",
                          "an `answer` needs key (64 hexadecimal digits), endpoint, model and a "
                          "response that is a completion, or likelihoods");
    if (!read_whole(value, "sample", &answer.sample) ||
        !read_whole(value, "created", &answer.created) || !(answer.ms >= 0 && answer.ms <= MS_MAX))
        return sm_err_set(err, SM_EXIT_PARTIAL, "import what sm-cache export wrote",
                          "`sample` and `created` of an `answer` are whole numbers from 0, `ms` is "
                          "a number from 0");
    sm_store_put(cache->store, &answer);
    return true;
}

static bool import_capability(struct cache *cache, jv value, struct sm_err *err)
{
    struct sm_capability capability = {
        .endpoint = sm_json_text(value, "endpoint", NULL),
        .model = sm_json_text(value, "model", NULL),
        .name = sm_json_text(value, "name", NULL),
        .value = sm_json_text(value, "value", NULL),
    };
    if (!capability.endpoint || !capability.model || !capability.name || !capability.value)
        return sm_err_set(err, SM_EXIT_PARTIAL, "import what sm-cache export wrote",
                          "an `endpoint` line needs endpoint, model, name and value");
    sm_store_put_capability(cache->store, &capability);
    return true;
}

/* A prompt that the endpoint declined has its answer: see SM_FAULT_REFUSED. */
static bool take_declined(struct cache *cache, struct sm_answer *asked, const struct sm_err *err)
{
    struct sm_buf refusal = {0};
    sm_completion_refusal(&refusal, asked->model, err->message);
    bool ok = set_response(cache, refusal.data, refusal.len, asked);
    sm_buf_release(&refusal);
    return ok;
}

/* Tells why a batch line has no answer; true if it has one after all. What the endpoint refuses is
 * remembered, so that the next batch leaves it out. */
static bool refuse_batch_line(struct cache *cache, jv value, struct sm_answer *asked,
                              const struct sm_raw *body, struct sm_err *err)
{
    jv response = sm_json_get(value, "response"), error = sm_json_get(value, "error");
    int64_t status = 0;
    sm_json_integer(response, "status_code", 100, 599, &status);
    const char *message = sm_json_text(error, "message", NULL);
    struct sm_fault fault =
        sm_fault_read((long)status, body->value, body->value_len,
                      message ? message : "the batch has no answer to it", -1, err);
    if (fault.kind == SM_FAULT_PARAM) {
        struct sm_capability capability = {asked->endpoint, asked->model, fault.param, "refused"};
        sm_store_put_capability(cache->store, &capability);
    }
    jv_free(response);
    jv_free(error);
    if (fault.kind == SM_FAULT_REFUSED && take_declined(cache, asked, err)) {
        sm_err_clear(err);
        return true;
    }
    sm_err_set(err, SM_EXIT_PARTIAL,
               "run the command that wrote the batch again: it asks for this one anew", "%s",
               (err->message));
    sm_err_prefix(err, "request %.12s", asked->key);
    return false;
}

/* Imports an answer to --batch. */
static bool import_batch_line(struct cache *cache, jv value, const char *line, size_t len,
                              struct sm_err *err)
{
    const char *key = sm_json_text(value, "custom_id", NULL);
    struct sm_answer known, *asked = is_key(key) ? sm_batch_asked(cache->store, key) : NULL;
    struct sm_raw response, body = {0};
    if (!asked && is_key(key) && sm_store_get(cache->store, key, &known))
        return true; /* imported before */
    if (!asked)
        return sm_err_set(
            err, SM_EXIT_PARTIAL,
            "import into the store (--cache, SM_CACHE) of the run that wrote the batch",
            "the answer to a request that this store did not ask: skipped");
    bool any = sm_raw_find(line, len, "response", &response) &&
               sm_raw_find(response.value, response.value_len, "body", &body);
    asked->created = sm_clock_unix_s(&sm_system_clock);
    bool ok = (any && set_response(cache, body.value, body.value_len, asked)) ||
              refuse_batch_line(cache, value, asked, &body, err);
    if (ok) {
        sm_store_put(cache->store, asked);
        sm_batch_forget(cache->store, key);
    }
    sm_batch_asked_free(asked);
    return ok;
}

/* Imports an answer in another provider's form. */
static bool import_turned(struct cache *cache, enum sm_batch_form form, jv value,
                          struct sm_err *err)
{
    struct sm_buf line = {0};
    jv ours;
    if (!cache->turners[form])
        cache->turners[form] = sm_batch_turner_open(form, err);
    bool ok = cache->turners[form] &&
              sm_batch_turn_answer(cache->turners[form], value, &line, err) &&
              sm_json_parse(line.data, line.len, &ours, err);
    if (ok) {
        ok = import_batch_line(cache, ours, line.data, line.len, err);
        jv_free(ours);
    }
    sm_buf_release(&line);
    return ok;
}

static bool import_value(struct cache *cache, jv value, const char *line, size_t len,
                         struct sm_err *err)
{
    const char *type = sm_json_text(value, "type", NULL);
    if (type && strcmp(type, "answer") == 0)
        return import_answer(cache, value, line, len, err);
    if (type && (strcmp(type, "endpoint") == 0 || strcmp(type, "recording") == 0))
        return import_capability(cache, value, err);
    enum sm_batch_form form = sm_batch_form_of_answer(value);
    if (form == SM_BATCH_OPENAI)
        return import_batch_line(cache, value, line, len, err);
    if (form != SM_BATCH_FORMS)
        return import_turned(cache, form, value, err);
    if (sm_batch_form_foreign(value))
        return sm_err_set(err, SM_EXIT_PARTIAL,
                          "import the answers to a batch of OpenAI's, Anthropic's or Gemini's form",
                          "%s: skipped", sm_batch_form_foreign(value));
    return sm_err_set(err, SM_EXIT_PARTIAL, "import what sm-cache export or a batch wrote",
                      "neither an `answer`, nor an `endpoint` line, nor one of a batch: skipped");
}

static bool import_line(struct cache *cache, const char *line, size_t len, struct sm_err *err)
{
    jv value;
    if (!sm_json_parse(line, len, &value, err)) {
        err->code = SM_EXIT_PARTIAL;
        return false;
    }
    bool ok = import_value(cache, value, line, len, err);
    jv_free(value);
    return ok;
}

void cache_import(struct cache *cache)
{
    struct sm_err err = {0};
    struct sm_reader reader;
    const char *line;
    size_t len, taken = 0;
    app_open_reader(cache->app, &reader);
    while (!err.message && sm_reader_line(&reader, true, &line, &len) == SM_READ_LINE) {
        if (!import_line(cache, line, len, &err))
            sm_reader_bad(&reader, &err);
        else if (++taken % COMMIT_EVERY == 0)
            sm_store_commit(cache->store, &err);
    }
    sm_reader_close(&reader);
    if (err.message || !sm_store_commit(cache->store, &err))
        app_fail(cache->app, &err);
    else
        app_note(cache->app, "%zu lines imported", taken);
}
