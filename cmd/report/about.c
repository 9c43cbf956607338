#include "cmd/report/about.h"

#include "cmd/report/text.h"

#include "lib/base/mem.h"

#define CHARACTERS 160
#define CRITERIA_MAX 20

bool report_is_about(const struct sm_record_view *record)
{
    return record->type == SM_PERSONA || sm_raw_is(&record->at[SM_FIELD_TYPE], "rubric");
}

static void add_criteria(struct sm_buf *out, jv criteria)
{
    int count = jv_get_kind(criteria) == JV_KIND_ARRAY ? jv_array_length(jv_copy(criteria)) : 0;
    for (int i = 0; i < count && i < CRITERIA_MAX; i++) {
        jv criterion = jv_array_get(jv_copy(criteria), i);
        const char *name = sm_json_text(criterion, "name", NULL);
        if (name) {
            sm_buf_str(out, out->len ? ", " : "Rubric: ");
            sm_buf_str(out, name);
        }
        jv_free(criterion);
    }
}

char *report_about(jv record)
{
    const char *persona = sm_json_text(record, "persona", NULL);
    struct sm_buf text = {0}, about = {0};
    if (persona) {
        sm_buf_str(&text, persona);
    } else {
        jv criteria = sm_json_get(record, "criteria");
        add_criteria(&text, criteria);
        jv_free(criteria);
    }
    if (persona || text.len)
        report_plain(&about, sm_buf_text(&text), CHARACTERS);
    sm_buf_release(&text);
    return persona || about.len ? sm_buf_take(&about) : NULL;
}
