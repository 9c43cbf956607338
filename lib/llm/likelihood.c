#include "lib/llm/likelihood.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/llm/internal/likelihood_parts.h"
#include "lib/llm/internal/likelihood_ways.h"
#include "lib/llm/internal/state.h"

#define CAPABILITY "likelihood"
#define HELP                                                                                       \
    "take --by verdict, or an endpoint that tells it: vLLM, llama.cpp's server (make "             \
    "local-llm), Together"

static const char *const way_names[SM_WAYS] = {"forced", "chat", "echo"};

struct sm_likelihood {
    struct sm_llm *llm;
    enum sm_way way;
    bool checked; /* found, or looked for anew, in this run */
};

/* A reply whose likelihood is being asked for. */
struct inquiry {
    struct sm_likelihood *likelihood;
    struct sm_likelihood_ask ask;
    struct sm_given given;
    enum sm_way way;         /* in which it is asked */
    char *grammar;           /* of forced, once it is known */
    const struct step *step; /* that is being made, before the last one */
    sm_likelihood_fn *done;
    void *arg;
};

/* A step before the last: what it asks, and what the next one needs of its answer. */
struct step {
    const struct sm_post *post;
    const char *member; /* of what is kept */
    jv_kind kind;
    void (*write)(const struct inquiry *q, struct sm_buf *body);
    void (*use)(struct inquiry *q, jv value); /* borrows `value`; goes on */
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

static bool find_way(struct sm_likelihood *l, struct sm_err *err)
{
    struct sm_llm *llm = l->llm;
    for (enum sm_way way = 0; way < SM_WAYS && !err->message && !llm->config.url; way++) {
        if (!sm_way_probe(&llm->endpoint, llm->model->name, way, err))
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
    for (enum sm_way way = 0; value && way < SM_WAYS; way++) {
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
    *l = (struct sm_likelihood){.llm = llm, .way = SM_WAY_ECHO}; /* of which a dry run is exact */
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
    enum sm_way before = l->way;
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
    if (q->way == SM_WAY_ECHO)
        return NULL;
    sm_buf_printf(&text, "%s\n%s\n%s", q->likelihood->llm->model->name, q->ask.messages,
                  q->ask.reply);
    return sm_buf_take(&text);
}

/* --- The steps before the last --- */

static void ask_step(struct inquiry *q, const struct step *step);

static void use_prompt(struct inquiry *q, jv prompt)
{
    struct sm_buf body = {0};
    sm_forced_body(&body, jv_string_value(prompt), q->grammar, &q->given);
    post(q, &sm_forced_post, identity_of(q), &body, jv_string_value(prompt), take_logprobs);
}

static void write_template(const struct inquiry *q, struct sm_buf *body)
{
    sm_template_body(body, q->ask.messages);
}

static const struct step template_step = {&sm_template_post, "prompt", JV_KIND_STRING,
                                          write_template, use_prompt};

static void use_grammar(struct inquiry *q, jv grammar)
{
    free(q->grammar);
    q->grammar = sm_strdup(jv_string_value(grammar));
    ask_step(q, &template_step);
}

static void write_pieces(const struct inquiry *q, struct sm_buf *body)
{
    sm_pieces_body(body, q->ask.reply);
}

static const struct step pieces_step = {&sm_pieces_post, "grammar", JV_KIND_STRING, write_pieces,
                                        use_grammar};

static void use_count(struct inquiry *q, jv count)
{
    struct sm_buf body = {0};
    q->given.prefix_tokens = (size_t)jv_number_value(count); /* accept_tokenize() checked it */
    sm_chat_body(&body, q->likelihood->llm->model->name, q->ask.messages, &q->given);
    post(q, &sm_chat_post, identity_of(q), &body, q->ask.messages, take_logprobs);
}

static void write_tokenize(const struct inquiry *q, struct sm_buf *body)
{
    sm_tokenize_body(body, q->likelihood->llm->model->name, q->ask.messages);
}

static const struct step tokenize_step = {&sm_tokenize_post, "count", JV_KIND_NUMBER,
                                          write_tokenize, use_count};

static void take_step(void *arg, const struct sm_reply *reply)
{
    struct inquiry *q = arg;
    const struct step *step = q->step;
    if (reply->error) {
        fail_inquiry(q, reply->error, reply->tried);
        return;
    }
    jv value = sm_kept_member(reply->response, reply->response_len, step->member, step->kind);
    struct sm_err err = {0};
    if (jv_is_valid(value)) {
        step->use(q, value);
    } else {
        sm_err_set(&err, SM_EXIT_INPUT, NULL, "the answer has no `%s`", step->member);
        fail_inquiry(q, &err, reply->tried);
    }
    jv_free(value);
    sm_err_clear(&err);
}

static void ask_step(struct inquiry *q, const struct step *step)
{
    struct sm_buf body = {0};
    const char *before = step == &pieces_step ? "" : q->ask.messages;
    q->step = step;
    step->write(q, &body);
    post(q, step->post, NULL, &body, before, take_step);
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
    static const struct sm_post *const finals[SM_WAYS] = {&sm_forced_post, &sm_chat_post,
                                                          &sm_echo_post};
    const struct sm_post *final = finals[q->likelihood->way];
    struct sm_buf body = {0};
    q->way = q->likelihood->way;
    if (q->way == SM_WAY_ECHO) {
        sm_echo_body(&body, q->likelihood->llm->model->name, &q->given);
        post(q, final, NULL, &body, q->ask.transcript, take_logprobs);
    } else if (is_direct(q, final)) {
        sm_buf_str(&body, q->ask.messages);
        post(q, final, identity_of(q), &body, q->ask.messages, take_logprobs);
    } else if (q->way == SM_WAY_FORCED) {
        ask_step(q, &pieces_step);
    } else {
        ask_step(q, &tokenize_step);
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
