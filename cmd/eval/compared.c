/* What comparisons came to, as records and as sentences, and the gate on them. */
#include "cmd/eval/compare.h"

#include "cmd/eval/each.h"
#include "cmd/eval/figures.h"
#include "cmd/eval/numbers.h"
#include "cmd/eval/table.h"

#include "lib/json/json.h"

#include <math.h>

#define USERS_MIN 6 /* with fewer a gate by user would say little */

static void write_left_out(struct sm_buf *out, const struct left_out *left)
{
    sm_buf_printf(out, ",\"left_out\":{\"tie_in_a\":%zu,\"tie_in_b\":%zu,\"tie_in_both\":%zu",
                  left->tie_a, left->tie_b, left->both);
    eval_member(out, "accuracy_a", left->right_a);
    eval_member(out, "accuracy_b", left->right_b);
    sm_buf_str(out, ",\"ties_half\":{\"difference\":");
    eval_number(out, left->difference);
    eval_ci(out, "ci", &left->interval);
    sm_buf_str(out, "}}");
}

static void write_record(const struct eval *e, const struct judged *a, const struct judged *b,
                         struct sm_buf *out)
{
    const struct comparison *c = &b->against_first;
    sm_record_open(out, SM_COMPARISON, NULL);
    sm_buf_str(out, ",\"a\":");
    sm_json_cstring(out, a->name);
    sm_buf_str(out, ",\"b\":");
    sm_json_cstring(out, b->name);
    sm_buf_printf(out, ",\"pairs\":%zu,\"n\":%zu,\"only_in_a\":%zu,\"only_in_b\":%zu", c->pairs,
                  c->verdicts, c->missing_b, c->missing_a);
    eval_member(out, "learned_from_a", eval_learned(a));
    eval_member(out, "learned_from_b", eval_learned(b));
    eval_member(out, "accuracy_a", c->accuracy_a);
    eval_member(out, "accuracy_b", c->accuracy_b);
    eval_member(out, "difference", c->difference);
    eval_ci(out, "ci", &c->interval);
    eval_member(out, "holm_p", c->holm_p);
    eval_member(out, "cohens_h", sm_cohen_h(c->accuracy_b, c->accuracy_a));
    sm_buf_printf(out, ",\"users\":{\"n\":%zu,\"better\":%zu,\"worse\":%zu", c->users, c->better,
                  c->worse);
    eval_member(out, "difference", c->mean);
    eval_ci(out, "ci", &c->mean_interval);
    eval_member(out, "cohens_d", c->cohens_d);
    eval_member(out, "permutation_p", c->permutation_p);
    eval_member(out, "wilcoxon_p", c->wilcoxon_p);
    sm_buf_printf(out, "},\"sign\":{\"better\":%zu,\"worse\":%zu", c->pairs_better, c->pairs_worse);
    eval_member(out, "p", c->sign_p);
    sm_buf_char(out, '}');
    eval_each_members(e, c, out);
    if (e->ties == TIES_DROPPED)
        write_left_out(out, &c->left_out);
    sm_buf_str(out, "}\n");
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void add_points(struct sm_buf *out, double difference, const struct interval *interval)
{
    sm_buf_printf(out, "%+.1f points [%+.1f, %+.1f] by %s", 100 * difference,
                  100 * interval->ci.low, 100 * interval->ci.high, interval->unit);
}

static void add_left_out(struct sm_buf *out, const struct left_out *left)
{
    const struct {
        size_t count;
        const char *whose;
    } parts[] = {{left->tie_a, "of the first alone"},
                 {left->tie_b, "of the second alone"},
                 {left->both, "of both"}};
    const char *comma = "";
    if (left->tie_a + left->tie_b + left->both == 0)
        return;
    sm_buf_str(out, "  --ties drop left out ");
    for (size_t i = 0; i < 3; i++) {
        sm_buf_printf(out, "%s%zu pair%s for a tie %s", comma, parts[i].count,
                      plural(parts[i].count), parts[i].whose);
        comma = ", ";
    }
    if (!isnan(left->right_b))
        sm_buf_printf(out, "; there the second is right in %.1f%%", 100 * left->right_b);
    if (!isnan(left->right_a))
        sm_buf_printf(out, "; %s the first in %.1f%%",
                      isnan(left->right_b) ? "there" : "and where it ties,", 100 * left->right_a);
    sm_buf_str(out, ". With ties as half right: ");
    add_points(out, left->difference, &left->interval);
    sm_buf_str(out, ".\n");
}

static void write_sentence(struct eval *e, const struct judged *a, const struct judged *b,
                           size_t tests)
{
    const struct comparison *c = &b->against_first;
    struct sm_buf *out = &e->text;
    sm_buf_printf(out, "%s against %s: ", b->name, a->name);
    add_points(out, c->difference, &c->interval);
    if (isnan(c->sign_p))
        sm_buf_printf(out, ", permutation over users p %.3g", c->permutation_p);
    else
        sm_buf_printf(out, ", sign test on the pairs of %s alone p %.3g",
                      c->users == 1 ? "this user" : "these users", c->sign_p);
    if (tests > 1)
        sm_buf_printf(out, " (%.3g by Holm for %zu comparisons)", c->holm_p, tests);
    sm_buf_printf(out, ", h %+.2f, on %zu pair%s of %zu user%s\n",
                  sm_cohen_h(c->accuracy_b, c->accuracy_a), c->pairs, plural(c->pairs), c->users,
                  plural(c->users));
    eval_each_sentences(e, c, out);
    if (e->ties == TIES_DROPPED)
        add_left_out(out, &c->left_out);
    if (e->set.by_user)
        eval_each_table(e, c, out);
}

void eval_write_comparisons(struct eval *e, const struct judged *judged, size_t count)
{
    size_t tests = 0;
    for (size_t i = 1; i < count; i++)
        tests += judged[i].against_first.made;
    for (size_t i = 1; i < count; i++) {
        struct sm_buf out = {0};
        if (!judged[i].against_first.made || e->set.csv)
            continue;
        if (e->set.by_user && !eval_has_table(e))
            eval_each_records(&judged[i].against_first, judged->name, judged[i].name, &out);
        if (eval_has_table(e))
            write_sentence(e, judged, &judged[i], tests);
        else
            write_record(e, judged, &judged[i], &out);
        app_write(e->app, sm_buf_text(&out), out.len);
        sm_buf_release(&out);
    }
}

void eval_gate_worse(const struct eval *e, const struct judged *judged, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const struct comparison *c = &judged[i].against_first;
        struct sm_err err = {0};
        if (!c->made)
            continue;
        if (!e->by_pair && c->users < USERS_MIN)
            sm_err_set(&err, SM_EXIT_USAGE,
                       "judge more users, or take --unit pair if no others than these are meant",
                       "--fail-if-worse needs %d users that both files have, not %zu: how much "
                       "users differ cannot be told from fewer",
                       USERS_MIN, c->users);
        else if (c->interval.ci.high < 0)
            sm_err_set(&err, SM_EXIT_GATE, NULL,
                       "%s is worse than %s beyond chance: %+.1f points "
                       "[%+.1f, %+.1f] by %s",
                       judged[i].name, judged[0].name, 100 * c->difference,
                       100 * c->interval.ci.low, 100 * c->interval.ci.high, c->interval.unit);
        if (err.message)
            app_fail(e->app, &err);
    }
}
