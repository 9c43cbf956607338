/* The `ranking` record. */
#include "cmd/rank/rank.h"

#include "lib/eval/bradley_terry.h"
#include "lib/json/json.h"

#include <math.h>

struct played {
    const struct comparison **at;
    size_t count;
};

static void write_verdict(struct sm_buf *out, const char *order, const struct comparison *c,
                          const struct side *side)
{
    const struct ranker *ranker = c->contest->ranked->user->stage->self;
    const struct sm_votes *votes = &side->judgment.votes;
    if (!side->asked)
        return;
    sm_buf_printf(out, ",\"%s\":{\"preference\":\"%s\",\"status\":\"%s\",\"reasoning\":", order,
                  sm_choice_name(sm_votes_choice(votes)), sm_status_name(votes->status));
    sm_json_cstring(out, sm_votes_reasoning(votes));
    if (comparison_has_probabilities(c))
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
    if (comparison_has_probabilities(c))
        sm_buf_printf(out, ",\"p_first\":%.6g", comparison_won(c));
    write_verdict(out, "forward", c, &c->sides[FORWARD]);
    write_verdict(out, "reverse", c, &c->sides[REVERSE]);
    sm_buf_char(out, '}');
}

static void write_comparisons(const struct played *played, struct sm_buf *out)
{
    sm_buf_str(out, ",\"comparisons\":[");
    for (size_t i = 0; i < played->count; i++) {
        sm_buf_str(out, i ? "," : "");
        write_comparison(out, played->at[i]);
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

static void fit_scores(const struct contest *contest, struct sm_strength *strengths)
{
    size_t n = contest->contestants;
    double *wins = sm_alloc(n * n, sizeof *wins);
    for (size_t i = 0; i < n * n; i++)
        wins[i] = i / n == i % n ? 0 : sm_tournament_points(contest->tournament, i / n, i % n);
    sm_bradley_terry(wins, n, RANK_PRIOR, strengths);
    free(wins);
}

/* Of a round robin. */
static void write_scores(const struct contest *contest, const struct sm_duels *model,
                         struct sm_buf *out)
{
    double best = points(contest, sm_tournament_order(contest->tournament)[0]);
    struct sm_strength strengths[SM_CANDIDATES_MAX];
    size_t tied = 0;
    fit_scores(contest, strengths);
    sm_buf_str(out, ",\"scores\":[");
    for (size_t i = 0; i < contest->candidates; i++) {
        size_t own = contest->contestant[i];
        const struct sm_strength *s = &strengths[own];
        tied += points(contest, own) == best;
        sm_buf_printf(out,
                      "%s{\"points\":%g,\"score\":%.10g,\"low\":%.10g,\"high\":%.10g,"
                      "\"chance\":%.2f}",
                      i ? "," : "", points(contest, own), rounded(s->score), rounded(s->low),
                      rounded(s->high), sm_duels_chance(model, own));
    }
    sm_buf_printf(out, "],\"tied\":%zu", tied);
}

static void write_strengths(const struct contest *contest, const struct sm_duels *model,
                            struct sm_buf *out)
{
    sm_buf_str(out, ",\"scores\":[");
    for (size_t i = 0; i < contest->candidates; i++) {
        size_t own = contest->contestant[i];
        sm_buf_printf(out, "%s{\"score\":%.10g,\"chance\":%.2f}", i ? "," : "",
                      rounded(sm_duels_strength(model, own)), sm_duels_chance(model, own));
    }
    sm_buf_char(out, ']');
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
                       const struct played *played, struct sm_buf *out)
{
    struct sm_usage usage = {0};
    size_t asked = 0;
    double ms = 0;
    const char *model = NULL;
    for (size_t i = 0; i < ORDERS * played->count; i++) {
        const struct side *side = &played->at[i / ORDERS]->sides[i % ORDERS];
        if (!side->asked)
            continue;
        sm_usage_add(&usage, &side->judgment.votes.usage);
        ms += side->judgment.votes.ms;
        model = side->judgment.votes.model;
        asked++;
    }
    sm_buf_printf(out, ",\"calls\":%zu,\"model\":", asked * (size_t)ranker->judging.set.votes);
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

static size_t count_ties(const struct played *played)
{
    size_t ties = 0;
    for (size_t i = 0; i < played->count; i++)
        ties += comparison_result(played->at[i]) == SM_DRAWN;
    return ties;
}

/* Fills in the contestants, the greatest value first; among equals the order of the input stays.
 */
static void order_by(const double *values, size_t n, size_t *order)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        for (; at > 0 && values[order[at - 1]] < values[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

static void order_by_verdicts(const struct contest *contest, const struct sm_duels *model,
                              size_t *order)
{
    double strengths[SM_CANDIDATES_MAX];
    size_t n = contest->contestants;
    if (contest->tournament) {
        memcpy(order, sm_tournament_order(contest->tournament), n * sizeof *order);
        return;
    }
    for (size_t i = 0; i < n; i++)
        strengths[i] = rounded(sm_duels_strength(model, i));
    order_by(strengths, n, order);
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
    static const char *const modes[] = {"best", "order", "full", "adaptive"};
    struct sm_buf *out = &contest->out;
    struct played played;
    struct sm_duels *model = rank_model(contest);
    size_t order[SM_CANDIDATES_MAX] = {0};
    played.at = rank_played(contest, &played.count);
    order_by_verdicts(contest, model, order);
    write_head(contest, "", modes[ranker->mode], contest->candidate[order[0]], out);
    sm_buf_printf(out, ",\"chance\":%.2f", sm_duels_chance(model, order[0]));
    if (ranker->mode != RANK_BEST)
        write_order(contest, order, out);
    if (ranker->mode == RANK_FULL)
        write_scores(contest, model, out);
    else if (ranker->mode == RANK_ADAPTIVE)
        write_strengths(contest, model, out);
    sm_buf_printf(out, ",\"ties\":%zu", count_ties(&played));
    write_duplicates(contest, out);
    if (ranker->mode == RANK_FULL)
        ranker->cyclic += write_cycles(contest, out);
    write_comparisons(&played, out);
    write_cost(ranker, contest, &played, out);
    sm_buf_str(out, "}\n");
    ranker->comparisons += played.count;
    ranker->ties += count_ties(&played);
    sm_duels_close(model);
    free(played.at);
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
    double rewards[SM_CANDIDATES_MAX];
    size_t order[SM_CANDIDATES_MAX] = {0};
    for (size_t i = 0; i < contest->contestants; i++)
        rewards[i] = contest->rewards.replies[i].reward;
    order_by(rewards, contest->contestants, order);
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
