#include "lib/stage/internal/plan.h"

#include "lib/json/json.h"

static int64_t bound(jv plan, const char *name, const char *direction, const char *which)
{
    jv object = sm_json_get(plan, name);
    jv part = direction ? sm_json_get(object, direction) : jv_copy(object);
    double number = sm_json_number(part, which, 0);
    jv_free(part);
    jv_free(object);
    return number >= 0 && number < 1e15 ? (int64_t)number : 0;
}

void sm_plan_take(struct sm_plan *earlier, jv record)
{
    jv plan = sm_json_get(record, "plan");
    struct sm_plan part = {
        .least = {bound(plan, "calls", NULL, "least"), bound(plan, "tokens", "in", "least"),
                  bound(plan, "tokens", "out", "least")},
        .typical = {bound(plan, "calls", NULL, "typical"), bound(plan, "tokens", "in", "typical"),
                    bound(plan, "tokens", "out", "typical")},
        .most = {bound(plan, "calls", NULL, "most"), bound(plan, "tokens", "in", "most"),
                 bound(plan, "tokens", "out", "most")},
    };
    sm_plan_sum(earlier, &part);
    jv_free(plan);
}
