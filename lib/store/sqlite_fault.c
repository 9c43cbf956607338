/* What can go wrong with a store, and what happens then. */
#include "lib/base/buf.h"
#include "lib/store/internal/damaged.h"
#include "lib/store/internal/files.h"
#include "lib/store/internal/sqlite.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool is_damage(int code)
{
    return (code & 0xff) == SQLITE_NOTADB || (code & 0xff) == SQLITE_CORRUPT;
}

/* A damaged store is never read again. Only a program that makes a new one in its place moves it
 * away. */
static bool fail_damaged(struct sm_sqlite *store, struct sm_err *err)
{
    struct sm_buf where = {0};
    int lock = store->base.path && store->lock < 0 ? sm_store_lock(store->base.path, NULL) : -1;
    if (!store->base.path || store->base.use != SM_STORE_CREATE ||
        !sm_store_was_ours(store->base.path, SM_STORE_APPLICATION_ID)) {
        sm_err_set(err, SM_EXIT_INPUT, SM_STORE_OTHER, "store %s: no store, or damaged",
                   store->base.path ? store->base.path : "(memory)");
    } else if (!sm_store_set_aside(store->base.path, SM_STORE_APPLICATION_ID, &store->file,
                                   sm_clock_unix_s(store->base.clock), &where)) {
        sm_err_set(
            err, SM_EXIT_INPUT, "move it away, or name another store with --cache or SM_CACHE",
            "store %s is damaged and cannot be set aside: %s", store->base.path, strerror(errno));
    } else {
        store->aside = true;
        sm_err_set(err, SM_EXIT_INPUT, "run the same command again, with a new store",
                   "store %s is damaged%s%s", store->base.path,
                   where.len ? ", and was set aside as " : "", sm_buf_text(&where));
    }
    if (lock >= 0)
        close(lock);
    sm_buf_release(&where);
    return false;
}

/* Whoever writes or opens it holds a lock on SQLite's shared memory, or on the file. */
static bool fail_busy(const struct sm_sqlite *store, const char *what, struct sm_err *err)
{
    static const char *const suffixes[] = {"-shm", ""};
    struct sm_buf name = {0};
    long holder = 0;
    char text[48];
    for (size_t i = 0; i < 2 && !holder; i++) {
        struct stat info;
        sm_buf_clear(&name);
        sm_buf_printf(&name, "%s%s", store->base.path, suffixes[i]);
        if (stat(name.data, &info) == 0)
            holder = sm_lock_holder(&info);
    }
    sm_buf_release(&name);
    return sm_err_set(err, SM_EXIT_INPUT, "end what uses it, or name another store with --cache",
                      "store %s: %s: another program does not let go of it%s", store->base.path,
                      what, sm_lock_holder_text(holder, text));
}

bool sm_sqlite_fail_code(struct sm_sqlite *store, int code, const char *what, struct sm_err *err)
{
    static const char room[] = "check that the file can be written and the disk has room";
    static const char copy[] = "check that it can be read, and its -wal and -shm files; where its "
                               "folder cannot be written, copy all three elsewhere";
    if (is_damage(code))
        return fail_damaged(store, err);
    if ((code & 0xff) == SQLITE_BUSY && store->base.path)
        return fail_busy(store, what, err);
    return sm_err_set(err, SM_EXIT_INPUT, store->base.use == SM_STORE_READ ? copy : room,
                      "store %s: %s: %s", store->base.path ? store->base.path : "(memory)", what,
                      sqlite3_errstr(code));
}

bool sm_sqlite_fail(struct sm_sqlite *store, const char *what, struct sm_err *err)
{
    int code = store->db ? sqlite3_extended_errcode(store->db) : SQLITE_NOMEM;
    return sm_sqlite_fail_code(store, code, what, err);
}

void sm_sqlite_failed(struct sm_sqlite *store, const char *what)
{
    if (!store->base.failed.message)
        sm_sqlite_fail(store, what, &store->base.failed);
}

bool sm_sqlite_execute(struct sm_sqlite *store, const char *text)
{
    return sqlite3_exec(store->db, text, NULL, NULL, NULL) == SQLITE_OK;
}
