# SPDX-License-Identifier: Apache-2.0
"""Keras Tuner's Bayesian optimiser on the functions of tune_bench: a line a trial, as tune_bench prints it.

usage: keras_tuner_search.py TUNE_BENCH NAME DIMENSIONS SEED TRIALS

The oracle is driven by hand, so that nothing is trained: it proposes, tune_bench evaluates, the oracle is told.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile

os.environ["KERAS_BACKEND"] = "numpy"
with contextlib.redirect_stdout(sys.stderr):
    import keras_tuner


def search(bench, name, dimensions, seed, trials, folder):
    parameters = keras_tuner.HyperParameters()
    names = [f"x{d}" for d in range(dimensions)]
    for parameter in names:
        parameters.Float(parameter, 0.0, 1.0)
    oracle = keras_tuner.oracles.BayesianOptimizationOracle(
        objective=keras_tuner.Objective("score", "min"), max_trials=trials, seed=seed, hyperparameters=parameters
    )
    oracle._set_project_dir(folder, "search")
    function = subprocess.Popen([bench, "evaluate", name, str(seed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for number in range(trials):
        with contextlib.redirect_stdout(sys.stderr):
            trial = oracle.create_trial("tuner0")
        function.stdin.write(" ".join(repr(float(trial.hyperparameters.values[p])) for p in names) + "\n")
        function.stdin.flush()
        seen, true = function.stdout.readline().split()
        with contextlib.redirect_stdout(sys.stderr):
            oracle.update_trial(trial.trial_id, {"score": float(seen)})
            trial.status = "COMPLETED"
            oracle.end_trial(trial)
        print(f"{number}\t{seen}\t{true}", flush=True)
    function.stdin.close()
    function.wait()


def main():
    bench, name, dimensions, seed, trials = sys.argv[1:]
    folder = tempfile.mkdtemp()
    try:
        search(bench, name, int(dimensions), int(seed), int(trials), folder)
    finally:
        shutil.rmtree(folder)


main()
