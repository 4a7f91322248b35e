// SPDX-License-Identifier: Apache-2.0
// Charts as SVG: panels under each other, of lines or of bars, with axes and a legend.
#ifndef TICKHOUSE_NN_CHART_H
#define TICKHOUSE_NN_CHART_H

#include "base/buffer.h"

#include <stdbool.h>

struct chart_series {
    const char *name;
    const double *x, *y; // values that are not finite leave a gap
    size_t count;
    size_t colour; // which of the chart's colours
};

struct chart_panel {
    const char *title;
    const struct chart_series *series;
    size_t series_count;
    bool bars;  // beside each other at each x, from 0; else lines
    bool dates; // x is days since 1970-01-01
};

int chart_draw(const struct chart_panel *panels, size_t count, struct buffer *svg, struct err *err);

#endif
