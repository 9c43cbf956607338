#include "tests/mock/decide.h"

#include "tests/mock/die.h"
#include "tests/mock/hash.h"
#include "tests/mock/json.h"
#include "tests/mock/planted.h"

#include <stdlib.h>
#include <string.h>

struct rule {
    const char *name, *salt;
    bool (*prefers_first)(const char *salt, const struct call *call);
    const char *persona;     /* NULL: the golden one */
    struct planted *planted; /* if that is not NULL, it alone answers */
};

static bool always(const char *salt, const struct call *call)
{
    (void)salt;
    (void)call;
    return true;
}

/* Bytes between a tag and the next end tag; 0 where either is missing. */
static size_t length_between(const char *text, const char *open, const char *close)
{
    const char *at = strstr(text, open), *end = at ? strstr(at, close) : NULL;
    return end ? (size_t)(end - at) - strlen(open) : 0;
}

static bool first_is_longer(const char *salt, const struct call *call)
{
    (void)salt;
    return length_between(call->last, "<first>", "</first>") >=
           length_between(call->last, "<second>", "</second>");
}

static const struct rule rules[] = {
    {.name = "longer", .prefers_first = first_is_longer, .persona = "Likes longer replies."},
    {.name = "first", .prefers_first = always, .persona = "Likes the first reply."},
    {.name = "digest", .prefers_first = hash_digest_first, .persona = "Likes this and that."},
    {.name = "golden", .prefers_first = hash_golden_first},
};

/* Its options begin behind its name. */
static bool is_planted(const char *name)
{
    static const char planted[] = "planted";
    return strncmp(name, planted, strlen(planted)) == 0 && strchr(":", name[strlen(planted)]);
}

const struct rule *rule_named(const char *name, const char *salt)
{
    struct rule *rule = calloc(1, sizeof *rule);
    if (!rule)
        die("out of memory");
    if (is_planted(name)) {
        rule->planted = planted_open(name + strcspn(name, ":"), salt);
        return rule;
    }
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (strcmp(name, rules[i].name) != 0)
            continue;
        *rule = rules[i];
        rule->salt = salt;
        return rule;
    }
    die("unknown rule %s", name);
}

const struct planted *rule_planted(const struct rule *rule)
{
    return rule->planted;
}

static bool wants_persona(const struct call *call)
{
    const jv path = JV_ARRAY(jv_string("response_format"), jv_string("json_schema"),
                             jv_string("schema"), jv_string("properties"));
    jv properties = jv_getpath(jv_copy(call->body), path);
    bool wants = jv_get_kind(properties) == JV_KIND_OBJECT
                     ? jv_object_has(jv_copy(properties), jv_string("persona"))
                     : strstr(call->text, "\"persona\":") != NULL;
    jv_free(properties);
    return wants;
}

jv decide(const struct rule *rule, const struct call *call)
{
    if (rule->planted)
        return planted_answer(rule->planted, call);
    jv reply = JV_OBJECT(jv_string("reasoning"), jv_string("As the mock decides."));
    if (wants_persona(call))
        return jv_object_set(reply, jv_string("persona"),
                             rule->persona ? jv_string(rule->persona)
                                           : hash_golden_persona(rule->salt, call));
    const char *word = rule->prefers_first(rule->salt, call) ? "First" : "Second";
    return jv_object_set(reply, jv_string("preference"), jv_string(word));
}
