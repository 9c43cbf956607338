/* What the body of an error says, whatever its shape: `error` as an object, a string or a list,
 * `message` or `detail` at the top, errors within errors, a page of a proxy, plain text. */
#ifndef SM_LLM_INTERNAL_COMPLAINT_H
#define SM_LLM_INTERNAL_COMPLAINT_H

#include "lib/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct sm_complaint {
    struct sm_buf message; /* one printable line of UTF-8; empty if the body says nothing */
    struct sm_buf codes;   /* codes and types, in lower case, each between newlines */
    struct sm_buf params;  /* members of the request that it points at, likewise */
    long status;           /* which it names, 400 to 599; or 0 */
    double wait_s;         /* which it asks for; 0: none */
    bool said;             /* `message` is an error's; else it is only what the body begins with */
    bool page;             /* the body is HTML */
};

/* Reads a body, which may be empty. For sm_complaint_release(). */
void sm_complaint_read(struct sm_complaint *complaint, const char *body, size_t len);
void sm_complaint_release(struct sm_complaint *complaint);

/* Appends text as one printable line: white space and control characters become a space, what is
 * invisible goes. */
void sm_complaint_line(struct sm_buf *out, const char *text, size_t len);

#endif
