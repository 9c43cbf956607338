#include "tests/mock/form.h"

#include "tests/mock/json.h"

#include <string.h>

jv form_asked(const struct call *call)
{
    static const char *const names[] = {"persona", "criteria", "scores", "preference"};
    const size_t last = sizeof names / sizeof *names - 1;
    jv schema =
        jv_getpath(jv_copy(call->body), JV_ARRAY(jv_string("response_format"),
                                                 jv_string("json_schema"), jv_string("schema")));
    if (jv_get_kind(schema) == JV_KIND_OBJECT)
        return schema;
    jv_free(schema);
    size_t i = 0;
    for (; i < last; i++) {
        jv member = jv_string_fmt("\"%s\":", names[i]);
        bool stands = strstr(call->text, jv_string_value(member));
        jv_free(member);
        if (stands)
            break;
    }
    bool list = i == 1 || i == 2;
    jv value = list ? jv_parse("{\"type\":\"array\",\"items\":{\"properties\":{\"criterion\":{},"
                               "\"weight\":{\"type\":\"number\"},\"first\":{\"type\":\"number\"},"
                               "\"second\":{\"type\":\"number\"}}}}")
                    : jv_object();
    jv properties = JV_OBJECT(jv_string("reasoning"), jv_object(), jv_string(names[i]), value);
    return JV_OBJECT(jv_string("properties"), properties);
}

bool form_has(jv schema, const char *name)
{
    jv properties = member_or(schema, "properties", jv_null());
    bool has = has_member(properties, name);
    jv_free(properties);
    return has;
}

/* `item` is the criterion that the value is about, or null. */
static jv fill(const char *name, jv schema, const struct said *said, jv item);

static jv fill_list(jv schema, const struct said *said)
{
    jv list = jv_array(), items = member_or(schema, "items", jv_object());
    jv_array_foreach(said->criteria, i, criterion)
    {
        list = jv_array_append(list, fill("criterion", items, said, criterion));
        jv_free(criterion);
    }
    jv_free(items);
    return list;
}

static jv fill_object(jv schema, const struct said *said, jv item)
{
    jv object = jv_object(), properties = member_or(schema, "properties", jv_object());
    jv_object_foreach(properties, name, value)
    {
        jv filled = fill(jv_string_value(name), value, said, item);
        object = jv_object_set(object, name, filled);
        jv_free(value);
    }
    jv_free(properties);
    return object;
}

static double number_for(const char *name, jv item)
{
    double first = number_or(item, "first", 0), second = number_or(item, "second", 0);
    if (strstr(name, "first"))
        return first;
    if (strstr(name, "second"))
        return second;
    return strstr(name, "score") ? first - second : number_or(item, "weight", 0);
}

static jv fill_text(const char *name, const struct said *said, jv item)
{
    if (strcmp(name, "preference") == 0)
        return jv_copy(said->preference);
    if (strcmp(name, "persona") == 0)
        return jv_copy(said->persona);
    if (strcmp(name, "changed") == 0)
        return jv_copy(said->changed);
    if (strcmp(name, "reasoning") == 0 || strcmp(name, "reason") == 0)
        return jv_copy(said->reasoning);
    return member_or(item, "criterion", jv_string(""));
}

static jv fill(const char *name, jv schema, const struct said *said, jv item)
{
    const char *type = text_of(schema, "type");
    if (type && strcmp(type, "array") == 0)
        return fill_list(schema, said);
    if (has_member(schema, "properties"))
        return fill_object(schema, said, item);
    if (type && (strcmp(type, "number") == 0 || strcmp(type, "integer") == 0))
        return jv_number(number_for(name, item));
    if (type && strcmp(type, "boolean") == 0)
        return jv_false();
    return fill_text(name, said, item);
}

jv form_fill(jv schema, const struct said *said)
{
    return fill_object(schema, said, jv_null());
}
