/* A start for users with few choices: the personas of clusters are tried on what they have chosen,
 * and each user gets the one that is most probably right. */
#include "cmd/neighbors/neighbors.h"
#include "cmd/neighbors/tryout.h"

#include "lib/io/reader.h"
#include "lib/json/json.h"
#include "lib/json/record.h"

#include <math.h>

/* How often a persona is right on the choices of its own cluster: at least so, and at most. */
#define RATE_LEAST 0.5
#define RATE_MOST 0.95

struct prototype {
    char *persona;
    jv demos; /* a list; invalid if there are none, or they may not be shown */
    size_t cluster, users;
    double correct, n; /* questions about those in the cluster */
    double rate;
};

static bool refuse(struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_INPUT, "see sm-records(5)",
                      "a `prototype` record needs a string `persona`, a list `users` and a whole "
                      "number `cluster`");
}

static size_t count_of(jv object, const char *name)
{
    int64_t value = 0;
    return sm_json_integer(object, name, 0, SM_INDEX_MAX, &value) ? (size_t)value : 0;
}

static bool add_prototype(struct neighbors *self, jv value, struct sm_err *err)
{
    const char *persona = sm_json_text(value, "persona", NULL);
    jv users = sm_json_get(value, "users");
    int64_t cluster;
    bool good = persona && jv_get_kind(users) == JV_KIND_ARRAY &&
                sm_json_integer(value, "cluster", 0, SM_INDEX_MAX, &cluster);
    size_t size = good ? (size_t)jv_array_length(jv_copy(users)) : 0;
    jv_free(users);
    if (!good)
        return refuse(err);
    size_t n = count_of(value, "n"), correct = count_of(value, "correct");
    self->prototypes = sm_grow(self->prototypes, self->prototype_count, &self->prototype_room,
                               sizeof *self->prototypes);
    self->prototypes[self->prototype_count++] = (struct prototype){
        .persona = sm_strdup(persona),
        .demos = self->set.share_texts ? sm_json_get(value, "demos") : jv_invalid(),
        .cluster = (size_t)cluster,
        .users = size ? size : 1,
        .correct = (double)correct,
        .n = (double)n};
    return true;
}

static bool take_line(void *arg, const char *line, size_t len, off_t offset, struct sm_err *err)
{
    struct neighbors *self = arg;
    struct sm_record record;
    (void)offset;
    if (!sm_record_parse(line, len, self->app->set.user, &record, err))
        return false;
    record.value = sm_json_without_nul(record.value, "persona");
    bool ok = record.type != SM_PROTOTYPE || add_prototype(self, record.value, err);
    sm_record_release(&record);
    return ok;
}

/* How often each persona is right: as it was on its own cluster, with two questions more that it
 * got right as often as all of them do. */
static void set_rates(struct neighbors *self)
{
    double correct = 1, n = 2;
    for (size_t i = 0; i < self->prototype_count; i++) {
        correct += self->prototypes[i].correct;
        n += self->prototypes[i].n;
    }
    for (size_t i = 0; i < self->prototype_count; i++) {
        struct prototype *prototype = &self->prototypes[i];
        double rate = (prototype->correct + 2 * correct / n) / (prototype->n + 2);
        prototype->rate = fmin(fmax(rate, RATE_LEAST), RATE_MOST);
    }
}

/* The larger cluster first, so that it wins where two are as probable. */
static int by_size(const void *a, const void *b)
{
    const struct prototype *x = a, *y = b;
    if (x->users != y->users)
        return x->users > y->users ? -1 : 1;
    return (x->cluster > y->cluster) - (x->cluster < y->cluster);
}

bool cold_open(struct neighbors *self, struct sm_err *err)
{
    if (!sm_read_lines(self->set.cold, take_line, self, err))
        return false;
    if (!self->prototype_count)
        return sm_err_set(err, SM_EXIT_INPUT, "give what sm-neighbors wrote of many users",
                          "%s holds no prototypes", self->set.cold);
    qsort(self->prototypes, self->prototype_count, sizeof *self->prototypes, by_size);
    set_rates(self);
    return true;
}

void cold_close(struct neighbors *self)
{
    for (size_t i = 0; i < self->prototype_count; i++) {
        free(self->prototypes[i].persona);
        jv_free(self->prototypes[i].demos);
    }
    free(self->prototypes);
}

/* The probability of each prototype, and, behind them, that the user is like none: then each is as
 * right as a coin. Before any choice a cluster is as probable as its users are many, and none as
 * one user. One that was not asked on counts as if it were right from there on: that still cannot
 * make it the most probable. */
static void weigh(const struct neighbors *self, const struct tryout *tryout, double *p)
{
    size_t count = self->prototype_count;
    double most = 0, sum = 0;
    p[count] = (double)tryout->choice_count * log(0.5);
    most = p[count];
    for (size_t i = 0; i < count; i++) {
        const struct tried *tried = &tryout->tried[i];
        p[i] = tryout_score(tried) + (double)(tryout->choice_count - tried->n) * tried->hit;
        most = fmax(most, p[i]);
    }
    for (size_t i = 0; i <= count; i++)
        sum += p[i] = exp(p[i] - most);
    for (size_t i = 0; i <= count; i++)
        p[i] /= sum;
}

static void write_from(const struct neighbors *self, const struct tryout *tryout, const double *p,
                       size_t best, struct sm_buf *out)
{
    const char *between = "";
    sm_buf_str(out, ",\"from\":[");
    for (size_t turn = 0; turn <= self->prototype_count; turn++) {
        size_t i = turn == 0 ? best : turn - 1; /* the one that was taken, then the others */
        if (turn > 0 && i == best)
            continue;
        sm_buf_printf(out, "%s{\"cluster\":%zu,\"users\":%zu,\"correct\":%zu,\"n\":%zu,\"p\":%.6g}",
                      between, self->prototypes[i].cluster, self->prototypes[i].users,
                      tryout->tried[i].correct, tryout->tried[i].n, p[i]);
        between = ",";
    }
    sm_buf_printf(out, "],\"none\":%.6g", p[self->prototype_count]);
}

/* The examples come with the persona, unless the user has some. */
static void write_demos(const struct sm_user *user, const struct prototype *prototype,
                        struct sm_buf *out)
{
    const char *stage = sm_json_text(user->demos, "stage", NULL);
    bool own = jv_is_valid(user->demos) && !(stage && strcmp(stage, "neighbors") == 0);
    if (own || !jv_is_valid(prototype->demos))
        return;
    sm_record_open(out, SM_DEMOS, user->id);
    sm_buf_printf(out, ",\"stage\":\"neighbors\",\"cluster\":%zu,\"demos\":", prototype->cluster);
    sm_json_value(out, prototype->demos);
    sm_buf_str(out, "}\n");
}

static void write_start(struct neighbors *self, const struct tryout *tryout)
{
    struct sm_user *user = tryout->user;
    struct sm_buf *out = &user->out;
    size_t count = self->prototype_count, best = 0;
    double *p = sm_alloc(count + 1, sizeof *p);
    weigh(self, tryout, p);
    while (best < count && tryout->tried[best].dropped)
        best++;
    if (p[count] > p[best])
        best = count;
    if (best == count) {
        self->unlike++;
    } else {
        const struct prototype *prototype = &self->prototypes[best];
        self->started++;
        sm_record_open(out, SM_PERSONA, user->id);
        sm_buf_str(out, ",\"stage\":\"neighbors\",\"persona\":");
        sm_json_cstring(out, prototype->persona);
        write_from(self, tryout, p, best, out);
        sm_asker_cost(&self->judging.asker, out, &tryout->usage, tryout->ms);
        sm_buf_str(out, "}\n");
        write_demos(user, prototype, out);
    }
    free(p);
}

static bool add_judge(struct tryout *tryout, const struct prototype *prototype)
{
    bool ok = tryout_judge(tryout, prototype->persona, prototype->demos, &tryout->why);
    struct tried *tried = &tryout->tried[tryout->count - 1];
    tried->prior = log((double)prototype->users);
    tried->hit = log(prototype->rate);
    tried->miss = log(1 - prototype->rate);
    return ok;
}

static void end_tryout(struct tryout *tryout)
{
    struct sm_user *user = tryout->user;
    if (tryout->why.message) {
        sm_user_failed(user, &tryout->why, tryout->attempts);
    } else if (tryout->waiting) {
        sm_user_pending(user, tryout->waiting);
    } else {
        write_start(tryout->arg, tryout);
        sm_user_done(user);
    }
    tryout_release(tryout);
    free(tryout);
}

/* Whether the user needs no start, or cannot have one; counts those. */
static bool is_left_alone(struct neighbors *self, const struct sm_user *user)
{
    const char *stage = sm_json_text(user->persona, "stage", NULL);
    size_t known = 0;
    bool own = jv_is_valid(user->persona) && !(stage && strcmp(stage, "neighbors") == 0);
    for (size_t i = 0; i < user->pair_count; i++)
        known += tryout_is_known(&user->pairs[i]);
    if (own || known >= (size_t)self->set.own)
        self->alone++;
    else if (known == 0)
        self->unknown++;
    return own || known == 0 || known >= (size_t)self->set.own;
}

void cold_user(struct sm_user *user)
{
    struct neighbors *self = user->stage->self;
    if (is_left_alone(self, user)) {
        sm_user_done(user);
        return;
    }
    struct tryout *tryout = sm_alloc(1, sizeof *tryout);
    *tryout = (struct tryout){
        .judging = &self->judging, .user = user, .best = 1, .done = end_tryout, .arg = self};
    tryout_choose(tryout, (size_t)self->set.pairs);
    bool ok = true;
    for (size_t i = 0; ok && i < self->prototype_count; i++)
        ok = add_judge(tryout, &self->prototypes[i]);
    if (ok)
        tryout_begin(tryout);
    else
        end_tryout(tryout);
}
