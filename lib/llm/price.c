#include "lib/llm/price.h"

#include "lib/base/mem.h"
#include "lib/base/texts.h"
#include "lib/io/reader.h"
#include "lib/json/json.h"

#include <math.h>

#define MILLION 1e6
#define BYTES_PER_TOKEN_MOST 6
#define REPLY_TOKENS 60

static bool is_version_of(const char *model, const char *name)
{
    size_t len = strlen(name);
    if (strncmp(model, name, len) != 0)
        return false;
    return !model[len] ||
           (model[len] == '-' && strspn(model + len + 1, "0123456789-") == strlen(model + len + 1));
}

static bool is_price(double number)
{
    return number >= 0 && number < 1e9;
}

/* Reads one entry; *found becomes true if it is the model's. The first such entry counts. */
static bool read_entry(jv entry, const char *model, struct sm_price *price, bool *found,
                       struct sm_err *err)
{
    const char *name = sm_json_text(entry, "model", NULL);
    struct sm_price p = {.in = sm_json_number(entry, "in", NAN),
                         .out = sm_json_number(entry, "out", NAN)};
    p.cached = sm_json_number(entry, "cached", p.in);
    if (!name || !is_price(p.in) || !is_price(p.out) || !is_price(p.cached))
        return sm_err_set(err, SM_EXIT_USAGE,
                          "write {\"model\":\"openai/gpt-4o-mini\",\"in\":0.15,\"cached\":0.075,"
                          "\"out\":0.6}, in US dollars per million tokens",
                          "not a price");
    if (!*found && is_version_of(model, name)) {
        *price = p;
        *found = true;
    }
    return true;
}

static bool read_line(const char *line, size_t len, const char *model, struct sm_price *price,
                      bool *found, struct sm_err *err)
{
    jv entry;
    if (!sm_json_parse(line, len, &entry, err))
        return false;
    bool ok = read_entry(entry, model, price, found, err);
    jv_free(entry);
    return ok;
}

struct wanted {
    const char *model;
    struct sm_price *price;
    bool *found;
};

static bool read_file_line(void *arg, const char *line, size_t len, off_t offset,
                           struct sm_err *err)
{
    const struct wanted *wanted = arg;
    (void)offset;
    return read_line(line, len, wanted->model, wanted->price, wanted->found, err);
}

bool sm_price_find(const char *model, const char *file, struct sm_price *price, struct sm_err *err)
{
    *price = (struct sm_price){NAN, NAN, NAN};
    bool found = false;
    struct wanted wanted = {model, price, &found};
    if (file && !sm_read_lines(file, read_file_line, &wanted, err))
        return false;
    const char *line = sm_builtin_find(sm_price_texts, "prices");
    for (size_t len; *line && !found; line += len + 1) {
        len = strcspn(line, "\n");
        if (!read_line(line, len, model, price, &found, err))
            return false;
    }
    return true;
}

double sm_price_cost(const struct sm_price *price, const struct sm_usage *usage)
{
    return ((double)(usage->in - usage->cached) * price->in +
            (double)usage->cached * price->cached + (double)usage->out * price->out) /
           MILLION;
}

void sm_plan_add(struct sm_plan_bound *bound, bool most, int64_t calls, int64_t bytes,
                 int64_t max_tokens)
{
    bound->calls += calls;
    bound->in += bytes / (most ? SM_BYTES_PER_TOKEN_LEAST : BYTES_PER_TOKEN_MOST);
    bound->out += most ? calls * max_tokens : calls;
}

void sm_plan_expect(struct sm_plan *plan, int64_t calls, int64_t bytes, int64_t max_tokens)
{
    plan->typical.calls += calls;
    plan->typical.in += bytes / SM_BYTES_PER_TOKEN;
    plan->typical.out += calls * (max_tokens < REPLY_TOKENS ? max_tokens : REPLY_TOKENS);
}

static void add_bound(struct sm_plan_bound *sum, const struct sm_plan_bound *bound)
{
    sum->calls += bound->calls;
    sum->in += bound->in;
    sum->out += bound->out;
    sum->more += bound->more;
}

void sm_plan_sum(struct sm_plan *sum, const struct sm_plan *plan)
{
    add_bound(&sum->least, &plan->least);
    add_bound(&sum->typical, &plan->typical);
    add_bound(&sum->most, &plan->most);
}

double sm_plan_cost(const struct sm_price *price, const struct sm_plan_bound *bound, bool cached)
{
    struct sm_usage usage = {.in = bound->in, .out = bound->out, .cached = cached ? bound->in : 0};
    return sm_price_cost(price, &usage) + bound->more;
}
