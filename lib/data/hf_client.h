/* GET requests to the Hugging Face datasets server, repeated when it says to wait or fails. */
#ifndef SM_DATA_HF_CLIENT_H
#define SM_DATA_HF_CLIENT_H

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define SM_HF_URL "https://datasets-server.huggingface.co"

struct sm_hf_config {
    const char *url;               /* a trailing slash is dropped */
    const char *token;             /* a bearer token, or NULL */
    const char *ca_file, *ca_path; /* certificates to trust instead of the system's, or NULL */
    /* Waits. May tell the user why. */
    void (*wait)(void *arg, double seconds, const char *why);
    void *arg;
    const struct sm_clock *clock; /* borrowed; NULL: the system's */
};

struct sm_hf_client;

/* Copies the configuration, but borrows `arg` and `clock`. NULL with `err` if it cannot be used. */
struct sm_hf_client *sm_hf_open(const struct sm_hf_config *config, struct sm_err *err);
void sm_hf_close(struct sm_hf_client *client);

const char *sm_hf_url(const struct sm_hf_client *client);

/* Appends NAME=VALUE, escaped, behind '?' or '&'. */
void sm_hf_query(struct sm_buf *path, const char *name, const char *value);

/* Gets URL + `path` ("/rows?…") into `body`. False with `err` if the server refuses, asks to wait
 * for more than an hour, or gives no answer in eight tries. */
bool sm_hf_get(struct sm_hf_client *client, const char *path, struct sm_buf *body,
               struct sm_err *err);

#endif
