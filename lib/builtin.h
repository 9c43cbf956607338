/* Texts that are compiled in by builtin.sh: the programs of lib/prompts/, lib/exports/ and
 * lib/formats/ (the names of these begin with "formats/"), the table of prices, and the page of
 * lib/report/. */
#ifndef SM_BUILTIN_H
#define SM_BUILTIN_H

#include <stddef.h>
#include <string.h>

struct sm_builtin {
    const char *name; /* of the file, without .jq or .jsonl; NULL ends the list */
    const char *text;
};

extern const struct sm_builtin sm_builtins[];

/* NULL: there is none of this name. */
static inline const char *sm_builtin_text(const char *name)
{
    const struct sm_builtin *b = sm_builtins;
    while (b->name && strcmp(b->name, name) != 0)
        b++;
    return b->text;
}

#endif
