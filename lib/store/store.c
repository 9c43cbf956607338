#include "lib/store/store.h"

#include "lib/base/folder.h"
#include "lib/base/mem.h"
#include "lib/store/internal/damaged.h"
#include "lib/store/internal/db.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCHEMA_VERSION 2
#define APPLICATION_ID 0x534d5354 /* "SMST": tells our file from another program's */
#define BUSY_TIMEOUT_MS 30000

static const char other_store[] = "name another store with --cache or SM_CACHE";

enum statement { GET, PUT, GET_CAPABILITY, PUT_CAPABILITY, BEGIN, COMMIT, STATEMENTS };

static const char *const statement_text[STATEMENTS] = {
    [GET] = "SELECT " SM_ANSWER_COLUMNS " FROM answer WHERE key = ?1",
    [PUT] =
        "INSERT OR IGNORE INTO answer (" SM_ANSWER_COLUMNS ") VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)",
    [GET_CAPABILITY] = "SELECT value FROM fact WHERE endpoint = ?1 AND model = ?2 AND name = ?3",
    [PUT_CAPABILITY] =
        "INSERT OR REPLACE INTO fact (endpoint, model, name, value) VALUES (?1,?2,?3,?4)",
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
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

struct sm_store {
    sqlite3 *db;
    char *path; /* NULL: in memory */
    enum sm_store_use use;
    const struct sm_clock *clock;
    sqlite3_stmt *statements[STATEMENTS];
    char *notice;         /* see sm_store_notice() */
    struct stat file;     /* the file that was opened */
    int lock;             /* held while opening, else -1 */
    bool aside;           /* it was damaged, and is out of the way */
    struct sm_err failed; /* of a read or a put; the next commit reports it */
};

static bool is_damage(int code)
{
    return (code & 0xff) == SQLITE_NOTADB || (code & 0xff) == SQLITE_CORRUPT;
}

/* A damaged store is never read again. Only a program that makes a new one in its place moves it
 * away. */
static bool fail_damaged(struct sm_store *store, struct sm_err *err)
{
    struct sm_buf where = {0};
    int lock = store->path && store->lock < 0 ? sm_store_lock(store->path) : -1;
    if (!store->path || store->use != SM_STORE_CREATE ||
        !sm_store_was_ours(store->path, APPLICATION_ID)) {
        sm_err_set(err, SM_EXIT_INPUT, other_store, "store %s: no store, or damaged",
                   store->path ? store->path : "(memory)");
    } else if (!sm_store_set_aside(store->path, APPLICATION_ID, &store->file,
                                   sm_clock_unix_s(store->clock), &where)) {
        sm_err_set(err, SM_EXIT_INPUT,
                   "move it away, or name another store with --cache or SM_CACHE",
                   "store %s is damaged and cannot be set aside: %s", store->path, strerror(errno));
    } else {
        store->aside = true;
        sm_err_set(err, SM_EXIT_INPUT, "run the same command again, with a new store",
                   "store %s is damaged%s%s", store->path,
                   where.len ? ", and was set aside as " : "", sm_buf_text(&where));
    }
    if (lock >= 0)
        close(lock);
    sm_buf_release(&where);
    return false;
}

static bool fail_code(struct sm_store *store, int code, const char *what, struct sm_err *err)
{
    static const char room[] = "check that the file can be written and the disk has room";
    static const char copy[] = "check that it can be read, and its -wal and -shm files; where its "
                               "folder cannot be written, copy all three elsewhere";
    if (is_damage(code))
        return fail_damaged(store, err);
    return sm_err_set(err, SM_EXIT_INPUT, store->use == SM_STORE_READ ? copy : room,
                      "store %s: %s: %s", store->path ? store->path : "(memory)", what,
                      sqlite3_errstr(code));
}

bool sm_store_fail(struct sm_store *store, const char *what, struct sm_err *err)
{
    int code = store->db ? sqlite3_extended_errcode(store->db) : SQLITE_NOMEM;
    return fail_code(store, code, what, err);
}

/* Answers are people's texts: only the owner may read the file. SQLite's companions get the same
 * mode. */
static bool make_file(const char *path, struct sm_err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return sm_err_set(err, SM_EXIT_INPUT, other_store, "cannot open store %s: %s", path,
                          strerror(errno));
    close(fd);
    return true;
}

/* It does not even hold a table. */
static bool fail_empty(const struct sm_store *store, struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_INPUT, other_store, "store %s is empty", store->path);
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
        return sm_err_set(err, SM_EXIT_INPUT, other_store, "cannot open store %s: %s", store->path,
                          strerror(errno));
    return sm_err_set(err, SM_EXIT_INPUT,
                      "name the one of a run with --cache or SM_CACHE, or fill it with sm-cache "
                      "import",
                      "there is no store %s", store->path);
}

static int64_t pragma(struct sm_store *store, const char *text)
{
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(store->db, text, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static bool execute(struct sm_store *store, const char *text)
{
    return sqlite3_exec(store->db, text, NULL, NULL, NULL) == SQLITE_OK;
}

static bool check_schema(struct sm_store *store, struct sm_err *err)
{
    /* One snapshot: another program may be creating the tables. */
    execute(store, "BEGIN");
    int64_t version = pragma(store, "PRAGMA user_version");
    int64_t application = pragma(store, "PRAGMA application_id");
    int64_t tables = pragma(store, "PRAGMA schema_version");
    int code = sqlite3_extended_errcode(store->db);
    execute(store, "COMMIT");
    if (version < 0 || application < 0 || tables < 0)
        return fail_code(store, code, "cannot read", err);
    if (version > SCHEMA_VERSION)
        return sm_err_set(err, SM_EXIT_INPUT, "use that version, or another --cache",
                          "store %s was made by a newer version", store->path);
    if (application != APPLICATION_ID && tables > 0)
        return sm_err_set(err, SM_EXIT_INPUT, other_store, "%s is another program's database",
                          store->path);
    if (version == 0 && store->use != SM_STORE_CREATE)
        return fail_empty(store, err);
    if (version < SCHEMA_VERSION && store->use != SM_STORE_READ && !execute(store, schema))
        return sm_store_fail(store, "cannot create tables", err);
    return true;
}

static bool prepare(struct sm_store *store, struct sm_err *err)
{
    for (int i = 0; i < STATEMENTS; i++) {
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
        if (execute(store, "PRAGMA journal_mode = wal"))
            return execute(store, "PRAGMA synchronous = normal");
        if (sqlite3_errcode(store->db) != SQLITE_BUSY)
            break;
        sqlite3_sleep(10);
    }
    return false;
}

static void close_database(struct sm_store *store)
{
    for (int i = 0; i < STATEMENTS; i++)
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
    return execute(store, "PRAGMA cell_size_check = on");
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
    if (pragma(store, "PRAGMA schema_version") < 0) {
        int code = sqlite3_errcode(store->db);
        if ((code == SQLITE_CANTOPEN || code == SQLITE_READONLY) && !has_log(store) &&
            !open_unchanging(store))
            return false;
    }
    return execute(store, "PRAGMA query_only = on");
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
    return check_schema(store, err) && prepare(store, err);
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
    if ((!folder || sm_folder_make(path, other_store, &why)) && open_locked(store, &why))
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

void sm_store_key(char key[SM_KEY_LEN + 1], const char *endpoint, int64_t sample, const char *body,
                  size_t len)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char value[EVP_MAX_MD_SIZE] = {0};
    struct sm_buf head = {0};
    sm_buf_printf(&head, "%zu:%s%lld:%zu:", strlen(endpoint), endpoint, (long long)sample, len);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    if (!digest || !EVP_DigestInit_ex(digest, EVP_sha256(), NULL))
        sm_out_of_memory();
    EVP_DigestUpdate(digest, head.data, head.len);
    EVP_DigestUpdate(digest, body, len);
    EVP_DigestFinal_ex(digest, value, NULL);
    EVP_MD_CTX_free(digest);
    sm_buf_release(&head);
    for (size_t i = 0; i < SM_KEY_LEN / 2; i++) {
        key[2 * i] = hex[value[i] >> 4];
        key[2 * i + 1] = hex[value[i] & 15];
    }
    key[SM_KEY_LEN] = '\0';
}

static const char *column(sqlite3_stmt *row, int i)
{
    return (const char *)sqlite3_column_text(row, i);
}

void sm_store_read_answer(sqlite3_stmt *row, struct sm_answer *answer)
{
    *answer = (struct sm_answer){
        .endpoint = column(row, 1),
        .model = column(row, 2),
        .sample = sqlite3_column_int64(row, 3),
        .response = column(row, 4),
        .response_len = (size_t)sqlite3_column_bytes(row, 4),
        .ms = sqlite3_column_double(row, 5),
        .created = sqlite3_column_int64(row, 6),
        .tokens_in = sqlite3_column_int64(row, 7),
        .tokens_out = sqlite3_column_int64(row, 8),
    };
    snprintf(answer->key, sizeof answer->key, "%s", column(row, 0));
}

static void bind(sqlite3_stmt *statement, int i, const char *text, size_t len)
{
    sqlite3_bind_text64(statement, i, text, len, SQLITE_STATIC, SQLITE_UTF8);
}

bool sm_store_get(struct sm_store *store, const char *key, struct sm_answer *answer)
{
    sqlite3_stmt *get = store->statements[GET];
    sqlite3_reset(get);
    sqlite3_bind_text(get, 1, key, -1, SQLITE_TRANSIENT);
    int result = sqlite3_step(get);
    if (result == SQLITE_ROW) {
        sm_store_read_answer(get, answer);
        return true;
    }
    if (result != SQLITE_DONE)
        sm_store_failed(store, "cannot read"); /* it may be there: it must not be asked again */
    sqlite3_reset(get);
    return false;
}

/* Runs a statement that gives no row. The next commit reports a failure. */
static bool run_statement(struct sm_store *store, enum statement which, const char *what)
{
    sqlite3_stmt *statement = store->statements[which];
    bool done = sqlite3_step(statement) == SQLITE_DONE;
    if (!done)
        sm_store_failed(store, what);
    sqlite3_reset(statement);
    return done;
}

/* SQLite knows best: it ends a transaction by itself when the disk is full. */
static bool in_transaction(const struct sm_store *store)
{
    return store->db && !sqlite3_get_autocommit(store->db);
}

void sm_store_begin(struct sm_store *store)
{
    sqlite3_reset(store->statements[GET]); /* an open read could not become a write */
    if (!in_transaction(store))
        run_statement(store, BEGIN, "cannot begin to write");
}

sqlite3 *sm_store_db(struct sm_store *store)
{
    return store->db;
}

const char *sm_store_path(const struct sm_store *store)
{
    return store->path;
}

void sm_store_failed(struct sm_store *store, const char *what)
{
    if (!store->failed.message)
        sm_store_fail(store, what, &store->failed);
}

void sm_store_put(struct sm_store *store, const struct sm_answer *answer)
{
    sqlite3_stmt *put = store->statements[PUT];
    sm_store_begin(store);
    bind(put, 1, answer->key, SM_KEY_LEN);
    bind(put, 2, answer->endpoint, strlen(answer->endpoint));
    bind(put, 3, answer->model, strlen(answer->model));
    sqlite3_bind_int64(put, 4, answer->sample);
    bind(put, 5, answer->response, answer->response_len);
    sqlite3_bind_double(put, 6, answer->ms);
    sqlite3_bind_int64(put, 7, answer->created);
    sqlite3_bind_int64(put, 8, answer->tokens_in);
    sqlite3_bind_int64(put, 9, answer->tokens_out);
    run_statement(store, PUT, "cannot write");
    sqlite3_clear_bindings(put);
}

void sm_store_put_capability(struct sm_store *store, const struct sm_capability *capability)
{
    sqlite3_stmt *put = store->statements[PUT_CAPABILITY];
    sm_store_begin(store);
    bind(put, 1, capability->endpoint, strlen(capability->endpoint));
    bind(put, 2, capability->model, strlen(capability->model));
    bind(put, 3, capability->name, strlen(capability->name));
    bind(put, 4, capability->value, strlen(capability->value));
    run_statement(store, PUT_CAPABILITY, "cannot write");
    sqlite3_clear_bindings(put);
}

bool sm_store_commit(struct sm_store *store, struct sm_err *err)
{
    if (store->statements[GET])
        sqlite3_reset(store->statements[GET]);
    if (in_transaction(store) && !run_statement(store, COMMIT, "cannot write"))
        execute(store, "ROLLBACK");
    if (!store->failed.message)
        return true;
    struct sm_err *why = &store->failed;
    sm_err_set(err, why->code, why->remedy, "%s", why->message);
    sm_err_clear(why);
    return false;
}

char *sm_store_capability(struct sm_store *store, const char *endpoint, const char *model,
                          const char *name)
{
    sqlite3_stmt *get = store->statements[GET_CAPABILITY];
    char *value = NULL;
    bind(get, 1, endpoint, strlen(endpoint));
    bind(get, 2, model, strlen(model));
    bind(get, 3, name, strlen(name));
    int result = sqlite3_step(get);
    if (result == SQLITE_ROW)
        value = sm_strdup(column(get, 0));
    else if (result != SQLITE_DONE)
        sm_store_failed(store, "cannot read");
    sqlite3_reset(get);
    sqlite3_clear_bindings(get);
    return value;
}
