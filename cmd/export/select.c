#include "cmd/export/select.h"

bool export_takes(const struct exporter *e, const struct sm_pair *pair, size_t *unlabeled)
{
    if (!(e->splits & 1U << pair->split))
        return false;
    bool lacks = e->target->labeled && !pair->labeled;
    *unlabeled += lacks;
    return !lacks;
}

void export_note_left_out(const struct exporter *e, const struct sm_user *user, size_t taken,
                          size_t unlabeled)
{
    if (unlabeled)
        app_note(e->app, "user %s: %zu pairs left out, of which nobody has chosen a reply",
                 user->id, unlabeled);
    else if (!taken)
        app_note(e->app, "user %s has no pairs to export; see --split", user->id);
}

/* An enum sm_split; -1: there is no such. "none" stands for pairs without a split. */
static int split_of(const char *text, size_t len)
{
    for (int split = SM_SPLIT_NONE; split <= SM_SPLIT_TEST; split++) {
        const char *name = split == SM_SPLIT_NONE ? "none" : sm_split_name(split);
        if (strlen(name) == len && strncmp(text, name, len) == 0)
            return split;
    }
    return -1;
}

bool export_read_splits(struct exporter *e, struct sm_err *err)
{
    const char *at = e->set.splits ? e->set.splits : e->target->splits;
    for (;;) {
        size_t len = strcspn(at, ",");
        int split = split_of(at, len);
        if (split < 0)
            return sm_err_set(err, SM_EXIT_USAGE, "give train, val, test or none, or several",
                              "--split %s: \"%.*s\" is no split", e->set.splits, (int)len, at);
        e->splits |= 1U << split;
        if (!at[len])
            return true;
        at += len + 1;
    }
}
