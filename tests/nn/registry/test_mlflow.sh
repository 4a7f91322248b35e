#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Push and pull with a real MLflow server: what its own client sees, and every request of a push failing in turn.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/nn/registry/common.sh
. tests/nn/registry/common.sh
PEERS=$(scripts/peers.sh mlflow) || skip "MLflow could not be installed; scripts/peers.sh mlflow does it"
PROXY_PID=
finish() {
    code=$?
    trap - EXIT
    mlflow_kill
    [ -z "$PROXY_PID" ] || kill "$PROXY_PID" 2>/dev/null || :
    (exit "$code") || cleanup
    cleanup
}
trap finish EXIT
MLFLOW_PORT=$(free_port)
mlflow_start
URL=http://127.0.0.1:$MLFLOW_PORT

# ---- what MLflow's own client sees of a push
make_trained nvda 1
expect_code 64 "$REGISTRY" push nvda
expect_match "$(cat "$WORK/err")" "*which registry?*" "no registry is named"
expect_code 66 "$REGISTRY" push nvda@production --url "$URL"
expect_code 0 "$REGISTRY" push nvda --alias production --url "$URL"
expect_match "$(cat "$WORK/out")" "nvda@1 is version 1 at $URL, run *, alias production" "a push"
"$PEERS/bin/python" tests/nn/registry/seen_by_mlflow.py "$URL" nvda production "$MODELS/nvda/1.safetensors" 20 2>"$WORK/err" ||
    fail "MLflow's client: $(tail -n 5 "$WORK/err")"
expect_code 0 "$REGISTRY" push nvda --alias production --url "$URL/" # once more, and a slash at the end
python3 tests/nn/registry/no_doubles.py "$URL" nvda >"$WORK/out" || fail "the second push made doubles"
expect_code 0 "$REGISTRY" runs --url "$URL"
expect_match "$(cat "$WORK/out")" "model	version	aliases*
nvda	1	production	1	2*" "the list of runs"

# ---- pull, into another models folder
TICKHOUSE_MODELS=$WORK/other
MLFLOW_TRACKING_URI=$URL
export TICKHOUSE_MODELS MLFLOW_TRACKING_URI
expect_code 0 "$REGISTRY" pull nvda
cmp "$WORK/other/nvda/1.safetensors" "$MODELS/nvda/1.safetensors" || fail "the pulled model differs"
expect_equal "$(cat "$WORK/other/nvda/production")" 1 "the alias that came with it"
expect_code 0 "$REGISTRY" pull nvda@production
expect_equal "$(ls "$WORK/other/nvda")" "1.safetensors
production" "the same version is not stored twice"
expect_code 66 "$REGISTRY" pull nvda@staging
expect_match "$(cat "$WORK/err")" "*MLflow has no nvda@staging; './tickhouse nn runs nvda'*" "an alias that is not there"
expect_code 66 "$REGISTRY" pull nvda@7
expect_code 66 "$REGISTRY" pull unheard_of

# A canary's share travels with its alias.
TICKHOUSE_MODELS=$MODELS
make_trained nvda 2
printf '2 0.1\n' >"$MODELS/nvda/canary"
expect_code 0 "$REGISTRY" push nvda@canary
TICKHOUSE_MODELS=$WORK/other
expect_code 0 "$REGISTRY" pull nvda@canary
expect_equal "$(cat "$WORK/other/nvda/canary")" "2 0.1" "the canary's share"
expect_code 0 "$REGISTRY" pull nvda@1
expect_match "$(cat "$WORK/out")" "version 1 at $URL is nvda@1" "a version by number moves no alias"

# What the server keeps is checked before anything changes here.
artifact=$(find "$WORK/mlflow/artifacts" -name model.safetensors -size -100k | head -n 1)
cp "$artifact" "$WORK/good"
printf 'X' | dd of="$artifact" bs=1 seek=$(($(wc -c <"$artifact") - 9)) conv=notrunc status=none
rm -rf "$WORK/other"
for version in 1 2; do
    code=0
    "$REGISTRY" pull nvda@$version >"$WORK/out" 2>"$WORK/err$version" || code=$?
    echo "$code" >"$WORK/code$version"
done
expect_equal "$(sort "$WORK/code1" "$WORK/code2" | paste -s -d ' ')" "0 65" "one of the two is changed"
expect_match "$(cat "$WORK/err1" "$WORK/err2")" "nn: version ? of nvda at *SHA-256*" "the changed artifact is refused"
expect_equal "$(find "$WORK/other" -name '*.safetensors' | wc -l)" 1 "the changed model is not stored"
cp "$WORK/good" "$artifact"
TICKHOUSE_MODELS=$MODELS
unset MLFLOW_TRACKING_URI

# ---- an unreliable way to the server
python3 tests/nn/registry/unreliable.py "$MLFLOW_PORT" "$WORK/port" "$WORK/control" "$WORK/log" 2>"$WORK/proxy.err" &
PROXY_PID=$!
while [ ! -f "$WORK/port" ]; do
    is_alive "$PROXY_PID" || fail "the proxy did not start: $(cat "$WORK/proxy.err")"
    sleep 0.05
done
BAD=http://127.0.0.1:$(cat "$WORK/port")
fault() {
    echo "$1 $2" >"$WORK/control.new"
    mv "$WORK/control.new" "$WORK/control"
}

make_trained count 100
expect_code 0 "$REGISTRY" push count --alias production --url "$BAD"
requests=$(wc -l <"$WORK/log")
[ "$requests" -ge 15 ] || fail "a push of $requests requests"

# Every request of a push once: its reply is lost, so that it must be done again and not twice.
pushed=
n=1
while [ "$n" -le "$requests" ]; do
    case $((n % 3)) in
    0) mode=500 ;;
    *) mode=lost ;;
    esac
    make_trained "lost$n" "$((200 + n))"
    fault $mode "$n"
    : >"$WORK/log"
    expect_code 0 "$REGISTRY" push "lost$n" --alias production --url "$BAD"
    grep -q "^$mode " "$WORK/log" || fail "request $n of a push did not fail"
    pushed="$pushed lost$n"
    n=$((n + 1))
done

# The client is killed at every second request, and --pending goes on in the same run.
n=2
while [ "$n" -le "$requests" ]; do
    make_trained "killed$n" "$((300 + n))"
    rm -f "$WORK/control.hangs"
    fault hang "$n"
    "$REGISTRY" push "killed$n" --alias production --url "$BAD" >"$WORK/out" 2>&1 &
    client=$!
    while [ ! -f "$WORK/control.hangs" ]; do
        is_alive "$client" || fail "killed$n: the push ended: $(cat "$WORK/out")"
        sleep 0.02
    done
    kill -KILL "$client"
    wait "$client" 2>/dev/null || :
    pushed="$pushed killed$n"
    n=$((n + 2))
done
fault none 0
expect_equal "$("$REGISTRY" runs --pending | tail -n +2 | wc -l)" "$((requests / 2))" "what was cut off waits"
expect_code 0 "$REGISTRY" push --pending
expect_match "$(cat "$WORK/out")" "*$((requests / 2)) of $((requests / 2)) that waited are pushed" "what waited is pushed"
expect_equal "$("$REGISTRY" runs --pending | wc -l)" 1 "nothing waits"
# shellcheck disable=SC2086 # a list of words
python3 tests/nn/registry/no_doubles.py "$URL" $pushed >"$WORK/out" || fail "a push that was cut off made doubles"

# 429 is waited for; what is no MLflow is said.
make_trained busy 400
fault 429 3
expect_code 0 "$REGISTRY" push busy --url "$BAD"
expect_match "$(cat "$WORK/err")" "*answers runs/search with status 429: a bad day; trying again in 1.0 s*" "429 and its wait"
fault page 1
expect_code 76 "$REGISTRY" push busy --url "$BAD"
expect_match "$(cat "$WORK/err")" "*is there an MLflow server at this address?*busy@1 is kept*" "a web page"

# A refusal is kept too, with what to do. Passwords are sent, and shown nowhere.
fault 403 1
MLFLOW_TRACKING_USERNAME=quant MLFLOW_TRACKING_PASSWORD=s3cret expect_code 77 "$REGISTRY" push busy --url "$BAD"
expect_match "$(cat "$WORK/err")" "*refuses experiments/get-by-name with status 403; set MLFLOW_TRACKING_TOKEN*busy@1 is kept*" "403"
expect_match "$(tail -n 1 "$WORK/log")" "403 GET *Basic cXVhbnQ6czNjcmV0" "the password is sent"
MLFLOW_TRACKING_TOKEN=t0ken expect_code 0 "$REGISTRY" push busy --url "$BAD"
expect_match "$(tail -n 1 "$WORK/log")" "* Bearer t0ken" "the token is sent"
expect_code 64 "$REGISTRY" push busy --url "http://quant:s3cret@127.0.0.1:$MLFLOW_PORT"
case $(cat "$WORK/out" "$WORK/err" "$MODELS"/.push/*) in *s3cret* | *t0ken*) fail "a secret is shown" ;; esac

# A name that a newer version has here by now is left alone.
make_trained moved 500
printf '1\n' >"$MODELS/moved/production"
fault drop 1
fault 403 1
expect_code 77 "$REGISTRY" push moved@production --url "$BAD"
make_trained moved 501
printf '2\n' >"$MODELS/moved/production"
expect_code 0 "$REGISTRY" push --pending
expect_match "$(cat "$WORK/out")" "*its alias production was left alone*" "a late push does not turn an alias back"

# ---- the server dies while it is uploaded to
make_trained dying 600
rm -f "$WORK/control.hangs"
fault hang 8
"$REGISTRY" push dying --alias production --url "$BAD" >"$WORK/out" 2>"$WORK/err" &
client=$!
while [ ! -f "$WORK/control.hangs" ]; do sleep 0.02; done
mlflow_kill
kill -KILL "$client"
wait "$client" 2>/dev/null || :
expect_code 75 "$REGISTRY" push dying --alias production --url "$BAD"
expect_match "$(cat "$WORK/err")" "*trying again in*dying@1 is kept, and './tickhouse nn push --pending' uploads it later" "the server is away"
expect_match "$("$REGISTRY" runs --pending)" "*dying	1	production	$BAD	dying	*" "what waits"
mlflow_start
expect_code 0 "$REGISTRY" push --pending
python3 tests/nn/registry/no_doubles.py "$URL" dying >"$WORK/out" || fail "the push that the server's death cut off made doubles"
