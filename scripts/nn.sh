# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# nn: models. Each command belongs to one of the family's programs; this finds it, tells it where the hub's models are, and gives those that
# train the rows of a query.

NN_ROWS="SELECT * FROM warehouse.gold_ml_features ORDER BY ticker, date"

help_nn() {
    cat <<EOF
nn: recurrent networks: train, tune, import, register, serve

usage: ./tickhouse nn COMMAND [options]

  models     what is in the models folder
  show       what is known of a model
  promote    point an alias at a version: what SQL and serving use from then on
  train      train a model on rows of a query
  walk       walk forward: train and judge fold by fold, beside baselines
  tune       search for the hyper-parameters
  retrain    train anew and promote if it is better than what is in production
  import     read a model of Keras, PyTorch or ONNX
  push pull  MLflow, or a shared folder
  runs       what a registry has; --pending: what waits to be pushed
  serve      predictions over HTTP (KServe V1 and V2)

  --data DIR   the hub's folder, whose models are meant (default $(default_data)); TICKHOUSE_MODELS names another folder of models
  --query SQL  for train, walk, tune and retrain: ticker, date, features and target, ordered by ticker and date (default:
               $NN_ROWS)

'./tickhouse nn COMMAND --help' describes a command.
EOF
}

# The program that has a command.
nn_program() {
    case $1 in
    train | walk | tune | retrain) echo nn-train ;;
    import) echo nn-import ;;
    push | pull | runs) echo nn-registry ;;
    serve) echo nn-serve ;;
    models | show | promote | sequences) echo nn ;;
    *) return 1 ;;
    esac
}

# Takes --data and --query out of the words; the rest stays with the program.
command_nn() {
    data=$(default_data) rows=$NN_ROWS words=$# asks=
    while [ "$words" -gt 0 ]; do
        words=$((words - 1))
        case $1 in
        --data | --query)
            want_value "$1" $((words + 1)) # what comes after that has been turned over already
            if [ "$1" = --data ]; then data=$2; else rows=$2; fi
            shift 2
            words=$((words - 1))
            ;;
        --data=*)
            data=${1#*=}
            shift
            ;;
        --query=*)
            rows=${1#*=}
            shift
            ;;
        *)
            case $1 in --help | --complete | --version) asks=yes ;; esac
            word=$1
            shift
            set -- "$@" "$word"
            ;;
        esac
    done
    case ${1-}/${2-} in
    help/?*) set -- "$2" --help && asks=yes ;;
    help/ | --help/* | -h/* | /*)
        help_nn
        return
        ;;
    esac
    verb=$1
    shift
    [ ! -d "$data" ] || data=$(readlink -f "$data")
    TICKHOUSE_MODELS=${TICKHOUSE_MODELS:-$data/models}
    export TICKHOUSE_MODELS
    name=$(nn_program "$verb") || die 64 "nn has no command '$verb'; './tickhouse nn' lists them"
    program=$(find_program "$name") || die 69 "'$name' is not built yet; './tickhouse build' does it"
    case $name/$verb/$asks in
    nn-train/*/) nn_train "$@" ;;
    nn/models/) exec "$program" models --output tsv "$@" ;;
    *) exec "$program" "$verb" "$@" ;;
    esac
}

# The rows are fetched before the training, so that a refused query is one.
nn_train() {
    url=
    # shellcheck disable=SC2034 # send_query reads them
    user='' format=Native
    sql_find_hub
    scratch_folder
    printf '%s' "$rows" >"$SCRATCH/rows.sql"
    send_query "$url" "$SCRATCH/rows.sql" >"$SCRATCH/rows.native" || exit $?
    train_in_background "$@"
    exit "$code"
}

# A shell looks at a signal when its command has ended; while it waits, at once. Ctrl-C reaches the program too, which takes the first signal
# of each kind as a wish to end in good order.
train_in_background() {
    program_pid='' signalled='' code=0
    trap 'signalled=yes; [ -z "$program_pid" ] || kill -TERM "$program_pid" 2>/dev/null || :' INT TERM
    "$program" "$verb" --output tsv "$@" <"$SCRATCH/rows.native" &
    program_pid=$!
    [ -z "$signalled" ] || kill -TERM "$program_pid" 2>/dev/null || :
    wait "$program_pid" || code=$?
    while [ -n "$signalled" ]; do # that was the signal's code, unless there is nothing left to wait for
        signalled='' again=0
        wait "$program_pid" || again=$?
        [ "$again" -eq 127 ] || code=$again
    done
}
