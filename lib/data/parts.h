/* Turns whose content is a list of parts, as chat APIs have them, made texts: judges see text
 * alone. */
#ifndef SM_DATA_PARTS_H
#define SM_DATA_PARTS_H

#include "lib/base/err.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

/* Joins the text parts of each turn of the pair's context and replies, and of its candidates, into
 * a string. Pictures, sounds and other parts that are no text, and columns of the row that hold
 * such (`images`), are an error, unless `text_only`: then they are left out, and *left_out tells
 * how many. Consumes `pair`, an object, and returns it; invalid with `err` (SM_EXIT_PARTIAL) if it
 * cannot be used. Whatever else is no turn stays as it is. */
jv sm_parts_to_text(jv pair, bool text_only, size_t *left_out, struct sm_err *err);

#endif
