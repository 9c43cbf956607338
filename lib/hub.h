/* The Hugging Face datasets server: GET requests, made again when it says to wait. */
#ifndef SM_HUB_H
#define SM_HUB_H

#include "buf.h"
#include "err.h"

#include <stdbool.h>
#include <stddef.h>

#define SM_HUB_URL "https://datasets-server.huggingface.co"

struct sm_hub_config {
    const char *url;               /* without a slash at its end */
    const char *token;             /* sent as a bearer token, or NULL */
    const char *ca_file, *ca_path; /* certificates to trust instead of the system's, or NULL */
    /* Waits, and may tell the user why. */
    void (*wait)(void *arg, double seconds, const char *why);
    void *arg;
};

struct sm_hub;

/* Copies the configuration. NULL with `err`: it cannot be used. */
struct sm_hub *sm_hub_open(const struct sm_hub_config *config, struct sm_err *err);
void sm_hub_close(struct sm_hub *hub);

const char *sm_hub_url(const struct sm_hub *hub);

/* Appends NAME=VALUE, escaped, to a query; the first begins with '?'. */
void sm_hub_query(struct sm_buf *path, const char *name, const char *value);

/* Gets URL + `path` ("/rows?…") into `body`. False with `err` when the server refuses, or still
 * does not answer after eight tries. */
bool sm_hub_get(struct sm_hub *hub, const char *path, struct sm_buf *body, struct sm_err *err);

#endif
