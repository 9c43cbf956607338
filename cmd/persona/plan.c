/* A dry run: how many calls a user takes. */
#include "cmd/persona/persona.h"

#include "lib/search/race.h"

#define REPLY_BYTES_PER_TOKEN 2 /* as in the upper bound of sm_plan_add() */
#define PERSONA_BYTES 900       /* of 150 words */

struct need {
    int64_t least, typical, most;
};

static void add(struct sm_plan *sum, const struct writer *writer, struct need need, int64_t bytes,
                int64_t most_bytes)
{
    long max_tokens = sm_llm_config(writer->asker.llm)->max_tokens;
    sm_plan_add(&sum->least, false, need.least, need.least * bytes, max_tokens);
    sm_plan_expect(sum, need.typical, need.typical * bytes, max_tokens);
    sm_plan_add(&sum->most, true, need.most, need.most * most_bytes, max_tokens);
}

/* Labeled pairs. */
struct rows_of {
    int64_t train, val;
};

static struct rows_of count_rows(const struct sm_user *user)
{
    struct rows_of of = {0};
    for (size_t i = 0; i < user->pair_count; i++) {
        of.train += user->pairs[i].labeled && user->pairs[i].split == SM_SPLIT_TRAIN;
        of.val += user->pairs[i].labeled && user->pairs[i].split == SM_SPLIT_VAL;
    }
    return of;
}

/* Questions to the judge, which is shown a persona and a pair. */
static void add_verdicts(struct sm_plan *sum, const struct writer *writer,
                         const struct sm_user *user, struct need need)
{
    long max_tokens = sm_llm_config(writer->asker.llm)->max_tokens;
    int64_t mean = (int64_t)user->lines.len / (int64_t)(user->pair_count ? user->pair_count : 1);
    add(sum, writer, need, mean + PERSONA_BYTES,
        (int64_t)user->lines.len + max_tokens * REPLY_BYTES_PER_TOKEN);
}

/* Texts, which are written from some or all pairs. */
static void add_texts(struct sm_plan *sum, const struct writer *writer, const struct sm_user *user,
                      const struct sm_buf *head, struct need need)
{
    int64_t history = (int64_t)user->lines.len, head_len = (int64_t)head->len;
    history = history < writer->set.max_history ? history : writer->set.max_history;
    long max_tokens = sm_llm_config(writer->asker.llm)->max_tokens;
    sm_plan_add(&sum->least, false, need.least, need.least * head_len, max_tokens);
    sm_plan_expect(sum, need.typical, need.typical * (head_len + history), max_tokens);
    sm_plan_add(&sum->most, true, need.most, need.most * (head_len + writer->set.max_history),
                max_tokens);
}

/* Each takes a text, and the judge on some pairs or all; and so does the first text, on `base`
 * training pairs at least. */
static void add_revisions(struct sm_plan *sum, const struct writer *writer,
                          const struct sm_user *user, int64_t n, int64_t base)
{
    struct rows_of of = count_rows(user);
    int64_t all = of.train + of.val, some = of.train / 2 + of.val / 2;
    if (of.train < 2)
        n = 0;
    add_texts(sum, writer, user, &writer->revise_head, (struct need){0, n, n});
    add_verdicts(sum, writer, user, (struct need){base, base + n * some, all + n * all});
}

void plan_race(const struct job *job, size_t typical, size_t most, struct sm_plan *sum)
{
    int64_t expected = (int64_t)(typical < most ? typical : most);
    add_verdicts(sum, job->writer, job->user, (struct need){0, expected, (int64_t)most});
}

void plan_revisions(const struct job *job, size_t count, bool known, struct sm_plan *sum)
{
    add_revisions(sum, job->writer, job->user, (int64_t)count,
                  known ? 0 : count_rows(job->user).train);
}

/* Nothing is known yet: the first candidate is not judged on most training pairs, as they are its
 * history, the others on a half of these more. */
static int64_t typical_race(int64_t candidates, struct rows_of of)
{
    struct sm_racer *racers = sm_alloc((size_t)candidates, sizeof *racers);
    for (int64_t i = 0; i < candidates; i++)
        racers[i].rows = (size_t)(of.val + of.train / (i ? 2 : 4));
    size_t typical = sm_race_typical(racers, (size_t)candidates);
    free(racers);
    return (int64_t)typical;
}

/* With an empty history there is one candidate, and nobody is judged. What was learned earlier is
 * not written again. */
void persona_plan_user(struct sm_user *user, struct sm_plan *sum)
{
    const struct writer *writer = user->stage->self;
    bool earlier = writer->learned && sm_learned_has(writer->learned, user->id);
    int64_t candidates = earlier ? 0 : writer->set.candidates;
    struct rows_of of = count_rows(user);
    add_texts(sum, writer, user, &writer->head,
              (struct need){candidates > 0, candidates, candidates});
    if (candidates > 1)
        add_verdicts(
            sum, writer, user,
            (struct need){0, typical_race(candidates, of), candidates * (of.train + of.val)});
    if (writer->set.revise > 0)
        add_revisions(sum, writer, user, writer->set.revise, candidates > 1 ? 0 : of.train);
}
