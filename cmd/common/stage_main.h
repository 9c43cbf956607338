/* A program that is a stage: users in, users out. */
#ifndef CMD_COMMON_STAGE_MAIN_H
#define CMD_COMMON_STAGE_MAIN_H

#include "cmd/common/app.h"
#include "cmd/common/client.h"
#include "lib/stage/stage.h"

/* Options that fill a struct sm_stage. */
extern const struct sm_opt stage_opts[];

/* The same, for a stage that can answer each line by itself; it sets `asked` and `answers`. */
extern const struct sm_opt line_opts[];

/* Whether --line goes with the other options; `clash` is one of the program's own that was given
 * and does not go with it, or NULL. False, as reported, if not. */
bool line_check(struct sm_stage *stage, const struct client *client, struct app *app,
                const char *clash);

/* Runs a stage over app->files; `client` may be NULL. False, as reported, if it ended early. */
bool stage_run(struct app *app, const struct client *client, struct sm_stage *stage);

/* The same over a reader, which is closed in the end, and to another output. */
bool stage_run_over(struct app *app, const struct client *client, struct sm_stage *stage,
                    struct sm_reader *reader, struct sm_output *output);

/* Says what a dry run or a batch leaves, and writes the `run` record. `complete`: the run did not
 * end early. */
void stage_finish(struct app *app, const struct client *client, struct sm_stage *stage,
                  bool complete);

/* Runs a stage, and finishes. */
void stage_main(struct app *app, const struct client *client, struct sm_stage *stage);

#endif
