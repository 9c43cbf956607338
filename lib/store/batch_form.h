/* The forms in which providers take the requests of a batch, and give the answers. Ours is
 * OpenAI's; the others are made from it, and back, by the jq programs of lib/batchforms/. */
#ifndef SM_STORE_BATCH_FORM_H
#define SM_STORE_BATCH_FORM_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

#include <jv.h>
#include <stdbool.h>

enum sm_batch_form { SM_BATCH_OPENAI, SM_BATCH_ANTHROPIC, SM_BATCH_GEMINI, SM_BATCH_FORMS };

/* "openai", "anthropic", "gemini"; and back, for one of these. */
const char *sm_batch_form_name(enum sm_batch_form form);
enum sm_batch_form sm_batch_form_named(const char *name);

/* The form of a request's line, or of an answer's, each borrowed; SM_BATCH_FORMS: of none. */
enum sm_batch_form sm_batch_form_of_request(jv line);
enum sm_batch_form sm_batch_form_of_answer(jv line);

/* What a line of no such form is, as far as one can tell: "an answer of …"; NULL if one cannot. */
const char *sm_batch_form_foreign(jv line);

/* Turns lines of a form into lines of ours, or ours into lines of the form. */
struct sm_batch_turner;

/* NULL with `err` if the program does not compile. `form` is not SM_BATCH_OPENAI. */
struct sm_batch_turner *sm_batch_turner_open(enum sm_batch_form form, struct sm_err *err);
void sm_batch_turner_close(struct sm_batch_turner *turner);

/* Appends `line` (borrowed), a request of ours, in the turner's form; or an answer in that form as
 * one of ours; without a newline. False with `err` if the line is not as it should be. */
bool sm_batch_turn_request(struct sm_batch_turner *turner, jv line, struct sm_buf *out,
                           struct sm_err *err);
bool sm_batch_turn_answer(struct sm_batch_turner *turner, jv line, struct sm_buf *out,
                          struct sm_err *err);

#endif
