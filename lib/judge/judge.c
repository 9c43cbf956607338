#include "lib/judge/judge.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"

enum sm_choice sm_outcome_choice(const struct sm_outcome *outcome)
{
    const char *preference = sm_json_text(outcome->value, "preference", NULL);
    if (preference && strcmp(preference, "First") == 0)
        return SM_FIRST;
    return preference && strcmp(preference, "Second") == 0 ? SM_SECOND : SM_TIE;
}

jv sm_case(const struct sm_pair *pair, bool chosen_first)
{
    jv object = jv_object_set(jv_object(), jv_string("context"), jv_copy(pair->context));
    object = jv_object_set(object, jv_string("first"),
                           jv_copy(chosen_first ? pair->chosen : pair->rejected));
    return jv_object_set(object, jv_string("second"),
                         jv_copy(chosen_first ? pair->rejected : pair->chosen));
}

jv sm_case_demo(const struct sm_pair *pair, bool chosen_first, const char *reasoning)
{
    jv object = sm_case(pair, chosen_first);
    object = jv_object_set(object, jv_string("preference"),
                           jv_string(sm_choice_name(chosen_first ? SM_FIRST : SM_SECOND)));
    object =
        jv_object_set(object, jv_string("kind"), jv_string(reasoning ? "bootstrapped" : "labeled"));
    return jv_object_set(object, jv_string("reasoning"),
                         reasoning ? jv_string(reasoning) : jv_null());
}

bool sm_pair_is_judged(const struct sm_pair *pair)
{
    return pair->split == SM_SPLIT_TEST || pair->split == SM_SPLIT_NONE;
}

bool sm_judge_head(struct sm_prompts *prompts, const char *persona, jv demos, struct sm_buf *head,
                   size_t *shown, struct sm_err *err)
{
    jv list = sm_json_get(demos, "demos");
    jv text = persona ? jv_string(persona) : jv_null();
    int n = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(list)) : 0;
    sm_buf_char(head, '[');
    bool ok =
        sm_prompts_messages(prompts, "judge", "system",
                            jv_object_set(jv_object(), jv_string("persona"), text), head, err);
    for (int i = 0; ok && i < n; i++)
        ok = sm_prompts_messages(prompts, "judge", "demo", jv_array_get(jv_copy(list), i), head,
                                 err);
    *shown = (size_t)n;
    jv_free(list);
    return ok;
}

bool sm_judge_messages(struct sm_prompts *prompts, const struct sm_buf *head,
                       const struct sm_pair *pair, bool chosen_first, struct sm_buf *out,
                       struct sm_err *err)
{
    sm_buf_add(out, head->data, head->len);
    bool ok =
        sm_prompts_messages(prompts, "judge", "question", sm_case(pair, chosen_first), out, err);
    sm_buf_char(out, ']');
    return ok;
}

void sm_judge_request(const struct sm_asker *asker, const struct sm_buf *messages,
                      struct sm_buf *body)
{
    struct sm_ask ask = {.messages = messages->data,
                         .schema_name = "judge",
                         .schema = sm_prompts_schema(asker->prompts, "judge"),
                         .temperature = asker->temperature,
                         .logprobs = asker->logprobs};
    sm_llm_request(asker->llm, &ask, body);
}
