#include "record.h"

#include "json.h"
#include "mem.h"

#include <math.h>

#define INTEGER_MAX 9007199254740991.0 /* above, different integers are the same double */

static const char *const type_names[] = {
    [SM_PAIR] = "pair",       [SM_TRACE] = "trace",
    [SM_SCORE] = "score",     [SM_DEMOS] = "demos",
    [SM_PERSONA] = "persona", [SM_VERDICT] = "verdict",
    [SM_RESULT] = "result",   [SM_COMPARISON] = "comparison",
    [SM_ERROR] = "error",     [SM_PENDING] = "pending",
    [SM_RUN] = "run",         [SM_OTHER] = "other",
};

static const char *const split_names[] = {NULL, "train", "val", "test"};

const char *sm_type_name(enum sm_type type)
{
    return type_names[type];
}

const char *sm_split_name(enum sm_split split)
{
    return split_names[split];
}

static enum sm_type type_of(const char *name)
{
    for (enum sm_type type = 0; type < SM_OTHER; type++) {
        if (strcmp(name, type_names[type]) == 0)
            return type;
    }
    return SM_OTHER;
}

static bool has(jv object, const char *name)
{
    jv value = sm_json_get(object, name);
    bool there = jv_is_valid(value);
    jv_free(value);
    return there;
}

static bool wrong(struct sm_err *err, const char *field, const char *expected)
{
    return sm_err_set(err, SM_EXIT_INPUT, "see sm-records(5) for the fields of a record", "`%s` %s",
                      field, expected);
}

static bool turn_ok(jv turn)
{
    return sm_json_text(turn, "role", NULL) && sm_json_text(turn, "content", NULL);
}

static bool turns_ok(jv list)
{
    int n = jv_array_length(jv_copy(list));
    bool ok = true;
    for (int i = 0; ok && i < n; i++) {
        jv turn = jv_array_get(jv_copy(list), i);
        ok = turn_ok(turn);
        jv_free(turn);
    }
    return ok;
}

static bool check_context(jv object, struct sm_err *err)
{
    jv context = sm_json_get(object, "context");
    bool ok = jv_get_kind(context) == JV_KIND_ARRAY && turns_ok(context);
    jv_free(context);
    return ok || wrong(err, "context",
                       "is not a list of turns, each with a string `role` and a string `content`");
}

static bool check_reply(jv object, const char *name, struct sm_err *err)
{
    jv reply = sm_json_get(object, name);
    jv_kind kind = jv_get_kind(reply);
    bool there = jv_is_valid(reply);
    bool ok = kind == JV_KIND_STRING || (kind == JV_KIND_OBJECT && turn_ok(reply)) ||
              (kind == JV_KIND_ARRAY && turns_ok(reply));
    jv_free(reply);
    if (!there)
        return wrong(err, name, "is missing from this pair");
    return ok || wrong(err, name, "is not a turn {role, content}, a list of turns or a string");
}

/* True when the member is missing, or of one of the strings in `words` (a NULL-ended list). */
static bool word_ok(jv object, const char *name, const char *const *words)
{
    if (!has(object, name))
        return true;
    const char *text = sm_json_text(object, name, NULL);
    for (size_t i = 0; text && words[i]; i++) {
        if (strcmp(text, words[i]) == 0)
            return true;
    }
    return false;
}

static bool check_pair(jv object, struct sm_err *err)
{
    bool labeled = has(object, "chosen") || has(object, "rejected") ||
                   !(has(object, "first") || has(object, "second"));
    if (!check_context(object, err) || !check_reply(object, labeled ? "chosen" : "first", err) ||
        !check_reply(object, labeled ? "rejected" : "second", err))
        return false;
    if (!word_ok(object, "split", (const char *const[]){"train", "val", "test", NULL}))
        return wrong(err, "split", "is not \"train\", \"val\" or \"test\"");
    double index = sm_json_number(object, "index", has(object, "index") ? -1 : 0);
    if (index < 0 || index > 1e9 || index != floor(index))
        return wrong(err, "index", "is not a whole number from 0");
    if (has(object, "flip") &&
        sm_json_bool(object, "flip", true) != sm_json_bool(object, "flip", false))
        return wrong(err, "flip", "is not true or false");
    return true;
}

static bool read_user(jv object, const char *default_user, char **user, struct sm_err *err)
{
    jv id = sm_json_get(object, "user_id");
    jv_kind kind = jv_get_kind(id);
    double number = kind == JV_KIND_NUMBER ? jv_number_value(id) : 0.5;
    bool ok = true;
    *user = NULL;
    if (kind == JV_KIND_STRING) {
        size_t len = (size_t)jv_string_length_bytes(jv_copy(id));
        if (strlen(jv_string_value(id)) == len)
            *user = sm_strdup(jv_string_value(id));
        else
            ok = wrong(err, "user_id", "holds a NUL character");
    } else if (number == floor(number) && fabs(number) <= INTEGER_MAX) {
        struct sm_buf text = {0};
        sm_buf_printf(&text, "%.0f", number + 0.0); /* -0 is 0 */
        *user = sm_buf_take(&text);
    } else if (kind == JV_KIND_INVALID) {
        *user = sm_strdup(default_user);
    } else if (kind != JV_KIND_NULL) {
        ok = wrong(err, "user_id", "is neither a string nor an integer nor null");
    }
    jv_free(id);
    return ok;
}

static bool classify(struct sm_record *record, struct sm_err *err)
{
    jv object = record->value;
    bool replies = has(object, "chosen") || has(object, "rejected") || has(object, "first") ||
                   has(object, "second");
    bool typed = has(object, "type");
    const char *type = sm_json_text(object, "type", NULL);
    record->type = type ? type_of(type) : SM_OTHER;
    if (has(object, "context") && replies)
        record->type = SM_PAIR;
    if (record->type == SM_PAIR || !typed)
        return check_pair(object, err);
    return type || wrong(err, "type", "is not a string");
}

bool sm_demos_for_judge(const char *stage)
{
    return stage && (strcmp(stage, "demosearch") == 0 || strcmp(stage, "import") == 0);
}

bool sm_record_parse(const char *line, size_t len, const char *default_user,
                     struct sm_record *record, struct sm_err *err)
{
    *record = (struct sm_record){.value = jv_invalid()};
    jv value;
    if (!sm_json_parse(line, len, &value, err))
        return false;
    if (jv_get_kind(value) != JV_KIND_OBJECT) {
        jv_free(value);
        return sm_err_set(err, SM_EXIT_INPUT, "write one JSON object a line", "not a JSON object");
    }
    record->value = value;
    bool ok = classify(record, err) && read_user(value, default_user, &record->user, err);
    if (ok && record->type == SM_PAIR && !record->user)
        record->user = sm_strdup(default_user);
    if (!ok)
        sm_record_release(record);
    return ok;
}

void sm_record_release(struct sm_record *record)
{
    jv_free(record->value);
    free(record->user);
    *record = (struct sm_record){.value = jv_invalid()};
}

void sm_pair_from(const struct sm_record *record, size_t index, struct sm_pair *pair)
{
    jv object = record->value;
    const char *split = sm_json_text(object, "split", NULL);
    *pair = (struct sm_pair){
        .index = (size_t)sm_json_number(object, "index", (double)index),
        .labeled = has(object, "chosen"),
        .has_flip = has(object, "flip"),
        .flip = sm_json_bool(object, "flip", true),
        .context = sm_json_get(object, "context"),
    };
    pair->chosen = sm_json_get(object, pair->labeled ? "chosen" : "first");
    pair->rejected = sm_json_get(object, pair->labeled ? "rejected" : "second");
    for (enum sm_split s = SM_SPLIT_TRAIN; split && s <= SM_SPLIT_TEST; s++) {
        if (strcmp(split, split_names[s]) == 0)
            pair->split = s;
    }
}

void sm_pair_release(struct sm_pair *pair)
{
    jv_free(pair->context);
    jv_free(pair->chosen);
    jv_free(pair->rejected);
}

void sm_record_open(struct sm_buf *out, enum sm_type type, const char *user)
{
    sm_buf_printf(out, "{\"type\":\"%s\",\"user_id\":", sm_type_name(type));
    sm_json_cstring(out, user);
}

void sm_record_error(struct sm_buf *out, const char *user, const char *stage,
                     const struct sm_err *err, unsigned tried, const char *extra)
{
    sm_record_open(out, SM_ERROR, user);
    sm_buf_str(out, ",\"stage\":");
    sm_json_cstring(out, stage);
    if (extra)
        sm_buf_str(out, extra);
    sm_buf_str(out, ",\"message\":");
    sm_json_cstring(out, err->message);
    if (tried)
        sm_buf_printf(out, ",\"tried\":%u", tried);
    if (err->remedy) {
        sm_buf_str(out, ",\"remedy\":");
        sm_json_cstring(out, err->remedy);
    }
    sm_buf_str(out, "}\n");
}
