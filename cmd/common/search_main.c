#include "cmd/common/search_main.h"

#include "cmd/common/stage_main.h"
#include "lib/json/json.h"
#include "lib/search/search.h"

struct searcher {
    struct sm_search search;
    bool with_persona;
};

static void search_user(struct sm_user *user)
{
    struct searcher *s = user->stage->self;
    const char *persona = s->with_persona ? sm_json_text(user->persona, "persona", NULL) : NULL;
    sm_search_begin(user, &s->search, persona);
}

static void plan_user(struct sm_user *user, struct sm_plan *sum)
{
    struct searcher *s = user->stage->self;
    sm_search_plan(user, &s->search, sum);
}

/* For the `run` record: for how many users which kind of set won. */
static void summarize(const struct sm_stage *stage, struct sm_buf *out)
{
    const struct searcher *s = stage->self;
    sm_buf_str(out, ",\"won\":{");
    for (int i = 0; i < SM_NATURES; i++)
        sm_buf_printf(out, "%s\"%s\":%zu", i ? "," : "", sm_nature_name((enum sm_nature)i),
                      s->search.won[i]);
    sm_buf_char(out, '}');
}

static bool check_seeds(struct app *app, const char *seeds)
{
    struct sm_err err = {0};
    long from, to;
    if (!seeds || sm_search_seeds(seeds, &from, &to, &err))
        return true;
    app_fail(app, &err);
    return false;
}

int search_main(const struct sm_program *program, const char *name, long first_seed,
                bool with_persona, int argc, char **argv)
{
    struct app app;
    struct client client = CLIENT_DEFAULTS;
    struct searcher searcher = {
        .search = {.options = SM_SEARCH_DEFAULTS, .first_seed = first_seed},
        .with_persona = with_persona,
    };
    struct sm_search_options *options = &searcher.search.options;
    struct sm_stage stage = {.name = name,
                             .begin = search_user,
                             .plan = plan_user,
                             .summarize = summarize,
                             .self = &searcher};
    const struct sm_opt_group groups[] = {
        {sm_search_opts, options},       {stage_opts, &stage},       {client_opts, &client.set},
        {store_opts, &client.set.store}, {prompt_opts, &client.set}, {0}};
    if (app_start(&app, program, groups, argc, argv) && check_seeds(&app, options->seeds) &&
        client_start(&client, &app)) {
        searcher.search.asker =
            (struct sm_asker){client.llm, client.prompts, client.set.temperature, false};
        options->speculate |= client.set.batch != NULL;
        if (options->speculate)
            sm_llm_skip_probe(client.llm);
        stage_main(&app, &client, &stage);
    }
    client_close(&client, &app);
    return app_end(&app);
}
