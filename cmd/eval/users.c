#include "cmd/eval/users.h"

#include "cmd/common/environment.h"

#include "lib/base/file.h"

#include <errno.h>
#include <unistd.h>

static bool fail(struct eval *e, struct judged *judged)
{
    struct sm_err err = {0};
    sm_err_set(&err, SM_EXIT_INPUT, "make room, or set TMPDIR to a folder that has it",
               "cannot use the temporary file: %s", strerror(errno));
    app_fail(e->app, &err);
    judged->unread = true;
    return false;
}

void eval_users_put(struct eval *e, struct judged *judged, size_t user,
                    const struct finished *finished)
{
    struct sm_err err = {0};
    if (judged->unread)
        return;
    if (!judged->finished)
        judged->finished = sm_file_unnamed(env_temp_folder(), &err);
    if (err.message) {
        app_fail(e->app, &err);
        judged->unread = true;
    } else if (fseeko(judged->finished, (off_t)(user * sizeof *finished), SEEK_SET) != 0 ||
               fwrite(finished, sizeof *finished, 1, judged->finished) != 1) {
        fail(e, judged);
    }
}

bool eval_users_get(struct eval *e, struct judged *judged, size_t user, struct finished *finished)
{
    return (judged->finished &&
            fseeko(judged->finished, (off_t)(user * sizeof *finished), SEEK_SET) == 0 &&
            fread(finished, sizeof *finished, 1, judged->finished) == 1) ||
           fail(e, judged);
}

struct named {
    const char *name;
    size_t user;
};

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct named *)left)->name, ((const struct named *)right)->name);
}

void eval_users_sort(struct judged *judged)
{
    size_t count = sm_string_set_count(judged->users);
    struct named *named = sm_alloc(count + 1, sizeof *named);
    for (size_t i = 0; i < count; i++)
        named[i] = (struct named){sm_string_set_text(judged->users, i), i};
    qsort(named, count, sizeof *named, by_name);
    judged->order = sm_alloc(count + 1, sizeof *judged->order);
    for (size_t i = 0; i < count; i++)
        judged->order[i] = named[i].user;
    free(named);
}

void eval_users_release(struct judged *judged)
{
    if (judged->finished)
        fclose(judged->finished);
    free(judged->order);
    free(judged->trials);
}
