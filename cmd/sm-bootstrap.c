/* Stage 1: reasoned examples of a user's choices, the history that sm-persona reads. */
#include "cmd/common/search_main.h"

#include "lib/search/candidate.h"

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-bootstrap",
        .of_users = true,
        .summary = "explain a user's choices: stage 1 of learning a persona",
        .operands = "[FILE ...]",
        .about =
            "Reads pairs as sm-split writes them. For each user the model answers pairs whose "
            "choice is known;\nanswers that agree are kept with their reasoning, and the set of "
            "them that works best on the\nvalidation pairs is appended as a `demos` record, "
            "after every `trace` and `score` of the search.",
    };
    static const struct search_kind kind = {.stage = "bootstrap", .first_seed = SM_SEED_LABELS};
    return search_main(&program, &kind, argc, argv);
}
