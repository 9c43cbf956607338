/* The store of recorded answers, listed, exported and imported as JSON Lines, and pruned. */
#include "cmd/common/app.h"
#include "cmd/common/store.h"

#include "lib/base/clock.h"
#include "lib/json/json.h"
#include "lib/json/raw.h"
#include "lib/json/tidy.h"
#include "lib/llm/completion.h"
#include "lib/llm/embeddings.h"
#include "lib/llm/fault.h"
#include "lib/llm/likelihood.h"
#include "lib/store/batch.h"
#include "lib/store/schema.h"

#include <math.h>
#include <stddef.h>

#define COMMIT_EVERY 256
#define MS_MAX 1e15
#define SECONDS_OF_A_DAY 86400.0

struct cache_options {
    double older;
    const char *model, *endpoint;
    long max_bytes;
};

struct cache {
    struct app *app;
    struct cache_options set;
    struct store_options store_set;
    struct sm_store *store;
    struct sm_batch_turner *turners[SM_BATCH_FORMS]; /* opened as needed */
    struct sm_buf response; /* of the answer that is being imported, as it is kept */
};

static const struct sm_opt options[] = {
    {0, "older", "DAYS", SM_OPT_REAL, offsetof(struct cache_options, older), 0, 1e6,
     "For prune: answers that were recorded at least DAYS days ago."},
    {0, "model", "NAME", SM_OPT_TEXT, offsetof(struct cache_options, model), 0, 0,
     "For prune and forget: what is of this model, as list shows it."},
    {0, "endpoint", "URL", SM_OPT_TEXT, offsetof(struct cache_options, endpoint), 0, 0,
     "For forget: what is known of this endpoint, as list shows it."},
    {0, "max-size", "BYTES", SM_OPT_INT, offsetof(struct cache_options, max_bytes), 0, 9e15,
     "For prune: the oldest answers, until the texts of all together have at most BYTES bytes."},
    SM_OPT_END};

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

static void list_all(struct cache *cache)
{
    write_all(cache, list_answer);
}

static void export_all(struct cache *cache)
{
    write_all(cache, export_answer);
}

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

static void import_all(struct cache *cache)
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

static void count_all(struct cache *cache)
{
    struct sm_err err = {0};
    if (!sm_store_count(cache->store, write_count, cache->app, &err))
        app_fail(cache->app, &err);
}

static void prune_some(struct cache *cache)
{
    const struct cache_options *set = &cache->set;
    struct sm_err err = {0};
    struct sm_prune what = {
        .before = sm_clock_unix_s(&sm_system_clock) + 1 -
                  (int64_t)(fmax(set->older, 0) * SECONDS_OF_A_DAY),
        .model = set->model,
        .max_bytes = set->max_bytes,
    };
    int64_t count;
    if (set->older < 0 && !set->model && set->max_bytes < 0)
        sm_err_set(
            &err, SM_EXIT_USAGE,
            "give --older DAYS, --model NAME, --max-size BYTES, or several of them; --older 0 "
            "is all",
            "say which answers to forget");
    else if (sm_store_prune(cache->store, &what, &count, &err))
        app_note(cache->app, "%lld answers forgotten", (long long)count);
    if (err.message)
        app_fail(cache->app, &err);
}

/* Takes back what was learned of an endpoint. */
static void forget_some(struct cache *cache)
{
    struct sm_err err = {0};
    int64_t count;
    char *endpoint = cache->set.endpoint ? sm_strdup(cache->set.endpoint) : NULL;
    size_t len = endpoint ? strlen(endpoint) : 0;
    while (len && endpoint[len - 1] == '/')
        endpoint[--len] = '\0';
    if (!endpoint)
        sm_err_set(&err, SM_EXIT_USAGE, "give --endpoint URL, as sm-cache list shows it",
                   "say what to forget");
    else if (sm_store_forget(cache->store, endpoint, cache->set.model, &count, &err) && count == 0)
        sm_err_set(&err, SM_EXIT_PARTIAL, "see sm-cache list for what is known of which",
                   "nothing is known of %s%s%s", endpoint, cache->set.model ? " and " : "",
                   cache->set.model ? cache->set.model : "");
    else if (!err.message)
        app_note(cache->app, "%lld facts forgotten", (long long)count);
    free(endpoint);
    if (err.message)
        app_fail(cache->app, &err);
}

/* The tables of a store on a server, for who may make them. Opens no store. */
static void write_schema(struct cache *cache)
{
    app_write(cache->app, sm_postgres_schema, strlen(sm_postgres_schema));
}

/* What it can do, and how that opens the store. */
struct verb {
    const char *name;
    enum sm_store_use use;
    bool files; /* takes files */
    void (*work)(struct cache *cache);
};

/* Takes the verb off the operands, which leaves files. NULL with `err` if there is no such verb, or
 * it takes none. */
static const struct verb *take_verb(struct app *app, struct sm_err *err)
{
    static const struct verb verbs[] = {
        {"list", SM_STORE_READ, false, list_all},
        {"count", SM_STORE_READ, false, count_all},
        {"export", SM_STORE_READ, false, export_all},
        {"import", SM_STORE_CREATE, true, import_all},
        {"prune", SM_STORE_CHANGE, false, prune_some},
        {"forget", SM_STORE_CHANGE, false, forget_some},
        {"schema", SM_STORE_READ, false, write_schema},
    };
    const char *name = app_operand(app);
    for (size_t i = 0; name && i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(name, verbs[i].name) == 0 && (verbs[i].files || app->file_count == 0))
            return &verbs[i];
    }
    sm_err_set(err, SM_EXIT_USAGE, "see --help",
               "give one of list, count, export, import [FILE ...], prune, forget, schema");
    return NULL;
}

static bool run_verb(struct cache *cache, const struct verb *verb, struct sm_err *err)
{
    if (verb->work == write_schema) {
        verb->work(cache);
        return true;
    }
    cache->store = store_open(cache->app, &cache->store_set, verb->use, err);
    if (!cache->store)
        return false;
    verb->work(cache);
    if (sm_store_spoiled(cache->store))
        app_raise(cache->app, SM_EXIT_PARTIAL);
    store_close(cache->app, cache->store, "they are left out");
    return true;
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-cache",
        .summary = "list, count, export, import and forget recorded answers",
        .operands = "list | count | export | import | prune | forget | schema [FILE ...]",
        .about =
            "list prints an `answer` line for each recorded answer without its text, export with "
            "it; import\nreads what export wrote, or the answers of a batch. What is known of "
            "endpoints comes first, as\n`endpoint` lines. count says how many there are of each "
            "model; prune forgets answers by age,\nmodel or size; forget takes back what was "
            "learned of an endpoint.",
    };
    struct app app;
    struct cache cache = {.app = &app, .set = {.older = -1, .max_bytes = -1}};
    const struct sm_opt_group groups[] = {
        {options, &cache.set}, {store_opts, &cache.store_set}, {0}};
    struct sm_err err = {0};
    if (app_start(&app, &program, groups, argc, argv)) {
        const struct verb *verb = take_verb(&app, &err);
        if (!verb || !run_verb(&cache, verb, &err))
            app_fail(&app, &err);
    }
    for (int i = 0; i < SM_BATCH_FORMS; i++)
        sm_batch_turner_close(cache.turners[i]);
    sm_buf_release(&cache.response);
    return app_end(&app);
}
