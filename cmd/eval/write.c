#include "cmd/eval/write.h"

#include "cmd/eval/csv.h"
#include "cmd/eval/figures.h"
#include "cmd/eval/result.h"
#include "cmd/eval/shrunk.h"
#include "cmd/eval/table.h"

void eval_write_user(struct eval *e, struct judged *judged, const char *user,
                     const struct sm_tally *t, const struct estimates *figures)
{
    struct sm_buf out = {0};
    if (e->set.csv) {
        eval_csv_row(judged, user, t, figures, &out);
        app_write(e->app, sm_buf_text(&out), out.len);
    } else if (eval_has_table(e)) {
        eval_table_user(e, user, t, figures);
        eval_shrunk_keep(e, judged, figures, NULL);
    } else {
        eval_result(e, &out, judged, user, t, figures);
        eval_shrunk_keep(e, judged, figures, &out);
    }
    sm_buf_release(&out);
}

void eval_write_all(struct eval *e, struct judged *judged)
{
    struct sm_buf out = {0};
    judged->figures = eval_figures_all(e, judged);
    if (e->set.csv) {
        eval_csv_row(judged, NULL, &judged->all, &judged->figures, &out);
    } else if (eval_has_table(e)) {
        eval_table_all(e, judged);
    } else {
        eval_shrunk_write(e, judged);
        eval_result_all(e, &out, judged, &judged->figures);
    }
    app_write(e->app, sm_buf_text(&out), out.len);
    sm_buf_release(&out);
}
