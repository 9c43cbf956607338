#include "lib/json/record_words.h"

#include <string.h>

static const char *const type_names[] = {
    [SM_PAIR] = "pair",           [SM_CANDIDATES] = "candidates",
    [SM_TRACE] = "trace",         [SM_SCORE] = "score",
    [SM_DEMOS] = "demos",         [SM_PERSONA] = "persona",
    [SM_RUBRIC] = "rubric",       [SM_REVISION] = "revision",
    [SM_NEIGHBORS] = "neighbors", [SM_PROTOTYPE] = "prototype",
    [SM_VERDICT] = "verdict",     [SM_RANKING] = "ranking",
    [SM_RESULT] = "result",       [SM_COMPARISON] = "comparison",
    [SM_ERROR] = "error",         [SM_PENDING] = "pending",
    [SM_PLAN] = "plan",           [SM_RUN] = "run",
    [SM_OTHER] = "other",
};

static const char *const split_names[] = {NULL, "train", "val", "test"};

const char *sm_type_name(enum sm_type type)
{
    return type_names[type];
}

const char *sm_split_name(enum sm_split split)
{
    return split_names[split];
}

bool sm_demos_for_judge(const char *stage)
{
    return stage && (strcmp(stage, "demosearch") == 0 || strcmp(stage, "import") == 0 ||
                     strcmp(stage, "neighbors") == 0);
}

const char *sm_choice_name(enum sm_choice choice)
{
    static const char *const names[] = {"Tie", "First", "Second"};
    return names[choice];
}

const char *sm_status_name(enum sm_status status)
{
    static const char *const names[] = {"ok", "unparsed", "truncated", "refused"};
    return names[status];
}

void sm_usage_add(struct sm_usage *sum, const struct sm_usage *usage)
{
    sum->in += usage->in;
    sum->out += usage->out;
    sum->cached += usage->cached;
    sum->reasoning += usage->reasoning;
    sum->untold += usage->untold;
}
