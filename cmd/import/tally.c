#include "cmd/import/tally.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"

void import_tally_add(struct import_tally *tally, const char *reason, const char *where)
{
    bool known;
    if (!tally->reasons)
        tally->reasons = sm_string_set_open();
    size_t i = sm_string_set_add(tally->reasons, reason, &known);
    if (!known) {
        tally->counts = sm_grow(tally->counts, i, &tally->room, sizeof *tally->counts);
        tally->counts[i] = (struct import_count){.first = sm_strdup(where)};
    }
    tally->counts[i].count++;
    tally->total++;
}

static size_t kinds(const struct import_tally *tally)
{
    return tally->reasons ? sm_string_set_count(tally->reasons) : 0;
}

void import_tally_record(const struct import_tally *tally, struct sm_buf *out)
{
    sm_buf_char(out, '{');
    for (size_t i = 0; i < kinds(tally); i++) {
        sm_buf_str(out, i ? "," : "");
        sm_json_cstring(out, sm_string_set_text(tally->reasons, i));
        sm_buf_printf(out, ":%zu", tally->counts[i].count);
    }
    sm_buf_char(out, '}');
}

void import_tally_tell(const struct import_tally *tally, const char *what, struct sm_buf *out)
{
    for (size_t i = 0; i < kinds(tally); i++) {
        if (i == 0)
            sm_buf_printf(out, "; %s: ", what);
        sm_buf_printf(out, "%s%zu %s (first: %s)", i ? ", " : "", tally->counts[i].count,
                      sm_string_set_text(tally->reasons, i), tally->counts[i].first);
    }
}

void import_tally_release(struct import_tally *tally)
{
    for (size_t i = 0; i < kinds(tally); i++)
        free(tally->counts[i].first);
    free(tally->counts);
    if (tally->reasons)
        sm_string_set_close(tally->reasons);
    *tally = (struct import_tally){0};
}
