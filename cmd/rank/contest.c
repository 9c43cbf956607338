/* One ranking: what it asks, and how it ends. */
#include "cmd/rank/rank.h"

static void fail_contest(struct contest *contest, const struct sm_err *why, unsigned tried)
{
    if (contest->failed)
        return;
    contest->failed = true;
    contest->tried = tried;
    sm_err_set(&contest->why, why->code, why->remedy, "%s", why->message);
}

void contest_release(struct contest *contest)
{
    size_t cells = contest->comparisons ? contest->contestants * contest->contestants : 0;
    for (size_t i = 0; i < cells; i++) {
        if (!contest->comparisons[i])
            continue;
        judgment_release(&contest->comparisons[i]->sides[FORWARD].judgment);
        judgment_release(&contest->comparisons[i]->sides[REVERSE].judgment);
        free(contest->comparisons[i]);
    }
    free(contest->comparisons);
    contest->comparisons = NULL;
    sm_tournament_close(contest->tournament);
    contest->tournament = NULL;
    sm_adaptive_close(contest->adaptive);
    contest->adaptive = NULL;
    rewards_release(&contest->rewards);
}

static void write_error(struct contest *contest)
{
    struct sm_buf place = {0};
    sm_buf_printf(&place, ",\"index\":%zu", contest->record->index);
    sm_record_error(&contest->out, contest->ranked->user->id, "rank", &contest->why, contest->tried,
                    place.data);
    sm_buf_release(&place);
}

static bool is_decided(const struct ranker *ranker, const struct contest *contest)
{
    if (ranker->by_likelihood)
        return contest->pending == 0;
    return contest->adaptive ? sm_adaptive_done(contest->adaptive)
                             : sm_tournament_done(contest->tournament);
}

static void end_contest(struct ranker *ranker, struct contest *contest)
{
    struct ranked_user *ranked = contest->ranked;
    if (contest->failed) {
        write_error(contest);
        ranked->failed++;
    } else if (is_decided(ranker, contest)) {
        rank_write(ranker, contest);
    } else {
        ranked->pending += contest->pending;
        if (!ranker->by_likelihood && sm_llm_config(ranker->judging.asker.llm)->mode == SM_LLM_PLAN)
            rank_plan(ranker, contest, ranked->judge.head.len, 0, &ranked->user->stage->planned);
    }
    contest_release(contest);
    ranked->ended++;
}

static void end_side(void *arg);

static void ask_side(struct ranker *ranker, struct comparison *c, const struct sm_pair *pair,
                     enum order order, size_t question)
{
    struct side *side = &c->sides[order];
    struct contest *contest = c->contest;
    *side = (struct side){.comparison = c,
                          .asked = true,
                          .question = question,
                          .judgment = {.done = end_side, .arg = side}};
    if (!judging_ask(&ranker->judging, &contest->ranked->judge, pair, order == FORWARD,
                     &side->judgment)) {
        fail_contest(contest, &side->judgment.why, 0);
        return;
    }
    c->under_way++;
    contest->under_way++;
    contest->ranked->under_way++;
}

static struct comparison *comparison_at(struct contest *contest, struct sm_match match)
{
    struct comparison **at = &contest->comparisons[match.a * contest->contestants + match.b];
    if (!*at) {
        *at = sm_alloc(1, sizeof **at);
        **at = (struct comparison){.contest = contest, .match = match};
    }
    return *at;
}

/* `question` is its number in an adaptive ranking. */
static void ask(struct ranker *ranker, struct contest *contest, struct sm_match match, bool forward,
                bool reverse, size_t question)
{
    struct comparison *c = comparison_at(contest, match);
    jv first = rank_reply(contest, contest->candidate[match.a]);
    jv second = rank_reply(contest, contest->candidate[match.b]);
    struct sm_pair pair = rank_pair(contest, first, second);
    if (forward)
        ask_side(ranker, c, &pair, FORWARD, question);
    if (reverse)
        ask_side(ranker, c, &pair, REVERSE, question);
    jv_free(first);
    jv_free(second);
}

/* Asks what can be asked now and was not asked before. False if there is nothing. */
static bool ask_next(struct ranker *ranker, struct contest *contest)
{
    size_t question, first, second;
    struct sm_match match;
    if (contest->adaptive) {
        if (!sm_adaptive_next(contest->adaptive, &question, &first, &second))
            return false;
        bool forward = first < second;
        match = forward ? (struct sm_match){first, second} : (struct sm_match){second, first};
        ask(ranker, contest, match, forward, !forward, question);
        return true;
    }
    if (!sm_tournament_next(contest->tournament, &match))
        return false;
    bool forward = sm_tournament_a_first(contest->tournament, match);
    ask(ranker, contest, match, ranker->both || forward, ranker->both || !forward, 0);
    return true;
}

bool rank_has_room(const struct ranker *ranker, const struct ranked_user *ranked)
{
    return ranked->under_way < (size_t)sm_llm_config(ranker->judging.asker.llm)->jobs;
}

/* Asks what is possible now. Ends the contest if nothing is under way then. */
static void advance_contest(struct ranker *ranker, struct contest *contest)
{
    while (!contest->failed && rank_has_room(ranker, contest->ranked) && ask_next(ranker, contest))
        ;
    if (contest->under_way == 0)
        end_contest(ranker, contest);
}

static void tell(struct side *side)
{
    struct comparison *c = side->comparison;
    struct contest *contest = c->contest;
    if (contest->adaptive)
        sm_adaptive_tell(contest->adaptive, side->question, side_won(side));
    else if (c->under_way == 0 && !c->sides[FORWARD].judgment.pending &&
             !c->sides[REVERSE].judgment.pending)
        sm_tournament_tell(contest->tournament, c->match, comparison_result(c));
}

static void end_side(void *arg)
{
    struct side *side = arg;
    struct contest *contest = side->comparison->contest;
    struct ranked_user *ranked = contest->ranked;
    struct ranker *ranker = ranked->user->stage->self;
    const struct judgment *judgment = &side->judgment;
    side->comparison->under_way--;
    contest->under_way--;
    ranked->under_way--;
    if (judgment->failed)
        fail_contest(contest, &judgment->why, judgment->tried);
    contest->pending += judgment->pending;
    if (!contest->failed && !judgment->pending)
        tell(side);
    advance_contest(ranker, contest);
    ranked->advance(ranker, ranked);
}

static void take_rewards(struct contest *contest)
{
    contest->ranked->under_way -= contest->contestants;
    contest->pending = contest->rewards.pending;
    if (contest->rewards.failed)
        fail_contest(contest, &contest->rewards.why, contest->rewards.tried);
}

static void end_rewards(void *arg)
{
    struct contest *contest = arg;
    struct ranked_user *ranked = contest->ranked;
    struct ranker *ranker = ranked->user->stage->self;
    take_rewards(contest);
    end_contest(ranker, contest);
    ranked->advance(ranker, ranked);
}

/* Asks what all contestants are worth. */
static void value_contest(struct ranker *ranker, struct contest *contest)
{
    jv replies[SM_CANDIDATES_MAX];
    for (size_t i = 0; i < contest->contestants; i++)
        replies[i] = rank_reply(contest, contest->candidate[i]);
    contest->rewards.done = end_rewards;
    contest->rewards.arg = contest;
    contest->ranked->under_way += contest->contestants;
    if (!rewarding_ask(&ranker->rewarding, &contest->ranked->sides, contest->record->context,
                       replies, contest->contestants, &contest->rewards)) {
        take_rewards(contest);
        end_contest(ranker, contest);
    }
    for (size_t i = 0; i < contest->contestants; i++)
        jv_free(replies[i]);
}

void contest_begin(struct ranker *ranker, struct contest *contest)
{
    static const struct sm_err stopped = {.code = SM_EXIT_PARTIAL, .message = "stopped"};
    struct sm_err err = {0};
    if (contest->ranked->user->stage->stopped)
        fail_contest(contest, &stopped, 0);
    else if (!rank_enlist(ranker, contest, &err))
        fail_contest(contest, &err, 0);
    else if (!ranker->by_likelihood)
        contest->comparisons =
            sm_alloc(contest->contestants * contest->contestants, sizeof(struct comparison *));
    sm_err_clear(&err);
    if (ranker->by_likelihood && !contest->failed)
        value_contest(ranker, contest);
    else
        advance_contest(ranker, contest);
}
