/* Claims of requests, which are advisory locks of the session on the first 64 bits of their keys,
 * and what is known of keys without asking again. */
#include "lib/base/mem.h"
#include "lib/store/internal/postgres.h"

#include <stdio.h>

#define REFUSED_MS 40 /* for so long a claim that another program has is not tried again */
#define NUMBER_DIGITS 16

int64_t sm_pg_whole(const PGresult *rows, int row, int column)
{
    return strtoll(PQgetvalue(rows, row, column), NULL, 10);
}

bool sm_pg_read_answer(struct sm_pg *pg, const PGresult *rows, int row, struct sm_answer *answer)
{
    *answer = (struct sm_answer){
        .endpoint = PQgetvalue(rows, row, 1),
        .model = PQgetvalue(rows, row, 2),
        .sample = sm_pg_whole(rows, row, 3),
        .response = PQgetvalue(rows, row, 4),
        .response_len = (size_t)PQgetlength(rows, row, 4),
        .ms = strtod(PQgetvalue(rows, row, 5), NULL),
        .created = sm_pg_whole(rows, row, 6),
        .tokens_in = sm_pg_whole(rows, row, 7),
        .tokens_out = sm_pg_whole(rows, row, 8),
    };
    snprintf(answer->key, sizeof answer->key, "%s", PQgetvalue(rows, row, 0));
    bool whole =
        PQgetisnull(rows, row, 9) ||
        sm_pg_whole(rows, row, 9) == sm_store_digest(answer->response, answer->response_len);
    pg->base.spoiled += !whole;
    return whole;
}

static int64_t number_of(const char *key)
{
    char digits[NUMBER_DIGITS + 1];
    snprintf(digits, sizeof digits, "%.*s", NUMBER_DIGITS, key);
    return (int64_t)strtoull(digits, NULL, 16);
}

static struct sm_pg_known **bucket_of(struct sm_pg *pg, const char *key)
{
    return &pg->known[(uint64_t)number_of(key) % SM_PG_KNOWN_BUCKETS];
}

struct sm_pg_known *sm_pg_find(struct sm_pg *pg, const char *key)
{
    struct sm_pg_known *known = *bucket_of(pg, key);
    while (known && strcmp(known->answer.key, key) != 0)
        known = known->next;
    return known;
}

static struct sm_pg_known *make(struct sm_pg *pg, const char *key)
{
    struct sm_pg_known *known = sm_pg_find(pg, key);
    if (known)
        return known;
    struct sm_pg_known **bucket = bucket_of(pg, key);
    known = sm_alloc(1, sizeof *known);
    snprintf(known->answer.key, sizeof known->answer.key, "%s", key);
    known->next = *bucket;
    pg->loose++;
    return *bucket = known;
}

static void set_held(struct sm_pg *pg, struct sm_pg_known *known, bool held)
{
    if (known->held == held)
        return;
    pg->loose += held ? -1 : +1;
    pg->unused += held ? 1 : 0;
    pg->unused -= !held && !known->used;
    known->held = held;
    known->used = false;
    known->refused_ms = 0;
}

static void forget_answer(struct sm_pg_known *known)
{
    free((char *)known->answer.endpoint);
    free((char *)known->answer.model);
    free((char *)known->answer.response);
    known->answer.endpoint = known->answer.model = known->answer.response = NULL;
    known->looked = known->found = false;
}

static void drop(struct sm_pg *pg, struct sm_pg_known **link)
{
    struct sm_pg_known *known = *link;
    set_held(pg, known, false);
    pg->loose--;
    *link = known->next;
    forget_answer(known);
    free(known);
}

static bool may_go(const struct sm_pg *pg, const struct sm_pg_known *known)
{
    return !known->held &&
           (known->passing || sm_clock_ms(pg->base.clock) > known->refused_ms + REFUSED_MS);
}

void sm_pg_forget_known(struct sm_pg *pg, bool all)
{
    for (size_t i = 0; (all || pg->loose > 0) && i < SM_PG_KNOWN_BUCKETS; i++) {
        for (struct sm_pg_known **link = &pg->known[i]; *link;) {
            if (all || may_go(pg, *link))
                drop(pg, link);
            else
                link = &(*link)->next;
        }
    }
}

bool sm_pg_claim_again(struct sm_pg *pg)
{
    struct sm_buf array = {0};
    for (size_t i = 0; i < SM_PG_KNOWN_BUCKETS; i++) {
        for (struct sm_pg_known *known = pg->known[i]; known; known = known->next) {
            if (known->held)
                sm_buf_printf(&array, "%s%lld", array.len ? "," : "{",
                              (long long)number_of(known->answer.key));
            known->looked &= known->found; /* an answer may have come meanwhile */
        }
    }
    if (array.len == 0)
        return true;
    sm_buf_char(&array, '}');
    const char *const values[] = {array.data, "1000000"};
    PGresult *result =
        PQexecParams(pg->conn, sm_pg_texts[SM_PG_CLAIM], 2, NULL, values, NULL, NULL, 0);
    bool ok = PQresultStatus(result) == PGRES_TUPLES_OK;
    PQclear(result);
    sm_buf_release(&array);
    return ok;
}

void sm_pg_keys(struct sm_buf *out, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sm_buf_printf(out, "%s\"\\\\x%s\"", i ? "," : "{", keys[i]);
    sm_buf_char(out, '}');
}

static void add_numbers(struct sm_buf *out, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sm_buf_printf(out, "%s%lld", i ? "," : "{", (long long)number_of(keys[i]));
    sm_buf_char(out, '}');
}

/* Notes what was found: an answer that is not what was recorded is none, and goes. */
static void note_found(struct sm_pg *pg, const PGresult *rows)
{
    for (int row = 0; row < PQntuples(rows); row++) {
        struct sm_answer answer;
        bool whole = sm_pg_read_answer(pg, rows, row, &answer);
        struct sm_pg_known *known = sm_pg_find(pg, answer.key);
        if (!known)
            continue;
        forget_answer(known);
        known->looked = true;
        known->found = whole;
        if (whole) {
            known->answer = answer;
            known->answer.endpoint = sm_strdup(answer.endpoint);
            known->answer.model = sm_strdup(answer.model);
            known->answer.response = sm_strndup(answer.response, answer.response_len);
        } else if (pg->base.use != SM_STORE_READ) {
            char key[SM_KEY_LEN + 3];
            snprintf(key, sizeof key, "\\x%s", answer.key);
            sm_pg_queue(pg, &(struct sm_pg_query){SM_PG_DROP, {key}});
        }
    }
}

/* Those among `keys` that are not known; in `left`, which has room for all. */
static size_t unknown(struct sm_pg *pg, const char *const *keys, size_t count, const char **left,
                      bool (*is_known)(struct sm_pg *, const char *))
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_known(pg, keys[i]))
            left[n++] = keys[i];
    }
    return n;
}

static bool is_looked_up(struct sm_pg *pg, const char *key)
{
    const struct sm_pg_known *known = sm_pg_find(pg, key);
    return known && known->looked;
}

bool sm_pg_look_up(struct sm_store *base, const char *const *keys, size_t count)
{
    struct sm_pg *pg = sm_pg_of(base);
    struct sm_buf array = {0};
    PGresult *rows = NULL;
    const char **left = sm_alloc(count + 1, sizeof *left);
    size_t n = unknown(pg, keys, count, left, is_looked_up);
    sm_pg_keys(&array, left, n);
    const struct sm_pg_query query = {SM_PG_GET, {array.data}};
    bool ok = n == 0 || sm_pg_ask_all(pg, &query, &rows, 1, false, "cannot read");
    for (size_t i = 0; ok && i < n; i++) {
        struct sm_pg_known *known = make(pg, left[i]);
        known->looked = true;
        known->passing = !known->held;
    }
    if (rows)
        note_found(pg, rows);
    PQclear(rows);
    free(left);
    sm_buf_release(&array);
    return ok || base->failed.message;
}

static bool is_claim_known(struct sm_pg *pg, const char *key)
{
    const struct sm_pg_known *known = sm_pg_find(pg, key);
    return known && (known->held || (known->looked && known->found) ||
                     sm_clock_ms(pg->base.clock) < known->refused_ms + REFUSED_MS);
}

bool sm_pg_is_claim_known(struct sm_store *base, const char *key)
{
    return is_claim_known(sm_pg_of(base), key);
}

/* Of the keys that were tried, in their order, these were claimed; those between them another
 * program has. Behind the last one, if as many were claimed as were wanted, none was tried. */
static void note_claims(struct sm_pg *pg, const char *const *keys, size_t count, size_t most,
                        const PGresult *places)
{
    size_t claimed = (size_t)PQntuples(places), next = 0;
    double now = sm_clock_ms(pg->base.clock);
    for (size_t i = 0; i < claimed; i++) {
        size_t place = (size_t)sm_pg_whole(places, (int)i, 0) - 1;
        for (; next < place && next < count; next++)
            make(pg, keys[next])->refused_ms = now;
        next = place + 1;
        set_held(pg, make(pg, keys[place]), true);
    }
    for (; claimed < most && next < count; next++)
        make(pg, keys[next])->refused_ms = now;
}

void sm_pg_claim_some(struct sm_store *base, const char *const *keys, size_t count, size_t most)
{
    struct sm_pg *pg = sm_pg_of(base);
    struct sm_buf numbers = {0}, array = {0};
    const char **left = sm_alloc(count + 1, sizeof *left);
    size_t n = unknown(pg, keys, count, left, is_claim_known);
    char wanted[24];
    most = most > pg->unused ? most - pg->unused : 1;
    snprintf(wanted, sizeof wanted, "%zu", most);
    add_numbers(&numbers, left, n);
    sm_pg_keys(&array, left, n);
    const struct sm_pg_query queries[] = {{SM_PG_CLAIM, {numbers.data, wanted}},
                                          {SM_PG_GET, {array.data}}};
    PGresult *results[2];
    if (n > 0 && sm_pg_ask_all(pg, queries, results, 2, false, "cannot claim")) {
        note_claims(pg, left, n, most, results[0]);
        for (size_t i = 0; i < n; i++) {
            struct sm_pg_known *known = sm_pg_find(pg, left[i]);
            if (known && known->held)
                known->looked = true;
        }
        for (int row = 0; row < PQntuples(results[1]); row++)
            make(pg, PQgetvalue(results[1], row, 0))->passing = true;
        note_found(pg, results[1]);
        PQclear(results[0]);
        PQclear(results[1]);
    }
    sm_buf_release(&numbers);
    sm_buf_release(&array);
    free(left);
}

bool sm_pg_claim(struct sm_store *base, const char *key)
{
    struct sm_pg *pg = sm_pg_of(base);
    if (!is_claim_known(pg, key))
        sm_pg_claim_some(base, &key, 1, 1);
    struct sm_pg_known *known = sm_pg_find(pg, key);
    if (known && known->held && !known->used) {
        known->used = true;
        pg->unused--;
    }
    return known && (known->held || (known->looked && known->found));
}

void sm_pg_claimer(struct sm_store *base, const char *key, struct sm_buf *who)
{
    struct sm_pg *pg = sm_pg_of(base);
    PGresult *rows;
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)number_of(key));
    const struct sm_pg_query query = {SM_PG_CLAIMER, {number}};
    if (!sm_pg_ask_all(pg, &query, &rows, 1, false, "cannot read"))
        return;
    if (PQntuples(rows) > 0)
        sm_buf_printf(who, "%s", PQgetvalue(rows, 0, 0));
    PQclear(rows);
}

void sm_pg_unclaim(struct sm_store *base, const char *key)
{
    struct sm_pg *pg = sm_pg_of(base);
    struct sm_pg_known **link = bucket_of(pg, key);
    while (*link && strcmp((*link)->answer.key, key) != 0)
        link = &(*link)->next;
    if (!*link || !(*link)->held)
        return;
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)number_of(key));
    if (pg->state == SM_PG_UP)
        sm_pg_queue(pg, &(struct sm_pg_query){SM_PG_UNCLAIM, {number}});
    drop(pg, link);
}
