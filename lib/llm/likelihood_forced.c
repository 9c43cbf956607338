/* forced: llama.cpp generates under a grammar that admits nothing but the reply. */
#include "lib/llm/internal/likelihood_parts.h"
#include "lib/llm/internal/likelihood_ways.h"

#include "lib/base/utf8.h"
#include "lib/json/json.h"

#include <math.h>
#include <string.h>

/* Keeps the generated tokens until they have given the reply; the end of text may follow. A
 * character of several tokens is one entry. */
static bool keep_forced(jv list, const struct sm_given *given, struct sm_buf *kept)
{
    size_t n = sm_part_count(list), at = 0, end = strlen(given->reply);
    bool ok = true;
    for (size_t i = 0; ok && i < n && at < end; i++) {
        jv token = jv_array_get(jv_copy(list), (int)i), bytes = sm_json_get(token, "bytes");
        size_t count = sm_part_count(bytes);
        ok = count <= end - at && sm_keep_logprob(kept, sm_json_number(token, "logprob", NAN));
        for (size_t k = 0; ok && k < count; k++)
            ok = sm_part_number(bytes, k) == (unsigned char)given->reply[at++];
        jv_free(bytes);
        jv_free(token);
    }
    return ok && at == end;
}

static bool accept_forced(void *arg, const char *body, size_t len, struct sm_buf *kept,
                          struct sm_usage *usage)
{
    const struct sm_given *given = arg;
    jv root = jv_invalid();
    if (!sm_json_parse(body, len, &root, NULL))
        return false;
    jv list = sm_json_get(root, "completion_probabilities"), timings = sm_json_get(root, "timings");
    *usage = (struct sm_usage){.in = sm_part_tokens(root, "tokens_evaluated"),
                               .out = sm_part_tokens(root, "tokens_predicted"),
                               .cached = sm_part_tokens(timings, "cache_n")};
    usage->untold = usage->in == 0;
    bool ok = keep_forced(list, given, kept) && sm_keep_usage(kept, usage);
    jv_free(timings);
    jv_free(list);
    jv_free(root);
    return ok;
}

const struct sm_post sm_forced_post = {"/completion", true,  accept_forced,
                                       SM_NOT_TOLD,   false, NULL};

void sm_forced_body(struct sm_buf *out, const char *prompt, const char *grammar,
                    const struct sm_given *given)
{
    sm_buf_str(out, "{\"prompt\":");
    sm_json_cstring(out, prompt);
    sm_buf_str(out, ",\"grammar\":");
    sm_json_cstring(out, grammar);
    sm_buf_printf(out, ",\"n_predict\":%zu,\"n_probs\":1,\"temperature\":0,\"cache_prompt\":true}",
                  strlen(given->reply) + 1);
}

/* Ends a run of tokens that are characters together: as text, since their numbers are refused.
 * False: it is not UTF-8. In a string of GBNF the escapes of JSON mean the same. */
static bool end_run(struct sm_buf *run, struct sm_buf *grammar)
{
    bool ok = sm_utf8_valid(sm_buf_text(run), run->len) == run->len;
    if (run->len && ok) {
        sm_buf_char(grammar, ' ');
        sm_json_string(grammar, run->data, run->len);
    }
    sm_buf_clear(run);
    return ok;
}

/* A token's piece is a string, or, where it is not UTF-8 by itself, a list of bytes. */
static bool add_token(jv token, struct sm_buf *run, struct sm_buf *grammar)
{
    jv piece = sm_json_get(token, "piece");
    int64_t id;
    bool ok = sm_json_integer(token, "id", 0, SM_TOKENS_MAX, &id);
    bool whole = jv_get_kind(piece) == JV_KIND_STRING;
    for (size_t i = 0; ok && !whole && i < sm_part_count(piece); i++) {
        double byte = sm_part_number(piece, i);
        ok = byte >= 0 && byte <= 255;
        sm_buf_char(run, (char)(ok ? (unsigned char)byte : 0));
    }
    if (whole)
        ok = ok && end_run(run, grammar);
    if (whole)
        sm_buf_printf(grammar, " <[%lld]>", (long long)id);
    jv_free(piece);
    return ok;
}

/* Keeps a grammar that admits the tokens and nothing else. Their numbers, not their text: a model
 * that is given text takes other paths to it, which are less likely. */
static bool accept_pieces(void *arg, const char *body, size_t len, struct sm_buf *kept,
                          struct sm_usage *usage)
{
    jv root = jv_invalid();
    struct sm_buf grammar = {0}, run = {0};
    (void)arg;
    (void)usage;
    if (!sm_json_parse(body, len, &root, NULL))
        return false;
    jv tokens = sm_json_get(root, "tokens");
    bool ok = sm_part_count(tokens) > 0;
    sm_buf_str(&grammar, "root ::=");
    for (size_t i = 0; ok && i < sm_part_count(tokens); i++) {
        jv token = jv_array_get(jv_copy(tokens), (int)i);
        ok = add_token(token, &run, &grammar);
        jv_free(token);
    }
    ok = ok && end_run(&run, &grammar);
    if (ok) {
        sm_buf_str(kept, "{\"grammar\":");
        sm_json_string(kept, grammar.data, grammar.len);
        sm_buf_char(kept, '}');
    }
    sm_buf_release(&run);
    sm_buf_release(&grammar);
    jv_free(tokens);
    jv_free(root);
    return ok;
}

const struct sm_post sm_pieces_post = {
    "/tokenize", true, accept_pieces, "the answer does not list the reply's tokens", true, NULL};

void sm_pieces_body(struct sm_buf *out, const char *reply)
{
    sm_buf_str(out, "{\"content\":");
    sm_json_cstring(out, reply);
    sm_buf_str(out, ",\"add_special\":false,\"parse_special\":false,\"with_pieces\":true}");
}

static bool accept_template(void *arg, const char *body, size_t len, struct sm_buf *kept,
                            struct sm_usage *usage)
{
    jv root = jv_invalid();
    (void)arg;
    (void)usage;
    if (!sm_json_parse(body, len, &root, NULL))
        return false;
    const char *prompt = sm_json_text(root, "prompt", NULL);
    if (prompt) {
        sm_buf_str(kept, "{\"prompt\":");
        sm_json_cstring(kept, prompt);
        sm_buf_char(kept, '}');
    }
    jv_free(root);
    return prompt != NULL;
}

const struct sm_post sm_template_post = {"/apply-template",          true, accept_template,
                                         "the answer has no prompt", true, NULL};

void sm_template_body(struct sm_buf *out, const char *messages)
{
    sm_buf_printf(out, "{\"messages\":%s}", messages);
}
