/* Opening and closing a store: the file, its tables, the statements. */
#include "lib/base/folder.h"
#include "lib/base/mem.h"
#include "lib/store/internal/damaged.h"
#include "lib/store/internal/db.h"
#include "lib/store/internal/state.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define SCHEMA_VERSION 2
#define BUSY_TIMEOUT_MS 30000

static const char *const statement_text[SM_STATEMENTS] = {
    [SM_GET] = "SELECT " SM_ANSWER_COLUMNS " FROM answer WHERE key = ?1",
    [SM_PUT] =
        "INSERT OR IGNORE INTO answer (" SM_ANSWER_COLUMNS ") VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)",
    [SM_REKEY] = "UPDATE OR IGNORE answer SET key = ?2 WHERE key = ?1",
    [SM_GET_CAPABILITY] = "SELECT value FROM fact WHERE endpoint = ?1 AND model = ?2 AND name = ?3",
    [SM_PUT_CAPABILITY] =
        "INSERT OR REPLACE INTO fact (endpoint, model, name, value) VALUES (?1,?2,?3,?4)",
    [SM_BEGIN] = "BEGIN IMMEDIATE",
    [SM_COMMIT] = "COMMIT",
};

static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS answer (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,"
    " endpoint TEXT NOT NULL, model TEXT NOT NULL, sample INTEGER NOT NULL,"
    " response TEXT NOT NULL, ms REAL NOT NULL, created INTEGER NOT NULL,"
    " tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS fact (id INTEGER PRIMARY KEY, endpoint TEXT NOT NULL,"
    " model TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,"
    " UNIQUE (endpoint, model, name));"
    "CREATE TABLE IF NOT EXISTS asked (key TEXT PRIMARY KEY, endpoint TEXT NOT NULL,"
    " model TEXT NOT NULL, sample INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS sent (id INTEGER PRIMARY KEY, endpoint TEXT NOT NULL,"
    " model TEXT NOT NULL, at_ms INTEGER NOT NULL, tokens INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS sent_time ON sent (endpoint, model, at_ms, tokens);"
    "CREATE TABLE IF NOT EXISTS run (name TEXT PRIMARY KEY, leader INTEGER NOT NULL,"
    " touched INTEGER NOT NULL, calls INTEGER NOT NULL, cost REAL NOT NULL) WITHOUT ROWID;"
    "PRAGMA application_id = 1397576532;"
    "PRAGMA user_version = 2;"
    "COMMIT;";

/* Answers are people's texts: only the owner may read the file. SQLite's companions get the same
 * mode. */
static bool make_file(const char *path, struct sm_err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return sm_err_set(err, SM_EXIT_INPUT, SM_STORE_OTHER, "cannot open store %s: %s", path,
                          strerror(errno));
    close(fd);
    return true;
}

/* It does not even hold a table. */
static bool fail_empty(const struct sm_store *store, struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_INPUT, SM_STORE_OTHER, "store %s is empty", store->path);
}

/* Creates the file, or checks that it exists. */
static bool find_file(const struct sm_store *store, struct sm_err *err)
{
    if (!store->path)
        return true;
    if (store->use == SM_STORE_CREATE)
        return make_file(store->path, err);
    struct stat info;
    if (stat(store->path, &info) == 0)
        return info.st_size > 0 || fail_empty(store, err);
    if (errno != ENOENT)
        return sm_err_set(err, SM_EXIT_INPUT, SM_STORE_OTHER, "cannot open store %s: %s",
                          store->path, strerror(errno));
    return sm_err_set(err, SM_EXIT_INPUT,
                      "name the one of a run with --cache or SM_CACHE, or fill it with sm-cache "
                      "import",
                      "there is no store %s", store->path);
}

/* The first value that a statement gives; -1 if there is none. */
static int64_t first_value(struct sm_store *store, const char *text)
{
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(store->db, text, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static bool check_schema(struct sm_store *store, struct sm_err *err)
{
    /* One snapshot: another program may be creating the tables. */
    sm_store_execute(store, "BEGIN");
    int64_t version = first_value(store, "PRAGMA user_version");
    int64_t application = first_value(store, "PRAGMA application_id");
    int64_t tables = first_value(store, "PRAGMA schema_version");
    int code = sqlite3_extended_errcode(store->db);
    sm_store_execute(store, "COMMIT");
    if (version < 0 || application < 0 || tables < 0)
        return sm_store_fail_code(store, code, "cannot read", err);
    if (version > SCHEMA_VERSION)
        return sm_err_set(err, SM_EXIT_INPUT, "use that version, or another --cache",
                          "store %s was made by a newer version", store->path);
    if (application != SM_STORE_APPLICATION_ID && tables > 0)
        return sm_err_set(err, SM_EXIT_INPUT, SM_STORE_OTHER, "%s is another program's database",
                          store->path);
    if (version == 0 && store->use != SM_STORE_CREATE)
        return fail_empty(store, err);
    if (version < SCHEMA_VERSION && store->use != SM_STORE_READ && !sm_store_execute(store, schema))
        return sm_store_fail(store, "cannot create tables", err);
    return true;
}

static bool prepare(struct sm_store *store, struct sm_err *err)
{
    for (int i = 0; i < SM_STATEMENTS; i++) {
        if (sqlite3_prepare_v3(store->db, statement_text[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &store->statements[i], NULL) != SQLITE_OK)
            return sm_store_fail(store, "cannot use", err);
    }
    return true;
}

/* Programs of a pipe open a new store at once, and SQLite does not wait here, whatever its
 * timeout. */
static bool use_wal(struct sm_store *store)
{
    for (int waited_ms = 0; waited_ms < BUSY_TIMEOUT_MS; waited_ms += 10) {
        if (sm_store_execute(store, "PRAGMA journal_mode = wal"))
            return sm_store_execute(store, "PRAGMA synchronous = normal");
        if (sqlite3_errcode(store->db) != SQLITE_BUSY)
            break;
        sqlite3_sleep(10);
    }
    return false;
}

static void close_database(struct sm_store *store)
{
    for (int i = 0; i < SM_STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    memset(store->statements, 0, sizeof store->statements);
    sqlite3_close(store->db);
    store->db = NULL;
}

static bool open_file(struct sm_store *store, const char *name, int flags)
{
    if (sqlite3_open_v2(name, &store->db, flags, NULL) != SQLITE_OK)
        return false;
    sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    return sm_store_execute(store, "PRAGMA cell_size_check = on");
}

/* Whether answers wait in SQLite's log to be moved into the file. */
static bool has_log(const struct sm_store *store)
{
    struct sm_buf name = {0};
    struct stat info;
    sm_buf_printf(&name, "%s-wal", store->path);
    bool has = stat(name.data, &info) == 0 && info.st_size > 0;
    sm_buf_release(&name);
    return has;
}

/* Opens a file that nobody changes, which SQLite reads without companions. */
static bool open_unchanging(struct sm_store *store)
{
    struct sm_buf uri = {0};
    close_database(store);
    sm_buf_str(&uri, *store->path == '/' ? "file://" : "file:");
    for (const char *at = store->path; *at; at++)
        sm_buf_printf(&uri, *at == '/' ? "/" : "%%%02X", (unsigned)(unsigned char)*at);
    sm_buf_str(&uri, "?immutable=1");
    bool ok = open_file(store, uri.data, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    sm_buf_release(&uri);
    return ok;
}

/* To read a store SQLite needs companion files, which it cannot make in a read-only folder. But
 * then nobody is writing either, or they would be there. The store is opened for writing if
 * possible, so that the last program to close it removes them. */
static bool open_to_read(struct sm_store *store)
{
    if (!open_file(store, store->path, SQLITE_OPEN_READWRITE))
        return false;
    if (first_value(store, "PRAGMA schema_version") < 0) {
        int code = sqlite3_errcode(store->db);
        if ((code == SQLITE_CANTOPEN || code == SQLITE_READONLY) && !has_log(store) &&
            !open_unchanging(store))
            return false;
    }
    return sm_store_execute(store, "PRAGMA query_only = on");
}

static bool open_to_write(struct sm_store *store)
{
    const char *name = store->path ? store->path : ":memory:";
    return open_file(store, name, SQLITE_OPEN_READWRITE) && use_wal(store);
}

static bool open_database(struct sm_store *store, struct sm_err *err)
{
    if (store->path)
        stat(store->path, &store->file);
    bool opened = store->use == SM_STORE_READ ? open_to_read(store) : open_to_write(store);
    if (!opened)
        return sm_store_fail(store, "cannot open", err);
    if (!check_schema(store, err) || !prepare(store, err))
        return false;
    store->had_answers = first_value(store, "SELECT 1 FROM answer LIMIT 1") == 1;
    return true;
}

/* Opens a new store in place of a damaged one that is out of the way by now, whoever moved it. */
static bool open_new(struct sm_store *store, struct sm_err *err)
{
    close_database(store);
    if (!store->aside)
        return false;
    store->notice = sm_strdup(err->message);
    sm_err_clear(err);
    return make_file(store->path, err) && open_database(store, err);
}

/* Takes the lock, since other programs may be making or moving the same store. */
static bool open_locked(struct sm_store *store, struct sm_err *err)
{
    store->lock = store->path ? sm_store_lock(store->path) : -1;
    bool ok = find_file(store, err) && (open_database(store, err) || open_new(store, err));
    if (store->lock >= 0)
        close(store->lock);
    store->lock = -1;
    return ok;
}

struct sm_store *sm_store_open(const char *path, enum sm_store_use use,
                               const struct sm_clock *clock, struct sm_err *err)
{
    struct sm_store *store = sm_alloc(1, sizeof *store);
    struct sm_err why = {0};
    store->path = path ? sm_strdup(path) : NULL;
    store->use = path ? use : SM_STORE_CREATE;
    store->clock = clock;
    bool folder = path && use == SM_STORE_CREATE;
    if ((!folder || sm_folder_make(path, SM_STORE_OTHER, &why)) && open_locked(store, &why))
        return store;
    sm_err_set(err, why.code, why.remedy, "%s", why.message);
    sm_err_clear(&why);
    sm_store_close(store, NULL);
    return NULL;
}

const struct sm_clock *sm_store_clock(const struct sm_store *store)
{
    return store->clock;
}

bool sm_store_only_reads(const struct sm_store *store)
{
    return store->use == SM_STORE_READ;
}

bool sm_store_had_answers(const struct sm_store *store)
{
    return store->had_answers;
}

const char *sm_store_notice(const struct sm_store *store)
{
    return store->notice;
}

bool sm_store_close(struct sm_store *store, struct sm_err *err)
{
    if (!store)
        return true;
    bool ok = sm_store_commit(store, err);
    close_database(store);
    sm_err_clear(&store->failed);
    free(store->notice);
    free(store->path);
    free(store);
    return ok;
}
