#include "cmd/eval/write.h"

#include "cmd/eval/csv.h"
#include "cmd/eval/figures.h"
#include "cmd/eval/result.h"
#include "cmd/eval/table.h"

void eval_write_user(struct eval *e, const struct judged *judged, const char *user,
                     const struct sm_tally *t, struct sm_ci ci)
{
    struct sm_buf out = {0};
    if (e->set.csv) {
        eval_csv_row(e, judged, user, t, ci, &out);
    } else if (eval_has_table(e)) {
        eval_table_user(e, user, t, ci);
    } else {
        eval_result(e, &out, judged, user, t, ci);
    }
    app_write(e->app, sm_buf_text(&out), out.len);
    sm_buf_release(&out);
}

void eval_write_all(struct eval *e, struct judged *judged)
{
    struct sm_ci ci = judged->ci = eval_interval_all(e, judged);
    struct sm_buf out = {0};
    if (e->set.csv) {
        eval_csv_row(e, judged, NULL, &judged->all, ci, &out);
    } else if (eval_has_table(e)) {
        eval_table_all(e, judged, ci);
    } else {
        eval_result_all(e, &out, judged, ci);
    }
    app_write(e->app, sm_buf_text(&out), out.len);
    sm_buf_release(&out);
}
