/* sm-persona --form rubric: criteria with weights instead of a text. */
#ifndef CMD_PERSONA_RUBRIC_H
#define CMD_PERSONA_RUBRIC_H

#include "lib/stage/question.h"
#include "lib/stage/stage.h"

struct rubric_writer {
    struct sm_asker asker;
    size_t max_history; /* bytes */
    struct sm_buf head; /* "[" and the messages before the history */
};

/* Composes the messages that all users share, with the worked examples in the file `examples`, or
 * NULL: the built-in ones. False with `err`. Released either way. */
bool rubric_open(struct rubric_writer *writer, const char *examples, struct sm_err *err);
void rubric_release(struct rubric_writer *writer);

/* For a stage whose `self` is the writer. */
void rubric_begin(struct sm_user *user);
void rubric_plan(struct sm_user *user, struct sm_plan *plan);

#endif
