#include "lib/store/store.h"

#include "lib/base/mem.h"
#include "lib/store/internal/db.h"
#include "lib/store/internal/state.h"

#include <openssl/evp.h>

/* The SHA-256 of `head` and `body` in a row. */
static void digest_of(const char *head, size_t head_len, const char *body, size_t len,
                      unsigned char value[EVP_MAX_MD_SIZE])
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    if (!digest || !EVP_DigestInit_ex(digest, EVP_sha256(), NULL))
        sm_out_of_memory();
    EVP_DigestUpdate(digest, head, head_len);
    EVP_DigestUpdate(digest, body, len);
    EVP_DigestFinal_ex(digest, value, NULL);
    EVP_MD_CTX_free(digest);
}

void sm_store_key(char key[SM_KEY_LEN + 1], const char *whose, int64_t sample, const char *body,
                  size_t len)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char value[EVP_MAX_MD_SIZE] = {0};
    struct sm_buf head = {0};
    sm_buf_printf(&head, "%zu:%s%lld:%zu:", strlen(whose), whose, (long long)sample, len);
    digest_of(head.data, head.len, body, len, value);
    sm_buf_release(&head);
    for (size_t i = 0; i < SM_KEY_LEN / 2; i++) {
        key[2 * i] = hex[value[i] >> 4];
        key[2 * i + 1] = hex[value[i] & 15];
    }
    key[SM_KEY_LEN] = '\0';
}

/* Of a response, as the store keeps it: the first 8 bytes of the SHA-256. */
static int64_t short_digest(const char *response, size_t len)
{
    unsigned char value[EVP_MAX_MD_SIZE] = {0};
    uint64_t number = 0;
    digest_of("", 0, response, len, value);
    for (size_t i = 0; i < sizeof number; i++)
        number = number << 8 | value[i];
    return (int64_t)number;
}

static const char *column(sqlite3_stmt *row, int i)
{
    const char *text = (const char *)sqlite3_column_text(row, i);
    return text ? text : ""; /* no answer of ours has NULL in it */
}

bool sm_store_read_answer(struct sm_store *store, sqlite3_stmt *row, struct sm_answer *answer)
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
        sqlite3_column_int64(row, 9) == short_digest(answer->response, answer->response_len);
    store->spoiled += !whole;
    return whole;
}

size_t sm_store_spoiled(const struct sm_store *store)
{
    return store->spoiled;
}

static void bind(sqlite3_stmt *statement, int i, const char *text, size_t len)
{
    sqlite3_bind_text64(statement, i, text, len, SQLITE_STATIC, SQLITE_UTF8);
}

/* Runs a statement that gives no row. The next commit reports a failure. */
static bool run_statement(struct sm_store *store, enum sm_statement which, const char *what)
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
    sqlite3_reset(store->statements[SM_GET]); /* an open read could not become a write */
    if (!in_transaction(store))
        run_statement(store, SM_BEGIN, "cannot begin to write");
}

/* An answer that is not what was recorded makes room for a new one. */
static void drop_answer(struct sm_store *store, const char *key)
{
    sqlite3_stmt *drop = store->statements[SM_DROP];
    if (store->use == SM_STORE_READ)
        return;
    sm_store_begin(store);
    bind(drop, 1, key, strlen(key));
    run_statement(store, SM_DROP, "cannot write");
    sqlite3_clear_bindings(drop);
}

bool sm_store_get(struct sm_store *store, const char *key, struct sm_answer *answer)
{
    sqlite3_stmt *get = store->statements[SM_GET];
    sqlite3_reset(get);
    sqlite3_bind_text(get, 1, key, -1, SQLITE_TRANSIENT);
    int result = sqlite3_step(get);
    bool found = result == SQLITE_ROW, whole = found && sm_store_read_answer(store, get, answer);
    if (whole && strcmp(answer->key, key) == 0)
        return true;
    store->spoiled += whole; /* the index leads to another one */
    if (!found && result != SQLITE_DONE)
        sm_store_failed(store, "cannot read"); /* it may be there: it must not be asked again */
    sqlite3_reset(get);
    if (found)
        drop_answer(store, key);
    return false;
}

sqlite3 *sm_store_db(struct sm_store *store)
{
    return store->db;
}

const char *sm_store_path(const struct sm_store *store)
{
    return store->path;
}

void sm_store_put(struct sm_store *store, const struct sm_answer *answer)
{
    sqlite3_stmt *put = store->statements[SM_PUT];
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
    sqlite3_bind_int64(put, 10, short_digest(answer->response, answer->response_len));
    run_statement(store, SM_PUT, "cannot write");
    sqlite3_clear_bindings(put);
}

void sm_store_rekey(struct sm_store *store, const char *from, const char *to)
{
    sqlite3_stmt *rekey = store->statements[SM_REKEY];
    if (store->use == SM_STORE_READ)
        return;
    sm_store_begin(store);
    bind(rekey, 1, from, SM_KEY_LEN);
    bind(rekey, 2, to, SM_KEY_LEN);
    run_statement(store, SM_REKEY, "cannot write");
    sqlite3_clear_bindings(rekey);
}

void sm_store_put_capability(struct sm_store *store, const struct sm_capability *capability)
{
    sqlite3_stmt *put = store->statements[SM_PUT_CAPABILITY];
    sm_store_begin(store);
    bind(put, 1, capability->endpoint, strlen(capability->endpoint));
    bind(put, 2, capability->model, strlen(capability->model));
    bind(put, 3, capability->name, strlen(capability->name));
    bind(put, 4, capability->value, strlen(capability->value));
    run_statement(store, SM_PUT_CAPABILITY, "cannot write");
    sqlite3_clear_bindings(put);
}

/* Whether somebody took the file away. What is written to it from then on, nobody finds again. */
static bool has_moved(struct sm_store *store)
{
    int moved = 0;
    if (!store->path ||
        sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK)
        return false;
    if (moved && !store->failed.message)
        sm_err_set(&store->failed, SM_EXIT_INPUT,
                   "put it back before you run the same command again, or all is asked anew",
                   "store %s was removed, moved or replaced while it was in use", store->path);
    return moved;
}

bool sm_store_commit(struct sm_store *store, struct sm_err *err)
{
    if (store->statements[SM_GET])
        sqlite3_reset(store->statements[SM_GET]);
    if (in_transaction(store) &&
        (has_moved(store) || !run_statement(store, SM_COMMIT, "cannot write")))
        sm_store_execute(store, "ROLLBACK");
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
    sqlite3_stmt *get = store->statements[SM_GET_CAPABILITY];
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
