/* Which format fits a file: each is tried on its first rows. */
#include "cmd/import/import.h"

#include "cmd/common/environment.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/json/json.h"

#include <sys/stat.h>
#include <unistd.h>

#define KEPT_MAX_BYTES ((size_t)64 << 20)
#define NO_ROOM "name a folder with room in TMPDIR", "a temporary file cannot be written"
#define SHOWN 3 /* of the formats that fit as well, or nearly */

/* What a format made of the rows. */
struct guess {
    const char *format;
    struct import_trial trial;
    struct import_tally dropped, changed;
    size_t rows, records, good; /* good: rows without a problem */
    size_t known;               /* columns of the first row that fits which the format reads */
};

static void try_format(const struct importer *importer, const char *file, struct guess *guess)
{
    struct sm_err err = {0};
    struct importer trial = {.app = importer->app,
                             .set = importer->set,
                             .name = guess->format,
                             .trial = &guess->trial,
                             .spelled = jv_invalid(),
                             .group = {.key = jv_invalid(), .rows = jv_invalid()}};
    guess->trial.users = sm_string_set_open();
    if (importer_open(&trial, &err) && trial.saved)
        import_saved(&trial, file);
    else if (trial.format)
        import_file(&trial, file);
    sm_err_clear(&err);
    guess->rows = trial.rows;
    guess->records = trial.records;
    guess->good = trial.rows > trial.bad ? trial.rows - trial.bad : 0;
    guess->known = guess->trial.known;
    guess->dropped = trial.dropped;
    guess->changed = trial.changed;
    trial.dropped = trial.changed = (struct import_tally){0};
    importer_close(&trial);
}

/* Whether `a` fits better than `b`: more of the rows, then more of the columns. */
static bool is_better(const struct guess *a, const struct guess *b)
{
    if ((a->records > 0) != (b->records > 0))
        return a->records > 0;
    size_t left = a->good * b->rows, right = b->good * a->rows;
    return left != right ? left > right : a->known > b->known;
}

static void release(struct guess *guesses, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sm_buf_release(&guesses[i].trial.first);
        free(guesses[i].trial.remedy);
        sm_string_set_close(guesses[i].trial.users);
        import_tally_release(&guesses[i].dropped);
        import_tally_release(&guesses[i].changed);
    }
    free(guesses);
}

static void tell_fit(struct importer *importer, const char *file, const struct guess *guess)
{
    struct sm_buf more = {0};
    size_t users = sm_string_set_count(guess->trial.users);
    if (guess->trial.bad)
        sm_buf_printf(&more, "; %zu problems, first: %s", guess->trial.bad,
                      sm_buf_text(&guess->trial.first));
    import_tally_tell(&guess->dropped, "left out", &more);
    import_tally_tell(&guess->changed, "changed", &more);
    app_note(importer->app, "%s: %s: %s%zu rows give %zu records of %zu user%s%s", file,
             guess->format, guess->rows == IMPORT_TRIAL_ROWS ? "the first " : "", guess->rows,
             guess->records, users, users == 1 ? "" : "s", sm_buf_text(&more));
    if (users == 1 && !importer->app->user_given &&
        strcmp(sm_string_set_text(guess->trial.users, 0), importer->app->set.user) == 0)
        app_note(importer->app,
                 "no column says whose choices these are: all become user %s; --columns "
                 "user_id=COLUMN names one, --user NAME the user",
                 importer->app->set.user);
    sm_buf_release(&more);
}

/* Formats that fit as well as the best one. */
static void tell_others(struct importer *importer, const struct guess *guesses, size_t count,
                        const struct guess *best)
{
    struct sm_buf names = {0};
    size_t shown = 0;
    for (size_t i = 0; i < count; i++) {
        if (&guesses[i] != best && !is_better(best, &guesses[i]) && shown++ < SHOWN)
            sm_buf_printf(&names, "%s%s (%zu records)", names.len ? ", " : "", guesses[i].format,
                          guesses[i].records);
    }
    if (names.len)
        app_note(importer->app, "as well: %s", names.data);
    sm_buf_release(&names);
}

/* A word as a shell takes it. */
static void write_word(struct sm_buf *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "._-/=,:+@";
    if (*word && word[strspn(word, plain)] == '\0') {
        sm_buf_str(out, word);
        return;
    }
    sm_buf_char(out, '\'');
    for (; *word; word++)
        sm_buf_str(out, *word == '\'' ? "'\\''" : (const char[]){*word, '\0'});
    sm_buf_char(out, '\'');
}

static void write_option(struct sm_buf *command, const char *name, const char *value)
{
    if (!value)
        return;
    sm_buf_printf(command, " %s ", name);
    write_word(command, value);
}

static void write_command(struct importer *importer, const char *file, const char *format)
{
    struct sm_buf command = {0};
    sm_buf_printf(&command, "sm-import %s", format);
    for (size_t i = 0; i < importer->set.columns.count; i++) {
        sm_buf_str(&command, " --columns ");
        write_word(&command, importer->set.columns.at[i]);
    }
    write_option(&command, "--pairs", importer->set.pairs);
    write_option(&command, "--label-base", importer->set.label_base);
    write_option(&command, "--dataset", importer->set.dataset);
    write_option(&command, "--user", importer->app->user_given ? importer->app->set.user : NULL);
    if (importer->set.text_only)
        sm_buf_str(&command, " --text-only");
    sm_buf_str(&command, *file == '-' && file[1] ? " -- " : " ");
    write_word(&command, file);
    sm_buf_char(&command, '\n');
    app_write(importer->app, command.data, command.len);
    sm_buf_release(&command);
}

/* Formats that take the columns of any table or rows. */
static bool is_general(const struct guess *guess)
{
    return strcmp(guess->format, "votes") == 0 || strcmp(guess->format, "csv") == 0;
}

/* What no format fits is told as the nearest one does: one whose columns are there, else a general
 * one. NULL: none has read anything. */
static const struct guess *nearest(const struct guess *guesses, size_t count)
{
    const struct guess *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct guess *guess = &guesses[i];
        bool tells = guess->trial.first.len || (guess->dropped.total && is_general(guess));
        if (tells && (!best || guess->known > best->known ||
                      (guess->known == best->known && is_general(guess))))
            best = guess;
    }
    return best;
}

/* What a row's format advises is about its columns, or else its cells. */
static const char *remedy_of(const struct guess *near)
{
    static const char mend[] = "mend the row";
    const char *remedy = near ? near->trial.remedy : NULL;
    return remedy && strncmp(remedy, mend, sizeof mend - 1) != 0
               ? remedy
               : "mend the rows, name other columns with --columns TO=FROM, or write a format of "
                 "your own (--map), as sm-import(1) shows";
}

static void tell_none(struct importer *importer, const char *file, const struct guess *guesses,
                      size_t count)
{
    struct sm_err err = {0};
    struct sm_buf why = {0};
    const struct guess *near = nearest(guesses, count);
    if (near && near->trial.first.len)
        sm_buf_printf(&why, "; as %s: %s", near->format, near->trial.first.data);
    else if (near)
        sm_buf_printf(&why, "; as %s: no pair in %zu rows", near->format, near->rows);
    if (near && !near->trial.first.len)
        import_tally_tell(&near->dropped, "left out", &why);
    sm_err_set(&err, SM_EXIT_INPUT, remedy_of(near), "%s: no format fits%s", file,
               sm_buf_text(&why));
    sm_buf_release(&why);
    app_fail(importer->app, &err);
}

/* Whether format `i` reads what the file looks like. */
static bool is_candidate(const char *name, enum sm_rows_look look, bool folder)
{
    bool saved = strcmp(name, "program") == 0 || strcmp(name, "persona-program") == 0;
    if (folder || (saved && look == SM_ROWS_LOOK_CONVERTED))
        return folder && saved;
    return sm_format_is_table(name) == (look == SM_ROWS_LOOK_TABLE) &&
           !(saved && look == SM_ROWS_LOOK_TABLE);
}

/* `name` is what the user calls the file. */
static void try_formats(struct importer *importer, const char *file, const char *name,
                        enum sm_rows_look look, bool folder)
{
    size_t count = 0;
    struct guess *guesses = sm_alloc(sm_format_count(), sizeof *guesses), *best = guesses;
    jv descriptions = sm_format_descriptions();
    for (size_t i = 0; sm_format_name(i); i++) {
        if (!is_candidate(sm_format_name(i), look, folder))
            continue;
        guesses[count].format = sm_format_name(i);
        guesses[count].trial.name = name;
        guesses[count].trial.descriptions = descriptions;
        try_format(importer, file, &guesses[count]);
        if (count > 0 && is_better(&guesses[count], best))
            best = &guesses[count];
        count++;
    }
    for (size_t i = 0; i < count; i++) { /* of equals the plainest: it asks for the least */
        if (strcmp(guesses[i].format, "rows") == 0 && !is_better(best, &guesses[i]))
            best = &guesses[i];
    }
    if (best->records) {
        tell_fit(importer, name, best);
        tell_others(importer, guesses, count, best);
        write_command(importer, name, best->format);
    } else {
        tell_none(importer, name, guesses, count);
    }
    jv_free(descriptions);
    release(guesses, count);
}

/* The first rows of what another program reads for us, which is to run but once. */
static FILE *keep_rows(struct sm_rows *rows, struct sm_err *err)
{
    FILE *kept = sm_file_unnamed(env_temp_folder(), err);
    jv row;
    for (size_t i = 0; kept && i < IMPORT_TRIAL_ROWS; i++) {
        enum sm_read what = sm_rows_next(rows, &row, err);
        struct sm_buf line = {0};
        if (what == SM_READ_END || what == SM_READ_FAIL)
            break;
        if (what != SM_READ_LINE)
            continue;
        sm_json_value(&line, row);
        sm_buf_char(&line, '\n');
        jv_free(row);
        bool ok = sm_file_write(fileno(kept), line.data, line.len);
        sm_buf_release(&line);
        if (!ok)
            sm_err_set(err, SM_EXIT_INPUT, NO_ROOM);
    }
    if (!err->message)
        return kept;
    if (kept)
        fclose(kept);
    return NULL;
}

static void guess_file(struct importer *importer, const char *file, const char *name)
{
    struct sm_err err = {0};
    struct stat status;
    bool folder = stat(file, &status) == 0 && S_ISDIR(status.st_mode);
    struct sm_rows *rows = folder ? NULL : sm_rows_open(file, SM_ROWS_JSON, NULL, NULL, &err);
    enum sm_rows_look look = rows ? sm_rows_look(rows) : SM_ROWS_LOOK_JSON;
    FILE *kept = look == SM_ROWS_LOOK_CONVERTED ? keep_rows(rows, &err) : NULL;
    struct sm_buf path = {0};
    sm_rows_close(rows);
    if (kept)
        sm_buf_printf(&path, "/dev/fd/%d", fileno(kept));
    if (err.message) {
        sm_err_prefix(&err, "%s", name);
        app_fail(importer->app, &err);
    } else {
        try_formats(importer, kept ? path.data : file, name, look, folder);
    }
    if (kept)
        fclose(kept);
    sm_buf_release(&path);
}

/* Standard input is read once for each format, so its beginning goes through a file. */
static bool keep_input(FILE **kept, struct sm_err *err)
{
    char chunk[1 << 16];
    ssize_t n = 0;
    size_t total = 0;
    *kept = sm_file_unnamed(env_temp_folder(), err);
    if (!*kept)
        return false;
    for (; total < KEPT_MAX_BYTES && (n = read(STDIN_FILENO, chunk, sizeof chunk)) > 0;
         total += (size_t)n) {
        if (!sm_file_write(fileno(*kept), chunk, (size_t)n))
            return sm_err_set(err, SM_EXIT_INPUT, NO_ROOM);
    }
    return true;
}

void import_guess(struct importer *importer)
{
    struct app *app = importer->app;
    if (importer->set.map || importer->set.hf) {
        struct sm_err err = {0};
        sm_err_set(&err, SM_EXIT_USAGE, "leave one of them out",
                   "--guess tries the built-in formats on files, and takes neither --map nor --hf");
        app_fail(app, &err);
        return;
    }
    for (size_t i = 0; i < app->file_count || i == 0; i++) {
        const char *name = i < app->file_count ? app->files[i] : "-";
        struct sm_err err = {0};
        struct sm_buf path = {0};
        FILE *kept = NULL;
        app_tell_terminal(app, name);
        if (strcmp(name, "-") != 0) {
            guess_file(importer, name, name);
        } else if (keep_input(&kept, &err)) {
            sm_buf_printf(&path, "/dev/fd/%d", fileno(kept));
            guess_file(importer, path.data, "-");
        } else {
            app_fail(app, &err);
        }
        if (kept)
            fclose(kept);
        sm_buf_release(&path);
    }
}
