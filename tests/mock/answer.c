#include "tests/mock/answer.h"

#include "tests/mock/decide.h"
#include "tests/mock/embed.h"
#include "tests/mock/json.h"
#include "tests/mock/log.h"

struct answers answers_open(const struct options *options)
{
    const struct rule *rule = options->decide ? rule_named(options->decide, options->salt) : NULL;
    embed_check(options->embeddings);
    return (struct answers){.embeddings = options->embeddings,
                            .script =
                                script_open(options->faults, options->fault_count, options->script),
                            .way = way_open(options->likelihood, rule ? rule_planted(rule) : NULL),
                            .rule = rule,
                            .log = options->log ? log_open(options->log) : NULL};
}

/* `fault` becomes the kind of the fault that strikes, if one does. */
static struct reply choose(struct answers *answers, const struct call *call, const char **fault)
{
    struct reply reply;
    jv said = script_reply(&answers->script, call, fault);
    if (has_member(said, "body") || has_member(said, "content"))
        return reply_described(said, call);
    if (way_answers(&answers->way, call, &reply) ||
        embed_answers(answers->embeddings, call, &reply)) {
        jv_free(said);
        return reply;
    }
    if (answers->rule)
        return reply_described(
            jv_object_set(said, jv_string("content"), decide(answers->rule, call)), call);
    jv_free(said);
    return reply_error(500, "mock: no line of the conversation fits");
}

struct reply answer(struct answers *answers, struct call *call)
{
    const char *fault = NULL;
    struct reply reply = call_read(call) ? choose(answers, call, &fault)
                                         : reply_error(400, "body is no JSON object");
    if (answers->log && call->text)
        log_call(answers->log, call, reply.status, fault);
    call_free(call);
    return reply;
}
