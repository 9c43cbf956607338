/* Drawing figures for the page. */
#ifndef CMD_REPORT_SVG_H
#define CMD_REPORT_SVG_H

#include "cmd/report/figure.h"

/* Appends a figure as an <svg> element, which the page's style sheet colors. */
void report_svg(const struct figure *figure, struct sm_buf *out);

#endif
