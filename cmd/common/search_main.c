#include "cmd/common/search_main.h"

#include "cmd/common/rewarding.h"
#include "cmd/common/stage_main.h"
#include "lib/json/json.h"
#include "lib/search/search.h"

#include <stddef.h>

struct searcher {
    const char *by;
    const struct search_kind *kind;
    struct sm_search search;
    struct rewarding_options rewards;
    struct sm_rewarder rewarder;
};

static const struct sm_opt by_opts[] = {
    {0, "by", "verdict|likelihood", SM_OPT_CHOICE, offsetof(struct searcher, by), 0, 0,
     "Choose the examples for a judge that asks the model for verdicts, or for sm-judge --by likelihood (see Searching by likelihood). Default: verdict."},
    SM_OPT_END};
static const struct sm_opt no_opts[] = {SM_OPT_END};

static void search_user(struct sm_user *user)
{
    struct searcher *s = user->stage->self;
    const char *persona =
        s->kind->with_persona ? sm_json_text(user->persona, "persona", NULL) : NULL;
    sm_search_begin(user, &s->search, persona);
}

static void plan_user(struct sm_user *user, struct sm_plan *sum)
{
    struct searcher *s = user->stage->self;
    sm_search_plan(user, &s->search, sum);
}

/* For the `run` record: for how many users which kind of set won, and how the endpoint tells
 * likelihoods. */
static void summarize(const struct sm_stage *stage, struct sm_buf *out)
{
    const struct searcher *s = stage->self;
    sm_buf_str(out, ",\"won\":{");
    for (int i = 0; i < SM_NATURES; i++)
        sm_buf_printf(out, "%s\"%s\":%zu", i ? "," : "", sm_nature_name((enum sm_nature)i),
                      s->search.won[i]);
    sm_buf_char(out, '}');
    if (s->kind->with_by) {
        const struct sm_against *against = &s->search.against;
        sm_buf_printf(out, ",\"examples\":{\"told\":%zu,\"untold\":%zu,\"none\":%zu}",
                      against->told, against->untold, against->itself);
    }
    if (s->rewarder.likelihood)
        sm_buf_printf(out, ",\"likelihood\":\"%s\"", sm_likelihood_way(s->rewarder.likelihood));
}

/* Whether examples help, over all users. */
static void tell_against(const struct searcher *s, struct app *app)
{
    const struct sm_against *against = &s->search.against;
    size_t users = against->told + against->untold + against->itself;
    if (users == 0)
        return;
    app_note(app,
             "examples help %zu of %zu users (at 95%%); for %zu they cannot be told from none%s, "
             "and for %zu no set did better than none",
             against->told, users, against->untold,
             against->untold == 0         ? ""
             : s->search.options.fallback ? ", which these get"
                                          : " (--fallback takes none then)",
             against->itself);
}

static bool check_options(struct searcher *s, const struct client *client, struct app *app)
{
    struct sm_err err = {0};
    if (is_by_likelihood(s->by))
        s->search.rewarder = &s->rewarder;
    if (sm_search_check(&s->search, &err))
        return rewarding_check(s->by, &s->rewards, NULL, client, app);
    app_fail(app, &err);
    return false;
}

/* Opens what the searches ask with. */
static bool open_oracle(struct searcher *s, struct client *client, struct app *app)
{
    s->search.asker = (struct sm_asker){client->llm, client->prompts, client->set.temperature,
                                        false, &client->endings};
    return !s->search.rewarder || rewarder_open(&s->rewarder, &s->rewards, client, app);
}

int search_main(const struct sm_program *program, const struct search_kind *kind, int argc,
                char **argv)
{
    struct app app;
    struct client client = CLIENT_DEFAULTS;
    struct searcher searcher = {
        .kind = kind,
        .search = {.options = SM_SEARCH_DEFAULTS, .first_seed = kind->first_seed},
        .rewards = REWARDING_OPTIONS};
    struct sm_search_options *options = &searcher.search.options;
    struct sm_stage stage = {.name = kind->stage,
                             .begin = search_user,
                             .plan = plan_user,
                             .summarize = summarize,
                             .self = &searcher};
    const struct sm_opt_group groups[] = {
        {kind->with_by ? by_opts : no_opts, &searcher},
        {kind->with_by ? reward_opts : no_opts, &searcher.rewards},
        {sm_search_opts, options},
        {kind->with_by ? sm_search_fallback_opts : no_opts, options},
        {stage_opts, &stage},
        {client_opts, &client.set},
        {store_opts, &client.set.store},
        {prompt_opts, &client.set},
        {0}};
    if (app_start(&app, program, groups, argc, argv) && check_options(&searcher, &client, &app) &&
        client_start(&client, &app) && open_oracle(&searcher, &client, &app)) {
        options->speculate |= client.set.batch != NULL;
        if (options->speculate)
            sm_llm_skip_probe(client.llm);
        stage_main(&app, &client, &stage);
        if (kind->with_by)
            tell_against(&searcher, &app);
    }
    sm_likelihood_close(searcher.rewarder.likelihood);
    client_close(&client, &app);
    return app_end(&app);
}
