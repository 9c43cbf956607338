/* The programs of lib/prompts/, compiled in by builtin.sh. */
#ifndef SM_BUILTIN_H
#define SM_BUILTIN_H

struct sm_builtin {
    const char *name; /* without .jq; NULL ends the list */
    const char *text;
};

extern const struct sm_builtin sm_builtin_prompts[];

#endif
