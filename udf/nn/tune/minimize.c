// SPDX-License-Identifier: Apache-2.0
#include "tune/minimize.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { MEMORY = 8, MAX_HALVINGS = 30 };

struct state {
    const struct minimize_problem *problem;
    size_t n;
    double value, x[MINIMIZE_MAX_VARIABLES], gradient[MINIMIZE_MAX_VARIABLES];
    bool held[MINIMIZE_MAX_VARIABLES]; // at a bound that the function would push it through
    size_t pairs;                      // steps and changes of gradient remembered, in a ring
    double steps[MEMORY][MINIMIZE_MAX_VARIABLES], changes[MEMORY][MINIMIZE_MAX_VARIABLES];
};

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void hold_at_bounds(struct state *s)
{
    for (size_t i = 0; i < s->n; i++)
        s->held[i] = (s->x[i] <= s->problem->low[i] && s->gradient[i] > 0) ||
                     (s->x[i] >= s->problem->high[i] && s->gradient[i] < 0);
}

static bool is_stationary(const struct state *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!s->held[i] && fabs(s->gradient[i]) > s->problem->tolerance)
            return false;
    return true;
}

static void free_part(const struct state *s, const double *from, double *to)
{
    for (size_t i = 0; i < s->n; i++)
        to[i] = s->held[i] ? 0 : from[i];
}

// direction = -H gradient, in the variables that are free (the two loops).
static void quasi_newton(const struct state *s, double *direction)
{
    const size_t kept = s->pairs < MEMORY ? s->pairs : MEMORY;
    double a[MEMORY] = {0};
    free_part(s, s->gradient, direction);
    for (size_t k = 0; k < kept; k++) {
        const size_t at = (s->pairs - 1 - k) % MEMORY;
        const double curvature = dot(s->steps[at], s->changes[at], s->n);
        a[at] = dot(s->steps[at], direction, s->n) / curvature;
        for (size_t i = 0; i < s->n; i++)
            direction[i] -= a[at] * s->changes[at][i];
    }
    if (kept > 0) {
        const size_t at = (s->pairs - 1) % MEMORY;
        const double scale =
            dot(s->steps[at], s->changes[at], s->n) / dot(s->changes[at], s->changes[at], s->n);
        for (size_t i = 0; i < s->n; i++)
            direction[i] *= scale;
    }
    for (size_t k = kept; k-- > 0;) {
        const size_t at = (s->pairs - 1 - k) % MEMORY;
        const double b =
            dot(s->changes[at], direction, s->n) / dot(s->steps[at], s->changes[at], s->n);
        for (size_t i = 0; i < s->n; i++)
            direction[i] += (a[at] - b) * s->steps[at][i];
    }
    for (size_t i = 0; i < s->n; i++)
        direction[i] = s->held[i] ? 0 : -direction[i];
}

static void steepest(const struct state *s, double *direction)
{
    double norm = 0;
    free_part(s, s->gradient, direction);
    for (size_t i = 0; i < s->n; i++)
        norm = fmax(norm, fabs(direction[i]));
    for (size_t i = 0; i < s->n; i++)
        direction[i] = -direction[i] / fmax(norm, 1);
}

static void remember(struct state *s, const double *x, const double *gradient)
{
    double *step = s->steps[s->pairs % MEMORY], *change = s->changes[s->pairs % MEMORY];
    for (size_t i = 0; i < s->n; i++) {
        step[i] = x[i] - s->x[i];
        change[i] = gradient[i] - s->gradient[i];
    }
    if (dot(step, change, s->n) > 1e-10 * dot(change, change, s->n))
        s->pairs++;
}

// Halves the step until the value falls enough (Armijo along the projection); false when it never
// does.
static bool line_search(struct state *s, const double *direction)
{
    const struct minimize_problem *p = s->problem;
    double x[MINIMIZE_MAX_VARIABLES], gradient[MINIMIZE_MAX_VARIABLES], length = 1;
    for (size_t halving = 0; halving < MAX_HALVINGS; halving++, length /= 2) {
        double promised = 0;
        for (size_t i = 0; i < s->n; i++) {
            x[i] = fmin(fmax(s->x[i] + length * direction[i], p->low[i]), p->high[i]);
            promised += s->gradient[i] * (x[i] - s->x[i]);
        }
        if (promised >= 0)
            return false;
        const double value = p->function(p->user, x, gradient);
        if (!isfinite(value) || value > s->value + 1e-4 * promised)
            continue;
        remember(s, x, gradient);
        s->value = value;
        memcpy(s->x, x, s->n * sizeof *x);
        memcpy(s->gradient, gradient, s->n * sizeof *gradient);
        return true;
    }
    return false;
}

// One step; false where there is none that helps.
static bool advance(struct state *s)
{
    double direction[MINIMIZE_MAX_VARIABLES];
    if (s->pairs > 0) {
        quasi_newton(s, direction);
        if (line_search(s, direction))
            return true;
        s->pairs = 0; // what is remembered misleads; start again
    }
    steepest(s, direction);
    return line_search(s, direction);
}

double minimize(const struct minimize_problem *problem, double *x)
{
    struct state s = {.problem = problem, .n = problem->variables};
    memcpy(s.x, x, s.n * sizeof *x);
    s.value = problem->function(problem->user, s.x, s.gradient);
    for (size_t k = 0; isfinite(s.value) && k < problem->iterations; k++) {
        hold_at_bounds(&s);
        if (is_stationary(&s) || !advance(&s))
            break;
    }
    memcpy(x, s.x, s.n * sizeof *x);
    return s.value;
}
