#include "lib/store/limits.h"

#include "lib/base/mem.h"
#include "lib/store/internal/db.h"

#include <math.h>

#define MINUTE_MS 60000
#define BUSY_WAIT_MS 50
#define ASK_AGAIN_MS 1000   /* the wait may shorten, as requests turn out smaller than reserved */
#define RUN_KEPT_S 604800LL /* a week: a run that was silent for so long is over */

/* What is more than a minute ahead was sent before somebody set the clock back. */
#define LAST_MINUTE "at_ms > ?3 AND at_ms <= ?3 + 120000"

enum statement {
    RATE,    /* requests and tokens of the last minute, and its oldest request */
    NTH,     /* when the N-th oldest request of the last minute was sent */
    SEND,    /* records a request */
    CORRECT, /* sets its tokens */
    FORGET,  /* drops requests of other minutes */
    JOIN,    /* begins a run, or goes on with it */
    RUN,     /* its calls and cost so far */
    ADD_COST,
    STATEMENTS
};

static const char *const texts[STATEMENTS] = {
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

struct sm_limiter {
    struct sm_store *store;
    struct sm_limits limits;
    const char *endpoint, *model;
    sqlite3_stmt *statements[STATEMENTS];
};

static int64_t now_ms(const struct sm_limiter *l)
{
    return sm_clock_unix_ms(sm_store_clock(l->store));
}

static bool limits_rate(const struct sm_limiter *l)
{
    return l->limits.rpm > 0 || l->limits.tpm > 0;
}

static bool caps_run(const struct sm_limiter *l)
{
    return l->limits.max_calls > 0 || l->limits.max_cost > 0;
}

/* Steps; true if there is a row. The store's next commit reports a failure. */
static bool step(struct sm_limiter *l, enum statement which)
{
    int result = sqlite3_step(l->statements[which]);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        sm_store_failed(l->store, "cannot keep the limits");
    return result == SQLITE_ROW;
}

static sqlite3_stmt *of_endpoint(struct sm_limiter *l, enum statement which)
{
    sqlite3_stmt *s = l->statements[which];
    sqlite3_reset(s);
    sqlite3_bind_text(s, 1, l->endpoint, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, l->model, -1, SQLITE_STATIC);
    return s;
}

static sqlite3_stmt *of_run(struct sm_limiter *l, enum statement which)
{
    sqlite3_stmt *s = l->statements[which];
    sqlite3_reset(s);
    sqlite3_bind_text(s, 1, l->limits.run, -1, SQLITE_STATIC);
    return s;
}

static void join_run(struct sm_limiter *l)
{
    int64_t now = now_ms(l) / 1000;
    sm_store_begin(l->store);
    sqlite3_stmt *s = of_run(l, JOIN);
    sqlite3_bind_int64(s, 2, l->limits.run_started);
    sqlite3_bind_int64(s, 3, now);
    sqlite3_bind_int64(s, 4, now - RUN_KEPT_S);
    step(l, JOIN);
    sqlite3_reset(s);
}

struct sm_limiter *sm_limiter_open(struct sm_store *store, const char *endpoint, const char *model,
                                   const struct sm_limits *limits)
{
    struct sm_limiter *l = sm_alloc(1, sizeof *l);
    *l = (struct sm_limiter){store, *limits, endpoint, model, {0}};
    if (sm_store_only_reads(store) || (!limits_rate(l) && !caps_run(l))) {
        free(l);
        return NULL;
    }
    for (int i = 0; i < STATEMENTS; i++) {
        if (sqlite3_prepare_v3(sm_store_db(store), texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &l->statements[i], NULL) != SQLITE_OK)
            sm_store_failed(store, "cannot keep the limits");
    }
    if (caps_run(l))
        join_run(l);
    return l;
}

void sm_limiter_close(struct sm_limiter *l)
{
    if (!l)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(l->statements[i]);
    free(l);
}

/* Milliseconds until the rates allow a request of `tokens` tokens; 0: at once. */
static double rate_wait_ms(struct sm_limiter *l, int64_t tokens)
{
    int64_t now = now_ms(l);
    sqlite3_stmt *s = of_endpoint(l, RATE);
    sqlite3_bind_int64(s, 3, now - MINUTE_MS);
    if (!step(l, RATE))
        return BUSY_WAIT_MS;
    int64_t count = sqlite3_column_int64(s, 0), sum = sqlite3_column_int64(s, 1);
    int64_t free_at = 0, oldest = sqlite3_column_int64(s, 2);
    sqlite3_reset(s);
    if (l->limits.rpm > 0 && count >= l->limits.rpm) {
        s = of_endpoint(l, NTH);
        sqlite3_bind_int64(s, 3, now - MINUTE_MS);
        sqlite3_bind_int64(s, 4, count - l->limits.rpm);
        free_at = step(l, NTH) ? sqlite3_column_int64(s, 0) : oldest;
        sqlite3_reset(s);
    }
    /* A request that is larger than the limit is sent once nothing else was for a minute. */
    if (l->limits.tpm > 0 && count > 0 && sum + tokens > l->limits.tpm && free_at < oldest)
        free_at = oldest;
    if (free_at == 0)
        return 0;
    return fmin(fmax(1, (double)(free_at + MINUTE_MS - now)), ASK_AGAIN_MS);
}

static enum sm_admission within_caps(struct sm_limiter *l, const struct sm_reservation *entry,
                                     double cost, struct sm_err *err)
{
    sqlite3_stmt *s = of_run(l, RUN);
    bool known = step(l, RUN);
    int64_t calls = known ? sqlite3_column_int64(s, 0) : 0;
    double cost_so_far = known ? sqlite3_column_double(s, 1) : 0;
    sqlite3_reset(s);
    if (l->limits.max_calls > 0 && !entry->counted && calls >= l->limits.max_calls) {
        sm_err_set(err, SM_EXIT_CAP,
                   "raise --max-calls and run the same command again: answers already paid for are "
                   "kept",
                   "the cap of %lld calls is reached", (long long)l->limits.max_calls);
        return SM_ADMIT_NEVER;
    }
    if (l->limits.max_cost > 0 && cost_so_far + cost > l->limits.max_cost) {
        sm_err_set(err, SM_EXIT_CAP,
                   "raise --max-cost and run the same command again: answers already paid for are "
                   "kept",
                   "the cap of %.10g US dollars is reached: %.6f are spent or reserved, and the "
                   "next call may take %.6f",
                   l->limits.max_cost, cost_so_far, cost);
        return SM_ADMIT_SETTLED;
    }
    return SM_ADMIT_NOW;
}

static void add_cost(struct sm_limiter *l, int64_t calls, double cost)
{
    sqlite3_stmt *s = of_run(l, ADD_COST);
    sqlite3_bind_int64(s, 2, calls);
    sqlite3_bind_double(s, 3, isnan(cost) ? 0 : cost);
    sqlite3_bind_int64(s, 4, now_ms(l) / 1000);
    step(l, ADD_COST);
    sqlite3_reset(s);
}

static void note_sent(struct sm_limiter *l, struct sm_reservation *entry, int64_t tokens)
{
    int64_t now = now_ms(l);
    sqlite3_stmt *s = l->statements[FORGET];
    sqlite3_bind_int64(s, 1, now - MINUTE_MS);
    step(l, FORGET);
    sqlite3_reset(s);
    s = of_endpoint(l, SEND);
    sqlite3_bind_int64(s, 3, now);
    sqlite3_bind_int64(s, 4, tokens);
    step(l, SEND);
    sqlite3_reset(s);
    entry->sent = sqlite3_last_insert_rowid(sm_store_db(l->store));
}

enum sm_admission sm_limiter_admit(struct sm_limiter *l, struct sm_reservation *entry,
                                   int64_t tokens, double cost, double *wait_ms, struct sm_err *err)
{
    sm_store_begin(l->store); /* so that no other process counts meanwhile */
    *wait_ms = 0;
    enum sm_admission admission = caps_run(l) ? within_caps(l, entry, cost, err) : SM_ADMIT_NOW;
    if (admission == SM_ADMIT_NOW && limits_rate(l) && (*wait_ms = rate_wait_ms(l, tokens)) > 0)
        admission = SM_ADMIT_LATER;
    if (admission == SM_ADMIT_NOW && limits_rate(l))
        note_sent(l, entry, tokens);
    if (admission == SM_ADMIT_NOW && caps_run(l)) {
        add_cost(l, !entry->counted, cost);
        entry->counted = true;
        entry->cost = isnan(cost) ? 0 : cost;
    }
    return sm_store_commit(l->store, err) ? admission : SM_ADMIT_NEVER;
}

void sm_limiter_settle(struct sm_limiter *l, struct sm_reservation *entry, int64_t tokens,
                       double cost)
{
    sm_store_begin(l->store);
    if (entry->sent) {
        sqlite3_stmt *s = l->statements[CORRECT];
        sqlite3_reset(s);
        sqlite3_bind_int64(s, 1, entry->sent);
        sqlite3_bind_int64(s, 2, tokens);
        step(l, CORRECT);
        sqlite3_reset(s);
    }
    if (caps_run(l))
        add_cost(l, 0, (isnan(cost) ? 0 : cost) - entry->cost);
    entry->sent = 0;
    entry->cost = 0;
}
