/* Text of others on its way to people: nothing in it moves a cursor, sends a command to a terminal,
 * turns the direction of writing or hides. */
#ifndef SM_BASE_PRINTABLE_H
#define SM_BASE_PRINTABLE_H

#include "lib/base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SM_UNPRINTABLE "\xef\xbf\xbd" /* U+FFFD, in the place of what is not shown */

/* Whether a character is shown as it is. Not so are the controls C0, DEL and C1, marks and
 * overrides of direction (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), the line
 * ends U+2028 and U+2029, U+FEFF, interlinear marks, tags (U+E0000 to U+E007F), what is no
 * character, and SM_UTF8_BAD. Joiners, which scripts and emoji need, are. */
bool sm_is_printable(uint32_t code);

/* Appends `text` with SM_UNPRINTABLE for each character that is not printable. Newlines, CR before
 * a newline, and tabs stay if `lines`. */
void sm_printable(struct sm_buf *out, const char *text, size_t len, bool lines);

#endif
