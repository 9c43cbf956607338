#include "search_main.h"

#include "../lib/json.h"
#include "../lib/search.h"

struct searcher {
    struct sm_asker asker;
    struct sm_search_options options;
    long first_seed;
    bool with_persona;
};

static void begin(struct sm_user *user)
{
    const struct searcher *s = user->stage->self;
    const char *persona = s->with_persona ? sm_json_text(user->persona, "persona", NULL) : NULL;
    sm_search_begin(user, &s->asker, &s->options, s->first_seed, persona);
}

static void plan(struct sm_user *user, struct sm_plan *sum)
{
    const struct searcher *s = user->stage->self;
    sm_search_plan(user, &s->asker, &s->options, s->first_seed, sum);
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

int search_main(const struct sm_program *program, const char *stage, long first_seed,
                bool with_persona, int argc, char **argv)
{
    struct app app;
    struct searcher searcher = {
        .options = SM_SEARCH_DEFAULTS, .first_seed = first_seed, .with_persona = with_persona};
    if (!app_start(&app, program, sm_search_opts, &searcher.options,
                   APP_STAGE | APP_MODEL | APP_PROMPT, argc, argv) ||
        !check_seeds(&app, searcher.options.seeds))
        return app_end(&app);
    searcher.asker = (struct sm_asker){app.llm, app.prompts, app.set.temperature, false};
    searcher.options.speculate |= app.set.batch != NULL;
    struct sm_stage run = {.name = stage, .begin = begin, .plan = plan, .self = &searcher};
    app_run_stage(&app, &run);
    return app_end(&app);
}
