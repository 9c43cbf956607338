#include "lib/search/internal/ask.h"

#include "lib/base/mem.h"
#include "lib/search/internal/oracle.h"

void sm_search_collect(struct search_state *state, struct rows *rows, enum sm_split split)
{
    const struct sm_user *user = state->user;
    rows->at = sm_alloc(user->pair_count, sizeof *rows->at);
    for (size_t i = 0; i < user->pair_count; i++) {
        const struct sm_pair *pair = &user->pairs[i];
        if (pair->split == split && pair->labeled)
            rows->at[rows->count++] = (struct row){.pair = pair};
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
    choose_demos(trial->state, trial);
    trial->state->oracle->prepare(trial);
    trial->phase = PHASE_VALIDATE;
    trial->asked = trial->answered = trial->correct = 0;
}

static void ask_row(struct trial *trial, struct trace *trace, const struct row *row)
{
    trace->trial = trial;
    trace->row = row;
    trial->asked++;
    trial->state->oracle->ask(trace);
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
            trial->state->oracle->ask_swapped(&trial->validate[i]);
    }
}
