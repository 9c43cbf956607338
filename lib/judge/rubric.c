#include "lib/judge/rubric.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/judge/judge.h"

#include <math.h>

static double number_of(jv object, const char *name, double missing)
{
    double number = sm_json_number(object, name, missing);
    jv_free(object);
    return number;
}

void sm_rubric_from(jv record, struct sm_rubric *rubric)
{
    jv criteria = sm_json_get(record, "criteria");
    size_t count = (size_t)jv_array_length(jv_copy(criteria));
    *rubric = (struct sm_rubric){.count = count, .criteria = criteria};
    if (count == 0) {
        sm_rubric_release(rubric);
        return;
    }
    rubric->weights = sm_alloc(count, sizeof *rubric->weights);
    for (size_t i = 0; i < count; i++)
        rubric->weights[i] = number_of(jv_array_get(jv_copy(criteria), (int)i), "weight", 0);
    double scale = number_of(sm_json_get(record, "fit"), "scale", 0);
    rubric->scale = isfinite(scale) && scale > 0 ? scale : 0;
}

void sm_rubric_release(struct sm_rubric *rubric)
{
    jv_free(rubric->criteria);
    free(rubric->weights);
    *rubric = (struct sm_rubric){0};
}

bool sm_rubric_head(struct sm_prompts *prompts, jv criteria, struct sm_buf *head,
                    struct sm_err *err)
{
    jv input = jv_object_set(jv_object(), jv_string("criteria"), jv_copy(criteria));
    sm_buf_char(head, '[');
    return sm_prompts_messages(prompts, "scores", "system", input, head, err);
}

bool sm_rubric_messages(struct sm_prompts *prompts, const struct sm_buf *head,
                        const struct sm_pair *pair, bool chosen_first, struct sm_buf *out,
                        struct sm_err *err)
{
    sm_buf_add(out, head->data, head->len);
    bool ok =
        sm_prompts_messages(prompts, "scores", "question", sm_case(pair, chosen_first), out, err);
    sm_buf_char(out, ']');
    return ok;
}

void sm_rubric_request(const struct sm_asker *asker, const struct sm_buf *messages,
                       struct sm_buf *body)
{
    struct sm_ask ask = {.messages = messages->data,
                         .schema_name = "scores",
                         .schema = sm_prompts_schema(asker->prompts, "scores"),
                         .temperature = asker->temperature};
    sm_llm_request(asker->llm, &ask, body);
}

void sm_rubric_ask(const struct sm_asker *asker, jv criteria, char *messages, int vote,
                   sm_outcome_fn *outcome, void *arg)
{
    jv names = jv_array();
    jv_array_foreach(criteria, i, criterion)
    {
        names = jv_array_append(names, sm_json_get(criterion, "name"));
        jv_free(criterion);
    }
    jv about = jv_object_set(jv_object(), jv_string("criteria"), names);
    sm_question_ask_about(asker, "scores", messages, about, vote, outcome, arg);
}

/* The item `at` of a list; false where that is no number. */
static bool read_number(jv list, int at, double *number)
{
    jv item = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_get(jv_copy(list), at) : jv_invalid();
    bool ok = jv_get_kind(item) == JV_KIND_NUMBER && isfinite(jv_number_value(item));
    if (ok)
        *number = jv_number_value(item);
    jv_free(item);
    return ok;
}

bool sm_rubric_scores(jv value, size_t count, double *first, double *second)
{
    jv scores = sm_json_get(value, "scores");
    bool ok =
        jv_get_kind(scores) == JV_KIND_ARRAY && (size_t)jv_array_length(jv_copy(scores)) == count;
    for (size_t i = 0; ok && i < count; i++) {
        jv both = jv_array_get(jv_copy(scores), (int)i);
        ok = read_number(both, 0, &first[i]) && read_number(both, 1, &second[i]);
        jv_free(both);
    }
    jv_free(scores);
    return ok;
}
