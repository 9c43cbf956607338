#include "lib/llm/internal/model.h"

#include "lib/base/mem.h"

/* Names and values of capabilities in the store. */
#define ANSWERS "answers"
#define YES "yes"
#define REFUSED "refused"
#define TAKEN "taken"

static const char *const params[SM_PARAM_COUNT] = {
    [SM_PARAM_FORMAT] = "response_format",
    [SM_PARAM_TEMPERATURE] = "temperature",
    [SM_PARAM_MAX_TOKENS] = "max_tokens",
    [SM_PARAM_SEED] = "seed",
    [SM_PARAM_LOGPROBS] = "logprobs",
    [SM_PARAM_SYSTEM_ROLE] = "system_role",
    [SM_PARAM_N] = "n",
};

void sm_models_init(struct sm_models *models, struct sm_store *store, const char *endpoint,
                    bool forget)
{
    *models = (struct sm_models){.store = store, .endpoint = endpoint, .forget = forget};
}

void sm_models_release(struct sm_models *models)
{
    while (models->first) {
        struct sm_model *model = models->first;
        models->first = model->next;
        free(model->name);
        free(model);
    }
}

static bool recall(const struct sm_models *models, const struct sm_model *model, const char *name,
                   const char *expected)
{
    char *value = sm_store_capability(models->store, models->endpoint, model->name, name);
    bool known = value && strcmp(value, expected) == 0;
    free(value);
    return known;
}

static void recall_all(const struct sm_models *models, struct sm_model *model)
{
    if (!models->store || models->forget)
        return;
    for (int i = 0; i < SM_PARAM_COUNT; i++) {
        if (!(model->lacks & 1u << i) && recall(models, model, params[i], REFUSED)) {
            model->lacks |= 1u << i;
            model->version++;
        }
    }
    model->proven = recall(models, model, ANSWERS, YES);
}

struct sm_model *sm_models_find(struct sm_models *models, const char *name)
{
    struct sm_model **link = &models->first;
    while (*link && strcmp((*link)->name, name) != 0)
        link = &(*link)->next;
    if (!*link) {
        *link = sm_alloc(1, sizeof **link);
        (*link)->name = sm_strdup(name);
        recall_all(models, *link);
    }
    return *link;
}

void sm_models_refresh(struct sm_models *models)
{
    for (struct sm_model *model = models->first; model; model = model->next) {
        if (!model->proven)
            recall_all(models, model);
    }
}

static void put_capability(const struct sm_models *models, const struct sm_model *model,
                           const char *name, const char *value)
{
    struct sm_capability capability = {models->endpoint, model->name, name, value};
    if (models->store)
        sm_store_put_capability(models->store, &capability);
}

void sm_model_answered(const struct sm_models *models, struct sm_model *model)
{
    if (model->proven)
        return;
    put_capability(models, model, ANSWERS, YES);
    for (int i = 0; models->forget && i < SM_PARAM_COUNT; i++) {
        if (!(model->lacks & 1u << i))
            put_capability(models, model, params[i], TAKEN);
    }
    model->proven = true;
}

unsigned sm_model_learn(const struct sm_models *models, struct sm_model *model, unsigned set)
{
    unsigned new = set & ~model->lacks;
    for (int i = 0; i < SM_PARAM_COUNT; i++) {
        if (set & 1u << i)
            put_capability(models, model, params[i], REFUSED);
    }
    model->lacks |= set;
    model->version += new != 0;
    return new;
}

void sm_model_is_reasoning(struct sm_model *model)
{
    model->lacks |=
        1u << SM_PARAM_TEMPERATURE | 1u << SM_PARAM_MAX_TOKENS | 1u << SM_PARAM_LOGPROBS;
}

unsigned sm_param_set(const char *name)
{
    for (int i = 0; i < SM_PARAM_COUNT; i++) {
        if (strcmp(name, params[i]) == 0)
            return 1u << i;
    }
    return 0;
}

const char *sm_param_name(enum sm_param param)
{
    return params[param];
}

bool sm_param_is_taken(unsigned lacks, const char *member)
{
    if (strcmp(member, "top_logprobs") == 0)
        member = params[SM_PARAM_LOGPROBS];
    return !(lacks & sm_param_set(member));
}

void sm_model_unsupported(const struct sm_model *model, struct sm_buf *out)
{
    const char *comma = "";
    sm_buf_char(out, '[');
    for (int i = 0; i < SM_PARAM_COUNT; i++) {
        if (!(model->lacks & 1u << i))
            continue;
        sm_buf_printf(out, "%s\"%s\"", comma, params[i]);
        comma = ",";
    }
    sm_buf_char(out, ']');
}
