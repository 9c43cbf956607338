/* What judges are called: by --label, or by as much of their file's path as tells them apart. */
#ifndef CMD_REPORT_NAMES_H
#define CMD_REPORT_NAMES_H

#include "lib/base/buf.h"
#include "lib/base/string_set.h"

#include "cmd/common/labels.h"

/* All-zero is empty. */
struct names {
    struct sm_string_set *files;
    size_t recorded; /* so many of the files are named by records */
    char **shown;    /* by number of the file; NULL until names_settle() */
};

/* Adds a file that a record names; copies it. NULL is no file. */
void names_add(struct names *names, const char *file);

/* Adds a file that was read, after those of records, of which it may be one by another path. */
void names_add_read(struct names *names, const char *file);

/* Finds what each is called, once all are there. */
void names_settle(struct names *names, struct labels *labels);

/* What `file` is called; `file` itself if it was not added. */
const char *names_of(const struct names *names, const char *file);

/* Appends a JSON object with the name of each file. */
void names_write(const struct names *names, struct sm_buf *out);
void names_release(struct names *names);

#endif
