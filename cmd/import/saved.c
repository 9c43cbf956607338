/* What the Python library saved: the judges of users, and the program that writes personas. */
#include "cmd/import/import.h"

#include "lib/base/file.h"
#include "lib/base/utf8.h"
#include "lib/io/byte_reader.h"
#include "lib/json/json.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#define FILE_MAX_BYTES SM_LINE_MAX_BYTES
#define PERSONA_SUFFIX "_persona.txt"
#define SAVED_SUFFIX ".json"

/* Whether a file that the user has not named may be read: a folder of others may hold links to
 * anything, pipes that never end, and devices. */
static bool is_plain(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static bool read_whole(const char *path, struct sm_buf *text, struct sm_err *err)
{
    struct sm_byte_reader bytes;
    text->max = FILE_MAX_BYTES;
    if (!sm_byte_reader_open(&bytes, path, NULL, NULL, err))
        return false;
    while (!text->over && sm_byte_reader_peek(&bytes) >= 0) {
        size_t line = bytes.line;
        sm_byte_reader_rest(&bytes, text);
        if (bytes.line > line)
            sm_buf_char(text, '\n');
    }
    if (bytes.err.message)
        sm_err_set(err, SM_EXIT_INPUT, bytes.err.remedy, "%s", bytes.err.message);
    else if (text->over)
        sm_err_set(err, SM_EXIT_INPUT, NULL, "longer than %zu MiB", FILE_MAX_BYTES >> 20);
    sm_byte_reader_close(&bytes);
    return !err->message;
}

static bool ends_in(const char *name, const char *suffix)
{
    size_t len = strlen(name), end = strlen(suffix);
    return len > end && strcmp(name + len - end, suffix) == 0;
}

/* The user whom a file is named after; the name has %2F for a '/', %25 for a '%', and so on. */
static char *user_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t len = strlen(name) - (ends_in(name, SAVED_SUFFIX) ? strlen(SAVED_SUFFIX) : 0);
    struct sm_buf user = {0};
    sm_file_unescape(&user, name, len);
    return sm_buf_take(&user);
}

/* The text of the persona lies beside USER.json. Null if there is none. */
static bool read_persona(const char *path, jv *persona, struct sm_err *err)
{
    struct sm_buf name = {0}, text = {0};
    size_t stem = strlen(path) - (ends_in(path, SAVED_SUFFIX) ? strlen(SAVED_SUFFIX) : 0);
    *persona = jv_null();
    sm_buf_printf(&name, "%.*s" PERSONA_SUFFIX, (int)stem, path);
    if (is_plain(name.data) && read_whole(name.data, &text, err)) {
        size_t valid = sm_utf8_valid(sm_buf_text(&text), text.len);
        if (valid < text.len || strlen(sm_buf_text(&text)) < text.len)
            sm_err_set(err, SM_EXIT_INPUT, "convert it to UTF-8, for example with iconv",
                       "%s is no text in UTF-8", name.data);
        else
            *persona = jv_string_sized(sm_buf_text(&text), (int)text.len);
    }
    sm_buf_release(&name);
    sm_buf_release(&text);
    return !err->message;
}

static bool read_saved(const char *path, jv *saved, struct sm_err *err)
{
    struct sm_buf text = {0};
    *saved = jv_invalid();
    bool ok =
        read_whole(path, &text, err) && sm_json_parse(sm_buf_text(&text), text.len, saved, err);
    if (ok && jv_get_kind(*saved) != JV_KIND_OBJECT) {
        jv_free(*saved);
        ok = sm_err_set(err, SM_EXIT_INPUT, NULL, "not a JSON object");
    }
    if (!ok) {
        *saved = jv_invalid();
        err->code = SM_EXIT_INPUT;
    }
    sm_buf_release(&text);
    return ok;
}

/* Consumes `saved`. */
static void convert_saved(struct importer *importer, const char *path, jv saved, struct sm_err *err)
{
    static const size_t line = 1;
    jv persona = jv_null();
    char *user = importer->app->user_given || strcmp(path, "-") == 0
                     ? sm_strdup(importer->app->set.user)
                     : user_of(path);
    if (!importer->plain && strcmp(path, "-") != 0 && !read_persona(path, &persona, err)) {
        jv_free(saved);
    } else {
        jv input = jv_object_set(jv_object(), jv_string("user"), jv_string(user));
        input = jv_object_set(input, jv_string("persona"), persona);
        input = jv_object_set(input, jv_string("saved"), saved);
        importer->rows++;
        import_convert(importer, input, &line, 1);
    }
    free(user);
}

/* Whether the file has what the format needs; else `missing` says what it lacks. */
static bool has_needed(const struct importer *importer, jv saved, struct sm_buf *missing)
{
    return !sm_format_missing(importer->format, saved, missing);
}

static void import_one(struct importer *importer, const char *path)
{
    struct sm_err err = {0};
    struct sm_buf missing = {0}, like = {0};
    jv saved;
    importer->source = importer->trial          ? importer->trial->name
                       : strcmp(path, "-") == 0 ? "stdin"
                                                : path;
    importer->unit = ":";
    if (read_saved(path, &saved, &err)) {
        if (has_needed(importer, saved, &missing)) {
            convert_saved(importer, path, saved, &err);
        } else {
            sm_format_like(saved, &like);
            sm_err_set(&err, SM_EXIT_INPUT, "give a file that the Python library saved",
                       "%s is missing, which format %s needs; it looks like %s", missing.data,
                       importer->name, like.len ? like.data : "none of the formats");
            jv_free(saved);
        }
    }
    if (err.message) {
        sm_err_prefix(&err, "%s", importer->source);
        importer->bad++;
        import_fail(importer, &err);
    }
    sm_buf_release(&missing);
    sm_buf_release(&like);
}

static int is_json(const struct dirent *entry)
{
    return ends_in(entry->d_name, SAVED_SUFFIX);
}

/* Imports a file of a folder. False: it is something else, and skipped. */
static bool import_entry(struct importer *importer, const char *path)
{
    struct sm_err err = {0};
    struct sm_buf missing = {0};
    jv saved;
    bool is = false;
    if (!is_plain(path)) {
        saved = jv_invalid();
        sm_err_set(&err, SM_EXIT_INPUT, NULL, "not a regular file");
    } else {
        is = read_saved(path, &saved, &err) && has_needed(importer, saved, &missing);
    }
    if (is)
        import_one(importer, path);
    else
        app_note(importer->app, "%s: skipped: %s%s", path, err.message ? err.message : missing.data,
                 err.message ? "" : " is not in it");
    if (jv_is_valid(saved))
        jv_free(saved);
    sm_err_clear(&err);
    sm_buf_release(&missing);
    return is;
}

static bool is_wanted(const struct importer *importer, const char *name)
{
    char *user = user_of(name);
    bool wanted = !importer->app->user_given || strcmp(user, importer->app->set.user) == 0;
    free(user);
    return wanted;
}

static void import_folder(struct importer *importer, const char *folder)
{
    struct dirent **entries = NULL;
    struct sm_err err = {0};
    int n = scandir(folder, &entries, is_json, alphasort);
    int why = errno;
    size_t taken = 0;
    for (int i = 0; i < n; i++) {
        if (is_wanted(importer, entries[i]->d_name)) {
            struct sm_buf path = {0};
            const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
            sm_buf_printf(&path, "%s%s%s", folder, slash, entries[i]->d_name);
            taken += import_entry(importer, path.data);
            sm_buf_release(&path);
        }
        free(entries[i]);
    }
    free(entries);
    if (n < 0)
        sm_err_set(&err, SM_EXIT_INPUT, NULL, "%s: %s", folder, strerror(why));
    else if (taken == 0 && importer->app->user_given)
        sm_err_set(&err, SM_EXIT_INPUT, "see the names of its files",
                   "%s: no saved judge of user %s", folder, importer->app->set.user);
    else if (taken == 0)
        sm_err_set(&err, SM_EXIT_INPUT, "name the folder that save() wrote into",
                   "%s: no saved judge", folder);
    if (err.message)
        import_fail(importer, &err);
}

void import_saved(struct importer *importer, const char *name)
{
    struct stat info;
    if (stat(name, &info) == 0 && S_ISDIR(info.st_mode))
        import_folder(importer, name);
    else
        import_one(importer, name);
}
