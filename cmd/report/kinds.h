/* The kinds of figures in a report, and what they show. */
#ifndef CMD_REPORT_KINDS_H
#define CMD_REPORT_KINDS_H

#include "cmd/report/figure.h"
#include "cmd/report/report.h"

enum report_kind { KIND_ACCURACY, KIND_COMPARISON, KIND_RELIABILITY, KIND_CURVE, KINDS };
extern const char *const report_kinds[KINDS];

/* Makes the figures of a kind, at most two. 0 with `err` if the input has nothing for it. */
#define FIGURES_MAX 2
size_t report_figures(const struct report *report, enum report_kind kind,
                      struct figure figures[FIGURES_MAX], struct sm_err *err);

#endif
