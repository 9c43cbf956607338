#include "lib/stage/learned.h"

#include "lib/base/mem.h"
#include "lib/io/reader.h"
#include "lib/json/json.h"
#include "lib/json/record.h"
#include "lib/stage/internal/user.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

struct span {
    off_t at;
    size_t len; /* 0: none */
};

struct entry {
    char *user;
    struct span *personas; /* in their order */
    size_t persona_count, persona_room;
    struct span rubric, demos;
    off_t from, to; /* where all of its records are, with perhaps others between them */
    bool halted;
    size_t order; /* as read: later entries of a user add to earlier ones */
};

struct sm_learned {
    char *path, *default_user;
    int fd;
    struct entry *entries; /* sorted by user once the file is read */
    size_t count, room;
};

static struct entry *entry_for(struct sm_learned *learned, const char *user)
{
    if (learned->count && strcmp(learned->entries[learned->count - 1].user, user) == 0)
        return &learned->entries[learned->count - 1];
    learned->entries =
        sm_grow(learned->entries, learned->count, &learned->room, sizeof *learned->entries);
    struct entry *entry = &learned->entries[learned->count];
    *entry = (struct entry){.user = sm_strdup(user), .order = learned->count};
    learned->count++;
    return entry;
}

static void add_persona(struct entry *entry, struct span span)
{
    entry->personas =
        sm_grow(entry->personas, entry->persona_count, &entry->persona_room, sizeof span);
    entry->personas[entry->persona_count++] = span;
}

static void note_record(struct sm_learned *learned, const struct sm_record *record,
                        struct span span)
{
    if (!record->user)
        return;
    struct entry *entry = entry_for(learned, record->user);
    const char *stage = sm_json_text(record->value, "stage", NULL);
    entry->from = entry->to ? entry->from : span.at;
    entry->to = span.at + (off_t)span.len;
    if (record->type == SM_PERSONA)
        add_persona(entry, span);
    else if (record->type == SM_RUBRIC)
        entry->rubric = span;
    else if (record->type == SM_DEMOS && sm_demos_for_judge(stage))
        entry->demos = span;
    else if (record->type == SM_ERROR || record->type == SM_PENDING)
        entry->halted = true;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int by_user = strcmp(x->user, y->user);
    return by_user ? by_user : (x->order > y->order) - (x->order < y->order);
}

/* Sorts the entries and merges those of each user. */
static void merge_entries(struct sm_learned *learned)
{
    struct entry *e = learned->entries;
    size_t n = 0;
    if (learned->count)
        qsort(e, learned->count, sizeof *e, compare_entries);
    for (size_t i = 0; i < learned->count; i++) {
        if (n == 0 || strcmp(e[n - 1].user, e[i].user) != 0) {
            e[n++] = e[i];
            continue;
        }
        for (size_t k = 0; k < e[i].persona_count; k++)
            add_persona(&e[n - 1], e[i].personas[k]);
        free(e[i].personas);
        e[n - 1].rubric = e[i].rubric.len ? e[i].rubric : e[n - 1].rubric;
        e[n - 1].demos = e[i].demos.len ? e[i].demos : e[n - 1].demos;
        e[n - 1].to = e[i].to;
        e[n - 1].halted |= e[i].halted;
        free(e[i].user);
    }
    learned->count = n;
}

static bool note_line(void *arg, const char *line, size_t len, off_t offset, struct sm_err *err)
{
    struct sm_learned *learned = arg;
    struct sm_record record;
    if (!sm_record_parse(line, len, learned->default_user, &record, err))
        return false;
    note_record(learned, &record, (struct span){offset, len});
    sm_record_release(&record);
    return true;
}

struct sm_learned *sm_learned_open(const char *path, const char *default_user, struct sm_err *err)
{
    struct sm_learned *learned = sm_alloc(1, sizeof *learned);
    struct stat info;
    learned->path = sm_strdup(path);
    learned->default_user = default_user ? sm_strdup(default_user) : NULL;
    learned->fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = learned->fd >= 0 && fstat(learned->fd, &info) == 0;
    if (!ok)
        sm_err_set(err, SM_EXIT_INPUT, NULL, "%s: %s", path, strerror(errno));
    else if (!S_ISREG(info.st_mode))
        ok = sm_err_set(err, SM_EXIT_INPUT, "write it to a file first",
                        "%s: not a regular file, which is needed to look users up in it", path);
    if (ok && sm_read_lines(path, note_line, learned, err)) {
        merge_entries(learned);
        return learned;
    }
    sm_learned_close(learned);
    return NULL;
}

void sm_learned_close(struct sm_learned *learned)
{
    if (!learned)
        return;
    for (size_t i = 0; i < learned->count; i++) {
        free(learned->entries[i].user);
        free(learned->entries[i].personas);
    }
    free(learned->entries);
    if (learned->fd >= 0)
        close(learned->fd);
    free(learned->path);
    free(learned->default_user);
    free(learned);
}

bool sm_learned_any(const struct sm_learned *learned)
{
    for (size_t i = 0; i < learned->count; i++) {
        const struct entry *e = &learned->entries[i];
        if (e->persona_count || e->rubric.len || e->demos.len || e->halted)
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

/* NULL if there is none. */
static const struct entry *find_entry(const struct sm_learned *learned, const char *user)
{
    size_t low = 0, high = learned->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (strcmp(learned->entries[mid].user, user) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    const struct entry *entry = low < learned->count ? &learned->entries[low] : NULL;
    return entry && strcmp(entry->user, user) == 0 ? entry : NULL;
}

bool sm_learned_has(const struct sm_learned *learned, const char *user)
{
    return find_entry(learned, user) != NULL;
}

static bool check_entry(const struct sm_learned *learned, const struct entry *entry,
                        struct sm_err *err)
{
    if (!entry)
        return sm_err_set(err, SM_EXIT_PARTIAL, "fit this user first",
                          "%s holds nothing of this user", learned->path);
    if (entry->halted)
        return sm_err_set(err, SM_EXIT_PARTIAL, "see that record, and fit this user again",
                          "%s holds an error record of this user", learned->path);
    return true;
}

/* The user's entry; NULL with `err` if it cannot be used. */
static const struct entry *usable(const struct sm_learned *learned, const char *user,
                                  struct sm_err *err)
{
    const struct entry *entry = find_entry(learned, user);
    return check_entry(learned, entry, err) ? entry : NULL;
}

/* The persona record that has so many behind it. */
static bool read_persona(struct sm_learned *learned, const struct entry *entry, size_t behind,
                         jv *persona, struct sm_err *err)
{
    struct span none = {0};
    size_t count = entry->persona_count;
    bool ok = read_span(learned, behind < count ? entry->personas[count - 1 - behind] : none,
                        persona, err);
    *persona = sm_json_without_nul(*persona, "persona");
    return ok;
}

bool sm_learned_rubric(struct sm_learned *learned, const struct sm_user *user, jv *rubric,
                       struct sm_err *err)
{
    *rubric = jv_invalid();
    if (!learned) {
        *rubric = jv_copy(user->rubric);
        return true;
    }
    const struct entry *entry = usable(learned, user->id, err);
    return entry && read_span(learned, entry->rubric, rubric, err) &&
           (!jv_is_valid(*rubric) || sm_rubric_check(*rubric, err));
}

bool sm_learned_of(struct sm_learned *learned, const struct sm_user *user, jv *persona, jv *demos,
                   struct sm_err *err)
{
    *persona = *demos = jv_invalid();
    if (!learned) {
        *persona = jv_copy(user->persona);
        *demos = jv_copy(user->demos);
        return true;
    }
    const struct entry *entry = usable(learned, user->id, err);
    return entry && read_persona(learned, entry, 0, persona, err) &&
           read_span(learned, entry->demos, demos, err);
}

/* Of a line between `entry`'s first and last. */
static bool take_again(const struct sm_learned *learned, const struct entry *entry,
                       const char *line, size_t len, struct sm_user *known, struct sm_err *err)
{
    struct sm_record record;
    if (strspn(line, " \t\r") == len)
        return true;
    if (!sm_record_parse(line, len, learned->default_user, &record, err))
        return false;
    bool wanted = record.user && strcmp(record.user, entry->user) == 0 &&
                  (record.type == SM_PAIR || record.type == SM_TRACE);
    bool ok = !wanted || sm_user_take(known, &record, err);
    sm_record_release(&record);
    return ok;
}

bool sm_learned_pairs(struct sm_learned *learned, const char *user, struct sm_user *known,
                      struct sm_err *err)
{
    const struct entry *entry = usable(learned, user, err);
    known->traces = jv_object();
    int fd = entry ? fcntl(learned->fd, F_DUPFD_CLOEXEC, 0) : -1;
    FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
    char *line = NULL;
    size_t room = 0;
    ssize_t len = 0;
    bool ok = file && fseeko(file, entry->from, SEEK_SET) == 0;
    while (ok && ftello(file) < entry->to && (len = getline(&line, &room, file)) > 0) {
        len -= line[len - 1] == '\n';
        ok = take_again(learned, entry, line, (size_t)len, known, err);
    }
    free(line);
    if (file)
        fclose(file);
    else if (fd >= 0)
        close(fd);
    if (!entry)
        return false;
    return (ok && len > 0) ||
           sm_err_set(err, SM_EXIT_INPUT, NULL, "%s changed while it was read", learned->path);
}

static bool any_persona(struct sm_learned *learned, const struct sm_user *user, size_t behind,
                        jv *persona, struct sm_err *err)
{
    if (learned)
        return read_persona(learned, find_entry(learned, user->id), behind, persona, err);
    int count = jv_is_valid(user->personas) ? jv_array_length(jv_copy(user->personas)) : 0;
    *persona = behind < (size_t)count
                   ? jv_array_get(jv_copy(user->personas), count - 1 - (int)behind)
                   : jv_invalid();
    return true;
}

static bool is_in(jv list, jv persona)
{
    bool is = false;
    jv text = sm_json_get(persona, "persona");
    for (int i = 0, n = jv_array_length(jv_copy(list)); !is && i < n; i++) {
        jv other = jv_array_get(jv_copy(list), i);
        is = jv_equal(sm_json_get(other, "persona"), jv_copy(text));
        jv_free(other);
    }
    jv_free(text);
    return is;
}

bool sm_learned_personas(struct sm_learned *learned, const struct sm_user *user, size_t most,
                         jv *list, struct sm_err *err)
{
    double rank = -1;
    bool more = true, alone = false;
    *list = jv_array();
    bool ok = !learned || usable(learned, user->id, err);
    for (size_t i = 0; ok && more && !alone && (size_t)jv_array_length(jv_copy(*list)) < most;
         i++) {
        jv persona;
        ok = any_persona(learned, user, i, &persona, err);
        double own = sm_json_number(persona, "rank", 0);
        more = jv_is_valid(persona) && own > rank;
        rank = own;
        if (i == 0)
            alone = own == 0 && isnan(sm_json_number(persona, "revision", NAN));
        if (more && !is_in(*list, persona))
            *list = jv_array_append(*list, persona);
        else
            jv_free(persona);
    }
    return ok;
}
