#include "tests/mock/decide.h"

#include "tests/mock/die.h"
#include "tests/mock/hash.h"
#include "tests/mock/json.h"

#include <string.h>

struct rule {
    const char *name;
    bool (*prefers_first)(const char *salt, const struct call *call);
    const char *persona; /* NULL: the golden one */
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
    {"longer", first_is_longer, "Likes longer replies."},
    {"first", always, "Likes the first reply."},
    {"digest", hash_digest_first, "Likes this and that."},
    {"golden", hash_golden_first, NULL},
};

const struct rule *rule_named(const char *name)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (strcmp(name, rules[i].name) == 0)
            return &rules[i];
    }
    die("unknown rule %s", name);
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

jv decide(const struct rule *rule, const char *salt, const struct call *call)
{
    jv reply = JV_OBJECT(jv_string("reasoning"), jv_string("As the mock decides."));
    if (wants_persona(call))
        return jv_object_set(reply, jv_string("persona"),
                             rule->persona ? jv_string(rule->persona)
                                           : hash_golden_persona(salt, call));
    const char *word = rule->prefers_first(salt, call) ? "First" : "Second";
    return jv_object_set(reply, jv_string("preference"), jv_string(word));
}
