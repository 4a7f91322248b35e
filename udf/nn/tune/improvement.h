// SPDX-License-Identifier: Apache-2.0
// The logarithm of the expected improvement (Ament et al. 2023, "Unexpected improvements to
// expected improvement"), for a score that is to be small.
#ifndef TICKHOUSE_NN_IMPROVEMENT_H
#define TICKHOUSE_NN_IMPROVEMENT_H

// log E[max(best - f, 0)] for f normal with this mean and standard deviation (above 0), and its
// derivatives. Finite and exact also where the expectation itself is 0 in a double.
double log_improvement(double best, double mean, double deviation, double *by_mean,
                       double *by_deviation);

#endif
