/* The statements of a store in PostgreSQL. Values are parameters, names are whole. */
#include "lib/store/internal/postgres.h"

#define ANSWER                                                                                     \
    "encode(key, 'hex'), endpoint, model, sample, response, ms, created, tokens_in, tokens_out, "  \
    "digest"

/* A minute of requests to an endpoint and model, by the server's clock, if a rate is limited. */
#define RECENT                                                                                     \
    " FROM synthesizeme.sent, t WHERE ($7::bigint > 0 OR $8::bigint > 0) AND endpoint = $2"        \
    " AND model = $3 AND at_ms > t.ms - 60000 AND at_ms <= t.ms + 60000"

const char *const sm_pg_texts[SM_PG_STATEMENTS] = {
    [SM_PG_GET] = "SELECT " ANSWER " FROM synthesizeme.answer WHERE key = ANY ($1::bytea[])",
    [SM_PG_PUT] =
        "INSERT INTO synthesizeme.answer (key, endpoint, model, sample, response, ms, created,"
        " tokens_in, tokens_out, digest) VALUES ($1::bytea, $2, $3, $4::bigint, $5,"
        " $6::double precision, $7::bigint, $8::bigint, $9::bigint, $10::bigint)"
        " ON CONFLICT (key) DO NOTHING",
    [SM_PG_DROP] = "DELETE FROM synthesizeme.answer WHERE key = $1::bytea",
    [SM_PG_REKEY] = "UPDATE synthesizeme.answer SET key = $2::bytea WHERE key = $1::bytea"
                    " AND NOT EXISTS (SELECT FROM synthesizeme.answer WHERE key = $2::bytea)",
    [SM_PG_PUT_FACT] =
        "INSERT INTO synthesizeme.fact (endpoint, model, name, value) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (endpoint, model, name) DO UPDATE SET value = excluded.value",
    [SM_PG_REMEMBER] = "INSERT INTO synthesizeme.asked (key, endpoint, model, sample)"
                       " VALUES ($1::bytea, $2, $3, $4::bigint) ON CONFLICT (key) DO NOTHING",
    [SM_PG_FORGET_ASKED] = "DELETE FROM synthesizeme.asked WHERE key = $1::bytea",
    [SM_PG_JOIN] = "INSERT INTO synthesizeme.run AS r (name, leader, touched, calls, cost)"
                   " VALUES ($1, $2::bigint, extract(epoch FROM clock_timestamp())::bigint, 0, 0)"
                   " ON CONFLICT (name) DO UPDATE SET touched = excluded.touched,"
                   " calls = CASE WHEN (r.leader <> $2::bigint AND $2::bigint <> 0)"
                   " OR r.touched < excluded.touched - $3::bigint THEN 0 ELSE r.calls END,"
                   " cost = CASE WHEN (r.leader <> $2::bigint AND $2::bigint <> 0)"
                   " OR r.touched < excluded.touched - $3::bigint THEN 0 ELSE r.cost END,"
                   " leader = CASE WHEN $2::bigint <> 0 THEN $2::bigint ELSE r.leader END",
    /* A second time, when it is not known whether the first one came through, does nothing. */
    [SM_PG_SETTLE] =
        "WITH s AS (UPDATE synthesizeme.sent SET tokens = $2::bigint, open = false"
        " WHERE id = $1::bigint AND open RETURNING run, cost)"
        " UPDATE synthesizeme.run SET cost = greatest(0, run.cost + $3::double precision - s.cost),"
        " touched = extract(epoch FROM clock_timestamp())::bigint FROM s WHERE run.name = s.run",
    [SM_PG_UNCLAIM] = "SELECT pg_advisory_unlock($1::bigint)",
    [SM_PG_FACTS] = "SELECT name, value FROM synthesizeme.fact WHERE endpoint = $1 AND model = $2",
    [SM_PG_ASKED] = "SELECT endpoint, model, sample FROM synthesizeme.asked WHERE key = $1::bytea",
    /* The disk is not waited for while others wait for the lock: the next answer that is recorded
     * takes what was admitted before it to the disk too. */
    [SM_PG_LOCK] = "SELECT set_config('synchronous_commit', 'off', true),"
                   " pg_advisory_xact_lock(hashtextextended(name, 0))"
                   " FROM unnest($1::text[]) AS name",
    /* $1 number of the reservation, $4 run, $5 tokens, $6 cost, $7 rpm, $8 tpm, $9 and $10 caps on
     * calls and cost, $11 whether the call was counted before. A number that is there already came
     * through, and only its answer was lost. */
    [SM_PG_ADMIT] =
        "WITH t AS (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms),"
        " recent AS (SELECT count(*) AS n, coalesce(sum(tokens), 0) AS tokens,"
        " min(at_ms) AS oldest" RECENT "),"
        " nth AS (SELECT at_ms" RECENT " ORDER BY at_ms LIMIT 1"
        " OFFSET greatest((SELECT n FROM recent) - $7::bigint, 0)),"
        " spent AS (SELECT coalesce(max(calls), 0) AS calls, coalesce(max(cost), 0) AS cost"
        " FROM synthesizeme.run WHERE name = $4),"
        " free AS (SELECT greatest(CASE WHEN $7::bigint > 0 AND n >= $7::bigint"
        " THEN (SELECT at_ms FROM nth) ELSE 0 END, CASE WHEN $8::bigint > 0 AND n > 0"
        " AND recent.tokens + $5::bigint > $8::bigint THEN oldest ELSE 0 END) AS ms FROM recent),"
        " verdict AS (SELECT CASE"
        " WHEN EXISTS (SELECT FROM synthesizeme.sent WHERE id = $1::bigint) THEN 'again'"
        " WHEN $9::bigint > 0 AND NOT $11::boolean AND spent.calls >= $9::bigint THEN 'calls'"
        " WHEN $10::double precision > 0 AND"
        " spent.cost + $6::double precision > $10::double precision THEN 'cost'"
        " WHEN free.ms > 0 THEN 'later' ELSE 'yes' END AS word, spent.cost, free.ms + 60000 - t.ms"
        " AS wait FROM spent, free, t),"
        " put AS (INSERT INTO synthesizeme.sent (id, endpoint, model, run, at_ms, tokens, cost,"
        " open) SELECT $1::bigint, $2, $3, $4, t.ms, $5::bigint, $6::double precision, true"
        " FROM verdict, t WHERE verdict.word = 'yes'),"
        " counted AS (UPDATE synthesizeme.run SET calls = calls + (NOT $11::boolean)::integer,"
        " cost = run.cost + $6::double precision, touched = t.ms / 1000 FROM verdict, t"
        " WHERE verdict.word = 'yes' AND name = $4),"
        " old AS (DELETE FROM synthesizeme.sent USING t WHERE endpoint = $2 AND model = $3"
        " AND at_ms <= t.ms - 60000 AND (NOT open OR at_ms <= t.ms - 604800000))"
        " SELECT word, wait, cost FROM verdict",
    [SM_PG_CLAIM] = "SELECT k.place FROM unnest($1::bigint[]) WITH ORDINALITY AS k (number, place)"
                    " WHERE pg_try_advisory_lock(k.number) LIMIT $2::bigint",
    [SM_PG_CLAIMER] =
        "SELECT coalesce(nullif(a.application_name, ''), 'another session') FROM pg_locks AS l JOIN pg_stat_activity AS a"
        " USING (pid) WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
        " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND l.classid::bigint = ($1::bigint >> 32) & 4294967295"
        " AND l.objid::bigint = $1::bigint & 4294967295 AND l.pid <> pg_backend_pid() LIMIT 1",
    [SM_PG_ANY] = "SELECT FROM synthesizeme.answer LIMIT 1",
    [SM_PG_FORGET] = "DELETE FROM synthesizeme.fact WHERE endpoint = $1"
                     " AND ($2::text IS NULL OR model = $2)"
                     " AND name NOT LIKE '" SM_ASKED_WITH " %'",
    [SM_PG_PRUNE] =
        "DELETE FROM synthesizeme.answer WHERE created < $1::bigint"
        " AND ($2::text IS NULL OR model = $2) AND ($3::bigint < 0 OR id IN"
        " (SELECT id FROM (SELECT id, sum(octet_length(response))"
        " OVER (ORDER BY created DESC, id DESC) AS bytes FROM synthesizeme.answer) AS newest"
        " WHERE bytes > $3::bigint))",
    [SM_PG_COUNT] =
        "SELECT endpoint, model, count(*), sum(octet_length(response)), min(created),"
        " max(created), sum(tokens_in), sum(tokens_out) FROM synthesizeme.answer"
        " GROUP BY endpoint, model ORDER BY endpoint COLLATE \"C\", model COLLATE \"C\"",
    [SM_PG_EACH] = "SELECT " ANSWER ", id FROM synthesizeme.answer WHERE id > $1::bigint"
                   " ORDER BY id LIMIT $2::bigint",
    [SM_PG_EACH_FACT] = "SELECT endpoint, model, name, value FROM synthesizeme.fact"
                        " ORDER BY endpoint COLLATE \"C\", model COLLATE \"C\", name COLLATE \"C\"",
};
