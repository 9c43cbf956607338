#include "cmd/export/records.h"

#include "cmd/export/select.h"

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
    jv text = jv_dump_string(value, flags);
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

/* A pair that the program fails on is reported; the others go on. */
static void write_row(struct exporter *e, const struct sm_user *user, const struct sm_pair *pair,
                      jv system, struct sm_buf *out)
{
    struct sm_err err = {0};
    jv input = with(jv_object(), "system", jv_copy(system));
    input = with(input, "context", jv_copy(pair->context));
    input = with(input, "chosen", jv_copy(pair->chosen));
    input = with(input, "rejected", jv_copy(pair->rejected));
    input = with(input, "user_id", jv_string(user->id));
    input = with(input, "index", jv_number((double)pair->index));
    jv row = run_program(e->jq, input, "it is left out", &err);
    if (jv_is_valid(row)) {
        write_json(row, 0, out);
    } else {
        sm_err_prefix(&err, "user %s: pair %zu", user->id, pair->index);
        app_fail(e->app, &err);
    }
}

bool export_training_rows(struct exporter *e, const struct sm_user *user,
                          const struct export_learned *learned, struct sm_buf *out,
                          struct sm_err *err)
{
    jv system;
    size_t taken = 0, unlabeled = 0;
    if (!learned->persona && !e->set.no_persona)
        return no_persona("run sm-persona first, or give --no-persona", err);
    bool ok = write_system(e, learned, &system, err);
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
