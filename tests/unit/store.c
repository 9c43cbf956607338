/* The store when reading it fails, which no program can be made to meet at a given moment: a second
 * connection takes the table of answers away and brings it back. */
#include "lib/store/store.h"

#include "checks.h"

#include <sqlite3.h>
#include <string.h>

static struct sm_answer answer_with(char digit)
{
    struct sm_answer answer = {
        .endpoint = "e", .model = "m", .response = "{}", .response_len = 2, .created = 1};
    memset(answer.key, digit, SM_KEY_LEN);
    return answer;
}

static bool has(const char *path, char digit)
{
    struct sm_store *store = sm_store_open(path, SM_STORE_CREATE, NULL, NULL);
    struct sm_answer wanted = answer_with(digit), found;
    bool is = store && sm_store_get(store, wanted.key, &found);
    return sm_store_close(store, NULL) && is;
}

/* A turn of a client: it looks an answer up, in vain, and then records another one. */
static void spoil_turn(struct checks *checks, struct sm_store *store, sqlite3 *other)
{
    struct sm_answer found, wanted = answer_with('1'), got = answer_with('2');
    sqlite3_exec(other, "ALTER TABLE answer RENAME TO gone", NULL, NULL, NULL);
    check(checks, !sm_store_get(store, wanted.key, &found), "what cannot be read was read");
    sqlite3_exec(other, "ALTER TABLE gone RENAME TO answer", NULL, NULL, NULL);
    sm_store_put(store, &got);
}

static void fail_to_read(struct checks *checks, const char *path)
{
    struct sm_err err = {0};
    struct sm_store *store = sm_store_open(path, SM_STORE_CREATE, NULL, NULL);
    struct sm_answer later = answer_with('3');
    sqlite3 *other;
    sqlite3_open(path, &other);
    spoil_turn(checks, store, other);
    check(checks, !sm_store_commit(store, &err) && err.message && strstr(err.message, "read"),
          "the commit does not tell that reading failed");
    check(checks, has(path, '2'), "what was recorded after the failure is lost");
    check(checks, sqlite3_exec(other, "BEGIN IMMEDIATE; COMMIT", NULL, NULL, NULL) == SQLITE_OK,
          "another program cannot write");
    sqlite3_close(other);
    sm_store_put(store, &later);
    check(checks, sm_store_commit(store, NULL), "the next turn cannot be written");
    check(checks, has(path, '3'), "what was recorded in the next turn is lost");
    sm_store_close(store, NULL);
    sm_err_clear(&err);
}

int main(int argc, char **argv)
{
    struct checks checks = {0};
    check(&checks, argc == 2, "usage: store FILE");
    if (argc == 2)
        fail_to_read(&checks, argv[1]);
    return checks.failed > 0;
}
