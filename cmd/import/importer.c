/* The importer: its format, and what the command line says of it. */
#include "cmd/import/import.h"

#include "lib/base/near.h"

#include <unistd.h>

bool importer_unknown(const char *name, struct sm_err *err)
{
    struct sm_buf names = {0}, meant = {0}, remedy = {0};
    struct sm_near near = {.word = name, .len = name ? strlen(name) : 0};
    for (size_t i = 0; name && sm_format_name(i); i++)
        sm_near_try(&near, sm_format_name(i));
    if (near.best)
        sm_buf_printf(&meant, ", did you mean %s?", near.best);
    sm_format_names(&names);
    if (name && access(name, R_OK) == 0)
        sm_buf_printf(&remedy, "sm-import --guess %s tells which that file has", name);
    else
        sm_buf_str(&remedy, "sm-import --list tells what each is; --map FILE.jq adds one");
    sm_err_set(err, SM_EXIT_USAGE, remedy.data, "%s%s%s; there are: %s",
               name ? "no format is called " : "no format is named", name ? name : "",
               sm_buf_text(&meant), names.data);
    sm_buf_release(&names);
    sm_buf_release(&meant);
    sm_buf_release(&remedy);
    return false;
}

bool importer_is_format(const char *name)
{
    for (size_t i = 0; sm_format_name(i); i++) {
        if (strcmp(sm_format_name(i), name) == 0)
            return true;
    }
    return false;
}

/* The length of the first TO=FROM: a comma ends it if a name and = stand behind, since columns have
 * questions for names, with commas in them. */
static size_t column_len(const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t len = strcspn(text, ",");
    while (text[len]) {
        size_t name = strspn(text + len + 1, plain);
        if (!text[len + 1] || (name && text[len + 1 + name] == '='))
            break;
        len += 1 + strcspn(text + len + 1, ",");
    }
    return len;
}

/* Splits "TO=FROM,TO=FROM" of --columns. */
static bool add_columns(struct importer *importer, const char *text, struct sm_err *err)
{
    while (*text) {
        size_t len = column_len(text), to = strcspn(text, "=");
        if (to == 0 || to + 1 >= len)
            return sm_err_set(err, SM_EXIT_USAGE,
                              "for example --columns context=prompt,chosen=good",
                              "--columns %.*s: not TO=FROM", (int)len, text);
        importer->columns = sm_grow(importer->columns, importer->column_count,
                                    &importer->column_room, sizeof *importer->columns);
        importer->columns[importer->column_count++] =
            (struct import_column){sm_strndup(text, to), sm_strndup(text + to + 1, len - to - 1)};
        text += len + (text[len] == ',');
    }
    return true;
}

static bool check_options(const struct importer *importer, struct sm_err *err)
{
    const struct import_options *set = &importer->set;
    bool needs_hf = set->config || set->splits.count || set->hf_cache || set->hf_url;
    if (!set->hf && needs_hf)
        return sm_err_set(err, SM_EXIT_USAGE, "name the dataset with --hf NAME",
                          "--config, --split, --pages and --hf-url are about a dataset of --hf");
    if (set->hf && importer->app->file_count > 0)
        return sm_err_set(err, SM_EXIT_USAGE, "give one of them",
                          "--hf and files exclude each other");
    if (set->hf && importer->saved)
        return sm_err_set(err, SM_EXIT_USAGE, "give a folder or a file",
                          "format %s is not one of datasets", importer->name);
    if (importer->saved && (importer->column_count || set->dataset))
        return sm_err_set(err, SM_EXIT_USAGE, "leave them out",
                          "--columns and --dataset are about rows, and format %s has none",
                          importer->name);
    return true;
}

struct sm_format *importer_format(const struct importer *importer, const char *dataset,
                                  const char *split, struct sm_err *err)
{
    const struct import_options *set = &importer->set;
    jv visible =
        jv_object_set(jv_object(), jv_string("pairs"), jv_string(set->pairs ? set->pairs : "all"));
    if (set->label_base)
        visible =
            jv_object_set(visible, jv_string("label_base"), jv_number(set->label_base[0] - '0'));
    if (dataset)
        visible = jv_object_set(visible, jv_string("dataset"), jv_string(dataset));
    if (split)
        visible = jv_object_set(visible, jv_string("split"), jv_string(split));
    if (importer->trial)
        return sm_format_described(importer->name, importer->trial->descriptions, visible);
    return sm_format_open(importer->name, set->map, visible, err);
}

bool importer_open(struct importer *importer, struct sm_err *err)
{
    struct import_options *set = &importer->set;
    if (set->map)
        importer->name = set->map;
    if (!set->map && (!importer->name || !importer_is_format(importer->name)))
        return importer_unknown(importer->name, err);
    for (size_t i = 0; i < set->columns.count; i++) {
        if (!add_columns(importer, set->columns.at[i], err))
            return false;
    }
    importer->plain = !set->map && strcmp(importer->name, "persona-program") == 0;
    importer->saved = importer->plain || (!set->map && strcmp(importer->name, "program") == 0);
    if (!check_options(importer, err))
        return false;
    importer->groups = sm_string_set_open();
    importer->format = importer_format(importer, set->dataset, NULL, err);
    return importer->format != NULL;
}

void importer_close(struct importer *importer)
{
    sm_format_close(importer->format);
    jv_free(importer->spelled);
    for (size_t i = 0; i < importer->column_count; i++) {
        free(importer->columns[i].to);
        free(importer->columns[i].from);
    }
    free(importer->columns);
    free(importer->group.lines);
    if (importer->groups)
        sm_string_set_close(importer->groups);
    import_tally_release(&importer->dropped);
    import_tally_release(&importer->changed);
}
