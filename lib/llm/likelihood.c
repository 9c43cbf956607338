#include "lib/llm/likelihood.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/llm/internal/likelihood_ways.h"
#include "lib/llm/internal/state.h"

#define CAPABILITY "likelihood"
#define PROBE_TRANSCRIPT "The sky is blue. Grass is"
#define PROBE_REPLY " green."
#define PROBE_MESSAGES "[{\"role\":\"user\",\"content\":\"Which color is grass?\"}]"
#define HELP                                                                                       \
    "take --by verdict, or an endpoint that tells it: vLLM, llama.cpp's server (make "             \
    "local-llm), Together"

enum way { WAY_FORCED, WAY_CHAT, WAY_ECHO, WAYS };

static const char *const way_names[WAYS] = {"forced", "chat", "echo"};

struct sm_likelihood {
    struct sm_llm *llm;
    enum way way;
    bool checked; /* found, or looked for anew, in this run */
};

/* A reply whose likelihood is being asked for. */
struct inquiry {
    struct sm_likelihood *likelihood;
    struct sm_likelihood_ask ask;
    struct sm_given given;
    enum way way;  /* in which it is asked */
    char *grammar; /* of forced, once it is known */
    sm_likelihood_fn *done;
    void *arg;
};

const char *sm_likelihood_way(const struct sm_likelihood *likelihood)
{
    return way_names[likelihood->way];
}

bool sm_likelihood_is_recorded(const char *text, size_t len, struct sm_usage *usage)
{
    double sum;
    size_t tokens;
    return sm_way_read(text, len, &sum, &tokens, usage);
}

/* --- Finding the way --- */

/* What each way's server answers that no other does. */
static bool probe(struct sm_llm *llm, enum way way, struct sm_err *err)
{
    static const struct sm_post *const posts[WAYS] = {&sm_template_post, &sm_tokenize_post,
                                                      &sm_echo_post};
    struct sm_given given = {.transcript = PROBE_TRANSCRIPT, .reply = PROBE_REPLY};
    struct sm_buf body = {0}, answer = {0}, kept = {0};
    struct sm_usage usage;
    if (way == WAY_FORCED)
        sm_template_body(&body, PROBE_MESSAGES);
    else if (way == WAY_CHAT)
        sm_tokenize_body(&body, llm->model->name, PROBE_MESSAGES);
    else
        sm_echo_body(&body, llm->model->name, &given);
    bool has = sm_endpoint_post(&llm->endpoint, posts[way], &body, &answer, err) &&
               posts[way]->accept(&given, sm_buf_text(&answer), answer.len, &kept, &usage);
    sm_buf_release(&body);
    sm_buf_release(&answer);
    sm_buf_release(&kept);
    return has;
}

static bool find_way(struct sm_likelihood *l, struct sm_err *err)
{
    struct sm_llm *llm = l->llm;
    for (enum way way = 0; way < WAYS && !err->message && !llm->config.url; way++) {
        if (!probe(llm, way, err))
            continue;
        struct sm_capability found = {llm->endpoint.identity, llm->model->name, CAPABILITY,
                                      way_names[way]};
        if (llm->store)
            sm_store_put_capability(llm->store, &found);
        l->way = way;
        l->checked = true;
        return true;
    }
    if (!err->message)
        sm_err_set(err, SM_EXIT_PROVIDER, HELP,
                   "%s does not tell how likely a given reply is: it knows neither `echo` with "
                   "`logprobs`, nor `prompt_logprobs`, nor a grammar of llama.cpp's",
                   llm->endpoint.base);
    return false;
}

static bool recall_way(struct sm_likelihood *l)
{
    struct sm_llm *llm = l->llm;
    char *value =
        llm->store && !llm->config.forget
            ? sm_store_capability(llm->store, llm->endpoint.identity, llm->model->name, CAPABILITY)
            : NULL;
    bool known = false;
    for (enum way way = 0; value && way < WAYS; way++) {
        if (strcmp(value, way_names[way]) == 0) {
            l->way = way;
            known = true;
        }
    }
    free(value);
    return known;
}

struct sm_likelihood *sm_likelihood_open(struct sm_llm *llm, struct sm_err *err)
{
    if (llm->config.members && jv_object_length(jv_copy(*llm->config.members)) > 0) {
        sm_err_set(err, SM_EXIT_USAGE, "leave them out",
                   "--body and --set are about chats, and a likelihood is none");
        return NULL;
    }
    struct sm_likelihood *l = sm_alloc(1, sizeof *l);
    enum sm_llm_mode mode = llm->config.mode;
    *l = (struct sm_likelihood){.llm = llm, .way = WAY_ECHO}; /* of which a dry run is exact */
    if (recall_way(l))
        return l;
    if (mode == SM_LLM_REPLAY || mode == SM_LLM_BATCH)
        sm_err_set(err, SM_EXIT_REPLAY, "ask it once, without --replay and --batch",
                   "the store does not know how %s tells likelihoods", llm->endpoint.base);
    else if (mode == SM_LLM_PLAN || find_way(l, err))
        return l;
    free(l);
    return NULL;
}

void sm_likelihood_close(struct sm_likelihood *likelihood)
{
    free(likelihood);
}

/* --- Asking --- */

static void begin_inquiry(struct inquiry *q);

static void end_inquiry(struct inquiry *q, const struct sm_likelihood_answer *answer)
{
    q->done(q->arg, answer);
    free(q->ask.messages);
    free(q->ask.transcript);
    free(q->ask.reply);
    free(q->grammar);
    free(q);
}

/* An endpoint that was known for one way may be another server now: it is looked at once more. */
static bool has_another_way(struct sm_likelihood *l)
{
    enum way before = l->way;
    struct sm_err err = {0};
    if (l->checked || l->llm->config.mode != SM_LLM_SEND)
        return false;
    l->checked = true;
    bool another = find_way(l, &err) && l->way != before;
    sm_err_clear(&err);
    return another;
}

static void fail_inquiry(struct inquiry *q, const struct sm_err *err, unsigned tried)
{
    struct sm_likelihood_answer answer = {.error = err, .tried = tried};
    bool over = err->code != SM_EXIT_PARTIAL || sm_llm_fatal(q->likelihood->llm);
    if (!over && (has_another_way(q->likelihood) || q->way != q->likelihood->way))
        begin_inquiry(q);
    else
        end_inquiry(q, &answer);
}

/* `before` is the text before the reply, if other posts have it too. The body has it in escapes,
 * which are no shorter. Consumes `identity`. */
static void post(struct inquiry *q, const struct sm_post *kind, char *identity, struct sm_buf *body,
                 const char *before, sm_reply_fn *take)
{
    struct sm_ask ask = {.post = kind,
                         .post_arg = &q->given,
                         .identity = identity,
                         .body = sm_buf_take(body),
                         .body_prefix = strlen(before),
                         .max_tokens = (long)strlen(q->ask.reply)};
    sm_llm_ask(q->likelihood->llm, &ask, take, q);
}

static void take_logprobs(void *arg, const struct sm_reply *reply)
{
    struct inquiry *q = arg;
    struct sm_likelihood_answer answer = {
        .tried = reply->tried, .ms = reply->ms, .model = reply->model};
    struct sm_err err = {0};
    if (reply->error) {
        fail_inquiry(q, reply->error, reply->tried);
        return;
    }
    if (!sm_way_read(reply->response, reply->response_len, &answer.sum, &answer.tokens,
                     &answer.usage))
        sm_err_set(&err, SM_EXIT_INPUT, NULL, "the recorded log probabilities cannot be read");
    answer.error = err.message ? &err : NULL;
    end_inquiry(q, &answer);
    sm_err_clear(&err);
}

/* What the final answer is known by, for the caller to free; NULL means by its body. What the
 * server makes of the conversation on the way belongs to the server, and is not kept. */
static char *identity_of(const struct inquiry *q)
{
    struct sm_buf text = {0};
    if (q->way == WAY_ECHO)
        return NULL;
    sm_buf_printf(&text, "%s\n%s\n%s", q->likelihood->llm->model->name, q->ask.messages,
                  q->ask.reply);
    return sm_buf_take(&text);
}

/* A member of what was kept of an answer, for the caller to free. Invalid with `err` if there is
 * none of that kind. */
static jv read_member(const struct sm_reply *reply, const char *name, jv_kind kind,
                      struct sm_err *err)
{
    jv root = jv_invalid(), member = jv_invalid();
    if (reply->error) {
        sm_err_set(err, reply->error->code, reply->error->remedy, "%s", reply->error->message);
        return member;
    }
    if (sm_json_parse(reply->response, reply->response_len, &root, NULL)) {
        member = sm_json_get(root, name);
        jv_free(root);
    }
    if (jv_get_kind(member) == kind)
        return member;
    jv_free(member);
    sm_err_set(err, SM_EXIT_INPUT, NULL, "the answer has no `%s`", name);
    return jv_invalid();
}

static void take_prompt(void *arg, const struct sm_reply *reply)
{
    struct inquiry *q = arg;
    struct sm_buf body = {0};
    struct sm_err err = {0};
    jv prompt = read_member(reply, "prompt", JV_KIND_STRING, &err);
    if (err.message) {
        fail_inquiry(q, &err, reply->tried);
    } else {
        sm_forced_body(&body, jv_string_value(prompt), q->grammar, &q->given);
        post(q, &sm_forced_post, identity_of(q), &body, jv_string_value(prompt), take_logprobs);
    }
    jv_free(prompt);
    sm_err_clear(&err);
}

static void take_grammar(void *arg, const struct sm_reply *reply)
{
    struct inquiry *q = arg;
    struct sm_buf body = {0};
    struct sm_err err = {0};
    jv grammar = read_member(reply, "grammar", JV_KIND_STRING, &err);
    if (err.message) {
        fail_inquiry(q, &err, reply->tried);
    } else {
        free(q->grammar);
        q->grammar = sm_strdup(jv_string_value(grammar));
        sm_template_body(&body, q->ask.messages);
        post(q, &sm_template_post, NULL, &body, q->ask.messages, take_prompt);
    }
    jv_free(grammar);
    sm_err_clear(&err);
}

static void take_count(void *arg, const struct sm_reply *reply)
{
    struct inquiry *q = arg;
    struct sm_buf body = {0};
    struct sm_err err = {0};
    jv count = read_member(reply, "count", JV_KIND_NUMBER, &err);
    if (err.message) {
        fail_inquiry(q, &err, reply->tried);
    } else {
        q->given.prefix_tokens = (size_t)jv_number_value(count); /* accept_tokenize() checked it */
        sm_chat_body(&body, q->likelihood->llm->model->name, q->ask.messages, &q->given);
        post(q, &sm_chat_post, identity_of(q), &body, q->ask.messages, take_logprobs);
    }
    jv_free(count);
    sm_err_clear(&err);
}

/* A recorded answer, and one that is not to be had now, needs no steps before it. */
static bool is_direct(struct inquiry *q, const struct sm_post *final)
{
    struct sm_llm *llm = q->likelihood->llm;
    struct sm_ask ask = {.post = final, .identity = identity_of(q)};
    bool direct = llm->config.mode != SM_LLM_SEND || sm_llm_recorded(llm, &ask);
    free(ask.identity);
    return direct;
}

static void begin_inquiry(struct inquiry *q)
{
    static const struct sm_post *const finals[WAYS] = {&sm_forced_post, &sm_chat_post,
                                                       &sm_echo_post};
    const struct sm_post *final = finals[q->likelihood->way];
    const char *model = q->likelihood->llm->model->name;
    struct sm_buf body = {0};
    q->way = q->likelihood->way;
    if (q->way == WAY_ECHO) {
        sm_echo_body(&body, model, &q->given);
        post(q, final, NULL, &body, q->ask.transcript, take_logprobs);
    } else if (is_direct(q, final)) {
        sm_buf_str(&body, q->ask.messages);
        post(q, final, identity_of(q), &body, q->ask.messages, take_logprobs);
    } else if (q->way == WAY_FORCED) {
        sm_pieces_body(&body, q->ask.reply);
        post(q, &sm_pieces_post, NULL, &body, "", take_grammar);
    } else {
        sm_tokenize_body(&body, model, q->ask.messages);
        post(q, &sm_tokenize_post, NULL, &body, q->ask.messages, take_count);
    }
}

void sm_likelihood_ask(struct sm_likelihood *likelihood, const struct sm_likelihood_ask *ask,
                       sm_likelihood_fn *done, void *arg)
{
    struct inquiry *q = sm_alloc(1, sizeof *q);
    *q = (struct inquiry){.likelihood = likelihood,
                          .ask = *ask,
                          .given = {.transcript = ask->transcript, .reply = ask->reply},
                          .done = done,
                          .arg = arg};
    begin_inquiry(q);
}
