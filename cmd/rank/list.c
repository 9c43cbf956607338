/* Who takes part in a ranking, and what it may cost. */
#include "cmd/rank/rank.h"

#include "lib/base/fnv.h"
#include "lib/base/mem.h"
#include "lib/json/json.h"

#include <openssl/evp.h>

struct sm_pair rank_pair(const struct contest *contest, jv first, jv second)
{
    return (struct sm_pair){
        .context = contest->record->context, .chosen = first, .rejected = second};
}

jv rank_reply(const struct contest *contest, size_t candidate)
{
    return jv_array_get(jv_copy(contest->record->replies), (int)candidate);
}

static bool write_question(const struct ranker *ranker, const struct contest *contest, jv reply,
                           struct sm_buf *text, struct sm_err *err)
{
    struct sm_pair pair = rank_pair(contest, reply, reply);
    return sm_prompts_messages(ranker->judging.asker.prompts, "judge", "question",
                               sm_case(&pair, true), text, err);
}

static bool write_reply(const struct ranker *ranker, jv reply, size_t candidate,
                        struct sm_buf *text, struct sm_err *err)
{
    char *own = sm_reward_text(&ranker->rewarding.rewarder, reply, err);
    if (own)
        sm_buf_str(text, own);
    else
        sm_err_prefix(err, "candidate %zu", candidate);
    free(own);
    return own != NULL;
}

/* Appends all that the judge sees of a candidate: the question with it as both replies, or the text
 * whose likelihood is asked for. */
static bool write_candidate(const struct ranker *ranker, const struct contest *contest,
                            size_t candidate, struct sm_buf *text, struct sm_err *err)
{
    jv reply = rank_reply(contest, candidate);
    bool ok = ranker->by_likelihood ? write_reply(ranker, reply, candidate, text, err)
                                    : write_question(ranker, contest, reply, text, err);
    jv_free(reply);
    return ok;
}

/* FNV-1a of Fowler, Noll and Vo. */
/* What is left to chance depends on the user and on what is compared, not on the object's place in
 * the input: so the same questions are asked again. */
static int64_t seed_of(const struct ranker *ranker, const struct contest *contest,
                       const unsigned char *digests, size_t len)
{
    const char *user = contest->ranked->user->id;
    uint64_t sum = SM_FNV_START ^ (uint64_t)ranker->seed * 0x9e3779b97f4a7c15;
    sum = sm_fnv(sum, user, strlen(user));
    return (int64_t)(sm_fnv(sum, digests, len) >> 1);
}

static void open_contest(const struct ranker *ranker, struct contest *contest,
                         const unsigned char *digests, size_t len)
{
    static const enum sm_tournament_mode modes[] = {SM_KNOCKOUT, SM_MERGE_SORT, SM_ROUND_ROBIN};
    int64_t seed = seed_of(ranker, contest, digests, len);
    size_t n = contest->contestants;
    if (ranker->mode == RANK_ADAPTIVE)
        contest->adaptive = sm_adaptive_open(
            n, ranker->budget ? (size_t)ranker->budget : sm_adaptive_usual(n), seed);
    else
        contest->tournament = sm_tournament_open(modes[ranker->mode], n, seed);
}

/* Texts are compared by digest: each question repeats the whole conversation. */
bool rank_enlist(const struct ranker *ranker, struct contest *contest, struct sm_err *err)
{
    unsigned char digests[SM_CANDIDATES_MAX + 1][EVP_MAX_MD_SIZE] = {{0}}; /* by contestant */
    struct sm_buf text = {0};
    bool ok = true;
    contest->candidates = (size_t)jv_array_length(jv_copy(contest->record->replies));
    for (size_t i = 0; ok && i < contest->candidates; i++) {
        size_t k = 0, n = contest->contestants;
        sm_buf_clear(&text);
        ok = write_candidate(ranker, contest, i, &text, err);
        if (!EVP_Digest(text.data, text.len, digests[n], NULL, EVP_sha256(), NULL))
            sm_out_of_memory();
        while (memcmp(digests[k], digests[n], sizeof digests[n]) != 0)
            k++;
        contest->contestant[i] = k;
        if (k < n)
            continue;
        contest->candidate[n] = i;
        contest->bytes[n] = text.len;
        contest->contestants++;
    }
    sm_buf_release(&text);
    if (ok && !ranker->by_likelihood)
        open_contest(ranker, contest, digests[0], contest->contestants * sizeof digests[0]);
    return ok;
}

void rank_plan(const struct ranker *ranker, const struct contest *contest, size_t head,
               int64_t learned, struct sm_plan *plan)
{
    long max_tokens = sm_llm_config(ranker->judging.asker.llm)->max_tokens;
    int64_t each = (contest->tournament && ranker->both ? 2 : 1) * ranker->judging.set.votes;
    size_t least, most, shortest = SIZE_MAX, longest = 0;
    for (size_t i = 0; i < contest->contestants; i++) {
        shortest = contest->bytes[i] < shortest ? contest->bytes[i] : shortest;
        longest = contest->bytes[i] > longest ? contest->bytes[i] : longest;
    }
    if (contest->adaptive)
        least = most = sm_adaptive_rest(contest->adaptive);
    else
        sm_tournament_rest(contest->tournament, &least, &most);
    sm_plan_add(&plan->least, false, each * (int64_t)least,
                each * (int64_t)(least * (head + shortest)), max_tokens);
    int64_t middle = each * (int64_t)(least + most) / 2;
    sm_plan_expect(plan, middle, middle * (int64_t)(head + (shortest + longest + learned) / 2),
                   max_tokens);
    sm_plan_add(&plan->most, true, each * (int64_t)most,
                each * (int64_t)most * ((int64_t)(head + longest) + learned), max_tokens);
}

int64_t rank_bytes(const struct contest *contest)
{
    struct sm_buf context = {0};
    sm_json_value(&context, contest->record->context);
    int64_t bytes = (int64_t)(contest->contestants * context.len);
    for (size_t i = 0; i < contest->contestants; i++)
        bytes += (int64_t)contest->bytes[i];
    sm_buf_release(&context);
    return bytes;
}
