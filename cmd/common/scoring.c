#include "cmd/common/scoring.h"

#include "lib/base/mem.h"
#include "lib/judge/scale.h"
#include "lib/judge/weights.h"

#include <math.h>

bool scoring_init(struct judge *judge, const struct judging *judging, const struct sm_user *user,
                  struct sm_err *err)
{
    jv record;
    bool ok = sm_learned_rubric(judging->learned, user, &record, err);
    if (ok && jv_is_valid(record) && !judging->set.no_rubric)
        sm_rubric_from(record, &judge->rubric);
    jv_free(record);
    return ok &&
           (judge->rubric.count == 0 ||
            sm_rubric_head(judging->asker.prompts, judge->rubric.criteria, &judge->head, err));
}

void scoring_take(struct judgment *judgment, const struct sm_outcome *outcome)
{
    const struct sm_rubric *rubric = judgment->rubric;
    double *first = sm_alloc(2 * rubric->count, sizeof *first), *second = first + rubric->count;
    double difference = 0, p = NAN;
    if (sm_rubric_scores(outcome->value, rubric->count, first, second)) {
        if (!judgment->scores)
            judgment->scores = sm_alloc(2 * rubric->count, sizeof *judgment->scores);
        for (size_t i = 0; i < 2 * rubric->count; i++)
            judgment->scores[i] += first[i];
        judgment->scored++;
        difference = sm_weights_prefer(rubric->weights, first, second, rubric->count);
        p = rubric->scale > 0 ? sm_scale_probability(difference, rubric->scale) : NAN;
    }
    free(first);
    sm_votes_add_as(&judgment->votes, outcome,
                    difference > 0   ? SM_FIRST
                    : difference < 0 ? SM_SECOND
                                     : SM_TIE,
                    p);
}

static void write_means(const struct judgment *judgment, size_t from, struct sm_buf *out)
{
    for (size_t i = 0; i < judgment->rubric->count; i++)
        sm_buf_printf(out, "%s%.6g", i ? "," : "",
                      judgment->scores[from + i] / (double)judgment->scored);
}

void scoring_write(const struct judgment *judgment, struct sm_buf *out)
{
    if (!judgment->rubric)
        return;
    if (!judgment->scored) {
        sm_buf_str(out, ",\"scores\":null");
        return;
    }
    sm_buf_str(out, ",\"scores\":{\"first\":[");
    write_means(judgment, 0, out);
    sm_buf_str(out, "],\"second\":[");
    write_means(judgment, judgment->rubric->count, out);
    sm_buf_str(out, "]}");
}
