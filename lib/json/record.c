#include "lib/json/record.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/json/record_view.h"

static bool has(jv object, const char *name)
{
    jv value = sm_json_get(object, name);
    bool there = jv_is_valid(value);
    jv_free(value);
    return there;
}

bool sm_record_parse(const char *line, size_t len, const char *default_user,
                     struct sm_record *record, struct sm_err *err)
{
    struct sm_record_view view = {0};
    *record = (struct sm_record){.value = jv_invalid()};
    bool ok = sm_record_view_read(&view, line, len, default_user, err) &&
              sm_json_parse(line, len, &record->value, err);
    if (ok) {
        record->type = view.type;
        record->user = view.user ? sm_strdup(view.user) : NULL;
    }
    sm_record_view_release(&view);
    return ok;
}

void sm_record_release(struct sm_record *record)
{
    jv_free(record->value);
    free(record->user);
    *record = (struct sm_record){.value = jv_invalid()};
}

/* The record's `index`, which sm_record_parse() has checked. */
static size_t index_of(const struct sm_record *record, size_t missing)
{
    int64_t index = (int64_t)missing;
    sm_json_integer(record->value, "index", 0, SM_INDEX_MAX, &index);
    return (size_t)index;
}

void sm_pair_from(const struct sm_record *record, size_t index, struct sm_pair *pair)
{
    jv object = record->value;
    const char *split = sm_json_text(object, "split", NULL);
    *pair = (struct sm_pair){
        .index = index_of(record, index),
        .labeled = has(object, "chosen"),
        .has_flip = has(object, "flip"),
        .flip = sm_json_bool(object, "flip", true),
        .context = sm_json_get(object, "context"),
        .record = jv_copy(object),
    };
    pair->chosen = sm_json_get(object, pair->labeled ? "chosen" : "first");
    pair->rejected = sm_json_get(object, pair->labeled ? "rejected" : "second");
    for (enum sm_split s = SM_SPLIT_TRAIN; split && s <= SM_SPLIT_TEST; s++) {
        if (strcmp(split, sm_split_name(s)) == 0)
            pair->split = s;
    }
}

void sm_pair_release(struct sm_pair *pair)
{
    jv_free(pair->context);
    jv_free(pair->chosen);
    jv_free(pair->rejected);
    jv_free(pair->record);
}

void sm_candidates_from(const struct sm_record *record, size_t index,
                        struct sm_candidates *candidates)
{
    *candidates = (struct sm_candidates){
        .index = index_of(record, index),
        .context = sm_json_get(record->value, "context"),
        .replies = sm_json_get(record->value, "candidates"),
    };
}

void sm_candidates_release(struct sm_candidates *candidates)
{
    jv_free(candidates->context);
    jv_free(candidates->replies);
}

void sm_record_open(struct sm_buf *out, enum sm_type type, const char *user)
{
    sm_buf_printf(out, "{\"type\":\"%s\",\"user_id\":", sm_type_name(type));
    sm_json_cstring(out, user);
}

void sm_record_tokens(struct sm_buf *out, const struct sm_usage *usage)
{
    sm_buf_printf(out, ",\"tokens\":{\"in\":%lld,\"out\":%lld,\"cached\":%lld,\"reasoning\":%lld",
                  (long long)usage->in, (long long)usage->out, (long long)usage->cached,
                  (long long)usage->reasoning);
    if (usage->untold)
        sm_buf_printf(out, ",\"untold\":%lld", (long long)usage->untold);
    sm_buf_char(out, '}');
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
