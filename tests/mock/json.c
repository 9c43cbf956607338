#include "tests/mock/json.h"

bool has_member(jv object, const char *name)
{
    return jv_get_kind(object) == JV_KIND_OBJECT && jv_object_has(jv_copy(object), jv_string(name));
}

jv member_or(jv object, const char *name, jv missing)
{
    if (!has_member(object, name))
        return missing;
    jv_free(missing);
    return jv_object_get(jv_copy(object), jv_string(name));
}

double number_or(jv object, const char *name, double missing)
{
    jv value = member_or(object, name, jv_null());
    double number = jv_get_kind(value) == JV_KIND_NUMBER ? jv_number_value(value) : missing;
    jv_free(value);
    return number;
}

const char *text_of(jv object, const char *name)
{
    jv value = member_or(object, name, jv_null());
    const char *text = jv_get_kind(value) == JV_KIND_STRING ? jv_string_value(value) : NULL;
    jv_free(value); /* the object holds it too */
    return text;
}

bool flag_or(jv object, const char *name, bool missing)
{
    jv value = member_or(object, name, jv_bool(missing));
    bool flag = jv_get_kind(value) == JV_KIND_TRUE;
    jv_free(value);
    return flag;
}
