/* Opening and closing a store in SQLite: the file, its tables, the statements. */
#include "lib/base/folder.h"
#include "lib/base/mem.h"
#include "lib/store/internal/damaged.h"
#include "lib/store/internal/files.h"
#include "lib/store/internal/network.h"
#include "lib/store/internal/sqlite.h"
#include "lib/store/internal/sqlite_schema.h"

#include <unistd.h>

#define BUSY_TIMEOUT_MS 30000
#define VALUE_MAX_BYTES (256 << 20) /* more than any answer has */

static const char *const statement_text[SM_STATEMENTS] = {
    [SM_GET] = "SELECT " SM_ANSWER_COLUMNS ", digest FROM answer WHERE key = ?1",
    [SM_PUT] = "INSERT OR IGNORE INTO answer (" SM_ANSWER_COLUMNS
               ", digest) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)",
    [SM_DROP] = "DELETE FROM answer WHERE key = ?1",
    [SM_REKEY] = "UPDATE OR IGNORE answer SET key = ?2 WHERE key = ?1",
    [SM_GET_CAPABILITY] = "SELECT value FROM fact WHERE endpoint = ?1 AND model = ?2 AND name = ?3",
    [SM_PUT_CAPABILITY] =
        "INSERT OR REPLACE INTO fact (endpoint, model, name, value) VALUES (?1,?2,?3,?4)",
    [SM_BEGIN] = "BEGIN IMMEDIATE",
    [SM_COMMIT] = "COMMIT",
};

/* An old store that is only read has no digests, and nothing is put into it. */
static const char *text_of(const struct sm_sqlite *store, int i)
{
    if (store->digests)
        return statement_text[i];
    return i == SM_GET   ? "SELECT " SM_ANSWER_COLUMNS ", NULL FROM answer WHERE key = ?1"
           : i == SM_PUT ? "SELECT 1"
                         : statement_text[i];
}

static bool prepare(struct sm_sqlite *store, struct sm_err *err)
{
    for (int i = 0; i < SM_STATEMENTS; i++) {
        if (sqlite3_prepare_v3(store->db, text_of(store, i), -1, SQLITE_PREPARE_PERSISTENT,
                               &store->statements[i], NULL) != SQLITE_OK)
            return sm_sqlite_fail(store, "cannot use", err);
    }
    return true;
}

/* Programs of a pipe open a new store at once, and SQLite does not wait here, whatever its
 * timeout. */
static bool use_wal(struct sm_sqlite *store)
{
    for (int waited_ms = 0; waited_ms < BUSY_TIMEOUT_MS; waited_ms += 10) {
        if (sm_sqlite_execute(store, "PRAGMA journal_mode = wal"))
            return sm_sqlite_execute(store, "PRAGMA synchronous = normal");
        if (sqlite3_errcode(store->db) != SQLITE_BUSY)
            break;
        sqlite3_sleep(10);
    }
    return false;
}

static void close_database(struct sm_sqlite *store)
{
    for (int i = 0; i < SM_STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    for (int i = 0; i < SM_LIMIT_STATEMENTS; i++)
        sqlite3_finalize(store->limit_statements[i]);
    memset(store->statements, 0, sizeof store->statements);
    memset(store->limit_statements, 0, sizeof store->limit_statements);
    sqlite3_close(store->db);
    store->db = NULL;
}

/* What a store from elsewhere may hold does nothing. */
static void distrust(sqlite3 *db)
{
    static const int off[] = {SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW,
                              SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_DQS_DML,
                              SQLITE_DBCONFIG_DQS_DDL};
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        sqlite3_db_config(db, off[i], 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, VALUE_MAX_BYTES);
}

static bool open_file(struct sm_sqlite *store, const char *name, int flags)
{
    if (sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_NOFOLLOW, NULL) != SQLITE_OK)
        return false;
    distrust(store->db);
    sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    return sm_sqlite_execute(store, "PRAGMA cell_size_check = on");
}

/* Whether answers wait in SQLite's log to be moved into the file. */
static bool has_log(const struct sm_sqlite *store)
{
    struct sm_buf name = {0};
    struct stat info;
    sm_buf_printf(&name, "%s-wal", store->base.path);
    bool has = stat(name.data, &info) == 0 && info.st_size > 0;
    sm_buf_release(&name);
    return has;
}

/* Opens a file that nobody changes, which SQLite reads without companions. */
static bool open_unchanging(struct sm_sqlite *store)
{
    struct sm_buf uri = {0};
    close_database(store);
    sm_buf_str(&uri, "file://");
    for (const char *at = store->real; *at; at++)
        sm_buf_printf(&uri, *at == '/' ? "/" : "%%%02X", (unsigned)(unsigned char)*at);
    sm_buf_str(&uri, "?immutable=1");
    bool ok = open_file(store, uri.data, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    sm_buf_release(&uri);
    return ok;
}

/* To read a store SQLite needs companion files, which it cannot make in a read-only folder. But
 * then nobody is writing either, or they would be there. The store is opened for writing if
 * possible, so that the last program to close it removes them. */
static bool open_to_read(struct sm_sqlite *store)
{
    if (!open_file(store, store->real, SQLITE_OPEN_READWRITE))
        return false;
    if (sm_sqlite_first_value(store, "PRAGMA schema_version") < 0) {
        int code = sqlite3_errcode(store->db);
        if ((code == SQLITE_CANTOPEN || code == SQLITE_READONLY) && !has_log(store) &&
            !open_unchanging(store))
            return false;
    }
    return sm_sqlite_execute(store, "PRAGMA query_only = on");
}

static bool open_to_write(struct sm_sqlite *store)
{
    const char *name = store->real ? store->real : ":memory:";
    return open_file(store, name, SQLITE_OPEN_READWRITE) && use_wal(store);
}

static bool open_database(struct sm_sqlite *store, struct sm_err *err)
{
    if (store->base.path) {
        stat(store->base.path, &store->file);
        free(store->real);
        store->real = sm_store_real_path(store->base.path);
    }
    bool opened = store->base.use == SM_STORE_READ ? open_to_read(store) : open_to_write(store);
    if (!opened)
        return sm_sqlite_fail(store, "cannot open", err);
    if (!sm_sqlite_check_schema(store, err) || !prepare(store, err))
        return false;
    store->base.had_answers = sm_sqlite_first_value(store, "SELECT 1 FROM answer LIMIT 1") == 1;
    return true;
}

/* Opens a new store in place of a damaged one that is out of the way by now, whoever moved it. */
static bool open_new(struct sm_sqlite *store, struct sm_err *err)
{
    close_database(store);
    if (!store->aside)
        return false;
    struct sm_buf notice = {0};
    sm_buf_printf(&notice, "%s; a new one is begun", err->message);
    store->base.notice = sm_buf_take(&notice);
    sm_err_clear(err);
    return sm_store_find_files(store->base.path, store->base.use, err) && open_database(store, err);
}

/* Takes the lock, since other programs may be making or moving the same store. */
static bool open_locked(struct sm_sqlite *store, struct sm_err *err)
{
    struct sm_err busy = {0};
    store->lock = store->base.path ? sm_store_lock(store->base.path, &busy) : -1;
    if (busy.message) {
        sm_err_set(err, busy.code, busy.remedy, "%s", busy.message);
        sm_err_clear(&busy);
        return false;
    }
    bool ok = (!store->base.path || sm_store_find_files(store->base.path, store->base.use, err)) &&
              (open_database(store, err) || open_new(store, err));
    if (store->lock >= 0)
        close(store->lock);
    store->lock = -1;
    return ok;
}

static bool close_store(struct sm_store *base, struct sm_err *err)
{
    struct sm_sqlite *store = sm_sqlite_of(base);
    bool ok = sm_sqlite_commit(base, err);
    close_database(store);
    free(store->real);
    sm_store_free(base);
    return ok;
}

static const struct sm_backend backend = {
    .close = close_store,
    .get = sm_sqlite_get,
    .put = sm_sqlite_put,
    .rekey = sm_sqlite_rekey,
    .put_capability = sm_sqlite_put_capability,
    .capability = sm_sqlite_capability,
    .commit = sm_sqlite_commit,
    .forget = sm_sqlite_forget,
    .prune = sm_sqlite_prune,
    .count = sm_sqlite_count,
    .each = sm_sqlite_each,
    .each_capability = sm_sqlite_each_capability,
    .remember = sm_sqlite_remember,
    .asked = sm_sqlite_asked,
    .forget_asked = sm_sqlite_forget_asked,
    .join_run = sm_sqlite_join_run,
    .admit = sm_sqlite_admit,
    .settle = sm_sqlite_settle,
};

/* A file system of the network has locks that lie, or are slow, and no shared memory at all. */
static void note_network(struct sm_store *store)
{
    struct sm_buf text = {0};
    const char *kind = store->path && !store->notice ? sm_store_network(store->path) : NULL;
    if (!kind)
        return;
    sm_buf_printf(
        &text,
        "store %s is on a file system of a network (%s), where SQLite is slow, and programs "
        "on several machines can damage it; take a disk of this machine, or share a store "
        "with --cache postgresql://HOST/DATABASE",
        store->path, kind);
    store->notice = sm_buf_take(&text);
}

struct sm_store *sm_sqlite_open(const char *path, enum sm_store_use use,
                                const struct sm_clock *clock, struct sm_err *err)
{
    struct sm_sqlite *store = sm_alloc(1, sizeof *store);
    struct sm_err why = {0};
    store->base = (struct sm_store){.backend = &backend,
                                    .path = path ? sm_strdup(path) : NULL,
                                    .use = path ? use : SM_STORE_CREATE,
                                    .clock = clock};
    store->lock = -1;
    bool folder = path && use == SM_STORE_CREATE;
    if ((!folder || sm_folder_make(path, SM_STORE_OTHER, &why)) && open_locked(store, &why)) {
        note_network(&store->base);
        return &store->base;
    }
    sm_err_set(err, why.code, why.remedy, "%s", why.message);
    sm_err_clear(&why);
    close_store(&store->base, NULL);
    return NULL;
}
