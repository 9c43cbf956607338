#include "cmd/export/valued.h"

#include "lib/base/string_set.h"

#include <stdio.h>

jv export_valued(jv by_index, size_t index)
{
    char name[24];
    snprintf(name, sizeof name, "%zu", index);
    return jv_object_get(jv_copy(by_index), jv_string(name));
}

/* False: of this index there is a record, and it was seen before. */
static bool add_index(struct sm_string_set *seen, jv by_index, size_t index)
{
    char name[24];
    bool known = false;
    snprintf(name, sizeof name, "%zu", index);
    if (jv_object_has(jv_copy(by_index), jv_string(name)))
        sm_string_set_add(seen, name, &known);
    return !known;
}

bool export_check_valued(const struct sm_user *user, struct sm_err *err)
{
    struct sm_string_set *pairs = sm_string_set_open(), *candidates = sm_string_set_open();
    bool ok = true;
    for (size_t i = 0; ok && i < user->pair_count; i++)
        ok = add_index(pairs, user->verdicts, user->pairs[i].index) ||
             sm_err_set(err, SM_EXIT_PARTIAL, "number the pairs anew, by sm-split, and judge again",
                        "two pairs have the index %zu, and one verdict", user->pairs[i].index);
    for (size_t i = 0; ok && i < user->candidate_count; i++)
        ok = add_index(candidates, user->rankings, user->candidates[i].index) ||
             sm_err_set(err, SM_EXIT_PARTIAL, "number them apart, and rank again",
                        "two objects with candidates have the index %zu, and one ranking",
                        user->candidates[i].index);
    sm_string_set_close(pairs);
    sm_string_set_close(candidates);
    return ok;
}

/* Records of what the input holds; its indices are unique, as far as there are records. */
static size_t count_found(const struct sm_user *user)
{
    size_t found = 0;
    for (size_t i = 0; i < user->pair_count; i++) {
        jv verdict = export_valued(user->verdicts, user->pairs[i].index);
        found += jv_is_valid(verdict);
        jv_free(verdict);
    }
    for (size_t i = 0; i < user->candidate_count; i++) {
        jv ranking = export_valued(user->rankings, user->candidates[i].index);
        found += jv_is_valid(ranking);
        jv_free(ranking);
    }
    return found;
}

void export_note_valued(const struct exporter *e, const struct sm_user *user, size_t taken)
{
    size_t all = (size_t)jv_object_length(jv_copy(user->verdicts)) +
                 (size_t)jv_object_length(jv_copy(user->rankings));
    size_t lost = all - count_found(user);
    if (lost)
        app_note(e->app,
                 "user %s: %zu records with rewards left out, whose pairs or candidates the input "
                 "does not hold",
                 user->id, lost);
    else if (!taken)
        app_note(e->app,
                 "user %s has no rewards to export; sm-judge and sm-rank give them, with --by "
                 "likelihood",
                 user->id);
}
