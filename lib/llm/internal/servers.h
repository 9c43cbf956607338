/* The servers that have the client's model: one, or several that share the calls. */
#ifndef SM_LLM_INTERNAL_SERVERS_H
#define SM_LLM_INTERNAL_SERVERS_H

#include "lib/llm/client.h"
#include "lib/llm/internal/call.h"

struct sm_server {
    char *base;                 /* the URL that paths are put behind, without a trailing slash */
    size_t running;             /* calls in flight */
    double until_ms;            /* it is left alone until then */
    unsigned failed;            /* how often in a row it did not answer */
    bool told;                  /* the user knows that it does not answer */
    struct sm_limiter *limiter; /* NULL: nothing is limited */
};

struct sm_servers {
    struct sm_server *at; /* the first is the client's endpoint */
    size_t count;
};

void sm_servers_open(struct sm_servers *servers, const struct sm_llm_config *config,
                     const char *base, struct sm_store *store, const char *model);
void sm_servers_close(struct sm_servers *servers);

/* The server to ask now, -1 if all are left alone. Calls that begin alike go to the same one as
 * long as it has no more than its share in flight, since it has read their beginning already; else
 * to the one that has least. */
int sm_servers_choose(const struct sm_servers *servers, const struct sm_call *call, double now);

/* When one may be asked; 0: now. */
double sm_servers_ready_ms(const struct sm_servers *servers);

/* The server has not answered, or has asked to wait so many seconds (0: it says nothing). True if
 * another one can be asked now. */
bool sm_servers_failed(struct sm_servers *servers, int server, double wait_s, double now);

/* It has answered. True if it had not before. */
bool sm_servers_answered(struct sm_servers *servers, int server);

#endif
