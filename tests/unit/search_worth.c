/* Whole searches whose judge is made up: what the winner's score says, what its estimate says, and
 * how good it is. A set of examples is right about a pair with log-odds LEVEL + the set's own +
 * the pair's own, both normal with the spreads that are given; each answer is a toss of its own.
 * Writes one object.
 *
 * usage: search_worth PAIRS LEVEL SET_SPREAD PAIR_SPREAD STOP_AT SEARCHES SEED [fallback] */
#include "lib/base/mem.h"
#include "lib/base/rng.h"
#include "lib/json/json.h"
#include "lib/search/internal/oracle.h"
#include "lib/search/search.h"

#include <math.h>

enum { CANDIDATES = 10, SETS = CANDIDATES - SM_SEED_ZERO_SHOT, TRAIN = 8, MOST = 200, PARTS = 200 };

struct judge {
    struct sm_rng rng;
    double level, set_spread, pair_spread;
    double sets[SETS], pairs[MOST]; /* log-odds */
    struct trace *asked[SETS * MOST];
    size_t count;
};

static struct judge judge;

static double normal(void)
{
    double u = sm_rng_double(&judge.rng), v = sm_rng_double(&judge.rng);
    return sqrt(-2 * log(1 - u)) * cos(2 * acos(-1) * v);
}

static double share(double odds)
{
    return 1 / (1 + exp(-odds));
}

static void open_judge(struct search_state *state, const char *persona)
{
    (void)state;
    (void)persona;
}

static void prepare(struct trial *trial)
{
    (void)trial;
}

static size_t one_call(const struct search_state *state, const struct trial *trial)
{
    (void)state;
    (void)trial;
    return 1;
}

static void ask(struct trace *trace)
{
    sm_search_asked(trace->trial, 1);
    judge.asked[judge.count++] = trace;
}

static void write_nothing(const struct trace *trace, struct sm_buf *out)
{
    (void)trace;
    (void)out;
}

static const struct oracle oracle = {
    .open = open_judge, .prepare = prepare, .calls = one_call, .ask = ask, .write = write_nothing};

static void answer_all(void)
{
    while (judge.count > 0) {
        struct trace *trace = judge.asked[--judge.count];
        struct trial *trial = trace->trial;
        struct search_state *state = trial->state;
        double odds = judge.level + judge.sets[trial->candidate.seed - SM_SEED_ZERO_SHOT];
        if (trial->phase == PHASE_VALIDATE)
            odds += judge.pairs[trace->row - state->val.at];
        sm_search_answered(trial, 1000);
        sm_search_settle(trace, sm_rng_double(&judge.rng) < share(odds));
        state->advance(state);
    }
}

/* How often the set is right on pairs that nobody has seen. */
static double worth(long seed)
{
    double sum = 0;
    struct sm_rng rng = judge.rng;
    sm_rng_seed(&judge.rng, 1);
    for (int i = 0; i < PARTS; i++) {
        double own = judge.pair_spread * normal(), odds = judge.level;
        odds += judge.sets[seed - SM_SEED_ZERO_SHOT];
        sum += (share(odds + own) + share(odds - own)) / (2 * PARTS);
    }
    judge.rng = rng;
    return sum;
}

static void make_pairs(struct sm_user *user, size_t pairs)
{
    user->pair_count = TRAIN + pairs;
    user->pairs = sm_alloc(user->pair_count, sizeof *user->pairs);
    for (size_t i = 0; i < user->pair_count; i++)
        user->pairs[i] = (struct sm_pair){.index = i,
                                          .split = i < TRAIN ? SM_SPLIT_TRAIN : SM_SPLIT_VAL,
                                          .labeled = true,
                                          .context = jv_array(),
                                          .chosen = jv_string("a"),
                                          .rejected = jv_string("b"),
                                          .record = jv_null()};
}

static double member(jv object, const char *of, const char *name)
{
    double number = NAN;
    jv inner = sm_json_get(object, of);
    if (jv_is_valid(inner))
        number = sm_json_number(inner, name, NAN);
    jv_free(inner);
    return number;
}

/* The last line is the `demos` record. */
static jv found(const struct sm_buf *out)
{
    size_t at = out->len - 1;
    while (at > 0 && out->data[at - 1] != '\n')
        at--;
    return jv_parse_sized(out->data + at, (int)(out->len - at));
}

struct sums {
    double score, estimate, worth, width, covered, error, score_error, covered_score;
    double default_n, told, told_wrongly, taken, default_worth;
};

static void add_search(struct sums *s, jv demos)
{
    long seed = (long)sm_json_number(demos, "seed", NAN);
    double score = sm_json_number(demos, "score", NAN), truth = 100 * worth(seed);
    double without = 100 * worth(SM_SEED_ZERO_SHOT);
    double estimate = member(demos, "estimate", "accuracy"), low = member(demos, "estimate", "low"),
           high = member(demos, "estimate", "high"), above = member(demos, "default", "better");
    s->score += score;
    s->estimate += estimate;
    s->worth += truth;
    s->width += high - low;
    s->covered += low <= truth && truth <= high;
    s->covered_score += member(demos, "ci", "low") <= truth && truth <= member(demos, "ci", "high");
    s->error += (estimate - truth) * (estimate - truth);
    s->score_error += (score - truth) * (score - truth);
    s->default_n += !isnan(above);
    s->told += above >= 0.95;
    s->told_wrongly += above >= 0.95 && truth <= without;
    s->default_worth += without;
}

static void search_once(struct sm_search *search, size_t pairs, struct sums *sums)
{
    struct sm_stage stage = {.name = "demosearch"};
    struct sm_user user = {.id = (char *)(uintptr_t) "u", .stage = &stage};
    for (int i = 0; i < SETS; i++)
        judge.sets[i] = judge.set_spread * normal();
    for (size_t i = 0; i < pairs; i++)
        judge.pairs[i] = judge.pair_spread * normal();
    make_pairs(&user, pairs);
    sm_search_begin(&user, search, NULL);
    answer_all();
    jv demos = found(&user.out);
    add_search(sums, demos);
    jv_free(demos);
    for (size_t i = 0; i < user.pair_count; i++)
        sm_pair_release(&user.pairs[i]);
    free(user.pairs);
    sm_buf_release(&user.out);
}

int main(int argc, char **argv)
{
    struct sm_search search = {
        .options = SM_SEARCH_DEFAULTS, .first_seed = SM_SEED_ZERO_SHOT, .oracle = &oracle};
    static const struct sm_llm_config nowhere = {.endpoint = "http://127.0.0.1:1/v1", .model = "m"};
    struct sums s = {0};
    if (argc < 8)
        return 2;
    size_t pairs = (size_t)strtol(argv[1], NULL, 10);
    long n = strtol(argv[6], NULL, 10);
    judge.level = strtod(argv[2], NULL);
    judge.set_spread = strtod(argv[3], NULL);
    judge.pair_spread = strtod(argv[4], NULL);
    search.options.stop_at = strtod(argv[5], NULL);
    search.options.fallback = argc > 8;
    if (pairs == 0 || pairs > MOST)
        return 2;
    search.asker.llm = sm_llm_open(&nowhere, NULL, NULL); /* it is asked for prices alone */
    sm_rng_seed(&judge.rng, strtol(argv[7], NULL, 10));
    for (long i = 0; i < n; i++)
        search_once(&search, pairs, &s);
    sm_llm_close(search.asker.llm);
    double k = (double)n;
    printf("{\"pairs\":%zu,\"score\":%.1f,\"estimate\":%.1f,\"worth\":%.1f,\"default_worth\":%.1f,"
           "\"covered\":%.3f,\"width\":%.1f,\"error\":%.1f,\"score_error\":%.1f,"
           "\"score_covered\":%.3f,\"compared\":%.3f,\"told\":%.4f,\"told_wrongly\":%.4f}\n",
           pairs, s.score / k, s.estimate / k, s.worth / k, s.default_worth / k, s.covered / k,
           s.width / k, sqrt(s.error / k), sqrt(s.score_error / k), s.covered_score / k,
           s.default_n / k, s.told / k, s.told_wrongly / k);
    return 0;
}
