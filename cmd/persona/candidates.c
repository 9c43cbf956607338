/* Candidates: personas written from all or half of the examples, of which the judge's right answers
 * on the user's pairs choose one. */
#include "cmd/persona/persona.h"

#include "lib/base/rng.h"
#include "lib/json/json.h"
#include "lib/search/race.h"

#include <limits.h>

static void write_indices(const struct text *text, struct sm_buf *out)
{
    sm_buf_str(out, ",\"history\":[");
    for (size_t i = 0; i < text->shown; i++) {
        jv demo = jv_array_get(jv_copy(text->history), (int)i);
        int64_t index;
        sm_buf_str(out, i ? "," : "");
        if (sm_json_integer(demo, "index", 0, SM_INDEX_MAX, &index))
            sm_buf_printf(out, "%lld", (long long)index);
        else
            sm_buf_str(out, "null");
        jv_free(demo);
    }
    sm_buf_char(out, ']');
}

static bool has_index(jv demo, size_t index)
{
    int64_t own;
    bool is = sm_json_integer(demo, "index", 0, SM_INDEX_MAX, &own) && (size_t)own == index;
    jv_free(demo);
    return is;
}

/* Whether the text was written without knowing what the user chose there. */
static bool is_new(const struct text *text, const struct row *row)
{
    bool known = false;
    for (size_t i = 0; !known && !row->val && i < text->shown; i++)
        known = has_index(jv_array_get(jv_copy(text->history), (int)i), row->pair->index);
    return !known;
}

/* --- writing them --- */

/* Every second candidate draws the examples anew and takes one half of them, the next one the other
 * half, each in their order. */
static jv half_of(jv demos, size_t candidate)
{
    size_t n = (size_t)jv_array_length(jv_copy(demos)), half = (n + 1) / 2;
    size_t *order = sm_alloc(n, sizeof *order);
    bool *taken = sm_alloc(n, sizeof *taken);
    bool other = candidate % 2 == 0 && n > 1;
    struct sm_rng rng;
    jv list = jv_array();
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    sm_rng_seed(&rng, (int64_t)(candidate + 1) / 2);
    sm_rng_shuffle(&rng, order, n);
    for (size_t i = other ? half : 0; i < (other ? n : half); i++)
        taken[order[i]] = true;
    for (size_t i = 0; i < n; i++)
        list = taken[i] ? jv_array_append(list, jv_array_get(jv_copy(demos), (int)i)) : list;
    free(order);
    free(taken);
    return list;
}

static bool compose(struct text *text, struct sm_buf *out, struct sm_err *err)
{
    const struct writer *writer = text->job->writer;
    jv shown = jv_array_slice(jv_copy(text->history), 0, (int)text->shown);
    sm_buf_clear(out);
    sm_buf_add(out, writer->head.data, writer->head.len);
    return sm_prompts_messages(writer->asker.prompts, "persona", "question",
                               jv_object_set(jv_object(), jv_string("history"), shown), out, err);
}

/* Shortens the history by whole judgments until it fits. */
static bool fit(struct text *text, struct sm_buf *out, struct sm_err *err)
{
    const struct writer *writer = text->job->writer;
    size_t max = (size_t)writer->set.max_history;
    bool ok = compose(text, out, err);
    while (ok && out->len - writer->head.len > max && text->shown > 0) {
        text->shown--;
        text->dropped++;
        ok = compose(text, out, err);
    }
    return ok;
}

/* Consumes `history`. */
static void ask_text(struct job *job, size_t candidate, jv history)
{
    struct text *text = &job->texts[candidate];
    const struct writer *writer = job->writer;
    struct sm_buf messages = {0};
    struct sm_err err = {0};
    *text = (struct text){.job = job, .history = history};
    text->shown = (size_t)jv_array_length(jv_copy(history));
    text->answers = sm_alloc(job->row_count, sizeof *text->answers);
    if (fit(text, &messages, &err))
        text_ask(text, candidate ? &writer->sampler : &writer->asker, "persona", &messages,
                 (int)candidate);
    else
        job_fail(job, &err);
    sm_buf_release(&messages);
}

/* --- judging them --- */

static struct sm_racer *racers_of(const struct job *job)
{
    struct sm_racer *racers = sm_alloc(job->text_count, sizeof *racers);
    for (size_t i = 0; i < job->text_count; i++) {
        const struct text *text = &job->texts[i];
        racers[i].out = !text->persona;
        for (size_t k = 0; k < job->row_count; k++) {
            const struct answer *answer = &text->answers[k];
            racers[i].rows += is_new(text, &job->rows[k]);
            racers[i].asked += answer->asked;
            racers[i].answered += answer->answered;
            racers[i].correct += answer->correct;
        }
    }
    return racers;
}

static void plan(const struct job *job, struct sm_plan *sum)
{
    size_t most = 0, count = job->text_count, revisions = (size_t)job->writer->set.revise;
    struct sm_racer *racers = racers_of(job);
    for (size_t i = 0; i < count; i++) {
        racers[i].out = false; /* it may yet be written */
        most += racers[i].rows - racers[i].asked;
    }
    if (count > 1)
        plan_race(job, sm_race_typical(racers, count), most, sum);
    if (revisions > 0)
        plan_revisions(job, revisions, count > 1, sum);
    free(racers);
}

/* Validation pairs come first: all candidates have these. */
static void judge_rows(struct text *text, size_t count)
{
    const struct job *job = text->job;
    for (int val = 1; val >= 0; val--) {
        for (size_t i = 0; count > 0 && i < job->row_count; i++) {
            if (job->rows[i].val != val || text->answers[i].asked || !is_new(text, &job->rows[i]))
                continue;
            text_judge(text, i);
            count--;
        }
    }
}

/* The places of the candidates, the best one's first: the winner, then by the share of right
 * answers that they may be expected to have. */
struct place {
    size_t candidate;
    double worth;
};

static int by_worth(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->worth != y->worth)
        return x->worth < y->worth ? 1 : -1;
    return (x->candidate > y->candidate) - (x->candidate < y->candidate);
}

static size_t rank(const struct sm_racer *racers, size_t count, size_t winner, struct place *places)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        double worth = (double)(racers[i].correct + 1) / (double)(racers[i].answered + 2);
        if (!racers[i].out)
            places[n++] = (struct place){i, i == winner ? 2 : worth};
    }
    qsort(places, n, sizeof *places, by_worth);
    return n;
}

static void write_score(const struct text *text, const struct sm_racer *racer, double best,
                        struct sm_buf *out)
{
    struct counts val = text_counts(text, true);
    bool finished = sm_race_finished(racer);
    sm_buf_str(out, ",\"score\":");
    if (finished && racer->rows)
        sm_buf_printf(out, "%.2f", sm_race_bound(racer));
    else
        sm_buf_str(out, "null");
    sm_buf_printf(out, ",\"correct\":%zu,\"n\":%zu", val.correct, val.n);
    counts_write(out, "crossfit", text_counts(text, false));
    if (!finished)
        sm_buf_printf(out, ",\"pruned\":{\"reason\":\"bound\",\"bound\":%.2f,\"best\":%.2f}",
                      sm_race_bound(racer), best);
}

static void open_persona(const struct text *text, struct sm_buf *out)
{
    sm_record_open(out, SM_PERSONA, text->job->user->id);
    sm_buf_str(out, ",\"stage\":\"persona\"");
    text_write(out, "persona", text->persona);
    text_write(out, "reasoning", text->reasoning);
    write_indices(text, out);
    sm_buf_printf(out, ",\"dropped\":%zu,\"shortened\":%s", text->dropped,
                  text->shortened ? "true" : "false");
}

/* The worst first, so that the last one is the best. */
static void write_all(struct job *job, const struct sm_racer *racers, size_t winner)
{
    struct place *places = sm_alloc(job->text_count, sizeof *places);
    struct sm_buf *out = &job->user->out;
    double best = sm_race_bound(&racers[winner]);
    for (size_t n = rank(racers, job->text_count, winner, places); n-- > 0;) {
        size_t candidate = places[n].candidate;
        struct text *text = &job->texts[candidate];
        open_persona(text, out);
        if (job->writer->set.candidates > 1) {
            sm_buf_printf(out, ",\"candidate\":%zu,\"rank\":%zu", candidate, n + 1);
            write_score(text, &racers[candidate], best, out);
        }
        text_write_cost(text, out);
        sm_buf_str(out, "}\n");
    }
    free(places);
}

static void conclude(struct job *job, const struct sm_racer *racers, size_t winner)
{
    write_all(job, racers, winner);
    if (job->writer->set.revise > 0)
        revise_begin(job, &job->texts[winner]);
    else
        job_end(job);
}

static void fail_unwritten(struct job *job)
{
    struct sm_err err = {0};
    sm_err_set(&err, SM_EXIT_PARTIAL, "use a larger model, or raise --max-tokens",
               "the model wrote no persona that can be read, in %zu attempts", job->text_count);
    job_fail(job, &err);
    job_go(job);
}

static void step(struct job *job)
{
    struct sm_racer *racers = racers_of(job);
    size_t count = job->text_count, front = sm_race_front(racers, count);
    bool over = front == count || job->text_count == 1 || sm_race_finished(&racers[front]);
    for (size_t i = 0; !over && i < count; i++) {
        if (job->writer->speculate && !racers[i].out)
            judge_rows(&job->texts[i], racers[i].rows);
    }
    if (!over && !job->writer->speculate)
        judge_rows(&job->texts[front], sm_race_next(racers, count, front, &job->rounds));
    if (front == count)
        fail_unwritten(job);
    else if (over)
        conclude(job, racers, front);
    else if (job->failed.message)
        job_go(job);
    free(racers);
}

/* Where there is no example to draw from, further candidates would say nothing of this user. */
void candidates_begin(struct job *job, jv demos)
{
    size_t n = (size_t)jv_array_length(jv_copy(demos));
    job->text_count = n ? (size_t)job->writer->set.candidates : 1;
    job->texts = sm_alloc(job->text_count, sizeof *job->texts);
    job->step = step;
    job->plan = plan;
    job->close = texts_release;
    for (size_t i = 0; i < job->text_count; i++)
        ask_text(job, i, i ? half_of(demos, i) : jv_copy(demos));
    jv_free(demos);
}
