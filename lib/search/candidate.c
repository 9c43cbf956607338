#include "lib/search/candidate.h"

#include "lib/base/mem.h"
#include "lib/base/rng.h"

/* random.Random(0).sample(rows, min(count, n)), written to `out`. */
static size_t sample_rows(const size_t *rows, size_t n, size_t count, size_t *out)
{
    struct sm_rng rng;
    sm_rng_seed(&rng, 0);
    size_t drawn = sm_rng_sample(&rng, n, count, out);
    for (size_t i = 0; i < drawn; i++)
        out[i] = rows[out[i]];
    return drawn;
}

void sm_candidate_init(struct sm_candidate *candidate, long seed, size_t rows, long max_labeled,
                       long max_bootstrapped)
{
    size_t most = max_bootstrapped < 0 ? rows : (size_t)max_bootstrapped;
    size_t labeled = (size_t)max_labeled < rows ? (size_t)max_labeled : rows;
    *candidate = (struct sm_candidate){
        .seed = seed,
        .rows = rows,
        .order = sm_alloc(rows, sizeof(size_t)),
        .shown = sm_alloc(rows, sizeof(size_t)),
        .labeled_limit = seed == SM_SEED_ZERO_SHOT ? 0 : labeled,
    };
    for (size_t i = 0; i < rows; i++)
        candidate->order[i] = i;
    if (seed <= SM_SEED_LABELS)
        return;
    candidate->wanted = most;
    if (seed >= 0) {
        struct sm_rng rng;
        sm_rng_seed(&rng, seed);
        sm_rng_shuffle(&rng, candidate->order, rows);
        sm_rng_seed(&rng, seed);
        if (most > 0)
            candidate->wanted = (size_t)sm_rng_int(&rng, 1, (int64_t)most);
    }
    candidate->shown_count = sample_rows(candidate->order, rows, labeled, candidate->shown);
}

void sm_candidate_release(struct sm_candidate *candidate)
{
    free(candidate->order);
    free(candidate->shown);
    *candidate = (struct sm_candidate){0};
}

size_t sm_candidate_fill(const struct sm_candidate *candidate, const bool *kept, size_t *fill)
{
    size_t n = 0, kept_count = 0, limit = candidate->labeled_limit;
    size_t *rest = sm_alloc(candidate->rows, sizeof *rest);
    for (size_t i = 0; i < candidate->rows; i++) {
        if (kept[candidate->order[i]])
            kept_count++;
        else
            rest[n++] = candidate->order[i];
    }
    size_t count = 0;
    if (limit > kept_count) {
        struct sm_rng rng;
        sm_rng_seed(&rng, 0);
        if (candidate->seed != SM_SEED_LABELS)
            sm_rng_shuffle(&rng, rest, n);
        count = sample_rows(rest, n, limit - kept_count, fill);
    }
    free(rest);
    return count;
}
