# SPDX-License-Identifier: Apache-2.0
"""Keras Tuner's searches, on our functions and on our training: a line a trial, with its number, the score, and of a function the true
score without noise, of a training the settings.

usage: peer.py bayesian function TUNE_BENCH NAME DIMENSIONS SEED TRIALS
       peer.py bayesian|random training NN_TRAIN ROWS SEED TRIALS OPTIONS RANGE...

The oracle is driven by hand: it proposes, our program says the score, the oracle is told. OPTIONS is one word.
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


def ask_function(bench, name, dimensions, seed):
    parameters = keras_tuner.HyperParameters()
    names = [f"x{d}" for d in range(int(dimensions))]
    for parameter in names:
        parameters.Float(parameter, 0.0, 1.0)
    function = subprocess.Popen([bench, "evaluate", name, seed], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def score(values):
        print(*(repr(float(values[p])) for p in names), file=function.stdin, flush=True)
        return function.stdout.readline().split()

    return parameters, score


def add_range(parameters, name, text):
    text, log, _ = text.partition(":log")
    sampling = "log" if log else "linear"
    if ".." not in text:
        parameters.Choice(name, text.split(","))
        return
    low, high = text.split("..")
    if low.isdigit() and high.isdigit():
        parameters.Int(name, int(low), int(high), sampling=sampling)
    else:
        parameters.Float(name, float(low), float(high), sampling=sampling)


def ask_training(program, rows, seed, options, ranges):
    parameters = keras_tuner.HyperParameters()
    for word in ranges:
        add_range(parameters, *word.split("=", 1))

    def score(values):
        words = [f"{name}={value:.6g}" if isinstance(value, float) else f"{name}={value}" for name, value in values.items()]
        command = [program, "tune", "--count", "1", "--output", "tsv", "--seed", seed, *options.split(), *words]
        with open(rows, "rb") as file:
            table = subprocess.run(command, stdin=file, capture_output=True, text=True, check=True).stdout.splitlines()
        return table[1].split("\t")[table[0].split("\t").index("score")], " ".join(words)

    return parameters, score


def search(kind, parameters, score, seed, trials, folder):
    oracles = keras_tuner.oracles
    oracle = (oracles.BayesianOptimizationOracle if kind == "bayesian" else oracles.RandomSearchOracle)(
        objective=keras_tuner.Objective("score", "min"), max_trials=trials, seed=seed, hyperparameters=parameters
    )
    oracle._set_project_dir(folder, "search")
    for number in range(trials):
        with contextlib.redirect_stdout(sys.stderr):
            trial = oracle.create_trial("tuner0")
        seen, more = score(trial.hyperparameters.values)
        with contextlib.redirect_stdout(sys.stderr):
            oracle.update_trial(trial.trial_id, {"score": float(seen)})
            trial.status = "COMPLETED"
            oracle.end_trial(trial)
        print(f"{number}\t{seen}\t{more}", flush=True)


def main():
    kind, what, *words = sys.argv[1:]
    if what == "function":
        bench, name, dimensions, seed, trials = words
        asked = ask_function(bench, name, dimensions, seed)
    else:
        program, rows, seed, trials, options, *ranges = words
        asked = ask_training(program, rows, seed, options, ranges)
    folder = tempfile.mkdtemp()
    try:
        search(kind, *asked, int(seed), int(trials), folder)
    finally:
        shutil.rmtree(folder)


main()
