/* The answers and facts of a store in PostgreSQL: found, recorded, committed, and kept elsewhere if
 * the server does not come back. */
#include "lib/store/internal/postgres.h"
#include "lib/base/mem.h"

#include <stdio.h>

#define KEY_BYTES (SM_KEY_LEN + 3)
#define NUMBER_BYTES 32
#define FACTS_MS 500      /* for so long what is known of a model is not read again */
#define CLOSE_WAIT_S 10.0 /* for a server that is away when the program ends */

static const char *key_text(char text[KEY_BYTES], const char *key)
{
    snprintf(text, KEY_BYTES, "\\x%.*s", SM_KEY_LEN, key);
    return text;
}

static const char *number_text(char text[NUMBER_BYTES], int64_t number)
{
    snprintf(text, NUMBER_BYTES, "%lld", (long long)number);
    return text;
}

/* What is known of the key, looked up if it was not; NULL if that cannot be. */
static struct sm_pg_known *look_up_one(struct sm_pg *pg, const char *key)
{
    struct sm_pg_known *known = sm_pg_find(pg, key);
    while ((!known || !known->looked) && !pg->base.failed.message && sm_pg_is_up(pg, true)) {
        sm_pg_look_up(&pg->base, &key, 1);
        known = sm_pg_find(pg, key);
    }
    return known && known->looked ? known : NULL;
}

bool sm_pg_get(struct sm_store *base, const char *key, struct sm_answer *answer)
{
    const struct sm_pg_known *known = look_up_one(sm_pg_of(base), key);
    if (known && known->found)
        *answer = known->answer;
    return known && known->found;
}

void sm_pg_put(struct sm_store *base, const struct sm_answer *answer)
{
    struct sm_pg *pg = sm_pg_of(base);
    char key[KEY_BYTES], sample[NUMBER_BYTES], ms[NUMBER_BYTES], created[NUMBER_BYTES];
    char in[NUMBER_BYTES], out[NUMBER_BYTES], digest[NUMBER_BYTES];
    char *response = sm_strndup(answer->response, answer->response_len);
    snprintf(ms, sizeof ms, "%.17g", answer->ms);
    sm_pg_queue(pg, &(struct sm_pg_query){
                        SM_PG_PUT,
                        {key_text(key, answer->key), answer->endpoint, answer->model,
                         number_text(sample, answer->sample), response, ms,
                         number_text(created, answer->created), number_text(in, answer->tokens_in),
                         number_text(out, answer->tokens_out),
                         number_text(digest, sm_store_digest(response, strlen(response)))}});
    struct sm_pg_known *known = sm_pg_find(pg, answer->key);
    if (known)
        known->looked = known->found; /* it is there soon */
    free(response);
}

void sm_pg_rekey(struct sm_store *base, const char *from, const char *to)
{
    char old[KEY_BYTES], new[KEY_BYTES];
    if (base->use != SM_STORE_READ)
        sm_pg_queue(sm_pg_of(base),
                    &(struct sm_pg_query){SM_PG_REKEY, {key_text(old, from), key_text(new, to)}});
}

static void forget_facts(struct sm_pg *pg)
{
    PQclear(pg->facts);
    free(pg->facts_of);
    pg->facts = NULL;
    pg->facts_of = NULL;
}

void sm_pg_put_capability(struct sm_store *base, const struct sm_capability *capability)
{
    struct sm_pg *pg = sm_pg_of(base);
    sm_pg_queue(pg, &(struct sm_pg_query){SM_PG_PUT_FACT,
                                          {capability->endpoint, capability->model,
                                           capability->name, capability->value}});
    forget_facts(pg);
}

/* Reads what is known of a model, unless that was just done. What was known serves while the server
 * is away. */
static void read_facts(struct sm_pg *pg, const char *endpoint, const char *model)
{
    struct sm_buf of = {0};
    PGresult *rows = NULL;
    const struct sm_pg_query query = {SM_PG_FACTS, {endpoint, model}};
    sm_buf_printf(&of, "%s\n%s", endpoint, model);
    bool same = pg->facts_of && strcmp(pg->facts_of, of.data) == 0;
    bool fresh = same && sm_clock_ms(pg->base.clock) < pg->facts_ms + FACTS_MS;
    if (!fresh && sm_pg_ask_all(pg, &query, &rows, 1, !same, "cannot read")) {
        forget_facts(pg);
        pg->facts = rows;
        pg->facts_of = sm_buf_take(&of);
        pg->facts_ms = sm_clock_ms(pg->base.clock);
    } else if (!same) {
        forget_facts(pg);
    }
    sm_buf_release(&of);
}

char *sm_pg_capability(struct sm_store *base, const char *endpoint, const char *model,
                       const char *name)
{
    struct sm_pg *pg = sm_pg_of(base);
    read_facts(pg, endpoint, model);
    for (int row = 0; pg->facts && row < PQntuples(pg->facts); row++) {
        if (strcmp(PQgetvalue(pg->facts, row, 0), name) == 0)
            return sm_strdup(PQgetvalue(pg->facts, row, 1));
    }
    return NULL;
}

void sm_pg_remember(struct sm_store *base, const struct sm_answer *asked)
{
    char key[KEY_BYTES], sample[NUMBER_BYTES];
    sm_pg_queue(sm_pg_of(base),
                &(struct sm_pg_query){SM_PG_REMEMBER,
                                      {key_text(key, asked->key), asked->endpoint, asked->model,
                                       number_text(sample, asked->sample)}});
}

struct sm_answer *sm_pg_asked(struct sm_store *base, const char *key)
{
    char text[KEY_BYTES];
    struct sm_answer *asked = NULL;
    const struct sm_pg_query query = {SM_PG_ASKED, {key_text(text, key)}};
    PGresult *rows = sm_pg_ask(sm_pg_of(base), &query, "cannot read");
    if (rows && PQntuples(rows) > 0) {
        asked = sm_alloc(1, sizeof *asked);
        snprintf(asked->key, sizeof asked->key, "%s", key);
        asked->endpoint = sm_strdup(PQgetvalue(rows, 0, 0));
        asked->model = sm_strdup(PQgetvalue(rows, 0, 1));
        asked->sample = sm_pg_whole(rows, 0, 2);
    }
    PQclear(rows);
    return asked;
}

void sm_pg_forget_asked(struct sm_store *base, const char *key)
{
    char text[KEY_BYTES];
    sm_pg_queue(sm_pg_of(base), &(struct sm_pg_query){SM_PG_FORGET_ASKED, {key_text(text, key)}});
}

/* While the server is away nothing is lost, and what is queued stays. */
bool sm_pg_commit(struct sm_store *base, struct sm_err *err)
{
    struct sm_pg *pg = sm_pg_of(base);
    sm_pg_is_up(pg, false);
    sm_pg_flush(pg, false);
    sm_pg_forget_known(pg, false);
    return sm_store_tell_failed(base, err);
}

/* Of an answer in the queue. */
static void read_queued(const struct sm_pg_query *query, struct sm_answer *answer)
{
    const char *const *v = query->values;
    *answer = (struct sm_answer){.endpoint = v[1],
                                 .model = v[2],
                                 .sample = strtoll(v[3], NULL, 10),
                                 .response = v[4],
                                 .response_len = strlen(v[4]),
                                 .ms = strtod(v[5], NULL),
                                 .created = strtoll(v[6], NULL, 10),
                                 .tokens_in = strtoll(v[7], NULL, 10),
                                 .tokens_out = strtoll(v[8], NULL, 10)};
    snprintf(answer->key, sizeof answer->key, "%s", v[0] + 2); /* behind \x */
}

static size_t count_answers(const struct sm_pg *pg)
{
    size_t count = 0;
    for (const struct sm_pg_queued *op = pg->first; op; op = op->next)
        count += op->query.which == SM_PG_PUT;
    return count;
}

/* Puts the answers that the server could not be given into a file. */
static bool write_spill(const struct sm_pg *pg, struct sm_err *err)
{
    const char *path = pg->base.shared.spill;
    struct sm_store *file =
        path ? sm_sqlite_open(path, SM_STORE_CREATE, pg->base.clock, err) : NULL;
    struct sm_answer answer;
    if (!file)
        return false;
    for (const struct sm_pg_queued *op = pg->first; op; op = op->next) {
        if (op->query.which != SM_PG_PUT)
            continue;
        read_queued(&op->query, &answer);
        file->backend->put(file, &answer);
    }
    return file->backend->close(file, err);
}

/* `err` has why they are left. */
static void spill(const struct sm_pg *pg, struct sm_err *err)
{
    struct sm_err why = {0};
    size_t count = count_answers(pg);
    if (count > 0 && write_spill(pg, &why))
        sm_err_set(err, err->code,
                   "when it is back, take them in with sm-cache export --cache FILE | sm-cache "
                   "import, remove FILE, and run the same command again",
                   "%s; answers that were paid for meanwhile: %zu, kept in %s", err->message, count,
                   pg->base.shared.spill);
    else if (count > 0)
        sm_err_set(err, err->code, err->remedy,
                   "%s; answers that were paid for meanwhile are lost: %zu%s%s", err->message,
                   count, why.message ? ": " : "", why.message ? why.message : "");
    sm_err_clear(&why);
}

static void free_queue(struct sm_pg *pg)
{
    while (pg->first) {
        struct sm_pg_queued *op = pg->first;
        pg->first = op->next;
        free(op);
    }
}

bool sm_pg_close(struct sm_store *base, struct sm_err *err)
{
    struct sm_pg *pg = sm_pg_of(base);
    struct sm_err why = {0};
    if (pg->away_ms > 0 && !pg->gave_up && pg->queued > 0) {
        pg->away_ms = sm_clock_ms(base->clock);
        if (!(base->shared.patience_s > 0 && base->shared.patience_s < CLOSE_WAIT_S))
            base->shared.patience_s = CLOSE_WAIT_S;
    }
    if (pg->conn || pg->away_ms > 0)
        sm_pg_flush(pg, true);
    bool ok = sm_store_tell_failed(base, &why);
    if (pg->queued > 0) {
        if (!why.message)
            sm_err_set(&why, SM_EXIT_INPUT, NULL, "store %s: the server is away", base->path);
        spill(pg, &why);
        ok = false;
    }
    if (!ok)
        sm_err_set(err, why.code, why.remedy, "%s", why.message);
    sm_err_clear(&why);
    sm_pg_hang_up(pg);
    sm_pg_forget_known(pg, true);
    forget_facts(pg);
    free_queue(pg);
    free(pg->last_error);
    free(pg->url);
    sm_store_free(base);
    return ok;
}
