/* covers: lib/io/opt.c lib/base/near.c
 *
 * A command line, a word a line. */
#include "tests/fuzz/support.h"

#include "lib/base/mem.h"
#include "lib/io/opt.h"

#include <math.h>

enum { WORDS_MAX = 40 };

struct settings {
    bool quiet, only;
    const char *model, *order;
    struct sm_string_list set;
    long jobs;
    double temperature, rate;
};

#define AT(field) offsetof(struct settings, field)
static const struct sm_opt options[] = {
    {'q', "quiet", NULL, SM_OPT_FLAG, AT(quiet), 0, 0, "Says nothing."},
    {0, "only", NULL, SM_OPT_FLAG, AT(only), 0, 0, "Leaves the input out. Default: \\ -q."},
    {'M', "model", "MODEL", SM_OPT_TEXT, AT(model), 0, 0, "The model."},
    {0, "mode", NULL, SM_OPT_FLAG, AT(only), 0, 0, ""},
    {0, "order-of-the-two-replies", "forward|reverse|both", SM_OPT_CHOICE, AT(order), 0, 0,
     "The order."},
    {0, "set", "NAME=VALUE", SM_OPT_TEXTS, AT(set), 0, 0, "A member."},
    {'j', "jobs", "N", SM_OPT_INT, AT(jobs), 1, 1024, "How many at once."},
    {'t', "temperature", "T", SM_OPT_REAL, AT(temperature), 0, 2, "The temperature."},
    {0, "rate", "R", SM_OPT_REAL, AT(rate), 0, INFINITY, "The rate."},
    SM_OPT_END};

static const struct sm_program program = {"sm-fuzz", "read a command line", "WORD [FILE ...]",
                                          "What goes in comes out.", false};

static void check_pages(const struct sm_opt_group *groups)
{
    struct sm_buf out = {0};
    sm_opt_help(&program, groups, true, &out);
    sm_opt_synopsis(&program, groups, &out);
    sm_opt_manual(groups, &out);
    REQUIRE(strlen(sm_buf_text(&out)) == out.len);
    sm_buf_release(&out);
}

static void check_settings(const struct settings *s, const struct sm_opt_group *groups)
{
    struct sm_buf json = {0};
    REQUIRE(s->jobs == 0 || (s->jobs >= 1 && s->jobs <= 1024));
    REQUIRE(s->temperature == -1 || (s->temperature >= 0 && s->temperature <= 2));
    REQUIRE(s->rate == -1 || s->rate >= 0);
    REQUIRE(!s->order || strcmp(s->order, "forward") == 0 || strcmp(s->order, "reverse") == 0 ||
            strcmp(s->order, "both") == 0);
    sm_opt_json(groups, &json);
    REQUIRE(!memchr(json.data, '\n', json.len)); /* texts here are perhaps not UTF-8 */
    sm_buf_release(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings s = {.temperature = -1, .rate = -1};
    const struct sm_opt_group groups[] = {{options, &s}, {0}};
    char *text = fuzz_string(data, size), *argv[WORDS_MAX + 2] = {(char *)"sm-fuzz"}, *rest = text;
    int argc = 1, first = 0;
    struct sm_err err = {0};
    while (rest && argc <= WORDS_MAX) {
        char *newline = strchr(rest, '\n');
        argv[argc++] = rest;
        if (newline)
            *newline++ = '\0';
        rest = newline;
    }
    bool ok = sm_opt_parse(groups, argc, argv, &first, &err);
    REQUIRE(ok == !err.message);
    REQUIRE(ok ? first >= 1 && first <= argc : err.code == SM_EXIT_USAGE);
    check_settings(&s, groups);
    check_pages(groups);
    sm_err_clear(&err);
    free(s.set.at);
    free(text);
    return 0;
}
