#include "lib/llm/internal/servers.h"

#include "lib/base/fnv.h"
#include "lib/base/mem.h"
#include "lib/llm/internal/waiting.h"

#include <math.h>

#define FIRST_REST_MS 1000.0 /* doubling each time that it fails again */
#define REST_MAX_MS 60000.0
#define LEEWAY 1.25 /* times its share that a server may have in flight of its own calls */

void sm_servers_open(struct sm_servers *servers, const struct sm_llm_config *config,
                     const char *base, struct sm_store *store, const char *model)
{
    servers->count = 1 + config->other_count;
    servers->at = sm_alloc(servers->count, sizeof *servers->at);
    for (size_t i = 0; i < servers->count; i++) {
        struct sm_server *server = &servers->at[i];
        server->base = sm_strdup(i == 0 ? base : config->others[i - 1]);
        for (size_t len = strlen(server->base); len && server->base[len - 1] == '/';)
            server->base[--len] = '\0';
        if (store)
            server->limiter = sm_limiter_open(store, server->base, model, &config->limits);
    }
}

void sm_servers_close(struct sm_servers *servers)
{
    for (size_t i = 0; i < servers->count; i++) {
        sm_limiter_close(servers->at[i].limiter);
        free(servers->at[i].base);
    }
    free(servers->at);
}

/* A number that depends on how the call begins and on the server alone: the greatest one is of the
 * server that is asked first, and of the next greatest when that one is down (rendezvous hashing,
 * Thaler and Ravishankar, 1998). */
static uint64_t affinity(const struct sm_call *call, const char *base)
{
    uint64_t hash = sm_fnv(SM_FNV_START, call->body.data, call->prefix_len);
    hash = sm_fnv(hash, base, strlen(base));
    hash ^= hash >> 29;
    return hash * 0x9e3779b97f4a7c15;
}

int sm_servers_choose(const struct sm_servers *servers, const struct sm_call *call, double now)
{
    size_t up = 0, running = 0;
    int own = -1, least = -1;
    uint64_t best = 0;
    if (servers->count == 1)
        return 0;
    for (size_t i = 0; i < servers->count; i++) {
        const struct sm_server *server = &servers->at[i];
        running += server->running;
        /* one that has just come back is tried with one call */
        if (server->until_ms > now || (server->failed > 0 && server->running > 0))
            continue;
        uint64_t score = affinity(call, server->base);
        up++;
        if (own < 0 || score > best) {
            own = (int)i;
            best = score;
        }
        if (least < 0 || server->running < servers->at[least].running)
            least = (int)i;
    }
    if (own < 0)
        return -1;
    double share = ceil(LEEWAY * (double)(running + 1) / (double)up);
    return (double)servers->at[own].running < share ? own : least;
}

double sm_servers_ready_ms(const struct sm_servers *servers)
{
    double soonest = INFINITY;
    if (servers->count == 1)
        return 0;
    for (size_t i = 0; i < servers->count; i++) {
        const struct sm_server *server = &servers->at[i];
        if (!(server->failed > 0 && server->running > 0))
            soonest = fmin(soonest, server->until_ms);
    }
    return soonest;
}

bool sm_servers_failed(struct sm_servers *servers, int number, double wait_s, double now)
{
    struct sm_server *server = &servers->at[number];
    if (servers->count == 1)
        return false;
    if (wait_s <= 0)
        server->failed++;
    double rest =
        fmin(ldexp(FIRST_REST_MS, server->failed < 8 ? (int)server->failed - 1 : 7), REST_MAX_MS);
    server->until_ms = fmax(server->until_ms, now + (wait_s > 0 ? wait_s * 1e3 : rest));
    return sm_servers_ready_ms(servers) <= now;
}

bool sm_servers_answered(struct sm_servers *servers, int number)
{
    struct sm_server *server = &servers->at[number];
    bool was_down = server->told;
    server->failed = 0;
    server->told = false;
    return was_down;
}
