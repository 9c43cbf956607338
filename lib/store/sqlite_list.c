/* What sm-cache does with a store in SQLite: walks, counts, prunes and forgets. */
#include "lib/store/internal/sqlite.h"

static const char *column(sqlite3_stmt *row, int i)
{
    return (const char *)sqlite3_column_text(row, i);
}

/* Runs a query; `row` returns false to stop. */
static bool each_row(struct sm_sqlite *store, const char *query,
                     bool (*row)(void *, sqlite3_stmt *), void *arg, struct sm_err *err)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(store->db, query, -1, &statement, NULL);
    bool more = result == SQLITE_OK;
    while (more && (result = sqlite3_step(statement)) == SQLITE_ROW)
        more = row(arg, statement);
    bool ok =
        result == SQLITE_ROW || result == SQLITE_DONE || sm_sqlite_fail(store, "cannot read", err);
    sqlite3_finalize(statement);
    return ok;
}

struct answer_call {
    struct sm_sqlite *store;
    bool (*each)(void *, const struct sm_answer *);
    void *arg;
};

static bool answer_row(void *arg, sqlite3_stmt *row)
{
    const struct answer_call *call = arg;
    struct sm_answer answer;
    return !sm_sqlite_read_answer(call->store, row, &answer) || call->each(call->arg, &answer);
}

bool sm_sqlite_prune(struct sm_store *base, const struct sm_prune *prune, int64_t *count,
                     struct sm_err *err)
{
    struct sm_sqlite *store = sm_sqlite_of(base);
    /* With a limit on the size, an answer goes if it and all newer ones together exceed it. */
    static const char text[] =
        "DELETE FROM answer WHERE created < ?1 AND (?2 IS NULL OR model = ?2) AND (?3 < 0 OR id IN"
        " (SELECT id FROM (SELECT id, sum(length(CAST(response AS BLOB)))"
        " OVER (ORDER BY created DESC, id DESC) AS bytes FROM answer) WHERE bytes > ?3))";
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2(store->db, text, -1, &statement, NULL) == SQLITE_OK;
    if (ok) {
        sqlite3_bind_int64(statement, 1, prune->before);
        if (prune->model)
            sqlite3_bind_text(statement, 2, prune->model, -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 3, prune->max_bytes);
        ok = sqlite3_step(statement) == SQLITE_DONE;
    }
    *count = sqlite3_changes(store->db);
    sqlite3_finalize(statement);
    if (!ok)
        return sm_sqlite_fail(store, "cannot forget answers", err);
    /* Fails while another program uses the store, which then reuses the space. */
    sqlite3_exec(store->db, "VACUUM", NULL, NULL, NULL);
    return true;
}

bool sm_sqlite_forget(struct sm_store *base, const char *endpoint, const char *model,
                      int64_t *count, struct sm_err *err)
{
    struct sm_sqlite *store = sm_sqlite_of(base);
    static const char text[] = "DELETE FROM fact WHERE endpoint = ?1 AND (?2 IS NULL OR model = ?2)"
                               " AND name NOT LIKE '" SM_ASKED_WITH " %'";
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2(store->db, text, -1, &statement, NULL) == SQLITE_OK;
    if (ok) {
        sqlite3_bind_text(statement, 1, endpoint, -1, SQLITE_STATIC);
        if (model)
            sqlite3_bind_text(statement, 2, model, -1, SQLITE_STATIC);
        ok = sqlite3_step(statement) == SQLITE_DONE;
    }
    *count = sqlite3_changes(store->db);
    sqlite3_finalize(statement);
    return ok || sm_sqlite_fail(store, "cannot forget what is known", err);
}

struct count_call {
    bool (*each)(void *, const struct sm_store_count *);
    void *arg;
};

static bool count_row(void *arg, sqlite3_stmt *row)
{
    const struct count_call *call = arg;
    struct sm_store_count count = {
        .endpoint = column(row, 0),
        .model = column(row, 1),
        .answers = sqlite3_column_int64(row, 2),
        .bytes = sqlite3_column_int64(row, 3),
        .oldest = sqlite3_column_int64(row, 4),
        .newest = sqlite3_column_int64(row, 5),
        .tokens_in = sqlite3_column_int64(row, 6),
        .tokens_out = sqlite3_column_int64(row, 7),
    };
    return call->each(call->arg, &count);
}

bool sm_sqlite_count(struct sm_store *base, bool (*each)(void *arg, const struct sm_store_count *),
                     void *arg, struct sm_err *err)
{
    struct sm_sqlite *store = sm_sqlite_of(base);
    struct count_call call = {each, arg};
    return each_row(store,
                    "SELECT endpoint, model, count(*), sum(length(CAST(response AS BLOB))),"
                    " min(created), max(created), sum(tokens_in), sum(tokens_out)"
                    " FROM answer GROUP BY endpoint, model ORDER BY endpoint, model",
                    count_row, &call, err);
}

bool sm_sqlite_each(struct sm_store *base, bool (*each)(void *arg, const struct sm_answer *),
                    void *arg, struct sm_err *err)
{
    struct sm_sqlite *store = sm_sqlite_of(base);
    struct answer_call call = {store, each, arg};
    return each_row(store,
                    store->digests ? "SELECT " SM_ANSWER_COLUMNS ", digest FROM answer ORDER BY id"
                                   : "SELECT " SM_ANSWER_COLUMNS ", NULL FROM answer ORDER BY id",
                    answer_row, &call, err);
}

struct capability_call {
    bool (*each)(void *, const struct sm_capability *);
    void *arg;
};

static bool capability_row(void *arg, sqlite3_stmt *row)
{
    const struct capability_call *call = arg;
    struct sm_capability capability = {column(row, 0), column(row, 1), column(row, 2),
                                       column(row, 3)};
    return call->each(call->arg, &capability);
}

bool sm_sqlite_each_capability(struct sm_store *base,
                               bool (*each)(void *arg, const struct sm_capability *), void *arg,
                               struct sm_err *err)
{
    struct sm_sqlite *store = sm_sqlite_of(base);
    struct capability_call call = {each, arg};
    return each_row(store,
                    "SELECT endpoint, model, name, value FROM fact ORDER BY endpoint, model, name",
                    capability_row, &call, err);
}
