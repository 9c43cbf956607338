/* Drawing figures with gnuplot. */
#ifndef CMD_REPORT_GNUPLOT_H
#define CMD_REPORT_GNUPLOT_H

#include "cmd/report/figure.h"
#include "cmd/report/sink.h"

/* Draws figures as SVG or PNG. False with `err` if there is no gnuplot, or it failed. */
bool report_gnuplot(const struct figure *figures, size_t count, bool png, struct sink *sink,
                    struct sm_err *err);

#endif
