#include "tests/mock/fault.h"

#include "tests/mock/die.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define JSON(...) #__VA_ARGS__
#define ERROR(STATUS, MESSAGE, TYPE, PARAM, CODE)                                                  \
    JSON({                                                                                         \
        "status" : STATUS,                                                                         \
        "body" : {"error" : {"message" : MESSAGE, "type" : TYPE, "param" : PARAM, "code" : CODE}}  \
    })

#define REFUSE "refuse="
#define STATUS "000" /* stands for any other */

/* What a call is answered, in the words of a conversation file. */
static const struct {
    const char *kind, *reply;
} kinds[] = {
    {"cut", JSON({"body" : "{\"id\":\"chatcmpl-mock\",\"choices\":[{\"mess", "cut" : true})},
    {"close", JSON({"body" : "", "cut" : true})},
    {"stall", JSON({"body" : "", "cut" : true, "latency_ms" : 30000})},
    {"html", JSON({"body" : "<html><body>Bad gateway</body></html>"})},
    {"length", JSON({"content" : "{\"reasoning\": \"and so on", "finish_reason" : "length"})},
    {"empty", JSON({"body" : {"choices" : []}})},
    {"error200", ERROR(200, "Provider returned error", "server_error", null, null)},
    {"errorarray",
     JSON({"body" : [ {"error" : {"message" : "Resource exhausted"}} ], "status" : 429})},
    {"quota", ERROR(429, "You exceeded your current quota.", "insufficient_quota", null,
                    "insufficient_quota")},
    {"badkey",
     ERROR(401, "Incorrect API key provided.", "invalid_request_error", null, "invalid_api_key")},
    {"nomodel",
     ERROR(404, "The model does not exist.", "invalid_request_error", null, "model_not_found")},
    {"context", ERROR(400, "This model's maximum context length is exceeded.",
                      "invalid_request_error", "messages", "context_length_exceeded")},
    {REFUSE, ERROR(400, null, "invalid_request_error", null, "unsupported_parameter")},
    {STATUS, ERROR(null, "mock fault", "server_error", null, null)},
};

static bool is_status(const char *kind)
{
    return strlen(kind) == 3 && strspn(kind, "0123456789") == 3;
}

/* The PARAM of refuse=PARAM, else NULL. */
static const char *refused_by(const char *kind)
{
    return strncmp(kind, REFUSE, strlen(REFUSE)) == 0 ? kind + strlen(REFUSE) : NULL;
}

static const char *reply_of(const char *kind)
{
    const char *name = refused_by(kind) ? REFUSE : is_status(kind) ? STATUS : kind;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(name, kinds[i].kind) == 0)
            return kinds[i].reply;
    }
    die("unknown fault %s", kind);
}

jv fault_expect(const char *kind, const char *value)
{
    const char *refused = refused_by(kind);
    reply_of(kind); /* dies if there is none */
    if (refused)
        return JV_OBJECT(jv_string("has"), JV_ARRAY(jv_string(refused)));
    if (value && strcmp(kind, "context") == 0)
        return JV_OBJECT(jv_string("over_bytes"), jv_number(strtod(value, NULL)));
    return jv_object();
}

static jv retry_after(const char *value)
{
    const char *name = "Retry-After";
    char date[64];
    if (strncmp(value, "ms=", 3) == 0) {
        name = "retry-after-ms";
        value += 3;
    } else if (strncmp(value, "date+", 5) == 0) {
        time_t then = time(NULL) + strtol(value + 5, NULL, 10);
        struct tm tm;
        strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&then, &tm));
        value = date;
    }
    return JV_OBJECT(jv_string(name), jv_string(value));
}

static jv set_error(jv reply, const char *name, jv value)
{
    return jv_setpath(reply, JV_ARRAY(jv_string("body"), jv_string("error"), jv_string(name)),
                      value);
}

static jv refuse(jv reply, const char *param)
{
    const char *hint =
        strcmp(param, "max_tokens") == 0 ? " Use 'max_completion_tokens' instead." : "";
    jv message = jv_string_fmt("Unsupported parameter: '%s' is not supported with this model.%s",
                               param, hint);
    return set_error(set_error(reply, "message", message), "param", jv_string(param));
}

jv fault_reply(const char *kind, const char *value)
{
    jv reply = jv_parse(reply_of(kind));
    const char *refused = refused_by(kind);
    if (refused)
        return refuse(reply, refused);
    if (is_status(kind)) {
        reply = jv_object_set(reply, jv_string("status"), jv_number(strtod(kind, NULL)));
        return value ? jv_object_set(reply, jv_string("headers"), retry_after(value)) : reply;
    }
    if (value && strcmp(kind, "stall") == 0)
        return jv_object_set(reply, jv_string("latency_ms"), jv_number(1e3 * strtod(value, NULL)));
    if (value && strcmp(kind, "badkey") == 0)
        return set_error(reply, "message", jv_string(value));
    return reply;
}
