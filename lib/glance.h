/* A record looked at in its own bytes: what it is, whose it is, and the members that most readers
 * want, ten times as fast as a parse. Only records of the usual form are read so: all others go to
 * sm_record_parse(), which has the last word. */
#ifndef SM_GLANCE_H
#define SM_GLANCE_H

#include "member.h"
#include "record.h"

enum sm_field {
    SM_FIELD_TYPE,
    SM_FIELD_USER,
    SM_FIELD_STAGE,
    SM_FIELD_INDEX,
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
    SM_FIELD_CHOSEN,
    SM_FIELD_REJECTED,
    SM_FIELD_FIRST,
    SM_FIELD_SECOND,
    SM_FIELD_SPLIT,
    SM_FIELD_FLIP,
    SM_FIELDS
};

/* All-zero is valid. Everything lives until the next line is looked at, and the line itself. */
struct sm_glance {
    enum sm_type type;
    const char *user; /* NULL: `user_id` is null, the line belongs to nobody */
    struct sm_member at[SM_FIELDS];
    struct sm_buf name, spare;
};

/* As sm_record_parse(). */
bool sm_glance_at(struct sm_glance *glance, const char *line, size_t len, const char *default_user,
                  struct sm_err *err);

/* The same for a record that is parsed, and lives as long. */
void sm_glance_parsed(struct sm_glance *glance, const struct sm_record *record);

void sm_glance_release(struct sm_glance *glance);

/* The characters of a reply: a turn, a list of turns or a string. */
size_t sm_glance_length(const struct sm_member *reply);

#endif
