/* Reads records on standard input, prints how often each user's judge was right, with Wilson's
 * interval:
 *
 *     make install-lib PREFIX=$HOME/.local       # in a clone
 *     export PKG_CONFIG_PATH=$HOME/.local/lib/pkgconfig
 *     cc -o accuracy examples/library/accuracy.c $(pkg-config --cflags --libs synthesizeme)
 *     sm-judge --order forward users.jsonl | ./accuracy
 */
#include "lib/base/mem.h"
#include "lib/eval/stats.h"
#include "lib/eval/verdict.h"

/* The library calls this where memory runs out: how a program ends is its own affair. */
_Noreturn void sm_out_of_memory(void)
{
    fputs("accuracy: out of memory\n", stderr);
    exit(SM_EXIT_INPUT);
}

struct user {
    char *id; /* NULL before the first */
    size_t right, count;
};

static void print_user(struct user *user)
{
    if (user->count > 0) {
        struct sm_ci ci = sm_ci_wilson(user->right, user->count);
        printf("%s: %zu of %zu, %.3f to %.3f\n", user->id, user->right, user->count, ci.low,
               ci.high);
    }
    free(user->id);
    *user = (struct user){0};
}

/* A user's records stand together. False with `err` where the line is no record. */
static bool take(struct sm_record_view *view, const char *line, size_t len, struct user *user,
                 struct sm_err *err)
{
    struct sm_verdict verdict;
    if (!sm_record_view_read(view, line, len, "user", err))
        return false;
    if (view->type != SM_VERDICT || !view->user)
        return true;
    if (!sm_verdict_from(view, &verdict, err))
        return false;
    if (!user->id || strcmp(user->id, view->user) != 0) {
        print_user(user);
        user->id = sm_strdup(view->user);
    }
    if (verdict.labeled) {
        user->count++;
        user->right += verdict.prediction == 1;
    }
    return true;
}

int main(void)
{
    struct sm_record_view view = {0};
    struct user user = {0};
    struct sm_err err = {0};
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    int status = SM_EXIT_OK;
    for (size_t number = 1; (len = getline(&line, &room, stdin)) > 0; number++) {
        size_t end = (size_t)len - (line[len - 1] == '\n');
        if (!take(&view, line, end, &user, &err)) {
            fprintf(stderr, "accuracy: line %zu: %s\n", number, err.message);
            sm_err_clear(&err);
            status = SM_EXIT_PARTIAL;
        }
    }
    print_user(&user);
    sm_record_view_release(&view);
    free(line);
    return status;
}
