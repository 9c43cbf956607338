#include "lib/search/internal/search.h"

#include "lib/base/mem.h"
#include "lib/eval/stats.h"
#include "lib/json/json.h"

double sm_search_score(size_t correct, size_t n)
{
    struct sm_buf text = {0};
    sm_buf_printf(&text, "%.2f", 100.0 * (double)correct / (double)n);
    double score = strtod(text.data, NULL);
    sm_buf_release(&text);
    return score;
}

static const char *label_of(const struct sm_pair *pair)
{
    return sm_choice_name(pair->flip ? SM_FIRST : SM_SECOND);
}

static void write_shown(const struct run *run, const struct trace *trace, bool teach,
                        struct sm_buf *out)
{
    const struct scan *scan = trace->scan;
    const struct sm_candidate *candidate = &scan->candidate;
    size_t count = teach ? candidate->shown_count : scan->demo_count;
    const char *comma = "";
    sm_buf_str(out, ",\"shown\":[");
    for (size_t i = 0; i < count; i++) {
        size_t shown = teach ? candidate->shown[i] : scan->demos[i].row;
        if (teach && &run->train.at[shown] == trace->row)
            continue;
        sm_buf_printf(out, "%s%zu", comma, run->train.at[shown].pair->index);
        comma = ",";
    }
    sm_buf_char(out, ']');
}

static void write_trace(struct run *run, const struct trace *trace, bool teach)
{
    struct sm_buf *out = &run->user->out;
    const struct scan *scan = trace->scan;
    const struct sm_pair *pair = trace->row->pair;
    sm_record_open(out, SM_TRACE, run->user->id);
    sm_buf_printf(out, ",\"stage\":\"%s\",\"phase\":\"%s\",\"seed\":%ld,\"index\":%zu",
                  run->user->stage->name, teach ? "teach" : "validate", scan->candidate.seed,
                  pair->index);
    sm_buf_printf(out, ",\"preference\":\"%s\",\"label\":\"%s\"",
                  sm_choice_name(trace->given.preference), label_of(pair));
    if (trace->swapped.answered)
        sm_buf_printf(out, ",\"swapped\":\"%s\"", sm_choice_name(trace->swapped.preference));
    sm_buf_printf(out, ",\"correct\":%s,\"reasoning\":", trace->correct ? "true" : "false");
    sm_json_cstring(out, trace->reasoning);
    write_shown(run, trace, teach, out);
    sm_buf_printf(out, ",\"status\":\"%s\"", sm_status_name(trace->status));
    sm_asker_cost(&run->search->asker, out, &trace->usage, trace->ms);
    sm_buf_str(out, "}\n");
}

static void write_traces(struct run *run, const struct scan *scan)
{
    for (size_t i = 0; i < run->train.count; i++) {
        if (scan->teach[i].answered)
            write_trace(run, &scan->teach[i], true);
    }
    for (size_t i = 0; i < run->val.count; i++) {
        if (scan->validate[i].answered)
            write_trace(run, &scan->validate[i], false);
    }
}

static double score_of(const struct run *run, const struct scan *scan)
{
    return sm_search_score(scan->correct, run->val.count);
}

static const char *kind_of(const struct demo *demo)
{
    return demo->trace ? "bootstrapped" : "labeled";
}

/* Whether a candidate that was not finished could still have won. */
static bool could_win(const struct run *run, const struct scan *scan)
{
    size_t bound = sm_search_bound(run, scan), best = run->best->correct;
    if (scan < run->best && bound >= sm_search_enough(run))
        return true;
    if (bound == best)
        return scan < run->best || run->search->options.tie_break[0] != 'f';
    return bound > best;
}

/* Why the candidate was not finished, or does not count: no other could beat it any more, or it
 * lies behind one that ended the search, or the budget was spent. NULL: it was finished. */
static const char *pruned(const struct run *run, const struct scan *scan)
{
    bool ended = run->best->correct >= sm_search_enough(run);
    if (scan > run->best && ended)
        return score_of(run, run->best) >= run->search->options.stop_at ? "stop" : "perfect";
    if (sm_search_finished(run, scan))
        return NULL;
    return could_win(run, scan) ? "budget" : "bound";
}

size_t sm_search_consistent(const struct run *run, const struct scan *scan)
{
    size_t count = 0;
    for (size_t i = 0; i < run->val.count; i++) {
        const struct trace *trace = &scan->validate[i];
        count += trace->given.answered && trace->swapped.answered &&
                 trace->given.preference != trace->swapped.preference &&
                 trace->given.preference != SM_TIE && trace->swapped.preference != SM_TIE;
    }
    return count;
}

/* Whether every validation row was asked in both presentations. */
static bool is_compared(const struct run *run, const struct scan *scan)
{
    size_t swapped = 0;
    for (size_t i = 0; scan->run && i < run->val.count; i++)
        swapped += scan->validate[i].swapped.answered;
    return swapped == run->val.count;
}

static void write_score(struct run *run, const struct scan *scan, long seed)
{
    struct sm_buf *out = &run->user->out;
    bool validated = scan->phase == PHASE_VALIDATE;
    const char *why = pruned(run, scan);
    sm_record_open(out, SM_SCORE, run->user->id);
    sm_buf_printf(out, ",\"stage\":\"%s\",\"seed\":%ld,\"correct\":%zu,\"n\":%zu,\"score\":",
                  run->user->stage->name, seed, validated ? scan->correct : 0,
                  validated ? scan->answered : 0);
    if (why)
        sm_buf_str(out, "null");
    else
        sm_buf_printf(out, "%.10g", score_of(run, scan));
    sm_buf_str(out, ",\"demos\":[");
    for (size_t i = 0; i < scan->demo_count; i++)
        sm_buf_printf(out, "%s{\"index\":%zu,\"kind\":\"%s\"}", i ? "," : "",
                      run->train.at[scan->demos[i].row].pair->index, kind_of(&scan->demos[i]));
    sm_buf_char(out, ']');
    if (is_compared(run, scan))
        sm_buf_printf(out, ",\"consistent\":%zu", sm_search_consistent(run, scan));
    if (why)
        sm_buf_printf(out, ",\"pruned\":{\"reason\":\"%s\",\"bound\":%.10g,\"best\":%.10g}", why,
                      sm_search_score(sm_search_bound(run, scan), run->val.count),
                      score_of(run, run->best));
    sm_buf_str(out, "}\n");
}

/* The example as sm-persona, sm-judge and sm-prompt read it. */
static void write_demo(struct run *run, const struct demo *demo, struct sm_buf *out)
{
    const struct sm_pair *pair = run->train.at[demo->row].pair;
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

static enum sm_nature nature_of(const struct scan *scan)
{
    if (scan->demo_count == 0)
        return SM_ZERO_SHOT;
    return scan->demos[0].trace ? SM_BOOTSTRAPPED : SM_LABELS;
}

/* Finished candidates with the winner's score, itself among them. */
static size_t count_tied(const struct run *run)
{
    size_t tied = 0;
    for (size_t i = 0; i < run->scan_count; i++)
        tied += !pruned(run, &run->scans[i]) && run->scans[i].correct == run->best->correct;
    return tied;
}

static void write_winner(struct run *run)
{
    struct sm_buf *out = &run->user->out;
    const struct scan *best = run->best;
    struct sm_ci ci = sm_ci_wilson(best->correct, run->val.count);
    run->search->won[nature_of(best)]++;
    sm_record_open(out, SM_DEMOS, run->user->id);
    sm_buf_printf(out,
                  ",\"stage\":\"%s\",\"seed\":%ld,\"score\":%.10g,\"n\":%zu,\"ci\":{\"method\":"
                  "\"wilson\",\"level\":%g,\"low\":%.2f,\"high\":%.2f},\"tied\":%zu,"
                  "\"won\":\"%s\",\"demos\":[",
                  run->user->stage->name, best->candidate.seed, score_of(run, best), run->val.count,
                  SM_CI_LEVEL, 100 * ci.low, 100 * ci.high, count_tied(run),
                  sm_nature_name(nature_of(best)));
    for (size_t i = 0; i < best->demo_count; i++) {
        if (i)
            sm_buf_char(out, ',');
        write_demo(run, &best->demos[i], out);
    }
    sm_buf_str(out, "]}\n");
}

void sm_search_write(struct run *run)
{
    for (size_t i = 0; i < run->scan_count; i++) {
        const struct scan *scan = &run->scans[i];
        if (scan->run)
            write_traces(run, scan);
        write_score(run, scan, run->first_seed + (long)i);
    }
    write_winner(run);
}
