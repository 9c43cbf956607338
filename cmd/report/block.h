/* A user's records as the page holds them: packed, and as text that means nothing to HTML. */
#ifndef CMD_REPORT_BLOCK_H
#define CMD_REPORT_BLOCK_H

#include "lib/base/buf.h"

#include <stdio.h>

/* Writes `json` in zlib's format (RFC 1950), as base64, and a newline. A failure is left to
 * ferror(). */
void report_block(FILE *file, const struct sm_buf *json);

#endif
