/* The `ranking` record. */
#include "cmd/rank/rank.h"

#include "lib/eval/bradley_terry.h"
#include "lib/json/json.h"

#include <math.h>

static bool has_probabilities(const struct comparison *c)
{
    const struct ranker *ranker = c->contest->ranked->user->stage->self;
    return c->forward.votes.has_probability || c->reverse.votes.has_probability ||
           ranker->judging.set.votes > 1;
}

/* That the earlier candidate is preferred. */
static double probability(const struct comparison *c)
{
    return (sm_votes_first(&c->forward.votes) + 1 - sm_votes_first(&c->reverse.votes)) / 2;
}

enum sm_result comparison_result(const struct comparison *c)
{
    double p = probability(c);
    bool won = has_probabilities(c) ? p != 0.5 : p == 0 || p == 1;
    return !won ? SM_DRAWN : p > 0.5 ? SM_A_WON : SM_B_WON;
}

static const struct comparison *comparison_of(const struct contest *contest, struct sm_match match)
{
    return contest->comparisons[match.a * contest->contestants + match.b];
}

static void write_verdict(struct sm_buf *out, const char *order, const struct comparison *c,
                          const struct judgment *judgment)
{
    const struct ranker *ranker = c->contest->ranked->user->stage->self;
    const struct sm_votes *votes = &judgment->votes;
    sm_buf_printf(out, ",\"%s\":{\"preference\":\"%s\",\"status\":\"%s\",\"reasoning\":", order,
                  sm_choice_name(sm_votes_choice(votes)), sm_status_name(votes->status));
    sm_json_cstring(out, sm_votes_reasoning(votes));
    if (has_probabilities(c))
        sm_buf_printf(out, ",\"p_first\":%.6g", sm_votes_first(votes));
    if (ranker->judging.set.votes > 1)
        sm_buf_printf(out, ",\"votes\":{\"first\":%zu,\"second\":%zu,\"tie\":%zu}",
                      votes->by_choice[SM_FIRST], votes->by_choice[SM_SECOND],
                      votes->by_choice[SM_TIE]);
    sm_buf_char(out, '}');
}

static void write_comparison(struct sm_buf *out, const struct comparison *c)
{
    const struct contest *contest = c->contest;
    enum sm_result result = comparison_result(c);
    size_t a = contest->candidate[c->match.a], b = contest->candidate[c->match.b];
    sm_buf_printf(out, "{\"first\":%zu,\"second\":%zu,\"winner\":", a, b);
    if (result == SM_DRAWN)
        sm_buf_str(out, "null");
    else
        sm_buf_printf(out, "%zu", result == SM_A_WON ? a : b);
    if (has_probabilities(c))
        sm_buf_printf(out, ",\"p_first\":%.6g", probability(c));
    write_verdict(out, "forward", c, &c->forward);
    write_verdict(out, "reverse", c, &c->reverse);
    sm_buf_char(out, '}');
}

static void write_comparisons(const struct contest *contest, struct sm_buf *out)
{
    size_t count;
    const struct sm_match *matches = sm_tournament_played(contest->tournament, &count);
    sm_buf_str(out, ",\"comparisons\":[");
    for (size_t i = 0; i < count; i++) {
        sm_buf_str(out, i ? "," : "");
        write_comparison(out, comparison_of(contest, matches[i]));
    }
    sm_buf_char(out, ']');
}

/* The numbers of all candidates that are this contestant. */
static void write_candidates(const struct contest *contest, size_t contestant, struct sm_buf *out)
{
    const char *comma = "";
    for (size_t i = 0; i < contest->candidates; i++) {
        if (contest->contestant[i] != contestant)
            continue;
        sm_buf_printf(out, "%s%zu", comma, i);
        comma = ",";
    }
}

static void write_order(const struct contest *contest, const size_t *order, struct sm_buf *out)
{
    sm_buf_str(out, ",\"order\":[");
    for (size_t i = 0; i < contest->contestants; i++) {
        sm_buf_str(out, i ? "," : "");
        write_candidates(contest, order[i], out);
    }
    sm_buf_char(out, ']');
}

static void write_duplicates(const struct contest *contest, struct sm_buf *out)
{
    size_t counts[SM_CANDIDATES_MAX] = {0};
    const char *comma = "";
    for (size_t i = 0; i < contest->candidates; i++)
        counts[contest->contestant[i]]++;
    sm_buf_str(out, ",\"duplicates\":[");
    for (size_t i = 0; i < contest->contestants; i++) {
        if (counts[i] < 2)
            continue;
        sm_buf_printf(out, "%s[", comma);
        write_candidates(contest, i, out);
        sm_buf_char(out, ']');
        comma = ",";
    }
    sm_buf_char(out, ']');
}

static double points(const struct contest *contest, size_t contestant)
{
    double sum = 0;
    for (size_t k = 0; k < contest->contestants; k++)
        sum += k == contestant ? 0 : sm_tournament_points(contest->tournament, contestant, k);
    return sum;
}

/* To six decimals, because the last bits differ between machines, and never -0. */
static double rounded(double value)
{
    return round(value * 1e6) / 1e6 + 0.0;
}

static void write_scores(const struct contest *contest, struct sm_buf *out)
{
    size_t n = contest->contestants, tied = 0;
    double *wins = sm_alloc(n * n, sizeof *wins);
    double best = points(contest, sm_tournament_order(contest->tournament)[0]);
    struct sm_strength strengths[SM_CANDIDATES_MAX];
    for (size_t i = 0; i < n * n; i++)
        wins[i] = i / n == i % n ? 0 : sm_tournament_points(contest->tournament, i / n, i % n);
    sm_bradley_terry(wins, n, RANK_PRIOR, strengths);
    sm_buf_str(out, ",\"scores\":[");
    for (size_t i = 0; i < contest->candidates; i++) {
        const struct sm_strength *s = &strengths[contest->contestant[i]];
        double own = points(contest, contest->contestant[i]);
        tied += own == best;
        sm_buf_printf(out, "%s{\"points\":%g,\"score\":%.10g,\"low\":%.10g,\"high\":%.10g}",
                      i ? "," : "", own, rounded(s->score), rounded(s->low), rounded(s->high));
    }
    sm_buf_printf(out, "],\"tied\":%zu", tied);
    free(wins);
}

/* Choices that contradict every order. */
static bool write_cycles(const struct contest *contest, struct sm_buf *out)
{
    size_t ring[SM_CANDIDATES_MAX], length = sm_tournament_ring(contest->tournament, ring);
    sm_buf_printf(out, ",\"cycles\":%zu,\"cycle\":", sm_tournament_triples(contest->tournament));
    for (size_t i = 0; i < length; i++)
        sm_buf_printf(out, "%c%zu", i ? ',' : '[', contest->candidate[ring[i]]);
    sm_buf_str(out, length ? "]" : "null");
    return length > 0;
}

static void write_cost(const struct ranker *ranker, const struct contest *contest,
                       struct sm_buf *out)
{
    struct sm_usage usage = {0};
    size_t count;
    double ms = 0;
    const struct sm_match *matches = sm_tournament_played(contest->tournament, &count);
    const char *model = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct comparison *c = comparison_of(contest, matches[i]);
        sm_usage_add(&usage, &c->forward.votes.usage);
        sm_usage_add(&usage, &c->reverse.votes.usage);
        ms += c->forward.votes.ms + c->reverse.votes.ms;
        model = c->forward.votes.model;
    }
    sm_buf_printf(out, ",\"calls\":%zu,\"model\":", 2 * count * (size_t)ranker->judging.set.votes);
    sm_json_cstring(out, model);
    judge_write_uses(&contest->ranked->judge, out);
    sm_asker_cost(&ranker->judging.asker, out, &usage, ms);
}

static void write_reply(const struct contest *contest, size_t candidate, struct sm_buf *out)
{
    jv reply = rank_reply(contest, candidate);
    sm_buf_str(out, ",\"reply\":");
    sm_json_value(out, reply);
    jv_free(reply);
}

static size_t count_ties(const struct contest *contest, size_t *count)
{
    const struct sm_match *matches = sm_tournament_played(contest->tournament, count);
    size_t ties = 0;
    for (size_t i = 0; i < *count; i++)
        ties += sm_tournament_result(contest->tournament, matches[i]) == SM_DRAWN;
    return ties;
}

static void write_head(const struct contest *contest, const char *by, const char *mode, size_t best,
                       struct sm_buf *out)
{
    sm_record_open(out, SM_RANKING, contest->ranked->user->id);
    sm_buf_printf(out, ",\"stage\":\"rank\"%s,\"index\":%zu,\"mode\":\"%s\",\"n\":%zu,\"best\":%zu",
                  by, contest->record->index, mode, contest->candidates, best);
    write_reply(contest, best, out);
}

static void write_by_verdict(struct ranker *ranker, struct contest *contest)
{
    static const char *const modes[] = {"best", "order", "full"};
    struct sm_buf *out = &contest->out;
    const size_t *order = sm_tournament_order(contest->tournament);
    size_t count, ties = count_ties(contest, &count);
    write_head(contest, "", modes[ranker->mode], contest->candidate[order[0]], out);
    if (ranker->mode != SM_KNOCKOUT)
        write_order(contest, order, out);
    if (ranker->mode == SM_ROUND_ROBIN)
        write_scores(contest, out);
    sm_buf_printf(out, ",\"ties\":%zu", ties);
    write_duplicates(contest, out);
    if (ranker->mode == SM_ROUND_ROBIN)
        ranker->cyclic += write_cycles(contest, out);
    write_comparisons(contest, out);
    write_cost(ranker, contest, out);
    sm_buf_str(out, "}\n");
    ranker->comparisons += count;
    ranker->ties += ties;
}

/* Fills in the contestants, the greatest reward first; among equals the order of the input stays.
 */
static void order_by_reward(const struct contest *contest, size_t *order)
{
    const struct valued_reply *replies = contest->rewards.replies;
    for (size_t i = 0; i < contest->contestants; i++) {
        size_t at = i;
        for (; at > 0 && replies[order[at - 1]].reward < replies[i].reward; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

static void write_rewards(const struct contest *contest, struct sm_buf *out)
{
    const struct valued_reply *replies = contest->rewards.replies;
    sm_buf_str(out, ",\"rewards\":[");
    for (size_t i = 0; i < contest->candidates; i++)
        sm_buf_printf(out, "%s%.7g", i ? "," : "", replies[contest->contestant[i]].reward);
    sm_buf_str(out, "],\"reply_tokens\":[");
    for (size_t i = 0; i < contest->candidates; i++)
        sm_buf_printf(out, "%s%zu", i ? "," : "", replies[contest->contestant[i]].tokens);
    sm_buf_char(out, ']');
}

static void write_by_likelihood(struct ranker *ranker, struct contest *contest)
{
    struct sm_buf *out = &contest->out;
    const struct sm_sides *sides = &contest->ranked->sides;
    size_t order[SM_CANDIDATES_MAX] = {0};
    order_by_reward(contest, order);
    write_head(contest, ",\"by\":\"likelihood\"", "order", contest->candidate[order[0]], out);
    write_order(contest, order, out);
    write_duplicates(contest, out);
    write_rewards(contest, out);
    sm_buf_printf(out, ",\"calls\":%zu", contest->contestants * (size_t)sm_sides_count(sides));
    rewards_write_cost(&ranker->rewarding, sides, &contest->rewards, out);
    sm_buf_str(out, "}\n");
    ranker->rewards += contest->contestants;
}

void rank_write(struct ranker *ranker, struct contest *contest)
{
    if (ranker->by_likelihood)
        write_by_likelihood(ranker, contest);
    else
        write_by_verdict(ranker, contest);
    ranker->rankings++;
}
