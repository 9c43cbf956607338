/* The connection to a PostgreSQL server: how it is made, lost, and made anew. */
#include "lib/base/mem.h"
#include "lib/store/internal/postgres.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#define CONNECT_MS 10000     /* for one attempt */
#define BETWEEN_TRIES_MS 500 /* while the server is away */
#define PATIENCE_S 120
#define POLL_MS 100

#define NAME_BYTES 128

static double now_ms(const struct sm_pg *pg)
{
    return sm_clock_ms(pg->base.clock);
}

const char *sm_pg_state_of(const PGresult *result)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    return state ? state : "";
}

/* The server's word in one line, without its remarks. */
static void add_reason(struct sm_buf *out, const struct sm_pg *pg, const PGresult *result)
{
    const char *said = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    if (!said)
        said = pg->conn ? PQerrorMessage(pg->conn) : pg->last_error;
    size_t len = said ? strcspn(said, "\n") : 0;
    if (len)
        sm_buf_add(out, said, len);
    else
        sm_buf_str(out, "no reason given");
}

static const char *remedy_for(const char *state)
{
    if (strcmp(state, "42501") == 0)
        return "let the owner of the schema grant it: GRANT USAGE ON SCHEMA synthesizeme, GRANT ALL "
               "ON ALL TABLES IN SCHEMA synthesizeme";
    if (strncmp(state, "53", 2) == 0)
        return "make room on the server: disk, memory or max_connections";
    return "see what the server's log says, or " SM_STORE_OTHER;
}

bool sm_pg_fail(const struct sm_pg *pg, const char *what, const PGresult *result,
                struct sm_err *err)
{
    struct sm_buf reason = {0};
    add_reason(&reason, pg, result);
    sm_err_set(err, SM_EXIT_INPUT, remedy_for(sm_pg_state_of(result)), "store %s: %s: %s",
               pg->base.path, what, reason.data);
    sm_buf_release(&reason);
    return false;
}

void sm_pg_note_failure(struct sm_pg *pg, const char *what, const PGresult *result)
{
    if (!pg->base.failed.message)
        sm_pg_fail(pg, what, result, &pg->base.failed);
}

void sm_pg_hang_up(struct sm_pg *pg)
{
    PQfinish(pg->conn);
    pg->conn = NULL;
    pg->state = SM_PG_DOWN;
}

/* Claims end with the connection, so nothing is left to release. */
static void drop_releases(struct sm_pg *pg)
{
    pg->last = &pg->first;
    for (struct sm_pg_queued **link = &pg->first; *link;) {
        struct sm_pg_queued *op = *link;
        if (op->query.which == SM_PG_UNCLAIM) {
            *link = op->next;
            pg->queued--;
            free(op);
        } else {
            link = &op->next;
            pg->last = link;
        }
    }
}

void sm_pg_lose(struct sm_pg *pg)
{
    free(pg->last_error);
    struct sm_buf reason = {0};
    add_reason(&reason, pg, NULL);
    pg->last_error = sm_buf_take(&reason);
    sm_pg_hang_up(pg);
    if (pg->away_ms == 0)
        pg->away_ms = now_ms(pg);
    pg->next_try_ms = now_ms(pg) + BETWEEN_TRIES_MS;
    drop_releases(pg);
}

/* Remarks of the server are nothing to the user of a program. */
static void ignore_notice(void *arg, const char *text)
{
    (void)arg;
    (void)text;
}

/* What the user gives in the URL or the environment goes before these. */
static void begin_connecting(struct sm_pg *pg)
{
    char host[NAME_BYTES] = "", name[NAME_BYTES * 2];
    gethostname(host, sizeof host - 1);
    snprintf(name, sizeof name, "process %ld on %s", (long)getpid(), host);
    const char *const words[] = {
        "dbname",          "fallback_application_name", "client_encoding",  "tcp_user_timeout",
        "keepalives_idle", "keepalives_interval",       "keepalives_count", NULL};
    const char *const values[] = {pg->url, name, "UTF8", "30000", "20", "5", "3", NULL};
    pg->conn = PQconnectStartParams(words, values, 1);
    if (!pg->conn)
        sm_out_of_memory();
    PQsetNoticeProcessor(pg->conn, ignore_notice, NULL);
    pg->state = SM_PG_CONNECTING;
    pg->polling = PGRES_POLLING_WRITING;
    pg->begun_ms = now_ms(pg);
}

/* Waits up to `ms` for the socket; false if it is not ready. */
bool sm_pg_wait(const struct sm_pg *pg, bool writing, int ms)
{
    struct pollfd fd = {.fd = PQsocket(pg->conn), .events = writing ? POLLOUT : POLLIN};
    return fd.fd < 0 || poll(&fd, 1, ms) > 0;
}

/* Moves the connecting on. False once it failed. */
static bool go_on_connecting(struct sm_pg *pg, bool patient)
{
    if (PQstatus(pg->conn) == CONNECTION_BAD || now_ms(pg) > pg->begun_ms + CONNECT_MS)
        return false;
    if (sm_pg_wait(pg, pg->polling == PGRES_POLLING_WRITING, patient ? POLL_MS : 0))
        pg->polling = PQconnectPoll(pg->conn);
    if (pg->polling == PGRES_POLLING_OK)
        pg->state = SM_PG_UP;
    return pg->polling != PGRES_POLLING_FAILED;
}

static bool give_up(struct sm_pg *pg, double patience_s)
{
    pg->gave_up = true;
    if (!pg->base.failed.message)
        sm_err_set(&pg->base.failed, SM_EXIT_INPUT,
                   "run the same command again when it is back: what it has is kept",
                   "store %s: the server was away for %.0f seconds: %s", pg->base.path, patience_s,
                   pg->last_error ? pg->last_error : "no reason given");
    return false;
}

bool sm_pg_is_up(struct sm_pg *pg, bool patient)
{
    double patience_s = pg->base.shared.patience_s > 0 ? pg->base.shared.patience_s : PATIENCE_S;
    while (pg->away_ms > 0 && !pg->gave_up) {
        if (now_ms(pg) > pg->away_ms + patience_s * 1e3)
            return give_up(pg, patience_s);
        if (pg->state == SM_PG_DOWN && now_ms(pg) >= pg->next_try_ms)
            begin_connecting(pg);
        if (pg->state == SM_PG_CONNECTING && !go_on_connecting(pg, patient))
            sm_pg_lose(pg);
        if (pg->state == SM_PG_UP && pg->made(pg, &pg->base.failed))
            pg->away_ms = 0;
        else if (pg->state == SM_PG_UP)
            sm_pg_lose(pg);
        if (pg->away_ms > 0 && !patient)
            return false;
        if (pg->state == SM_PG_DOWN)
            poll(NULL, 0, POLL_MS);
    }
    return !pg->gave_up;
}

bool sm_pg_connect(struct sm_pg *pg, struct sm_err *err)
{
    begin_connecting(pg);
    while (pg->state == SM_PG_CONNECTING) {
        if (!go_on_connecting(pg, true))
            return sm_pg_fail(pg, "cannot connect", NULL, err);
    }
    return pg->made(pg, err) || (err->message ? false : sm_pg_fail(pg, "cannot use", NULL, err));
}
