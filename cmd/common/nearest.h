/* sm-judge --examples nearest:K: for each question those of the user's known pairs whose
 * conversations are most like it. */
#ifndef CMD_COMMON_NEAREST_H
#define CMD_COMMON_NEAREST_H

#include "cmd/common/judging.h"

#include "lib/judge/similar.h"
#include "lib/llm/embeddings.h"

struct nearest_options {
    const char *examples, *embeddings, *embeddings_url; /* NULL: not given */
};

/* --examples alone, and what goes with it. */
extern const struct sm_opt examples_opts[], embeddings_opts[];

/* How alike conversations are: by their words, or by their embeddings. */
struct nearest {
    struct nearest_options set;
    const struct judging *judging;
    struct sm_similar *words;    /* this, */
    struct sm_embedder embedder; /* or this, with a model, by */
    struct client client;
};

struct rewarding_options;

/* Sets judging->nearest by the options; `rewards` may be NULL. To be called before anything is
 * opened. False if they have no meaning together, which was reported. */
bool nearest_check(const struct nearest *nearest, const struct rewarding_options *rewards,
                   struct client *client, struct judging *judging, struct app *app);

/* `judging` and `client` must be open. Tells the stage what it has to read and ask for. False if
 * that failed, which was reported. Nothing is opened where the examples are those learned. */
bool nearest_open(struct nearest *nearest, const struct judging *judging,
                  const struct client *client, struct sm_stage *stage);
void nearest_close(struct nearest *nearest);

/* Appends ,"embeddings":{…}, what they took, for the `run` record; nothing if there are none. */
void nearest_summarize(const struct nearest *nearest, struct sm_buf *out);

/* A conversation as a vector; `at` is NULL where there is no text. */
struct place {
    struct nearby *nearby;
    float *at;
    size_t count;
};

/* A known pair, as an example. */
struct example {
    const struct sm_pair *pair;
    struct sm_buf message; /* for the judge by verdict, once it was shown */
    struct place place;
};

/* A user's known pairs. All-zero is empty. */
struct nearby {
    const struct nearest *nearest;
    struct sm_user *user;         /* whose pairs are judged */
    struct sm_user learned;       /* of the file of -m */
    const struct sm_user *source; /* of the examples: one of the two */
    struct example *examples;     /* in the order of the input */
    size_t count;
    struct place *asked; /* by pair of `user`: those that are judged */
    double *score;       /* of the examples, for the question at hand */
    size_t *chosen;      /* likewise: the examples shown, the most similar last */
    size_t chosen_count;
    size_t under_way, pending; /* embeddings */
    struct sm_err why;         /* an embedding is missing */
    unsigned tried;
    bool (*choose)(void *arg, struct sm_err *err);
    void (*done)(void *arg, bool ok);
    void *arg;
    struct judge *judges; /* by pair of `user`, see nearby_choose() */
};

/* False with `err`; release it all the same. */
bool nearby_init(struct nearby *nearby, const struct nearest *nearest, struct sm_user *user,
                 struct sm_err *err);
void nearby_release(struct nearby *nearby);

/* Releases what is known of the examples, once they are chosen. */
void nearby_forget(struct nearby *nearby);

/* Finds where the conversations are, then calls `choose`, which chooses for all questions, and
 * `done`: at once, or from a later turn. Where that fails, or embeddings are left to a dry run, the
 * user has ended, and `done` hears it. */
void nearby_ask(struct nearby *nearby, bool (*choose)(void *arg, struct sm_err *err),
                void (*done)(void *arg, bool ok), void *arg);

/* Adds the embeddings to what is planned for a user who waits for an earlier stage: not for one
 * whose embeddings were counted as they were asked for. */
void nearby_plan(const struct nearest *nearest, struct sm_user *user, struct sm_plan *sum);

/* Sets nearby->score: how much each example is like the pair, one of nearby->user. */
bool nearby_score(struct nearby *nearby, const struct sm_pair *pair, struct sm_err *err);

/* Makes a judge for each pair that is judged: `base`, which has no examples, with those of the
 * pair. What is known of the examples is released. False with `err`. */
bool nearby_choose(struct nearby *nearby, const struct judge *base, struct sm_err *err);

/* The judge of a pair of nearby->user; NULL if none was made. */
const struct judge *nearby_judge(const struct nearby *nearby, const struct sm_pair *pair);

/* For the judge by likelihood: the choices, as in `demos` records, and their indices as a
 * JSON list; the caller frees both. False with `err`. */
bool nearby_known(struct nearby *nearby, const struct sm_pair *pair, jv *choices, char **indices,
                  struct sm_err *err);

#endif
