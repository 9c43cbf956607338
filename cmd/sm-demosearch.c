/* Stage 3: the examples that, with the persona, make the best judge for a user. */
#include "cmd/common/search_main.h"

#include "lib/search/candidate.h"

int main(int argc, char **argv)
{
    static const struct sm_program program = {
        .name = "sm-demosearch",
        .of_users = true,
        .summary = "choose the examples that make the best judge: stage 3",
        .operands = "[FILE ...]",
        .about =
            "Reads pairs and, where there is one, the user's persona. Searches as sm-bootstrap "
            "does, with the\npersona in the judge's instructions, and appends the winning "
            "examples as a `demos` record,\nafter every `trace` and `score` of the search.",
    };
    static const struct search_kind kind = {.stage = "demosearch",
                                            .first_seed = SM_SEED_ZERO_SHOT,
                                            .with_persona = true,
                                            .with_by = true};
    return search_main(&program, &kind, argc, argv);
}
