/* What came of the comparisons. */
#include "cmd/rank/rank.h"

bool comparison_has_probabilities(const struct comparison *c)
{
    const struct ranker *ranker = c->contest->ranked->user->stage->self;
    return c->sides[FORWARD].judgment.votes.has_probability ||
           c->sides[REVERSE].judgment.votes.has_probability || ranker->judging.set.votes > 1;
}

double side_won(const struct side *side)
{
    return sm_votes_first(&side->judgment.votes);
}

double comparison_won(const struct comparison *c)
{
    const struct side *forward = &c->sides[FORWARD], *reverse = &c->sides[REVERSE];
    double sum =
        (forward->asked ? side_won(forward) : 0) + (reverse->asked ? 1 - side_won(reverse) : 0);
    return sum / (forward->asked + reverse->asked);
}

enum sm_result comparison_result(const struct comparison *c)
{
    double p = comparison_won(c);
    bool won = comparison_has_probabilities(c) ? p != 0.5 : p == 0 || p == 1;
    return !won ? SM_DRAWN : p > 0.5 ? SM_A_WON : SM_B_WON;
}

static const struct comparison *comparison_of(const struct contest *contest, size_t i, size_t k)
{
    size_t a = i < k ? i : k, b = i < k ? k : i;
    return contest->comparisons[a * contest->contestants + b];
}

/* Whether no other side of the comparison has an earlier question. */
static bool is_first_question(const struct comparison *c, size_t question)
{
    for (int order = FORWARD; order < ORDERS; order++) {
        if (c->sides[order].asked && c->sides[order].question < question)
            return false;
    }
    return true;
}

static const struct comparison **played_adaptively(const struct contest *contest, size_t *count)
{
    size_t questions;
    const struct sm_duel *duels = sm_adaptive_duels(contest->adaptive, &questions);
    const struct comparison **list = sm_alloc(questions, sizeof(struct comparison *));
    *count = 0;
    for (size_t q = 0; q < questions; q++) {
        const struct comparison *c = comparison_of(contest, duels[q].first, duels[q].second);
        if (is_first_question(c, q))
            list[(*count)++] = c;
    }
    return list;
}

const struct comparison **rank_played(const struct contest *contest, size_t *count)
{
    if (contest->adaptive)
        return played_adaptively(contest, count);
    const struct sm_match *matches = sm_tournament_played(contest->tournament, count);
    const struct comparison **list = sm_alloc(*count, sizeof(struct comparison *));
    for (size_t i = 0; i < *count; i++)
        list[i] = comparison_of(contest, matches[i].a, matches[i].b);
    return list;
}

static void add_duels(const struct comparison *c, struct sm_duel *duels, size_t *count)
{
    size_t a = c->match.a, b = c->match.b;
    if (c->sides[FORWARD].asked)
        duels[(*count)++] = (struct sm_duel){a, b, side_won(&c->sides[FORWARD])};
    if (c->sides[REVERSE].asked)
        duels[(*count)++] = (struct sm_duel){b, a, side_won(&c->sides[REVERSE])};
}

struct sm_duels *rank_model(const struct contest *contest)
{
    size_t comparisons, count = 0;
    const struct comparison **played = rank_played(contest, &comparisons);
    struct sm_duel *duels = sm_alloc(ORDERS * comparisons, sizeof *duels);
    struct sm_duels *model = sm_duels_open(contest->contestants);
    for (size_t i = 0; i < comparisons; i++)
        add_duels(played[i], duels, &count);
    sm_duels_fit(model, duels, count);
    free(duels);
    free(played);
    return model;
}
