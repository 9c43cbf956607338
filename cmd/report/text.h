/* Text and JSON from elsewhere, made safe for a page. */
#ifndef CMD_REPORT_TEXT_H
#define CMD_REPORT_TEXT_H

#include "lib/base/buf.h"

#include <jv.h>

/* Appends JSON that may stand in a script element. */
void report_json(struct sm_buf *out, jv value);
void report_json_text(struct sm_buf *out, const char *text, size_t len);

/* Appends text for HTML and SVG, also within quotes. Characters that are invisible or change the
 * direction of text become U+FFFD. */
void report_text(struct sm_buf *out, const char *text);

/* The same with at most `max` characters, nothing escaped, and "…" for the rest. */
void report_plain(struct sm_buf *out, const char *text, size_t max);

#endif
