#include "cmd/judge/nearest.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define NEAREST 4
#define NEAREST_MAX 1000

#define FIELD(name) offsetof(struct nearest_options, name)

const struct sm_opt nearest_opts[] = {
    {0, "examples", "learned|nearest[:K]", SM_OPT_TEXT, FIELD(examples), 0, 0,
     "Show the examples of sm-demosearch, or for each question the K known pairs of the user whose conversations are most like it (see Examples by question). Default: learned; K: 4."},
    {0, "embeddings", "MODEL", SM_OPT_TEXT, FIELD(embeddings), 0, 0,
     "For --examples nearest: compare conversations by the endpoint's embeddings of this model, instead of by their words."},
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
                         const struct client *client, const struct judging *judging)
{
    if (!judging->nearest)
        return nearest->set.embeddings ? "--embeddings is about --examples nearest" : NULL;
    return judging->set.no_demos ? "--no-demos shows no examples"
           : rewards->history >= 0
               ? "--history takes the last pairs, --examples nearest the most similar"
           : rewards->calibrate
               ? "--calibrate judges each known pair with all others as its history, and --examples "
                 "nearest shows some of them"
           : nearest->set.embeddings && client->set.batch
               ? "--batch is for chats, and which examples a question has is only known once there "
                 "are embeddings"
               : NULL;
}

bool nearest_check(const struct nearest *nearest, const struct rewarding_options *rewards,
                   const struct client *client, struct judging *judging, struct app *app)
{
    struct sm_err err = {0};
    bool ok = read_examples(nearest->set.examples, &judging->nearest, &err);
    const char *wrong = ok ? clash(nearest, rewards, client, judging) : NULL;
    if (wrong)
        sm_err_set(&err, SM_EXIT_USAGE, "leave one of them out", "%s", wrong);
    if (err.message)
        app_fail(app, &err);
    return ok && !wrong;
}

bool nearest_open(struct nearest *nearest, const struct judging *judging)
{
    struct sm_err err = {0};
    nearest->judging = judging;
    nearest->embedder = (struct sm_embedder){judging->asker.llm, nearest->set.embeddings};
    if (judging->nearest && !nearest->set.embeddings)
        nearest->words = sm_similar_open(&err);
    bool ok = !err.message;
    if (!ok)
        app_fail(judging->app, &err);
    return ok;
}

void nearest_close(struct nearest *nearest)
{
    sm_similar_close(nearest->words);
    nearest->words = NULL;
}
