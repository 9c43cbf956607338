/* The Hugging Face datasets server: GET requests, made again when it says to wait. */
#ifndef SM_DATA_HF_CLIENT_H
#define SM_DATA_HF_CLIENT_H

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define SM_HF_URL "https://datasets-server.huggingface.co"

struct sm_hf_config {
    const char *url;               /* without a slash at its end */
    const char *token;             /* sent as a bearer token, or NULL */
    const char *ca_file, *ca_path; /* certificates to trust instead of the system's, or NULL */
    /* Waits, and may tell the user why. */
    void (*wait)(void *arg, double seconds, const char *why);
    void *arg;
    const struct sm_clock *clock; /* borrowed; NULL: the system's */
};

struct sm_hf_client;

/* Copies the configuration. NULL with `err`: it cannot be used. */
struct sm_hf_client *sm_hf_open(const struct sm_hf_config *config, struct sm_err *err);
void sm_hf_close(struct sm_hf_client *hub);

const char *sm_hf_url(const struct sm_hf_client *hub);

/* Appends NAME=VALUE, escaped, to a query; the first begins with '?'. */
void sm_hf_query(struct sm_buf *path, const char *name, const char *value);

/* Gets URL + `path` ("/rows?…") into `body`. False with `err` when the server refuses, or still
 * does not answer after eight tries. */
bool sm_hf_get(struct sm_hf_client *hub, const char *path, struct sm_buf *body, struct sm_err *err);

#endif
