// SPDX-License-Identifier: Apache-2.0
// A step of the search: standardize the scores (NaN as the worst seen), fit the process, score a
// thousand candidates by log expected improvement, climb from the best of them, and take the
// highest that was not tried before. Everything is scored where it can be tried: whole numbers and
// choices are never relaxed, floats are rounded to the digits that they are kept with.
#include "tune/search.h"
#include "tune/gaussian_process.h"
#include "tune/improvement.h"
#include "tune/minimize.h"
#include "tune/random.h"
#include "tune/sobol.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SPREAD = 1000, NEAR = 100, NEAR_TRIALS = 3, CLIMBS = 6, ROUNDS = 4 };
enum purpose { PURPOSE_START, PURPOSE_FIT, PURPOSE_SPREAD, PURPOSE_NEAR, PURPOSE_ANY };

int search_new(struct search *search, const struct space *space, uint64_t seed, size_t starts,
               struct err *err)
{
    *search = (struct search){.space = space, .seed = seed, .starts = starts};
    if (starts == 0)
        search->starts = space->count + 2 < 10 ? space->count + 2 : 10;
    search->trials = calloc(SEARCH_MAX_TRIALS, sizeof *search->trials);
    return search->trials != NULL
               ? 0
               : err_set(err, EX_OSERR, "no memory for %d trials", SEARCH_MAX_TRIALS);
}

void search_free(struct search *search)
{
    free(search->trials);
    *search = (struct search){0};
}

int search_tell(struct search *search, const struct trial *trial, struct err *err)
{
    if (search->count == SEARCH_MAX_TRIALS)
        return err_set(err, EX_DATAERR, "a search has at most %d trials", SEARCH_MAX_TRIALS);
    search->trials[search->count++] = *trial;
    return 0;
}

const struct trial *search_best(const struct search *search)
{
    const struct trial *best = NULL;
    for (size_t i = 0; i < search->count; i++) {
        const struct trial *trial = &search->trials[i];
        if (isfinite(trial->score) && (best == NULL || trial->score < best->score))
            best = trial;
    }
    return best;
}

static bool is_tried(const struct search *search, const double *values)
{
    for (size_t i = 0; i < search->count; i++) {
        size_t same = 0;
        while (same < search->space->count && search->trials[i].values[same] == values[same])
            same++;
        if (same == search->space->count)
            return true;
    }
    return false;
}

// ---- scores

static void fill_worst(const struct search *search, double *scores)
{
    double worst = -INFINITY;
    for (size_t i = 0; i < search->count; i++)
        if (isfinite(search->trials[i].score))
            worst = fmax(worst, search->trials[i].score);
    for (size_t i = 0; i < search->count; i++)
        scores[i] = isfinite(search->trials[i].score) ? search->trials[i].score
                    : isfinite(worst)                 ? worst
                                                      : 0;
}

// Mean 0 and variance 1; false, and all 0, where they are all equal.
static bool normalize(double *scores, size_t count)
{
    double mean = 0, variance = 0;
    for (size_t i = 0; i < count; i++)
        mean += scores[i] / (double)count;
    for (size_t i = 0; i < count; i++)
        variance += (scores[i] - mean) * (scores[i] - mean) / (double)count;
    const double deviation = sqrt(variance);
    const bool differ = isfinite(deviation) && deviation > 1e-12 * fabs(mean);
    for (size_t i = 0; i < count; i++)
        scores[i] = differ ? (scores[i] - mean) / deviation : 0;
    return differ;
}

// Yeo and Johnson 2000.
static double power(double y, double lambda)
{
    if (y >= 0)
        return fabs(lambda) < 1e-9 ? log1p(y) : expm1(lambda * log1p(y)) / lambda;
    return fabs(lambda - 2) < 1e-9 ? -log1p(-y) : -expm1((2 - lambda) * log1p(-y)) / (2 - lambda);
}

// How likely the scores are normal after the transformation.
static double power_likelihood(const double *scores, size_t count, double lambda)
{
    double mean = 0, variance = 0, jacobian = 0;
    for (size_t i = 0; i < count; i++)
        mean += power(scores[i], lambda) / (double)count;
    for (size_t i = 0; i < count; i++) {
        const double away = power(scores[i], lambda) - mean;
        variance += away * away / (double)count;
        jacobian += copysign(log1p(fabs(scores[i])), scores[i]);
    }
    return -0.5 * (double)count * log(variance) + (lambda - 1) * jacobian;
}

void search_standardize(const struct search *search, double *scores)
{
    const size_t count = search->count;
    fill_worst(search, scores);
    if (!normalize(scores, count))
        return;
    double best = 1, most = power_likelihood(scores, count, 1);
    for (int step = -20; step <= 20; step++) {
        const double lambda = step / 10.0, likelihood = power_likelihood(scores, count, lambda);
        if (likelihood > most) {
            most = likelihood;
            best = lambda;
        }
    }
    for (size_t i = 0; i < count; i++)
        scores[i] = power(scores[i], best);
    (void)normalize(scores, count);
}

// ---- candidates

struct candidate {
    double point[SPACE_MAX_DIMENSIONS]; // of the cube
    double values[SPACE_MAX_DIMENSIONS];
    double promise; // log expected improvement
};

struct step {
    const struct search *search;
    struct gp gp;
    double best; // the lowest mean of the process at a trial: noise does not make an incumbent
    struct candidate top[CLIMBS];
    size_t top_count;
};

// Moves a point to the nearest that can be tried.
static void snap(const struct space *space, struct candidate *candidate)
{
    for (size_t d = 0; d < space->count; d++) {
        const struct dimension *dimension = &space->dimensions[d];
        const double u = fmin(fmax(candidate->point[d], 0), 1);
        candidate->values[d] = dimension_decode(dimension, u);
        candidate->point[d] = dimension_encode(dimension, candidate->values[d]);
    }
}

static void judge(struct step *step, struct candidate *candidate)
{
    double mean, deviation, by_mean, by_deviation;
    snap(step->search->space, candidate);
    candidate->promise = -INFINITY;
    if (gp_tick(&step->gp))
        return;
    gp_predict(&step->gp, candidate->point, &mean, &deviation);
    candidate->promise = log_improvement(step->best, mean, deviation, &by_mean, &by_deviation);
}

static bool is_among(const struct step *step, const struct candidate *candidate)
{
    const size_t bytes = step->search->space->count * sizeof *candidate->values;
    for (size_t i = 0; i < step->top_count; i++)
        if (memcmp(step->top[i].values, candidate->values, bytes) == 0)
            return true;
    return false;
}

// Keeps the most promising ones, the best first.
static void consider(struct step *step, struct candidate *candidate)
{
    judge(step, candidate);
    const bool full = step->top_count == CLIMBS;
    if (full && !(candidate->promise > step->top[CLIMBS - 1].promise))
        return;
    if (is_among(step, candidate) || is_tried(step->search, candidate->values))
        return;
    size_t at = full ? CLIMBS - 1 : step->top_count++;
    for (; at > 0 && candidate->promise > step->top[at - 1].promise; at--)
        step->top[at] = step->top[at - 1];
    step->top[at] = *candidate;
}

static void consider_spread(struct step *step)
{
    const struct search *search = step->search;
    const uint64_t seed = random_state(search->seed, search->count, PURPOSE_SPREAD);
    for (uint32_t i = 0; i < SPREAD; i++) {
        struct candidate candidate;
        sobol_point(seed, i, search->space->count, candidate.point);
        consider(step, &candidate);
    }
}

// Some of the dimensions moved, by steps of all magnitudes.
static void consider_near(struct step *step, const double *point)
{
    const struct search *search = step->search;
    uint64_t random = random_state(search->seed, search->count, PURPOSE_NEAR);
    for (size_t i = 0; i < NEAR; i++) {
        struct candidate candidate;
        const double reach = pow(10, -3 * random_unit(&random));
        for (size_t d = 0; d < search->space->count; d++) {
            const bool moves = random_unit(&random) < 0.5;
            const double away = reach * (2 * random_unit(&random) - 1);
            candidate.point[d] = point[d] + (moves ? away : 0);
        }
        consider(step, &candidate);
    }
}

// Around the trials that the process holds for the best.
static void consider_best(struct step *step)
{
    const struct gp *gp = &step->gp;
    bool taken[SEARCH_MAX_TRIALS] = {0};
    for (size_t k = 0; k < NEAR_TRIALS && k < gp->count; k++) {
        size_t lowest = gp->count;
        for (size_t i = 0; i < gp->count; i++)
            if (!taken[i] && (lowest == gp->count || gp->values[i] < gp->values[lowest]))
                lowest = i;
        taken[lowest] = true;
        consider_near(step, gp->points + lowest * gp->dimensions);
    }
}

// ---- climbing

static double minus_promise(void *user, const double *x, double *gradient)
{
    struct step *step = user;
    double mean, deviation, by_mean, by_deviation;
    double mean_by_x[GP_MAX_DIMENSIONS], deviation_by_x[GP_MAX_DIMENSIONS];
    if (gp_tick(&step->gp))
        return INFINITY;
    gp_predict_gradient(&step->gp, x, &mean, &deviation, mean_by_x, deviation_by_x);
    const double promise = log_improvement(step->best, mean, deviation, &by_mean, &by_deviation);
    for (size_t d = 0; d < step->gp.dimensions; d++)
        gradient[d] = -by_mean * mean_by_x[d] - by_deviation * deviation_by_x[d];
    return -promise;
}

// Along the floats, by gradient.
static void climb_floats(struct step *step, struct candidate *candidate)
{
    const struct space *space = step->search->space;
    double low[SPACE_MAX_DIMENSIONS], high[SPACE_MAX_DIMENSIONS];
    for (size_t d = 0; d < space->count; d++) {
        const bool moves = space->dimensions[d].kind == DIMENSION_FLOAT;
        low[d] = moves ? 0 : candidate->point[d];
        high[d] = moves ? 1 : candidate->point[d];
    }
    struct candidate moved = *candidate;
    const struct minimize_problem problem = {minus_promise, step, space->count, low,
                                             high,          50,   1e-6};
    (void)minimize(&problem, moved.point);
    judge(step, &moved);
    if (moved.promise > candidate->promise && !is_tried(step->search, moved.values))
        *candidate = moved;
}

// Tries another value of one dimension.
static bool climb_to(struct step *step, struct candidate *candidate, size_t d, double value)
{
    const struct dimension *dimension = &step->search->space->dimensions[d];
    if (value < dimension->low || value > dimension->high)
        return false;
    struct candidate moved = *candidate;
    moved.point[d] = dimension_encode(dimension, value);
    judge(step, &moved);
    if (!(moved.promise > candidate->promise) || is_tried(step->search, moved.values))
        return false;
    *candidate = moved;
    return true;
}

// Along whole numbers by steps of 1, 2, 4, ...; over all choices.
static bool climb_steps(struct step *step, struct candidate *candidate)
{
    const struct space *space = step->search->space;
    bool moved = false;
    for (size_t d = 0; d < space->count; d++) {
        const struct dimension *dimension = &space->dimensions[d];
        const size_t size = dimension_size(dimension);
        const double from = candidate->values[d];
        if (dimension->kind == DIMENSION_CHOICE)
            for (size_t choice = 0; choice < size; choice++)
                moved |= climb_to(step, candidate, d, (double)choice);
        else
            for (size_t by = 1; by < size; by *= 2) { // none where there are floats
                moved |= climb_to(step, candidate, d, from - (double)by);
                moved |= climb_to(step, candidate, d, from + (double)by);
            }
    }
    return moved;
}

static void climb(struct step *step, struct candidate *candidate)
{
    for (int round = 0; round < ROUNDS; round++) {
        climb_floats(step, candidate);
        if (!climb_steps(step, candidate))
            break;
    }
}

// ---- proposals

// Something that was not tried, whatever it promises; false where there is nothing left.
static bool find_untried(const struct search *search, double *values)
{
    const uint64_t seed = random_state(search->seed, search->count, PURPOSE_ANY);
    const struct space *space = search->space;
    double size = 1; // of the space; 0: without end
    for (size_t d = 0; d < space->count; d++)
        size *= (double)dimension_size(&space->dimensions[d]);
    for (uint32_t i = 0; i < SPREAD; i++) {
        struct candidate candidate;
        sobol_point(seed, i, space->count, candidate.point);
        snap(space, &candidate);
        memcpy(values, candidate.values, space->count * sizeof *values);
        if (!is_tried(search, values))
            return true;
    }
    for (double number = 0; number < size && number <= SEARCH_MAX_TRIALS; number++) {
        double rest = number;
        for (size_t d = 0; d < space->count; d++) {
            const double choices = (double)dimension_size(&space->dimensions[d]);
            values[d] = space->dimensions[d].low + fmod(rest, choices);
            rest = floor(rest / choices);
        }
        if (!is_tried(search, values))
            return true;
    }
    return false;
}

// The next Sobol point that gives something new: a small space has few corners.
static bool propose_start(const struct search *search, double *values)
{
    const uint64_t seed = random_state(search->seed, 0, PURPOSE_START);
    for (uint32_t i = 0; i < SPREAD; i++) {
        struct candidate candidate;
        sobol_point(seed, i, search->space->count, candidate.point);
        snap(search->space, &candidate);
        if (is_tried(search, candidate.values))
            continue;
        memcpy(values, candidate.values, search->space->count * sizeof *values);
        return true;
    }
    return find_untried(search, values);
}

static int fit_step(struct step *step, struct err *err)
{
    const struct search *search = step->search;
    const struct space *space = search->space;
    struct gp *gp = &step->gp;
    TRY(gp_new(gp, space->count, search->count, err));
    gp->count = search->count;
    gp->tick = search->tick;
    gp->user = search->user;
    for (size_t d = 0; d < space->count; d++)
        gp->apart[d] = space->dimensions[d].kind == DIMENSION_CHOICE;
    for (size_t i = 0; i < search->count; i++)
        for (size_t d = 0; d < space->count; d++)
            gp->points[i * space->count + d] =
                dimension_encode(&space->dimensions[d], search->trials[i].values[d]);
    search_standardize(search, gp->values);
    TRY(gp_fit(gp, random_state(search->seed, search->count, PURPOSE_FIT), err));
    step->best = INFINITY;
    for (size_t i = 0; i < gp->count && !gp_tick(gp); i++) {
        double mean, deviation;
        gp_predict(gp, gp->points + i * gp->dimensions, &mean, &deviation);
        step->best = fmin(step->best, mean);
    }
    return 0;
}

static bool propose_by_model(struct step *step, double *values)
{
    consider_spread(step);
    consider_best(step);
    if (step->top_count == 0)
        return find_untried(step->search, values);
    const struct candidate *best = &step->top[0];
    for (size_t i = 0; i < step->top_count; i++) {
        climb(step, &step->top[i]);
        if (step->top[i].promise > best->promise)
            best = &step->top[i];
    }
    memcpy(values, best->values, step->search->space->count * sizeof *values);
    return true;
}

// The first trials, and of those after them every tenth: with noise a process can hold a slope in
// one corner for all there is, and then only a look elsewhere tells it better.
static bool is_spread(const struct search *search)
{
    return search->count < search->starts || (search->count - search->starts) % 10 == 9;
}

int search_propose(const struct search *search, double *values, bool *exhausted, struct err *err)
{
    *exhausted = false;
    if (is_spread(search)) {
        *exhausted = !propose_start(search, values);
        return 0;
    }
    struct step step = {.search = search};
    int code = fit_step(&step, err);
    if (code == 0)
        *exhausted = !propose_by_model(&step, values);
    if (code == 0 && step.gp.stopped)
        code = err_set(err, EX_TEMPFAIL, "the proposal was given up");
    gp_free(&step.gp);
    return code;
}
