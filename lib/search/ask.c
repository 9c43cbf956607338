/* The calls of a search: the prompts of rows and candidates, and what their answers say. */
#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/search/internal/search.h"

static char *run_prompt(struct run *run, const char *entry, jv input)
{
    struct sm_buf text = {0};
    struct sm_err err = {0};
    bool ok = sm_prompts_messages(run->search->asker.prompts, "judge", entry, input, &text, &err);
    if (!ok && !run->failed.message)
        run->failed = err;
    else
        sm_err_clear(&err);
    return sm_buf_take(&text);
}

char *sm_search_system(struct run *run, const char *persona)
{
    jv text = persona ? jv_string(persona) : jv_null();
    return run_prompt(run, "system", jv_object_set(jv_object(), jv_string("persona"), text));
}

void sm_search_collect(struct run *run, struct rows *rows, enum sm_split split)
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

void sm_search_free_rows(struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        free(rows->at[i].question);
        free(rows->at[i].swapped);
        free(rows->at[i].labeled);
    }
    free(rows->at);
}

static const char *labeled_demo(struct run *run, size_t row)
{
    struct row *r = &run->train.at[row];
    if (!r->labeled)
        r->labeled = run_prompt(run, "demo", sm_case_demo(r->pair, r->pair->flip, NULL));
    return r->labeled;
}

static const char *swapped_question(struct run *run, const struct row *row)
{
    bool teach = row >= run->train.at && row < run->train.at + run->train.count;
    struct row *r = teach ? &run->train.at[row - run->train.at] : &run->val.at[row - run->val.at];
    if (!r->swapped)
        r->swapped = run_prompt(run, "question", sm_case(r->pair, !r->pair->flip));
    return r->swapped;
}

static void add_piece(struct sm_buf *messages, const char *piece)
{
    if (*piece && messages->data[messages->len - 1] != '[')
        sm_buf_char(messages, ',');
    sm_buf_str(messages, piece);
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

void sm_search_taught(struct scan *scan)
{
    struct run *run = scan->run;
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

/* What stands before the question: of a train row the instructions and the candidate's labeled
 * examples less the row itself, of a validation row the candidate's examples. */
static void add_head(const struct trace *trace, struct sm_buf *messages)
{
    const struct scan *scan = trace->scan;
    struct run *run = scan->run;
    if (scan->phase == PHASE_VALIDATE) {
        sm_buf_str(messages, scan->messages);
        return;
    }
    sm_buf_char(messages, '[');
    add_piece(messages, run->system);
    for (size_t i = 0; i < scan->candidate.shown_count; i++) {
        size_t shown = scan->candidate.shown[i];
        if (&run->train.at[shown] != trace->row)
            add_piece(messages, labeled_demo(run, shown));
    }
}

static void take_outcome(void *arg, const struct sm_outcome *outcome);

static void ask(struct trace *trace, struct answer *answer)
{
    struct scan *scan = trace->scan;
    struct run *run = scan->run;
    struct sm_buf messages = {0};
    if (run->failed.message)
        return;
    add_head(trace, &messages);
    add_piece(&messages,
              answer == &trace->swapped ? swapped_question(run, trace->row) : trace->row->question);
    sm_buf_char(&messages, ']');
    answer->trace = trace;
    answer->asked = true;
    run->calls++;
    scan->under_way++;
    run->under_way++;
    sm_question_ask(&run->search->asker, "judge", sm_buf_take(&messages), 0, take_outcome, answer);
}

static bool verifies_both(const struct run *run)
{
    return run->search->options.verify[0] == 'b';
}

static void ask_row(struct scan *scan, struct trace *trace, const struct row *row)
{
    trace->scan = scan;
    trace->row = row;
    scan->asked++;
    ask(trace, &trace->given);
    if (verifies_both(scan->run) && sm_search_swap_at_once(scan->run))
        ask(trace, &trace->swapped);
}

void sm_search_teach(struct scan *scan)
{
    size_t position = scan->asked;
    ask_row(scan, &scan->teach[position], &scan->run->train.at[scan->candidate.order[position]]);
}

void sm_search_validate(struct scan *scan)
{
    size_t position = scan->asked;
    ask_row(scan, &scan->validate[position], &scan->run->val.at[position]);
}

void sm_search_compare(struct scan *scan)
{
    for (size_t i = 0; i < scan->run->val.count; i++) {
        if (!scan->validate[i].swapped.asked)
            ask(&scan->validate[i], &scan->validate[i].swapped);
    }
}

/* Whether an answer names the reply that the user chose. */
static bool is_right(const struct answer *answer)
{
    const struct trace *trace = answer->trace;
    bool chosen_first = trace->row->pair->flip != (answer == &trace->swapped);
    return answer->preference == (chosen_first ? SM_FIRST : SM_SECOND);
}

/* Once its calls are answered a row counts, and is right or not. */
static void settle_row(struct trace *trace)
{
    struct scan *scan = trace->scan;
    struct run *run = scan->run;
    bool both = verifies_both(run);
    if (trace->answered || !trace->given.answered ||
        (trace->swapped.asked && !trace->swapped.answered))
        return;
    trace->correct = is_right(&trace->given);
    if (both && trace->correct) {
        if (!trace->swapped.asked) {
            ask(trace, &trace->swapped);
            return;
        }
        trace->correct = is_right(&trace->swapped);
    }
    trace->answered = true;
    scan->answered++;
    scan->correct += trace->correct;
    run->answers++;
    run->right += trace->correct;
}

static void keep_outcome(struct answer *answer, const struct sm_outcome *outcome)
{
    struct trace *trace = answer->trace;
    struct run *run = trace->scan->run;
    answer->answered = true;
    answer->preference = sm_outcome_choice(outcome);
    if (answer == &trace->given) {
        const char *reasoning = sm_json_text(outcome->value, "reasoning", NULL);
        trace->reasoning = sm_strdup(reasoning ? reasoning : "");
    }
    if (outcome->status != SM_STATUS_OK)
        trace->status = outcome->status;
    sm_usage_add(&trace->usage, &outcome->usage);
    trace->ms += outcome->ms;
    if (outcome->ms < run->quickest_ms)
        run->quickest_ms = outcome->ms;
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
    struct answer *answer = arg;
    struct scan *scan = answer->trace->scan;
    struct run *run = scan->run;
    run->under_way--;
    scan->under_way--;
    if (outcome->error) {
        keep_failure(scan, outcome);
    } else {
        keep_outcome(answer, outcome);
        settle_row(answer->trace);
    }
    sm_search_advance(run);
}
