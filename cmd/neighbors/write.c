#include "cmd/neighbors/neighbors.h"

#include "lib/json/json.h"

static void write_others(const struct crowd *crowd, const struct person *person, struct sm_buf *out)
{
    sm_buf_str(out, ",\"neighbors\":[");
    for (size_t i = 0; i < person->best; i++) {
        const struct other *other = &person->others[i];
        sm_buf_str(out, i ? ",{\"user_id\":" : "{\"user_id\":");
        sm_json_cstring(out, crowd->at[other->person].id);
        sm_buf_printf(out, ",\"correct\":%zu,\"n\":%zu,\"score\":%.6g}", other->correct, other->n,
                      100 * (double)other->correct / (double)other->n);
    }
    sm_buf_printf(out, "],\"asked\":%zu,\"pairs\":[",
                  person->choice_count ? person->other_count : 0);
    for (size_t i = 0; i < person->choice_count; i++)
        sm_buf_printf(out, "%s%zu", i ? "," : "", person->choices[i]);
    sm_buf_char(out, ']');
}

void write_neighbors_of(struct sm_user *user)
{
    struct neighbors *self = user->stage->self;
    const struct crowd *crowd = &self->crowd;
    const struct person *person = crowd_find(crowd, user->id);
    struct sm_buf *out = &user->out;
    if (person && person->compared) {
        sm_record_open(out, SM_NEIGHBORS, user->id);
        sm_buf_str(out, ",\"stage\":\"neighbors\"");
        write_others(crowd, person, out);
        if (crowd->clustered)
            sm_buf_printf(out, ",\"cluster\":%zu", person->cluster);
        sm_asker_cost(&self->judging.asker, out, &person->usage, person->ms);
        sm_buf_str(out, "}\n");
    } else if (person) {
        sm_buf_str(out, sm_buf_text(&person->record));
    }
    sm_user_done(user);
}

/* Who is in the cluster, and how many of their choices the medoid's persona predicts. */
static void write_members(const struct crowd *crowd, size_t number, struct sm_buf *out)
{
    size_t medoid = crowd->clusters[number].medoid, correct = 0, n = 0;
    const char *between = "";
    sm_buf_str(out, ",\"users\":[");
    for (size_t i = 0; i < crowd->count; i++) {
        const struct person *person = &crowd->at[i];
        if (!person->compared || person->cluster != number)
            continue;
        sm_buf_str(out, between);
        sm_json_cstring(out, person->id);
        between = ",";
        for (size_t j = 0; j < person->other_count; j++) {
            if (person->others[j].person == medoid) {
                correct += person->others[j].correct;
                n += person->others[j].n;
            }
        }
    }
    sm_buf_str(out, "],\"medoid\":");
    sm_json_cstring(out, crowd->at[medoid].id);
    sm_buf_printf(out, ",\"correct\":%zu,\"n\":%zu", correct, n);
}

bool write_prototypes(const struct neighbors *self, struct sm_buf *out, struct sm_err *err)
{
    const struct crowd *crowd = &self->crowd;
    for (size_t c = 0; c < crowd->cluster_count; c++) {
        const struct person *medoid = &crowd->at[crowd->clusters[c].medoid];
        char *persona = crowd_text(crowd, &medoid->persona, err);
        char *demos = err->message ? NULL : crowd_text(crowd, &medoid->demos, err);
        sm_record_open(out, SM_PROTOTYPE, NULL);
        sm_buf_printf(out, ",\"stage\":\"neighbors\",\"cluster\":%zu", c);
        write_members(crowd, c, out);
        sm_buf_str(out, ",\"persona\":");
        sm_json_cstring(out, persona ? persona : "");
        if (demos)
            sm_buf_printf(out, ",\"demos\":%s", demos);
        sm_buf_str(out, "}\n");
        free(persona);
        free(demos);
        if (err->message)
            return false;
    }
    return true;
}
