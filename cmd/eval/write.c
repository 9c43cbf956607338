#include "cmd/eval/write.h"

#include "cmd/eval/csv.h"
#include "cmd/eval/result.h"
#include "cmd/eval/table.h"
#include "cmd/eval/users.h"

#include <math.h>

/* Adds up all users. False if that failed. */
static bool add_up(struct eval *e, struct judged *judged, size_t count)
{
    struct finished user;
    judged->trials = sm_alloc(count, sizeof *judged->trials);
    for (size_t i = 0; i < count; i++) {
        if (!eval_users_get(e, judged, judged->order[i], &user))
            return false;
        const struct estimate *accuracy = &user.figures.of[SM_OF_ACCURACY];
        judged->trials[i] = (struct sm_trials){accuracy->pair_sum, accuracy->pairs};
        eval_keep(judged, &user.tally, &user.figures);
        eval_keep_learned(judged, &user.taught);
    }
    judged->figures = eval_figures_all(e, judged);
    return true;
}

static void write_user(struct eval *e, struct judged *judged, const char *name,
                       const struct finished *user, const struct sm_shrunk *shrunk)
{
    struct sm_buf out = {0};
    if (e->set.csv)
        eval_csv_row(judged, name, &user->tally, &user->figures, &out);
    else if (eval_has_table(e))
        eval_table_user(e, name, &user->tally, &user->figures, shrunk);
    else
        eval_result(e, &out, judged, name, &user->tally, &user->figures, shrunk);
    app_write(e->app, sm_buf_text(&out), out.len);
    sm_buf_release(&out);
}

static void write_all(struct eval *e, struct judged *judged)
{
    struct sm_buf out = {0};
    if (e->set.csv)
        eval_csv_row(judged, NULL, &judged->all, &judged->figures, &out);
    else if (eval_has_table(e))
        eval_table_all(e, judged);
    else
        eval_result_all(e, &out, judged, &judged->figures);
    app_write(e->app, sm_buf_text(&out), out.len);
    sm_buf_release(&out);
}

void eval_write(struct eval *e, struct judged *judged)
{
    static const struct sm_shrunk none = {NAN, NAN, NAN, NAN};
    size_t count = sm_string_set_count(judged->users);
    if (!add_up(e, judged, count))
        return;
    struct sm_shrunk *shrunk = sm_alloc(count, sizeof *shrunk);
    sm_shrink(judged->trials, count, shrunk);
    bool ok = true;
    for (size_t i = 0; ok && i < count && !e->app->output.broken; i++) {
        struct finished user;
        const char *name = sm_string_set_text(judged->users, judged->order[i]);
        ok = eval_users_get(e, judged, judged->order[i], &user);
        if (ok)
            write_user(e, judged, name, &user, judged->trials[i].n > 0 ? &shrunk[i] : &none);
    }
    if (ok)
        write_all(e, judged);
    free(shrunk);
}
