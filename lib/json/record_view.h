/* A view of a record in its own bytes: its type, its user, and the members that most readers want.
 * Reading one makes all the checks of sm_record_parse() but builds nothing. */
#ifndef SM_JSON_RECORD_VIEW_H
#define SM_JSON_RECORD_VIEW_H

#include "lib/json/raw.h"
#include "lib/json/record.h"

enum sm_field {
    SM_FIELD_TYPE,
    SM_FIELD_USER,
    SM_FIELD_STAGE,
    SM_FIELD_INDEX,
    SM_FIELD_BY,
    SM_FIELD_ORDER,
    SM_FIELD_PREFERENCE,
    SM_FIELD_PREDICTION,
    SM_FIELD_LABEL,
    SM_FIELD_CORRECT,
    SM_FIELD_STATUS,
    SM_FIELD_P_FIRST,
    SM_FIELD_VOTES,
    SM_FIELD_DEBIASED,
    SM_FIELD_USES,
    SM_FIELD_TOKENS,
    SM_FIELD_COST,
    SM_FIELD_CONTEXT,
    SM_FIELD_CANDIDATES,
    SM_FIELD_CHOSEN,
    SM_FIELD_REJECTED,
    SM_FIELD_FIRST,
    SM_FIELD_SECOND,
    SM_FIELD_SPLIT,
    SM_FIELD_FLIP,
    SM_FIELDS
};

/* All-zero is valid. What it points to lives until the next read, and no longer than the line. */
struct sm_record_view {
    enum sm_type type;
    bool literal;     /* the line is strict JSON, at most 64 levels deep: any parser reads it */
    const char *user; /* NULL: `user_id` is null, the line belongs to nobody */
    struct sm_raw at[SM_FIELDS];
    struct sm_buf name, spare;
};

/* As sm_record_parse(). */
bool sm_record_view_read(struct sm_record_view *view, const char *line, size_t len,
                         const char *default_user, struct sm_err *err);
void sm_record_view_release(struct sm_record_view *view);

/* How many characters a reply has: a turn, a list of turns or a string. */
size_t sm_reply_length(const struct sm_raw *reply);

#endif
