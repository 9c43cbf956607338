/* An event stream of chunks, which some servers send though none was asked for. */
#ifndef SM_LLM_INTERNAL_EVENT_STREAM_H
#define SM_LLM_INTERNAL_EVENT_STREAM_H

#include "lib/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends the completion that the chunks make up, or the object with the `error` that ends them, as
 * one line of JSON. False, appending nothing: these are no chunks, or their end is missing. */
bool sm_event_stream_join(const char *body, size_t len, struct sm_buf *line);

#endif
