#include "cmd/eval/read.h"

#include "cmd/eval/users.h"
#include "cmd/eval/write.h"

/* The current input, and the user whose lines are being read. */
struct reader {
    struct eval *e;
    struct judged *judged;
    size_t user;              /* its number among judged->users */
    struct sm_scorer *scorer; /* the user's */
    bool again;               /* the user came before: these lines are not counted */
    const char *name;         /* the user's; NULL: nobody's yet */
    char *newcomer;           /* a user without a counted verdict yet; also of the newcomer: */
    struct sm_cost cost;      /* what its records took */
    struct length {
        size_t index, chosen, rejected;
    } * lengths; /* how long its replies are */
    size_t length_count, length_room;
    size_t pairs, learned;      /* learned: train and val pairs */
    struct taught taught;       /* of the current user */
    struct sm_string_set *left; /* users whose records ended before a verdict */
    size_t apart;               /* users with records apart from their verdicts */
};

static void end_user(struct reader *r)
{
    struct judged *judged = r->judged;
    struct eval *e = r->e;
    r->again = false;
    if (!r->scorer)
        return;
    const struct sm_tally *t = sm_scorer_tally(r->scorer);
    struct finished finished = {*t, eval_figures(e, r->scorer), r->taught};
    eval_users_put(e, judged, r->user, &finished);
    if (e->several) {
        size_t from = judged->outcome_count;
        judged->outcome_count =
            sm_scorer_outcomes(r->scorer, &judged->outcomes, from, &judged->outcome_room);
        judged->spans = sm_grow(judged->spans, r->user, &judged->span_room, sizeof *judged->spans);
        judged->spans[r->user] = (struct span){from, judged->outcome_count - from};
    }
    sm_scorer_close(r->scorer);
    r->scorer = NULL;
}

/* Gives the scorer what preceded the first verdict. */
static void introduce(struct reader *r, const char *user)
{
    bool left;
    sm_string_set_find(r->left, user, &left);
    r->apart += left;
    if (!r->newcomer || strcmp(r->newcomer, user) != 0)
        return;
    sm_scorer_cost(r->scorer, &r->cost);
    for (size_t i = 0; i < r->length_count; i++)
        sm_scorer_pair(r->scorer, r->lengths[i].index, r->lengths[i].chosen,
                       r->lengths[i].rejected);
    r->taught.pairs = r->learned;
}

/* Makes `user` the current one. False if its lines are not to be counted. */
static bool turn_to(struct reader *r, const char *user)
{
    bool known;
    if (r->name && strcmp(r->name, user) == 0)
        return !r->again;
    end_user(r);
    r->user = sm_string_set_add(r->judged->users, user, &known);
    r->name = sm_string_set_text(r->judged->users, r->user);
    r->again = known;
    if (!known) {
        r->scorer = sm_scorer_open();
        r->taught = (struct taught){0};
        introduce(r, user);
        return true;
    }
    struct sm_err err = {0};
    sm_err_set(&err, SM_EXIT_PARTIAL,
               "group the lines by user, for example with jq -cs 'sort_by(.user_id)[]'",
               "user %s came before; its verdicts from here on are not counted", user);
    sm_reader_bad(&r->e->reader, &err);
    return false;
}

static void report_taken(const struct reader *r, size_t index, bool reverse)
{
    struct sm_err err = {0};
    sm_err_set(&err, SM_EXIT_PARTIAL, "give the verdicts of one run of the judge at a time",
               "user %s has a verdict for pair %zu, order %s, already; this one is not counted",
               r->name, index, reverse ? "reverse" : "forward");
    sm_reader_bad(&r->e->reader, &err);
}

static void count_verdict(struct reader *r, const struct sm_verdict *verdict)
{
    struct sm_err err = {0};
    enum sm_counted counted = sm_scorer_verdict(r->scorer, verdict);
    if (counted == SM_TAKEN)
        report_taken(r, verdict->index, verdict->reverse);
    if (counted != SM_CONTRADICTS)
        return;
    sm_err_set(&err, SM_EXIT_PARTIAL, "see sm-records(5) for the fields of a record",
               "`debiased` contradicts the verdicts of the two orders");
    sm_reader_bad(&r->e->reader, &err);
}

static void take_verdict(struct reader *r)
{
    struct sm_err err = {0};
    struct sm_verdict verdict;
    if (!r->e->reader.view.user) {
        sm_err_set(&err, SM_EXIT_PARTIAL, "see sm-records(5) for the fields of a record",
                   "a verdict with `user_id` null");
        sm_reader_bad(&r->e->reader, &err);
    } else if (!sm_verdict_from(&r->e->reader.view, &verdict, &err)) {
        sm_reader_bad(&r->e->reader, &err);
    } else if (turn_to(r, r->e->reader.view.user)) {
        r->taught.verdicts[!verdict.untaught]++;
        count_verdict(r, &verdict);
    }
}

static void take_error(struct reader *r)
{
    struct sm_err err = {0};
    size_t index;
    bool reverse;
    bool placed = sm_verdict_place(&r->e->reader.view, &index, &reverse, &err);
    if (err.message)
        sm_reader_bad(&r->e->reader, &err);
    else if (!turn_to(r, r->e->reader.view.user))
        return;
    else if (!placed)
        sm_scorer_failed_user(r->scorer);
    else if (!sm_scorer_failed(r->scorer, index, reverse))
        report_taken(r, index, reverse);
}

static bool is_judged(const struct reader *r, const char *user)
{
    bool known;
    sm_string_set_find(r->judged->users, user, &known);
    return known;
}

/* A user's records begin, before any verdict. */
static void meet(struct reader *r, const char *user)
{
    bool known;
    if (r->newcomer && strcmp(r->newcomer, user) == 0)
        return;
    if (r->newcomer && !is_judged(r, r->newcomer))
        sm_string_set_add(r->left, r->newcomer, &known);
    if (is_judged(r, user)) {
        sm_string_set_add(r->left, user, &known);
        r->apart += !known;
    }
    free(r->newcomer);
    r->newcomer = sm_strdup(user);
    r->cost = (struct sm_cost){0};
    r->length_count = r->pairs = r->learned = 0;
}

/* Learning cost something, too: its records precede the verdicts. */
static void take_cost(struct reader *r)
{
    if (r->scorer && strcmp(r->name, r->e->reader.view.user) == 0) {
        struct sm_cost cost = {0};
        sm_cost_add(&cost, &r->e->reader.view);
        sm_scorer_cost(r->scorer, &cost);
        return;
    }
    if (r->again && strcmp(r->name, r->e->reader.view.user) == 0)
        return; /* which was reported */
    meet(r, r->e->reader.view.user);
    sm_cost_add(&r->cost, &r->e->reader.view);
}

static bool is_split(const struct sm_record_view *line, enum sm_split split)
{
    return sm_raw_is(&line->at[SM_FIELD_SPLIT], sm_split_name(split));
}

static void take_pair(struct reader *r)
{
    const struct sm_record_view *line = &r->e->reader.view;
    const struct sm_raw *chosen = &line->at[SM_FIELD_CHOSEN];
    meet(r, line->user);
    double index = sm_raw_number(&line->at[SM_FIELD_INDEX], (double)r->pairs++);
    if (is_split(line, SM_SPLIT_TRAIN) || is_split(line, SM_SPLIT_VAL)) {
        r->learned++;
    } else if (chosen->value) {
        r->lengths = sm_grow(r->lengths, r->length_count, &r->length_room, sizeof *r->lengths);
        r->lengths[r->length_count++] = (struct length){
            (size_t)index, sm_reply_length(chosen), sm_reply_length(&line->at[SM_FIELD_REJECTED])};
    }
}

static void take_record(struct reader *r)
{
    if (r->e->reader.view.type == SM_VERDICT)
        take_verdict(r);
    else if (r->e->reader.view.type == SM_ERROR && r->e->reader.view.user)
        take_error(r);
    else if (r->e->reader.view.type == SM_PAIR && r->e->reader.view.user)
        take_pair(r);
    if (r->e->reader.view.user &&
        (r->e->reader.view.type == SM_VERDICT || r->e->reader.view.type == SM_TRACE ||
         r->e->reader.view.type == SM_PERSONA || r->e->reader.view.type == SM_RUBRIC ||
         r->e->reader.view.type == SM_REVISION))
        take_cost(r);
    r->judged->pending_users += r->e->reader.view.type == SM_PENDING && r->e->reader.view.user;
}

static void report_apart(const struct reader *r)
{
    if (r->apart > 0)
        app_warn(r->e->app,
                 "%s: %zu user%s with pairs or traces apart from the verdicts: length, "
                 "learned_from, tokens and cost lack them; group the lines by user, for example "
                 "with jq -cs 'sort_by(.user_id)[]'",
                 r->judged->name, r->apart, r->apart == 1 ? "" : "s");
}

void eval_read(struct eval *e, struct judged *judged)
{
    const char *text;
    size_t len;
    struct reader reader = {.e = e, .judged = judged, .left = sm_string_set_open()};
    judged->users = sm_string_set_open();
    while (!e->app->output.broken &&
           sm_reader_record(&e->reader, true, &text, &len) == SM_READ_LINE)
        take_record(&reader);
    end_user(&reader);
    judged->unread |= e->reader.failed;
    report_apart(&reader);
    sm_string_set_close(reader.left);
    free(reader.newcomer);
    free(reader.lengths);
    eval_users_sort(judged);
    if (sm_string_set_count(judged->users) > 0)
        eval_write(e, judged);
}
