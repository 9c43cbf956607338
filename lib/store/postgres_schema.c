/* Whether a schema is that of a store of ours, and nothing else. */
#include "lib/store/schema.h"

#include "lib/base/mem.h"
#include "lib/store/internal/postgres.h"

#define VERSION "1"
#define MAKING "4711920250605"      /* number of the lock under which tables are made */
#define SERVER_VERSION_LEAST 110000 /* has hashtextextended() */

/* A line for each thing in the schema: its kind, its name, and all that can change what is read
 * from it or recorded: columns, kinds of indexes, defaults, rules, triggers, policies, checks,
 * heirs. */
static const char shape[] =
    "SELECT CASE c.relkind WHEN 'r' THEN 'table' WHEN 'i' THEN 'index' WHEN 'S' THEN 'sequence'"
    " WHEN 'v' THEN 'view' ELSE 'relation' END, c.relname, CASE c.relkind"
    " WHEN 'i' THEN substring(pg_get_indexdef(c.oid) FROM 'CREATE.* ON (.*)')"
    "  || CASE WHEN i.indisunique THEN ' unique' ELSE '' END"
    " WHEN 'r' THEN (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod)"
    "  || CASE WHEN a.attnotnull THEN '' ELSE ' null' END || a.attidentity::text"
    "  || CASE WHEN a.atthasdef THEN ' default' ELSE '' END"
    "  || CASE WHEN a.attcollation IN (0, 100) THEN '' ELSE ' collate' END, ', ' ORDER BY a.attnum)"
    "  FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)"
    "  || CASE WHEN c.relhasrules THEN ' rules' ELSE '' END"
    "  || CASE WHEN EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid) THEN ' triggers' ELSE ''"
    "  END || CASE WHEN c.relrowsecurity OR c.relforcerowsecurity THEN ' policies' ELSE '' END"
    "  || CASE WHEN EXISTS (SELECT FROM pg_constraint WHERE conrelid = c.oid"
    "  AND contype NOT IN ('p', 'u', 'n')) THEN ' checks' ELSE '' END"
    "  || CASE WHEN EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid OR inhrelid = c.oid)"
    "  THEN ' heirs' ELSE '' END ELSE '' END"
    " FROM pg_class AS c LEFT JOIN pg_index AS i ON i.indexrelid = c.oid"
    " WHERE c.relnamespace = to_regnamespace('synthesizeme') ORDER BY c.relname COLLATE \"C\"";

static const char *const wanted[][3] = {
    {"table", "answer",
     "id biginta, key bytea, endpoint text, model text, sample bigint, response text, "
     "ms double precision, created bigint, tokens_in bigint, tokens_out bigint, digest bigint"},
    {"sequence", "answer_id_seq", ""},
    {"index", "answer_key_key", "synthesizeme.answer USING btree (key) unique"},
    {"index", "answer_pkey", "synthesizeme.answer USING btree (id) unique"},
    {"table", "asked", "key bytea, endpoint text, model text, sample bigint"},
    {"index", "asked_pkey", "synthesizeme.asked USING btree (key) unique"},
    {"table", "fact", "endpoint text, model text, name text, value text"},
    {"index", "fact_pkey", "synthesizeme.fact USING btree (endpoint, model, name) unique"},
    {"table", "run",
     "name text, leader bigint, touched bigint, calls bigint, cost double precision"},
    {"index", "run_pkey", "synthesizeme.run USING btree (name) unique"},
    {"table", "sent",
     "id bigint, endpoint text, model text, run text null, at_ms bigint, tokens bigint, "
     "cost double precision, open boolean"},
    {"index", "sent_pkey", "synthesizeme.sent USING btree (id) unique"},
    {"index", "sent_time", "synthesizeme.sent USING btree (endpoint, model, at_ms)"},
    {"table", "store", "version integer"},
};
#define WANTED (sizeof wanted / sizeof *wanted)

static bool is_wanted(const PGresult *rows, int row, size_t i)
{
    for (int column = 0; column < 3; column++) {
        if (strcmp(PQgetvalue(rows, row, column), wanted[i][column]) != 0)
            return false;
    }
    return true;
}

static bool fail_shape(const struct sm_pg *pg, const char *kind, const char *name, bool lacks,
                       struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_INPUT,
                      "use it only if you know what that is for, and have put it right; or "
                      "name another store with --cache or SM_CACHE",
                      lacks ? "store %s has no %s %.60s as stores of ours have it"
                            : "store %s has a %s %.60s that no store of ours has",
                      pg->base.path, kind, name);
}

/* Both are in the order of their names. */
static bool compare(const struct sm_pg *pg, const PGresult *rows, struct sm_err *err)
{
    size_t i = 0;
    for (int row = 0; row < PQntuples(rows); row++, i++) {
        if (i < WANTED && strcmp(PQgetvalue(rows, row, 1), wanted[i][1]) > 0)
            return fail_shape(pg, wanted[i][0], wanted[i][1], true, err);
        if (i == WANTED || !is_wanted(rows, row, i))
            return fail_shape(pg, PQgetvalue(rows, row, 0), PQgetvalue(rows, row, 1), false, err);
    }
    return i == WANTED || fail_shape(pg, wanted[i][0], wanted[i][1], true, err);
}

/* Runs SQL before there are prepared statements. NULL with `err`. */
static PGresult *run(struct sm_pg *pg, const char *sql, const char *what, struct sm_err *err)
{
    PGresult *result = PQexec(pg->conn, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return result;
    sm_pg_fail(pg, what, result, err);
    PQclear(result);
    return NULL;
}

static bool run_command(struct sm_pg *pg, const char *sql, const char *what, struct sm_err *err)
{
    PGresult *result = run(pg, sql, what, err);
    PQclear(result);
    return result != NULL;
}

static bool has_schema(struct sm_pg *pg, bool *has, struct sm_err *err)
{
    PGresult *result =
        run(pg, "SELECT FROM pg_namespace WHERE nspname = 'synthesizeme'", "cannot read", err);
    *has = result && PQntuples(result) > 0;
    PQclear(result);
    return result != NULL;
}

/* Several programs may come to an empty database at once: one of them makes the tables. */
static bool make(struct sm_pg *pg, struct sm_err *err)
{
    bool has = false;
    bool ok =
        run_command(pg, "BEGIN", "cannot create tables", err) &&
        run_command(pg, "SELECT pg_advisory_xact_lock(" MAKING ")", "cannot create tables", err) &&
        has_schema(pg, &has, err) &&
        (has || run_command(pg, sm_postgres_schema, "cannot create tables", err));
    PQclear(PQexec(pg->conn, ok ? "COMMIT" : "ROLLBACK"));
    if (!ok && err->message)
        sm_err_set(err, SM_EXIT_INPUT,
                   "let who may create schemas in this database run: sm-cache schema | psql …, and "
                   "grant you the use of it",
                   "%s", err->message);
    return ok;
}

static bool check_version(struct sm_pg *pg, struct sm_err *err)
{
    PGresult *rows = run(pg, "SELECT version FROM synthesizeme.store", "cannot read", err);
    if (!rows)
        return false;
    const char *version = PQntuples(rows) == 1 ? PQgetvalue(rows, 0, 0) : "";
    bool ok = strcmp(version, VERSION) == 0;
    if (!ok)
        sm_err_set(err, SM_EXIT_INPUT, "use that version, or another --cache",
                   "store %s was made by %s version", pg->base.path,
                   *version ? "another" : "an unknown");
    PQclear(rows);
    return ok;
}

static bool check_server(const struct sm_pg *pg, struct sm_err *err)
{
    const char *encoding = PQparameterStatus(pg->conn, "server_encoding");
    if (PQserverVersion(pg->conn) < SERVER_VERSION_LEAST)
        return sm_err_set(err, SM_EXIT_INPUT, SM_STORE_OTHER,
                          "store %s: the server is older than PostgreSQL 11", pg->base.path);
    if (!encoding || strcmp(encoding, "UTF8") != 0)
        return sm_err_set(err, SM_EXIT_INPUT,
                          "make one with CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0",
                          "store %s: the encoding of the database is not UTF8", pg->base.path);
    return true;
}

bool sm_pg_check_schema(struct sm_pg *pg, struct sm_err *err)
{
    bool has;
    if (!check_server(pg, err) || !has_schema(pg, &has, err))
        return false;
    if (!has && pg->base.use != SM_STORE_CREATE)
        return sm_err_set(
            err, SM_EXIT_INPUT,
            "name the one of a run with --cache or SM_CACHE, or fill it with sm-cache import",
            "there is no store in %s", pg->base.path);
    if (!has && !make(pg, err))
        return false;
    PGresult *rows = run(pg, shape, "cannot read", err);
    bool ok = rows && compare(pg, rows, err);
    PQclear(rows);
    return ok && check_version(pg, err);
}
