/* What sm-cache does with a store in PostgreSQL: walks, counts, prunes and forgets. */
#include "lib/base/mem.h"
#include "lib/store/internal/postgres.h"

#include <stdio.h>

#define EACH_ROWS "256" /* a question */
#define NUMBER_BYTES 32

/* Hands over why there is no result. */
static bool fail(struct sm_pg *pg, struct sm_err *err)
{
    if (sm_store_tell_failed(&pg->base, err))
        sm_err_set(err, SM_EXIT_INPUT, NULL, "store %s: cannot read", pg->base.path);
    return false;
}

static bool change(struct sm_pg *pg, const struct sm_pg_query *query, const char *what,
                   int64_t *count, struct sm_err *err)
{
    PGresult *result = sm_pg_ask(pg, query, what);
    if (!result)
        return fail(pg, err);
    *count = strtoll(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    return true;
}

/* The room is given to new answers; PostgreSQL's autovacuum sees to that. */
bool sm_pg_prune(struct sm_store *base, const struct sm_prune *prune, int64_t *count,
                 struct sm_err *err)
{
    char before[NUMBER_BYTES], bytes[NUMBER_BYTES];
    snprintf(before, sizeof before, "%lld", (long long)prune->before);
    snprintf(bytes, sizeof bytes, "%lld", (long long)prune->max_bytes);
    return change(sm_pg_of(base), &(struct sm_pg_query){SM_PG_PRUNE, {before, prune->model, bytes}},
                  "cannot forget answers", count, err);
}

bool sm_pg_forget(struct sm_store *base, const char *endpoint, const char *model, int64_t *count,
                  struct sm_err *err)
{
    return change(sm_pg_of(base), &(struct sm_pg_query){SM_PG_FORGET, {endpoint, model}},
                  "cannot forget what is known", count, err);
}

bool sm_pg_count(struct sm_store *base, bool (*each)(void *, const struct sm_store_count *),
                 void *arg, struct sm_err *err)
{
    struct sm_pg *pg = sm_pg_of(base);
    PGresult *rows = sm_pg_ask(pg, &(struct sm_pg_query){SM_PG_COUNT, {NULL}}, "cannot read");
    bool more = rows != NULL;
    for (int i = 0; more && i < PQntuples(rows); i++) {
        struct sm_store_count count = {
            .endpoint = PQgetvalue(rows, i, 0),
            .model = PQgetvalue(rows, i, 1),
            .answers = sm_pg_whole(rows, i, 2),
            .bytes = sm_pg_whole(rows, i, 3),
            .oldest = sm_pg_whole(rows, i, 4),
            .newest = sm_pg_whole(rows, i, 5),
            .tokens_in = sm_pg_whole(rows, i, 6),
            .tokens_out = sm_pg_whole(rows, i, 7),
        };
        more = each(arg, &count);
    }
    bool ok = rows || fail(pg, err);
    PQclear(rows);
    return ok;
}

bool sm_pg_each(struct sm_store *base, bool (*each)(void *, const struct sm_answer *), void *arg,
                struct sm_err *err)
{
    struct sm_pg *pg = sm_pg_of(base);
    char behind[NUMBER_BYTES] = "0";
    for (bool more = true; more;) {
        PGresult *rows =
            sm_pg_ask(pg, &(struct sm_pg_query){SM_PG_EACH, {behind, EACH_ROWS}}, "cannot read");
        if (!rows)
            return fail(pg, err);
        int n = PQntuples(rows);
        more = n > 0;
        for (int i = 0; more && i < n; i++) {
            struct sm_answer answer;
            more = !sm_pg_read_answer(pg, rows, i, &answer) || each(arg, &answer);
        }
        if (n > 0)
            snprintf(behind, sizeof behind, "%s", PQgetvalue(rows, n - 1, 10));
        PQclear(rows);
    }
    return true;
}

bool sm_pg_each_capability(struct sm_store *base,
                           bool (*each)(void *, const struct sm_capability *), void *arg,
                           struct sm_err *err)
{
    struct sm_pg *pg = sm_pg_of(base);
    PGresult *rows = sm_pg_ask(pg, &(struct sm_pg_query){SM_PG_EACH_FACT, {NULL}}, "cannot read");
    bool more = rows != NULL;
    for (int i = 0; more && i < PQntuples(rows); i++) {
        struct sm_capability capability = {PQgetvalue(rows, i, 0), PQgetvalue(rows, i, 1),
                                           PQgetvalue(rows, i, 2), PQgetvalue(rows, i, 3)};
        more = each(arg, &capability);
    }
    bool ok = rows || fail(pg, err);
    PQclear(rows);
    return ok;
}
