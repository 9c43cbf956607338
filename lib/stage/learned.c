#include "lib/stage/learned.h"

#include "lib/base/mem.h"
#include "lib/io/reader.h"
#include "lib/json/json.h"
#include "lib/json/record.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct span {
    off_t at;
    size_t len; /* 0: none */
};

/* Where a user's records lie in the file. */
struct place {
    char *user;
    struct span persona, demos;
    bool halted;
    size_t order; /* of reading: later places of a user add to earlier ones */
};

struct sm_learned {
    char *path;
    int fd;
    struct place *places; /* sorted by user once the file is read */
    size_t count, room;
};

static struct place *place_for(struct sm_learned *learned, const char *user)
{
    if (learned->count && strcmp(learned->places[learned->count - 1].user, user) == 0)
        return &learned->places[learned->count - 1];
    learned->places =
        sm_grow(learned->places, learned->count, &learned->room, sizeof *learned->places);
    struct place *place = &learned->places[learned->count];
    *place = (struct place){.user = sm_strdup(user), .order = learned->count};
    learned->count++;
    return place;
}

static void note(struct sm_learned *learned, const struct sm_record *record, struct span span)
{
    if (!record->user)
        return;
    struct place *place = place_for(learned, record->user);
    const char *stage = sm_json_text(record->value, "stage", NULL);
    if (record->type == SM_PERSONA)
        place->persona = span;
    else if (record->type == SM_DEMOS && sm_demos_for_judge(stage))
        place->demos = span;
    else if (record->type == SM_ERROR || record->type == SM_PENDING)
        place->halted = true;
}

static int compare(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int by_user = strcmp(x->user, y->user);
    return by_user ? by_user : (x->order > y->order) - (x->order < y->order);
}

/* Sorts, and makes one place of those of one user. */
static void settle(struct sm_learned *learned)
{
    struct place *e = learned->places;
    size_t n = 0;
    if (learned->count)
        qsort(e, learned->count, sizeof *e, compare);
    for (size_t i = 0; i < learned->count; i++) {
        if (n == 0 || strcmp(e[n - 1].user, e[i].user) != 0) {
            e[n++] = e[i];
            continue;
        }
        e[n - 1].persona = e[i].persona.len ? e[i].persona : e[n - 1].persona;
        e[n - 1].demos = e[i].demos.len ? e[i].demos : e[n - 1].demos;
        e[n - 1].halted |= e[i].halted;
        free(e[i].user);
    }
    learned->count = n;
}

struct reading {
    struct sm_learned *learned;
    const char *default_user;
};

static bool note_line(void *arg, const char *line, size_t len, off_t offset, struct sm_err *err)
{
    const struct reading *reading = arg;
    struct sm_record record;
    if (!sm_record_parse(line, len, reading->default_user, &record, err))
        return false;
    note(reading->learned, &record, (struct span){offset, len});
    sm_record_release(&record);
    return true;
}

struct sm_learned *sm_learned_open(const char *path, const char *default_user, struct sm_err *err)
{
    struct sm_learned *learned = sm_alloc(1, sizeof *learned);
    struct stat info;
    learned->path = sm_strdup(path);
    learned->fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = learned->fd >= 0 && fstat(learned->fd, &info) == 0;
    if (!ok)
        sm_err_set(err, SM_EXIT_INPUT, NULL, "%s: %s", path, strerror(errno));
    else if (!S_ISREG(info.st_mode))
        ok = sm_err_set(err, SM_EXIT_INPUT, "write it to a file first",
                        "%s: not a regular file, which is needed to look users up in it", path);
    struct reading reading = {learned, default_user};
    if (ok && sm_read_lines(path, note_line, &reading, err)) {
        settle(learned);
        return learned;
    }
    sm_learned_close(learned);
    return NULL;
}

void sm_learned_close(struct sm_learned *learned)
{
    if (!learned)
        return;
    for (size_t i = 0; i < learned->count; i++)
        free(learned->places[i].user);
    free(learned->places);
    if (learned->fd >= 0)
        close(learned->fd);
    free(learned->path);
    free(learned);
}

bool sm_learned_any(const struct sm_learned *learned)
{
    for (size_t i = 0; i < learned->count; i++) {
        const struct place *e = &learned->places[i];
        if (e->persona.len || e->demos.len || e->halted)
            return true;
    }
    return false;
}

static bool read_span(struct sm_learned *learned, struct span span, jv *value, struct sm_err *err)
{
    *value = jv_invalid();
    if (!span.len)
        return true;
    char *text = sm_alloc(span.len + 1, 1);
    bool ok = pread(learned->fd, text, span.len, span.at) == (ssize_t)span.len;
    ok = ok && sm_json_parse(text, span.len, value, err);
    free(text);
    return ok ||
           sm_err_set(err, SM_EXIT_INPUT, NULL, "%s changed while it was read", learned->path);
}

static bool find(struct sm_learned *learned, const char *user, jv *persona, jv *demos,
                 struct sm_err *err)
{
    size_t low = 0, high = learned->count;
    *persona = *demos = jv_invalid();
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (strcmp(learned->places[mid].user, user) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    const struct place *place = low < learned->count ? &learned->places[low] : NULL;
    if (!place || strcmp(place->user, user) != 0)
        return sm_err_set(err, SM_EXIT_PARTIAL, "fit this user first",
                          "%s holds nothing of this user", learned->path);
    if (place->halted)
        return sm_err_set(err, SM_EXIT_PARTIAL, "see that record, and fit this user again",
                          "%s holds an error record of this user", learned->path);
    return read_span(learned, place->persona, persona, err) &&
           read_span(learned, place->demos, demos, err);
}

bool sm_learned_of(struct sm_learned *learned, const struct sm_user *user, jv *persona, jv *demos,
                   struct sm_err *err)
{
    if (learned)
        return find(learned, user->id, persona, demos, err);
    *persona = jv_copy(user->persona);
    *demos = jv_copy(user->demos);
    return true;
}
