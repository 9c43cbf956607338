/* The parts of sm-neighbors: the users who were read, whose choices each persona predicts, and what
 * is written of that. */
#ifndef CMD_NEIGHBORS_NEIGHBORS_H
#define CMD_NEIGHBORS_NEIGHBORS_H

#include "cmd/common/judging.h"
#include "cmd/neighbors/words.h"

#include "lib/stage/stage.h"

#include <stdio.h>

struct neighbors_options {
    const char *cold; /* the file of prototypes */
    long pairs, candidates, best, clusters, own;
    bool share_texts;
};

/* A user with a persona. */
struct person {
    char *id;
    struct text {
        off_t at; /* in crowd->texts */
        size_t len;
    } persona, demos; /* demos: without --share-texts, or if there are none, of no length */
    struct words words;
    struct other {
        size_t person;
        size_t correct, n; /* of this user's choices, by the other one's persona */
    } * others;            /* who were asked, those with the most similar personas first; of the
                              first `best` of them it is written once `compared`, the best first */
    size_t other_count, best;
    size_t *choices, choice_count; /* indices of the pairs */
    struct sm_usage usage;
    double ms;
    bool compared;        /* with the others */
    struct sm_buf record; /* if not: an `error` or `pending` record */
    size_t cluster;
};

/* All users with a persona, by their ids in byte order: nothing depends on that of the input. */
struct crowd {
    struct person *at;
    size_t count, room;
    size_t waiting; /* users who wait for an earlier stage */
    FILE *texts;    /* without a name */
    size_t cluster_count;
    struct cluster {
        size_t medoid, users;
    } * clusters; /* the largest first */
    bool clustered;
};

struct neighbors {
    struct app *app;
    struct neighbors_options set;
    struct judging judging;
    struct crowd crowd;
    size_t alone;   /* users without a persona; with --cold: with their own */
    size_t started; /* users who got a prototype's persona */
    size_t unknown; /* with --cold: users without known choices */
    size_t unlike;  /* with --cold: users whose choices no prototype predicts better than a coin */
    struct prototype *prototypes;
    size_t prototype_count, prototype_room;
};

/* crowd.c: adds a user who is read; false with `err` if the texts cannot be kept. Then, once all
 * are there, chooses the others for each. */
bool crowd_add(struct crowd *crowd, const struct sm_user *user, bool with_demos,
               struct sm_err *err);
void crowd_choose_others(struct crowd *crowd, size_t most);
struct person *crowd_find(const struct crowd *crowd, const char *user);
/* A text, for the caller to free; NULL if it is of no length, or with `err` if it is lost. */
char *crowd_text(const struct crowd *crowd, const struct text *text, struct sm_err *err);
void crowd_release(struct crowd *crowd);

/* clusters.c: finds the clusters among those who were compared. `wanted`: how many, or 0. */
void crowd_cluster(struct crowd *crowd, size_t wanted);

/* cross.c: one user's choices by the others' personas; for struct sm_stage. */
void cross_user(struct sm_user *user);
void cross_plan(struct sm_user *user, struct sm_plan *plan);

/* write.c: a user's records; for struct sm_stage. And the prototypes. */
void write_neighbors_of(struct sm_user *user);
bool write_prototypes(const struct neighbors *self, struct sm_buf *out, struct sm_err *err);

/* cold.c: prototypes, tried on users who have few choices. */
bool cold_open(struct neighbors *self, struct sm_err *err);
void cold_close(struct neighbors *self);
void cold_user(struct sm_user *user);

#endif
