#include "lib/eval/verdict.h"

#include "lib/json/scan.h"

#include <math.h>

#define VOTES_MAX 1000000000

static const double rounding = 2e-6; /* probabilities are written with six digits */

static bool wrong(struct sm_err *err, const char *field, const char *why)
{
    return sm_err_set(err, SM_EXIT_PARTIAL, "see sm-records(5) for the fields of a record",
                      "`%s` %s", field, why);
}

static bool read_index(const struct sm_record_view *record, size_t *index, struct sm_err *err)
{
    int64_t number;
    if (!sm_raw_integer(&record->at[SM_FIELD_INDEX], 0, SM_INDEX_MAX, &number))
        return wrong(err, "index", "is not a whole number from 0");
    *index = (size_t)number;
    return true;
}

static bool read_order(const struct sm_record_view *record, bool *reverse, struct sm_err *err)
{
    static const char *const words[] = {"forward", "reverse"};
    int order = sm_raw_word(&record->at[SM_FIELD_ORDER], words, 2);
    *reverse = order == 1;
    return order >= 0 || wrong(err, "order", "is not \"forward\" or \"reverse\"");
}

static bool read_preference(const struct sm_record_view *record, enum sm_choice *preference,
                            struct sm_err *err)
{
    const char *const words[] = {sm_choice_name(SM_TIE), sm_choice_name(SM_FIRST),
                                 sm_choice_name(SM_SECOND)};
    int choice = sm_raw_word(&record->at[SM_FIELD_PREFERENCE], words, 3);
    *preference = choice < 0 ? SM_TIE : (enum sm_choice)choice;
    return choice >= 0 || wrong(err, "preference", "is not \"First\", \"Second\" or \"Tie\"");
}

static bool read_status(const struct sm_record_view *record, enum sm_status *status,
                        struct sm_err *err)
{
    const char *const words[] = {sm_status_name(SM_STATUS_OK), sm_status_name(SM_STATUS_UNPARSED),
                                 sm_status_name(SM_STATUS_TRUNCATED),
                                 sm_status_name(SM_STATUS_REFUSED)};
    int word = sm_raw_word(&record->at[SM_FIELD_STATUS], words, 4);
    *status = word < 0 ? SM_STATUS_OK : (enum sm_status)word;
    return word >= 0 ||
           wrong(err, "status", "is not \"ok\", \"unparsed\", \"truncated\" or \"refused\"");
}

/* The prediction follows from order and preference. One that differs means something else, and must
 * not be counted. */
static bool read_prediction(const struct sm_record_view *record, struct sm_verdict *verdict,
                            struct sm_err *err)
{
    enum sm_choice chosen = verdict->reverse ? SM_SECOND : SM_FIRST;
    int64_t number;
    if (!sm_raw_integer(&record->at[SM_FIELD_PREDICTION], -1, 1, &number))
        return wrong(err, "prediction", "is not 1, -1 or 0");
    verdict->prediction = verdict->preference == SM_TIE   ? 0
                          : verdict->preference == chosen ? 1
                                                          : -1;
    return number == verdict->prediction ||
           wrong(err, "prediction", "contradicts `order` and `preference`");
}

static bool read_label(const struct sm_record_view *record, struct sm_verdict *verdict,
                       struct sm_err *err)
{
    const char *const words[] = {sm_choice_name(SM_FIRST), sm_choice_name(SM_SECOND)};
    jv_kind label_kind = sm_raw_kind(&record->at[SM_FIELD_LABEL]),
            kind = sm_raw_kind(&record->at[SM_FIELD_CORRECT]);
    verdict->labeled = label_kind != JV_KIND_NULL && label_kind != JV_KIND_INVALID;
    if (!verdict->labeled)
        return kind == JV_KIND_NULL || kind == JV_KIND_INVALID ||
               wrong(err, "correct", "needs a `label`");
    int label = sm_raw_word(&record->at[SM_FIELD_LABEL], words, 2);
    if (label < 0)
        return wrong(err, "label", "is not \"First\", \"Second\" or null");
    if ((label == 1) != verdict->reverse)
        return wrong(err, "label", "contradicts `order`");
    if (kind != JV_KIND_TRUE && kind != JV_KIND_FALSE)
        return wrong(err, "correct", "is not true or false");
    return (kind == JV_KIND_TRUE) == (verdict->prediction == 1) ||
           wrong(err, "correct", "contradicts `label` and `preference`");
}

bool sm_follows(int prediction, double p)
{
    return prediction > 0   ? p > 0.5 - rounding
           : prediction < 0 ? p < 0.5 + rounding
                            : fabs(p - 0.5) < rounding;
}

double sm_verdict_chosen(const struct sm_verdict *verdict)
{
    double first = verdict->p_first;
    if (isnan(first))
        return 0.5 + 0.5 * verdict->prediction;
    return verdict->reverse ? 1 - first : first;
}

static bool read_debiased(const struct sm_record_view *record, struct sm_verdict *verdict,
                          struct sm_err *err)
{
    static const struct sm_member_name names[] = {
        SM_MEMBER_NAME("prediction"), SM_MEMBER_NAME("correct"), SM_MEMBER_NAME("p_chosen")};
    const struct sm_raw *both = &record->at[SM_FIELD_DEBIASED];
    jv_kind kind = sm_raw_kind(both);
    struct sm_raw found[3] = {0};
    verdict->paired = kind != JV_KIND_INVALID && kind != JV_KIND_NULL;
    if (!verdict->paired)
        return true;
    if (kind == JV_KIND_OBJECT)
        sm_scan_nested(both, names, 3, found);
    int64_t number;
    bool correct = sm_raw_kind(&found[1]) == JV_KIND_TRUE;
    if (!sm_raw_integer(&found[0], -1, 1, &number))
        return wrong(err, "debiased.prediction", "is not 1, -1 or 0");
    verdict->debiased = (int)number;
    verdict->p_chosen = sm_raw_number(&found[2], NAN);
    if (!isnan(verdict->p_chosen) && !sm_follows(verdict->debiased, verdict->p_chosen))
        return wrong(err, "debiased.prediction", "contradicts `p_chosen`");
    return correct == (verdict->labeled && number == 1) ||
           wrong(err, "debiased.correct", "contradicts its prediction");
}

static bool read_votes(const struct sm_record_view *record, struct sm_verdict *verdict,
                       struct sm_err *err)
{
    static const struct sm_member_name names[] = {[SM_TIE] = SM_MEMBER_NAME("tie"),
                                                  [SM_FIRST] = SM_MEMBER_NAME("first"),
                                                  [SM_SECOND] = SM_MEMBER_NAME("second")};
    const struct sm_raw *votes = &record->at[SM_FIELD_VOTES];
    struct sm_raw found[3] = {0};
    if (sm_raw_kind(votes) == JV_KIND_OBJECT)
        sm_scan_nested(votes, names, 3, found);
    for (int i = 0; i < 3; i++) {
        int64_t number = 0;
        if (sm_raw_kind(&found[i]) == JV_KIND_NUMBER &&
            !sm_raw_integer(&found[i], 0, VOTES_MAX, &number))
            return wrong(err, "votes", "are not whole numbers");
        verdict->votes[i] = (size_t)number;
    }
    verdict->p_first = sm_raw_number(&record->at[SM_FIELD_P_FIRST], NAN);
    if (isnan(verdict->p_first))
        return true;
    if (!(verdict->p_first >= 0 && verdict->p_first <= 1))
        return wrong(err, "p_first", "is not from 0 to 1");
    return sm_follows(verdict->prediction, sm_verdict_chosen(verdict)) ||
           wrong(err, "p_first", "contradicts `preference`");
}

static bool is_untaught(const struct sm_record_view *record)
{
    static const struct sm_member_name names[] = {
        SM_MEMBER_NAME("persona"), SM_MEMBER_NAME("demos"), SM_MEMBER_NAME("rubric")};
    const struct sm_raw *uses = &record->at[SM_FIELD_USES];
    struct sm_raw found[3];
    if (sm_raw_kind(uses) != JV_KIND_OBJECT)
        return false;
    sm_scan_nested(uses, names, 3, found);
    return sm_raw_kind(&found[0]) == JV_KIND_FALSE && sm_raw_number(&found[1], NAN) == 0 &&
           sm_raw_kind(&found[2]) != JV_KIND_TRUE;
}

bool sm_verdict_from(const struct sm_record_view *record, struct sm_verdict *verdict,
                     struct sm_err *err)
{
    *verdict = (struct sm_verdict){
        .orderless = sm_raw_is(&record->at[SM_FIELD_BY], "likelihood"),
        .untaught = is_untaught(record),
        .p_chosen = NAN,
    };
    return read_index(record, &verdict->index, err) && read_order(record, &verdict->reverse, err) &&
           read_preference(record, &verdict->preference, err) &&
           read_status(record, &verdict->status, err) && read_prediction(record, verdict, err) &&
           read_label(record, verdict, err) && read_debiased(record, verdict, err) &&
           read_votes(record, verdict, err);
}

bool sm_verdict_place(const struct sm_record_view *record, size_t *index, bool *reverse,
                      struct sm_err *err)
{
    if (!sm_raw_is(&record->at[SM_FIELD_STAGE], "judge") ||
        sm_raw_kind(&record->at[SM_FIELD_INDEX]) == JV_KIND_INVALID)
        return false;
    return read_index(record, index, err) && read_order(record, reverse, err);
}
