#include "cmd/export/records.h"

#include "cmd/export/select.h"
#include "cmd/export/valued.h"

#include "lib/json/jq_program.h"
#include "lib/json/json.h"

static jv with(jv object, const char *name, jv value)
{
    return jv_object_set(object, jv_string(name), jv_is_valid(value) ? value : jv_null());
}

/* The first result for `input` (consumed); invalid, with `err` filled, if it cannot be used. */
static jv run_program(jq_state *jq, jv input, const char *remedy, struct sm_err *err)
{
    jq_start(jq, input, 0);
    jv value = jq_next(jq);
    if (jv_is_valid(value))
        return value;
    char *said = sm_jq_error(value);
    sm_err_set(err, SM_EXIT_PARTIAL, remedy, "%.300s", said ? said : "no result");
    free(said);
    return jv_invalid();
}

/* The pair that the example was made from; null if it is not there. */
static jv pair_of(const struct sm_user *user, jv demo)
{
    double index = sm_json_number(demo, "index", -1);
    for (size_t i = 0; i < user->pair_count; i++) {
        if ((double)user->pairs[i].index == index)
            return jv_copy(user->pairs[i].record);
    }
    return jv_null();
}

/* [{demo, pair}, …]. An index means a pair of the input only for examples that were found in this
 * very input, not with -m and not for imported ones: then the pair is null. */
static jv with_pairs(const struct exporter *e, const struct sm_user *user, jv record)
{
    const char *stage = sm_json_text(record, "stage", NULL);
    bool own = !e->learned && stage && strcmp(stage, "demosearch") == 0;
    jv list = sm_json_get(record, "demos"), all = jv_array();
    int n = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(list)) : 0;
    for (int i = 0; i < n; i++) {
        jv demo = jv_array_get(jv_copy(list), i);
        jv pair = own ? pair_of(user, demo) : jv_null();
        all = jv_array_append(all, with(with(jv_object(), "demo", demo), "pair", pair));
    }
    jv_free(list);
    return all;
}

static void write_json(jv value, int flags, struct sm_buf *out)
{
    jv text = jv_dump_string(sm_json_doubles(value), flags);
    sm_buf_add(out, jv_string_value(text), (size_t)jv_string_length_bytes(jv_copy(text)));
    sm_buf_char(out, '\n');
    jv_free(text);
}

static bool no_persona(const char *otherwise, struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_PARTIAL, otherwise, "no persona");
}

bool export_saved_user(struct exporter *e, const struct sm_user *user,
                       const struct export_learned *learned, struct sm_buf *out, struct sm_err *err)
{
    struct sm_buf state = {0};
    (void)out;
    if (!learned->persona)
        return no_persona("run sm-persona first: a saved user has one", err);
    jv input = with(jv_object(), "user_id", jv_string(user->id));
    input = with(input, "persona", jv_string_sized(learned->persona, (int)learned->persona_len));
    input = with(input, "demos", with_pairs(e, user, learned->demos));
    input = with(input, "saved", sm_json_get(learned->demos, "saved"));
    jv value = run_program(e->jq, input, "mend the user's `demos` record", err);
    bool ok = jv_is_valid(value);
    if (ok)
        write_json(value, JV_PRINT_PRETTY | JV_PRINT_INDENT_FLAGS(2), &state);
    ok = ok && saver_write(e->saver, user->id, &state, learned->persona, learned->persona_len, err);
    e->saved += ok;
    e->broken = err->code == SM_EXIT_INPUT;
    sm_buf_release(&state);
    return ok;
}

/* The messages before the conversation; none without a persona. False: the prompt program fails. */
static bool write_system(struct exporter *e, const struct export_learned *learned, jv *system,
                         struct sm_err *err)
{
    struct sm_buf messages = {0};
    *system = jv_array();
    if (!learned->persona)
        return true;
    sm_buf_char(&messages, '[');
    bool ok = sm_prompts_messages(e->client.prompts, "generation", "system",
                                  with(jv_object(), "persona", jv_string(learned->persona)),
                                  &messages, err);
    sm_buf_char(&messages, ']');
    jv_free(*system);
    *system = jv_invalid();
    ok = ok && sm_json_parse(messages.data, messages.len, system, err);
    sm_buf_release(&messages);
    return ok;
}

/* What the program makes of `input` (consumed), as a line. False: it fails, which `err` says. */
static bool write_line(struct exporter *e, jv input, struct sm_buf *out, struct sm_err *err)
{
    jv line = run_program(e->jq, input, "it is left out", err);
    bool ok = jv_is_valid(line);
    if (ok)
        write_json(line, 0, out);
    return ok;
}

/* A pair or object that the program fails on is reported; the others go on. */
static void report_part(const struct exporter *e, const struct sm_user *user, const char *what,
                        size_t index, struct sm_err *err)
{
    sm_err_prefix(err, "user %s: %s %zu", user->id, what, index);
    app_fail(e->app, err);
}

static void write_row(struct exporter *e, const struct sm_user *user, const struct sm_pair *pair,
                      jv system, struct sm_buf *out)
{
    struct sm_err err = {0};
    jv verdict = export_valued(user->verdicts, pair->index);
    jv input = with(jv_object(), "system", jv_copy(system));
    input = with(input, "context", jv_copy(pair->context));
    input = with(input, "chosen", jv_copy(pair->chosen));
    input = with(input, "rejected", jv_copy(pair->rejected));
    input = with(input, "user_id", jv_string(user->id));
    input = with(input, "index", jv_number((double)pair->index));
    input = with(input, "rewards", sm_json_get(verdict, "rewards"));
    if (!write_line(e, input, out, &err))
        report_part(e, user, "pair", pair->index, &err);
    jv_free(verdict);
}

bool export_training_rows(struct exporter *e, const struct sm_user *user,
                          const struct export_learned *learned, struct sm_buf *out,
                          struct sm_err *err)
{
    jv system;
    size_t taken = 0, unlabeled = 0;
    if (!learned->persona && !e->set.no_persona)
        return no_persona("run sm-persona first, or give --no-persona", err);
    bool ok = write_system(e, learned, &system, err) && export_check_valued(user, err);
    for (size_t i = 0; ok && i < user->pair_count; i++) {
        const struct sm_pair *pair = &user->pairs[i];
        if (!export_takes(e, pair, &unlabeled))
            continue;
        taken++;
        write_row(e, user, pair, system, out);
    }
    jv_free(system);
    if (ok)
        export_note_left_out(e, user, taken, unlabeled);
    return ok;
}

/* A reply and what it is worth, without them: `source` is the member of the record that it is. */
static jv reward_input(const struct sm_user *user, size_t index, const char *source, jv context)
{
    jv input = with(jv_object(), "user_id", jv_string(user->id));
    input = with(input, "index", jv_number((double)index));
    input = with(input, "source", jv_string(source));
    return with(input, "context", jv_copy(context));
}

static bool write_pair_rewards(struct exporter *e, const struct sm_user *user,
                               const struct sm_pair *pair, jv verdict, struct sm_buf *out,
                               struct sm_err *err)
{
    const char *const names[] = {pair->labeled ? "chosen" : "first",
                                 pair->labeled ? "rejected" : "second"};
    jv rewards = sm_json_get(verdict, "rewards"), tokens = sm_json_get(verdict, "reply_tokens");
    bool ok = true;
    for (int i = 0; ok && i < 2; i++) {
        jv input = reward_input(user, pair->index, names[i], pair->context);
        input = with(input, "reply", jv_copy(i == 0 ? pair->chosen : pair->rejected));
        input = with(input, "reward", sm_json_get(rewards, names[i]));
        input = with(input, "tokens", sm_json_get(tokens, names[i]));
        ok = write_line(e, input, out, err);
    }
    jv_free(rewards);
    jv_free(tokens);
    return ok;
}

/* An item of a list (consumed); invalid if it is no list or has none there. */
static jv item(jv list, int i)
{
    if (jv_get_kind(list) == JV_KIND_ARRAY)
        return jv_array_get(list, i);
    jv_free(list);
    return jv_invalid();
}

static bool write_candidate_rewards(struct exporter *e, const struct sm_user *user,
                                    const struct sm_candidates *candidates, jv ranking,
                                    struct sm_buf *out, struct sm_err *err)
{
    int n = jv_array_length(jv_copy(candidates->replies));
    bool ok = sm_json_number(ranking, "n", n) == n ||
              sm_err_set(err, SM_EXIT_PARTIAL, "rank them again",
                         "the ranking is of another number of candidates");
    for (int i = 0; ok && i < n; i++) {
        jv input = reward_input(user, candidates->index, "candidate", candidates->context);
        input = with(input, "reply", item(jv_copy(candidates->replies), i));
        input = with(input, "reward", item(sm_json_get(ranking, "rewards"), i));
        input = with(input, "tokens", item(sm_json_get(ranking, "reply_tokens"), i));
        ok = write_line(e, input, out, err);
    }
    return ok;
}

/* Of a pair or object all lines are written, or none, if it fails. */
static void end_part(const struct exporter *e, const struct sm_user *user, const char *what,
                     size_t index, struct sm_buf *lines, struct sm_buf *out, struct sm_err *err)
{
    if (err->message)
        report_part(e, user, what, index, err);
    else
        sm_buf_add(out, sm_buf_text(lines), lines->len);
    sm_buf_release(lines);
}

static bool write_valued_pair(struct exporter *e, const struct sm_user *user,
                              const struct sm_pair *pair, struct sm_buf *out)
{
    struct sm_buf lines = {0};
    struct sm_err err = {0};
    size_t unlabeled = 0;
    jv verdict = export_valued(user->verdicts, pair->index);
    bool taken = jv_is_valid(verdict) && export_takes(e, pair, &unlabeled);
    if (taken)
        write_pair_rewards(e, user, pair, verdict, &lines, &err);
    end_part(e, user, "pair", pair->index, &lines, out, &err);
    jv_free(verdict);
    return taken;
}

static bool write_valued_candidates(struct exporter *e, const struct sm_user *user,
                                    const struct sm_candidates *candidates, struct sm_buf *out)
{
    struct sm_buf lines = {0};
    struct sm_err err = {0};
    jv ranking = export_valued(user->rankings, candidates->index);
    bool taken = jv_is_valid(ranking);
    if (taken)
        write_candidate_rewards(e, user, candidates, ranking, &lines, &err);
    end_part(e, user, "candidates", candidates->index, &lines, out, &err);
    jv_free(ranking);
    return taken;
}

bool export_reward_lines(struct exporter *e, const struct sm_user *user,
                         const struct export_learned *learned, struct sm_buf *out,
                         struct sm_err *err)
{
    size_t taken = 0;
    (void)learned;
    if (!export_check_valued(user, err))
        return false;
    for (size_t i = 0; i < user->pair_count; i++)
        taken += write_valued_pair(e, user, &user->pairs[i], out);
    for (size_t i = 0; i < user->candidate_count; i++)
        taken += write_valued_candidates(e, user, &user->candidates[i], out);
    export_note_valued(e, user, taken);
    return true;
}
