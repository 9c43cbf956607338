/* Opening a store in PostgreSQL: the URL, the settings of the session, the statements. */
#include "lib/base/mem.h"
#include "lib/store/internal/postgres.h"

#include <stdio.h>

/* What others may have set for the role or the database changes nothing here. A session whose
 * machine is gone ends after a minute, and so do its claims. Settings that the server has not are
 * left. */
static const char settings[] =
    "SELECT pg_catalog.set_config(s.name, w.value, false) FROM pg_catalog.pg_settings AS s"
    " JOIN (VALUES ('search_path', 'pg_catalog'), ('row_security', 'off'),"
    " ('default_transaction_isolation', 'read committed'), ('idle_session_timeout', '0'),"
    " ('statement_timeout', '0'), ('idle_in_transaction_session_timeout', '60000'),"
    " ('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10'),"
    " ('tcp_keepalives_count', '3'), ('default_transaction_read_only', $1::text))"
    " AS w (name, value) ON s.name = w.name";

static bool set_session(struct sm_pg *pg)
{
    const char *const values[] = {pg->base.use == SM_STORE_READ ? "on" : "off"};
    PGresult *result = PQexecParams(pg->conn, settings, 1, NULL, values, NULL, NULL, 0);
    bool ok = PQresultStatus(result) == PGRES_TUPLES_OK;
    PQclear(result);
    return ok;
}

/* All in one go. The connection stays in pipeline mode. */
static bool prepare(struct sm_pg *pg)
{
    PGresult *result;
    bool ok = PQenterPipelineMode(pg->conn) == 1;
    for (int i = 0; ok && i < SM_PG_STATEMENTS; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%d", i);
        ok = PQsendPrepare(pg->conn, name, sm_pg_texts[i], 0, NULL) == 1;
    }
    ok = ok && PQpipelineSync(pg->conn) == 1;
    for (int i = 0; ok && i < SM_PG_STATEMENTS; i++) {
        result = PQgetResult(pg->conn);
        ok = PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
        ok = ok && !PQgetResult(pg->conn); /* each ends with NULL */
    }
    result = ok ? PQgetResult(pg->conn) : NULL;
    ok = ok && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
    PQclear(result);
    return ok;
}

static bool make_again(struct sm_pg *pg, struct sm_err *err)
{
    (void)err;
    return set_session(pg) && sm_pg_claim_again(pg) && prepare(pg);
}

static bool make_first(struct sm_pg *pg, struct sm_err *err)
{
    return set_session(pg) && sm_pg_check_schema(pg, err) && prepare(pg);
}

/* The name to show: who reads it may be anybody, and a URL can hold more than a place. */
static char *name_of(const PQconninfoOption *options)
{
    const char *host = "", *port = "", *database = "", *service = "";
    struct sm_buf name = {0};
    for (const PQconninfoOption *o = options; o->keyword; o++) {
        const char *value = o->val ? o->val : "";
        host = strcmp(o->keyword, "host") == 0 ? value : host;
        port = strcmp(o->keyword, "port") == 0 ? value : port;
        database = strcmp(o->keyword, "dbname") == 0 ? value : database;
        service = strcmp(o->keyword, "service") == 0 ? value : service;
    }
    bool folder = *host == '/';
    sm_buf_printf(&name, "postgresql://%s%s%s/%s", folder ? "" : host, *port ? ":" : "", port,
                  database);
    if (folder)
        sm_buf_printf(&name, "?host=%s", host);
    else if (*service)
        sm_buf_printf(&name, "?service=%s", service);
    return sm_buf_take(&name);
}

/* What libpq says of a URL repeats it. */
static bool fail_url(struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_USAGE,
                      "write it as postgresql://HOST/DATABASE, with % codes for special characters",
                      "the address of the store, postgresql://..., cannot be read");
}

static bool has_password(const PQconninfoOption *options)
{
    for (const PQconninfoOption *o = options; o->keyword; o++) {
        if (o->val &&
            (strcmp(o->keyword, "password") == 0 || strcmp(o->keyword, "sslpassword") == 0))
            return true;
    }
    return false;
}

static bool read_url(struct sm_pg *pg, struct sm_err *err)
{
    PQconninfoOption *options = PQconninfoParse(pg->url, NULL);
    if (!options)
        return fail_url(err);
    bool secret = has_password(options);
    pg->base.path = name_of(options);
    PQconninfoFree(options);
    return !secret ||
           sm_err_set(err, SM_EXIT_USAGE,
                      "take it out, and put a line host:port:database:user:password into ~/.pgpass "
                      "(chmod 600), or name such a file with PGPASSFILE",
                      "the address of store %s has a password in it, which others can see",
                      pg->base.path);
}

static void ask_for_answers(struct sm_pg *pg)
{
    PGresult *rows = sm_pg_ask(pg, &(struct sm_pg_query){SM_PG_ANY, {NULL}}, "cannot read");
    pg->base.had_answers = rows && PQntuples(rows) > 0;
    PQclear(rows);
}

static const struct sm_backend backend = {
    .close = sm_pg_close,
    .get = sm_pg_get,
    .put = sm_pg_put,
    .rekey = sm_pg_rekey,
    .put_capability = sm_pg_put_capability,
    .capability = sm_pg_capability,
    .commit = sm_pg_commit,
    .forget = sm_pg_forget,
    .prune = sm_pg_prune,
    .count = sm_pg_count,
    .each = sm_pg_each,
    .each_capability = sm_pg_each_capability,
    .remember = sm_pg_remember,
    .asked = sm_pg_asked,
    .forget_asked = sm_pg_forget_asked,
    .join_run = sm_pg_join_run,
    .admit = sm_pg_admit,
    .settle = sm_pg_settle,
    .look_up = sm_pg_look_up,
    .claim_some = sm_pg_claim_some,
    .is_claim_known = sm_pg_is_claim_known,
    .claim = sm_pg_claim,
    .claimer = sm_pg_claimer,
    .unclaim = sm_pg_unclaim,
};

struct sm_store *sm_postgres_open(const char *url, enum sm_store_use use,
                                  const struct sm_clock *clock, struct sm_err *err)
{
    struct sm_pg *pg = sm_alloc(1, sizeof *pg);
    struct sm_err why = {0};
    pg->base = (struct sm_store){.backend = &backend, .use = use, .clock = clock};
    pg->url = sm_strdup(url);
    pg->last = &pg->first;
    pg->made = make_first;
    if (read_url(pg, &why) && sm_pg_connect(pg, &why)) {
        pg->made = make_again;
        ask_for_answers(pg);
        return &pg->base;
    }
    sm_err_set(err, why.code, why.remedy, "%s", why.message);
    sm_err_clear(&why);
    sm_pg_hang_up(pg);
    sm_pg_close(&pg->base, NULL);
    return NULL;
}
