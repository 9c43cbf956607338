/* Clusters of users: how well each two predict one another, and around whom they gather. */
#include "cmd/neighbors/neighbors.h"

#include "lib/eval/medoids.h"

#include <math.h>

#define DRAWN_MAX 1000  /* users among whom medoids are looked for */
#define CLUSTERS_MAX 16 /* that a silhouette is asked about */
#define SILHOUETTE_LEAST 0.05

static void add_answers(const struct person *user, size_t other, double *correct, double *n)
{
    for (size_t i = 0; i < user->other_count; i++) {
        if (user->others[i].person == other) {
            *correct += (double)user->others[i].correct;
            *n += (double)user->others[i].n;
        }
    }
}

/* The share of the choices of both that the other one's persona predicts, with two choices more, of
 * which as many are right as the words of the personas let expect: a half, and up to all. So what
 * was not asked has a value too. */
static double agreement(const struct crowd *crowd, size_t a, size_t b)
{
    double correct = 1 + words_cosine(&crowd->at[a].words, &crowd->at[b].words) / 2, n = 2;
    add_answers(&crowd->at[a], b, &correct, &n);
    add_answers(&crowd->at[b], a, &correct, &n);
    return correct / n;
}

struct draw {
    uint64_t digest;
    size_t person;
};

static int by_digest(const void *a, const void *b)
{
    const struct draw *x = a, *y = b;
    return (x->digest > y->digest) - (x->digest < y->digest);
}

static int by_person(const void *a, const void *b)
{
    const struct draw *x = a, *y = b;
    return (x->person > y->person) - (x->person < y->person);
}

/* The users who were compared; where they are very many, some of them. */
static struct draw *draw_users(const struct crowd *crowd, size_t *count)
{
    struct draw *drawn = sm_alloc(crowd->count, sizeof *drawn);
    *count = 0;
    for (size_t i = 0; i < crowd->count; i++) {
        if (crowd->at[i].compared)
            drawn[(*count)++] = (struct draw){words_digest(WORDS_DIGEST, crowd->at[i].id), i};
    }
    if (*count > DRAWN_MAX) {
        qsort(drawn, *count, sizeof *drawn, by_digest);
        *count = DRAWN_MAX;
        qsort(drawn, *count, sizeof *drawn, by_person);
    }
    return drawn;
}

static void find_medoids(const struct crowd *crowd, const struct draw *drawn, size_t n,
                         size_t wanted, struct sm_medoids *found)
{
    float *distance = sm_alloc(n * n, sizeof *distance);
    size_t most = n / 2 < CLUSTERS_MAX ? n / 2 : CLUSTERS_MAX;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            distance[i * n + j] = distance[j * n + i] =
                (float)(1 - agreement(crowd, drawn[i].person, drawn[j].person));
    }
    if (wanted)
        sm_medoids_find(distance, n, wanted < n ? wanted : n, found);
    else
        sm_medoids_best(distance, n, most, SILHOUETTE_LEAST, found);
    free(distance);
}

/* Of those who were not drawn, the cluster whose medoid they agree with most. */
static size_t nearest_cluster(const struct crowd *crowd, size_t person)
{
    size_t best = 0;
    double most = -1;
    for (size_t c = 0; c < crowd->cluster_count; c++) {
        double value = crowd->clusters[c].medoid == person
                           ? INFINITY
                           : agreement(crowd, person, crowd->clusters[c].medoid);
        if (value > most) {
            most = value;
            best = c;
        }
    }
    return best;
}

static int by_size(const void *a, const void *b)
{
    const struct cluster *x = a, *y = b;
    if (x->users != y->users)
        return x->users > y->users ? -1 : 1;
    return (x->medoid > y->medoid) - (x->medoid < y->medoid);
}

/* Numbers the clusters by their sizes. */
static void number_clusters(struct crowd *crowd)
{
    size_t *number = sm_alloc(crowd->count, sizeof *number); /* by medoid */
    struct cluster *before = sm_alloc(crowd->cluster_count, sizeof *before);
    memcpy(before, crowd->clusters, crowd->cluster_count * sizeof *before);
    qsort(crowd->clusters, crowd->cluster_count, sizeof *crowd->clusters, by_size);
    for (size_t c = 0; c < crowd->cluster_count; c++)
        number[crowd->clusters[c].medoid] = c;
    for (size_t i = 0; i < crowd->count; i++) {
        if (crowd->at[i].compared)
            crowd->at[i].cluster = number[before[crowd->at[i].cluster].medoid];
    }
    free(before);
    free(number);
}

void crowd_cluster(struct crowd *crowd, size_t wanted)
{
    size_t n;
    struct draw *drawn = draw_users(crowd, &n);
    struct sm_medoids found = {0};
    crowd->clustered = true;
    if (n > 0) {
        find_medoids(crowd, drawn, n, wanted, &found);
        crowd->cluster_count = found.count;
        crowd->clusters = sm_alloc(found.count, sizeof *crowd->clusters);
        for (size_t c = 0; c < found.count; c++)
            crowd->clusters[c].medoid = drawn[found.medoids[c]].person;
        for (size_t i = 0, next = 0; i < crowd->count; i++) {
            struct person *person = &crowd->at[i];
            if (!person->compared)
                continue;
            bool is_drawn = next < n && drawn[next].person == i;
            person->cluster = is_drawn ? found.cluster[next++] : nearest_cluster(crowd, i);
            crowd->clusters[person->cluster].users++;
        }
        number_clusters(crowd);
    }
    sm_medoids_release(&found);
    free(drawn);
}
