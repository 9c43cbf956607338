#include "lib/store/batch.h"

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/owner.h"
#include "lib/base/string_set.h"
#include "lib/json/json.h"
#include "lib/store/internal/backend.h"
#include "lib/store/internal/files.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_WAIT_MS 10000
#define LOCK_POLL_MS 10
#define LOOK_UP_LINES 256 /* at once, where a store is on a server */

struct sm_batch {
    struct sm_store *store;
    char *path;
    int fd;
    struct sm_string_set *keys; /* of the requests that the file held when opened, or got since */
    enum sm_batch_form form;
    struct sm_batch_turner *turner; /* NULL for OpenAI's form */
    struct sm_buf line;
};

static bool fail_file(const struct sm_batch *batch, const char *what, struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_INPUT, "give another --batch FILE, or make room", "%s: %s: %s",
                      batch->path, what, strerror(errno));
}

/* Other programs hold it only while they write. */
static bool set_lock(const struct sm_batch *batch, bool on, struct sm_err *err)
{
    struct flock range = {.l_type = (short)(on ? F_WRLCK : F_UNLCK), .l_whence = SEEK_SET};
    struct flock other = range;
    char text[48];
    for (int waited_ms = 0; fcntl(batch->fd, F_SETLK, &range) != 0; waited_ms += LOCK_POLL_MS) {
        if (errno != EAGAIN && errno != EACCES && errno != EINTR)
            return fail_file(batch, "cannot lock", err);
        if (waited_ms >= LOCK_WAIT_MS && fcntl(batch->fd, F_GETLK, &other) == 0)
            return sm_err_set(err, SM_EXIT_INPUT, "end that program, or give another --batch FILE",
                              "%s: its lock cannot be had%s", batch->path,
                              sm_lock_holder_text(other.l_pid, text));
        poll(NULL, 0, LOCK_POLL_MS);
    }
    return true;
}

/* Its lines go to a provider: nobody else may write them. */
static bool open_file(struct sm_batch *batch, struct sm_err *err)
{
    struct stat info;
    batch->fd =
        open(batch->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (batch->fd < 0 || fstat(batch->fd, &info) != 0)
        return fail_file(batch, errno == ELOOP ? "it is a symbolic link" : "cannot open", err);
    return sm_owner_check(&info, batch->path, SM_EXIT_INPUT, err);
}

static bool read_all(const struct sm_batch *batch, struct sm_buf *text, struct sm_err *err)
{
    return (lseek(batch->fd, 0, SEEK_SET) == 0 && sm_file_read(batch->fd, text)) ||
           fail_file(batch, "cannot read", err);
}

static bool write_all(const struct sm_batch *batch, const char *data, size_t len,
                      struct sm_err *err)
{
    return sm_file_write(batch->fd, data, len) || fail_file(batch, "cannot write", err);
}

/* The key and form of a line that we wrote; an empty text for any other line. */
static void key_of(const char *line, size_t len, char key[SM_KEY_LEN + 1], enum sm_batch_form *form)
{
    jv value;
    *key = '\0';
    if (!sm_json_parse(line, len, &value, NULL))
        return;
    *form = sm_batch_form_of_request(value);
    const char *name = *form == SM_BATCH_GEMINI ? "key" : "custom_id";
    const char *id = *form == SM_BATCH_FORMS ? NULL : sm_json_text(value, name, NULL);
    if (id && strlen(id) == SM_KEY_LEN && strspn(id, "0123456789abcdef") == SM_KEY_LEN)
        snprintf(key, SM_KEY_LEN + 1, "%s", id);
    jv_free(value);
}

/* Other files stay untouched. */
static bool not_ours(const struct sm_batch *batch, struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_INPUT, "give another --batch FILE",
                      "%s holds something else than requests of --batch", batch->path);
}

static bool other_form(const struct sm_batch *batch, enum sm_batch_form form, struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_INPUT, "give another --batch FILE",
                      "%s holds requests in the form of %s, not of %s", batch->path,
                      sm_batch_form_name(form), sm_batch_form_name(batch->form));
}

/* Looks up the keys of the next lines, all at once. */
static void look_up_ahead(const struct sm_batch *batch, const char *at, const char *end)
{
    char keys[LOOK_UP_LINES][SM_KEY_LEN + 1];
    const char *names[LOOK_UP_LINES];
    enum sm_batch_form form;
    size_t n = 0;
    while (n < LOOK_UP_LINES && at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline ? newline : end) - at);
        key_of(at, len, keys[n], &form);
        names[n] = keys[n];
        n += *keys[n] != '\0';
        at += len + 1;
    }
    sm_store_look_up(batch->store, names, n);
}

/* Copies the lines that still wait for an answer to `kept`. */
static bool sift(struct sm_batch *batch, const struct sm_buf *text, struct sm_buf *kept,
                 struct sm_err *err)
{
    size_t line = 0;
    for (const char *at = text->data, *end = at + text->len; at && at < end; line++) {
        if (line % LOOK_UP_LINES == 0 && sm_store_asks_for_many(batch->store))
            look_up_ahead(batch, at, end);
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline ? newline : end) - at);
        char key[SM_KEY_LEN + 1];
        struct sm_answer answer;
        bool known;
        enum sm_batch_form form = SM_BATCH_FORMS;
        key_of(at, len, key, &form);
        if (!*key && (newline || at == text->data))
            return not_ours(batch, err);
        if (*key && form != batch->form && !sm_store_get(batch->store, key, &answer))
            return other_form(batch, form, err);
        if (newline && *key && !sm_store_get(batch->store, key, &answer)) {
            sm_string_set_add(batch->keys, key, &known);
            sm_buf_add(kept, at, len + 1);
        }
        at += len + 1;
    }
    return true;
}

static bool rewrite(struct sm_batch *batch, struct sm_err *err)
{
    struct sm_buf text = {0}, kept = {0};
    bool ok = read_all(batch, &text, err) && sift(batch, &text, &kept, err);
    if (ok && kept.len < text.len) {
        ok = ftruncate(batch->fd, 0) == 0 || fail_file(batch, "cannot write", err);
        ok = ok && write_all(batch, sm_buf_text(&kept), kept.len, err);
    }
    sm_buf_release(&text);
    sm_buf_release(&kept);
    return ok;
}

struct sm_batch *sm_batch_open(const char *path, enum sm_batch_form form, struct sm_store *store,
                               struct sm_err *err)
{
    struct sm_batch *batch = sm_alloc(1, sizeof *batch);
    batch->store = store;
    batch->form = form;
    batch->path = sm_strdup(path);
    batch->keys = sm_string_set_open();
    bool ok = open_file(batch, err);
    if (ok && form != SM_BATCH_OPENAI)
        ok = (batch->turner = sm_batch_turner_open(form, err)) != NULL;
    ok = ok && set_lock(batch, true, err) && rewrite(batch, err) && set_lock(batch, false, err);
    if (ok)
        return batch;
    sm_batch_close(batch);
    return NULL;
}

void sm_batch_close(struct sm_batch *batch)
{
    if (!batch)
        return;
    if (batch->fd >= 0)
        close(batch->fd);
    sm_string_set_close(batch->keys);
    sm_batch_turner_close(batch->turner);
    sm_buf_release(&batch->line);
    free(batch->path);
    free(batch);
}

void sm_batch_line(struct sm_buf *out, const char *custom_id, const char *body, size_t len)
{
    sm_buf_str(out, "{\"custom_id\":");
    sm_json_cstring(out, custom_id);
    sm_buf_str(out, ",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":");
    sm_buf_add(out, body, len);
    sm_buf_str(out, "}\n");
}

/* Writes a request's line in the batch's form. */
static bool compose(struct sm_batch *batch, const char *key, const char *body, size_t len,
                    struct sm_err *err)
{
    jv ours;
    sm_buf_clear(&batch->line);
    sm_batch_line(&batch->line, key, body, len);
    if (!batch->turner)
        return true;
    if (!sm_json_parse(batch->line.data, batch->line.len, &ours, err))
        return false;
    sm_buf_clear(&batch->line);
    bool ok = sm_batch_turn_request(batch->turner, ours, &batch->line, err);
    sm_buf_char(&batch->line, '\n');
    jv_free(ours);
    return ok;
}

bool sm_batch_add(struct sm_batch *batch, const struct sm_answer *asked, const char *body,
                  size_t len, struct sm_err *err)
{
    bool known;
    struct sm_store *store = batch->store;
    store->backend->remember(store, asked);
    sm_string_set_add(batch->keys, asked->key, &known);
    if (known || store->failed.message)
        return true; /* the store's next commit reports the failure */
    return compose(batch, asked->key, body, len, err) && set_lock(batch, true, err) &&
           write_all(batch, batch->line.data, batch->line.len, err) && set_lock(batch, false, err);
}

struct sm_answer *sm_batch_asked(struct sm_store *store, const char *key)
{
    return store->backend->asked(store, key);
}

void sm_batch_asked_free(struct sm_answer *asked)
{
    if (!asked)
        return;
    free((char *)asked->endpoint);
    free((char *)asked->model);
    free(asked);
}

void sm_batch_forget(struct sm_store *store, const char *key)
{
    store->backend->forget_asked(store, key);
}
