#include "cmd/common/recording.h"

#include "cmd/common/run_record.h"
#include "lib/json/json.h"

#define DIGITS 12 /* of a digest, as prompts have them */
#define NAMED_MAX 3
#define OPTION "--"

/* Options that change nothing in what is asked. */
static const char *const beside[] = {
    "model",        "base-url", "store-as",  "header",    "jobs",      "timeout",
    "rpm",          "tpm",      "max-calls", "max-cost",  "prices",    "cache",
    "replay",       "no-cache", "dry-run",   "batch",     "quiet",     "verbose",
    "prompts",      "only",     "user",      "set",       "body",      "store",
    "batch-format", "trained",  "budget",    "certainty", "speculate", "embeddings-url"};

/* {"whose":…,"options":{…},"prompts":{…},"members":{…}} */
static void describe(const struct client *client, const struct app *app, struct sm_buf *out)
{
    const char *whose = sm_llm_whose(client->llm);
    sm_buf_str(out, "{\"whose\":");
    sm_json_cstring(out, whose);
    run_record_options(app, out);
    if (client->prompts) {
        sm_buf_str(out, ",\"prompts\":");
        sm_prompts_digests(client->prompts, out);
    }
    sm_buf_str(out, ",\"members\":");
    sm_json_value(out, client->members);
    sm_buf_char(out, '}');
}

static void write_name(const struct app *app, struct sm_buf *out)
{
    sm_buf_printf(out, SM_ASKED_WITH " %s ", app->program->name);
}

void recording_note(const struct client *client, const struct app *app)
{
    struct sm_buf value = {0}, name = {0};
    char digest[SM_KEY_LEN + 1];
    if (sm_llm_totals(client->llm).calls == 0)
        return;
    describe(client, app, &value);
    sm_store_key(digest, "", 0, value.data, value.len);
    write_name(app, &name);
    sm_buf_printf(&name, "%.*s", DIGITS, digest);
    struct sm_capability note = {client->endpoint, client->model, name.data, value.data};
    sm_store_put_capability(client->store, &note);
    sm_buf_release(&value);
    sm_buf_release(&name);
}

struct comparison {
    const char *name, *model; /* of the notes that count */
    jv now;
    size_t fewest;     /* differences, of the most similar recording */
    struct sm_buf how; /* which */
    bool any;
};

static bool is_beside(const char *option)
{
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        if (strcmp(option, beside[i]) == 0)
            return true;
    }
    return false;
}

static void write_member(struct sm_buf *out, jv member)
{
    if (jv_is_valid(member))
        sm_json_value(out, member);
    else
        sm_buf_str(out, "none");
}

/* Appends where two objects differ, and returns in how many members. `mark` goes before names. */
static size_t differ(jv then, jv now, const char *mark, struct sm_buf *out)
{
    bool options = strcmp(mark, OPTION) == 0;
    size_t count = 0;
    then = jv_get_kind(then) == JV_KIND_OBJECT ? jv_copy(then) : jv_object();
    now = jv_get_kind(now) == JV_KIND_OBJECT ? jv_copy(now) : jv_object();
    jv both = jv_object_merge(jv_copy(then), jv_copy(now));
    jv_object_foreach(both, key, value)
    {
        const char *name = jv_string_value(key);
        jv old = sm_json_get(then, name), new = sm_json_get(now, name);
        if (!(options && is_beside(name)) && !jv_equal(jv_copy(old), jv_copy(new))) {
            sm_buf_printf(out, "%s%s%s ", out->len ? "; " : "", mark, name);
            write_member(out, old);
            sm_buf_str(out, ", here ");
            write_member(out, new);
            count++;
        }
        jv_free(old);
        jv_free(new);
        jv_free(key);
        jv_free(value);
    }
    jv_free(both);
    jv_free(then);
    jv_free(now);
    return count;
}

static size_t differ_in(jv then, jv now, const char *member, const char *mark, struct sm_buf *out)
{
    jv old = sm_json_get(then, member), new = sm_json_get(now, member);
    size_t count = differ(old, new, mark, out);
    jv_free(old);
    jv_free(new);
    return count;
}

static size_t differ_whose(jv then, jv now, struct sm_buf *out)
{
    jv old = sm_json_get(then, "whose"), new = sm_json_get(now, "whose");
    bool same = jv_equal(jv_copy(old), jv_copy(new));
    if (!same) {
        sm_buf_str(out, "answers of (--base-url, --store-as) ");
        write_member(out, old);
        sm_buf_str(out, ", here ");
        write_member(out, new);
    }
    jv_free(old);
    jv_free(new);
    return !same;
}

static bool compare_note(void *arg, const struct sm_capability *note)
{
    struct comparison *c = arg;
    jv then;
    if (strncmp(note->name, c->name, strlen(c->name)) != 0 || strcmp(note->model, c->model) != 0 ||
        !sm_json_parse(note->value, strlen(note->value), &then, NULL))
        return true;
    struct sm_buf how = {0};
    size_t count = differ_whose(then, c->now, &how);
    count += differ_in(then, c->now, "options", OPTION, &how);
    count += differ_in(then, c->now, "prompts", "prompt ", &how);
    count += differ_in(then, c->now, "members", "--set ", &how);
    if (!c->any || count < c->fewest) {
        sm_buf_clear(&c->how);
        sm_buf_str(&c->how, sm_buf_text(&how));
        c->fewest = count;
    }
    c->any = true;
    sm_buf_release(&how);
    jv_free(then);
    return true;
}

struct models {
    const char *model;
    struct sm_buf names;
    size_t count;
    int64_t answers; /* of `model` */
};

static bool count_model(void *arg, const struct sm_store_count *count)
{
    struct models *models = arg;
    if (strcmp(count->model, models->model) == 0)
        models->answers += count->answers;
    else if (models->count++ < NAMED_MAX)
        sm_buf_printf(&models->names, "%s%s", models->names.len ? ", " : "", count->model);
    return true;
}

static void explain(const struct comparison *c, const struct models *models, struct sm_buf *out)
{
    if (models->answers == 0 && models->count == 0)
        sm_buf_str(out, "the store has no answers at all: check --cache and SM_CACHE");
    else if (models->answers == 0)
        sm_buf_printf(out, "the store has answers of %s%s, none of %s", models->names.data,
                      models->count > NAMED_MAX ? " and others" : "", models->model);
    else if (!c->any)
        sm_buf_printf(out,
                      "the store has %lld answers of %s, and does not know what this program asked "
                      "them with",
                      (long long)models->answers, models->model);
    else if (c->fewest == 0)
        sm_buf_str(out, "model, options and prompts are those of a recording, so the pairs, "
                        "personas or examples differ");
    else
        sm_buf_printf(out, "the most similar recording was made with %s", c->how.data);
}

void recording_compare(const struct client *client, struct app *app)
{
    struct sm_buf name = {0}, now = {0}, text = {0};
    struct comparison c = {.model = client->model, .now = jv_invalid()};
    struct models models = {.model = client->model};
    int64_t missing = sm_llm_totals(client->llm).failed;
    if (sm_llm_config(client->llm)->mode != SM_LLM_REPLAY || missing == 0)
        return;
    write_name(app, &name);
    describe(client, app, &now);
    c.name = name.data;
    if (sm_json_parse(now.data, now.len, &c.now, NULL) &&
        sm_store_each_capability(client->store, compare_note, &c, NULL) &&
        sm_store_count(client->store, count_model, &models, NULL)) {
        explain(&c, &models, &text);
        app_warn(app, "%lld requests have no recorded answer: %s", (long long)missing, text.data);
    }
    jv_free(c.now);
    sm_buf_release(&c.how);
    sm_buf_release(&models.names);
    sm_buf_release(&name);
    sm_buf_release(&now);
    sm_buf_release(&text);
}
