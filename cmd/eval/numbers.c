#include "cmd/eval/numbers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void eval_number(struct sm_buf *out, double number)
{
    char text[40];
    if (isnan(number)) {
        sm_buf_str(out, "null");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    sm_buf_str(out, text);
}

void eval_member(struct sm_buf *out, const char *name, double number)
{
    sm_buf_printf(out, ",\"%s\":", name);
    eval_number(out, number);
}

void eval_ci(struct sm_buf *out, const char *name, const struct interval *interval)
{
    sm_buf_printf(out, ",\"%s\":", name);
    if (isnan(interval->ci.low)) {
        sm_buf_str(out, "null");
        return;
    }
    sm_buf_printf(out, "{\"method\":\"%s\",\"unit\":\"%s\"", interval->method, interval->unit);
    eval_member(out, "level", SM_CI_LEVEL);
    eval_member(out, "low", interval->ci.low);
    eval_member(out, "high", interval->ci.high);
    if (!isnan(interval->se)) {
        eval_member(out, "se", interval->se);
        eval_member(out, "degrees", interval->degrees);
    }
    sm_buf_char(out, '}');
}
