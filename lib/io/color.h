/* Colors on a terminal: whether there are any, and the few styles that are used. */
#ifndef SM_IO_COLOR_H
#define SM_IO_COLOR_H

#include "lib/base/buf.h"

#include <stdbool.h>

enum sm_style { SM_PLAIN, SM_BOLD, SM_DIM, SM_RED, SM_GREEN, SM_YELLOW, SM_CYAN };

/* Whether a terminal understands escapes, by TERM (may be NULL). */
bool sm_term_is_able(const char *term);

/* Whether to color what goes to a descriptor. `when` is "auto", "always", "never", or NULL: auto.
 * Auto means: it is a terminal that is able, and the variable NO_COLOR (may be NULL) is empty. */
bool sm_color_on(const char *when, bool terminal, const char *no_color, const char *term);

/* What begins a style and what ends it: "" if there are no colors, or the style is plain. */
const char *sm_color_begin(bool on, enum sm_style style);
const char *sm_color_end(bool on, enum sm_style style);

/* Appends `text` in a style. */
void sm_color_add(struct sm_buf *out, bool on, enum sm_style style, const char *text);

#endif
