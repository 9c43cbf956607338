#include "cmd/persona/version.h"

#include "lib/base/rng.h"
#include "lib/json/json.h"

static bool is_right(const struct version *version, size_t row)
{
    return version->text->answers[row].correct;
}

static bool is_mistake(const struct version *version, size_t row)
{
    const struct answer *answer = &version->text->answers[row];
    return !version->text->job->rows[row].val && answer->answered && !answer->correct;
}

static size_t mistakes_of(const struct version *version)
{
    size_t count = 0;
    for (size_t i = 0; i < version->text->job->row_count; i++)
        count += is_mistake(version, i);
    return count;
}

/* Every second of the rows in a drawn order, counted apart for mistakes and for what is right. */
bool version_divide(struct version *version, const struct version *of, size_t round)
{
    const struct job *job = of->text->job;
    size_t *order = sm_alloc(job->row_count, sizeof *order), seen[2] = {0, 0};
    struct sm_rng rng;
    version->fed = sm_alloc(job->row_count, sizeof *version->fed);
    version->told = sm_alloc(job->row_count, sizeof *version->told);
    for (size_t i = 0; i < job->row_count; i++)
        order[i] = i;
    sm_rng_seed(&rng, (int64_t)round);
    sm_rng_shuffle(&rng, order, job->row_count);
    for (size_t i = 0; i < job->row_count; i++) {
        size_t row = order[i];
        if (!job->rows[row].val)
            version->fed[row] = seen[is_mistake(of, row)]++ % 2 == 0;
    }
    free(order);
    return seen[true] >= 2;
}

/* Held-back rows, of which one more must be right; or validation rows, of which as many must be. */
struct goal version_goal(const struct version *version, const struct version *of, bool val)
{
    const struct job *job = of->text->job;
    struct goal goal = {.least = val ? 0 : 1};
    for (size_t i = 0; i < job->row_count; i++) {
        if (job->rows[i].val != val || version->fed[i])
            continue;
        goal.rows++;
        goal.least += is_right(of, i);
        goal.answered += version->text->answers[i].answered;
        goal.correct += version->text->answers[i].correct;
    }
    return goal;
}

size_t goal_next(const struct goal *goal, const struct sm_rounds *rounds, bool *passed)
{
    size_t missed = goal->answered - goal->correct;
    *passed = goal->correct >= goal->least;
    if (*passed || missed + goal->least > goal->rows)
        return 0;
    return sm_rounds_chunk(rounds, goal->rows - goal->least - missed + 1,
                           goal->least - goal->correct, 1 - sm_rounds_right(rounds));
}

static size_t total(const struct version *version)
{
    return text_counts(version->text, false).correct + text_counts(version->text, true).correct;
}

/* Whether `other` is right wherever `version` is. */
static bool is_covered(const struct version *version, const struct version *other)
{
    for (size_t i = 0; i < version->text->job->row_count; i++) {
        if (is_right(version, i) && !is_right(other, i))
            return false;
    }
    return true;
}

static void drop(struct versions *versions, size_t number, const char *why)
{
    struct version *version = &versions->at[number];
    version->kept = false;
    sm_buf_printf(&version->why, "; dropped for version %zu, %s", versions->count - 1, why);
}

/* The worst that is kept, but not the last version; of several the first one. */
static size_t worst(const struct versions *versions)
{
    size_t found = 0;
    for (size_t i = 0; i + 1 < versions->count; i++) {
        if (versions->at[i].kept &&
            (!versions->at[found].kept || total(&versions->at[i]) < total(&versions->at[found])))
            found = i;
    }
    return found;
}

void versions_prune(struct versions *versions, size_t most)
{
    const struct version *last = &versions->at[versions->count - 1];
    size_t kept = 1;
    for (size_t i = 0; i + 1 < versions->count; i++) {
        if (versions->at[i].kept && is_covered(&versions->at[i], last))
            drop(versions, i, "which is right on every pair on which this one is");
        kept += versions->at[i].kept;
    }
    for (; kept > most; kept--)
        drop(versions, worst(versions), "since no more are kept and this one is right the least");
}

/* On how many rows it is right, or no version that is kept is. */
static size_t leads(const struct versions *versions, size_t number)
{
    size_t count = 0;
    for (size_t row = 0; row < versions->at[0].text->job->row_count; row++) {
        bool other = false;
        for (size_t i = 0; i < versions->count; i++)
            other |= versions->at[i].kept && is_right(&versions->at[i], row);
        count += is_right(&versions->at[number], row) || !other;
    }
    return count;
}

size_t versions_draw(const struct versions *versions, size_t round)
{
    size_t sum = 0, *weights = sm_alloc(versions->count, sizeof *weights), drawn = 0;
    struct sm_rng rng;
    for (size_t i = 0; i < versions->count; i++) {
        bool can = versions->at[i].kept && mistakes_of(&versions->at[i]) >= 2;
        weights[i] = can ? leads(versions, i) : 0;
        sum += weights[i];
    }
    sm_rng_seed(&rng, (int64_t)round);
    size_t at = (size_t)sm_rng_below(&rng, sum);
    while (drawn < versions->count && at >= weights[drawn])
        at -= weights[drawn++];
    free(weights);
    return sum ? drawn : versions->count;
}

size_t versions_best(const struct versions *versions)
{
    size_t best = versions->count;
    for (size_t i = 0; i < versions->count; i++) {
        if (versions->at[i].kept &&
            (best == versions->count || total(&versions->at[i]) >= total(&versions->at[best])))
            best = i;
    }
    return best;
}

static void write_mistakes(const struct version *version, const struct version *of,
                           struct sm_buf *out)
{
    const struct job *job = version->text->job;
    size_t count = 0;
    sm_buf_str(out, ",\"mistakes\":[");
    for (size_t i = 0; version->told && i < job->row_count; i++) {
        if (version->told[i] && is_mistake(of, i))
            sm_buf_printf(out, "%s%zu", count++ ? "," : "", job->rows[i].pair->index);
    }
    sm_buf_char(out, ']');
}

/* Of the training rows that were held back from it; of version 0 that is all. */
static struct counts held_back(const struct version *version)
{
    struct counts counts = {0};
    for (size_t i = 0; i < version->text->job->row_count; i++) {
        if (version->text->job->rows[i].val || (version->fed && version->fed[i]))
            continue;
        counts.n += version->text->answers[i].answered;
        counts.correct += version->text->answers[i].correct;
    }
    return counts;
}

void version_write(struct version *version, size_t number, struct sm_buf *out)
{
    struct text *text = version->text;
    sm_record_open(out, SM_REVISION, text->job->user->id);
    sm_buf_printf(out, ",\"stage\":\"persona\",\"revision\":%zu,\"of\":", number);
    if (number)
        sm_buf_printf(out, "%zu", version->of);
    else
        sm_buf_str(out, "null");
    text_write(out, "persona", text->persona);
    text_write(out, "reasoning", text->reasoning);
    text_write(out, "changed", text->changed);
    write_mistakes(version, version - number + version->of, out);
    sm_buf_printf(out, ",\"kept\":%s", version->kept ? "true" : "false");
    text_write(out, "why", sm_buf_text(&version->why));
    counts_write(out, "train", held_back(version));
    counts_write(out, "val", text_counts(text, true));
    text_write_cost(text, out);
    sm_buf_str(out, "}\n");
}
