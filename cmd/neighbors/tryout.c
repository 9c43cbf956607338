#include "cmd/neighbors/tryout.h"

#include "cmd/neighbors/words.h"

bool tryout_is_known(const struct sm_pair *pair)
{
    return pair->labeled && !sm_pair_is_judged(pair);
}

struct drawn {
    uint64_t digest;
    const struct sm_pair *pair;
};

static int by_digest(const void *a, const void *b)
{
    const struct drawn *x = a, *y = b;
    if (x->digest != y->digest)
        return x->digest < y->digest ? -1 : 1;
    return (x->pair->index > y->pair->index) - (x->pair->index < y->pair->index);
}

void tryout_choose(struct tryout *tryout, size_t most)
{
    const struct sm_user *user = tryout->user;
    struct drawn *drawn = sm_alloc(user->pair_count, sizeof *drawn);
    uint64_t seed = words_digest(WORDS_DIGEST, user->id);
    size_t count = 0;
    for (size_t i = 0; i < user->pair_count; i++) {
        const struct sm_pair *pair = &user->pairs[i];
        char name[24];
        snprintf(name, sizeof name, " %zu", pair->index);
        if (tryout_is_known(pair))
            drawn[count++] = (struct drawn){words_digest(seed, name), pair};
    }
    if (count)
        qsort(drawn, count, sizeof *drawn, by_digest);
    size_t questions = 2 * count < most ? 2 * count : most;
    struct choice *choices = sm_alloc(questions, sizeof *choices);
    for (size_t i = 0; i < questions; i++) {
        size_t at = i % count;
        choices[i] = (struct choice){drawn[at].pair, (at + seed + i / count) % 2 == 0};
    }
    free(drawn);
    tryout->choices = choices;
    tryout->choice_count = questions;
    tryout->pair_count = count < questions ? count : questions;
}

bool tryout_judge(struct tryout *tryout, const char *persona, jv demos, struct sm_err *err)
{
    tryout->tried = sm_resize(tryout->tried, tryout->count + 1, sizeof *tryout->tried);
    struct tried *tried = &tryout->tried[tryout->count++];
    jv record = jv_is_valid(demos) ? jv_object_set(jv_object(), jv_string("demos"), jv_copy(demos))
                                   : jv_invalid();
    *tried = (struct tried){.hit = 1, .judge = {.persona = true}};
    bool ok = sm_judge_head(tryout->judging->asker.prompts, persona, record, &tried->judge.head,
                            &tried->judge.demos, err);
    jv_free(record);
    return ok;
}

double tryout_score(const struct tried *tried)
{
    return tried->prior + (double)tried->correct * tried->hit +
           (double)(tried->n - tried->correct) * tried->miss;
}

/* Drops those that as many as are wanted are sure to beat, whatever comes. Where answers wait for a
 * batch nothing is known of them, so nobody is dropped. */
static void drop_beaten(struct tryout *tryout)
{
    double left = (double)(tryout->choice_count - tryout->round);
    if (tryout->waiting)
        return;
    for (size_t i = 0; i < tryout->count; i++) {
        struct tried *tried = &tryout->tried[i];
        double most = tryout_score(tried) + left * tried->hit;
        size_t beaten = 0;
        for (size_t j = 0; j < tryout->count; j++) {
            const struct tried *other = &tryout->tried[j];
            double least = tryout_score(other) + left * other->miss;
            beaten += j != i && !other->dropped && (least > most || (least == most && j < i));
        }
        tried->dropped |= beaten >= tryout->best;
    }
}

static void plan_rest(struct tryout *tryout)
{
    struct sm_stage *stage = tryout->user->stage;
    size_t open = 0;
    for (size_t i = 0; i < tryout->count; i++)
        open += !tryout->tried[i].dropped;
    tryout_plan(tryout->judging, tryout->user, open, tryout->best,
                tryout->choice_count - tryout->round, (int64_t)tryout->tried[0].judge.head.len,
                &stage->planned);
}

static void ask_round(struct tryout *tryout);

static void end_round(struct tryout *tryout)
{
    bool plans = sm_llm_config(tryout->judging->asker.llm)->mode == SM_LLM_PLAN;
    if (tryout->why.message) {
        tryout->done(tryout);
        return;
    }
    drop_beaten(tryout);
    if (tryout->round < tryout->choice_count && !(plans && tryout->waiting)) {
        ask_round(tryout);
        return;
    }
    if (tryout->waiting && tryout->round < tryout->choice_count)
        plan_rest(tryout);
    tryout->done(tryout);
}

static void end_question(void *arg)
{
    struct tried *tried = arg;
    struct tryout *tryout = tried->tryout;
    struct judgment *judgment = &tried->judgment;
    bool first = tryout->choices[tryout->round - 1].chosen_first;
    if (judgment->failed) {
        if (!tryout->why.message)
            sm_err_set(&tryout->why, judgment->why.code, judgment->why.remedy, "%s",
                       judgment->why.message);
        tryout->attempts = judgment->tried;
    } else if (judgment->pending) {
        tryout->waiting++;
    } else {
        tried->n++;
        tried->correct += sm_votes_choice(&judgment->votes) == (first ? SM_FIRST : SM_SECOND);
        sm_usage_add(&tryout->usage, &judgment->votes.usage);
        tryout->ms += judgment->votes.ms;
    }
    judgment_release(judgment);
    if (--tryout->under_way == 0)
        end_round(tryout);
}

static void ask_round(struct tryout *tryout)
{
    const struct choice *choice = &tryout->choices[tryout->round++];
    tryout->under_way = 1; /* so that the round does not end before all of it is asked */
    for (size_t i = 0; i < tryout->count; i++) {
        struct tried *tried = &tryout->tried[i];
        if (tried->dropped)
            continue;
        tried->tryout = tryout;
        tried->judgment = (struct judgment){.done = end_question, .arg = tried};
        tryout->under_way++;
        if (!judging_ask(tryout->judging, &tried->judge, choice->pair, choice->chosen_first,
                         &tried->judgment))
            end_question(tried);
    }
    if (--tryout->under_way == 0)
        end_round(tryout);
}

void tryout_begin(struct tryout *tryout)
{
    if (tryout->count && tryout->choice_count)
        ask_round(tryout);
    else
        tryout->done(tryout);
}

void tryout_release(struct tryout *tryout)
{
    for (size_t i = 0; i < tryout->count; i++)
        judge_release(&tryout->tried[i].judge);
    free(tryout->tried);
    free((void *)tryout->choices);
    sm_err_clear(&tryout->why);
}

/* The best are asked to the end. The others fall behind at the earliest once more than half is
 * asked. */
void tryout_plan(const struct judging *judging, const struct sm_user *user, size_t personas,
                 size_t best, size_t choices, int64_t bytes, struct sm_plan *plan)
{
    long max_tokens = sm_llm_config(judging->asker.llm)->max_tokens;
    struct sm_buf head = {0}, question = {0};
    int64_t longest = 0;
    for (size_t i = 0; i < user->pair_count; i++) {
        sm_buf_clear(&question);
        if (tryout_is_known(&user->pairs[i]) &&
            sm_judge_messages(judging->asker.prompts, &head, &user->pairs[i], true, &question,
                              NULL))
            longest = (int64_t)question.len > longest ? (int64_t)question.len : longest;
    }
    best = best < personas ? best : personas;
    int64_t least = (int64_t)(best * choices), most = (int64_t)(personas * choices);
    int64_t typical = (least + most + 1) / 2;
    sm_plan_add(&plan->least, false, least, 0, max_tokens);
    sm_plan_expect(plan, typical, typical * (bytes + longest), max_tokens);
    sm_plan_add(&plan->most, true, most, most * (bytes + longest), max_tokens);
    sm_buf_release(&question);
}
