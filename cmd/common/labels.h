/* Names for judges, given by --label NAME=FILE. */
#ifndef CMD_COMMON_LABELS_H
#define CMD_COMMON_LABELS_H

#include "lib/base/err.h"
#include "lib/io/opt.h"

struct label {
    char *name;
    const char *file; /* borrowed from the option */
    bool used;
};
/* All-zero is empty. */
struct labels {
    struct label *at;
    size_t count;
};

/* Fills *labels, which the caller releases in any case. False with `err` if one is not NAME=FILE,
 * or two have the same name or file. A name ends at the first "=". */
bool labels_parse(struct labels *labels, const struct sm_string_list *options, struct sm_err *err);
void labels_release(struct labels *labels);

/* The name of a file, which lives as long as the labels; the file itself if it has none. */
const char *labels_name(struct labels *labels, const char *file);

/* Reports a label of which no file was found. False with `err` if there is one. */
bool labels_all_used(const struct labels *labels, struct sm_err *err);

#endif
