/* covers: lib/json/record_view.c lib/json/record.c lib/json/scan.c lib/json/raw.c
 * lib/json/json.c
 *
 * A line of a stream: the view must accept, refuse and read what libjq and sm-records(5) do. The
 * rules of the page are written here a second time, over what libjq parsed. */
#include "tests/fuzz/support.h"

#include "lib/base/mem.h"
#include "lib/json/record_view.h"

#include <math.h>

static const char *const names[SM_FIELDS] = {
    "type",       "user_id", "stage",   "index",   "by",         "order",  "preference",
    "prediction", "label",   "correct", "status",  "p_first",    "votes",  "debiased",
    "uses",       "tokens",  "cost",    "context", "candidates", "chosen", "rejected",
    "first",      "second",  "split",   "flip"};

static jv_kind kind_of(jv object, const char *name)
{
    jv value = sm_json_get(object, name);
    jv_kind kind = jv_get_kind(value);
    jv_free(value);
    return kind;
}

static bool has(jv object, const char *name)
{
    return kind_of(object, name) != JV_KIND_INVALID;
}

static bool is_turn(jv value)
{
    return kind_of(value, "role") == JV_KIND_STRING && kind_of(value, "content") == JV_KIND_STRING;
}

static bool is_array(jv value)
{
    return jv_get_kind(value) == JV_KIND_ARRAY;
}

static bool is_turns(jv value)
{
    int n = is_array(value) ? jv_array_length(jv_copy(value)) : 0;
    bool ok = is_array(value);
    for (int i = 0; i < n; i++) {
        jv turn = jv_array_get(jv_copy(value), i);
        ok = ok && is_turn(turn);
        jv_free(turn);
    }
    return ok;
}

static bool is_reply(jv value)
{
    return jv_get_kind(value) == JV_KIND_STRING || is_turn(value) ||
           (jv_get_kind(value) == JV_KIND_ARRAY && is_turns(value));
}

static bool member(jv object, const char *name, bool (*is)(jv))
{
    jv value = sm_json_get(object, name);
    bool ok = is(value);
    jv_free(value);
    return ok;
}

static bool is_replies(jv value)
{
    int n = is_array(value) ? jv_array_length(jv_copy(value)) : 0;
    bool ok = n >= SM_CANDIDATES_MIN && n <= SM_CANDIDATES_MAX;
    for (int i = 0; i < n; i++) {
        jv reply = jv_array_get(jv_copy(value), i);
        ok = ok && is_reply(reply);
        jv_free(reply);
    }
    return ok;
}

static bool is_text(jv object, const char *name, const char *word)
{
    size_t len;
    const char *text = sm_json_text(object, name, &len);
    return text && len == strlen(word) && memcmp(text, word, len) == 0;
}

static bool index_ok(jv o)
{
    int64_t index;
    return !has(o, "index") || sm_json_integer(o, "index", 0, SM_INDEX_MAX, &index);
}

static bool pair_ok(jv o)
{
    bool chosen = has(o, "chosen") || has(o, "rejected") || !(has(o, "first") || has(o, "second"));
    jv_kind flip = kind_of(o, "flip");
    return member(o, "context", is_turns) && member(o, chosen ? "chosen" : "first", is_reply) &&
           member(o, chosen ? "rejected" : "second", is_reply) &&
           (!has(o, "split") || is_text(o, "split", "train") || is_text(o, "split", "val") ||
            is_text(o, "split", "test")) &&
           index_ok(o) &&
           (flip == JV_KIND_INVALID || flip == JV_KIND_TRUE || flip == JV_KIND_FALSE);
}

static bool user_ok(jv o)
{
    size_t len;
    int64_t number;
    const char *text = sm_json_text(o, "user_id", &len);
    jv_kind kind = kind_of(o, "user_id");
    return (text && strlen(text) == len) || kind == JV_KIND_NULL || kind == JV_KIND_INVALID ||
           sm_json_integer(o, "user_id", -SM_INTEGER_MAX, SM_INTEGER_MAX, &number);
}

/* Whether sm-records(5) takes the object, and of which type it is. */
static bool is_record(jv o, enum sm_type *type)
{
    bool replies = has(o, "chosen") || has(o, "rejected") || has(o, "first") || has(o, "second");
    *type = 0;
    while (*type < SM_OTHER && !is_text(o, "type", sm_type_name(*type)))
        ++*type;
    if (has(o, "context") && replies)
        *type = SM_PAIR;
    else if (!has(o, "type") && has(o, "candidates"))
        *type = SM_CANDIDATES;
    bool ok = *type == SM_CANDIDATES ? member(o, "context", is_turns) && index_ok(o) &&
                                           member(o, "candidates", is_replies)
              : *type == SM_PAIR || !has(o, "type") ? pair_ok(o)
                                                    : kind_of(o, "type") == JV_KIND_STRING;
    return ok && user_ok(o);
}

static size_t reply_length(jv reply)
{
    size_t length = 0;
    jv text = jv_get_kind(reply) == JV_KIND_OBJECT ? sm_json_get(reply, "content") : jv_copy(reply);
    if (jv_get_kind(text) == JV_KIND_STRING) {
        length = (size_t)jv_string_length_codepoints(jv_copy(text));
    } else {
        jv_array_foreach(reply, i, turn)
        {
            length += reply_length(turn);
            jv_free(turn);
        }
    }
    jv_free(text);
    return length;
}

static void compare_text(const struct sm_raw *raw, jv value)
{
    struct sm_buf text = {0};
    size_t len = (size_t)jv_string_length_bytes(jv_copy(value));
    const char *wanted = jv_string_value(value);
    bool whole = strlen(wanted) == len;
    REQUIRE(sm_raw_text(raw, &text) == whole);
    REQUIRE(!whole || (text.len == len && memcmp(sm_buf_text(&text), wanted, len) == 0));
    REQUIRE(sm_raw_length(raw) == (size_t)jv_string_length_codepoints(jv_copy(value)));
    REQUIRE(!whole || sm_raw_is(raw, wanted));
    REQUIRE(!sm_raw_is(raw, "another"));
    sm_buf_release(&text);
}

static void compare_number(const struct sm_raw *raw, jv value)
{
    double number = jv_number_value(value), read = sm_raw_number(raw, NAN);
    int64_t integer = 0, wanted = 0;
    REQUIRE(read == number && signbit(read) == signbit(number));
    REQUIRE(sm_raw_integer(raw, -SM_INTEGER_MAX, SM_INTEGER_MAX, &integer) ==
            sm_integer(number, -SM_INTEGER_MAX, SM_INTEGER_MAX, &wanted));
    REQUIRE(integer == wanted);
}

/* Whether a number in it is infinite, which libjq writes as the largest one that is not. */
static bool is_infinite(jv value)
{
    struct sm_buf written = {0};
    sm_json_value(&written, value);
    bool is = strstr(written.data, "1.7976931348623157e+308");
    sm_buf_release(&written);
    return is;
}

static void compare_members(const struct sm_record_view *view, jv object)
{
    for (int i = 0; i < SM_FIELDS; i++) {
        const struct sm_raw *raw = &view->at[i];
        jv value = sm_json_get(object, names[i]);
        jv_kind kind = jv_get_kind(value);
        REQUIRE(sm_raw_kind(raw) == kind);
        if (kind == JV_KIND_INVALID || (!view->literal && is_infinite(value))) {
            jv_free(value);
            continue;
        }
        REQUIRE(fuzz_reads_as(raw->value, raw->value_len, value));
        if (kind == JV_KIND_STRING)
            compare_text(raw, value);
        else if (kind == JV_KIND_NUMBER)
            compare_number(raw, value);
        bool reply = i >= SM_FIELD_CHOSEN && i <= SM_FIELD_SECOND && is_reply(value);
        REQUIRE(!reply || sm_reply_length(raw) == reply_length(value));
        jv_free(value);
    }
}

static void compare_user(const struct sm_record_view *view, jv object)
{
    size_t len;
    int64_t number;
    const char *text = sm_json_text(object, "user_id", &len);
    bool nobody = kind_of(object, "user_id") == JV_KIND_NULL && view->type != SM_PAIR &&
                  view->type != SM_CANDIDATES;
    REQUIRE(nobody == !view->user);
    if (text)
        REQUIRE(strcmp(view->user, text) == 0);
    else if (sm_json_integer(object, "user_id", -SM_INTEGER_MAX, SM_INTEGER_MAX, &number))
        REQUIRE(strtoll(view->user, NULL, 10) == number);
    else if (!nobody)
        REQUIRE(strcmp(view->user, "anyone") == 0);
}

/* What we write of a user is read as it was. */
static void check_written(const char *user)
{
    struct sm_buf line = {0};
    struct sm_record_view view = {0};
    struct sm_err err = {0};
    sm_err_set(&err, SM_EXIT_PARTIAL, "do it again", "it went wrong: %s", user);
    sm_record_error(&line, user, "judge", &err, 3, ",\"more\":1");
    REQUIRE(fuzz_is_line(line.data, line.len - 1) && line.data[line.len - 1] == '\n');
    REQUIRE(sm_record_view_read(&view, line.data, line.len - 1, "anyone", NULL));
    REQUIRE(view.type == SM_ERROR && strcmp(view.user, user) == 0);
    sm_record_view_release(&view);
    sm_err_clear(&err);
    sm_buf_release(&line);
}

/* To merge the same a second time changes nothing. */
static void check_merge(jv value)
{
    jv once = sm_json_merge(jv_copy(value), value);
    jv twice = sm_json_merge(jv_copy(once), value);
    REQUIRE(jv_equal(once, twice));
}

static void check_owned(const char *line, size_t len, bool ok, enum sm_type type, jv value)
{
    struct sm_record record;
    struct sm_pair pair;
    struct sm_candidates candidates;
    REQUIRE(sm_record_parse(line, len, "anyone", &record, NULL) == ok);
    REQUIRE(!ok || (record.type == type && jv_equal(jv_copy(record.value), jv_copy(value))));
    if (ok && type == SM_PAIR) {
        sm_pair_from(&record, 7, &pair);
        REQUIRE(pair.index <= SM_INDEX_MAX && pair.labeled == has(value, "chosen"));
        sm_pair_release(&pair);
    } else if (ok && type == SM_CANDIDATES) {
        sm_candidates_from(&record, 7, &candidates);
        REQUIRE(jv_get_kind(candidates.replies) == JV_KIND_ARRAY);
        sm_candidates_release(&candidates);
    }
    sm_record_release(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *line = (const char *)data;
    struct sm_record_view view = {0};
    struct sm_err err = {0};
    enum sm_type type = SM_OTHER;
    jv value = jv_invalid();
    struct sm_buf written = {0};
    bool parsed = sm_json_parse(line, size, &value, NULL);
    bool good = parsed && jv_get_kind(value) == JV_KIND_OBJECT && is_record(value, &type);
    bool ok = sm_record_view_read(&view, line, size, "anyone", &err);
    REQUIRE(ok == good);
    REQUIRE(ok == !err.message);
    REQUIRE(!ok || view.type == type);
    if (ok) {
        compare_members(&view, value);
        compare_user(&view, value);
        if (view.user)
            check_written(view.user);
    }
    REQUIRE(!ok || !fuzz_is_json(line, size, 60) || view.literal);
    check_owned(line, size, ok, type, value);
    if (parsed) {
        check_merge(value);
        sm_json_value(&written, value);
        REQUIRE(fuzz_is_line(written.data, written.len));
        REQUIRE(is_infinite(value) || fuzz_reads_as(written.data, written.len, value));
    }
    sm_buf_release(&written);
    jv_free(value);
    sm_err_clear(&err);
    sm_record_view_release(&view);
    return 0;
}
