// SPDX-License-Identifier: Apache-2.0
// A Gaussian process over the unit cube: kernel Matern 5/2 with a length scale for each dimension,
// a constant mean, and noise (Rasmussen and Williams 2006, chapters 2, 4 and 5).
//
// Small ones, hundreds of points: nothing is approximated.
#ifndef TICKHOUSE_NN_GAUSSIAN_PROCESS_H
#define TICKHOUSE_NN_GAUSSIAN_PROCESS_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GP_MAX_DIMENSIONS = 20, GP_MAX_POINTS = 4096 };

struct gp_parameters {
    double length[GP_MAX_DIMENSIONS]; // how far apart values still resemble each other
    double signal, noise;             // variances
};

struct gp {
    size_t dimensions, count;
    bool apart[GP_MAX_DIMENSIONS]; // a choice without an order: two of it are equal, or 1 apart
    double *points;                // (count, dimensions)
    double *values;                // (count)
    struct gp_parameters parameters;
    double mean;       // the constant that is likeliest with these parameters
    double jitter;     // what had to be added to the noise before the covariance was invertible
    double likelihood; // log p(values | points, parameters)
    double *factor;    // (count, count), by columns: the lower Cholesky factor L of the covariance
    double *weights;   // (count): covariance^-1 (values - mean)
    double *work;      // (2 count)
    // Called again and again while gp_fit runs; not 0 gives it up. May be NULL.
    int (*tick)(void *user);
    void *user;
    bool stopped; // it was given up
};

// Room for `capacity` points; the caller fills points, values, count, apart, and maybe tick.
int gp_new(struct gp *gp, size_t dimensions, size_t capacity, struct err *err);
void gp_free(struct gp *gp);

// Ticks; says whether the work is given up.
bool gp_tick(struct gp *gp);

// Prepares predictions with given parameters.
int gp_condition(struct gp *gp, const struct gp_parameters *parameters, struct err *err);

// Prepares predictions with the parameters of maximum posterior density, the best of several
// seeded starts. Expects values of about unit variance. Fails with EX_TEMPFAIL where the tick gave
// it up.
int gp_fit(struct gp *gp, uint64_t seed, struct err *err);

// The derivatives of `likelihood` by the logarithms of length[0..dimensions-1], signal and noise.
// Spoils `factor`; condition again before predicting.
int gp_likelihood_gradient(struct gp *gp, double *gradient, struct err *err);

// The function's mean and standard deviation at x, without noise.
void gp_predict(const struct gp *gp, const double *x, double *mean, double *deviation);

// Their derivatives by x too, (dimensions) each; those along dimensions that are `apart` are 0.
void gp_predict_gradient(const struct gp *gp, const double *x, double *mean, double *deviation,
                         double *mean_by_x, double *deviation_by_x);

#endif
