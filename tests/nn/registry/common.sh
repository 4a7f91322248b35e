# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the tests of the registry share: models with what training leaves, and an MLflow server.
MODELS=$WORK/models
# shellcheck disable=SC2034 # the tests call it
REGISTRY=$TICKHOUSE_BIN/nn-registry
mkdir -p "$MODELS"
unset MLFLOW_TRACKING_URI MLFLOW_TRACKING_TOKEN MLFLOW_TRACKING_USERNAME MLFLOW_TRACKING_PASSWORD
export TICKHOUSE_MODELS="$MODELS"

# make_trained NAME SEED: a model with a run folder; prints its version.
make_trained() {
    "$TICKHOUSE_BIN/make_model" "$MODELS" "$1" 6 3 8 1 1 "$2" >"$WORK/version" || fail "no model could be made"
    version=$(cat "$WORK/version")
    mkdir -p "$MODELS/$1/$version/plots"
    awk 'BEGIN {
        print "fold\tepoch\ttrain_loss\tvalidation_loss"
        for (fold = 0; fold < 2; fold++)
            for (epoch = 1; epoch <= 20; epoch++)
                printf "%d\t%d\t%.17g\t%s\n", fold, epoch, 1 / epoch + fold, epoch == 2 ? "nan" : 2 / epoch
    }' >"$MODELS/$1/$version/history.tsv"
    echo '{"optimizer": "adam", "learning_rate": 0.001}' >"$MODELS/$1/$version/params.json"
    echo '{"ic": 0.04}' >"$MODELS/$1/$version/metrics.json"
    printf 'fold\tic\n0\t0.04\n' >"$MODELS/$1/$version/folds.tsv"
    echo '<svg/>' >"$MODELS/$1/$version/plots/loss by epoch.svg"
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# mlflow_start: on MLFLOW_PORT, with what is in $WORK/mlflow already; its process is MLFLOW_PID.
mlflow_start() {
    mkdir -p "$WORK/mlflow/artifacts"
    MLFLOW_DISABLE_TELEMETRY=true DO_NOT_TRACK=true MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false \
        setsid "$PEERS/bin/mlflow" server --host 127.0.0.1 --port "$MLFLOW_PORT" --workers 1 \
        --backend-store-uri "sqlite:///$WORK/mlflow/store.db" --artifacts-destination "$WORK/mlflow/artifacts" --serve-artifacts \
        >"$WORK/mlflow/log" 2>&1 </dev/null &
    MLFLOW_PID=$!
    left=600
    until curl -fs -o "$WORK/health" "http://127.0.0.1:$MLFLOW_PORT/health"; do
        is_alive "$MLFLOW_PID" || fail "MLflow ended: $(tail -n 5 "$WORK/mlflow/log")"
        left=$((left - 1))
        [ "$left" -gt 0 ] || fail "MLflow does not answer: $(tail -n 5 "$WORK/mlflow/log")"
        sleep 0.2
    done
}

# It has workers of its own, which are in its process group.
mlflow_kill() {
    [ -z "${MLFLOW_PID-}" ] || kill -s KILL -- "-$MLFLOW_PID" 2>/dev/null || :
    MLFLOW_PID=
}
