/* The models of an endpoint, each with its capabilities: what the endpoint takes in a request for
 * it. They are learned from its answers, and the store keeps them for other programs and later
 * runs. */
#ifndef SM_LLM_INTERNAL_MODEL_H
#define SM_LLM_INTERNAL_MODEL_H

#include "lib/base/buf.h"
#include "lib/store/store.h"

#include <stdbool.h>
#include <stddef.h>

/* Members of a request that not every model takes. */
enum sm_param {
    SM_PARAM_FORMAT,
    SM_PARAM_TEMPERATURE,
    SM_PARAM_MAX_TOKENS,
    SM_PARAM_SEED,
    SM_PARAM_LOGPROBS,
    SM_PARAM_COUNT
};

struct sm_model {
    struct sm_model *next;
    char *name;                       /* as it is sent */
    bool unsupported[SM_PARAM_COUNT]; /* learned from errors, or known of the model */
    unsigned version;                 /* of `unsupported`: how often something was learned */
    bool proven;                      /* it takes what we send: until then one call at a time */
    size_t running, retried;          /* its calls: in flight; waiting after a failed attempt */
};

/* Those that were asked. Owns them: each lives as long as the list. */
struct sm_models {
    struct sm_model *first;
    struct sm_store *store; /* may be NULL */
    const char *endpoint;   /* as the store names it */
    bool forget;            /* what the store knows of them is found out anew */
};

/* Borrows `store` and `endpoint`. */
void sm_models_init(struct sm_models *models, struct sm_store *store, const char *endpoint,
                    bool forget);
void sm_models_release(struct sm_models *models);

/* The model of that name; when it is new, with what the store knows of it. */
struct sm_model *sm_models_find(struct sm_models *models, const char *name);

/* Looks for what other programs have learned meanwhile of the models that are not proven. */
void sm_models_refresh(struct sm_models *models);

/* Notes that the model has answered, or that a parameter was refused for it. */
void sm_model_answered(const struct sm_models *models, struct sm_model *model);
void sm_model_refused(const struct sm_models *models, struct sm_model *model, const char *param);

/* Notes what is known of the models that think before they write, without being told. */
void sm_model_is_reasoning(struct sm_model *model);

/* Whether this member may stand in a request. */
bool sm_model_takes(const struct sm_model *model, const char *member);

/* Appends the names of what it does not take, as a JSON array. */
void sm_model_unsupported(const struct sm_model *model, struct sm_buf *out);

#endif
