#include "cmd/neighbors/neighbors.h"
#include "cmd/neighbors/tryout.h"

#include "lib/json/json.h"

static struct neighbors *neighbors_of(const struct sm_user *user)
{
    return user->stage->self;
}

/* What the runner would append is kept until all users are compared. */
static void keep_record(struct sm_user *user, struct person *person)
{
    person->record = user->out;
    user->out = (struct sm_buf){0};
}

/* Those that were not dropped, the best first, in place of all others before the rest. */
static void keep_results(struct tryout *tryout, struct person *person)
{
    for (size_t i = 0; i < tryout->count; i++) {
        person->others[i].correct = tryout->tried[i].correct;
        person->others[i].n = tryout->tried[i].n;
    }
    size_t kept = 0;
    for (size_t i = 0; i < tryout->count && tryout->choice_count; i++) {
        struct other moved = person->others[i];
        if (tryout->tried[i].dropped)
            continue;
        size_t at = kept++;
        memmove(&person->others[at + 1], &person->others[at], (i - at) * sizeof moved);
        for (; at > 0 && person->others[at - 1].correct < moved.correct; at--)
            person->others[at] = person->others[at - 1];
        person->others[at] = moved;
    }
    person->best = kept;
    person->choice_count = tryout->pair_count;
    person->choices = sm_alloc(tryout->pair_count, sizeof *person->choices);
    for (size_t i = 0; i < tryout->pair_count; i++)
        person->choices[i] = tryout->choices[i].pair->index;
    person->usage = tryout->usage;
    person->ms = tryout->ms;
    person->compared = true;
}

static void end_tryout(struct tryout *tryout)
{
    struct person *person = tryout->arg;
    struct sm_user *user = tryout->user;
    if (tryout->why.message) {
        sm_user_failed(user, &tryout->why, tryout->attempts);
        keep_record(user, person);
    } else if (tryout->waiting) {
        sm_user_pending(user, tryout->waiting);
        keep_record(user, person);
    } else {
        keep_results(tryout, person);
        sm_user_done(user);
    }
    tryout_release(tryout);
    free(tryout);
}

static bool add_judge(struct tryout *tryout, const struct crowd *crowd, const struct person *other)
{
    struct sm_err *err = &tryout->why;
    char *persona = crowd_text(crowd, &other->persona, err);
    char *demos = err->message ? NULL : crowd_text(crowd, &other->demos, err);
    jv shown = jv_invalid();
    bool ok = !err->message && (!demos || sm_json_parse(demos, other->demos.len, &shown, err)) &&
              tryout_judge(tryout, persona ? persona : "", shown, err);
    jv_free(shown);
    free(persona);
    free(demos);
    return ok;
}

void cross_user(struct sm_user *user)
{
    struct neighbors *self = neighbors_of(user);
    struct person *person = crowd_find(&self->crowd, user->id);
    if (!person) {
        sm_user_done(user);
        return;
    }
    struct tryout *tryout = sm_alloc(1, sizeof *tryout);
    *tryout = (struct tryout){.judging = &self->judging,
                              .user = user,
                              .best = (size_t)self->set.best,
                              .done = end_tryout,
                              .arg = person};
    tryout_choose(tryout, (size_t)self->set.pairs);
    bool ok = true;
    for (size_t i = 0; ok && i < person->other_count; i++)
        ok = add_judge(tryout, &self->crowd, &self->crowd.at[person->others[i].person]);
    if (ok)
        tryout_begin(tryout);
    else
        end_tryout(tryout);
}

/* A persona is a reply. */
#define REPLY_BYTES_PER_TOKEN 2

void cross_plan(struct sm_user *user, struct sm_plan *plan)
{
    const struct neighbors *self = neighbors_of(user);
    size_t others = self->crowd.count + self->crowd.waiting, choices = 0;
    size_t most = (size_t)self->set.candidates;
    for (size_t i = 0; i < user->pair_count; i++)
        choices += tryout_is_known(&user->pairs[i]) ? 2 : 0; /* orders */
    others -= others > 0;
    tryout_plan(&self->judging, user, others < most ? others : most, (size_t)self->set.best,
                choices < (size_t)self->set.pairs ? choices : (size_t)self->set.pairs,
                REPLY_BYTES_PER_TOKEN * sm_llm_config(self->judging.asker.llm)->max_tokens, plan);
}
