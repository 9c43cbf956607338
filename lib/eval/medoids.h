/* Clusters around medoids: L. Kaufman, P. J. Rousseeuw, Finding Groups in Data, Wiley, 1990,
 * chapter 2 (PAM), with the swap of E. Schubert and P. J. Rousseeuw, "Faster k-Medoids Clustering",
 * SISAP 2019. How well they fit is the silhouette: P. J. Rousseeuw, J. Comput. Appl. Math. 20,
 * 1987, pp. 53-65. */
#ifndef SM_EVAL_MEDOIDS_H
#define SM_EVAL_MEDOIDS_H

#include <stddef.h>

struct sm_medoids {
    size_t count;
    size_t *medoids;   /* `count` numbers of objects; owned */
    size_t *cluster;   /* of each object: an index of `medoids`; owned */
    double cost;       /* the sum of the distances to the medoids */
    double silhouette; /* the mean over all objects, that of an object alone 0; 0 for one cluster */
};

/* `distance` is symmetric, n rows of n. `count` is at least 1 and at most n. Of what is as good the
 * first objects are taken. */
void sm_medoids_find(const float *distance, size_t n, size_t count, struct sm_medoids *found);

/* The same with as many clusters, up to `most`, as give the greatest mean silhouette; one cluster
 * where none is above `least`. `n` is at least 1. */
void sm_medoids_best(const float *distance, size_t n, size_t most, double least,
                     struct sm_medoids *found);
void sm_medoids_release(struct sm_medoids *found);

#endif
