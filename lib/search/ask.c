#include "lib/search/internal/ask.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/search/internal/next.h"

static char *write_prompt(struct search_state *state, const char *entry, jv input)
{
    struct sm_buf text = {0};
    struct sm_err err = {0};
    bool ok = sm_prompts_messages(state->search->asker.prompts, "judge", entry, input, &text, &err);
    if (!ok && !state->failed.message)
        state->failed = err;
    else
        sm_err_clear(&err);
    return sm_buf_take(&text);
}

char *sm_search_system(struct search_state *state, const char *persona)
{
    jv text = persona ? jv_string(persona) : jv_null();
    return write_prompt(state, "system", jv_object_set(jv_object(), jv_string("persona"), text));
}

void sm_search_collect(struct search_state *state, struct rows *rows, enum sm_split split)
{
    const struct sm_user *user = state->user;
    rows->at = sm_alloc(user->pair_count, sizeof *rows->at);
    for (size_t i = 0; i < user->pair_count; i++) {
        const struct sm_pair *pair = &user->pairs[i];
        if (pair->split != split || !pair->labeled)
            continue;
        rows->at[rows->count++] = (struct row){
            .pair = pair,
            .question = write_prompt(state, "question", sm_case(pair, pair->flip)),
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

static const char *labeled_demo(struct search_state *state, size_t row)
{
    struct row *r = &state->train.at[row];
    if (!r->labeled)
        r->labeled = write_prompt(state, "demo", sm_case_demo(r->pair, r->pair->flip, NULL));
    return r->labeled;
}

static const char *swapped_question(struct search_state *state, const struct row *row)
{
    bool teach = row >= state->train.at && row < state->train.at + state->train.count;
    struct row *r =
        teach ? &state->train.at[row - state->train.at] : &state->val.at[row - state->val.at];
    if (!r->swapped)
        r->swapped = write_prompt(state, "question", sm_case(r->pair, !r->pair->flip));
    return r->swapped;
}

static void add_piece(struct sm_buf *messages, const char *piece)
{
    if (*piece && messages->data[messages->len - 1] != '[')
        sm_buf_char(messages, ',');
    sm_buf_str(messages, piece);
}

/* The kept traces in the order of asking, as many as are wanted, then labeled rows. */
static void choose_demos(struct search_state *state, struct trial *trial)
{
    const struct sm_candidate *candidate = &trial->candidate;
    bool *kept = sm_alloc(state->train.count, sizeof *kept);
    size_t *fill = sm_alloc(state->train.count, sizeof *fill);
    trial->demos = sm_alloc(state->train.count, sizeof *trial->demos);
    for (size_t i = 0; i < trial->asked; i++) {
        if (!trial->teach[i].correct || trial->demo_count == candidate->wanted)
            continue;
        kept[candidate->order[i]] = true;
        trial->demos[trial->demo_count++] = (struct demo){candidate->order[i], &trial->teach[i]};
    }
    size_t filled = sm_candidate_fill(candidate, kept, fill);
    for (size_t i = 0; i < filled; i++)
        trial->demos[trial->demo_count++] = (struct demo){fill[i], NULL};
    free(kept);
    free(fill);
}

void sm_search_taught(struct trial *trial)
{
    struct search_state *state = trial->state;
    struct sm_buf head = {0};
    choose_demos(state, trial);
    sm_buf_char(&head, '[');
    add_piece(&head, state->system);
    for (size_t i = 0; i < trial->demo_count; i++) {
        const struct demo *demo = &trial->demos[i];
        const struct sm_pair *pair = state->train.at[demo->row].pair;
        if (!demo->trace) {
            add_piece(&head, labeled_demo(state, demo->row));
            continue;
        }
        char *text =
            write_prompt(state, "demo", sm_case_demo(pair, pair->flip, demo->trace->reasoning));
        add_piece(&head, text);
        free(text);
    }
    trial->messages = sm_buf_take(&head);
    trial->phase = PHASE_VALIDATE;
    trial->asked = trial->answered = trial->correct = 0;
}

/* What precedes the question. For a train row: the instructions and the candidate's labeled
 * examples, less the row itself. For a validation row: the candidate's examples. */
static void add_head(const struct trace *trace, struct sm_buf *messages)
{
    const struct trial *trial = trace->trial;
    struct search_state *state = trial->state;
    if (trial->phase == PHASE_VALIDATE) {
        sm_buf_str(messages, trial->messages);
        return;
    }
    sm_buf_char(messages, '[');
    add_piece(messages, state->system);
    for (size_t i = 0; i < trial->candidate.shown_count; i++) {
        size_t shown = trial->candidate.shown[i];
        if (&state->train.at[shown] != trace->row)
            add_piece(messages, labeled_demo(state, shown));
    }
}

static void take_outcome(void *arg, const struct sm_outcome *outcome);

static void ask_presentation(struct trace *trace, struct answer *answer)
{
    struct trial *trial = trace->trial;
    struct search_state *state = trial->state;
    struct sm_buf messages = {0};
    if (state->failed.message)
        return;
    add_head(trace, &messages);
    add_piece(&messages, answer == &trace->swapped ? swapped_question(state, trace->row)
                                                   : trace->row->question);
    sm_buf_char(&messages, ']');
    answer->trace = trace;
    answer->asked = true;
    state->calls++;
    trial->under_way++;
    state->under_way++;
    sm_question_ask(&state->search->asker, "judge", sm_buf_take(&messages), 0, take_outcome,
                    answer);
}

static bool verifies_both(const struct search_state *state)
{
    return state->search->options.verify[0] == 'b';
}

static void ask_row(struct trial *trial, struct trace *trace, const struct row *row)
{
    trace->trial = trial;
    trace->row = row;
    trial->asked++;
    ask_presentation(trace, &trace->given);
    if (verifies_both(trial->state) && sm_search_swap_at_once(trial->state))
        ask_presentation(trace, &trace->swapped);
}

void sm_search_teach(struct trial *trial)
{
    size_t position = trial->asked;
    ask_row(trial, &trial->teach[position],
            &trial->state->train.at[trial->candidate.order[position]]);
}

void sm_search_validate(struct trial *trial)
{
    size_t position = trial->asked;
    ask_row(trial, &trial->validate[position], &trial->state->val.at[position]);
}

void sm_search_compare(struct trial *trial)
{
    for (size_t i = 0; i < trial->state->val.count; i++) {
        if (!trial->validate[i].swapped.asked)
            ask_presentation(&trial->validate[i], &trial->validate[i].swapped);
    }
}

/* Whether an answer prefers the reply that the user chose. */
static bool is_right(const struct answer *answer)
{
    const struct trace *trace = answer->trace;
    bool chosen_first = trace->row->pair->flip != (answer == &trace->swapped);
    return answer->preference == (chosen_first ? SM_FIRST : SM_SECOND);
}

/* A row counts once its calls are answered. */
static void settle_row(struct trace *trace)
{
    struct trial *trial = trace->trial;
    struct search_state *state = trial->state;
    bool both = verifies_both(state);
    if (trace->answered || !trace->given.answered ||
        (trace->swapped.asked && !trace->swapped.answered))
        return;
    trace->correct = is_right(&trace->given);
    if (both && trace->correct) {
        if (!trace->swapped.asked) {
            ask_presentation(trace, &trace->swapped);
            return;
        }
        trace->correct = is_right(&trace->swapped);
    }
    trace->answered = true;
    trial->answered++;
    trial->correct += trace->correct;
    state->answers++;
    state->right += trace->correct;
}

static void keep_outcome(struct answer *answer, const struct sm_outcome *outcome)
{
    struct trace *trace = answer->trace;
    struct search_state *state = trace->trial->state;
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
    if (outcome->ms < state->quickest_ms)
        state->quickest_ms = outcome->ms;
}

static void keep_failure(struct trial *trial, const struct sm_outcome *outcome)
{
    struct search_state *state = trial->state;
    if (outcome->error->code == SM_EXIT_PENDING) {
        trial->pending++;
    } else if (!state->failed.message) {
        sm_err_set(&state->failed, outcome->error->code, outcome->error->remedy, "%s",
                   outcome->error->message);
        state->tried = outcome->tried;
    }
}

static void take_outcome(void *arg, const struct sm_outcome *outcome)
{
    struct answer *answer = arg;
    struct trial *trial = answer->trace->trial;
    struct search_state *state = trial->state;
    state->under_way--;
    trial->under_way--;
    if (outcome->error) {
        keep_failure(trial, outcome);
    } else {
        keep_outcome(answer, outcome);
        settle_row(answer->trace);
    }
    state->advance(state);
}
