#include "lib/search/internal/oracle.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/search/internal/next.h"

#define REASON_BYTES 200            /* of a reason of 25 words, with what is around it */
#define REASONING_BYTES_PER_TOKEN 2 /* as in the upper bound of sm_plan_add() */

static char *write_prompt(struct search_state *state, const char *entry, jv input)
{
    struct sm_buf text = {0};
    struct sm_err err = {0};
    if (!sm_prompts_messages(state->search->asker.prompts, "judge", entry, input, &text, &err))
        sm_search_give_up(state, &err);
    return sm_buf_take(&text);
}

static void write_questions(struct search_state *state, struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct sm_pair *pair = rows->at[i].pair;
        rows->at[i].question = write_prompt(state, "question", sm_case(pair, pair->flip));
    }
}

static void open_verdicts(struct search_state *state, const char *persona)
{
    jv text = persona ? jv_string(persona) : jv_null();
    write_questions(state, &state->train);
    write_questions(state, &state->val);
    state->system =
        write_prompt(state, "system", jv_object_set(jv_object(), jv_string("persona"), text));
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

static void prepare_verdicts(struct trial *trial)
{
    struct search_state *state = trial->state;
    struct sm_buf head = {0};
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
    trial->prompt_bytes = head.len;
    trial->messages = sm_buf_take(&head);
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
    struct search_state *state = trace->trial->state;
    struct sm_buf messages = {0};
    if (state->failed.message)
        return;
    add_head(trace, &messages);
    add_piece(&messages, answer == &trace->swapped ? swapped_question(state, trace->row)
                                                   : trace->row->question);
    sm_buf_char(&messages, ']');
    answer->trace = trace;
    answer->asked = true;
    sm_search_asked(trace->trial, 1);
    sm_question_ask(&state->search->asker, "judge", sm_buf_take(&messages), 0, take_outcome,
                    answer);
}

static bool verifies_both(const struct search_state *state)
{
    return state->search->options.verify[0] == 'b';
}

static size_t most_calls(const struct search_state *state, const struct trial *trial)
{
    (void)trial;
    return verifies_both(state) ? 2 : 1;
}

static void ask_swapped(struct trace *trace)
{
    ask_presentation(trace, &trace->swapped);
}

static void ask_verdict(struct trace *trace)
{
    const struct search_state *state = trace->trial->state;
    ask_presentation(trace, &trace->given);
    if (verifies_both(state) && sm_search_swap_at_once(state))
        ask_swapped(trace);
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
    bool correct, both = verifies_both(trace->trial->state);
    if (trace->answered || !trace->given.answered ||
        (trace->swapped.asked && !trace->swapped.answered))
        return;
    correct = is_right(&trace->given);
    if (both && correct) {
        if (!trace->swapped.asked) {
            ask_swapped(trace);
            return;
        }
        correct = is_right(&trace->swapped);
    }
    sm_search_settle(trace, correct);
}

static void keep_outcome(struct answer *answer, const struct sm_outcome *outcome)
{
    struct trace *trace = answer->trace;
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
}

static void take_outcome(void *arg, const struct sm_outcome *outcome)
{
    struct answer *answer = arg;
    struct trial *trial = answer->trace->trial;
    if (outcome->error) {
        sm_search_unanswered(trial, 1, outcome->error, outcome->tried);
    } else {
        sm_search_answered(trial, outcome->ms);
        keep_outcome(answer, outcome);
        settle_row(answer->trace);
    }
    trial->state->advance(trial->state);
}

static void write_reasoning(const struct trace *trace, struct sm_buf *out)
{
    sm_buf_str(out, ",\"reasoning\":");
    sm_json_cstring(out, trace->reasoning);
}

/* --- A dry run --- */

/* A prompt with all train rows as examples, the longest reasons, and the longest question. */
static int64_t longest_prompt(struct search_state *state)
{
    int64_t reply = sm_llm_config(state->search->asker.llm)->max_tokens * REASONING_BYTES_PER_TOKEN;
    int64_t bytes = (int64_t)strlen(state->system) + reply; /* a persona is a reply */
    size_t longest = 0;
    for (size_t i = 0; i < state->train.count; i++) {
        size_t len = strlen(state->train.at[i].question);
        bytes += (int64_t)len + reply;
        longest = len > longest ? len : longest;
    }
    for (size_t i = 0; i < state->val.count; i++) {
        size_t len = strlen(state->val.at[i].question);
        longest = len > longest ? len : longest;
    }
    return bytes + (int64_t)longest;
}

/* A prompt with half of the train rows as examples, reasons as they are asked for. */
static int64_t typical_prompt(const struct search_state *state)
{
    int64_t train = (int64_t)state->train.count, bytes = 0;
    for (size_t i = 0; i < state->train.count; i++)
        bytes += (int64_t)strlen(state->train.at[i].question) + REASON_BYTES;
    return (int64_t)strlen(state->system) + bytes / 2 + bytes / (train ? train : 1);
}

static void plan_verdicts(struct search_state *state, const struct trial *nearest, int64_t calls,
                          int64_t expected, struct sm_plan *plan)
{
    long max_tokens = sm_llm_config(state->search->asker.llm)->max_tokens;
    size_t asked = nearest->phase == PHASE_VALIDATE ? nearest->asked : 0;
    int64_t bytes = 0;
    for (size_t i = asked; i < state->val.count; i++)
        bytes += (int64_t)(strlen(state->system) + strlen(state->val.at[i].question));
    sm_plan_add(&plan->least, false, (int64_t)(state->val.count - asked), bytes, max_tokens);
    sm_plan_expect(plan, expected, expected * typical_prompt(state), max_tokens);
    sm_plan_add(&plan->most, true, calls, calls * longest_prompt(state), max_tokens);
}

const struct oracle sm_search_by_verdict = {.open = open_verdicts,
                                            .prepare = prepare_verdicts,
                                            .calls = most_calls,
                                            .ask = ask_verdict,
                                            .ask_swapped = ask_swapped,
                                            .write = write_reasoning,
                                            .plan = plan_verdicts};
