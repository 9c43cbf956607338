/* What the page's table says of a user. */
#ifndef CMD_REPORT_ABOUT_H
#define CMD_REPORT_ABOUT_H

#include "lib/json/json.h"
#include "lib/json/record_view.h"

/* Whether a record is a persona, or the rubric that a judge uses in its place. */
bool report_is_about(const struct sm_record_view *record);

/* The beginning of the persona, or the names of the criteria; NULL if the record has neither. The
 * caller frees it. Borrows `record`. */
char *report_about(jv record);

#endif
