/* How many users and pairs does a comparison need, and what can it show? */
#include "cmd/common/environment.h"
#include "cmd/common/run_record.h"
#include "cmd/plan/pilot.h"
#include "cmd/plan/write.h"

#include <math.h>
#include <stddef.h>

#define PILOT_USERS_FEW 10 /* fewer tell the spread between users badly */

#define FIELD(name) offsetof(struct plan_options, name)
static const struct sm_opt options[] = {
    {0, "effect", "SHARE", SM_OPT_REAL, FIELD(effect), 0, 1,
     "The difference that is to be shown, such as 0.04 for 4 points: how many users it needs, and "
     "with what power each number of them shows it."},
    {0, "users", "N", SM_OPT_INT, FIELD(users), 2, 1000000,
     "Plan for so many users. Default: a table from 5 to 500."},
    {0, "pairs", "N", SM_OPT_INT, FIELD(pairs), 1, 1000000,
     "Plan for so many pairs of each. Default: a table from 2 to 50."},
    {0, "sd-users", "SD", SM_OPT_REAL, FIELD(sd_users), 0, 1,
     "The standard deviation of the true difference between users, such as 0.05. Default: as in "
     "the pilot."},
    {0, "sd-pair", "SD", SM_OPT_REAL, FIELD(sd_pair), 0, 1,
     "The standard deviation of the difference between the pairs of one user, such as 0.4. "
     "Default: as in the pilot."},
    {0, "power", "SHARE", SM_OPT_REAL, FIELD(power), 0.01, 0.9999,
     "The chance with which the difference is to be found. Default: 0.8."},
    {0, "alpha", "SHARE", SM_OPT_REAL, FIELD(alpha), 1e-6, 0.5,
     "The level of the two-sided test. Divide it by the number of judges that are compared with "
     "one. Default: 0.05."},
    {0, "ties", "0|half", SM_OPT_CHOICE, FIELD(ties), 0, 0,
     "In the pilot, count a tie as wrong or as half right. Default: 0."},
    {0, "table", NULL, SM_OPT_FLAG, FIELD(table), 0, 0,
     "Write a table for people instead of records."},
    SM_OPT_END};

static bool check_settings(struct plan *plan)
{
    struct sm_err err = {0};
    if (plan->set.effect == 0)
        sm_err_set(&err, SM_EXIT_USAGE, "give the least that matters, such as 0.04",
                   "--effect 0: no number of users shows that there is no difference");
    else if (plan->set.power <= plan->set.alpha)
        sm_err_set(&err, SM_EXIT_USAGE, NULL, "--power must be more than --alpha");
    else if (plan->set.sd_users == 0 && plan->set.sd_pair == 0)
        sm_err_set(&err, SM_EXIT_USAGE, NULL, "--sd-users and --sd-pair cannot both be 0");
    else if (plan->app->file_count > 2)
        sm_err_set(&err, SM_EXIT_USAGE,
                   "give one judge's verdicts, or two judges' of the same pairs",
                   "a pilot has at most two files");
    if (!err.message)
        return true;
    app_fail(plan->app, &err);
    return false;
}

/* Both spreads given, there need not be a pilot. */
static void read_pilot(struct plan *plan)
{
    static const char *const standard_input = "-";
    const struct app *app = plan->app;
    if (app->file_count > 0)
        plan_read_pilot(plan, app->files, app->file_count);
    else if (plan->set.sd_users < 0 || plan->set.sd_pair < 0)
        plan_read_pilot(plan, &standard_input, 1);
    plan->app->users = plan->pilot.users;
}

static bool choose_spread(struct plan *plan, struct sm_spread *spread)
{
    static const char remedy[] = "judge more pairs, or give --sd-users and --sd-pair";
    struct sm_err err = {0};
    *spread = plan->pilot.spread;
    if (plan->set.sd_users >= 0)
        spread->between = plan->set.sd_users;
    if (plan->set.sd_pair >= 0)
        spread->within = plan->set.sd_pair;
    if (plan->app->status > SM_EXIT_PARTIAL)
        return false; /* which was reported */
    if (isnan(spread->between) || isnan(spread->within))
        sm_err_set(&err, SM_EXIT_INPUT, remedy,
                   "the pilot does not tell how much users and pairs vary: it takes two users, "
                   "and two pairs of one");
    else if (spread->between == 0 && spread->within == 0)
        sm_err_set(&err, SM_EXIT_INPUT, remedy,
                   "all pairs of the pilot are alike, which does not tell how much others vary");
    if (err.message) {
        app_fail(plan->app, &err);
        return false;
    }
    if (plan->pilot.users && plan->pilot.users < PILOT_USERS_FEW && plan->set.sd_users < 0)
        app_note(plan->app,
                 "%zu users tell the spread between users only roughly; see what a larger "
                 "--sd-users does to the plan",
                 plan->pilot.users);
    return true;
}

static void make_plan(struct plan *plan)
{
    struct sm_spread spread;
    read_pilot(plan);
    if (!choose_spread(plan, &spread))
        return;
    if (plan->set.table) {
        plan_write_table(plan, &spread, env_screen_width());
        return;
    }
    plan_write_records(plan, &spread);
    run_record_write(plan->app, NULL);
}

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-plan",
        .summary = "how many users and pairs a comparison needs",
        .operands = "[FILE [FILE]]",
        .about = "Reads a pilot, verdicts of one judge or of two on the same pairs, and writes the "
                 "least difference\n"
                 "that so many users with so many pairs can show, and how many users a difference "
                 "needs: `plan`\n"
                 "records, or a table. With --sd-users and --sd-pair it needs no pilot.",
    };
    struct app app;
    struct plan plan = {
        .app = &app,
        .set =
            {.effect = -1, .sd_users = -1, .sd_pair = -1, .power = 0.8, .alpha = 0.05, .ties = "0"},
        .pilot = {.cost_user = NAN, .cost_pair = NAN},
    };
    const struct sm_opt_group groups[] = {{options, &plan.set}, {0}};
    if (app_start(&app, &program, groups, argc, argv) && check_settings(&plan))
        make_plan(&plan);
    return app_end(&app);
}
