/* Drawing figures with gnuplot. */
#ifndef CMD_REPORT_GNUPLOT_H
#define CMD_REPORT_GNUPLOT_H

#include "cmd/report/figure.h"
#include "cmd/report/sink.h"

enum plot_format { PLOT_SVG, PLOT_PNG, PLOT_PDF, PLOT_FORMATS };

/* Draws figures. False with `err` if there is no gnuplot, it lacks the format, or it failed. */
bool report_gnuplot(const struct figure *figures, size_t count, enum plot_format format,
                    struct sink *sink, struct sm_err *err);

#endif
