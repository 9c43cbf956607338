/* Where requests go and with what secrets, from the options, the environment and .env; and whether
 * these secrets may go there. */
#ifndef CMD_COMMON_DESTINATION_H
#define CMD_COMMON_DESTINATION_H

#include "cmd/common/client.h"
#include "cmd/common/dotenv.h"
#include "lib/llm/provider.h"

enum setting_source {
    FROM_NOWHERE, /* a built-in default */
    FROM_COMMAND_LINE,
    FROM_ENVIRONMENT,
    FROM_DOTENV,
};

struct destination {
    struct dotenv env;
    struct sm_string_list headers; /* lines */
    const char *model, *whose;     /* as the user names them, borrowed; or NULL */
    struct sm_provider provider;   /* its key counts, whatever its source */
    struct sm_string_list bases;   /* all base URLs, if the user names several; owns them */
    char *key_file_key;            /* of --api-key-file; or NULL */
    char *proxy;                   /* in force, or NULL */
    enum setting_source url_from, key_from;
    const char *key_name; /* "SM_API_KEY", literal */
};

/* False with `err` if a setting is missing or cannot be used. Release it either way. */
bool destination_find(const struct client_options *set, struct destination *to, struct sm_err *err);

/* False with `err` if a secret must not go to this endpoint: see sm-llm(7), Keys. Where nothing is
 * `sent` it only takes such secrets away. Says what endpoint was chosen where nobody named one, and
 * who else listens there. */
bool destination_check(struct destination *to, const struct client_options *set, bool sent,
                       struct app *app, struct sm_err *err);
void destination_release(struct destination *to);

#endif
