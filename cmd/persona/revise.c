/* Revision: the judge's mistakes on pairs that are learned from, with its reasons, go back to the
 * model; a new text is kept where it does better on pairs that the model was not shown. */
#include "cmd/persona/version.h"

#include "lib/json/json.h"

struct revising {
    struct versions versions;
    size_t round; /* revisions asked for */
    bool earlier; /* version 0 was learned before, and is in no record of this stream yet */
    enum phase { BASE, CHOOSE, HELD_BACK, VALIDATE, REST } phase; /* of the last version */
};

static struct version *last(struct revising *r)
{
    return &r->versions.at[r->versions.count - 1];
}

/* --- asking the judge --- */

/* Asks up to `count` rows of one kind that it was not asked yet and, with `fed`, that are held back
 * from that version. True if any goes out. */
static bool judge_rows(struct text *text, bool val, const bool *fed, size_t count)
{
    const struct job *job = text->job;
    for (size_t i = 0; count > 0 && i < job->row_count; i++) {
        if (job->rows[i].val != val || text->answers[i].asked || (fed && fed[i]))
            continue;
        text_judge(text, i);
        count--;
    }
    return job->under_way > 0;
}

static bool judge_all(struct text *text, bool val)
{
    return judge_rows(text, val, NULL, text->job->row_count);
}

/* --- asking the model --- */

static jv choices(const struct version *version, const struct version *of, bool mistakes,
                  size_t most)
{
    const struct job *job = of->text->job;
    jv list = jv_array();
    for (size_t i = 0; i < job->row_count && most > 0; i++) {
        const struct answer *answer = &of->text->answers[i];
        const struct sm_pair *pair = job->rows[i].pair;
        if (!version->fed[i] || answer->correct == mistakes)
            continue;
        list = jv_array_append(list,
                               sm_case_demo(pair, pair->flip, mistakes ? answer->reasoning : NULL));
        version->told[i] = true;
        most--;
    }
    return list;
}

static bool compose(struct job *job, struct version *version, size_t mistakes, size_t right,
                    struct sm_buf *out)
{
    const struct writer *writer = job->writer;
    const struct version *of = &job->revising->versions.at[version->of];
    struct sm_err err = {0};
    memset(version->told, 0, job->row_count * sizeof *version->told);
    jv input = jv_object_set(jv_object(), jv_string("persona"), jv_string(of->text->persona));
    input = jv_object_set(input, jv_string("mistakes"), choices(version, of, true, mistakes));
    input = jv_object_set(input, jv_string("right"), choices(version, of, false, right));
    sm_buf_clear(out);
    sm_buf_add(out, writer->revise_head.data, writer->revise_head.len);
    bool ok = sm_prompts_messages(writer->asker.prompts, "revise", "question", input, out, &err);
    if (!ok)
        job_fail(job, &err);
    return ok;
}

/* What was right is left out first, where all is longer than --max-history, then mistakes. */
static void ask_revision(struct job *job, struct version *version)
{
    const struct writer *writer = job->writer;
    size_t max = (size_t)writer->set.max_history + writer->revise_head.len;
    size_t mistakes = job->row_count, right = job->row_count;
    struct sm_buf messages = {0};
    bool ok = compose(job, version, mistakes, right, &messages);
    while (ok && messages.len > max && (right > 0 || mistakes > 1)) {
        if (right > 0)
            right--;
        else
            mistakes--;
        ok = compose(job, version, mistakes, right, &messages);
    }
    if (ok)
        text_ask(version->text, &writer->asker, "revise", &messages, (int)job->revising->round);
    sm_buf_release(&messages);
}

/* Begins the next version; false if there is none to begin. */
static bool choose(struct job *job)
{
    struct revising *r = job->revising;
    if (r->round == (size_t)job->writer->set.revise)
        return false;
    size_t of = versions_draw(&r->versions, ++r->round);
    if (of == r->versions.count)
        return false;
    struct version *version = &r->versions.at[r->versions.count];
    *version = (struct version){.of = of, .text = &version->own, .own = {.job = job}};
    version->own.answers = sm_alloc(job->row_count, sizeof *version->own.answers);
    version->own.history = jv_invalid();
    version_divide(version, &r->versions.at[of], r->round);
    r->versions.count++;
    ask_revision(job, version);
    return true;
}

/* --- what comes of it --- */

static void drop(struct revising *r, const char *why)
{
    sm_buf_str(&last(r)->why, why);
    r->phase = CHOOSE;
}

/* Whether the new version is a text of its own; it is dropped if not. */
static bool is_new(struct revising *r)
{
    const struct version *version = last(r), *of = &r->versions.at[version->of];
    if (!version->text->persona)
        drop(r, "no text could be read in the reply");
    else if (strcmp(version->text->persona, of->text->persona) == 0)
        drop(r, "the text is the one that it was to revise");
    else
        return true;
    return false;
}

static void say_goal(struct version *version, const struct goal *goal, bool passed, bool val)
{
    size_t needed = goal->least - (val ? 0 : 1);
    sm_buf_printf(&version->why, "%s%s on %s pairs: ", val ? ", " : "",
                  passed ? val ? "and not worse" : "better"
                  : val  ? "but worse"
                         : "not better",
                  val ? "validation" : "held-back");
    sm_buf_printf(&version->why, "%zu of %zu right, version %zu %zu of %zu", goal->correct,
                  goal->answered, version->of, needed, goal->rows);
}

/* Asks what the gate needs; true while it waits. It goes on to `next` where the version passes, or
 * drops it. */
static bool wait_for(struct job *job, bool val, enum phase next)
{
    struct revising *r = job->revising;
    struct version *version = last(r), *of = &r->versions.at[version->of];
    bool passed;
    if (val && judge_all(of->text, true))
        return true;
    struct goal goal = version_goal(version, of, val);
    size_t more = goal_next(&goal, &job->rounds, &passed);
    if (more > 0 && judge_rows(version->text, val, val ? NULL : version->fed,
                               job->writer->speculate ? job->row_count : more))
        return true;
    say_goal(version, &goal, passed, val);
    r->phase = passed ? next : CHOOSE;
    return false;
}

static void keep(struct job *job)
{
    struct revising *r = job->revising;
    last(r)->kept = true;
    versions_prune(&r->versions, (size_t)job->writer->set.revise);
    r->phase = CHOOSE;
}

/* --- the records --- */

static void write_history(const struct version *version, struct sm_buf *out)
{
    const struct job *job = version->text->job;
    size_t count = 0, dropped = 0;
    sm_buf_str(out, ",\"history\":[");
    for (size_t i = 0; version->fed && i < job->row_count; i++) {
        if (version->told[i])
            sm_buf_printf(out, "%s%zu", count++ ? "," : "", job->rows[i].pair->index);
        dropped += version->fed[i] && !version->told[i];
    }
    sm_buf_printf(out, "],\"dropped\":%zu", dropped);
}

/* The one that is taken, where no earlier record of the stream has it. */
static void write_taken(struct job *job, size_t number)
{
    const struct revising *r = job->revising;
    const struct version *version = &r->versions.at[number];
    struct sm_buf *out = &job->user->out;
    sm_record_open(out, SM_PERSONA, job->user->id);
    sm_buf_str(out, ",\"stage\":\"persona\"");
    text_write(out, "persona", version->text->persona);
    text_write(out, "reasoning", version->text->reasoning);
    write_history(version, out);
    sm_buf_printf(out, ",\"shortened\":%s,\"revision\":%zu",
                  version->text->shortened ? "true" : "false", number);
    text_write(out, "changed", number ? version->text->changed : "Nothing.");
    sm_buf_str(out, "}\n");
}

static void finish(struct job *job)
{
    struct revising *r = job->revising;
    size_t best = versions_best(&r->versions);
    for (size_t i = 0; i < r->versions.count; i++)
        version_write(&r->versions.at[i], i, &job->user->out);
    if (best > 0 || r->earlier)
        write_taken(job, best);
    job_end(job);
}

/* --- one step after another --- */

/* Goes on to the next thing that has to be asked; false at the end. */
static bool advance(struct job *job)
{
    struct revising *r = job->revising;
    while (!job->failed.message) {
        if (r->phase == BASE) {
            if (judge_all(r->versions.at[0].text, false))
                return true;
            r->phase = CHOOSE;
        } else if (r->phase == CHOOSE) {
            if (!choose(job))
                return false;
            r->phase = HELD_BACK;
            return true;
        } else if (r->phase == HELD_BACK) {
            if (is_new(r) && wait_for(job, false, VALIDATE))
                return true;
        } else if (r->phase == VALIDATE) {
            if (wait_for(job, true, REST))
                return true;
        } else if (judge_all(last(r)->text, false) | judge_all(last(r)->text, true)) {
            return true;
        } else {
            keep(job);
        }
    }
    return true;
}

static void step(struct job *job)
{
    if (!advance(job))
        finish(job);
    else if (job->under_way == 0)
        job_go(job); /* a prompt program failed */
}

static void plan(const struct job *job, struct sm_plan *sum)
{
    plan_revisions(job, (size_t)job->writer->set.revise - job->revising->round, true, sum);
}

static void close_revising(struct job *job)
{
    struct revising *r = job->revising;
    for (size_t i = 0; i < r->versions.count; i++) {
        struct version *version = &r->versions.at[i];
        if (i > 0)
            text_release(version->text);
        free(version->fed);
        free(version->told);
        sm_buf_release(&version->why);
    }
    free(r->versions.at);
    free(r);
    texts_release(job);
}

static struct revising *open_revising(struct job *job, struct text *base, const char *why)
{
    struct revising *r = sm_alloc(1, sizeof *r);
    r->versions.at = sm_alloc((size_t)job->writer->set.revise + 1, sizeof *r->versions.at);
    r->versions.count = 1;
    r->versions.at[0] = (struct version){.text = base, .kept = true};
    sm_buf_str(&r->versions.at[0].why, why);
    job->revising = r;
    job->step = step;
    job->plan = plan;
    job->close = close_revising;
    return r;
}

void revise_begin(struct job *job, struct text *base)
{
    open_revising(job, base, "the first text");
    step(job);
}

void revise_earlier(struct job *job, const char *persona)
{
    job->texts = sm_alloc(1, sizeof *job->texts);
    job->text_count = 1;
    job->texts[0] = (struct text){.job = job,
                                  .persona = sm_strdup(persona),
                                  .history = jv_invalid(),
                                  .answers = sm_alloc(job->row_count, sizeof(struct answer))};
    open_revising(job, job->texts, "what was learned earlier")->earlier = true;
    if (job->failed.message)
        job_go(job);
    else
        step(job);
}
