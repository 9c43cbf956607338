/* Questions go out over the connection with the queue before them, results come in. */
#include "lib/base/mem.h"
#include "lib/store/internal/postgres.h"

#include <stdio.h>

#define ANSWER_MS 60000 /* who says nothing for so long is away */
#define POLL_MS 100

void sm_pg_queue(struct sm_pg *pg, const struct sm_pg_query *query)
{
    size_t bytes = sizeof(struct sm_pg_queued);
    for (int i = 0; i < SM_PG_PARAMS; i++)
        bytes += query->values[i] ? strlen(query->values[i]) + 1 : 0;
    struct sm_pg_queued *op = sm_alloc(1, bytes);
    char *at = (char *)(op + 1);
    op->query.which = query->which;
    for (int i = 0; i < SM_PG_PARAMS; i++) {
        if (!query->values[i])
            continue;
        size_t len = strlen(query->values[i]) + 1;
        op->query.values[i] = memcpy(at, query->values[i], len);
        at += len;
    }
    *pg->last = op;
    pg->last = &op->next;
    pg->queued++;
}

static int count_params(enum sm_pg_statement which)
{
    int count = 0;
    for (const char *at = sm_pg_texts[which]; (at = strchr(at, '$')); at++) {
        int number = (int)strtol(at + 1, NULL, 10);
        count = number > count ? number : count;
    }
    return count;
}

static bool send_query(struct sm_pg *pg, const struct sm_pg_query *query)
{
    char name[16];
    snprintf(name, sizeof name, "s%d", (int)query->which);
    return PQsendQueryPrepared(pg->conn, name, count_params(query->which), query->values, NULL,
                               NULL, 0) == 1;
}

/* The next result; NULL between the results of two statements, or if the connection is lost. */
static PGresult *next_result(struct sm_pg *pg)
{
    double until_ms = sm_clock_ms(pg->base.clock) + ANSWER_MS;
    while (PQisBusy(pg->conn)) {
        if (!sm_pg_wait(pg, false, POLL_MS) && sm_clock_ms(pg->base.clock) > until_ms)
            return NULL;
        if (!PQconsumeInput(pg->conn))
            return NULL;
    }
    return PQgetResult(pg->conn);
}

enum outcome { DONE, REFUSED, LOST };

static enum outcome outcome_of(const struct sm_pg *pg, const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    const char *state = sm_pg_state_of(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return DONE;
    bool ends = strncmp(state, "57P", 3) == 0 || strncmp(state, "08", 2) == 0;
    return ends || PQstatus(pg->conn) != CONNECTION_OK ? LOST : REFUSED;
}

/* Reads the results of `count` statements that were sent as one transaction, into results[] unless
 * that is NULL. The first that is refused is in *refused. */
static enum outcome read_results(struct sm_pg *pg, size_t count, PGresult **results,
                                 PGresult **refused)
{
    enum outcome whole = DONE;
    *refused = NULL;
    for (size_t i = 0; i < count; i++) {
        PGresult *result = next_result(pg);
        enum outcome one = result ? outcome_of(pg, result) : LOST;
        if (one == REFUSED && !*refused)
            *refused = result;
        else if (results)
            results[i] = result;
        else
            PQclear(result);
        whole = one > whole ? one : whole;
        if (whole == LOST || next_result(pg)) /* each ends with NULL */
            return LOST;
    }
    PGresult *sync = next_result(pg);
    if (!sync || PQresultStatus(sync) != PGRES_PIPELINE_SYNC)
        whole = LOST;
    PQclear(sync);
    return whole;
}

static struct sm_pg_queued *take_first(struct sm_pg *pg)
{
    struct sm_pg_queued *op = pg->first;
    pg->first = op->next;
    if (!pg->first)
        pg->last = &pg->first;
    pg->queued--;
    return op;
}

static void clear_queue(struct sm_pg *pg)
{
    while (pg->first)
        free(take_first(pg));
}

/* Each as a transaction of its own, so that one that is refused takes no other with it. False if
 * the connection is lost. */
static bool flush_singly(struct sm_pg *pg)
{
    while (pg->first) {
        PGresult *refused;
        if (!send_query(pg, &pg->first->query) || !PQpipelineSync(pg->conn))
            return false;
        enum outcome outcome = read_results(pg, 1, NULL, &refused);
        bool again = strncmp(sm_pg_state_of(refused), "40", 2) == 0; /* two of them met */
        if (outcome == REFUSED && !again)
            sm_pg_note_failure(pg, "cannot write", refused);
        PQclear(refused);
        if (outcome == LOST)
            return false;
        if (!again)
            free(take_first(pg));
    }
    return true;
}

static bool send_queue(struct sm_pg *pg)
{
    bool ok = true;
    for (struct sm_pg_queued *op = pg->first; ok && op; op = op->next)
        ok = send_query(pg, &op->query);
    return ok && PQpipelineSync(pg->conn);
}

/* Reads what became of the queue that was sent. */
static enum outcome end_queue(struct sm_pg *pg)
{
    PGresult *refused;
    enum outcome outcome = read_results(pg, pg->queued, NULL, &refused);
    PQclear(refused);
    if (outcome == DONE)
        clear_queue(pg);
    return outcome;
}

bool sm_pg_flush(struct sm_pg *pg, bool patient)
{
    while (pg->queued > 0 && sm_pg_is_up(pg, patient)) {
        enum outcome outcome = send_queue(pg) ? end_queue(pg) : LOST;
        if (outcome == LOST || (outcome == REFUSED && !flush_singly(pg)))
            sm_pg_lose(pg);
    }
    return pg->queued == 0;
}

static void clear_results(PGresult **results, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        PQclear(results[i]);
        results[i] = NULL;
    }
}

/* The queue and the statements in one go. */
static enum outcome exchange(struct sm_pg *pg, const struct sm_pg_query *queries,
                             PGresult **results, size_t count, PGresult **refused)
{
    bool queue = pg->queued > 0, ok = !queue || send_queue(pg);
    *refused = NULL;
    for (size_t i = 0; ok && i < count; i++)
        ok = send_query(pg, &queries[i]);
    if (!ok || !PQpipelineSync(pg->conn))
        return LOST;
    enum outcome before = queue ? end_queue(pg) : DONE;
    enum outcome outcome = before == LOST ? LOST : read_results(pg, count, results, refused);
    if (outcome != LOST && before == REFUSED && !flush_singly(pg))
        outcome = LOST;
    return outcome;
}

bool sm_pg_ask_all(struct sm_pg *pg, const struct sm_pg_query *queries, PGresult **results,
                   size_t count, bool patient, const char *what)
{
    PGresult *refused;
    for (size_t i = 0; i < count; i++)
        results[i] = NULL;
    while (sm_pg_is_up(pg, patient)) {
        enum outcome outcome = exchange(pg, queries, results, count, &refused);
        if (outcome == DONE)
            return true;
        clear_results(results, count);
        bool again = strncmp(sm_pg_state_of(refused), "40", 2) == 0;
        if (outcome == REFUSED && !again)
            sm_pg_note_failure(pg, what, refused);
        PQclear(refused);
        if (outcome == LOST)
            sm_pg_lose(pg);
        else if (!again)
            return false;
    }
    return false;
}

PGresult *sm_pg_ask(struct sm_pg *pg, const struct sm_pg_query *query, const char *what)
{
    PGresult *result;
    return sm_pg_ask_all(pg, query, &result, 1, true, what) ? result : NULL;
}
