#include "lib/llm/internal/pace.h"

#include "lib/llm/internal/transfer.h"

#include <math.h>

#define FIRST_WAIT_S 1.0
#define WAIT_MAX_S                                                                                 \
    20.0 /* where nothing is said: three of them are longer than a minute's limit                  \
          */
#define PATIENCE_MS 300e3
#define PATIENCE_TRIES 8
#define TOLD_FROM_S 4
#define TOLD_AGAIN 4 /* times as long */

/* Doubling from a second, a little more so that clients spread out. Sums up to more than a minute
 * in seven tries: most limits are by the minute. */
static double own_wait_s(struct sm_llm *llm, unsigned limited)
{
    double wait = fmin(ldexp(FIRST_WAIT_S, limited < 16 ? (int)limited - 1 : 15), WAIT_MAX_S);
    return wait * (1 + 0.25 * sm_rng_double(&llm->jitter));
}

void sm_pace_limited(struct sm_llm *llm, const struct sm_call *call, double asked_s)
{
    struct sm_model *model = call->model;
    double now = sm_llm_now_ms(llm);
    bool again = model->limited == 0 || call->begun_ms >= model->limited_ms;
    if (model->limited == 0)
        model->limited_from_ms = now;
    model->limited += again; /* others were under way already */
    model->limited_ms = now;
    model->room = 1;
    if (!again && asked_s <= 0)
        return;
    double wait_s = asked_s > 0 ? asked_s : own_wait_s(llm, model->limited);
    model->paused_until_ms = fmax(model->paused_until_ms, now + wait_s * 1e3);
}

bool sm_pace_is_hopeless(const struct sm_llm *llm, const struct sm_model *model)
{
    return model->limited > PATIENCE_TRIES &&
           sm_llm_now_ms(llm) - model->limited_from_ms > PATIENCE_MS;
}

void sm_pace_answered(const struct sm_llm *llm, const struct sm_call *call)
{
    struct sm_model *model = call->model;
    if (call->begun_ms < model->limited_ms)
        return; /* it was under way before */
    model->limited = 0;
    if (model->room > 0 && ++model->room > (size_t)llm->config.jobs)
        model->room = 0;
}

void sm_pace_write(struct sm_buf *out, double seconds)
{
    if (seconds < 120)
        sm_buf_printf(out, "%.0f s", round(seconds));
    else if (seconds < 7200)
        sm_buf_printf(out, "%.0f min", round(seconds / 60));
    else if (seconds < 48 * 3600)
        sm_buf_printf(out, "%.1f h", seconds / 3600);
    else
        sm_buf_printf(out, "%.0f days", fmin(seconds / 86400, 999));
}

void sm_pace_tell(struct sm_llm *llm, double wait_s, const char *why)
{
    struct sm_buf text = {0};
    if (!llm->config.tell || wait_s < TOLD_FROM_S || wait_s < TOLD_AGAIN * llm->told_wait_s)
        return;
    llm->told_wait_s = wait_s;
    sm_buf_printf(&text, "%s is asked again in ", llm->endpoint.base);
    sm_pace_write(&text, wait_s);
    sm_buf_printf(&text, ": %s", why);
    llm->config.tell(llm->config.tell_arg, text.data);
    sm_buf_release(&text);
}
