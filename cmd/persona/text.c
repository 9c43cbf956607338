/* A persona: how it is asked for, and what the judge says by it. */
#include "cmd/persona/persona.h"

#include "lib/json/json.h"

static char *copy_of(const struct sm_outcome *outcome, const char *name)
{
    const char *text = sm_json_text(outcome->value, name, NULL);
    return text ? sm_strdup(text) : NULL;
}

static void take_text(void *arg, const struct sm_outcome *outcome)
{
    struct text *text = arg;
    struct job *job = text->job;
    if (job_answered(job, outcome)) {
        if (outcome->status == SM_STATUS_OK) {
            text->persona = copy_of(outcome, "persona");
            text->reasoning = copy_of(outcome, "reasoning");
            text->changed = copy_of(outcome, "changed");
            text->shortened = sm_json_bool(outcome->value, "shortened", false);
        } else if (job->texts == text && job->text_count == 1) {
            struct sm_err err = {0};
            sm_err_set(&err, SM_EXIT_PARTIAL, "use a larger model, or raise --max-tokens",
                       "the model wrote no persona that can be read (%s)",
                       sm_status_name(outcome->status));
            job_fail(job, &err);
        }
        job->tried = outcome->tried;
        sm_usage_add(&text->usage, &outcome->usage);
        text->ms += outcome->ms;
    }
    job_go(job);
}

void text_ask(struct text *text, const struct sm_asker *asker, const char *program,
              struct sm_buf *messages, int sample)
{
    sm_buf_char(messages, ']');
    text->job->under_way++;
    sm_question_ask(asker, program, sm_buf_take(messages), sample, take_text, text);
}

static bool write_head(struct text *text)
{
    struct sm_buf head = {0};
    struct sm_err err = {0};
    size_t shown;
    bool ok = sm_judge_head(text->job->writer->asker.prompts, text->persona, jv_invalid(), &head,
                            &shown, &err);
    if (!ok)
        job_fail(text->job, &err);
    text->head = sm_buf_take(&head);
    return ok;
}

static void take_verdict(void *arg, const struct sm_outcome *outcome)
{
    struct answer *answer = arg;
    struct text *text = answer->text;
    struct job *job = text->job;
    if (job_answered(job, outcome)) {
        const struct row *row = &job->rows[answer - text->answers];
        const char *reasoning = sm_json_text(outcome->value, "reasoning", NULL);
        answer->answered = true;
        answer->correct = sm_outcome_choice(outcome) == (row->pair->flip ? SM_FIRST : SM_SECOND);
        answer->reasoning = sm_strdup(reasoning ? reasoning : "");
        sm_rounds_answered(&job->rounds, answer->correct, outcome->ms);
        sm_usage_add(&text->usage, &outcome->usage);
        text->ms += outcome->ms;
    }
    job_go(job);
}

void text_judge(struct text *text, size_t row)
{
    struct job *job = text->job;
    struct sm_buf messages = {0};
    struct answer *answer = &text->answers[row];
    if (answer->asked || job->failed.message || (!text->head && !write_head(text)))
        return;
    *answer = (struct answer){.text = text, .asked = true};
    sm_buf_printf(&messages, "%s%s%s]", text->head, text->head[1] ? "," : "",
                  job->rows[row].question);
    job->under_way++;
    sm_question_ask(&job->writer->asker, "judge", sm_buf_take(&messages), 0, take_verdict, answer);
}

void text_release(struct text *text)
{
    for (size_t i = 0; text->answers && i < text->job->row_count; i++)
        free(text->answers[i].reasoning);
    free(text->answers);
    free(text->persona);
    free(text->reasoning);
    free(text->changed);
    free(text->head);
    jv_free(text->history);
}

void texts_release(struct job *job)
{
    for (size_t i = 0; i < job->text_count; i++)
        text_release(&job->texts[i]);
    free(job->texts);
}

struct counts text_counts(const struct text *text, bool val)
{
    struct counts counts = {0};
    for (size_t i = 0; i < text->job->row_count; i++) {
        if (text->job->rows[i].val != val)
            continue;
        counts.asked += text->answers[i].asked;
        counts.n += text->answers[i].answered;
        counts.correct += text->answers[i].correct;
    }
    return counts;
}

void text_write(struct sm_buf *out, const char *name, const char *text)
{
    sm_buf_printf(out, ",\"%s\":", name);
    sm_json_cstring(out, text);
}

void counts_write(struct sm_buf *out, const char *name, struct counts counts)
{
    sm_buf_printf(out, ",\"%s\":{\"correct\":%zu,\"n\":%zu}", name, counts.correct, counts.n);
}

void text_write_cost(struct text *text, struct sm_buf *out)
{
    sm_asker_cost(&text->job->writer->asker, out, &text->usage, text->ms);
    text->usage = (struct sm_usage){0};
    text->ms = 0;
}
