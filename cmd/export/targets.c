#include "cmd/export/targets.h"

#include "cmd/export/lines.h"
#include "cmd/export/records.h"

static const char judged[] = "test,none", learned_from[] = "train";

static const struct target targets[] = {
    {.name = "program",
     .user = export_saved_user,
     .folder = true,
     .program = "saved-user",
     .splits = judged},
    {.name = "chat", .user = export_chat, .line = export_chat_line, .splits = judged},
    {.name = "batch",
     .user = export_questions,
     .line = export_batch_line,
     .client = true,
     .splits = judged},
    {.name = "promptfoo",
     .user = export_questions,
     .line = export_promptfoo_line,
     .labeled = true,
     .splits = judged},
    {.name = "inspect",
     .user = export_questions,
     .line = export_inspect_line,
     .labeled = true,
     .splits = judged},
    {.name = "trl",
     .user = export_training_rows,
     .program = "training-row",
     .labeled = true,
     .rewards = true,
     .splits = learned_from},
    {.name = "reward",
     .user = export_reward_lines,
     .program = "reward-line",
     .rewards = true,
     .splits = judged},
};

const struct target *export_target(const char *name)
{
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        if (strcmp(name, targets[i].name) == 0)
            return &targets[i];
    }
    return NULL;
}
