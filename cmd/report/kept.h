/* Which records the page holds. */
#ifndef CMD_REPORT_KEPT_H
#define CMD_REPORT_KEPT_H

#include "lib/json/record_view.h"

/* Of a user: what the page shows; of pairs it holds those that were judged. */
bool report_keeps(const struct sm_record_view *record);

/* Of a user, by the other judge: verdicts, what failed in their place, and the rubric that they are
 * by. */
bool report_keeps_against(const struct sm_record_view *record);

/* Of nobody: results over all, comparisons, runs and prototypes. */
bool report_keeps_shared(const struct sm_record_view *record);

#endif
