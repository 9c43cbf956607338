#include "cmd/common/nearest.h"

#include "cmd/common/rewarding.h"

#include "lib/json/json.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define NEAREST 4
#define NEAREST_MAX 1000

#define FIELD(name) offsetof(struct nearest_options, name)

const struct sm_opt examples_opts[] = {
    {0, "examples", "learned|nearest[:K]", SM_OPT_TEXT, FIELD(examples), 0, 0,
     "Show the examples of sm-demosearch, or for each question the K known pairs of the user whose conversations are most like it (see Examples by question in sm-judge(1)). Default: learned; K: 4."},
    SM_OPT_END};

const struct sm_opt embeddings_opts[] = {
    {0, "embeddings", "MODEL", SM_OPT_TEXT, FIELD(embeddings), 0, 0,
     "For --examples nearest: compare conversations by embeddings of this model, instead of by their words."},
    {0, "embeddings-url", "URL", SM_OPT_TEXT, FIELD(embeddings_url), 0, 0,
     "The endpoint of --embeddings. Default: as for --model, the provider's by its prefix or that of --base-url."},
    SM_OPT_END};

/* Sets *count to K, or 0: those learned. */
static bool read_examples(const char *text, long *count, struct sm_err *err)
{
    static const char word[] = "nearest";
    char *end = NULL;
    *count = 0;
    if (!text || strcmp(text, "learned") == 0)
        return true;
    if (strcmp(text, word) == 0)
        *count = NEAREST;
    else if (strncmp(text, word, strlen(word)) == 0 && text[strlen(word)] == ':' &&
             text[strlen(word) + 1] >= '0' && text[strlen(word) + 1] <= '9')
        *count = strtol(text + strlen(word) + 1, &end, 10);
    if (*count >= 1 && *count <= NEAREST_MAX && (!end || !*end))
        return true;
    return sm_err_set(err, SM_EXIT_USAGE,
                      "give learned, nearest or nearest:K, with K from 1 to 1000",
                      "--examples %s: not known", text);
}

/* What else was given that has no meaning then; NULL: nothing. */
static const char *clash(const struct nearest *nearest, const struct rewarding_options *rewards,
                         const struct client *client, const struct judging *judging,
                         const char **remedy)
{
    *remedy = judging->nearest ? "leave one of them out" : "add --examples nearest";
    if (!judging->nearest)
        return nearest->set.embeddings || nearest->set.embeddings_url
                   ? "--embeddings is about --examples nearest"
                   : NULL;
    if (nearest->set.embeddings_url && !nearest->set.embeddings) {
        *remedy = "add --embeddings MODEL";
        return "--embeddings-url names no model";
    }
    return judging->set.no_demos ? "--no-demos shows no examples"
           : rewards && rewards->history >= 0
               ? "--history takes the last pairs, --examples nearest the most similar"
           : rewards && rewards->calibrate
               ? "--calibrate judges each known pair with all others as its history, and --examples "
                 "nearest shows some of them"
           : nearest->set.embeddings && client->set.batch
               ? "--batch is for chats, and which examples a question has is only known once there "
                 "are embeddings"
               : NULL;
}

bool nearest_check(const struct nearest *nearest, const struct rewarding_options *rewards,
                   struct client *client, struct judging *judging, struct app *app)
{
    struct sm_err err = {0};
    bool ok = read_examples(nearest->set.examples, &judging->nearest, &err);
    const char *remedy, *wrong = ok ? clash(nearest, rewards, client, judging, &remedy) : NULL;
    if (wrong)
        sm_err_set(&err, SM_EXIT_USAGE, remedy, "%s", wrong);
    if (err.message)
        app_fail(app, &err);
    client->keeps_keys = nearest->set.embeddings;
    return ok && !wrong;
}

static bool open_embedder(struct nearest *nearest, const struct client *client, struct app *app,
                          struct sm_err *err)
{
    if (!client_open_beside(&nearest->client, client, nearest->set.embeddings,
                            nearest->set.embeddings_url, app, err))
        return false;
    nearest->embedder = (struct sm_embedder){nearest->client.llm, nearest->client.model};
    return true;
}

bool nearest_open(struct nearest *nearest, const struct judging *judging,
                  const struct client *client, struct sm_stage *stage)
{
    struct sm_err err = {0};
    bool ok = true;
    nearest->judging = judging;
    stage->traces = judging->nearest && !judging->learned;
    if (nearest->set.embeddings)
        ok = open_embedder(nearest, client, judging->app, &err);
    else if (judging->nearest)
        ok = (nearest->words = sm_similar_open(&err)) != NULL;
    stage->beside = nearest->client.llm;
    if (!ok)
        app_fail(judging->app, &err);
    return ok;
}

void nearest_close(struct nearest *nearest)
{
    sm_similar_close(nearest->words);
    nearest->words = NULL;
    client_close_beside(&nearest->client);
}

void nearest_summarize(const struct nearest *nearest, struct sm_buf *out)
{
    const struct client *client = &nearest->client;
    if (!client->llm)
        return;
    struct sm_llm_totals t = sm_llm_totals(client->llm);
    sm_buf_str(out, ",\"embeddings\":{\"model\":");
    sm_json_cstring(out, client->model);
    sm_buf_str(out, ",\"endpoint\":");
    sm_json_cstring(out, client->endpoint);
    sm_buf_printf(out, ",\"calls\":%lld,\"hits\":%lld,\"tokens\":{\"in\":%lld}", (long long)t.calls,
                  (long long)t.hits + (long long)t.shared, (long long)t.usage.in);
    if (!isnan(t.cost))
        sm_buf_printf(out, ",\"cost\":%.10g", t.cost);
    sm_buf_char(out, '}');
}
