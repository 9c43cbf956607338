/* A conversation: which calls are expected, and what each is answered. */
#ifndef MOCK_SCRIPT_H
#define MOCK_SCRIPT_H

#include "tests/mock/call.h"

struct script {
    struct script_line *lines;
    size_t count;
};

/* A line {"fault": TEXT} for each of the faults, and then the lines of the file (README.md) unless
 * `path` is NULL, for the life of the process. Dies of what cannot be used. */
struct script script_open(const char *const *faults, size_t fault_count, const char *path);

/* What the first line replies that fits the call and is not used up: an object to be freed. It has
 * neither body nor content if that line leaves the answer open, or none fits. *fault becomes the
 * kind, borrowed, if the line is a fault. */
jv script_reply(struct script *script, const struct call *call, const char **fault);

#endif
