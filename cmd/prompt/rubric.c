#include "cmd/prompt/rubric.h"

#include "lib/json/json.h"

#include <math.h>

static void write_criterion(jv item, struct sm_buf *out)
{
    size_t len = 0;
    double stated = sm_json_number(item, "stated", NAN);
    const char *text;
    sm_buf_printf(out, "%6.2f  ", sm_json_number(item, "weight", 0));
    if (isfinite(stated))
        sm_buf_printf(out, "%6.2f  ", stated);
    else
        sm_buf_str(out, "     -  ");
    text = sm_json_text(item, "name", &len);
    sm_buf_add(out, text, len);
    text = sm_json_text(item, "description", &len);
    if (text && len > 0) {
        sm_buf_str(out, ": ");
        sm_buf_add(out, text, len);
    }
    sm_buf_char(out, '\n');
}

static void print_text(jv criteria, jv fit, struct sm_buf *out)
{
    double n = sm_json_number(fit, "n", 0), correct = sm_json_number(fit, "correct", 0);
    if (jv_array_length(jv_copy(criteria)) == 0)
        sm_buf_str(out, "no criteria: the choices showed none\n");
    else
        sm_buf_str(out, "weight  stated  criterion\n");
    jv_array_foreach(criteria, i, item)
    {
        write_criterion(item, out);
        jv_free(item);
    }
    if (n > 0)
        sm_buf_printf(out, "right on %.0f of the %.0f choices that the weights are fitted to\n",
                      correct, n);
}

static void print_json(const char *user, jv criteria, jv fit, struct sm_buf *out)
{
    sm_buf_str(out, "{\"type\":\"prompt\",\"user_id\":");
    sm_json_cstring(out, user);
    sm_buf_str(out, ",\"what\":\"rubric\",\"criteria\":");
    sm_json_value(out, criteria);
    sm_buf_str(out, ",\"fit\":");
    if (jv_is_valid(fit))
        sm_json_value(out, fit);
    else
        sm_buf_str(out, "null");
    sm_buf_str(out, "}\n");
}

void rubric_print(const char *user, jv record, bool json, struct sm_buf *out)
{
    jv criteria = sm_json_get(record, "criteria"), fit = sm_json_get(record, "fit");
    if (json)
        print_json(user, criteria, fit, out);
    else
        print_text(criteria, fit, out);
    jv_free(criteria);
    jv_free(fit);
}
