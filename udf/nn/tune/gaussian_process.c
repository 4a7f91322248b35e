// SPDX-License-Identifier: Apache-2.0
#include "tune/gaussian_process.h"
#include "tune/minimize.h"
#include "tune/random.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOG_2PI 1.83787706640934548356065947281
#define SQRT5 2.23606797749978969640917366873

int gp_new(struct gp *gp, size_t dimensions, size_t capacity, struct err *err)
{
    *gp = (struct gp){.dimensions = dimensions};
    openblas_set_num_threads(1); // no sum may depend on how many cores there are
    if (capacity > GP_MAX_POINTS)
        return err_set(err, EX_SOFTWARE, "a Gaussian process of %zu points; it takes %d", capacity,
                       GP_MAX_POINTS);
    gp->points = calloc(capacity * dimensions + 1, sizeof(double));
    gp->values = calloc(capacity + 1, sizeof(double));
    gp->factor = calloc(capacity * capacity + 1, sizeof(double));
    gp->weights = calloc(capacity + 1, sizeof(double));
    gp->work = calloc(2 * capacity + 1, sizeof(double));
    if (gp->points != NULL && gp->values != NULL && gp->factor != NULL && gp->weights != NULL &&
        gp->work != NULL)
        return 0;
    gp_free(gp);
    return err_set(err, EX_OSERR, "no memory for a Gaussian process of %zu points", capacity);
}

void gp_free(struct gp *gp)
{
    free(gp->points);
    free(gp->values);
    free(gp->factor);
    free(gp->weights);
    free(gp->work);
    *gp = (struct gp){0};
}

// ---- kernel

static double difference(const struct gp *gp, size_t d, double a, double b)
{
    return gp->apart[d] ? (double)(a != b) : a - b;
}

// sqrt(5) x the distance in length scales.
static double distance(const struct gp *gp, const double *a, const double *b)
{
    double sum = 0;
    for (size_t d = 0; d < gp->dimensions; d++) {
        const double step = difference(gp, d, a[d], b[d]) / gp->parameters.length[d];
        sum += step * step;
    }
    return SQRT5 * sqrt(sum);
}

static double matern(double s)
{
    return (1 + s + s * s / 3) * exp(-s);
}

// -(d matern / d s) / s, so that the derivative by the square of a scaled difference is -5/2 of it.
static double matern_slope(double s)
{
    return (1 + s) * exp(-s) / 3;
}

// ---- conditioning

static void fill_covariance(struct gp *gp, double noise)
{
    const size_t n = gp->count;
    for (size_t column = 0; column < n; column++) {
        gp->factor[column * n + column] = gp->parameters.signal + noise;
        for (size_t row = column + 1; row < n; row++)
            gp->factor[column * n + row] =
                gp->parameters.signal * matern(distance(gp, gp->points + row * gp->dimensions,
                                                        gp->points + column * gp->dimensions));
    }
}

// Equal points without noise make the covariance singular; ever more is added until it is not.
static int factorize(struct gp *gp, struct err *err)
{
    const int n = (int)gp->count;
    for (int power = -13; power < 0; power++) {
        gp->jitter = power == -13 ? 0 : pow(10, power) * gp->parameters.signal;
        fill_covariance(gp, gp->parameters.noise + gp->jitter);
        if (LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', n, gp->factor, n) == 0)
            return 0;
    }
    return err_set(err, EX_SOFTWARE, "the covariance of %d trials cannot be factorized", n);
}

static void solve_lower(const struct gp *gp, double *b)
{
    const int n = (int)gp->count;
    cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, n, gp->factor, n, b, 1);
}

static void solve_upper(const struct gp *gp, double *b)
{
    const int n = (int)gp->count;
    cblas_dtrsv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, n, gp->factor, n, b, 1);
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

// The mean is the generalized least squares estimate; with u = L^-1 1 and v = L^-1 values it is
// u.v / u.u, and the likelihood needs |v - mean u|^2.
static void set_mean_and_weights(struct gp *gp)
{
    const size_t n = gp->count;
    double *u = gp->work, *v = gp->weights, log_determinant = 0;
    for (size_t i = 0; i < n; i++)
        u[i] = 1;
    memcpy(v, gp->values, n * sizeof *v);
    solve_lower(gp, u);
    solve_lower(gp, v);
    gp->mean = dot(u, v, n) / dot(u, u, n);
    for (size_t i = 0; i < n; i++) {
        v[i] -= gp->mean * u[i];
        log_determinant += 2 * log(gp->factor[i * n + i]);
    }
    gp->likelihood = -0.5 * (dot(v, v, n) + log_determinant + (double)n * LOG_2PI);
    solve_upper(gp, v);
}

int gp_condition(struct gp *gp, const struct gp_parameters *parameters, struct err *err)
{
    gp->parameters = *parameters;
    TRY(factorize(gp, err));
    set_mean_and_weights(gp);
    return 0;
}

// ---- fitting

// With A = weights weights' - covariance^-1, the derivative is tr(A dcovariance) / 2. The mean
// maximizes the likelihood, so how it moves does not count.
int gp_likelihood_gradient(struct gp *gp, double *gradient, struct err *err)
{
    const size_t n = gp->count, dimensions = gp->dimensions;
    if (LAPACKE_dpotri_work(LAPACK_COL_MAJOR, 'L', (int)n, gp->factor, (int)n) != 0)
        return err_set(err, EX_SOFTWARE, "the covariance of %zu trials cannot be inverted", n);
    double by_length[GP_MAX_DIMENSIONS] = {0}, trace = 0, by_signal = 0;
    for (size_t column = 0; column < n; column++) {
        const double *b = gp->points + column * dimensions;
        const double diagonal =
            gp->weights[column] * gp->weights[column] - gp->factor[column * n + column];
        trace += diagonal;
        by_signal += 0.5 * diagonal * gp->parameters.signal;
        for (size_t row = column + 1; row < n; row++) {
            const double *a = gp->points + row * dimensions;
            const double s = distance(gp, a, b), decay = gp->parameters.signal * exp(-s);
            const double both =
                gp->weights[row] * gp->weights[column] - gp->factor[column * n + row];
            by_signal += both * decay * (1 + s + s * s / 3);
            for (size_t d = 0; d < dimensions; d++) {
                const double step = difference(gp, d, a[d], b[d]) / gp->parameters.length[d];
                by_length[d] += both * decay * (1 + s) * step * step;
            }
        }
    }
    for (size_t d = 0; d < dimensions; d++)
        gradient[d] = 5.0 / 3 * by_length[d];
    gradient[dimensions] = by_signal;
    gradient[dimensions + 1] = 0.5 * trace * gp->parameters.noise;
    return 0;
}

// Priors are normal in the logarithms. Lengths grow with the root of the dimensions, as distances
// in a cube do (Hvarfner, Hellsten and Nardi 2024); the noise is small unless the data say
// otherwise.
struct prior {
    double mean, deviation, low, high;
};

static struct prior length_prior(const struct gp *gp)
{
    const double mean = log(0.5) + 0.5 * log((double)gp->dimensions);
    return (struct prior){mean, 1.0, log(0.02), log(30)};
}
static const struct prior signal_prior = {0, 1.0, -4.6, 4.6};
static const struct prior noise_prior = {-9.2, 3.0, -18.4, 0};

static struct prior prior_of(const struct gp *gp, size_t i)
{
    return i < gp->dimensions ? length_prior(gp) : i == gp->dimensions ? signal_prior : noise_prior;
}

static void parameters_of(const struct gp *gp, const double *logs, struct gp_parameters *parameters)
{
    for (size_t d = 0; d < gp->dimensions; d++)
        parameters->length[d] = exp(logs[d]);
    parameters->signal = exp(logs[gp->dimensions]);
    parameters->noise = exp(logs[gp->dimensions + 1]);
}

bool gp_tick(struct gp *gp)
{
    if (!gp->stopped && gp->tick != NULL)
        gp->stopped = gp->tick(gp->user) != 0;
    return gp->stopped;
}

// What is minimized: minus the log posterior density of the parameters, given as logarithms.
static double surprise(void *user, const double *logs, double *gradient)
{
    struct gp *gp = user;
    struct gp_parameters parameters;
    if (gp_tick(gp))
        return INFINITY;
    parameters_of(gp, logs, &parameters);
    if (gp_condition(gp, &parameters, NULL) != 0 || gp_likelihood_gradient(gp, gradient, NULL) != 0)
        return INFINITY;
    double value = -gp->likelihood;
    for (size_t i = 0; i < gp->dimensions + 2; i++) {
        const struct prior prior = prior_of(gp, i);
        const double z = (logs[i] - prior.mean) / prior.deviation;
        value += 0.5 * z * z;
        gradient[i] = z / prior.deviation - gradient[i];
    }
    return value;
}

int gp_fit(struct gp *gp, uint64_t seed, struct err *err)
{
    enum { STARTS = 4 };
    const size_t variables = gp->dimensions + 2;
    double low[MINIMIZE_MAX_VARIABLES], high[MINIMIZE_MAX_VARIABLES];
    double best[MINIMIZE_MAX_VARIABLES] = {0}, least = INFINITY;
    uint64_t random = seed;
    for (size_t i = 0; i < variables; i++) {
        low[i] = prior_of(gp, i).low;
        high[i] = prior_of(gp, i).high;
    }
    for (int start = 0; start < STARTS; start++) {
        double logs[MINIMIZE_MAX_VARIABLES];
        for (size_t i = 0; i < variables; i++) {
            const struct prior prior = prior_of(gp, i);
            // The first start is the priors' middle, the others are spread around it.
            const double away = start == 0 ? 0 : 3 * random_unit(&random) - 1.5;
            logs[i] = fmin(fmax(prior.mean + away * prior.deviation, prior.low), prior.high);
        }
        const struct minimize_problem problem = {surprise, gp, variables, low, high, 60, 1e-4};
        const double value = minimize(&problem, logs);
        if (value < least) {
            least = value;
            memcpy(best, logs, sizeof best);
        }
    }
    if (gp->stopped)
        return err_set(err, EX_TEMPFAIL, "the fit was given up");
    if (!isfinite(least))
        return err_set(err, EX_SOFTWARE, "no Gaussian process fits %zu trials", gp->count);
    struct gp_parameters parameters;
    parameters_of(gp, best, &parameters);
    return gp_condition(gp, &parameters, err);
}

// ---- prediction

// k: covariances of x with the points; v = L^-1 k.
static double predict(const struct gp *gp, const double *x, double *k, double *v)
{
    const size_t n = gp->count;
    for (size_t i = 0; i < n; i++)
        k[i] = gp->parameters.signal * matern(distance(gp, x, gp->points + i * gp->dimensions));
    memcpy(v, k, n * sizeof *v);
    solve_lower(gp, v);
    // Beside a point nothing is left of the variance but rounding.
    const double variance = gp->parameters.signal - dot(v, v, n);
    return sqrt(fmax(variance, 1e-12 * gp->parameters.signal));
}

void gp_predict(const struct gp *gp, const double *x, double *mean, double *deviation)
{
    double *k = gp->work, *v = gp->work + gp->count;
    *deviation = predict(gp, x, k, v);
    *mean = gp->mean + dot(k, gp->weights, gp->count);
}

void gp_predict_gradient(const struct gp *gp, const double *x, double *mean, double *deviation,
                         double *mean_by_x, double *deviation_by_x)
{
    double *k = gp->work, *v = gp->work + gp->count;
    *deviation = predict(gp, x, k, v);
    *mean = gp->mean + dot(k, gp->weights, gp->count);
    solve_upper(gp, v); // v = covariance^-1 k
    memset(mean_by_x, 0, gp->dimensions * sizeof *mean_by_x);
    memset(deviation_by_x, 0, gp->dimensions * sizeof *deviation_by_x);
    for (size_t i = 0; i < gp->count; i++) {
        const double *point = gp->points + i * gp->dimensions;
        const double slope = -5 * gp->parameters.signal * matern_slope(distance(gp, x, point));
        for (size_t d = 0; d < gp->dimensions; d++) {
            const double length = gp->parameters.length[d];
            const double by_x = gp->apart[d] ? 0 : slope * (x[d] - point[d]) / (length * length);
            mean_by_x[d] += gp->weights[i] * by_x;
            deviation_by_x[d] -= v[i] * by_x / *deviation;
        }
    }
}
