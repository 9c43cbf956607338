/* Which examples a question has, and how it shows them. */
#include "cmd/common/nearest.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"

/* --- What would give the answer away --- */

static bool equal(jv a, jv b)
{
    return jv_equal(jv_copy(a), jv_copy(b));
}

static bool is_one_conversation(const struct sm_pair *a, const struct sm_pair *b)
{
    jv x = sm_json_get(a->record, "conversation_id"), y = sm_json_get(b->record, "conversation_id");
    jv_kind kind = jv_get_kind(x);
    bool one = kind != JV_KIND_INVALID && kind != JV_KIND_NULL && equal(x, y);
    jv_free(x);
    jv_free(y);
    return one;
}

/* The text of a reply, or of the first of its turns, as a JSON string. */
static jv text_of(jv reply)
{
    jv first = jv_get_kind(reply) == JV_KIND_ARRAY && jv_array_length(jv_copy(reply)) > 0
                   ? jv_array_get(jv_copy(reply), 0)
                   : jv_copy(reply);
    jv text = jv_get_kind(first) == JV_KIND_OBJECT ? sm_json_get(first, "content") : jv_copy(first);
    jv_free(first);
    return text;
}

static bool has_reply(const struct sm_pair *pair, jv reply)
{
    jv text = text_of(reply), chosen = text_of(pair->chosen), rejected = text_of(pair->rejected);
    bool has = equal(text, chosen) || equal(text, rejected);
    jv_free(text);
    jv_free(chosen);
    jv_free(rejected);
    return has;
}

static int turns(jv context)
{
    return jv_get_kind(context) == JV_KIND_ARRAY ? jv_array_length(jv_copy(context)) : 0;
}

/* Whether `known` is about the same replies, or its conversation goes on with one of them: with the
 * one that the user chose, most likely. */
static bool has_outcome(const struct sm_pair *known, const struct sm_pair *pair)
{
    int n = turns(pair->context), m = turns(known->context);
    bool same = m >= n;
    for (int i = 0; same && i < n; i++) {
        jv a = jv_array_get(jv_copy(pair->context), i),
           b = jv_array_get(jv_copy(known->context), i);
        same = equal(a, b);
        jv_free(a);
        jv_free(b);
    }
    if (!same)
        return false;
    if (m == n)
        return has_reply(pair, known->chosen) || has_reply(pair, known->rejected);
    jv next = jv_array_get(jv_copy(known->context), n);
    bool has = has_reply(pair, next);
    jv_free(next);
    return has;
}

static bool is_hidden(const struct nearby *nearby, const struct sm_pair *known,
                      const struct sm_pair *pair)
{
    bool one_stream = nearby->source == nearby->user;
    return (one_stream && known->index == pair->index) || is_one_conversation(known, pair) ||
           has_outcome(known, pair);
}

/* --- Choosing --- */

/* Whether example `a` is shown farther from the question than `b`: among equals the later pair
 * counts as more similar. */
static bool is_less(const struct nearby *nearby, size_t a, size_t b)
{
    return nearby->score[a] < nearby->score[b] || (nearby->score[a] == nearby->score[b] && a < b);
}

static bool is_full(const struct nearby *nearby)
{
    return nearby->chosen_count == (size_t)nearby->nearest->judging->nearest;
}

/* Puts example `i` at its place, and drops the least similar one if there are too many. */
static void insert(struct nearby *nearby, size_t i)
{
    size_t *chosen = nearby->chosen, at = 0;
    if (is_full(nearby))
        memmove(chosen, chosen + 1, --nearby->chosen_count * sizeof *chosen);
    while (at < nearby->chosen_count && is_less(nearby, chosen[at], i))
        at++;
    memmove(chosen + at + 1, chosen + at, (nearby->chosen_count - at) * sizeof *chosen);
    chosen[at] = i;
    nearby->chosen_count++;
}

/* Sets nearby->chosen; appends the indices of these pairs as a JSON list. */
static bool choose(struct nearby *nearby, const struct sm_pair *pair, struct sm_buf *indices,
                   struct sm_err *err)
{
    nearby->chosen_count = 0;
    if (!nearby_score(nearby, pair, err))
        return false;
    for (size_t i = 0; i < nearby->count; i++) {
        bool late = is_full(nearby) && is_less(nearby, i, nearby->chosen[0]);
        if (!late && !is_hidden(nearby, nearby->examples[i].pair, pair))
            insert(nearby, i);
    }
    sm_buf_char(indices, '[');
    for (size_t i = 0; i < nearby->chosen_count; i++)
        sm_buf_printf(indices, "%s%zu", i ? "," : "",
                      nearby->examples[nearby->chosen[i]].pair->index);
    sm_buf_char(indices, ']');
    return true;
}

/* --- Showing --- */

static jv demo_of(const struct nearby *nearby, const struct example *example)
{
    bool chosen_first;
    const char *reason = sm_user_reason(nearby->source, example->pair, &chosen_first);
    return sm_case_demo(example->pair, chosen_first, reason);
}

static bool write_message(const struct nearby *nearby, struct example *example, struct sm_err *err)
{
    struct sm_prompts *prompts = nearby->nearest->judging->asker.prompts;
    return example->message.len ||
           sm_prompts_messages(prompts, "judge", "demo", demo_of(nearby, example),
                               &example->message, err);
}

/* `base`, the messages before examples, and the chosen ones. */
static bool write_head(struct nearby *nearby, const struct sm_buf *base, struct sm_buf *head,
                       struct sm_err *err)
{
    bool ok = true;
    sm_buf_add(head, base->data, base->len);
    for (size_t i = 0; ok && i < nearby->chosen_count; i++) {
        struct example *example = &nearby->examples[nearby->chosen[i]];
        ok = write_message(nearby, example, err);
        if (ok && head->data[head->len - 1] != '[')
            sm_buf_char(head, ',');
        sm_buf_add(head, sm_buf_text(&example->message), example->message.len);
    }
    return ok;
}

/* Release *judge also after a failure. */
static bool make_judge(struct nearby *nearby, const struct judge *base, const struct sm_pair *pair,
                       struct judge *judge, struct sm_err *err)
{
    struct sm_buf indices = {0};
    bool ok = choose(nearby, pair, &indices, err);
    *judge = (struct judge){
        .persona = base->persona, .demos = nearby->chosen_count, .voters = base->voters};
    judge->nearest = sm_buf_take(&indices);
    judge->others = base->voters ? sm_alloc(base->voters, sizeof *judge->others) : NULL;
    ok = ok && write_head(nearby, &base->head, &judge->head, err);
    for (size_t i = 1; ok && i < base->voters; i++)
        ok = write_head(nearby, &base->others[i - 1], &judge->others[i - 1], err);
    return ok;
}

bool nearby_choose(struct nearby *nearby, const struct judge *base, struct sm_err *err)
{
    const struct sm_user *user = nearby->user;
    bool ok = true;
    nearby->judges = sm_alloc(user->pair_count, sizeof *nearby->judges);
    for (size_t i = 0; ok && i < user->pair_count; i++) {
        if (sm_pair_is_judged(&user->pairs[i]))
            ok = make_judge(nearby, base, &user->pairs[i], &nearby->judges[i], err);
    }
    nearby_forget(nearby);
    return ok;
}

const struct judge *nearby_judge(const struct nearby *nearby, const struct sm_pair *pair)
{
    return nearby->judges ? &nearby->judges[pair - nearby->user->pairs] : NULL;
}

bool nearby_known(struct nearby *nearby, const struct sm_pair *pair, jv *choices, char **indices,
                  struct sm_err *err)
{
    struct sm_buf list = {0};
    bool ok = choose(nearby, pair, &list, err);
    *choices = jv_array();
    for (size_t i = 0; ok && i < nearby->chosen_count; i++) {
        struct example *example = &nearby->examples[nearby->chosen[i]];
        *choices = jv_array_append(*choices, demo_of(nearby, example));
    }
    *indices = sm_buf_take(&list);
    return ok;
}
