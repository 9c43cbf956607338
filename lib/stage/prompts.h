/* Prompts and reply parsers: jq programs, built in and overridable, with the entry points that
 * sm-prompts(5) describes. Each entry point runs once per object. What it gives is kept as bytes,
 * and C joins the pieces of a request. */
#ifndef SM_STAGE_PROMPTS_H
#define SM_STAGE_PROMPTS_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

struct sm_prompts;

/* The programs, by name: "judge", "persona", "revise", "rubric", "scores", "generation",
 * "likelihood". */
#define SM_PROMPT_COUNT 7

/* NAME.jq in `dir` (may be NULL) replaces the built-in program. NULL with `err` if one is wrong. */
struct sm_prompts *sm_prompts_open(const char *dir, struct sm_err *err);
void sm_prompts_close(struct sm_prompts *prompts);

/* The text of program `name`, as used; NULL if there is none of that name. */
const char *sm_prompts_source(const struct sm_prompts *prompts, const char *name);

/* Appends {"judge":"12 hex digits",…}, which tells texts apart in the `run` record. */
void sm_prompts_digests(const struct sm_prompts *prompts, struct sm_buf *out);

/* Runs an entry point ("judge", "demo") on `input` (consumed) and appends the messages it gives as
 * JSON text, each behind a comma unless `out` ends in '['. False with `err`. */
bool sm_prompts_messages(struct sm_prompts *prompts, const char *name, const char *entry, jv input,
                         struct sm_buf *out, struct sm_err *err);

/* Runs an entry point that gives one value, other than "reply". An invalid jv if it gives none or
 * fails; only then is `err` filled. */
jv sm_prompts_value(struct sm_prompts *prompts, const char *name, const char *entry, jv input,
                    struct sm_err *err);

/* What the entry point "reply" gives of a model's reply; none of one without a verdict. */
jv sm_prompts_reply(struct sm_prompts *prompts, const char *name, jv input, struct sm_err *err);

/* The JSON schema of the program's reply as text; NULL if it has none. It lives as long as
 * `prompts` does. */
const char *sm_prompts_schema(struct sm_prompts *prompts, const char *name);

#endif
