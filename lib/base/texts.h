/* Files that texts.sh compiles in: one list for each folder, so that a program holds only the lists
 * it reads. */
#ifndef SM_BASE_TEXTS_H
#define SM_BASE_TEXTS_H

#include <stddef.h>
#include <string.h>

struct sm_builtin {
    const char *name; /* the file's, without .jq or .jsonl; NULL ends the list */
    const char *text;
};

extern const struct sm_builtin sm_prompt_texts[];    /* lib/prompts/ */
extern const struct sm_builtin sm_format_texts[];    /* lib/formats/ */
extern const struct sm_builtin sm_export_texts[];    /* lib/exports/ */
extern const struct sm_builtin sm_batchform_texts[]; /* lib/batchforms/ */
extern const struct sm_builtin sm_price_texts[];     /* lib/llm/prices.jsonl */
extern const struct sm_builtin sm_page_texts[];      /* cmd/report/page.* */

/* NULL if there is no text of that name. */
static inline const char *sm_builtin_find(const struct sm_builtin *texts, const char *name)
{
    while (texts->name && strcmp(texts->name, name) != 0)
        texts++;
    return texts->text;
}

#endif
