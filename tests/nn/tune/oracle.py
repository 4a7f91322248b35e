# SPDX-License-Identifier: Apache-2.0
"""What others compute, for test_tune.c: prints oracle.inc, or with --check FILE compares that file with it.

Gaussian process: scikit-learn, with our mean (generalized least squares) taken off before. Sobol points: scipy, unscrambled.
Logarithm of the expected improvement and its derivatives: mpmath with 60 digits.
"""

import re
import sys

import mpmath
import numpy
from scipy.stats import qmc
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

COUNT, DIMENSIONS, QUERIES = 25, 3, 6
LENGTH, SIGNAL, NOISE = [0.3, 0.9, 2.5], 1.7, 0.01


def numbers(name, values):
    flat = numpy.asarray(values, dtype=float).ravel()
    rows = (", ".join(repr(v) for v in flat[i : i + 5].tolist()) for i in range(0, len(flat), 5))
    return f"static const double {name}[{len(flat)}] = {{\n" + "".join(f"    {row},\n" for row in rows) + "};\n"


def sobol():
    points = qmc.Sobol(20, scramble=False, bits=32).random(64)
    return numbers("oracle_sobol", points)


def process():
    points = qmc.Sobol(DIMENSIONS, scramble=False).random(32)[1 : COUNT + 1]
    values = numpy.sin(7 * points[:, 0]) + points[:, 1] ** 2 - 0.5 * points[:, 2] + 3
    queries = (points[:QUERIES] * 0.7 + 0.11) % 1
    kernel = ConstantKernel(SIGNAL) * Matern(LENGTH, nu=2.5) + WhiteKernel(NOISE)
    inverse = numpy.linalg.inv(kernel(points))
    mean = inverse.sum(axis=0) @ values / inverse.sum()
    model = GaussianProcessRegressor(kernel, optimizer=None, alpha=0).fit(points, values - mean)
    predicted, deviation = model.predict(queries, return_std=True)
    likelihood, gradient = model.log_marginal_likelihood(model.kernel_.theta, eval_gradient=True)
    # scikit-learn orders signal, lengths, noise; and its deviation is of an observation, with the noise.
    return "".join(
        (
            numbers("oracle_points", points),
            numbers("oracle_values", values),
            numbers("oracle_queries", queries),
            numbers("oracle_mean", predicted + mean),
            numbers("oracle_deviation", numpy.sqrt(deviation**2 - NOISE)),
            numbers("oracle_likelihood", [likelihood]),
            numbers("oracle_gradient", [*gradient[1:-1], gradient[0], gradient[-1]]),
        )
    )


def improvement():
    mpmath.mp.dps = 60
    rows = []
    for z in (6, 2, 0.5, 0, -0.5, -1, -2.9, -3.1, -5, -10, -38, -100, -1e3, -1e5, -1e8):
        for deviation in (1, 1e-3):
            mean, best = mpmath.mpf(0), mpmath.mpf(z) * mpmath.mpf(deviation)

            def log_expected(m, s):
                x = (best - m) / s
                density = mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi)
                if x > -20:
                    return mpmath.log(s * (density + x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2))
                # phi(x) - |x| Phi(x), by the asymptotic series: 1/x^2 - 3/x^4 + 15/x^6 - ...
                terms, term = mpmath.mpf(0), mpmath.mpf(1)
                for k in range(1, 12):
                    term *= -(2 * k - 1) / (x * x)
                    terms -= term
                return mpmath.log(s / mpmath.sqrt(2 * mpmath.pi) * terms) - x * x / 2

            value = log_expected(mean, mpmath.mpf(deviation))
            by_mean = mpmath.diff(log_expected, (mean, mpmath.mpf(deviation)), (1, 0), h=mpmath.mpf(deviation) * mpmath.mpf(10) ** -25)
            by_deviation = mpmath.diff(log_expected, (mean, mpmath.mpf(deviation)), (0, 1), h=mpmath.mpf(deviation) * mpmath.mpf(10) ** -25)
            rows.append([float(best), deviation, float(value), float(by_mean), float(by_deviation)])
    return numbers("oracle_improvement", rows)


def values_of(text):
    return numpy.array([float(v) for block in re.findall(r"\{([^}]*)\}", text) for v in block.split(",") if v.strip()])


def main():
    text = "// Made by oracle.py: scikit-learn, scipy, mpmath.\n" + sobol() + process() + improvement()
    if len(sys.argv) == 1:
        print(text, end="")
        return
    with open(sys.argv[2]) as file:
        numpy.testing.assert_allclose(values_of(file.read()), values_of(text), rtol=1e-10, atol=1e-10)
    print("oracle.inc is what scikit-learn, scipy and mpmath give")


main()
