#include "cmd/judge/verdicts.h"

void verdicts_plan(const struct judging *judging, const struct sm_user *user, int orders,
                   struct sm_plan *sum)
{
    struct sm_prompts *prompts = judging->asker.prompts;
    int64_t votes = judging->set.votes, all = votes * judging->set.personas;
    long max_tokens = sm_llm_config(judging->asker.llm)->max_tokens;
    struct sm_buf head = {0}, messages = {0};
    size_t shown;
    int64_t learned = 0, bytes = 0, count = 0;
    bool ok = sm_judge_head(prompts, NULL, jv_invalid(), &head, &shown, NULL) &&
              judging_learned_most(judging, user, &learned);
    for (size_t i = 0; ok && i < user->pair_count; i++) {
        if (!sm_pair_is_judged(&user->pairs[i]))
            continue;
        sm_buf_clear(&messages);
        ok = sm_judge_messages(prompts, &head, &user->pairs[i], true, &messages, NULL);
        bytes += orders * (int64_t)messages.len;
        count += orders;
    }
    sm_plan_add(&sum->least, false, count * votes, bytes * votes, max_tokens);
    sm_plan_expect(sum, count * all, bytes * all + count * all * learned / 2, max_tokens);
    sm_plan_add(&sum->most, true, count * all, bytes * all + count * all * learned, max_tokens);
    sm_buf_release(&head);
    sm_buf_release(&messages);
}
