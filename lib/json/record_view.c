#include "lib/json/record_view.h"

#include "lib/base/mem.h"
#include "lib/json/scan.h"
#include "lib/json/two_replies.h"

#include <stdint.h>

/* In the order in which sm-judge writes them, since a scan is fastest in the order of the text. */
static const struct sm_member_name field_names[SM_FIELDS] = {
    [SM_FIELD_TYPE] = SM_MEMBER_NAME("type"),
    [SM_FIELD_USER] = SM_MEMBER_NAME("user_id"),
    [SM_FIELD_STAGE] = SM_MEMBER_NAME("stage"),
    [SM_FIELD_INDEX] = SM_MEMBER_NAME("index"),
    [SM_FIELD_BY] = SM_MEMBER_NAME("by"),
    [SM_FIELD_ORDER] = SM_MEMBER_NAME("order"),
    [SM_FIELD_PREFERENCE] = SM_MEMBER_NAME("preference"),
    [SM_FIELD_PREDICTION] = SM_MEMBER_NAME("prediction"),
    [SM_FIELD_LABEL] = SM_MEMBER_NAME("label"),
    [SM_FIELD_CORRECT] = SM_MEMBER_NAME("correct"),
    [SM_FIELD_STATUS] = SM_MEMBER_NAME("status"),
    [SM_FIELD_P_FIRST] = SM_MEMBER_NAME("p_first"),
    [SM_FIELD_VOTES] = SM_MEMBER_NAME("votes"),
    [SM_FIELD_DEBIASED] = SM_MEMBER_NAME("debiased"),
    [SM_FIELD_USES] = SM_MEMBER_NAME("uses"),
    [SM_FIELD_TOKENS] = SM_MEMBER_NAME("tokens"),
    [SM_FIELD_COST] = SM_MEMBER_NAME("cost"),
    [SM_FIELD_CONTEXT] = SM_MEMBER_NAME("context"),
    [SM_FIELD_CANDIDATES] = SM_MEMBER_NAME("candidates"),
    [SM_FIELD_CHOSEN] = SM_MEMBER_NAME("chosen"),
    [SM_FIELD_REJECTED] = SM_MEMBER_NAME("rejected"),
    [SM_FIELD_FIRST] = SM_MEMBER_NAME("first"),
    [SM_FIELD_SECOND] = SM_MEMBER_NAME("second"),
    [SM_FIELD_SPLIT] = SM_MEMBER_NAME("split"),
    [SM_FIELD_FLIP] = SM_MEMBER_NAME("flip"),
};

static bool has(const struct sm_record_view *view, enum sm_field field)
{
    return view->at[field].value;
}

static bool wrong(struct sm_err *err, enum sm_field field, const char *expected)
{
    return sm_err_set(err, SM_EXIT_INPUT, "see sm-records(5) for the fields of a record", "`%s` %s",
                      field_names[field].text, expected);
}

enum { ROLE, CONTENT, TURN_MEMBERS };

static void read_turn(const struct sm_raw *turn, struct sm_raw found[TURN_MEMBERS])
{
    static const struct sm_member_name names[TURN_MEMBERS] = {SM_MEMBER_NAME("role"),
                                                              SM_MEMBER_NAME("content")};
    sm_scan_nested(turn, names, TURN_MEMBERS, found);
}

static bool turn_ok(const struct sm_raw *turn)
{
    struct sm_raw found[TURN_MEMBERS];
    if (sm_raw_kind(turn) != JV_KIND_OBJECT)
        return false;
    read_turn(turn, found);
    return sm_raw_kind(&found[ROLE]) == JV_KIND_STRING &&
           sm_raw_kind(&found[CONTENT]) == JV_KIND_STRING;
}

static bool turns_ok(const struct sm_raw *list)
{
    const char *at = list->value, *end = at + list->value_len;
    struct sm_raw turn;
    while (sm_raw_next_item(&at, end, &turn)) {
        if (!turn_ok(&turn))
            return false;
    }
    return true;
}

size_t sm_reply_length(const struct sm_raw *reply)
{
    struct sm_raw found[TURN_MEMBERS], turn;
    const char *at = reply->value, *end = at + reply->value_len;
    size_t length = 0;
    switch (sm_raw_kind(reply)) {
    case JV_KIND_STRING:
        return sm_raw_length(reply);
    case JV_KIND_OBJECT:
        read_turn(reply, found);
        return sm_raw_length(&found[CONTENT]);
    default:
        while (sm_raw_next_item(&at, end, &turn))
            length += sm_reply_length(&turn);
        return length;
    }
}

#define REPLY_EXPECTED "is not a turn {role, content}, a list of turns or a string"

static bool reply_ok(const struct sm_raw *reply)
{
    jv_kind kind = sm_raw_kind(reply);
    return kind == JV_KIND_STRING || (kind == JV_KIND_OBJECT && turn_ok(reply)) ||
           (kind == JV_KIND_ARRAY && turns_ok(reply));
}

static bool check_reply(const struct sm_record_view *view, enum sm_field field, struct sm_err *err)
{
    if (!has(view, field))
        return wrong(err, field, "is missing from this pair");
    return reply_ok(&view->at[field]) || wrong(err, field, REPLY_EXPECTED);
}

static bool check_context(const struct sm_record_view *view, struct sm_err *err)
{
    const struct sm_raw *context = &view->at[SM_FIELD_CONTEXT];
    return (sm_raw_kind(context) == JV_KIND_ARRAY && turns_ok(context)) ||
           sm_err_set(err, SM_EXIT_INPUT,
                      "see sm-records(5) for the fields of a record, or let sm-import read "
                      "another form",
                      "`context` %s",
                      has(view, SM_FIELD_CONTEXT)
                          ? "is not a list of turns, each with a string `role` and a string "
                            "`content`"
                          : "is missing");
}

static bool check_index(const struct sm_record_view *view, struct sm_err *err)
{
    int64_t index;
    return !has(view, SM_FIELD_INDEX) ||
           sm_raw_integer(&view->at[SM_FIELD_INDEX], 0, SM_INDEX_MAX, &index) ||
           wrong(err, SM_FIELD_INDEX, "is not a whole number from 0");
}

static bool check_pair(const struct sm_record_view *view, struct sm_err *err)
{
    static const char *const splits[] = {"train", "val", "test"};
    bool labeled = has(view, SM_FIELD_CHOSEN) || has(view, SM_FIELD_REJECTED) ||
                   !(has(view, SM_FIELD_FIRST) || has(view, SM_FIELD_SECOND));
    if (!check_context(view, err) ||
        !check_reply(view, labeled ? SM_FIELD_CHOSEN : SM_FIELD_FIRST, err) ||
        !check_reply(view, labeled ? SM_FIELD_REJECTED : SM_FIELD_SECOND, err))
        return false;
    if (has(view, SM_FIELD_SPLIT) && sm_raw_word(&view->at[SM_FIELD_SPLIT], splits, 3) < 0)
        return wrong(err, SM_FIELD_SPLIT, "is not \"train\", \"val\" or \"test\"");
    if (!check_index(view, err))
        return false;
    jv_kind flip = sm_raw_kind(&view->at[SM_FIELD_FLIP]);
    return flip == JV_KIND_INVALID || flip == JV_KIND_TRUE || flip == JV_KIND_FALSE ||
           wrong(err, SM_FIELD_FLIP, "is not true or false");
}

static bool check_candidates(const struct sm_record_view *view, struct sm_err *err)
{
    const struct sm_raw *list = &view->at[SM_FIELD_CANDIDATES];
    struct sm_raw reply;
    size_t n = 0, bad = SIZE_MAX;
    if (!check_context(view, err) || !check_index(view, err))
        return false;
    if (sm_raw_kind(list) != JV_KIND_ARRAY)
        return wrong(err, SM_FIELD_CANDIDATES, "is not a list of replies");
    const char *at = list->value, *end = at + list->value_len;
    for (; sm_raw_next_item(&at, end, &reply); n++)
        bad = bad == SIZE_MAX && !reply_ok(&reply) ? n : bad;
    if (n < SM_CANDIDATES_MIN || n > SM_CANDIDATES_MAX)
        return sm_err_set(
            err, SM_EXIT_INPUT, n > SM_CANDIDATES_MAX ? "leave some out" : "add others",
            "`candidates` holds %zu: ranked are %d to %d", n, SM_CANDIDATES_MIN, SM_CANDIDATES_MAX);
    return bad == SIZE_MAX ||
           sm_err_set(err, SM_EXIT_INPUT, "see sm-records(5) for the fields of a record",
                      "`candidates[%zu]` " REPLY_EXPECTED, bad);
}

static enum sm_type type_of(const struct sm_raw *name)
{
    for (enum sm_type type = 0; type < SM_OTHER; type++) {
        if (sm_raw_is(name, sm_type_name(type)))
            return type;
    }
    return SM_OTHER;
}

static bool classify(struct sm_record_view *view, struct sm_err *err)
{
    const struct sm_raw *type = &view->at[SM_FIELD_TYPE];
    bool replies = has(view, SM_FIELD_CHOSEN) || has(view, SM_FIELD_REJECTED) ||
                   has(view, SM_FIELD_FIRST) || has(view, SM_FIELD_SECOND);
    view->type = type_of(type);
    if (has(view, SM_FIELD_CONTEXT) && replies)
        view->type = SM_PAIR;
    else if (!type->value && has(view, SM_FIELD_CANDIDATES))
        view->type = SM_CANDIDATES;
    if (view->type == SM_CANDIDATES)
        return check_candidates(view, err);
    if (view->type == SM_PAIR || !type->value)
        return check_pair(view, err);
    return sm_raw_kind(type) == JV_KIND_STRING || wrong(err, SM_FIELD_TYPE, "is not a string");
}

static bool read_user(struct sm_record_view *view, const char *default_user, struct sm_err *err)
{
    const struct sm_raw *id = &view->at[SM_FIELD_USER];
    jv_kind kind = sm_raw_kind(id);
    int64_t number;
    sm_buf_clear(&view->name);
    view->user = NULL;
    if (kind == JV_KIND_NULL && view->type != SM_PAIR && view->type != SM_CANDIDATES)
        return true;
    if (kind == JV_KIND_STRING) {
        if (!sm_raw_text(id, &view->name))
            return wrong(err, SM_FIELD_USER, "holds a NUL character");
    } else if (sm_raw_integer(id, -SM_INTEGER_MAX, SM_INTEGER_MAX, &number)) {
        sm_buf_printf(&view->name, "%lld", (long long)number);
    } else if (kind == JV_KIND_INVALID || kind == JV_KIND_NULL) {
        sm_buf_str(&view->name, default_user);
    } else {
        return wrong(err, SM_FIELD_USER, "is neither a string nor an integer nor null");
    }
    view->user = sm_buf_text(&view->name);
    return true;
}

/* Rows of others often call the two replies `option1` and `option2`, or the like. */
static bool lead_to_names(const struct sm_record_view *view, const char *line, size_t len,
                          struct sm_err *err)
{
    const char *at = memchr(line, '{', len), *end = line + len;
    struct sm_two_replies two = {0};
    struct sm_raw member;
    struct sm_buf remedy = {0};
    bool both = false;
    if (!err || has(view, SM_FIELD_TYPE) || has(view, SM_FIELD_CHOSEN) || has(view, SM_FIELD_FIRST))
        return false;
    while (!both && sm_raw_next_member(&at, end, &member))
        both = sm_two_replies_add(&two, member.key, member.key_len);
    if (!both)
        return false;
    sm_buf_printf(&remedy,
                  "two replies that nobody has chosen from are `first` and `second`: "
                  "sm-import rows --columns first=%.*s,second=%.*s calls them so",
                  (int)two.first_len, two.first, (int)two.second_len, two.second);
    sm_err_set(err, err->code, remedy.data, "%s", err->message);
    sm_buf_release(&remedy);
    return false;
}

bool sm_record_view_read(struct sm_record_view *view, const char *line, size_t len,
                         const char *default_user, struct sm_err *err)
{
    return sm_scan_object(line, len, field_names, SM_FIELDS, view->at, &view->spare, &view->literal,
                          err) &&
           (classify(view, err) || lead_to_names(view, line, len, err)) &&
           read_user(view, default_user, err);
}

void sm_record_view_release(struct sm_record_view *view)
{
    sm_buf_release(&view->name);
    sm_buf_release(&view->spare);
}
