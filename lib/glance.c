#include "glance.h"

#include "mem.h"
#include "pick.h"

#include <math.h>

/* In the order in which sm-judge writes them. */
static const struct sm_name field_names[SM_FIELDS] = {
    [SM_FIELD_TYPE] = SM_NAME("type"),
    [SM_FIELD_USER] = SM_NAME("user_id"),
    [SM_FIELD_STAGE] = SM_NAME("stage"),
    [SM_FIELD_INDEX] = SM_NAME("index"),
    [SM_FIELD_ORDER] = SM_NAME("order"),
    [SM_FIELD_PREFERENCE] = SM_NAME("preference"),
    [SM_FIELD_PREDICTION] = SM_NAME("prediction"),
    [SM_FIELD_LABEL] = SM_NAME("label"),
    [SM_FIELD_CORRECT] = SM_NAME("correct"),
    [SM_FIELD_STATUS] = SM_NAME("status"),
    [SM_FIELD_P_FIRST] = SM_NAME("p_first"),
    [SM_FIELD_VOTES] = SM_NAME("votes"),
    [SM_FIELD_DEBIASED] = SM_NAME("debiased"),
    [SM_FIELD_USES] = SM_NAME("uses"),
    [SM_FIELD_TOKENS] = SM_NAME("tokens"),
    [SM_FIELD_COST] = SM_NAME("cost"),
    [SM_FIELD_CONTEXT] = SM_NAME("context"),
    [SM_FIELD_CHOSEN] = SM_NAME("chosen"),
    [SM_FIELD_REJECTED] = SM_NAME("rejected"),
    [SM_FIELD_FIRST] = SM_NAME("first"),
    [SM_FIELD_SECOND] = SM_NAME("second"),
    [SM_FIELD_SPLIT] = SM_NAME("split"),
    [SM_FIELD_FLIP] = SM_NAME("flip"),
};

static bool has(const struct sm_glance *glance, enum sm_field field)
{
    return glance->at[field].value;
}

enum { ROLE, CONTENT, TURN_MEMBERS };

static void read_turn(const struct sm_member *turn, struct sm_member found[TURN_MEMBERS])
{
    static const struct sm_name names[TURN_MEMBERS] = {SM_NAME("role"), SM_NAME("content")};
    sm_pick_nested(turn, names, TURN_MEMBERS, found);
}

static bool turn_ok(const struct sm_member *turn)
{
    struct sm_member found[TURN_MEMBERS];
    if (sm_member_kind(turn) != JV_KIND_OBJECT)
        return false;
    read_turn(turn, found);
    return sm_member_kind(&found[ROLE]) == JV_KIND_STRING &&
           sm_member_kind(&found[CONTENT]) == JV_KIND_STRING;
}

static bool turns_ok(const struct sm_member *list)
{
    const char *at = list->value, *end = at + list->value_len;
    struct sm_member turn;
    while (sm_json_element(&at, end, &turn)) {
        if (!turn_ok(&turn))
            return false;
    }
    return true;
}

size_t sm_glance_length(const struct sm_member *reply)
{
    struct sm_member found[TURN_MEMBERS], turn;
    const char *at = reply->value, *end = at + reply->value_len;
    size_t length = 0;
    switch (sm_member_kind(reply)) {
    case JV_KIND_STRING:
        return sm_member_length(reply);
    case JV_KIND_OBJECT:
        read_turn(reply, found);
        return sm_member_length(&found[CONTENT]);
    default:
        while (sm_json_element(&at, end, &turn))
            length += sm_glance_length(&turn);
        return length;
    }
}

static bool reply_ok(const struct sm_member *reply)
{
    jv_kind kind = sm_member_kind(reply);
    return kind == JV_KIND_STRING || (kind == JV_KIND_OBJECT && turn_ok(reply)) ||
           (kind == JV_KIND_ARRAY && turns_ok(reply));
}

static bool pair_ok(const struct sm_glance *glance)
{
    static const char *const splits[] = {"train", "val", "test"};
    bool labeled = has(glance, SM_FIELD_CHOSEN) || has(glance, SM_FIELD_REJECTED);
    const struct sm_member *context = &glance->at[SM_FIELD_CONTEXT];
    double index =
        sm_member_number(&glance->at[SM_FIELD_INDEX], has(glance, SM_FIELD_INDEX) ? -1 : 0);
    jv_kind flip = sm_member_kind(&glance->at[SM_FIELD_FLIP]);
    return sm_member_kind(context) == JV_KIND_ARRAY && turns_ok(context) &&
           reply_ok(&glance->at[labeled ? SM_FIELD_CHOSEN : SM_FIELD_FIRST]) &&
           reply_ok(&glance->at[labeled ? SM_FIELD_REJECTED : SM_FIELD_SECOND]) &&
           (!has(glance, SM_FIELD_SPLIT) ||
            sm_member_word(&glance->at[SM_FIELD_SPLIT], splits, 3) >= 0) &&
           index >= 0 && index <= 1e9 && index == floor(index) &&
           (flip == JV_KIND_INVALID || flip == JV_KIND_TRUE || flip == JV_KIND_FALSE);
}

/* Types whose records are not checked beyond being one. */
static const enum sm_type unchecked[] = {SM_VERDICT, SM_TRACE,   SM_SCORE, SM_DEMOS,
                                         SM_PERSONA, SM_PENDING, SM_ERROR, SM_RUN};

static bool classify(struct sm_glance *glance)
{
    bool replies = has(glance, SM_FIELD_CHOSEN) || has(glance, SM_FIELD_REJECTED) ||
                   has(glance, SM_FIELD_FIRST) || has(glance, SM_FIELD_SECOND);
    if (has(glance, SM_FIELD_CONTEXT) && replies) {
        glance->type = SM_PAIR;
        return pair_ok(glance);
    }
    for (size_t i = 0; i < sizeof unchecked / sizeof *unchecked; i++) {
        glance->type = unchecked[i];
        if (sm_member_is(&glance->at[SM_FIELD_TYPE], sm_type_name(glance->type)))
            return true;
    }
    return false;
}

/* Strings, or none at all. */
static bool read_user(struct sm_glance *glance, const char *default_user)
{
    const struct sm_member *id = &glance->at[SM_FIELD_USER];
    jv_kind kind = sm_member_kind(id);
    sm_buf_clear(&glance->name);
    glance->user = NULL;
    if (kind == JV_KIND_NULL)
        return glance->type != SM_PAIR;
    if (kind == JV_KIND_INVALID)
        sm_buf_str(&glance->name, default_user);
    else if (kind != JV_KIND_STRING || !sm_member_text(id, &glance->name))
        return false;
    glance->user = sm_buf_text(&glance->name);
    return true;
}

void sm_glance_parsed(struct sm_glance *glance, const struct sm_record *record)
{
    sm_pick_parsed(record->value, field_names, SM_FIELDS, glance->at, &glance->spare);
    glance->type = record->type;
    glance->user = record->user;
}

bool sm_glance_at(struct sm_glance *glance, const char *line, size_t len, const char *default_user,
                  struct sm_err *err)
{
    struct sm_record record;
    if (sm_pick(line, len, field_names, SM_FIELDS, glance->at) && classify(glance) &&
        read_user(glance, default_user))
        return true;
    if (!sm_record_parse(line, len, default_user, &record, err))
        return false;
    sm_glance_parsed(glance, &record);
    sm_buf_clear(&glance->name);
    if (record.user)
        sm_buf_str(&glance->name, record.user);
    glance->user = record.user ? sm_buf_text(&glance->name) : NULL;
    sm_record_release(&record);
    return true;
}

void sm_glance_release(struct sm_glance *glance)
{
    sm_buf_release(&glance->name);
    sm_buf_release(&glance->spare);
}
