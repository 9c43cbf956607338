/* Turns the results of a format into records. */
#include "cmd/import/import.h"

#include "lib/json/json.h"
#include "lib/json/record_view.h"

/* The programs of formats say what is wrong with a row, but seldom what to do. */
static void add_remedy(const struct importer *importer, struct sm_err *err)
{
    if (err->remedy)
        return;
    err->remedy =
        sm_strdup(importer->saved ? "sm-import(1) tells what is read"
                                  : "mend the row, or see what the format expects in sm-import(1)");
}

/* The line that a result comes from: `made` may name one of the rows that the format got. */
static size_t line_of(const struct importer *importer, jv made)
{
    int64_t i = 0;
    if (importer->line_count == 0)
        return 0;
    sm_json_integer(made, "row", 0, (int64_t)importer->line_count - 1, &i);
    return importer->lines[i];
}

/* Pairs begin with these, in the order of sm-records(5), and end with the texts. */
static const char *const first_members[] = {"conversation_id", "dataset", "index", "split", "flip"};
static const char *const last_members[] = {"context", "chosen", "rejected", "first", "second"};

static bool is_among(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, list[i]) == 0)
            return true;
    }
    return false;
}

static void write_member(jv object, const char *name, const char *as, struct sm_buf *out)
{
    jv value = sm_json_get(object, name);
    if (jv_is_valid(value)) {
        sm_buf_char(out, ',');
        sm_json_cstring(out, as);
        sm_buf_char(out, ':');
        sm_json_value(out, value);
    }
    jv_free(value);
}

/* Of these members a null is left out. */
static void write_known(jv object, struct sm_buf *out)
{
    for (size_t i = 0; i < sizeof first_members / sizeof *first_members; i++) {
        jv value = sm_json_get(object, first_members[i]);
        if (jv_get_kind(value) != JV_KIND_NULL)
            write_member(object, first_members[i], first_members[i], out);
        jv_free(value);
    }
}

static void write_others(jv object, struct sm_buf *out)
{
    jv keys = jv_keys(jv_copy(object));
    int n = jv_array_length(jv_copy(keys));
    for (int i = 0; i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        const char *name = jv_string_value(key);
        bool known = strcmp(name, "type") == 0 || strcmp(name, "user_id") == 0 ||
                     is_among(name, first_members, sizeof first_members / sizeof *first_members) ||
                     is_among(name, last_members, sizeof last_members / sizeof *last_members);
        if (!known)
            write_member(object, name, name, out);
        jv_free(key);
    }
    jv_free(keys);
}

static void write_pair(jv made, struct sm_buf *out)
{
    const char *type = sm_json_text(made, "type", NULL);
    write_known(made, out);
    write_others(made, out);
    jv kept = sm_json_get(made, "source_type");
    if (!jv_is_valid(kept) && !(type && strcmp(type, "pair") == 0))
        write_member(made, "type", "source_type", out);
    jv_free(kept);
    for (size_t i = 0; i < sizeof last_members / sizeof *last_members; i++)
        write_member(made, last_members[i], last_members[i], out);
}

/* Keeps the order of the members. */
static void write_as_made(jv made, struct sm_buf *out)
{
    jv rest =
        jv_object_delete(jv_object_delete(jv_copy(made), jv_string("type")), jv_string("user_id"));
    jv text = jv_dump_string(rest, 0);
    if (strcmp(jv_string_value(text), "{}") != 0)
        sm_buf_printf(out, ",%.*s", (int)strlen(jv_string_value(text)) - 2,
                      jv_string_value(text) + 1);
    jv_free(text);
}

/* An integer becomes text. Whatever else is no text fails when the record is parsed. */
static void write_user(const struct importer *importer, jv made, struct sm_buf *out)
{
    jv user = sm_json_get(made, "user_id");
    jv_kind kind = jv_get_kind(user);
    int64_t number;
    sm_buf_str(out, ",\"user_id\":");
    if (kind == JV_KIND_INVALID || kind == JV_KIND_NULL)
        sm_json_cstring(out, importer->app->set.user);
    else if (sm_json_integer(made, "user_id", -SM_INTEGER_MAX, SM_INTEGER_MAX, &number))
        sm_buf_printf(out, "\"%lld\"", (long long)number);
    else
        sm_json_value(out, user);
    jv_free(user);
}

/* A record goes out, unless this is only a check or a trial. */
static void put(struct importer *importer, const char *line, size_t len)
{
    importer->records++;
    if (!importer->set.check && !importer->trial)
        app_write(importer->app, line, len);
}

static bool is_pair(jv made)
{
    jv context = sm_json_get(made, "context");
    bool pair = jv_is_valid(context);
    jv_free(context);
    return pair;
}

static bool write_record(struct importer *importer, jv made, struct sm_err *err)
{
    struct sm_buf out = {0};
    struct sm_record_view view = {0};
    bool known;
    const char *type = sm_json_text(made, "type", NULL);
    bool learned = type && (strcmp(type, "persona") == 0 || strcmp(type, "demos") == 0);
    bool pair = is_pair(made) || !learned;
    sm_buf_printf(&out, "{\"type\":\"%s\"", pair ? "pair" : type);
    write_user(importer, made, &out);
    if (pair)
        write_pair(made, &out);
    else
        write_as_made(made, &out);
    sm_buf_char(&out, '}');
    bool ok = sm_record_view_read(&view, out.data, out.len, importer->app->set.user, err);
    if (ok) {
        if (importer->trial && view.user)
            sm_string_set_add(importer->trial->users, view.user, &known);
        sm_buf_char(&out, '\n');
        put(importer, out.data, out.len);
    }
    sm_record_view_release(&view);
    sm_buf_release(&out);
    return ok;
}

static void write_line(struct importer *importer, jv made)
{
    struct sm_buf out = {0};
    jv text = jv_dump_string(jv_copy(made), 0);
    sm_buf_printf(&out, "%s\n", jv_string_value(text));
    put(importer, out.data, out.len);
    jv_free(text);
    sm_buf_release(&out);
}

struct conversion {
    struct importer *importer;
    bool any; /* there was a result */
};

static bool take_made(void *arg, jv made)
{
    struct conversion *c = arg;
    struct importer *importer = c->importer;
    struct sm_err err = {0};
    /* A pair may have columns of these names. */
    bool pair = is_pair(made);
    const char *dropped = pair ? NULL : sm_json_text(made, "dropped", NULL);
    const char *problem = pair ? NULL : sm_json_text(made, "problem", NULL);
    size_t line = line_of(importer, made);
    c->any = true;
    if (jv_get_kind(made) != JV_KIND_OBJECT)
        sm_err_set(&err, SM_EXIT_PARTIAL, "mend the format's program (see sm-import(1))",
                   "the format makes something that is no object");
    else if (dropped)
        import_count(importer, &importer->dropped, dropped, line);
    else if (problem)
        sm_err_set(&err, SM_EXIT_PARTIAL, NULL, "%.300s", problem);
    else if (importer->plain)
        write_line(importer, made);
    else if (import_same(made))
        import_count(importer, &importer->dropped, "the same replies", line);
    else if (jv_is_valid(made = import_texts(importer, made, line, &err)))
        write_record(importer, made, &err);
    if (err.message) {
        add_remedy(importer, &err);
        import_bad(importer, line, &err);
    }
    jv_free(made);
    return !importer->app->output.broken;
}

void import_convert(struct importer *importer, jv input, const size_t *lines, size_t count)
{
    struct sm_err err = {0};
    struct conversion conversion = {importer, false};
    importer->lines = lines;
    importer->line_count = count;
    sm_format_run(importer->format, input, take_made, &conversion, &err);
    if (!err.message && !conversion.any)
        sm_err_set(&err, SM_EXIT_PARTIAL, "see what the format expects in sm-import(1)",
                   "nothing to make a pair of: row skipped");
    if (err.message) {
        add_remedy(importer, &err);
        if (count > 1)
            sm_err_prefix(&err, "to line %zu", lines[count - 1]);
        import_bad(importer, lines[0], &err);
    }
}
