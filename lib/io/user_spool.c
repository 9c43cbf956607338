#include "lib/io/user_spool.h"

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/string_set.h"

#include <errno.h>
#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

#define NONE SIZE_MAX

/* A line in the file. `next` chains the lines of a user. */
struct place {
    off_t at;
    size_t len, next;
    bool pair;
};

struct chain {
    size_t first, last; /* places */
};

struct sm_user_spool {
    sm_user_lines_fn *each;
    void *arg;
    struct sm_string_set *users;
    FILE *file; /* NULL: contiguous input */
    off_t end;
    struct place *places;
    size_t place_count, place_room;
    struct chain *chains; /* by number of the user */
    size_t chain_count, chain_room;
    struct sm_user_lines lines; /* of user `now` */
    size_t now;                 /* number of the user that is being read or given away, or NONE */
    bool stopped;
};

struct sm_user_spool *sm_user_spool_open(const char *folder, sm_user_lines_fn *each, void *arg,
                                         struct sm_err *err)
{
    struct sm_user_spool *spool = sm_alloc(1, sizeof *spool);
    *spool = (struct sm_user_spool){
        .each = each, .arg = arg, .users = sm_string_set_open(), .now = NONE};
    if (!folder || (spool->file = sm_file_unnamed(folder, err)))
        return spool;
    sm_user_spool_close(spool);
    return NULL;
}

size_t sm_user_spool_users(const struct sm_user_spool *spool)
{
    return sm_string_set_count(spool->users);
}

static void clear_lines(struct sm_user_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->at[i].text);
    lines->count = 0;
}

static struct sm_user_line *add_line(struct sm_user_lines *lines)
{
    lines->at = sm_grow(lines->at, lines->count, &lines->room, sizeof *lines->at);
    return &lines->at[lines->count++];
}

static void give_away(struct sm_user_spool *spool)
{
    if (spool->now != NONE && !spool->stopped)
        spool->stopped =
            !spool->each(spool->arg, sm_string_set_text(spool->users, spool->now), &spool->lines);
    clear_lines(&spool->lines);
    spool->now = NONE;
}

static bool add_contiguous(struct sm_user_spool *spool, size_t user, bool known, const char *line,
                           size_t len, bool pair, struct sm_err *err)
{
    if (user != spool->now) {
        give_away(spool);
        if (known)
            return sm_err_set(err, SM_EXIT_PARTIAL, "leave --sorted out: line dropped",
                              "user %s came before", sm_string_set_text(spool->users, user));
        spool->now = user;
    }
    *add_line(&spool->lines) = (struct sm_user_line){sm_strndup(line, len), len, pair};
    return true;
}

static bool write_failed(struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_INPUT, "make room, or set TMPDIR to a folder that has it",
                      "cannot write the temporary file: %s", strerror(errno));
}

static bool add_spooled(struct sm_user_spool *spool, size_t user, const char *line, size_t len,
                        bool pair, struct sm_err *err)
{
    if (fwrite(line, 1, len, spool->file) != len)
        return write_failed(err);
    size_t place = spool->place_count++;
    spool->places = sm_grow(spool->places, place, &spool->place_room, sizeof(struct place));
    spool->places[place] = (struct place){spool->end, len, NONE, pair};
    spool->end += (off_t)len;
    if (user == spool->chain_count) {
        spool->chains = sm_grow(spool->chains, user, &spool->chain_room, sizeof(struct chain));
        spool->chains[spool->chain_count++] = (struct chain){place, place};
        return true;
    }
    spool->places[spool->chains[user].last].next = place;
    spool->chains[user].last = place;
    return true;
}

bool sm_user_spool_add(struct sm_user_spool *spool, const char *user, const char *line, size_t len,
                       bool pair, struct sm_err *err)
{
    bool known;
    size_t number = sm_string_set_add(spool->users, user, &known);
    if (spool->file)
        return add_spooled(spool, number, line, len, pair, err);
    return add_contiguous(spool, number, known, line, len, pair, err);
}

static bool read_user(struct sm_user_spool *spool, size_t user, struct sm_err *err)
{
    spool->now = user;
    for (size_t i = spool->chains[user].first; i != NONE; i = spool->places[i].next) {
        const struct place *place = &spool->places[i];
        struct sm_user_line *line = add_line(&spool->lines);
        *line = (struct sm_user_line){sm_alloc(place->len + 1, 1), place->len, place->pair};
        if (pread(fileno(spool->file), line->text, place->len, place->at) != (ssize_t)place->len)
            return sm_err_set(err, SM_EXIT_INPUT, NULL, "cannot read the temporary file: %s",
                              strerror(errno));
    }
    return true;
}

bool sm_user_spool_end(struct sm_user_spool *spool, struct sm_err *err)
{
    if (!spool->file) {
        give_away(spool);
        return true;
    }
    if (fflush(spool->file) != 0)
        return write_failed(err);
    for (size_t i = 0; i < spool->chain_count && !spool->stopped; i++) {
        if (!read_user(spool, i, err))
            return false;
        give_away(spool);
    }
    return true;
}

void sm_user_spool_close(struct sm_user_spool *spool)
{
    if (!spool)
        return;
    clear_lines(&spool->lines);
    free(spool->lines.at);
    free(spool->places);
    free(spool->chains);
    sm_string_set_close(spool->users);
    if (spool->file)
        fclose(spool->file);
    free(spool);
}
