/* Conversations as text. */
#ifndef MOCK_TURN_H
#define MOCK_TURN_H

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

enum role { ROLE_SYSTEM, ROLE_USER, ROLE_ASSISTANT, ROLES };

/* How its turns are written. */
struct style {
    const char *open[ROLES], *close;
};

extern const struct style style_chatml;
extern const struct style style_transcript; /* as the judge by likelihood writes it */

struct turn {
    enum role role;
    const char *begin, *end; /* of the content */
};

struct turns {
    struct turn *at; /* to be freed */
    size_t count;
};

/* A turn ends where the next one begins; the last one ends with the text. */
struct turns turns_of(const char *text, const struct style *style);

/* A list of {role, content} in ChatML, to be freed. `unfinished`: the last turn stays open.
 * `prompt`: an open turn of the assistant's follows. */
char *turns_write(jv messages, bool unfinished, bool prompt);

#endif
