/* Stage 2: a readable persona from the examples that sm-bootstrap found. */
#include "cmd/common/stage_main.h"
#include "cmd/persona/head.h"
#include "cmd/persona/persona.h"
#include "cmd/persona/rubric.h"

#include "lib/json/json.h"

#include <stddef.h>

#define SAMPLE_TEMPERATURE 0.7
#define REVISIONS_OF_LEARNED 3

#define FIELD(name) offsetof(struct persona_options, name)

static const struct sm_opt options[] = {
    {0, "form", "persona|rubric", SM_OPT_CHOICE, FIELD(form), 0, 0,
     "Write a text, or criteria with weights by which sm-judge scores replies (see Rubrics). Default: persona."},
    {0, "examples", "FILE", SM_OPT_TEXT, FIELD(examples), 0, 0,
     "Show the model these examples of writing a persona instead of the built-in ones: a JSON object a line with history, reasoning and persona (or criteria)."},
    {0, "max-history", "BYTES", SM_OPT_INT, FIELD(max_history), 256, 1e9,
     "Leave out the last judgements, whole ones, when the history is longer. Default: 65536."},
    {0, "candidates", "K", SM_OPT_INT, FIELD(candidates), 1, 1000,
     "Write K personas and take the one by which the judge is right most often (see Candidates). Default: 1."},
    {0, "revise", "N", SM_OPT_INT, FIELD(revise), 0, 1000,
     "Let the model revise the persona up to N times, by what the judge got wrong with it (see Revision). Default: 0; with --trained 3."},
    {'m', "trained", "FILE", SM_OPT_TEXT, FIELD(learned), 0, 0,
     "Revise the personas in FILE, which were learned earlier, by the pairs of the input, instead of writing new ones."},
    SM_OPT_END};

/* What was learned earlier; false if there is no persona of the user. */
static bool begin_earlier(struct job *job, struct sm_learned *learned)
{
    struct sm_err err = {0};
    jv persona, demos;
    bool ok = sm_learned_of(learned, job->user, &persona, &demos, &err);
    const char *text = ok ? sm_json_text(persona, "persona", NULL) : NULL;
    if (!ok) {
        job_fail(job, &err);
        job_go(job);
    } else if (text) {
        revise_earlier(job, text);
    }
    jv_free(persona);
    jv_free(demos);
    return !ok || text;
}

static void write_user(struct sm_user *user)
{
    const struct writer *writer = user->stage->self;
    struct job *job = job_open(user);
    struct sm_err err = {0};
    if (writer->learned && sm_learned_has(writer->learned, user->id) &&
        begin_earlier(job, writer->learned))
        return;
    jv demos = sm_json_get(user->history, "demos");
    if (jv_is_valid(demos)) {
        candidates_begin(job, demos);
    } else {
        sm_err_set(&err, SM_EXIT_PARTIAL, "run sm-bootstrap before sm-persona",
                   "no demos of stage bootstrap to write a persona from");
        job_fail(job, &err);
    }
    job_go(job);
}

static bool prepare(struct writer *writer, const char *user, struct sm_err *err)
{
    struct sm_prompts *prompts = writer->asker.prompts;
    const char *learned = writer->set.learned;
    sm_buf_char(&writer->revise_head, '[');
    if (learned && !(writer->learned = sm_learned_open(learned, user, err)))
        return false;
    return head_write(prompts, "persona", writer->set.examples, &writer->head, err) &&
           (writer->set.revise == 0 || sm_prompts_messages(prompts, "revise", "system", jv_object(),
                                                           &writer->revise_head, err));
}

/* Makes the stage one that writes rubrics. */
static bool prepare_rubric(const struct writer *writer, struct rubric_writer *rubric,
                           struct sm_stage *stage, struct sm_err *err)
{
    const struct persona_options *set = &writer->set;
    if (set->candidates > 1 || set->revise > 0 || set->learned)
        return sm_err_set(err, SM_EXIT_USAGE, "leave one of them out",
                          "--form rubric writes one rubric anew: --candidates, --revise and "
                          "--trained are about personas");
    rubric->asker = writer->asker;
    rubric->max_history = (size_t)set->max_history;
    stage->begin = rubric_begin;
    stage->plan = rubric_plan;
    stage->self = rubric;
    return rubric_open(rubric, set->examples, err);
}

static void open_writer(struct writer *writer, struct client *client)
{
    if (writer->set.revise < 0)
        writer->set.revise = writer->set.learned ? REVISIONS_OF_LEARNED : 0;
    writer->asker = (struct sm_asker){client->llm, client->prompts, client->set.temperature, false,
                                      &client->endings};
    writer->sampler = writer->asker;
    if (client->default_temperature)
        writer->sampler.temperature = SAMPLE_TEMPERATURE;
    writer->speculate = client->set.batch != NULL;
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-persona",
        .of_users = true,
        .summary = "write a persona from a user's explained choices: stage 2",
        .operands = "[FILE ...]",
        .about = "Reads what sm-bootstrap wrote. For each user the model is shown the winning "
                 "examples and writes\nwhat they tell of the user's taste in replies, which is "
                 "appended as a `persona` record,\nor with --form rubric as a `rubric` record.",
    };
    struct app app;
    struct client client = CLIENT_DEFAULTS;
    struct writer writer = {
        .set = {.form = "persona", .max_history = 65536, .candidates = 1, .revise = -1}};
    struct rubric_writer rubric = {0};
    struct sm_stage stage = {.name = "persona",
                             .each = 1,
                             .begin = write_user,
                             .plan = persona_plan_user,
                             .self = &writer};
    const struct sm_opt_group groups[] = {
        {options, &writer.set},          {stage_opts, &stage},       {client_opts, &client.set},
        {store_opts, &client.set.store}, {prompt_opts, &client.set}, {0}};
    struct sm_err err = {0};
    client.describes = true;
    if (app_start(&app, &program, groups, argc, argv) && client_start(&client, &app)) {
        open_writer(&writer, &client);
        if (writer.set.form[0] == 'r' ? prepare_rubric(&writer, &rubric, &stage, &err)
                                      : prepare(&writer, app.set.user, &err))
            stage_main(&app, &client, &stage);
        else
            app_fail(&app, &err);
    }
    sm_buf_release(&writer.head);
    rubric_release(&rubric);
    sm_buf_release(&writer.revise_head);
    sm_learned_close(writer.learned);
    client_close(&client, &app);
    return app_end(&app);
}
