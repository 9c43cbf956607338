/* Rates and caps in a store in SQLite. Nobody else counts while a transaction of ours is open. */
#include "lib/store/internal/sqlite.h"

#include <math.h>

#define MINUTE_MS 60000
#define BUSY_WAIT_MS 50

/* What is more than a minute ahead was sent before somebody set the clock back. */
#define LAST_MINUTE "at_ms > ?3 AND at_ms <= ?3 + 120000"

enum {
    RATE,    /* requests and tokens of the last minute, and its oldest request */
    NTH,     /* when the N-th oldest request of the last minute was sent */
    SEND,    /* records a request */
    CORRECT, /* sets its tokens */
    FORGET,  /* drops requests of other minutes */
    JOIN,    /* begins a run, or goes on with it */
    RUN,     /* its calls and cost so far */
    ADD_COST
};

static const char *const texts[SM_LIMIT_STATEMENTS] = {
    [RATE] = "SELECT count(*), coalesce(sum(tokens), 0), min(at_ms) FROM sent"
             " WHERE endpoint = ?1 AND model = ?2 AND " LAST_MINUTE,
    [NTH] = "SELECT at_ms FROM sent WHERE endpoint = ?1 AND model = ?2 AND " LAST_MINUTE
            " ORDER BY at_ms LIMIT 1 OFFSET ?4",
    [SEND] = "INSERT INTO sent (endpoint, model, at_ms, tokens) VALUES (?1, ?2, ?3, ?4)",
    [CORRECT] = "UPDATE sent SET tokens = ?2 WHERE id = ?1",
    [FORGET] = "DELETE FROM sent WHERE at_ms <= ?1 OR at_ms > ?1 + 120000",
    [JOIN] = "INSERT INTO run (name, leader, touched, calls, cost) VALUES (?1, ?2, ?3, 0, 0)"
             " ON CONFLICT (name) DO UPDATE SET touched = ?3,"
             " calls = CASE WHEN (leader != ?2 AND ?2 != 0) OR touched < ?4 THEN 0 ELSE calls END,"
             " cost = CASE WHEN (leader != ?2 AND ?2 != 0) OR touched < ?4 THEN 0 ELSE cost END,"
             " leader = CASE WHEN ?2 != 0 THEN ?2 ELSE leader END",
    [RUN] = "SELECT calls, cost FROM run WHERE name = ?1",
    [ADD_COST] = "UPDATE run SET calls = calls + ?2, cost = max(0, cost + ?3), touched = ?4"
                 " WHERE name = ?1",
};

static int64_t now_ms(const struct sm_sqlite *store)
{
    return sm_clock_unix_ms(store->base.clock);
}

/* A statement, ready to be bound. Prepared at its first use; NULL, and nothing comes of it, if that
 * fails. */
static sqlite3_stmt *ready(struct sm_sqlite *store, int which)
{
    sqlite3_stmt **s = &store->limit_statements[which];
    if (!*s && sqlite3_prepare_v3(store->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, s,
                                  NULL) != SQLITE_OK)
        sm_sqlite_failed(store, "cannot keep the limits");
    sqlite3_reset(*s);
    return *s;
}

/* Steps; true if there is a row. The store's next commit reports a failure. */
static bool step(struct sm_sqlite *store, sqlite3_stmt *s)
{
    int result = sqlite3_step(s);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        sm_sqlite_failed(store, "cannot keep the limits");
    return result == SQLITE_ROW;
}

/* A statement that gives no row. */
static void run(struct sm_sqlite *store, sqlite3_stmt *s)
{
    step(store, s);
    sqlite3_reset(s);
}

static sqlite3_stmt *of_endpoint(struct sm_sqlite *store, const struct sm_asking *asking, int which)
{
    sqlite3_stmt *s = ready(store, which);
    sqlite3_bind_text(s, 1, asking->endpoint, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, asking->model, -1, SQLITE_STATIC);
    return s;
}

static sqlite3_stmt *of_run(struct sm_sqlite *store, const struct sm_limits *limits, int which)
{
    sqlite3_stmt *s = ready(store, which);
    sqlite3_bind_text(s, 1, limits->run, -1, SQLITE_STATIC);
    return s;
}

void sm_sqlite_join_run(struct sm_store *base, const struct sm_limits *limits)
{
    struct sm_sqlite *store = sm_sqlite_of(base);
    int64_t now = now_ms(store) / 1000;
    sm_sqlite_begin(store);
    sqlite3_stmt *s = of_run(store, limits, JOIN);
    sqlite3_bind_int64(s, 2, limits->run_started);
    sqlite3_bind_int64(s, 3, now);
    sqlite3_bind_int64(s, 4, now - SM_RUN_KEPT_S);
    run(store, s);
}

/* Milliseconds until the rates allow it; 0: at once. */
static double rate_wait_ms(struct sm_sqlite *store, const struct sm_asking *asking)
{
    const struct sm_limits *limits = asking->limits;
    int64_t now = now_ms(store);
    sqlite3_stmt *s = of_endpoint(store, asking, RATE);
    sqlite3_bind_int64(s, 3, now - MINUTE_MS);
    if (!step(store, s))
        return BUSY_WAIT_MS;
    int64_t count = sqlite3_column_int64(s, 0), sum = sqlite3_column_int64(s, 1);
    int64_t free_at = 0, oldest = sqlite3_column_int64(s, 2);
    sqlite3_reset(s);
    if (limits->rpm > 0 && count >= limits->rpm) {
        s = of_endpoint(store, asking, NTH);
        sqlite3_bind_int64(s, 3, now - MINUTE_MS);
        sqlite3_bind_int64(s, 4, count - limits->rpm);
        free_at = step(store, s) ? sqlite3_column_int64(s, 0) : oldest;
        sqlite3_reset(s);
    }
    /* A request that is larger than the limit is sent once nothing else was for a minute. */
    if (limits->tpm > 0 && count > 0 && sum + asking->tokens > limits->tpm && free_at < oldest)
        free_at = oldest;
    if (free_at == 0)
        return 0;
    return fmin(fmax(1, (double)(free_at + MINUTE_MS - now)), SM_ASK_AGAIN_MS);
}

static enum sm_room within_caps(struct sm_sqlite *store, const struct sm_asking *asking,
                                double *spent)
{
    const struct sm_limits *limits = asking->limits;
    sqlite3_stmt *s = of_run(store, limits, RUN);
    bool known = step(store, s);
    int64_t calls = known ? sqlite3_column_int64(s, 0) : 0;
    *spent = known ? sqlite3_column_double(s, 1) : 0;
    sqlite3_reset(s);
    if (limits->max_calls > 0 && !asking->entry->counted && calls >= limits->max_calls)
        return SM_ROOM_NO_CALLS;
    bool dear = limits->max_cost > 0 && *spent + asking->cost > limits->max_cost;
    return dear ? SM_ROOM_NO_COST : SM_ROOM;
}

static void add_cost(struct sm_sqlite *store, const struct sm_limits *limits, int64_t calls,
                     double cost)
{
    sqlite3_stmt *s = of_run(store, limits, ADD_COST);
    sqlite3_bind_int64(s, 2, calls);
    sqlite3_bind_double(s, 3, isnan(cost) ? 0 : cost);
    sqlite3_bind_int64(s, 4, now_ms(store) / 1000);
    run(store, s);
}

static void note_sent(struct sm_sqlite *store, const struct sm_asking *asking)
{
    int64_t now = now_ms(store);
    sqlite3_stmt *s = ready(store, FORGET);
    sqlite3_bind_int64(s, 1, now - MINUTE_MS);
    run(store, s);
    s = of_endpoint(store, asking, SEND);
    sqlite3_bind_int64(s, 3, now);
    sqlite3_bind_int64(s, 4, asking->tokens);
    run(store, s);
    asking->entry->sent = sqlite3_last_insert_rowid(store->db);
}

void sm_sqlite_admit(struct sm_store *base, const struct sm_asking *asking,
                     struct sm_answer_of_limits *found)
{
    struct sm_sqlite *store = sm_sqlite_of(base);
    bool rates = sm_limits_rate(asking->limits), caps = sm_limits_run(asking->limits);
    sm_sqlite_begin(store); /* so that no other process counts meanwhile */
    found->room = caps ? within_caps(store, asking, &found->spent) : SM_ROOM;
    if (found->room == SM_ROOM && rates && (found->wait_ms = rate_wait_ms(store, asking)) > 0)
        found->room = SM_ROOM_LATER;
    if (found->room == SM_ROOM && rates)
        note_sent(store, asking);
    if (found->room == SM_ROOM && caps) {
        add_cost(store, asking->limits, !asking->entry->counted, asking->cost);
        asking->entry->counted = true;
        asking->entry->cost = isnan(asking->cost) ? 0 : asking->cost;
    }
}

void sm_sqlite_settle(struct sm_store *base, const struct sm_limits *limits,
                      const struct sm_reservation *entry, int64_t tokens, double cost)
{
    struct sm_sqlite *store = sm_sqlite_of(base);
    sm_sqlite_begin(store);
    if (entry->sent) {
        sqlite3_stmt *s = ready(store, CORRECT);
        sqlite3_bind_int64(s, 1, entry->sent);
        sqlite3_bind_int64(s, 2, tokens);
        run(store, s);
    }
    if (sm_limits_run(limits))
        add_cost(store, limits, 0, (isnan(cost) ? 0 : cost) - entry->cost);
}
