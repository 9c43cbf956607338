#include "lib/llm/internal/move.h"

#include "lib/llm/internal/intake.h"

#include <math.h>

/* Whether it was the server, and not the request, that failed: another one may do better. */
static bool is_of_server(const struct sm_transfer *ended)
{
    if (ended->result != CURLE_OK)
        return ended->result != CURLE_WRITE_ERROR;
    return ended->status == 429 || (ended->status >= 502 && ended->status <= 504) ||
           ended->status == 529;
}

static void tell_server(struct sm_llm *llm, struct sm_server *server, const char *what)
{
    struct sm_buf text = {0};
    if (!llm->config.tell)
        return;
    sm_buf_printf(&text, "%s %s", server->base, what);
    llm->config.tell(llm->config.tell_arg, text.data);
    sm_buf_release(&text);
}

bool sm_move_on(struct sm_llm *llm, const struct sm_transfer *ended)
{
    struct sm_call *call = ended->call;
    struct sm_server *server = &llm->servers.at[call->server];
    double now = sm_llm_now_ms(llm);
    double wait_s = ended->retry_after_s > 0 ? ended->retry_after_s : ended->reset_s;
    if (llm->stopped.message || llm->fatal.message || !is_of_server(ended) ||
        !sm_servers_failed(&llm->servers, call->server, ended->status == 429 ? fmax(wait_s, 1) : 0,
                           now))
        return false;
    if (!server->told && ended->status != 429)
        tell_server(llm, server, "does not answer: its calls go to the others");
    server->told |= ended->status != 429;
    call->tried--;
    llm->totals.retries++;
    sm_call_enqueue(llm, call);
    return true;
}

void sm_move_back(struct sm_llm *llm, const struct sm_call *call)
{
    if (sm_servers_answered(&llm->servers, call->server))
        tell_server(llm, &llm->servers.at[call->server], "answers again");
}
