/* A second client of a program, for another model. */
#include "cmd/common/client.h"

#include <string.h>

#define BESIDE ((int64_t)1 << 39) /* above all process groups */

bool client_open_beside(struct client *beside, const struct client *client, const char *model,
                        const char *base_url, struct app *app, struct sm_err *err)
{
    const struct client_options *set = &client->set;
    *beside = (struct client){.set = *set, .places = BESIDE, .store = client->store};
    beside->set.model = model;
    beside->set.temperature = 0;
    beside->set.body = NULL;
    beside->set.members = (struct sm_string_list){0};
    if (base_url) {
        beside->set.base_url = base_url;
        beside->set.store_as = beside->set.api_key_file = NULL;
        beside->set.headers = (struct sm_string_list){0};
    }
    if (!client_open(beside, app, err))
        return false;
    return base_url || !(set->headers.count || set->api_key_file) ||
           strcmp(beside->endpoint, client->endpoint) == 0 ||
           sm_err_set(err, SM_EXIT_USAGE, "name the endpoint of each",
                      "--header and --api-key-file are for %s, and %s is at %s", client->endpoint,
                      model, beside->endpoint);
}

void client_close_beside(struct client *beside)
{
    sm_llm_close(beside->llm);
    jv_free(beside->members);
    free(beside->endpoint);
    free(beside->model);
    free(beside->run);
    *beside = (struct client){0};
}
