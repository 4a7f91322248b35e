# SPDX-License-Identifier: Apache-2.0
# Arrays for the ml_ functions, and what scikit-learn, scipy and numpy say of them.
#   oracle.py make            writes rows of arrays, JSON lines
#   oracle.py compare FILE    checks the functions' answers, one JSON list a row
import json
import sys

import numpy as np
from scipy import stats
from sklearn import metrics

COLUMNS = ["mse", "rmse", "mae", "r2", "direction", "ic", "rank_ic", "sharpe", "deflated_sharpe", "deflated_unknown", "psi",
           "precision", "recall", "f1", "confusion"]


def rows():
    random = np.random.default_rng(11)
    for i in range(60):
        n = int(random.integers(5, 400))
        truth = random.normal(0, 0.02, n) + (1e6 if i % 5 == 4 else 0)
        predicted = truth + random.standard_t(3, n) * 0.05
        if i % 3 == 1:  # ties
            truth, predicted = np.round(truth, 2), np.round(predicted, 1)
        if i % 4 == 2:  # holes
            truth[random.integers(0, n, n // 10)] = np.nan
            predicted[random.integers(0, n, n // 10)] = np.nan
        before = random.gamma(2, 1, int(random.integers(50, 500)))
        if i % 2:
            before = np.round(before)  # many equal values
        classes = np.array(["down", "neutral", "up"])
        yield {
            "truth": truth, "predicted": predicted,
            "returns": random.standard_t(5, n) * 0.01 + 0.001, "trials": int(random.integers(1, 200)),
            "variance": float(random.uniform(0.0001, 0.01)),
            "expected": before, "actual": random.gamma(2.5, 1, 300), "bins": int(random.integers(2, 20)),
            "class_truth": classes[random.integers(0, 3, n)], "class_predicted": classes[random.integers(0, 3, n)],
        }


def listed(value):
    if not isinstance(value, np.ndarray):
        return value
    return [None if isinstance(x, float) and np.isnan(x) else x for x in value.tolist()]


def deflated_sharpe(returns, trials, variance):
    n, gamma = len(returns), np.euler_gamma
    sharpe = returns.mean() / returns.std(ddof=1)
    luck = 0 if trials == 1 else np.sqrt(variance) * (
        (1 - gamma) * stats.norm.ppf(1 - 1 / trials) + gamma * stats.norm.ppf(1 - 1 / (trials * np.e)))
    skew, kurtosis = stats.skew(returns), stats.kurtosis(returns, fisher=False)
    return stats.norm.cdf((sharpe - luck) * np.sqrt(n - 1) / np.sqrt(1 - skew * sharpe + (kurtosis - 1) / 4 * sharpe ** 2))


# As Siddiqi (2006) defines it, on deciles of what is expected, with the floor of 1e-4.
def psi(expected, actual, bins):
    edges = np.quantile(expected, np.arange(1, bins) / bins)
    share = lambda x: np.maximum(np.bincount(np.searchsorted(edges, x, side="left"), minlength=bins) / len(x), 1e-4)
    e, a = share(expected), share(actual)
    return float(np.sum((a - e) * np.log(a / e)))


def answers(row):
    pairs = np.isfinite(row["truth"]) & np.isfinite(row["predicted"])
    t, p = row["truth"][pairs], row["predicted"][pairs]
    moved = t != 0
    returns = row["returns"]
    of_class = dict(labels=["up"], average="macro", zero_division=np.nan)
    matrix = metrics.confusion_matrix(row["class_truth"], row["class_predicted"], labels=["down", "neutral", "up"])
    return [
        metrics.mean_squared_error(t, p), metrics.root_mean_squared_error(t, p), metrics.mean_absolute_error(t, p),
        metrics.r2_score(t, p), float(np.mean(np.sign(t[moved]) == np.sign(p[moved]))),
        stats.pearsonr(t, p)[0], stats.spearmanr(t, p)[0],
        returns.mean() / returns.std(ddof=1) * np.sqrt(252),
        deflated_sharpe(returns, row["trials"], row["variance"]),
        deflated_sharpe(returns, row["trials"], 1 / (len(returns) - 1)),
        psi(row["expected"], row["actual"], row["bins"]),
        metrics.precision_score(row["class_truth"], row["class_predicted"], **of_class),
        metrics.recall_score(row["class_truth"], row["class_predicted"], **of_class),
        metrics.f1_score(row["class_truth"], row["class_predicted"], **of_class),
        [[str(a), str(b), str(matrix[i, j])] for i, a in enumerate(["down", "neutral", "up"])
         for j, b in enumerate(["down", "neutral", "up"]) if matrix[i, j]],
    ]


def compare(path):
    worst = 0.0
    wanted, checked = list(rows()), 0
    with open(path) as file:
        for row, line in zip(wanted, file, strict=True):
            for name, got, want in zip(COLUMNS, json.loads(line), answers(row), strict=True):
                if name == "confusion":
                    if [[*map(str, cell)] for cell in got] != want:
                        sys.exit(f"confusion is {got}, scikit-learn says {want}")
                    continue
                got = float("nan") if got is None else float(got)
                if np.isnan(got) and np.isnan(want):
                    continue
                # correlations of values at 1e6 that move by 0.02 have lost eight digits before anybody adds them up
                error = abs(got - want) / max(1e-3, abs(want))
                worst = max(worst, error)
                if not error <= 1e-9:
                    sys.exit(f"row {checked}: ml_{name} is {got!r}, the peer says {want!r}")
            checked += 1
    print(f"{checked} rows of {len(COLUMNS)} metrics agree; the largest relative difference is {worst:.1e}")


if sys.argv[1] == "make":
    for row in rows():
        print(json.dumps({name: listed(value) for name, value in row.items()}))
else:
    compare(sys.argv[2])
