#include "lib/store/internal/sqlite_schema.h"

#include "lib/base/buf.h"

#include <string.h>

#define SCHEMA_VERSION 3
#define DIGEST_SINCE 3 /* the version */

static const char tables[] =
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
    " touched INTEGER NOT NULL, calls INTEGER NOT NULL, cost REAL NOT NULL) WITHOUT ROWID;";

/* Answers of older stores have none. */
static const char digest[] = "ALTER TABLE answer ADD COLUMN digest INTEGER;";

static const char stamp[] = "PRAGMA application_id = 1397576532;"
                            "PRAGMA user_version = 3;";

int64_t sm_sqlite_first_value(struct sm_sqlite *store, const char *text)
{
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(store->db, text, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

/* The same tables in memory, as a store has them that is new (`with_digest`) or old. */
static sqlite3 *open_model(bool with_digest)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
        sqlite3_exec(db, tables, NULL, NULL, NULL) != SQLITE_OK ||
        (with_digest && sqlite3_exec(db, digest, NULL, NULL, NULL) != SQLITE_OK)) {
        sqlite3_close(db);
        return NULL;
    }
    return db;
}

static const char *text_of(sqlite3_stmt *row, int i)
{
    const char *text = (const char *)sqlite3_column_text(row, i);
    return text ? text : "";
}

/* What follows the name in "CREATE TABLE answer (", where a table that was renamed has quotes. */
static const char *behind_name(const char *sql, const char *name)
{
    static const char begin[] = "CREATE TABLE ";
    size_t len = strlen(name);
    if (strncmp(sql, begin, sizeof begin - 1) != 0)
        return sql;
    const char *at = sql + sizeof begin - 1;
    size_t quoted = *at == '"';
    bool is = strncmp(at + quoted, name, len) == 0 && (!quoted || at[1 + len] == '"');
    return is ? at + len + 2 * quoted : sql;
}

/* Whether `model` has what this row of a schema describes; or it is SQLite's own. */
static bool is_known(sqlite3_stmt *row, sqlite3_stmt *model)
{
    const char *type = text_of(row, 0), *name = text_of(row, 1), *sql = text_of(row, 2);
    if (strcmp(type, "table") == 0 && strncmp(name, "sqlite_stat", 11) == 0)
        return true; /* what ANALYZE has counted */
    bool known = false;
    sqlite3_reset(model);
    sqlite3_bind_text(model, 1, name, -1, SQLITE_TRANSIENT);
    if (sqlite3_step(model) == SQLITE_ROW)
        known = strcmp(type, text_of(model, 0)) == 0 &&
                strcmp(behind_name(sql, name), behind_name(text_of(model, 2), name)) == 0;
    return known;
}

/* Compares with the model. False with the first that is different in `what`. */
static bool compare(sqlite3 *db, sqlite3 *model, struct sm_buf *what)
{
    static const char query[] = "SELECT type, name, sql FROM sqlite_master";
    sqlite3_stmt *rows = NULL, *one = NULL;
    bool ok = sqlite3_prepare_v2(db, query, -1, &rows, NULL) == SQLITE_OK &&
              sqlite3_prepare_v2(model, "SELECT type, name, sql FROM sqlite_master WHERE name = ?1",
                                 -1, &one, NULL) == SQLITE_OK;
    while (ok && sqlite3_step(rows) == SQLITE_ROW) {
        ok = is_known(rows, one);
        if (!ok)
            sm_buf_printf(what, "%.20s %.60s", text_of(rows, 0), text_of(rows, 1));
    }
    sqlite3_finalize(rows);
    sqlite3_finalize(one);
    return ok;
}

static bool check_objects(struct sm_sqlite *store, struct sm_err *err)
{
    struct sm_buf what = {0};
    sqlite3 *model = open_model(store->digests);
    bool ok = model && compare(store->db, model, &what);
    if (!ok)
        sm_err_set(
            err, SM_EXIT_INPUT,
            "use it only if you know what that is for, and have taken it out; or name another "
            "store with --cache or SM_CACHE",
            "store %s has a %s that no store of ours has", store->base.path, sm_buf_text(&what));
    sqlite3_close(model);
    sm_buf_release(&what);
    return ok;
}

/* Another program may have done it meanwhile: only the version inside the transaction counts. */
static bool bring_up(struct sm_sqlite *store)
{
    if (!sm_sqlite_execute(store, "BEGIN IMMEDIATE"))
        return false;
    bool ok = sm_sqlite_first_value(store, "PRAGMA user_version") >= SCHEMA_VERSION ||
              (sm_sqlite_execute(store, tables) && sm_sqlite_execute(store, digest) &&
               sm_sqlite_execute(store, stamp));
    return sm_sqlite_execute(store, ok ? "COMMIT" : "ROLLBACK") && ok;
}

static bool check_version(struct sm_sqlite *store, int64_t *version, int64_t *objects,
                          struct sm_err *err)
{
    /* One snapshot: another program may be creating the tables. */
    sm_sqlite_execute(store, "BEGIN");
    *version = sm_sqlite_first_value(store, "PRAGMA user_version");
    int64_t application = sm_sqlite_first_value(store, "PRAGMA application_id");
    *objects = sm_sqlite_first_value(store, "PRAGMA schema_version");
    int code = sqlite3_extended_errcode(store->db);
    sm_sqlite_execute(store, "COMMIT");
    if (*version < 0 || application < 0 || *objects < 0)
        return sm_sqlite_fail_code(store, code, "cannot read", err);
    if (*version > SCHEMA_VERSION)
        return sm_err_set(err, SM_EXIT_INPUT, "use that version, or another --cache",
                          "store %s was made by a newer version", store->base.path);
    if (application != SM_STORE_APPLICATION_ID && *objects > 0)
        return sm_err_set(err, SM_EXIT_INPUT, SM_STORE_OTHER, "%s is another program's database",
                          store->base.path);
    return true;
}

bool sm_sqlite_check_schema(struct sm_sqlite *store, struct sm_err *err)
{
    int64_t version, objects;
    if (!check_version(store, &version, &objects, err))
        return false;
    if (version == 0 && store->base.use != SM_STORE_CREATE)
        return sm_err_set(err, SM_EXIT_INPUT, SM_STORE_OTHER, "store %s is empty",
                          store->base.path);
    store->digests = version >= DIGEST_SINCE;
    if (store->base.path && objects > 0 && !check_objects(store, err))
        return false;
    if (version < SCHEMA_VERSION && store->base.use != SM_STORE_READ) {
        if (!bring_up(store))
            return sm_sqlite_fail(store, "cannot create tables", err);
        store->digests = true;
    }
    return true;
}
