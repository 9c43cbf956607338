/* The models of an endpoint, each with its capabilities: which members of a request the endpoint
 * takes for it. The client learns them from answers, and the store keeps them for other programs
 * and later runs. */
#ifndef SM_LLM_INTERNAL_MODEL_H
#define SM_LLM_INTERNAL_MODEL_H

#include "lib/base/buf.h"
#include "lib/llm/price.h"
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
    char *name;                       /* as sent */
    bool unsupported[SM_PARAM_COUNT]; /* learned from errors, or known of the model */
    unsigned version;                 /* of `unsupported`: how often something was learned */
    bool proven;                      /* it takes what we send; before that, one call at a time */
    size_t running, retried;          /* its calls: in flight; waiting after a failed attempt */
    bool has_price;                   /* `price` has been looked up */
    struct sm_price price;
};

/* The models used so far. Owns them: each lives as long as the list. */
struct sm_models {
    struct sm_model *first;
    struct sm_store *store; /* may be NULL */
    const char *endpoint;   /* as the store knows it */
    bool forget;            /* learn anew what the store knows of them */
};

/* Borrows `store` and `endpoint`. */
void sm_models_init(struct sm_models *models, struct sm_store *store, const char *endpoint,
                    bool forget);
void sm_models_release(struct sm_models *models);

/* The model of that name. A new one comes with what the store knows of it. */
struct sm_model *sm_models_find(struct sm_models *models, const char *name);

/* Reads what other programs have learned meanwhile about models that are not proven. */
void sm_models_refresh(struct sm_models *models);

/* Note that the model has answered, or that a parameter was refused for it. */
void sm_model_answered(const struct sm_models *models, struct sm_model *model);
void sm_model_refused(const struct sm_models *models, struct sm_model *model, const char *param);

/* Notes that it is a reasoning model, which takes no temperature, max_tokens or logprobs. */
void sm_model_is_reasoning(struct sm_model *model);

/* Whether a request may have this member. */
bool sm_model_takes(const struct sm_model *model, const char *member);

/* Whether a request goes to it just as it was asked for. */
bool sm_model_takes_all(const struct sm_model *model);

/* Appends the members that it does not take, as a JSON array. */
void sm_model_unsupported(const struct sm_model *model, struct sm_buf *out);

#endif
