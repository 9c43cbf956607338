/* Chat messages, for people. */
#ifndef CMD_PROMPT_MESSAGES_H
#define CMD_PROMPT_MESSAGES_H

#include "lib/base/buf.h"

/* Appends a JSON list of messages: of each a line [role], then the text. */
void messages_text(const char *messages, size_t len, struct sm_buf *out);

#endif
