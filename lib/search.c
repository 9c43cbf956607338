#include "search.h"

#include "json.h"
#include "mem.h"
#include "search_run.h"

#include <stddef.h>

#define FIELD(name) offsetof(struct sm_search_options, name)

const struct sm_opt sm_search_opts[] = {
    {0, "candidates", "N", SM_OPT_INT, FIELD(candidates), 0, 1e6,
     "Look at candidate sets of examples with the seeds up to N - 1. Fewer sets, fewer calls. "
     "Default: 10."},
    {0, "max-labeled", "N", SM_OPT_INT, FIELD(max_labeled), 0, 1e6,
     "Fill a set up to N examples with pairs that have no reasoning; the teacher sees as many. "
     "More "
     "examples, longer prompts. Default: 4."},
    {0, "max-bootstrapped", "N", SM_OPT_INT, FIELD(max_bootstrapped), -1, 1e6,
     "At most N examples with reasoning in a set; -1: as many as there are train pairs. Fewer, "
     "fewer "
     "calls and shorter prompts. Default: -1."},
    {0, "stop-at", "PERCENT", SM_OPT_REAL, FIELD(stop_at), 0, 101,
     "Stop at the first set whose score on the validation pairs is at least PERCENT; 101: never. "
     "Default: 80."},
    {0, "seeds", "A..B", SM_OPT_TEXT, FIELD(seeds), 0, 0,
     "Look at the seeds from A to B instead: -3 is no example at all, -2 labels alone, -1 the "
     "pairs "
     "in their order."},
    {0, "certainty", "P", SM_OPT_REAL, FIELD(certainty), 0, 1,
     "Ask a call beside others when it will be needed with probability P: 1 is fewest calls, one "
     "after "
     "another, lower values ask more at once and some for nothing. Default: 0.85."},
    {0, "speculate", NULL, SM_OPT_FLAG, FIELD(speculate), 0, 0,
     "Ask at once what may be needed, not only what is needed whatever the answers: more calls, "
     "fewer "
     "one after another, the same examples. --batch implies it."},
    SM_OPT_END};

bool sm_search_seeds(const char *text, long *from, long *to, struct sm_err *err)
{
    char *end = NULL;
    *from = strtol(text, &end, 10);
    bool ok = end != text && strncmp(end, "..", 2) == 0;
    const char *second = ok ? end + 2 : "";
    *to = strtol(second, &end, 10);
    if (ok && end != second && !*end && *from >= SM_SEED_ZERO_SHOT && *from <= *to &&
        *to <= 1000000)
        return true;
    return sm_err_set(err, SM_EXIT_USAGE, "give two numbers, for example -3..9",
                      "--seeds %s: not a range A..B with A from -3 and A at most B", text);
}

static char *run_prompt(struct run *run, const char *entry, jv input)
{
    struct sm_buf text = {0};
    struct sm_err err = {0};
    bool ok = sm_prompts_messages(run->asker->prompts, "judge", entry, input, &text, &err);
    if (!ok && !run->failed.message)
        run->failed = err;
    else
        sm_err_clear(&err);
    return sm_buf_take(&text);
}

static void collect_rows(struct run *run, struct rows *rows, enum sm_split split)
{
    const struct sm_user *user = run->user;
    rows->at = sm_alloc(user->pair_count, sizeof *rows->at);
    for (size_t i = 0; i < user->pair_count; i++) {
        const struct sm_pair *pair = &user->pairs[i];
        if (pair->split != split || !pair->labeled)
            continue;
        rows->at[rows->count++] = (struct row){
            .pair = pair,
            .question = run_prompt(run, "question", sm_case(pair, pair->flip)),
        };
    }
}

static void free_rows(struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        free(rows->at[i].question);
        free(rows->at[i].labeled);
    }
    free(rows->at);
}

/* Forgets what a candidate was; also of one that was never begun. */
static void release_scan(struct scan *scan)
{
    for (size_t i = 0; scan->run && i < scan->run->train.count; i++)
        free(scan->teach[i].reasoning);
    for (size_t i = 0; scan->run && i < scan->run->val.count; i++)
        free(scan->validate[i].reasoning);
    sm_candidate_release(&scan->candidate);
    free(scan->teach);
    free(scan->validate);
    free(scan->demos);
    free(scan->messages);
    *scan = (struct scan){0};
}

static void free_run(struct run *run)
{
    for (size_t i = 0; i < run->scan_count; i++)
        release_scan(&run->scans[i]);
    free(run->scans);
    free_rows(&run->train);
    free_rows(&run->val);
    free(run->system);
    sm_err_clear(&run->failed);
    free(run);
}

static const char *labeled_demo(struct run *run, size_t row)
{
    struct row *r = &run->train.at[row];
    if (!r->labeled)
        r->labeled = run_prompt(run, "demo", sm_case_demo(r->pair, r->pair->flip, NULL));
    return r->labeled;
}

static void add_piece(struct sm_buf *messages, const char *piece)
{
    if (*piece && messages->data[messages->len - 1] != '[')
        sm_buf_char(messages, ',');
    sm_buf_str(messages, piece);
}

static void take_outcome(void *arg, const struct sm_outcome *outcome);

/* `head` is "[" and all messages before the question. */
static void ask(struct scan *scan, struct trace *trace, const char *head, const char *question)
{
    struct run *run = scan->run;
    struct sm_buf messages = {0};
    sm_buf_str(&messages, head);
    add_piece(&messages, question);
    sm_buf_char(&messages, ']');
    trace->scan = scan;
    scan->asked++;
    scan->under_way++;
    run->under_way++;
    sm_question_ask(run->asker, "judge", sm_buf_take(&messages), 0, take_outcome, trace);
}

/* The teacher sees the candidate's labeled examples, less the row that is asked. */
static void ask_teacher(struct scan *scan)
{
    struct run *run = scan->run;
    size_t position = scan->asked, row = scan->candidate.order[position];
    struct sm_buf head = {0};
    sm_buf_char(&head, '[');
    add_piece(&head, run->system);
    for (size_t i = 0; i < scan->candidate.shown_count; i++) {
        if (scan->candidate.shown[i] != row)
            add_piece(&head, labeled_demo(run, scan->candidate.shown[i]));
    }
    ask(scan, &scan->teach[position], head.data, run->train.at[row].question);
    sm_buf_release(&head);
}

/* The `i`-th candidate, begun if it was not. */
static struct scan *scan_at(struct run *run, size_t i)
{
    struct scan *scan = &run->scans[i];
    const struct sm_search_options *o = run->options;
    if (scan->run)
        return scan;
    scan->run = run;
    sm_candidate_init(&scan->candidate, run->first_seed + (long)i, run->train.count, o->max_labeled,
                      o->max_bootstrapped);
    scan->teach = sm_alloc(run->train.count, sizeof *scan->teach);
    scan->validate = sm_alloc(run->val.count, sizeof *scan->validate);
    return scan;
}

/* The kept traces in the order they were asked, as many as are wanted, then labeled rows. */
static void choose_demos(struct run *run, struct scan *scan)
{
    const struct sm_candidate *candidate = &scan->candidate;
    bool *kept = sm_alloc(run->train.count, sizeof *kept);
    size_t *fill = sm_alloc(run->train.count, sizeof *fill);
    scan->demos = sm_alloc(run->train.count, sizeof *scan->demos);
    for (size_t i = 0; i < scan->asked; i++) {
        if (!scan->teach[i].correct || scan->demo_count == candidate->wanted)
            continue;
        kept[candidate->order[i]] = true;
        scan->demos[scan->demo_count++] = (struct demo){candidate->order[i], &scan->teach[i]};
    }
    size_t filled = sm_candidate_fill(candidate, kept, fill);
    for (size_t i = 0; i < filled; i++)
        scan->demos[scan->demo_count++] = (struct demo){fill[i], NULL};
    free(kept);
    free(fill);
}

static void begin_validation(struct run *run, struct scan *scan)
{
    struct sm_buf head = {0};
    choose_demos(run, scan);
    sm_buf_char(&head, '[');
    add_piece(&head, run->system);
    for (size_t i = 0; i < scan->demo_count; i++) {
        const struct demo *demo = &scan->demos[i];
        const struct sm_pair *pair = run->train.at[demo->row].pair;
        if (!demo->trace) {
            add_piece(&head, labeled_demo(run, demo->row));
            continue;
        }
        char *text =
            run_prompt(run, "demo", sm_case_demo(pair, pair->flip, demo->trace->reasoning));
        add_piece(&head, text);
        free(text);
    }
    scan->messages = sm_buf_take(&head);
    scan->phase = PHASE_VALIDATE;
    scan->asked = scan->answered = scan->correct = 0;
}

/* Asks what comes next of a candidate whose calls are all answered. */
static void advance_scan(struct scan *scan, size_t target)
{
    struct run *run = scan->run;
    if (scan->under_way + scan->pending > 0)
        return;
    size_t next = scan->phase == PHASE_TEACH ? sm_search_teach_next(run, scan) : 0;
    for (size_t i = 0; i < next && !run->failed.message; i++)
        ask_teacher(scan);
    if (next > 0)
        return;
    if (scan->phase == PHASE_TEACH)
        begin_validation(run, scan);
    next = sm_search_validate_next(run, scan, target);
    for (size_t i = 0; i < next && !run->failed.message; i++)
        ask(scan, &scan->validate[scan->asked], scan->messages, run->val.at[scan->asked].question);
}

static size_t count_pending(const struct run *run)
{
    size_t pending = 0;
    for (size_t i = 0; i < run->scan_count && !run->best; i++)
        pending += run->scans[i].pending;
    return pending;
}

/* Ends the search; `run` is gone afterwards. */
static void end_run(struct run *run)
{
    struct sm_user *user = run->user;
    size_t pending = count_pending(run);
    if (run->failed.message) {
        sm_user_failed(user, &run->failed, run->tried);
    } else if (pending > 0) {
        sm_search_plan_rest(run, &user->stage->planned);
        sm_user_pending(user, pending);
    } else {
        sm_search_write(run);
        sm_user_done(user);
    }
    free_run(run);
}

/* Asks what comes next, or ends the search. A candidate's calls are asked in rounds, and the next
 * one begins when a round is through: what is asked depends on the answers, never on when they
 * came, so that two runs are the same. */
static void advance(struct run *run)
{
    bool all = run->options->speculate;
    if (!run->failed.message && (all || run->under_way == 0)) {
        size_t target;
        struct scan *scan = scan_at(run, sm_search_front(run, &target));
        if (sm_search_finished(run, scan))
            run->best = scan;
        else
            advance_scan(scan, target);
    }
    for (size_t i = 0; all && !run->best && i < run->scan_count; i++)
        advance_scan(scan_at(run, i), 0);
    if (run->under_way == 0)
        end_run(run);
}

static void keep_outcome(struct trace *trace, const struct sm_outcome *outcome)
{
    const char *reasoning = sm_json_text(outcome->value, "reasoning", NULL);
    trace->answered = true;
    trace->preference = sm_outcome_choice(outcome);
    trace->status = outcome->status;
    trace->reasoning = sm_strdup(reasoning ? reasoning : "");
    trace->usage = outcome->usage;
    trace->ms = outcome->ms;
}

static void keep_failure(struct scan *scan, const struct sm_outcome *outcome)
{
    struct run *run = scan->run;
    if (outcome->error->code == SM_EXIT_PENDING) {
        scan->pending++;
    } else if (!run->failed.message) {
        sm_err_set(&run->failed, outcome->error->code, outcome->error->remedy, "%s",
                   outcome->error->message);
        run->tried = outcome->tried;
    }
}

static void take_outcome(void *arg, const struct sm_outcome *outcome)
{
    struct trace *trace = arg;
    struct scan *scan = trace->scan;
    struct run *run = scan->run;
    run->under_way--;
    scan->under_way--;
    if (outcome->error) {
        keep_failure(scan, outcome);
    } else {
        keep_outcome(trace, outcome);
        bool teach = scan->phase == PHASE_TEACH;
        size_t row = (size_t)(trace - (teach ? scan->teach : scan->validate));
        const struct sm_pair *pair =
            teach ? run->train.at[scan->candidate.order[row]].pair : run->val.at[row].pair;
        trace->correct = trace->preference == (pair->flip ? SM_FIRST : SM_SECOND);
        scan->answered++;
        scan->correct += trace->correct;
        run->answers++;
        run->right += trace->correct;
    }
    advance(run);
}

static bool too_few(const struct run *run, struct sm_err *err)
{
    size_t train = run->train.count, val = run->val.count;
    if (train > 0 && val > 0)
        return false;
    sm_err_set(
        err, SM_EXIT_PARTIAL,
        "run sm-split first, and give at least 2 pairs a user that are not held out for test",
        "%zu train and %zu val rows: at least one of each is needed to learn from", train, val);
    return true;
}

static struct run *open_run(struct sm_user *user, const struct sm_asker *asker,
                            const struct sm_search_options *options, long first_seed,
                            const char *persona)
{
    struct run *run = sm_alloc(1, sizeof *run);
    long last_seed = options->candidates - 1;
    *run = (struct run){.user = user, .asker = asker, .options = options, .first_seed = first_seed};
    if (options->seeds)
        sm_search_seeds(options->seeds, &run->first_seed, &last_seed, NULL);
    run->scan_count = last_seed < run->first_seed ? 0 : (size_t)(last_seed - run->first_seed + 1);
    run->scans = sm_alloc(run->scan_count, sizeof *run->scans);
    collect_rows(run, &run->train, SM_SPLIT_TRAIN);
    collect_rows(run, &run->val, SM_SPLIT_VAL);
    jv input =
        jv_object_set(jv_object(), jv_string("persona"), persona ? jv_string(persona) : jv_null());
    run->system = run_prompt(run, "system", input);
    if (!run->failed.message)
        too_few(run, &run->failed);
    return run;
}

void sm_search_begin(struct sm_user *user, const struct sm_asker *asker,
                     const struct sm_search_options *options, long first_seed, const char *persona)
{
    advance(open_run(user, asker, options, first_seed, persona));
}

void sm_search_plan(struct sm_user *user, const struct sm_asker *asker,
                    const struct sm_search_options *options, long first_seed, struct sm_plan *plan)
{
    struct run *run = open_run(user, asker, options, first_seed, NULL);
    if (!run->failed.message)
        sm_search_plan_rest(run, plan);
    free_run(run);
}
