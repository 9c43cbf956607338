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

/* What not every model takes: members of a request, and messages of the system's. Sets of them are
 * bits, 1 << SM_PARAM_…. */
enum sm_param {
    SM_PARAM_FORMAT,
    SM_PARAM_TEMPERATURE,
    SM_PARAM_MAX_TOKENS,
    SM_PARAM_SEED,
    SM_PARAM_LOGPROBS,
    SM_PARAM_SYSTEM_ROLE,
    SM_PARAM_N, /* several replies to one request */
    SM_PARAM_COUNT
};

struct sm_model {
    struct sm_model *next;
    char *name;              /* as sent */
    unsigned lacks;          /* the set that it does not take: learned, or known of the model */
    unsigned version;        /* of `lacks`: how often something was learned */
    bool proven;             /* it takes what we send; before that, one call at a time */
    size_t running, retried; /* its calls: in flight; waiting after a failed attempt */
    /* Since it limits the rate: */
    double paused_until_ms; /* nothing is sent before */
    double limited_ms;      /* when it last said so */
    double limited_from_ms; /* when it first did, without an answer since */
    unsigned limited;       /* how often, without an answer since, and waited for each time */
    size_t room;            /* how many calls may be in flight; 0: any number */
    bool has_price;         /* `price` has been looked up */
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

/* Notes that the model has answered. */
void sm_model_answered(const struct sm_models *models, struct sm_model *model);

/* Notes that it does not take `set`: a request without was answered. Returns what is new of it. */
unsigned sm_model_learn(const struct sm_models *models, struct sm_model *model, unsigned set);

/* Notes that it is a reasoning model, which takes no temperature, max_tokens or logprobs. */
void sm_model_is_reasoning(struct sm_model *model);

/* The set with the one of that name; empty if there is none. And the name of one. */
unsigned sm_param_set(const char *name);
const char *sm_param_name(enum sm_param param);

/* Whether a request to who lacks `lacks` may have this member. */
bool sm_param_is_taken(unsigned lacks, const char *member);

/* Appends the members that it does not take, as a JSON array. */
void sm_model_unsupported(const struct sm_model *model, struct sm_buf *out);

#endif
