/* Rates and caps in a store in PostgreSQL, by the server's clock. A request is admitted by one
 * statement, while a lock keeps others from counting. */
#include "lib/base/mem.h"
#include "lib/store/internal/postgres.h"

#include <math.h>
#include <openssl/rand.h>
#include <stdio.h>

#define NUMBER_BYTES 32
#define AWAY_MS 200 /* between attempts while the server is away */

static const char *whole(char text[NUMBER_BYTES], int64_t number)
{
    snprintf(text, NUMBER_BYTES, "%lld", (long long)number);
    return text;
}

static const char *real(char text[NUMBER_BYTES], double number)
{
    snprintf(text, NUMBER_BYTES, "%.17g", isnan(number) ? 0 : number);
    return text;
}

void sm_pg_join_run(struct sm_store *base, const struct sm_limits *limits)
{
    char leader[NUMBER_BYTES], kept[NUMBER_BYTES];
    sm_pg_queue(sm_pg_of(base),
                &(struct sm_pg_query){
                    SM_PG_JOIN,
                    {limits->run, whole(leader, limits->run_started), whole(kept, SM_RUN_KEPT_S)}});
}

/* One that nobody else has. */
static int64_t new_number(void)
{
    uint64_t number = 0;
    if (RAND_bytes((unsigned char *)&number, sizeof number) != 1)
        sm_out_of_memory();
    number >>= 1;
    return number ? (int64_t)number : 1;
}

static void add_text(struct sm_buf *array, const char *kind, const char *a, const char *b)
{
    sm_buf_str(array, array->len ? ",\"" : "{\"");
    sm_buf_str(array, kind);
    for (const char *part = a; part; part = part == a ? b : NULL) {
        sm_buf_char(array, ' ');
        for (const char *at = part; *at; at++) {
            if (*at == '"' || *at == '\\')
                sm_buf_char(array, '\\');
            sm_buf_char(array, *at);
        }
    }
    sm_buf_char(array, '"');
}

/* What must not be counted by others meanwhile, always in this order. */
static void name_locks(struct sm_buf *array, const struct sm_asking *asking)
{
    if (sm_limits_run(asking->limits))
        add_text(array, "run", asking->limits->run, NULL);
    if (sm_limits_rate(asking->limits))
        add_text(array, "rate", asking->endpoint, asking->model);
    sm_buf_char(array, '}');
}

/* Asks; NULL, as a failure of the store or because the server is away. */
static PGresult *ask(struct sm_pg *pg, const struct sm_asking *asking)
{
    const struct sm_limits *limits = asking->limits;
    char id[NUMBER_BYTES], tokens[NUMBER_BYTES], cost[NUMBER_BYTES], rpm[NUMBER_BYTES];
    char tpm[NUMBER_BYTES], calls[NUMBER_BYTES], most[NUMBER_BYTES];
    struct sm_buf locks = {0};
    PGresult *results[2];
    name_locks(&locks, asking);
    const struct sm_pg_query queries[] = {
        {SM_PG_LOCK, {locks.data}},
        {SM_PG_ADMIT,
         {whole(id, asking->entry->sent), asking->endpoint, asking->model,
          sm_limits_run(limits) ? limits->run : NULL, whole(tokens, asking->tokens),
          real(cost, asking->cost), whole(rpm, limits->rpm), whole(tpm, limits->tpm),
          whole(calls, limits->max_calls), real(most, limits->max_cost),
          asking->entry->counted ? "true" : "false"}}};
    bool ok = sm_pg_ask_all(pg, queries, results, 2, false, "cannot keep the limits");
    sm_buf_release(&locks);
    if (!ok)
        return NULL;
    PQclear(results[0]);
    return results[1];
}

void sm_pg_admit(struct sm_store *base, const struct sm_asking *asking,
                 struct sm_answer_of_limits *found)
{
    struct sm_pg *pg = sm_pg_of(base);
    if (asking->entry->sent == 0)
        asking->entry->sent = new_number();
    PGresult *rows = ask(pg, asking);
    *found = (struct sm_answer_of_limits){SM_ROOM_LATER, AWAY_MS, 0};
    if (!rows)
        return;
    const char *word = PQgetvalue(rows, 0, 0);
    found->spent = strtod(PQgetvalue(rows, 0, 2), NULL);
    found->wait_ms = fmin(fmax(1, strtod(PQgetvalue(rows, 0, 1), NULL)), SM_ASK_AGAIN_MS);
    if (strcmp(word, "yes") == 0 || strcmp(word, "again") == 0) {
        found->room = SM_ROOM;
        asking->entry->counted = true;
        asking->entry->cost = isnan(asking->cost) ? 0 : asking->cost;
    } else if (strcmp(word, "calls") == 0) {
        found->room = SM_ROOM_NO_CALLS;
    } else if (strcmp(word, "cost") == 0) {
        found->room = SM_ROOM_NO_COST;
    }
    PQclear(rows);
}

void sm_pg_settle(struct sm_store *base, const struct sm_limits *limits,
                  const struct sm_reservation *entry, int64_t tokens, double cost)
{
    char id[NUMBER_BYTES], took[NUMBER_BYTES], paid[NUMBER_BYTES];
    (void)limits;
    if (entry->sent)
        sm_pg_queue(sm_pg_of(base), &(struct sm_pg_query){SM_PG_SETTLE,
                                                          {whole(id, entry->sent),
                                                           whole(took, tokens), real(paid, cost)}});
}
