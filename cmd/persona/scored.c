#include "cmd/persona/scored.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/judge/judge.h"
#include "lib/judge/rubric.h"

bool scored_takes(const struct sm_pair *pair)
{
    return pair->labeled && !sm_pair_is_judged(pair);
}

static void fail(struct scored *scored, const struct sm_err *err, unsigned tried)
{
    if (!scored->failed)
        sm_err_set(&scored->why, err->code, err->remedy, "%s", err->message);
    scored->failed = true;
    scored->tried = tried;
}

static void take_outcome(void *arg, const struct sm_outcome *outcome)
{
    struct scored_pair *pair = arg;
    struct scored *scored = pair->scored;
    bool chosen_first = pair->pair->flip;
    if (outcome->error && outcome->error->code == SM_EXIT_PENDING) {
        scored->pending++;
    } else if (outcome->error) {
        fail(scored, outcome->error, outcome->tried);
    } else {
        pair->read = sm_rubric_scores(outcome->value, scored->criteria_count,
                                      chosen_first ? pair->chosen : pair->rejected,
                                      chosen_first ? pair->rejected : pair->chosen);
        sm_usage_add(&scored->usage, &outcome->usage);
        scored->ms += outcome->ms;
    }
    if (--scored->under_way == 0)
        scored->done(scored->arg);
}

static void add_pairs(struct scored *scored, const struct sm_user *user)
{
    scored->pairs = sm_alloc(user->pair_count, sizeof *scored->pairs);
    for (size_t i = 0; i < user->pair_count; i++) {
        if (scored_takes(&user->pairs[i]))
            scored->pairs[scored->count++] =
                (struct scored_pair){.scored = scored, .pair = &user->pairs[i]};
    }
}

bool scored_ask(struct scored *scored, const struct sm_asker *asker, const struct sm_user *user)
{
    struct sm_buf head = {0}, *messages = NULL;
    struct sm_err err = {0};
    add_pairs(scored, user);
    messages = sm_alloc(scored->count, sizeof *messages);
    bool ok = sm_rubric_head(asker->prompts, scored->criteria, &head, &err);
    for (size_t i = 0; ok && i < scored->count; i++)
        ok = sm_rubric_messages(asker->prompts, &head, scored->pairs[i].pair,
                                scored->pairs[i].pair->flip, &messages[i], &err);
    for (size_t i = 0; i < scored->count; i++) {
        if (ok) {
            scored->under_way++;
            sm_rubric_ask(asker, scored->criteria, sm_buf_take(&messages[i]), 0, take_outcome,
                          &scored->pairs[i]);
        }
        sm_buf_release(&messages[i]);
    }
    if (!ok)
        fail(scored, &err, 0);
    free(messages);
    sm_buf_release(&head);
    sm_err_clear(&err);
    return scored->under_way > 0;
}

void scored_release(struct scored *scored)
{
    jv_free(scored->criteria);
    free(scored->pairs);
    sm_err_clear(&scored->why);
}

/* Fits the weights to the pairs that could be read; *n is their number. */
static struct sm_weights fit(const struct scored *scored, size_t *n)
{
    size_t k = scored->criteria_count;
    double *differences = sm_alloc(scored->count * k, sizeof *differences);
    *n = 0;
    for (size_t i = 0; i < scored->count; i++) {
        const struct scored_pair *pair = &scored->pairs[i];
        for (size_t j = 0; pair->read && j < k; j++)
            differences[*n * k + j] = pair->chosen[j] - pair->rejected[j];
        *n += pair->read;
    }
    struct sm_weights weights = sm_weights_fit(differences, *n, scored->stated, k);
    free(differences);
    return weights;
}

static void write_criteria(const struct scored *scored, const struct sm_weights *weights,
                           struct sm_buf *out)
{
    sm_buf_str(out, ",\"criteria\":[");
    for (size_t k = 0; k < scored->criteria_count; k++) {
        jv item = jv_array_get(jv_copy(scored->criteria), (int)k);
        jv name = sm_json_get(item, "name"), description = sm_json_get(item, "description");
        sm_buf_str(out, k ? ",{\"name\":" : "{\"name\":");
        sm_json_value(out, name);
        sm_buf_str(out, ",\"description\":");
        sm_json_value(out, description);
        sm_buf_printf(out, ",\"weight\":%.6g,\"stated\":%.6g}", weights->at[k], scored->stated[k]);
        jv_free(name);
        jv_free(description);
        jv_free(item);
    }
    sm_buf_char(out, ']');
}

static void write_numbers(const char *name, const double *numbers, size_t count, struct sm_buf *out)
{
    sm_buf_printf(out, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++)
        sm_buf_printf(out, "%s%.6g", i ? "," : "", numbers[i]);
    sm_buf_char(out, ']');
}

void scored_write(const struct scored *scored, struct sm_buf *out)
{
    size_t n, correct = 0, k = scored->criteria_count;
    struct sm_weights weights = fit(scored, &n);
    for (size_t i = 0; i < scored->count; i++) {
        const struct scored_pair *pair = &scored->pairs[i];
        correct += pair->read && sm_weights_prefer(weights.at, pair->chosen, pair->rejected, k) > 0;
    }
    write_criteria(scored, &weights, out);
    sm_buf_printf(out, ",\"fit\":{\"n\":%zu,\"correct\":%zu,\"unread\":%zu,\"lambda\":%g", n,
                  correct, scored->count - n, SM_WEIGHTS_LAMBDA);
    if (weights.scale > 0)
        sm_buf_printf(out, ",\"scale\":%.6g", weights.scale);
    sm_buf_str(out, ",\"scores\":[");
    for (size_t i = 0, written = 0; i < scored->count; i++) {
        const struct scored_pair *pair = &scored->pairs[i];
        if (!pair->read)
            continue;
        sm_buf_printf(out, "%s{\"index\":%zu", written++ ? "," : "", pair->pair->index);
        write_numbers("chosen", pair->chosen, k, out);
        write_numbers("rejected", pair->rejected, k, out);
        sm_buf_char(out, '}');
    }
    sm_buf_str(out, "]}");
}
