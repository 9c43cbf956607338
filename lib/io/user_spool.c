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

/* A line in the file; those of a user are a chain. */
struct place {
    off_t at;
    size_t len, next;
    bool pair;
};

struct member {
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
    struct member *members; /* by number of the user */
    size_t member_count, member_room;
    struct sm_user_lines lines; /* of the user that is read or given away */
    size_t now;                 /* that user, or NONE */
    bool stopped;
};

struct sm_user_spool *sm_user_spool_open(const char *folder, sm_user_lines_fn *each, void *arg,
                                         struct sm_err *err)
{
    struct sm_user_spool *grouper = sm_alloc(1, sizeof *grouper);
    *grouper = (struct sm_user_spool){
        .each = each, .arg = arg, .users = sm_string_set_open(), .now = NONE};
    if (!folder || (grouper->file = sm_file_unnamed(folder, err)))
        return grouper;
    sm_user_spool_close(grouper);
    return NULL;
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

static void give_away(struct sm_user_spool *grouper)
{
    if (grouper->now != NONE && !grouper->stopped)
        grouper->stopped = !grouper->each(
            grouper->arg, sm_string_set_text(grouper->users, grouper->now), &grouper->lines);
    clear_lines(&grouper->lines);
    grouper->now = NONE;
}

static bool add_contiguous(struct sm_user_spool *grouper, size_t user, bool known, const char *line,
                           size_t len, bool pair, struct sm_err *err)
{
    if (user != grouper->now) {
        give_away(grouper);
        if (known)
            return sm_err_set(err, SM_EXIT_PARTIAL, "leave --sorted out: line dropped",
                              "user %s came before", sm_string_set_text(grouper->users, user));
        grouper->now = user;
    }
    *add_line(&grouper->lines) = (struct sm_user_line){sm_strndup(line, len), len, pair};
    return true;
}

static bool write_failed(struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_INPUT, "make room, or set TMPDIR to a folder that has it",
                      "cannot write the temporary file: %s", strerror(errno));
}

static bool add_spooled(struct sm_user_spool *grouper, size_t user, const char *line, size_t len,
                        bool pair, struct sm_err *err)
{
    if (fwrite(line, 1, len, grouper->file) != len)
        return write_failed(err);
    size_t place = grouper->place_count++;
    grouper->places = sm_grow(grouper->places, place, &grouper->place_room, sizeof(struct place));
    grouper->places[place] = (struct place){grouper->end, len, NONE, pair};
    grouper->end += (off_t)len;
    if (user == grouper->member_count) {
        grouper->members =
            sm_grow(grouper->members, user, &grouper->member_room, sizeof(struct member));
        grouper->members[grouper->member_count++] = (struct member){place, place};
        return true;
    }
    grouper->places[grouper->members[user].last].next = place;
    grouper->members[user].last = place;
    return true;
}

bool sm_user_spool_add(struct sm_user_spool *grouper, const char *user, const char *line,
                       size_t len, bool pair, struct sm_err *err)
{
    bool known;
    size_t number = sm_string_set_add(grouper->users, user, &known);
    if (grouper->file)
        return add_spooled(grouper, number, line, len, pair, err);
    return add_contiguous(grouper, number, known, line, len, pair, err);
}

static bool read_member(struct sm_user_spool *grouper, size_t user, struct sm_err *err)
{
    grouper->now = user;
    for (size_t i = grouper->members[user].first; i != NONE; i = grouper->places[i].next) {
        const struct place *place = &grouper->places[i];
        struct sm_user_line *line = add_line(&grouper->lines);
        *line = (struct sm_user_line){sm_alloc(place->len + 1, 1), place->len, place->pair};
        if (pread(fileno(grouper->file), line->text, place->len, place->at) != (ssize_t)place->len)
            return sm_err_set(err, SM_EXIT_INPUT, NULL, "cannot read the temporary file: %s",
                              strerror(errno));
    }
    return true;
}

bool sm_user_spool_end(struct sm_user_spool *grouper, struct sm_err *err)
{
    if (!grouper->file) {
        give_away(grouper);
        return true;
    }
    if (fflush(grouper->file) != 0)
        return write_failed(err);
    for (size_t i = 0; i < grouper->member_count && !grouper->stopped; i++) {
        if (!read_member(grouper, i, err))
            return false;
        give_away(grouper);
    }
    return true;
}

void sm_user_spool_close(struct sm_user_spool *grouper)
{
    if (!grouper)
        return;
    clear_lines(&grouper->lines);
    free(grouper->lines.at);
    free(grouper->places);
    free(grouper->members);
    sm_string_set_close(grouper->users);
    if (grouper->file)
        fclose(grouper->file);
    free(grouper);
}
