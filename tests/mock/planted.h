/* The rule `planted`: a model that reads tastes for the traits of traits.inc, with stated faults.
 */
#ifndef MOCK_PLANTED_H
#define MOCK_PLANTED_H

#include "tests/mock/call.h"
#include "tests/mock/turn.h"

struct planted;

/* With options `:name=value` (README.md) and a salt, which is borrowed; dies of what it cannot use.
 * For the life of the process. */
struct planted *planted_open(const char *options, const char *salt);

/* The content of the reply, an object; a list of them where several replies are asked for. */
jv planted_answer(struct planted *planted, const struct call *call);

/* How much less likely the last of these turns, a reply, is by its traits: in nats, for each trait
 * in which it is not as the replies before it were mostly, or not as is stated of the user. */
double planted_unlikely(const struct planted *planted, const struct turns *turns);

#endif
