#include "cmd/eval/shrunk.h"

#include "cmd/eval/numbers.h"

#include "cmd/common/environment.h"

#include "lib/base/file.h"

#include <errno.h>

#define RECORD_END "}\n"

static void tell_full(struct eval *e)
{
    struct sm_err err = {0};
    sm_err_set(&err, SM_EXIT_INPUT, "make room, or set TMPDIR to a folder that has it",
               "cannot write the temporary file: %s", strerror(errno));
    app_fail(e->app, &err);
}

static void tell_lost(struct eval *e)
{
    struct sm_err err = {0};
    sm_err_set(&err, SM_EXIT_INPUT, "make room and run the same command again",
               "cannot read the temporary file: %s", strerror(errno));
    app_fail(e->app, &err);
}

void eval_shrunk_keep(struct eval *e, struct judged *judged, const struct estimates *figures,
                      const struct sm_buf *record)
{
    const struct estimate *accuracy = &figures->of[SM_OF_ACCURACY];
    struct sm_err err = {0};
    judged->trials =
        sm_grow(judged->trials, judged->trial_count, &judged->trial_room, sizeof *judged->trials);
    judged->trials[judged->trial_count++] = (struct sm_trials){accuracy->pair_sum, accuracy->pairs};
    if (!record)
        return;
    if (judged->trial_count == 1)
        judged->waiting = sm_file_unnamed(env_temp_folder(), &err);
    if (err.message)
        app_fail(e->app, &err);
    if (judged->waiting && fwrite(record->data, 1, record->len, judged->waiting) < record->len) {
        tell_full(e);
        fclose(judged->waiting);
        judged->waiting = NULL;
    }
}

static struct sm_shrunk *compute(const struct judged *judged)
{
    struct sm_shrunk *shrunk = sm_alloc(judged->trial_count + 1, sizeof *shrunk);
    sm_shrink(judged->trials, judged->trial_count, shrunk);
    return shrunk;
}

static void write_member(struct sm_buf *out, const struct sm_shrunk *shrunk)
{
    sm_buf_str(out, ",\"shrunk\":{\"mean\":");
    eval_number(out, shrunk->mean);
    eval_member(out, "low", shrunk->low);
    eval_member(out, "high", shrunk->high);
    eval_member(out, "above_half", shrunk->above_half);
    sm_buf_char(out, '}');
}

void eval_shrunk_write(struct eval *e, struct judged *judged)
{
    struct sm_shrunk *shrunk = compute(judged);
    struct sm_buf out = {0};
    char *line = NULL;
    size_t room = 0;
    if (judged->waiting && fflush(judged->waiting) != 0)
        tell_full(e);
    else if (judged->waiting)
        rewind(judged->waiting);
    for (size_t i = 0; judged->waiting && i < judged->trial_count; i++) {
        ssize_t len = getline(&line, &room, judged->waiting);
        if (len < (ssize_t)strlen(RECORD_END)) {
            tell_lost(e);
            break;
        }
        sm_buf_clear(&out);
        sm_buf_add(&out, line, (size_t)len - strlen(RECORD_END));
        if (judged->trials[i].n > 0)
            write_member(&out, &shrunk[i]);
        else
            sm_buf_str(&out, ",\"shrunk\":null");
        sm_buf_str(&out, RECORD_END);
        if (!app_write(e->app, out.data, out.len))
            break;
    }
    free(line);
    free(shrunk);
    sm_buf_release(&out);
}

void eval_shrunk_column(struct eval *e, struct judged *judged, size_t column)
{
    struct sm_shrunk *shrunk = compute(judged);
    for (size_t i = 0; i < judged->trial_count; i++) {
        struct sm_buf cell = {0};
        if (judged->trials[i].n == 0)
            continue;
        sm_buf_printf(&cell, "%.1f%% [%.1f%%, %.1f%%]", 100 * shrunk[i].mean, 100 * shrunk[i].low,
                      100 * shrunk[i].high);
        sm_table_set(e->table, i, column, sm_buf_text(&cell));
        sm_buf_release(&cell);
    }
    free(shrunk);
}

void eval_shrunk_release(struct judged *judged)
{
    free(judged->trials);
    if (judged->waiting)
        fclose(judged->waiting);
}
