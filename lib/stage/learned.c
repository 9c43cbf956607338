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

struct entry {
    char *user;
    struct span persona, demos;
    bool halted;
    size_t order; /* of reading: later entries of a user add to earlier ones */
};

struct sm_learned {
    char *path;
    int fd;
    struct entry *entries; /* sorted by user once the file is read */
    size_t count, room;
};

static struct entry *entry_for(struct sm_learned *trained, const char *user)
{
    if (trained->count && strcmp(trained->entries[trained->count - 1].user, user) == 0)
        return &trained->entries[trained->count - 1];
    trained->entries =
        sm_grow(trained->entries, trained->count, &trained->room, sizeof *trained->entries);
    struct entry *entry = &trained->entries[trained->count];
    *entry = (struct entry){.user = sm_strdup(user), .order = trained->count};
    trained->count++;
    return entry;
}

static void note(struct sm_learned *trained, const struct sm_record *record, struct span span)
{
    if (!record->user)
        return;
    struct entry *entry = entry_for(trained, record->user);
    const char *stage = sm_json_text(record->value, "stage", NULL);
    if (record->type == SM_PERSONA)
        entry->persona = span;
    else if (record->type == SM_DEMOS && sm_demos_for_judge(stage))
        entry->demos = span;
    else if (record->type == SM_ERROR || record->type == SM_PENDING)
        entry->halted = true;
}

static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int by_user = strcmp(x->user, y->user);
    return by_user ? by_user : (x->order > y->order) - (x->order < y->order);
}

/* Sorts, and makes one entry of those of one user. */
static void settle(struct sm_learned *trained)
{
    struct entry *e = trained->entries;
    size_t n = 0;
    if (trained->count)
        qsort(e, trained->count, sizeof *e, compare);
    for (size_t i = 0; i < trained->count; i++) {
        if (n == 0 || strcmp(e[n - 1].user, e[i].user) != 0) {
            e[n++] = e[i];
            continue;
        }
        e[n - 1].persona = e[i].persona.len ? e[i].persona : e[n - 1].persona;
        e[n - 1].demos = e[i].demos.len ? e[i].demos : e[n - 1].demos;
        e[n - 1].halted |= e[i].halted;
        free(e[i].user);
    }
    trained->count = n;
}

struct reading {
    struct sm_learned *trained;
    const char *default_user;
};

static bool note_line(void *arg, const char *line, size_t len, off_t offset, struct sm_err *err)
{
    const struct reading *reading = arg;
    struct sm_record record;
    if (!sm_record_parse(line, len, reading->default_user, &record, err))
        return false;
    note(reading->trained, &record, (struct span){offset, len});
    sm_record_release(&record);
    return true;
}

struct sm_learned *sm_learned_open(const char *path, const char *default_user, struct sm_err *err)
{
    struct sm_learned *trained = sm_alloc(1, sizeof *trained);
    struct stat info;
    trained->path = sm_strdup(path);
    trained->fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = trained->fd >= 0 && fstat(trained->fd, &info) == 0;
    if (!ok)
        sm_err_set(err, SM_EXIT_INPUT, NULL, "%s: %s", path, strerror(errno));
    else if (!S_ISREG(info.st_mode))
        ok = sm_err_set(err, SM_EXIT_INPUT, "write it to a file first",
                        "%s: not a regular file, which is needed to look users up in it", path);
    struct reading reading = {trained, default_user};
    if (ok && sm_read_lines(path, note_line, &reading, err)) {
        settle(trained);
        return trained;
    }
    sm_learned_close(trained);
    return NULL;
}

void sm_learned_close(struct sm_learned *trained)
{
    if (!trained)
        return;
    for (size_t i = 0; i < trained->count; i++)
        free(trained->entries[i].user);
    free(trained->entries);
    if (trained->fd >= 0)
        close(trained->fd);
    free(trained->path);
    free(trained);
}

bool sm_learned_any(const struct sm_learned *trained)
{
    for (size_t i = 0; i < trained->count; i++) {
        const struct entry *e = &trained->entries[i];
        if (e->persona.len || e->demos.len || e->halted)
            return true;
    }
    return false;
}

static bool read_span(struct sm_learned *trained, struct span span, jv *value, struct sm_err *err)
{
    *value = jv_invalid();
    if (!span.len)
        return true;
    char *text = sm_alloc(span.len + 1, 1);
    bool ok = pread(trained->fd, text, span.len, span.at) == (ssize_t)span.len;
    ok = ok && sm_json_parse(text, span.len, value, err);
    free(text);
    return ok ||
           sm_err_set(err, SM_EXIT_INPUT, NULL, "%s changed while it was read", trained->path);
}

static bool find(struct sm_learned *trained, const char *user, jv *persona, jv *demos,
                 struct sm_err *err)
{
    struct entry key = {.user = (char *)user};
    size_t low = 0, high = trained->count;
    *persona = *demos = jv_invalid();
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (strcmp(trained->entries[mid].user, key.user) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    const struct entry *entry = low < trained->count ? &trained->entries[low] : NULL;
    if (!entry || strcmp(entry->user, user) != 0)
        return sm_err_set(err, SM_EXIT_PARTIAL, "fit this user first",
                          "%s holds nothing of this user", trained->path);
    if (entry->halted)
        return sm_err_set(err, SM_EXIT_PARTIAL, "see that record, and fit this user again",
                          "%s holds an error record of this user", trained->path);
    return read_span(trained, entry->persona, persona, err) &&
           read_span(trained, entry->demos, demos, err);
}

bool sm_learned_of(struct sm_learned *trained, const struct sm_user *user, jv *persona, jv *demos,
                   struct sm_err *err)
{
    if (trained)
        return find(trained, user->id, persona, demos, err);
    *persona = jv_copy(user->persona);
    *demos = jv_copy(user->demos);
    return true;
}
