#include "lib/search/internal/records.h"

#include "lib/base/mem.h"
#include "lib/eval/stats.h"
#include "lib/json/json.h"
#include "lib/search/internal/oracle.h"
#include "lib/search/internal/worth.h"

static const char *label_of(const struct sm_pair *pair)
{
    return sm_choice_name(pair->flip ? SM_FIRST : SM_SECOND);
}

static void write_shown(const struct search_state *state, const struct trace *trace, bool teach,
                        struct sm_buf *out)
{
    const struct trial *trial = trace->trial;
    const struct sm_candidate *candidate = &trial->candidate;
    size_t count = teach ? candidate->shown_count : trial->demo_count;
    const char *comma = "";
    sm_buf_str(out, ",\"shown\":[");
    for (size_t i = 0; i < count; i++) {
        size_t shown = teach ? candidate->shown[i] : trial->demos[i].row;
        if (teach && &state->train.at[shown] == trace->row)
            continue;
        sm_buf_printf(out, "%s%zu", comma, state->train.at[shown].pair->index);
        comma = ",";
    }
    sm_buf_char(out, ']');
}

static void write_trace(struct search_state *state, const struct trace *trace, bool teach)
{
    struct sm_buf *out = &state->user->out;
    const struct trial *trial = trace->trial;
    const struct sm_pair *pair = trace->row->pair;
    sm_record_open(out, SM_TRACE, state->user->id);
    sm_buf_printf(out, ",\"stage\":\"%s\",\"phase\":\"%s\",\"seed\":%ld,\"index\":%zu",
                  state->user->stage->name, teach ? "teach" : "validate", trial->candidate.seed,
                  pair->index);
    sm_buf_printf(out, ",\"preference\":\"%s\",\"label\":\"%s\"",
                  sm_choice_name(trace->given.preference), label_of(pair));
    if (trace->swapped.answered)
        sm_buf_printf(out, ",\"swapped\":\"%s\"", sm_choice_name(trace->swapped.preference));
    sm_buf_printf(out, ",\"correct\":%s", trace->correct ? "true" : "false");
    state->oracle->write(trace, out);
    write_shown(state, trace, teach, out);
    sm_buf_printf(out, ",\"status\":\"%s\"", sm_status_name(trace->status));
    sm_asker_cost(&state->search->asker, out, &trace->usage, trace->ms);
    sm_buf_str(out, "}\n");
}

static void write_traces(struct search_state *state, const struct trial *trial)
{
    for (size_t i = 0; i < state->train.count; i++) {
        if (trial->teach[i].answered)
            write_trace(state, &trial->teach[i], true);
    }
    for (size_t i = 0; i < state->val.count; i++) {
        if (trial->validate[i].answered)
            write_trace(state, &trial->validate[i], false);
    }
}

static double score_of(const struct search_state *state, const struct trial *trial)
{
    return sm_search_score(trial->correct, state->val.count);
}

static const char *kind_of(const struct demo *demo)
{
    return demo->trace ? "bootstrapped" : "labeled";
}

/* Whether a candidate that was not finished could still have won. */
static bool could_win(const struct search_state *state, const struct trial *trial)
{
    size_t bound = sm_search_bound(state, trial), best = state->best->correct;
    if (trial < state->best && bound >= sm_search_enough(state))
        return true;
    if (bound == best)
        return trial < state->best || state->search->options.tie_break[0] != 'f';
    return bound > best;
}

/* Why the candidate was not finished, or does not count: it could not win any more, it lies behind
 * the one that ended the search, or the budget was used up. NULL: it was finished. */
static const char *pruned(const struct search_state *state, const struct trial *trial)
{
    bool ended = state->best->correct >= sm_search_enough(state);
    if (trial > state->best && ended)
        return score_of(state, state->best) >= state->search->options.stop_at ? "stop" : "perfect";
    if (sm_search_finished(state, trial))
        return NULL;
    return could_win(state, trial) ? "budget" : "bound";
}

static bool is_compared(const struct search_state *state, const struct trial *trial)
{
    size_t swapped = 0;
    for (size_t i = 0; trial->state && i < state->val.count; i++)
        swapped += trial->validate[i].swapped.answered;
    return swapped == state->val.count;
}

static void write_score(struct search_state *state, const struct trial *trial)
{
    struct sm_buf *out = &state->user->out;
    bool validated = trial->phase == PHASE_VALIDATE;
    const char *why = pruned(state, trial);
    sm_record_open(out, SM_SCORE, state->user->id);
    sm_buf_printf(out, ",\"stage\":\"%s\",\"seed\":%ld,\"correct\":%zu,\"n\":%zu,\"score\":",
                  state->user->stage->name, sm_search_seed(state, trial),
                  validated ? trial->correct : 0, validated ? trial->answered : 0);
    if (why)
        sm_buf_str(out, "null");
    else
        sm_buf_printf(out, "%.10g", score_of(state, trial));
    sm_buf_str(out, ",\"demos\":[");
    for (size_t i = 0; i < trial->demo_count; i++)
        sm_buf_printf(out, "%s{\"index\":%zu,\"kind\":\"%s\"}", i ? "," : "",
                      state->train.at[trial->demos[i].row].pair->index, kind_of(&trial->demos[i]));
    sm_buf_char(out, ']');
    if (is_compared(state, trial))
        sm_buf_printf(out, ",\"consistent\":%zu", sm_search_consistent(state, trial));
    if (why)
        sm_buf_printf(out, ",\"pruned\":{\"reason\":\"%s\",\"bound\":%.10g,\"best\":%.10g}", why,
                      sm_search_score(sm_search_bound(state, trial), state->val.count),
                      score_of(state, state->best));
    sm_buf_str(out, "}\n");
}

static void write_demo(struct search_state *state, const struct demo *demo, struct sm_buf *out)
{
    const struct sm_pair *pair = state->train.at[demo->row].pair;
    sm_buf_printf(out, "{\"index\":%zu,\"kind\":\"%s\",\"context\":", pair->index, kind_of(demo));
    sm_json_value(out, pair->context);
    sm_buf_str(out, ",\"first\":");
    sm_json_value(out, pair->flip ? pair->chosen : pair->rejected);
    sm_buf_str(out, ",\"second\":");
    sm_json_value(out, pair->flip ? pair->rejected : pair->chosen);
    sm_buf_printf(out, ",\"preference\":\"%s\"", label_of(pair));
    if (demo->trace) {
        sm_buf_str(out, ",\"reasoning\":");
        sm_json_cstring(out, demo->trace->reasoning);
    }
    sm_buf_char(out, '}');
}

const char *sm_nature_name(enum sm_nature nature)
{
    static const char *const names[] = {"zero-shot", "labels", "bootstrapped"};
    return names[nature];
}

static enum sm_nature nature_of(const struct trial *trial)
{
    if (trial->demo_count == 0)
        return SM_ZERO_SHOT;
    return trial->demos[0].trace ? SM_BOOTSTRAPPED : SM_LABELS;
}

/* Finished candidates with the score of `kept`, including itself. */
static size_t count_tied(const struct search_state *state, const struct trial *kept)
{
    size_t tied = 0;
    for (size_t i = 0; i < state->trial_count; i++)
        tied += !pruned(state, &state->trials[i]) && state->trials[i].correct == kept->correct;
    return tied;
}

static void write_default(const struct weighed *weighed, struct sm_buf *out)
{
    const struct trial *without = weighed->without;
    sm_buf_printf(out, ",\"default\":{\"correct\":%zu,\"n\":%zu,\"better\":%.2f,\"told\":%s}",
                  without->correct, without->answered, weighed->above,
                  weighed->told ? "true" : "false");
}

/* What the record says of how good `kept` is: its score, which is flattered if it won, and what
 * all candidates together say of it. */
static void write_figures(const struct search_state *state, const struct trial *kept,
                          const struct sm_worth *worth, struct sm_buf *out)
{
    struct sm_ci ci = sm_ci_wilson(kept->correct, kept->answered);
    sm_buf_printf(out,
                  ",\"seed\":%ld,\"score\":%.10g,\"n\":%zu,\"ci\":{\"method\":\"wilson\","
                  "\"level\":%g,\"low\":%.2f,\"high\":%.2f}",
                  sm_search_seed(state, kept), sm_search_score(kept->correct, kept->answered),
                  kept->answered, SM_CI_LEVEL, 100 * ci.low, 100 * ci.high);
    sm_buf_printf(out,
                  ",\"estimate\":{\"method\":\"crossed\",\"accuracy\":%.1f,\"level\":%g,"
                  "\"low\":%.1f,\"high\":%.1f}",
                  100 * worth->mean, SM_CI_LEVEL, 100 * worth->low, 100 * worth->high);
    sm_buf_printf(out, ",\"tied\":%zu,\"won\":\"%s\"", count_tied(state, kept),
                  sm_nature_name(nature_of(kept)));
}

static void count_against(struct sm_against *against, const struct search_state *state,
                          const struct weighed *weighed)
{
    if (!weighed->without)
        return;
    against->itself += state->best == weighed->without;
    against->told += weighed->told;
    against->untold += state->best != weighed->without && !weighed->told;
}

/* The winner; or with --fallback the candidate without examples, if it cannot be told from it. */
static void write_winner(struct search_state *state)
{
    struct sm_buf *out = &state->user->out;
    struct sm_search *search = state->search;
    struct weighed weighed = sm_search_weigh(state, state->best), of_kept = weighed;
    const struct trial *kept = state->best;
    if (search->options.fallback && weighed.without && !weighed.told)
        kept = weighed.without;
    if (kept != state->best)
        of_kept = sm_search_weigh(state, kept);
    search->won[nature_of(kept)]++;
    count_against(&search->against, state, &weighed);
    sm_record_open(out, SM_DEMOS, state->user->id);
    sm_buf_printf(out, ",\"stage\":\"%s\"", state->user->stage->name);
    write_figures(state, kept, &of_kept.worth, out);
    if (weighed.without && weighed.without != state->best)
        write_default(&weighed, out);
    if (kept != state->best)
        sm_buf_printf(out, ",\"fallback\":{\"seed\":%ld,\"score\":%.10g,\"won\":\"%s\"}",
                      state->best->candidate.seed, score_of(state, state->best),
                      sm_nature_name(nature_of(state->best)));
    if (state->oracle->write_won)
        state->oracle->write_won(state, kept, out);
    sm_buf_str(out, ",\"demos\":[");
    for (size_t i = 0; i < kept->demo_count; i++) {
        if (i)
            sm_buf_char(out, ',');
        write_demo(state, &kept->demos[i], out);
    }
    sm_buf_str(out, "]}\n");
}

void sm_search_write(struct search_state *state)
{
    for (size_t i = 0; i < state->trial_count; i++) {
        const struct trial *trial = &state->trials[i];
        if (trial->state)
            write_traces(state, trial);
        write_score(state, trial);
    }
    write_winner(state);
}
