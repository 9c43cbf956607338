/* The answers of a store in SQLite: found, recorded, committed. */
#include "lib/store/internal/sqlite.h"
#include "lib/base/mem.h"

static const char *column(sqlite3_stmt *row, int i)
{
    const char *text = (const char *)sqlite3_column_text(row, i);
    return text ? text : ""; /* no answer of ours has NULL in it */
}

bool sm_sqlite_read_answer(struct sm_sqlite *store, sqlite3_stmt *row, struct sm_answer *answer)
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
    bool whole =
        sqlite3_column_type(row, 9) == SQLITE_NULL ||
        sqlite3_column_int64(row, 9) == sm_store_digest(answer->response, answer->response_len);
    store->base.spoiled += !whole;
    return whole;
}

static void bind(sqlite3_stmt *statement, int i, const char *text, size_t len)
{
    sqlite3_bind_text64(statement, i, text, len, SQLITE_STATIC, SQLITE_UTF8);
}

/* Runs a statement that gives no row. The next commit reports a failure. */
static bool run_statement(struct sm_sqlite *store, enum sm_statement which, const char *what)
{
    sqlite3_stmt *statement = store->statements[which];
    bool done = sqlite3_step(statement) == SQLITE_DONE;
    if (!done)
        sm_sqlite_failed(store, what);
    sqlite3_reset(statement);
    return done;
}

/* SQLite knows best: it ends a transaction by itself when the disk is full. */
static bool in_transaction(const struct sm_sqlite *store)
{
    return store->db && !sqlite3_get_autocommit(store->db);
}

void sm_sqlite_begin(struct sm_sqlite *store)
{
    sqlite3_reset(store->statements[SM_GET]); /* an open read could not become a write */
    if (!in_transaction(store))
        run_statement(store, SM_BEGIN, "cannot begin to write");
}

/* An answer that is not what was recorded makes room for a new one. */
static void drop_answer(struct sm_sqlite *store, const char *key)
{
    sqlite3_stmt *drop = store->statements[SM_DROP];
    if (store->base.use == SM_STORE_READ)
        return;
    sm_sqlite_begin(store);
    bind(drop, 1, key, strlen(key));
    run_statement(store, SM_DROP, "cannot write");
    sqlite3_clear_bindings(drop);
}

bool sm_sqlite_get(struct sm_store *base, const char *key, struct sm_answer *answer)
{
    struct sm_sqlite *store = sm_sqlite_of(base);
    sqlite3_stmt *get = store->statements[SM_GET];
    sqlite3_reset(get);
    sqlite3_bind_text(get, 1, key, -1, SQLITE_TRANSIENT);
    int result = sqlite3_step(get);
    bool found = result == SQLITE_ROW, whole = found && sm_sqlite_read_answer(store, get, answer);
    if (whole && strcmp(answer->key, key) == 0)
        return true;
    store->base.spoiled += whole; /* the index leads to another one */
    if (!found && result != SQLITE_DONE)
        sm_sqlite_failed(store, "cannot read"); /* it may be there: it must not be asked again */
    sqlite3_reset(get);
    if (found)
        drop_answer(store, key);
    return false;
}

void sm_sqlite_put(struct sm_store *base, const struct sm_answer *answer)
{
    struct sm_sqlite *store = sm_sqlite_of(base);
    sqlite3_stmt *put = store->statements[SM_PUT];
    sm_sqlite_begin(store);
    bind(put, 1, answer->key, SM_KEY_LEN);
    bind(put, 2, answer->endpoint, strlen(answer->endpoint));
    bind(put, 3, answer->model, strlen(answer->model));
    sqlite3_bind_int64(put, 4, answer->sample);
    bind(put, 5, answer->response, answer->response_len);
    sqlite3_bind_double(put, 6, answer->ms);
    sqlite3_bind_int64(put, 7, answer->created);
    sqlite3_bind_int64(put, 8, answer->tokens_in);
    sqlite3_bind_int64(put, 9, answer->tokens_out);
    sqlite3_bind_int64(put, 10, sm_store_digest(answer->response, answer->response_len));
    run_statement(store, SM_PUT, "cannot write");
    sqlite3_clear_bindings(put);
}

void sm_sqlite_rekey(struct sm_store *base, const char *from, const char *to)
{
    struct sm_sqlite *store = sm_sqlite_of(base);
    sqlite3_stmt *rekey = store->statements[SM_REKEY];
    if (store->base.use == SM_STORE_READ)
        return;
    sm_sqlite_begin(store);
    bind(rekey, 1, from, SM_KEY_LEN);
    bind(rekey, 2, to, SM_KEY_LEN);
    run_statement(store, SM_REKEY, "cannot write");
    sqlite3_clear_bindings(rekey);
}

void sm_sqlite_put_capability(struct sm_store *base, const struct sm_capability *capability)
{
    struct sm_sqlite *store = sm_sqlite_of(base);
    sqlite3_stmt *put = store->statements[SM_PUT_CAPABILITY];
    sm_sqlite_begin(store);
    bind(put, 1, capability->endpoint, strlen(capability->endpoint));
    bind(put, 2, capability->model, strlen(capability->model));
    bind(put, 3, capability->name, strlen(capability->name));
    bind(put, 4, capability->value, strlen(capability->value));
    run_statement(store, SM_PUT_CAPABILITY, "cannot write");
    sqlite3_clear_bindings(put);
}

/* Whether somebody took the file away. What is written to it from then on, nobody finds again. */
static bool has_moved(struct sm_sqlite *store)
{
    int moved = 0;
    if (!store->base.path ||
        sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK)
        return false;
    if (moved && !store->base.failed.message)
        sm_err_set(&store->base.failed, SM_EXIT_INPUT,
                   "put it back before you run the same command again, or all is asked anew",
                   "store %s was removed, moved or replaced while it was in use", store->base.path);
    return moved;
}

bool sm_sqlite_commit(struct sm_store *base, struct sm_err *err)
{
    struct sm_sqlite *store = sm_sqlite_of(base);
    if (store->statements[SM_GET])
        sqlite3_reset(store->statements[SM_GET]);
    if (in_transaction(store) &&
        (has_moved(store) || !run_statement(store, SM_COMMIT, "cannot write")))
        sm_sqlite_execute(store, "ROLLBACK");
    return sm_store_tell_failed(base, err);
}

char *sm_sqlite_capability(struct sm_store *base, const char *endpoint, const char *model,
                           const char *name)
{
    struct sm_sqlite *store = sm_sqlite_of(base);
    sqlite3_stmt *get = store->statements[SM_GET_CAPABILITY];
    char *value = NULL;
    bind(get, 1, endpoint, strlen(endpoint));
    bind(get, 2, model, strlen(model));
    bind(get, 3, name, strlen(name));
    int result = sqlite3_step(get);
    if (result == SQLITE_ROW)
        value = sm_strdup(column(get, 0));
    else if (result != SQLITE_DONE)
        sm_sqlite_failed(store, "cannot read");
    sqlite3_reset(get);
    sqlite3_clear_bindings(get);
    return value;
}

void sm_sqlite_remember(struct sm_store *base, const struct sm_answer *asked)
{
    static const char text[] =
        "INSERT OR IGNORE INTO asked (key, endpoint, model, sample) VALUES (?1, ?2, ?3, ?4)";
    struct sm_sqlite *store = sm_sqlite_of(base);
    sqlite3_stmt *s = NULL;
    sm_sqlite_begin(store);
    bool ok = sqlite3_prepare_v2(store->db, text, -1, &s, NULL) == SQLITE_OK;
    if (ok) {
        bind(s, 1, asked->key, SM_KEY_LEN);
        bind(s, 2, asked->endpoint, strlen(asked->endpoint));
        bind(s, 3, asked->model, strlen(asked->model));
        sqlite3_bind_int64(s, 4, asked->sample);
        ok = sqlite3_step(s) == SQLITE_DONE;
    }
    if (!ok)
        sm_sqlite_failed(store, "cannot note what was asked");
    sqlite3_finalize(s);
}

struct sm_answer *sm_sqlite_asked(struct sm_store *base, const char *key)
{
    static const char text[] = "SELECT endpoint, model, sample FROM asked WHERE key = ?1";
    struct sm_sqlite *store = sm_sqlite_of(base);
    sqlite3_stmt *s = NULL;
    struct sm_answer *asked = NULL;
    if (sqlite3_prepare_v2(store->db, text, -1, &s, NULL) != SQLITE_OK)
        return NULL;
    bind(s, 1, key, strlen(key));
    if (sqlite3_step(s) == SQLITE_ROW) {
        asked = sm_alloc(1, sizeof *asked);
        snprintf(asked->key, sizeof asked->key, "%s", key);
        asked->endpoint = sm_strdup(column(s, 0));
        asked->model = sm_strdup(column(s, 1));
        asked->sample = sqlite3_column_int64(s, 2);
    }
    sqlite3_finalize(s);
    return asked;
}

void sm_sqlite_forget_asked(struct sm_store *base, const char *key)
{
    struct sm_sqlite *store = sm_sqlite_of(base);
    sqlite3_stmt *s = NULL;
    sm_sqlite_begin(store);
    if (sqlite3_prepare_v2(store->db, "DELETE FROM asked WHERE key = ?1", -1, &s, NULL) !=
            SQLITE_OK ||
        sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_step(s) != SQLITE_DONE)
        sm_sqlite_failed(store, "cannot write");
    sqlite3_finalize(s);
}
