// SPDX-License-Identifier: Apache-2.0
#include "functions.h"

#include <math.h>

static double branin(const double *x)
{
    const double a = x[1] - 5.1 / (4 * M_PI * M_PI) * x[0] * x[0] + 5 / M_PI * x[0] - 6;
    return a * a + 10 * (1 - 1 / (8 * M_PI)) * cos(x[0]) + 10;
}

static const double hartmann_height[4] = {1.0, 1.2, 3.0, 3.2};

static double hartmann3(const double *x)
{
    static const double width[4][3] = {{3, 10, 30}, {0.1, 10, 35}, {3, 10, 30}, {0.1, 10, 35}};
    static const double centre[4][3] = {{0.3689, 0.1170, 0.2673},
                                        {0.4699, 0.4387, 0.7470},
                                        {0.1091, 0.8732, 0.5547},
                                        {0.0381, 0.5743, 0.8828}};
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        double away = 0;
        for (int d = 0; d < 3; d++)
            away += width[i][d] * (x[d] - centre[i][d]) * (x[d] - centre[i][d]);
        sum -= hartmann_height[i] * exp(-away);
    }
    return sum;
}

static double hartmann6(const double *x)
{
    static const double width[4][6] = {{10, 3, 17, 3.5, 1.7, 8},
                                       {0.05, 10, 17, 0.1, 8, 14},
                                       {3, 3.5, 1.7, 10, 17, 8},
                                       {17, 8, 0.05, 10, 0.1, 14}};
    static const double centre[4][6] = {{0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886},
                                        {0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991},
                                        {0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650},
                                        {0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381}};
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        double away = 0;
        for (int d = 0; d < 6; d++)
            away += width[i][d] * (x[d] - centre[i][d]) * (x[d] - centre[i][d]);
        sum -= hartmann_height[i] * exp(-away);
    }
    return sum;
}

static double ackley5(const double *x)
{
    double squares = 0, waves = 0;
    for (int d = 0; d < 5; d++) {
        squares += x[d] * x[d] / 5;
        waves += cos(2 * M_PI * x[d]) / 5;
    }
    return -20 * exp(-0.2 * sqrt(squares)) - exp(waves) + 20 + M_E;
}

static double rosenbrock4(const double *x)
{
    double sum = 0;
    for (int d = 0; d < 3; d++) {
        const double bend = x[d + 1] - x[d] * x[d];
        sum += 100 * bend * bend + (1 - x[d]) * (1 - x[d]);
    }
    return sum;
}

#define UNIT6                                                                                      \
    {0, 0, 0, 0, 0, 0},                                                                            \
    {                                                                                              \
        1, 1, 1, 1, 1, 1                                                                           \
    }
#define FROM_MINUS_5_TO_10                                                                         \
    {-5, -5, -5, -5, -5, -5},                                                                      \
    {                                                                                              \
        10, 10, 10, 10, 10, 10                                                                     \
    }

const struct test_function test_functions[] = {
    {"branin", 2, {-5, 0}, {10, 15}, 0.397887357729738, 0, branin},
    {"hartmann3", 3, UNIT6, -3.86277978733266, 0, hartmann3},
    {"hartmann6", 6, UNIT6, -3.32236801141551, 0, hartmann6},
    {"ackley5", 5, FROM_MINUS_5_TO_10, 0, 0, ackley5},
    {"rosenbrock4", 4, FROM_MINUS_5_TO_10, 0, 0, rosenbrock4},
    {"branin_noisy", 2, {-5, 0}, {10, 15}, 0.397887357729738, 1, branin},
    {"hartmann3_noisy", 3, UNIT6, -3.86277978733266, 0.2, hartmann3},
    {"hartmann6_noisy", 6, UNIT6, -3.32236801141551, 0.2, hartmann6},
    {"ackley5_noisy", 5, FROM_MINUS_5_TO_10, 0, 1, ackley5},
    {"rosenbrock4_noisy", 4, FROM_MINUS_5_TO_10, 0, 100, rosenbrock4},
};
const size_t test_function_count = sizeof test_functions / sizeof *test_functions;
