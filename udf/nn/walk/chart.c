// SPDX-License-Identifier: Apache-2.0
#include "walk/chart.h"
#include "base/time.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    WIDTH = 860,
    PANEL_HEIGHT = 300,
    LEFT = 70,
    RIGHT = 150, // the legend's
    TOP = 34,
    BOTTOM = 34,
    COLOURS = 8
};

static const char *const colours[COLOURS] = {"#d62728", "#1f77b4", "#2ca02c", "#9467bd",
                                             "#ff7f0e", "#8c564b", "#17becf", "#7f7f7f"};

struct axes {
    const struct chart_panel *panel;
    double x_low, x_high, y_low, y_high, top; // top: of the panel's drawing, in pixels
    struct buffer *svg;
    struct err *err;
};

static void widen(double value, double *low, double *high)
{
    if (!isfinite(value))
        return;
    *low = fmin(*low, value);
    *high = fmax(*high, value);
}

static void find_ranges(struct axes *a)
{
    a->x_low = a->y_low = INFINITY;
    a->x_high = a->y_high = -INFINITY;
    for (size_t s = 0; s < a->panel->series_count; s++)
        for (size_t i = 0; i < a->panel->series[s].count; i++) {
            widen(a->panel->series[s].x[i], &a->x_low, &a->x_high);
            widen(a->panel->series[s].y[i], &a->y_low, &a->y_high);
        }
    if (a->panel->bars) {
        widen(0, &a->y_low, &a->y_high);
        a->x_low -= 0.5;
        a->x_high += 0.5;
    }
    if (!(a->x_high > a->x_low)) {
        a->x_low = isfinite(a->x_low) ? a->x_low - 1 : 0;
        a->x_high = a->x_low + 2;
    }
    if (!(a->y_high > a->y_low)) {
        a->y_low = isfinite(a->y_low) ? a->y_low - 1 : 0;
        a->y_high = a->y_low + 2;
    }
}

static double at_x(const struct axes *a, double x)
{
    return LEFT + (x - a->x_low) / (a->x_high - a->x_low) * (WIDTH - LEFT - RIGHT);
}

static double at_y(const struct axes *a, double y)
{
    const double height = PANEL_HEIGHT - TOP - BOTTOM;
    return a->top + TOP + height - (y - a->y_low) / (a->y_high - a->y_low) * height;
}

// A step of 1, 2 or 5 times a power of ten that gives about five marks.
static double round_step(double range)
{
    const double rough = range / 5, power = pow(10, floor(log10(rough))), part = rough / power;
    return power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
}

static int draw_text(struct axes *a, double x, double y, const char *anchor, const char *text)
{
    TRY(buffer_printf(a->svg, a->err, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y,
                      anchor));
    for (const char *c = text; *c != '\0'; c++)
        if (strchr("<>&", *c) != NULL)
            TRY(buffer_printf(a->svg, a->err, "&#%d;", *c));
        else
            TRY(buffer_append(a->svg, c, 1, a->err));
    return buffer_append(a->svg, "</text>\n", 8, a->err);
}

static int draw_rule(struct axes *a, double x1, double y1, double x2, double y2, const char *colour)
{
    return buffer_printf(a->svg, a->err,
                         "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n",
                         x1, y1, x2, y2, colour);
}

static int draw_y_axis(struct axes *a)
{
    const double step = round_step(a->y_high - a->y_low);
    for (double mark = ceil(a->y_low / step); mark * step <= a->y_high; mark++) {
        char text[32];
        const double y = at_y(a, mark * step);
        (void)snprintf(text, sizeof text, "%.4g", mark * step + 0.0); // never -0
        TRY(draw_rule(a, LEFT, y, WIDTH - RIGHT, y, mark == 0 ? "#888" : "#ddd"));
        TRY(draw_text(a, LEFT - 6, y + 4, "end", text));
    }
    return 0;
}

static int draw_x_axis(struct axes *a)
{
    const double range = a->x_high - a->x_low;
    const double step = a->panel->dates  ? range / 5
                        : a->panel->bars ? ceil(range / 12)
                                         : fmax(1, round_step(range));
    const double y = a->top + PANEL_HEIGHT - BOTTOM;
    const double first = a->panel->dates ? a->x_low : ceil(a->x_low / step) * step;
    for (double x = first; x <= a->x_high + step * 1e-6; x += step) {
        char text[32];
        if (a->panel->dates)
            date_format((int32_t)x, text);
        else
            (void)snprintf(text, sizeof text, "%.6g", x);
        TRY(draw_text(a, at_x(a, x), y + 18, "middle", text));
    }
    return 0;
}

static const char *colour_of(const struct axes *a, size_t number)
{
    return colours[a->panel->series[number].colour % COLOURS];
}

static int draw_lines(struct axes *a, size_t number)
{
    const struct chart_series *series = &a->panel->series[number];
    bool open = false;
    for (size_t i = 0; i < series->count; i++) {
        const bool good = isfinite(series->x[i]) && isfinite(series->y[i]);
        if (good && !open)
            TRY(buffer_printf(
                a->svg, a->err,
                "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" points=\"",
                colour_of(a, number)));
        if (good)
            TRY(buffer_printf(a->svg, a->err, "%.1f,%.1f ", at_x(a, series->x[i]),
                              at_y(a, series->y[i])));
        if (open && !good)
            TRY(buffer_printf(a->svg, a->err, "\"/>\n"));
        open = good;
    }
    return open ? buffer_printf(a->svg, a->err, "\"/>\n") : 0;
}

static int draw_bars(struct axes *a, size_t number)
{
    const struct chart_series *series = &a->panel->series[number];
    const double width = 0.8 / (double)a->panel->series_count;
    for (size_t i = 0; i < series->count; i++) {
        if (!isfinite(series->y[i]))
            continue;
        const double from = at_x(a, series->x[i] - 0.4 + width * (double)number);
        const double to = at_x(a, series->x[i] - 0.4 + width * ((double)number + 0.9));
        const double high = at_y(a, fmax(series->y[i], 0)), low = at_y(a, fmin(series->y[i], 0));
        TRY(buffer_printf(a->svg, a->err,
                          "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                          "fill=\"%s\"/>\n",
                          from, high, to - from, fmax(low - high, 0.5), colour_of(a, number)));
    }
    return 0;
}

static int draw_legend(struct axes *a, size_t number)
{
    const double y = a->top + TOP + 16 * (double)number;
    TRY(buffer_printf(a->svg, a->err,
                      "<rect x=\"%d\" y=\"%.1f\" width=\"12\" height=\"4\" fill=\"%s\"/>\n",
                      WIDTH - RIGHT + 14, y, colour_of(a, number)));
    return draw_text(a, WIDTH - RIGHT + 32, y + 6, "start", a->panel->series[number].name);
}

static int draw_panel(struct axes *a)
{
    find_ranges(a);
    TRY(draw_text(a, LEFT, a->top + 20, "start", a->panel->title));
    TRY(draw_y_axis(a));
    TRY(draw_x_axis(a));
    for (size_t s = 0; s < a->panel->series_count; s++) {
        TRY(a->panel->bars ? draw_bars(a, s) : draw_lines(a, s));
        TRY(draw_legend(a, s));
    }
    return 0;
}

int chart_draw(const struct chart_panel *panels, size_t count, struct buffer *svg, struct err *err)
{
    TRY(buffer_printf(svg, err,
                      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%zu\" "
                      "viewBox=\"0 0 %d %zu\" font-family=\"sans-serif\" font-size=\"12\">\n"
                      "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
                      WIDTH, count * PANEL_HEIGHT, WIDTH, count * PANEL_HEIGHT));
    for (size_t p = 0; p < count; p++) {
        struct axes a = {&panels[p], 0, 0, 0, 0, (double)(p * PANEL_HEIGHT), svg, err};
        TRY(draw_panel(&a));
    }
    return buffer_printf(svg, err, "</svg>\n");
}
