/* A user's work while it waits for answers. */
#include "cmd/persona/persona.h"

#include <math.h>

static bool write_question(struct job *job, struct row *row)
{
    struct sm_buf text = {0};
    struct sm_err err = {0};
    const struct sm_pair *pair = row->pair;
    bool ok = sm_prompts_messages(job->writer->asker.prompts, "judge", "question",
                                  sm_case(pair, pair->flip), &text, &err);
    if (!ok)
        job_fail(job, &err);
    row->question = sm_buf_take(&text);
    return ok;
}

/* Only a persona that is judged needs rows. */
static void collect_rows(struct job *job)
{
    const struct sm_user *user = job->user;
    job->rows = sm_alloc(user->pair_count, sizeof *job->rows);
    for (size_t i = 0; i < user->pair_count; i++) {
        const struct sm_pair *pair = &user->pairs[i];
        bool val = pair->split == SM_SPLIT_VAL;
        if (!pair->labeled || (!val && pair->split != SM_SPLIT_TRAIN))
            continue;
        job->rows[job->row_count] = (struct row){.pair = pair, .val = val};
        if (!write_question(job, &job->rows[job->row_count++]))
            return;
    }
}

struct job *job_open(struct sm_user *user)
{
    struct job *job = sm_alloc(1, sizeof *job);
    const struct writer *writer = user->stage->self;
    *job = (struct job){
        .user = user, .writer = writer, .rounds = {.certainty = -1, .quickest_ms = INFINITY}};
    if (writer->set.candidates > 1 || writer->set.revise > 0)
        collect_rows(job);
    return job;
}

static void free_job(struct job *job)
{
    if (job->close)
        job->close(job);
    for (size_t i = 0; i < job->row_count; i++)
        free(job->rows[i].question);
    free(job->rows);
    sm_err_clear(&job->failed);
    free(job);
}

void job_end(struct job *job)
{
    sm_user_done(job->user);
    free_job(job);
}

void job_fail(struct job *job, struct sm_err *err)
{
    if (job->failed.message)
        sm_err_clear(err);
    else
        job->failed = *err;
}

void job_go(struct job *job)
{
    if (job->under_way > 0)
        return;
    if (job->failed.message) {
        sm_buf_clear(&job->user->out);
        sm_user_failed(job->user, &job->failed, job->tried);
    } else if (job->pending) {
        sm_buf_clear(&job->user->out);
        job->plan(job, &job->user->stage->planned);
        sm_user_pending(job->user, job->pending);
    } else {
        job->step(job);
        return;
    }
    free_job(job);
}

bool job_answered(struct job *job, const struct sm_outcome *outcome)
{
    job->under_way--;
    if (!outcome->error)
        return true;
    if (outcome->error->code == SM_EXIT_PENDING) {
        job->pending++;
    } else if (!job->failed.message) {
        sm_err_set(&job->failed, outcome->error->code, outcome->error->remedy, "%s",
                   outcome->error->message);
        job->tried = outcome->tried;
    }
    return false;
}
