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

void eval_ci(struct sm_buf *out, const char *name, enum sm_ci_method method, struct sm_ci ci)
{
    sm_buf_printf(out, ",\"%s\":", name);
    if (isnan(ci.low)) {
        sm_buf_str(out, "null");
        return;
    }
    sm_buf_printf(out, "{\"method\":\"%s\",\"level\":", sm_ci_name(method));
    eval_number(out, SM_CI_LEVEL);
    sm_buf_str(out, ",\"low\":");
    eval_number(out, ci.low);
    sm_buf_str(out, ",\"high\":");
    eval_number(out, ci.high);
    sm_buf_char(out, '}');
}
