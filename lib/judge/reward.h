/* Rewards of replies, by likelihood: r(x, y) = log p(y | H+, x) - log p(y | H-, x).
 *
 * H+ are the user's known conversations with the replies that the user chose, H- the same with
 * those rejected, each as earlier turns of a chat before the conversation x. It is the implicit
 * reward of DPO (Rafailov et al. 2023, arXiv:2305.18290) with in-context learning in place of
 * training: ICDPO's instant scorer (Song et al., arXiv:2402.09320), contrasted with the rejected
 * side. */
#ifndef SM_JUDGE_REWARD_H
#define SM_JUDGE_REWARD_H

#include "lib/llm/likelihood.h"
#include "lib/stage/prompts.h"

#include <jv.h>

/* What is subtracted. */
enum sm_contrast {
    SM_CONTRAST_REJECTED, /* log p(y | H-, x) */
    SM_CONTRAST_NOTHING,  /* log p(y | x) */
    SM_CONTRAST_OFF,      /* nothing */
    SM_CONTRASTS
};

/* Its name in --contrast; and back, from one of these names. */
const char *sm_contrast_name(enum sm_contrast contrast);
enum sm_contrast sm_contrast_of(const char *name);

/* What rewards are asked with; borrowed for as long as any is under way. */
struct sm_rewarder {
    struct sm_likelihood *likelihood;
    struct sm_prompts *prompts;
    enum sm_contrast contrast;
    bool per_token; /* means over the reply's tokens, not sums */
};

/* What is known of a user, as the messages before a conversation. All-zero is empty. */
struct sm_sides {
    struct sm_buf positive, negative; /* each "[" and messages */
    bool contrasted;                  /* false: only the positive one counts */
    bool persona;
    size_t known; /* choices */
    /* Set by who knows it: */
    bool fallback;       /* none, because no examples were told from none */
    const char *nearest; /* the indices of choices made for the conversation, a JSON list; borrowed;
                            or NULL */
};

/* `known` (borrowed) is a list of {context, first, second, preference}, as in `demos` records, or
 * invalid: none; `persona` may be NULL. Where nothing is known both sides would be the same: then
 * the reward is log p(y | x). False: the prompt program fails. */
bool sm_sides_init(struct sm_sides *sides, const struct sm_rewarder *rewarder, const char *persona,
                   jv known, struct sm_err *err);
void sm_sides_release(struct sm_sides *sides);

/* What came of a reply. Borrowed for the time of the callback. */
struct sm_reward {
    const struct sm_err *error; /* not NULL: no reward, and nothing else is set but `tried` */
    unsigned tried;
    double reward; /* natural logarithms */
    size_t tokens; /* of the reply */
    struct sm_usage usage;
    double ms;
    const char *model;
};

typedef void sm_reward_fn(void *arg, const struct sm_reward *reward);

/* `context` and `reply` (a turn, a list of turns or a string) are borrowed. `done` is called from a
 * later sm_llm_turn(). False, and it is not: the prompt program fails, or the reply is empty. */
bool sm_reward_ask(const struct sm_rewarder *rewarder, const struct sm_sides *sides, jv context,
                   jv reply, sm_reward_fn *done, void *arg, struct sm_err *err);

/* The text whose likelihood is asked for, for the caller to free. NULL: as above. */
char *sm_reward_text(const struct sm_rewarder *rewarder, jv reply, struct sm_err *err);

/* How many requests a reward takes. */
int sm_sides_count(const struct sm_sides *sides);

#endif
