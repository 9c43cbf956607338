#include "cmd/common/labels.h"

#include "lib/base/mem.h"

static bool add_label(struct labels *labels, const char *option, struct sm_err *err)
{
    const char *equals = strchr(option, '=');
    if (!equals || equals == option || !equals[1])
        return sm_err_set(err, SM_EXIT_USAGE, "give a name, \"=\" and the file",
                          "--label %s: not NAME=FILE", option);
    struct label label = {.name = sm_strndup(option, (size_t)(equals - option)),
                          .file = equals + 1};
    labels->at[labels->count++] = label;
    for (size_t i = 0; i + 1 < labels->count; i++) {
        bool name = strcmp(labels->at[i].name, label.name) == 0;
        if (name || strcmp(labels->at[i].file, label.file) == 0)
            return sm_err_set(err, SM_EXIT_USAGE, NULL, "--label %s: that %s has been used", option,
                              name ? "name" : "file");
    }
    return true;
}

bool labels_parse(struct labels *labels, const struct sm_string_list *options, struct sm_err *err)
{
    labels->at = sm_alloc(options->count + 1, sizeof *labels->at);
    for (size_t i = 0; i < options->count; i++) {
        if (!add_label(labels, options->at[i], err))
            return false;
    }
    return true;
}

void labels_release(struct labels *labels)
{
    for (size_t i = 0; i < labels->count; i++)
        free(labels->at[i].name);
    free(labels->at);
    *labels = (struct labels){0};
}

const char *labels_name(struct labels *labels, const char *file)
{
    for (size_t i = 0; i < labels->count; i++) {
        if (strcmp(labels->at[i].file, file) == 0) {
            labels->at[i].used = true;
            return labels->at[i].name;
        }
    }
    return file;
}

bool labels_all_used(const struct labels *labels, struct sm_err *err)
{
    for (size_t i = 0; i < labels->count; i++) {
        if (!labels->at[i].used)
            return sm_err_set(
                err, SM_EXIT_USAGE, "give the file itself, too, as it is spelled there",
                "--label %s=%s: there is no such input", labels->at[i].name, labels->at[i].file);
    }
    return true;
}
