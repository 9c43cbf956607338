/* Limits by a clock of the test's own: a minute and a week pass without anybody waiting. */
#include "lib/store/limits.h"

#include "checks.h"

#define MINUTE_MS 60000
#define DAY_MS (int64_t)86400000

static double no_ms(void *arg)
{
    (void)arg;
    return 0;
}

static int64_t told_ms(void *arg)
{
    return *(const int64_t *)arg;
}

struct request {
    struct sm_limiter *limiter;
    double wait_ms;
};

static enum sm_admission ask(struct request *request, int64_t tokens)
{
    struct sm_reservation reservation = {0};
    struct sm_err err = {0};
    enum sm_admission answer =
        sm_limiter_admit(request->limiter, &reservation, tokens, 0, &request->wait_ms, &err);
    sm_err_clear(&err);
    return answer;
}

/* Two requests a minute: the third goes when the first is a minute old, to the millisecond. */
static void count_requests(struct checks *checks, struct sm_store *store, int64_t *now)
{
    struct sm_limits limits = {.rpm = 2};
    struct request r = {sm_limiter_open(store, "e", "m", &limits), 0};
    int64_t begun = *now;
    check(checks, ask(&r, 1) == SM_ADMIT_NOW, "the first request has to wait");
    *now += MINUTE_MS / 2;
    check(checks, ask(&r, 1) == SM_ADMIT_NOW, "the second request has to wait");
    check(checks, ask(&r, 1) == SM_ADMIT_LATER && r.wait_ms == 1000,
          "the third request of a minute goes, or is not asked to come again in a second");
    *now = begun + MINUTE_MS - 1;
    check(checks, ask(&r, 1) == SM_ADMIT_LATER && r.wait_ms == 1,
          "a millisecond too early it goes, or waits for longer");
    *now = begun + MINUTE_MS;
    check(checks, ask(&r, 1) == SM_ADMIT_NOW, "a minute after the first it has to wait");
    check(checks, ask(&r, 1) == SM_ADMIT_LATER, "the second request is forgotten too early");
    sm_limiter_close(r.limiter);
}

static void count_tokens(struct checks *checks, struct sm_store *store, int64_t *now)
{
    struct sm_limits limits = {.tpm = 100};
    struct request r = {sm_limiter_open(store, "e", "other", &limits), 0};
    check(checks, ask(&r, 60) == SM_ADMIT_NOW, "60 of 100 tokens have to wait");
    check(checks, ask(&r, 60) == SM_ADMIT_LATER, "120 of 100 tokens go");
    check(checks, ask(&r, 40) == SM_ADMIT_NOW, "100 of 100 tokens have to wait");
    *now += MINUTE_MS;
    check(checks, ask(&r, 500) == SM_ADMIT_NOW, "after a minute of silence a large one waits");
    sm_limiter_close(r.limiter);
}

/* Somebody sets the clock back by a day: what was sent "tomorrow" is not waited for. */
static void turn_back(struct checks *checks, struct sm_store *store, int64_t *now)
{
    struct sm_limits limits = {.rpm = 1};
    struct request r = {sm_limiter_open(store, "e", "turned", &limits), 0};
    check(checks, ask(&r, 1) == SM_ADMIT_NOW, "the first request has to wait");
    *now -= DAY_MS;
    check(checks, ask(&r, 1) == SM_ADMIT_NOW, "a day that is to come again is waited for");
    check(checks, ask(&r, 1) == SM_ADMIT_LATER, "after it nothing is limited");
    *now += MINUTE_MS;
    check(checks, ask(&r, 1) == SM_ADMIT_NOW, "a minute after it has to wait");
    sm_limiter_close(r.limiter);
    *now += DAY_MS;
}

/* A run's cap holds as long as something is heard of it. */
static void cap_run(struct checks *checks, struct sm_store *store, int64_t *now)
{
    struct sm_limits limits = {.max_calls = 1, .run = "run x"};
    struct request r = {sm_limiter_open(store, "e", "m", &limits), 0};
    check(checks, ask(&r, 1) == SM_ADMIT_NOW, "the first call of a run is refused");
    sm_limiter_close(r.limiter);
    *now += 6 * DAY_MS;
    r.limiter = sm_limiter_open(store, "e", "m", &limits);
    check(checks, ask(&r, 1) == SM_ADMIT_NEVER, "a cap is forgotten within a week");
    sm_limiter_close(r.limiter);
    *now += 8 * DAY_MS;
    r.limiter = sm_limiter_open(store, "e", "m", &limits);
    check(checks, ask(&r, 1) == SM_ADMIT_NOW, "a cap is held against a run of another week");
    sm_limiter_close(r.limiter);
}

int main(void)
{
    struct checks checks = {0};
    int64_t now = 1700000000000;
    struct sm_clock clock = {no_ms, told_ms, &now};
    struct sm_store *store = sm_store_open(NULL, SM_STORE_CREATE, &clock, NULL);
    count_requests(&checks, store, &now);
    count_tokens(&checks, store, &now);
    turn_back(&checks, store, &now);
    cap_run(&checks, store, &now);
    check(&checks, sm_store_close(store, NULL), "the store cannot be closed");
    return checks.failed > 0;
}
