/* A comparison user by user: who was helped, and how little so few pairs can show. */
#ifndef CMD_EVAL_EACH_H
#define CMD_EVAL_EACH_H

#include "cmd/eval/eval.h"

#define EACH_LEVEL 0.05 /* of the tests, and the share of false discoveries */

/* Adds a user with `pairs` pairs, on `better` of which b is more right, and on `worse` less;
 * borrows `user`. The mean difference is from -1 to 1. */
void eval_each_add(struct comparison *c, const char *user, size_t pairs, size_t better,
                   size_t worse, double difference);

/* Once all are added: the tests, and what they find. */
void eval_each_test(struct comparison *c);

/* Append the members of the `comparison` record; a record for each user; sentences; and a table of
 * the users. `e` has the options. */
void eval_each_members(const struct eval *e, const struct comparison *c, struct sm_buf *out);
void eval_each_records(const struct comparison *c, const char *a, const char *b,
                       struct sm_buf *out);
void eval_each_sentences(const struct eval *e, const struct comparison *c, struct sm_buf *out);
void eval_each_table(const struct eval *e, const struct comparison *c, struct sm_buf *out);

/* Appends what users like these show, by the standard error of their mean, and how many a
 * difference of `wanted` takes, as sm-plan(1) has it: "20 such users WHAT of 9.0 points with power
 * 0.8, and 4 points take 93 (see sm-plan)". No difference is beyond `most`. Only where that can be
 * told. */
bool eval_can_plan(double mean_se, size_t users);
void eval_add_plan(struct sm_buf *out, double mean_se, size_t users, const char *what,
                   double wanted, double most);

#endif
