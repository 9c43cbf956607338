#include "verdict.h"

#include "json.h"
#include "mem.h"
#include "names.h"

#include <math.h>

/* What is known of one order of a pair. */
enum state { UNKNOWN, JUDGED, FAILED };

struct row {
    enum state state[2]; /* forward, reverse */
    int prediction[2];
    bool scored, told; /* told: how long the replies are */
    bool measured;     /* the lengths were counted */
    size_t index, chosen, rejected;
};

struct sm_scorer {
    struct sm_names *indices; /* in decimal; numbers the rows */
    struct row *rows;
    size_t room;
    struct sm_tally tally;
};

static bool wrong(struct sm_err *err, const char *field, const char *why)
{
    return sm_err_set(err, SM_EXIT_PARTIAL, "see sm-records(5) for the fields of a record",
                      "`%s` %s", field, why);
}

static jv_kind kind_of(jv record, const char *field)
{
    jv value = sm_json_get(record, field);
    jv_kind kind = jv_get_kind(value);
    jv_free(value);
    return kind;
}

static bool read_index(jv record, size_t *index, struct sm_err *err)
{
    double number = sm_json_number(record, "index", -1);
    if (!(number >= 0 && number <= 1e9 && number == floor(number)))
        return wrong(err, "index", "is not a whole number from 0");
    *index = (size_t)number;
    return true;
}

/* The number of a string member in `words`; -1 if it is none of them. */
static int read_word(jv record, const char *field, const char *const *words, int count)
{
    const char *text = sm_json_text(record, field, NULL);
    for (int i = 0; text && i < count; i++) {
        if (strcmp(text, words[i]) == 0)
            return i;
    }
    return -1;
}

static bool read_order(jv record, bool *reverse, struct sm_err *err)
{
    static const char *const words[] = {"forward", "reverse"};
    int order = read_word(record, "order", words, 2);
    *reverse = order == 1;
    return order >= 0 || wrong(err, "order", "is not \"forward\" or \"reverse\"");
}

static bool read_preference(jv record, enum sm_choice *preference, struct sm_err *err)
{
    const char *const words[] = {sm_choice_name(SM_TIE), sm_choice_name(SM_FIRST),
                                 sm_choice_name(SM_SECOND)};
    int choice = read_word(record, "preference", words, 3);
    *preference = choice < 0 ? SM_TIE : (enum sm_choice)choice;
    return choice >= 0 || wrong(err, "preference", "is not \"First\", \"Second\" or \"Tie\"");
}

static bool read_status(jv record, enum sm_status *status, struct sm_err *err)
{
    const char *const words[] = {sm_status_name(SM_STATUS_OK), sm_status_name(SM_STATUS_UNPARSED),
                                 sm_status_name(SM_STATUS_TRUNCATED),
                                 sm_status_name(SM_STATUS_REFUSED)};
    int word = read_word(record, "status", words, 4);
    *status = word < 0 ? SM_STATUS_OK : (enum sm_status)word;
    return word >= 0 ||
           wrong(err, "status", "is not \"ok\", \"unparsed\", \"truncated\" or \"refused\"");
}

/* The prediction follows from order and preference: one that differs was made by something that
 * means another thing by it, and must not be counted. */
static bool read_prediction(jv record, struct sm_verdict *verdict, struct sm_err *err)
{
    enum sm_choice chosen = verdict->reverse ? SM_SECOND : SM_FIRST;
    double number = sm_json_number(record, "prediction", NAN);
    if (number != -1 && number != 0 && number != 1)
        return wrong(err, "prediction", "is not 1, -1 or 0");
    verdict->prediction = verdict->preference == SM_TIE   ? 0
                          : verdict->preference == chosen ? 1
                                                          : -1;
    return number == verdict->prediction ||
           wrong(err, "prediction", "contradicts `order` and `preference`");
}

static bool read_label(jv record, struct sm_verdict *verdict, struct sm_err *err)
{
    const char *const words[] = {sm_choice_name(SM_FIRST), sm_choice_name(SM_SECOND)};
    jv_kind label_kind = kind_of(record, "label"), kind = kind_of(record, "correct");
    verdict->labeled = label_kind != JV_KIND_NULL && label_kind != JV_KIND_INVALID;
    if (!verdict->labeled)
        return kind == JV_KIND_NULL || kind == JV_KIND_INVALID ||
               wrong(err, "correct", "needs a `label`");
    int label = read_word(record, "label", words, 2);
    if (label < 0)
        return wrong(err, "label", "is not \"First\", \"Second\" or null");
    if ((label == 1) != verdict->reverse)
        return wrong(err, "label", "contradicts `order`");
    if (kind != JV_KIND_TRUE && kind != JV_KIND_FALSE)
        return wrong(err, "correct", "is not true or false");
    return (kind == JV_KIND_TRUE) == (verdict->prediction == 1) ||
           wrong(err, "correct", "contradicts `label` and `preference`");
}

static bool read_debiased(jv record, struct sm_verdict *verdict, struct sm_err *err)
{
    jv pair = sm_json_get(record, "debiased");
    double number = sm_json_number(pair, "prediction", NAN);
    verdict->paired = jv_is_valid(pair) && jv_get_kind(pair) != JV_KIND_NULL;
    bool correct = sm_json_bool(pair, "correct", false);
    jv_free(pair);
    if (!verdict->paired)
        return true;
    if (number != -1 && number != 0 && number != 1)
        return wrong(err, "debiased.prediction", "is not 1, -1 or 0");
    verdict->debiased = (int)number;
    return correct == (verdict->labeled && number == 1) ||
           wrong(err, "debiased.correct", "contradicts its prediction");
}

static bool read_votes(jv record, struct sm_verdict *verdict, struct sm_err *err)
{
    static const char *const names[] = {
        [SM_TIE] = "tie", [SM_FIRST] = "first", [SM_SECOND] = "second"};
    jv votes = sm_json_get(record, "votes");
    bool ok = true;
    for (int i = 0; i < 3 && jv_get_kind(votes) == JV_KIND_OBJECT; i++) {
        double number = sm_json_number(votes, names[i], 0);
        ok = ok && number >= 0 && number <= 1e9 && number == floor(number);
        verdict->votes[i] = ok ? (size_t)number : 0;
    }
    jv_free(votes);
    verdict->p_first = sm_json_number(record, "p_first", NAN);
    if (!ok)
        return wrong(err, "votes", "are not whole numbers");
    return isnan(verdict->p_first) || (verdict->p_first >= 0 && verdict->p_first <= 1) ||
           wrong(err, "p_first", "is not from 0 to 1");
}

bool sm_verdict_from(jv record, struct sm_verdict *verdict, struct sm_err *err)
{
    *verdict = (struct sm_verdict){0};
    return read_index(record, &verdict->index, err) && read_order(record, &verdict->reverse, err) &&
           read_preference(record, &verdict->preference, err) &&
           read_status(record, &verdict->status, err) && read_prediction(record, verdict, err) &&
           read_label(record, verdict, err) && read_debiased(record, verdict, err) &&
           read_votes(record, verdict, err);
}

bool sm_verdict_place(jv record, size_t *index, bool *reverse, struct sm_err *err)
{
    const char *stage = sm_json_text(record, "stage", NULL);
    if (!stage || strcmp(stage, "judge") != 0 || kind_of(record, "index") == JV_KIND_INVALID)
        return false;
    return read_index(record, index, err) && read_order(record, reverse, err);
}

static int64_t read_tokens(jv tokens, const char *name)
{
    double number = sm_json_number(tokens, name, 0);
    return number > 0 && number < 1e15 ? (int64_t)number : 0;
}

void sm_spent_add(struct sm_spent *spent, jv record)
{
    jv tokens = sm_json_get(record, "tokens");
    double cost = sm_json_number(record, "cost", NAN);
    struct sm_usage usage = {.in = read_tokens(tokens, "in"),
                             .out = read_tokens(tokens, "out"),
                             .cached = read_tokens(tokens, "cached"),
                             .reasoning = read_tokens(tokens, "reasoning")};
    bool has = jv_get_kind(tokens) == JV_KIND_OBJECT;
    jv_free(tokens);
    if (!has)
        return;
    sm_usage_add(&spent->usage, &usage);
    spent->cost += isnan(cost) ? 0 : cost;
    spent->priced += !isnan(cost);
    spent->unpriced += isnan(cost);
}

void sm_spent_sum(struct sm_spent *sum, const struct sm_spent *part)
{
    sm_usage_add(&sum->usage, &part->usage);
    sum->cost += part->cost;
    sum->priced += part->priced;
    sum->unpriced += part->unpriced;
}

double sm_spent_cost(const struct sm_spent *spent)
{
    return spent->unpriced > 0 || spent->priced == 0 ? NAN : spent->cost;
}

double sm_health_ece(const struct sm_health *health)
{
    double sum = 0;
    for (int i = 0; i < SM_BINS; i++)
        sum += fabs(health->bins[i].p - health->bins[i].first);
    return health->forecasts ? sum / (double)health->forecasts : NAN;
}

static void health_add(struct sm_health *sum, const struct sm_health *part)
{
    for (int i = 0; i < 4; i++)
        sum->shown[i / 2][i % 2] += part->shown[i / 2][i % 2];
    sum->longer += part->longer;
    sum->longer_won += part->longer_won;
    sum->longer_pairs += part->longer_pairs;
    sum->longer_chosen += part->longer_chosen;
    sum->voted += part->voted;
    sum->vote_agreement += part->vote_agreement;
    sum->forecasts += part->forecasts;
    sum->brier += part->brier;
    for (int i = 0; i < SM_BINS; i++) {
        sum->bins[i].n += part->bins[i].n;
        sum->bins[i].p += part->bins[i].p;
        sum->bins[i].first += part->bins[i].first;
    }
}

void sm_tally_add(struct sm_tally *tally, const struct sm_tally *part)
{
    tally->n += part->n;
    tally->correct += part->correct;
    tally->ties += part->ties;
    tally->pairs += part->pairs;
    tally->unlabeled += part->unlabeled;
    tally->unparsed += part->unparsed;
    tally->truncated += part->truncated;
    tally->refused += part->refused;
    tally->failed += part->failed;
    tally->decided += part->decided;
    tally->first += part->first;
    tally->both += part->both;
    tally->agreed += part->agreed;
    tally->debiased += part->debiased;
    tally->debiased_correct += part->debiased_correct;
    tally->debiased_ties += part->debiased_ties;
    sm_spent_sum(&tally->spent, &part->spent);
    health_add(&tally->health, &part->health);
}

struct sm_scorer *sm_scorer_open(void)
{
    struct sm_scorer *scorer = sm_alloc(1, sizeof *scorer);
    scorer->indices = sm_names_open();
    return scorer;
}

void sm_scorer_close(struct sm_scorer *scorer)
{
    if (!scorer)
        return;
    sm_names_close(scorer->indices);
    free(scorer->rows);
    free(scorer);
}

static struct row *find_row(struct sm_scorer *scorer, size_t index)
{
    char name[24];
    bool known;
    snprintf(name, sizeof name, "%zu", index);
    size_t number = sm_names_add(scorer->indices, name, &known);
    if (!known) {
        scorer->rows = sm_grow(scorer->rows, number, &scorer->room, sizeof *scorer->rows);
        scorer->rows[number] = (struct row){.index = index};
    }
    return &scorer->rows[number];
}

static void count_label(struct sm_tally *tally, struct row *row, const struct sm_verdict *verdict)
{
    if (!verdict->labeled) {
        tally->unlabeled++;
        return;
    }
    tally->n++;
    tally->correct += verdict->prediction == 1;
    tally->ties += verdict->prediction == 0;
    tally->pairs += !row->scored;
    row->scored = true;
}

void sm_scorer_pair(struct sm_scorer *scorer, size_t index, size_t chosen, size_t rejected)
{
    struct row *row = find_row(scorer, index);
    row->told = true;
    row->chosen = chosen;
    row->rejected = rejected;
}

/* The chance that two votes drawn from those of a verdict are equal. */
static double agreement_of(const size_t votes[3], size_t cast)
{
    double equal = 0;
    for (int i = 0; i < 3; i++)
        equal += (double)votes[i] * ((double)votes[i] - 1);
    return equal / ((double)cast * ((double)cast - 1));
}

static void count_forecast(struct sm_health *health, double p, bool first)
{
    int bin = (int)(p * SM_BINS);
    struct sm_bin *at = &health->bins[bin < SM_BINS ? bin : SM_BINS - 1];
    health->forecasts++;
    health->brier += (p - first) * (p - first);
    at->n++;
    at->p += p;
    at->first += first;
}

static void count_health(struct sm_health *health, struct row *row,
                         const struct sm_verdict *verdict)
{
    size_t cast = verdict->votes[0] + verdict->votes[1] + verdict->votes[2];
    if (cast > 1) {
        health->voted++;
        health->vote_agreement += agreement_of(verdict->votes, cast);
    }
    if (!verdict->labeled)
        return;
    bool first = !verdict->reverse, decided = verdict->preference != SM_TIE;
    if (!isnan(verdict->p_first))
        count_forecast(health, verdict->p_first, first);
    if (decided)
        health->shown[!first][verdict->preference == SM_SECOND]++;
    if (!row->told || row->chosen == row->rejected)
        return;
    health->longer_pairs += !row->measured;
    health->longer_chosen += !row->measured && row->chosen > row->rejected;
    row->measured = true;
    health->longer += decided;
    health->longer_won += decided && (verdict->prediction == 1) == (row->chosen > row->rejected);
}

bool sm_scorer_verdict(struct sm_scorer *scorer, const struct sm_verdict *verdict)
{
    struct sm_tally *tally = &scorer->tally;
    struct row *row = find_row(scorer, verdict->index);
    if (row->state[verdict->reverse] != UNKNOWN)
        return false;
    row->state[verdict->reverse] = JUDGED;
    row->prediction[verdict->reverse] = verdict->prediction;
    count_label(tally, row, verdict);
    tally->unparsed += verdict->status == SM_STATUS_UNPARSED;
    tally->truncated += verdict->status == SM_STATUS_TRUNCATED;
    tally->refused += verdict->status == SM_STATUS_REFUSED;
    tally->decided += verdict->preference != SM_TIE;
    tally->first += verdict->preference == SM_FIRST;
    count_health(&tally->health, row, verdict);
    if (verdict->paired && verdict->labeled) {
        tally->debiased++;
        tally->debiased_correct += verdict->debiased == 1;
        tally->debiased_ties += verdict->debiased == 0;
    }
    if (row->state[!verdict->reverse] == JUDGED) {
        tally->both++;
        tally->agreed += row->prediction[0] == row->prediction[1];
    }
    return true;
}

bool sm_scorer_failed(struct sm_scorer *scorer, size_t index, bool reverse)
{
    struct row *row = find_row(scorer, index);
    if (row->state[reverse] != UNKNOWN)
        return false;
    row->state[reverse] = FAILED;
    scorer->tally.failed++;
    return true;
}

void sm_scorer_spent(struct sm_scorer *scorer, const struct sm_spent *spent)
{
    sm_spent_sum(&scorer->tally.spent, spent);
}

void sm_scorer_failed_user(struct sm_scorer *scorer)
{
    scorer->tally.failed++;
}

const struct sm_tally *sm_scorer_tally(const struct sm_scorer *scorer)
{
    return &scorer->tally;
}

static int compare_indices(const void *left, const void *right)
{
    size_t a = ((const struct sm_outcomes *)left)->index;
    size_t b = ((const struct sm_outcomes *)right)->index;
    return (a > b) - (a < b);
}

size_t sm_scorer_outcomes(const struct sm_scorer *scorer, struct sm_outcomes **list, size_t used,
                          size_t *room)
{
    size_t from = used, rows = sm_names_count(scorer->indices);
    for (size_t i = 0; i < rows; i++) {
        const struct row *row = &scorer->rows[i];
        struct sm_outcomes outcomes = {.index = row->index};
        if (!row->scored)
            continue;
        for (int k = 0; k < 2; k++)
            outcomes.prediction[k] =
                (short)(row->state[k] == JUDGED ? row->prediction[k] : SM_NO_PREDICTION);
        *list = sm_grow(*list, used, room, sizeof **list);
        (*list)[used++] = outcomes;
    }
    if (used > from)
        qsort(*list + from, used - from, sizeof **list, compare_indices);
    return used;
}
