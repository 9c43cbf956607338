#include "cmd/report/kept.h"

static bool is_any(const struct sm_record_view *record, const char *const *types)
{
    for (; *types; types++) {
        if (sm_raw_is(&record->at[SM_FIELD_TYPE], *types))
            return true;
    }
    return false;
}

bool report_keeps(const struct sm_record_view *record)
{
    static const char *const types[] = {"score",  "demos",   "persona", "revision",
                                        "rubric", "verdict", "result",  "neighbors",
                                        "error",  "pending", NULL};
    return record->type == SM_PAIR || is_any(record, types);
}

bool report_keeps_against(const struct sm_record_view *record)
{
    static const char *const types[] = {"verdict", "error", "rubric", NULL};
    return is_any(record, types);
}

bool report_keeps_shared(const struct sm_record_view *record)
{
    static const char *const types[] = {"result", "comparison", "run", "prototype", NULL};
    return is_any(record, types);
}
