#include "cmd/eval/csv.h"

#include "cmd/eval/figures.h"
#include "cmd/eval/numbers.h"

#include <math.h>

/* RFC 4180: always in quotes, quotes doubled. */
static void csv_text(struct sm_buf *out, const char *text)
{
    sm_buf_char(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            sm_buf_char(out, '"');
        sm_buf_char(out, *text);
    }
    sm_buf_char(out, '"');
}

static void csv_number(struct sm_buf *out, double number)
{
    sm_buf_char(out, ',');
    if (!isnan(number))
        eval_number(out, number);
}

void eval_csv_row(const struct judged *judged, const char *user, const struct sm_tally *t,
                  const struct estimates *figures, struct sm_buf *out)
{
    const struct estimate *accuracy = &figures->of[SM_OF_ACCURACY];
    csv_text(out, judged->name);
    sm_buf_char(out, ',');
    csv_text(out, user ? user : "");
    sm_buf_printf(out, ",%zu,%.0f", t->pairs, accuracy->count);
    csv_number(out, eval_mean(accuracy));
    csv_number(out, accuracy->interval.ci.low);
    csv_number(out, accuracy->interval.ci.high);
    sm_buf_printf(out, ",%zu,%zu", t->ties, t->failed);
    csv_number(out, eval_share((double)t->first, (double)t->decided));
    csv_number(out, eval_share((double)t->agreed, (double)t->both));
    csv_number(out, user ? NAN : eval_learned(judged));
    sm_buf_str(out, "\r\n");
}
