/* A user's known pairs, and how much their conversations are like another one. */
#include "cmd/common/nearest.h"

#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/json/json.h"

#include <math.h>

#define HALF_BYTES                                                                                 \
    ((size_t)4096) /* of a very long text: so much of its beginning and of its end                 \
                    */

/* Writes what is compared: the turns' texts. */
static void write_text(jv context, struct sm_buf *out)
{
    sm_buf_clear(out);
    int n = jv_get_kind(context) == JV_KIND_ARRAY ? jv_array_length(jv_copy(context)) : 0;
    for (int i = 0; i < n; i++) {
        jv turn = jv_array_get(jv_copy(context), i);
        size_t len = 0;
        const char *text = sm_json_text(turn, "content", &len);
        if (i > 0)
            sm_buf_char(out, '\n');
        sm_buf_add(out, text ? text : "", len);
        jv_free(turn);
    }
    if (out->len <= 2 * HALF_BYTES)
        return;
    struct sm_buf cut = {0};
    size_t tail = out->len - HALF_BYTES;
    while (tail < out->len && !sm_utf8_is_start(out->data[tail]))
        tail++;
    sm_buf_add(&cut, out->data, sm_utf8_cut(out->data, out->len, HALF_BYTES));
    sm_buf_char(&cut, '\n');
    sm_buf_add(&cut, out->data + tail, out->len - tail);
    sm_buf_release(out);
    *out = cut;
}

static bool index_words(struct nearby *nearby, struct sm_err *err)
{
    struct sm_similar *words = nearby->nearest->words;
    struct sm_buf text = {0};
    bool ok = sm_similar_clear(words, err);
    for (size_t i = 0; ok && i < nearby->count; i++) {
        write_text(nearby->examples[i].pair->context, &text);
        ok = sm_similar_add(words, sm_buf_text(&text), text.len, err);
    }
    sm_buf_release(&text);
    return ok;
}

bool nearby_init(struct nearby *nearby, const struct nearest *nearest, struct sm_user *user,
                 struct sm_err *err)
{
    struct sm_learned *learned = nearest->judging->learned;
    *nearby = (struct nearby){.nearest = nearest, .user = user};
    nearby->source = learned ? &nearby->learned : user;
    if (learned && !sm_learned_pairs(learned, user->id, &nearby->learned, err))
        return false;
    size_t most = nearby->source->pair_count;
    nearby->examples = sm_alloc(most, sizeof *nearby->examples);
    nearby->score = sm_alloc(most, sizeof *nearby->score);
    nearby->chosen = sm_alloc(most, sizeof *nearby->chosen);
    nearby->asked = sm_alloc(user->pair_count, sizeof *nearby->asked);
    for (size_t i = 0; i < most; i++) {
        const struct sm_pair *pair = &nearby->source->pairs[i];
        if (pair->labeled && !sm_pair_is_judged(pair))
            nearby->examples[nearby->count++].pair = pair;
    }
    return !nearest->words || index_words(nearby, err);
}

void nearby_forget(struct nearby *nearby)
{
    for (size_t i = 0; i < nearby->count; i++) {
        sm_buf_release(&nearby->examples[i].message);
        free(nearby->examples[i].place.at);
    }
    for (size_t i = 0; nearby->asked && i < nearby->user->pair_count; i++)
        free(nearby->asked[i].at);
    sm_user_forget(&nearby->learned);
    free(nearby->examples);
    free(nearby->score);
    free(nearby->chosen);
    free(nearby->asked);
    nearby->learned = (struct sm_user){0};
    nearby->examples = NULL;
    nearby->score = NULL;
    nearby->chosen = NULL;
    nearby->asked = NULL;
    nearby->count = 0;
}

void nearby_release(struct nearby *nearby)
{
    nearby_forget(nearby);
    for (size_t i = 0; nearby->judges && i < nearby->user->pair_count; i++)
        judge_release(&nearby->judges[i]);
    sm_err_clear(&nearby->why);
    free(nearby->judges);
    nearby->judges = NULL;
}

/* --- Embeddings --- */

/* All is in, or will not come. `done` may release *nearby. */
static void end(struct nearby *nearby)
{
    struct sm_user *user = nearby->user;
    struct sm_err *why = &nearby->why;
    bool waits = !why->message && nearby->pending;
    bool ok = !why->message && !waits && nearby->choose(nearby->arg, why);
    if (waits) {
        user->stage->plan(user, &user->stage->planned);
        sm_user_pending(user, nearby->pending);
    } else if (!ok) {
        sm_user_failed(user, why, nearby->tried);
    }
    nearby->done(nearby->arg, ok);
}

static void end_one(struct nearby *nearby)
{
    if (--nearby->under_way == 0)
        end(nearby);
}

static void take_place(void *arg, const struct sm_embedding *embedding)
{
    struct place *place = arg;
    struct nearby *nearby = place->nearby;
    if (!embedding->error) {
        place->at = sm_alloc(embedding->count, sizeof *place->at);
        place->count = embedding->count;
        memcpy(place->at, embedding->at, embedding->count * sizeof *place->at);
    } else if (embedding->error->code == SM_EXIT_PENDING) {
        nearby->pending++;
    } else if (!nearby->why.message) {
        sm_err_set(&nearby->why, embedding->error->code, embedding->error->remedy, "embeddings: %s",
                   embedding->error->message);
        nearby->tried = embedding->tried;
    }
    end_one(nearby);
}

static void ask_place(struct nearby *nearby, jv context, struct place *place, struct sm_buf *text)
{
    write_text(context, text);
    place->nearby = nearby;
    if (text->len == strspn(sm_buf_text(text), " \t\r\n"))
        return;
    nearby->under_way++;
    sm_embedding_ask(&nearby->nearest->embedder, text->data, text->len, take_place, place);
}

void nearby_ask(struct nearby *nearby, bool (*choose)(void *arg, struct sm_err *err),
                void (*done)(void *arg, bool ok), void *arg)
{
    const struct sm_user *user = nearby->user;
    bool embeds = nearby->nearest->set.embeddings && nearby->count > 0;
    struct sm_buf text = {0};
    nearby->choose = choose;
    nearby->done = done;
    nearby->arg = arg;
    nearby->under_way++; /* so that it does not end before all is asked */
    for (size_t i = 0; embeds && i < nearby->count; i++)
        ask_place(nearby, nearby->examples[i].pair->context, &nearby->examples[i].place, &text);
    for (size_t i = 0; embeds && i < user->pair_count; i++) {
        if (sm_pair_is_judged(&user->pairs[i]))
            ask_place(nearby, user->pairs[i].context, &nearby->asked[i], &text);
    }
    sm_buf_release(&text);
    end_one(nearby);
}

void nearby_plan(const struct nearest *nearest, struct sm_user *user, struct sm_plan *sum)
{
    struct nearby nearby = {0};
    struct sm_err err = {0};
    struct sm_buf text = {0};
    int64_t calls = 0, bytes = 0;
    bool known =
        nearest->set.embeddings && user->pending && nearby_init(&nearby, nearest, user, &err);
    for (size_t i = 0; known && nearby.count > 0 && i < nearby.count + user->pair_count; i++) {
        size_t own = i - nearby.count;
        if (i >= nearby.count && !sm_pair_is_judged(&user->pairs[own]))
            continue;
        write_text(i < nearby.count ? nearby.examples[i].pair->context : user->pairs[own].context,
                   &text);
        calls += text.len > strspn(sm_buf_text(&text), " \t\r\n");
        bytes += (int64_t)text.len;
    }
    sm_plan_expect(sum, calls, bytes, 0);
    sm_plan_add(&sum->most, true, calls, bytes, 0);
    sm_buf_release(&text);
    nearby_release(&nearby);
    sm_err_clear(&err);
}

static bool score_places(struct nearby *nearby, const struct sm_pair *pair, struct sm_err *err)
{
    const struct place *asked = &nearby->asked[pair - nearby->user->pairs];
    for (size_t i = 0; i < nearby->count; i++) {
        const struct place *place = &nearby->examples[i].place;
        if (place->at && asked->at && place->count != asked->count)
            return sm_err_set(err, SM_EXIT_PARTIAL, "name a model that has one",
                              "embeddings of %zu and of %zu numbers", place->count, asked->count);
        nearby->score[i] = place->at && asked->at
                               ? sm_embedding_cosine(place->at, asked->at, asked->count)
                               : -INFINITY;
    }
    return true;
}

static bool score_words(struct nearby *nearby, const struct sm_pair *pair, struct sm_err *err)
{
    struct sm_buf text = {0};
    write_text(pair->context, &text);
    bool ok =
        sm_similar_score(nearby->nearest->words, sm_buf_text(&text), text.len, nearby->score, err);
    sm_buf_release(&text);
    return ok;
}

bool nearby_score(struct nearby *nearby, const struct sm_pair *pair, struct sm_err *err)
{
    return nearby->nearest->words ? score_words(nearby, pair, err)
                                  : score_places(nearby, pair, err);
}
