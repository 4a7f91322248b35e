#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# nn-serve over sockets: Triton's client, curl with what is malformed, a model that is promoted under load, and an orderly end.
# shellcheck source=tests/lib.sh
. tests/lib.sh
MODELS=$WORK/models
mkdir "$MODELS"
export TICKHOUSE_MODELS="$MODELS"
SERVE_PID=
finish() {
    code=$?
    trap - EXIT
    [ -z "$SERVE_PID" ] || kill -KILL "$SERVE_PID" 2>/dev/null || :
    (exit "$code") || cleanup
    cleanup
}
trap finish EXIT
make_model() { "$TICKHOUSE_BIN/make_model" "$MODELS" "$@" >"$WORK/made"; }
serve_start() {
    : >"$WORK/listening"
    "$TICKHOUSE_BIN/nn-serve" serve --port 0 "$@" >"$WORK/listening" 2>"$WORK/serve.err" &
    SERVE_PID=$!
    while [ ! -s "$WORK/listening" ]; do
        is_alive "$SERVE_PID" || fail "nn-serve ended: $(cat "$WORK/serve.err")"
        sleep 0.02
    done
    URL=$(sed -n 's/^listening on //p' "$WORK/listening")
}
# ask STATUS PATH [curl's options]: prints the body.
ask() {
    wanted=$1
    path=$2
    shift 2
    found=$(curl -sS --max-time 20 -o "$WORK/body" -w '%{http_code}' "$@" "$URL$path") || fail "$path: no reply"
    expect_equal "$found" "$wanted" "$path: $(cat "$WORK/body")"
    cat "$WORK/body"
}

make_model three 6 3 8 1 3 1
make_model nvda 6 3 8 1 1 2
make_model nvda 6 3 8 1 1 3
echo 1 >"$MODELS/nvda/production"
expect_code 64 "$TICKHOUSE_BIN/nn-serve" --port 0 --host example.invalid
expect_code 64 env -u TICKHOUSE_MODELS "$TICKHOUSE_BIN/nn-serve"
expect_code 64 "$TICKHOUSE_BIN/nn-serve" serve nvda
serve_start --threads 2 --max-body 1 --log
expect_equal "$(listening "${URL##*:}")" "$LISTENING_LOOPBACK" "where it listens"
expect_code 69 "$TICKHOUSE_BIN/nn-serve" --port "${URL##*:}"
expect_match "$(cat "$WORK/err")" "*cannot listen on 127.0.0.1:${URL##*:}*" "a port that is taken"

# What is malformed gets a status and a sentence, and the next request an answer.
SEQUENCE='[[1,2,3],[1,2,3],[1,2,3],[1,2,3],[1,2,3],[1,2,3]]'
expect_match "$(ask 400 /v2/models/nvda/infer -d '{')" '{"error":"the body is no JSON: line 1*"}' "bad JSON"
expect_match "$(ask 400 /v1/models/nvda:predict -d '{"instances":[[1,2]]}')" '{"error":"*"}' "a wrong shape"
expect_match "$(ask 404 /v1/models/none:predict -d '{"instances":[]}')" '{"error":"there is no model *none*"}' "an unknown model"
expect_match "$(ask 405 /v1/models/nvda:predict)" '{"error":"GET *POST"}' "a wrong method"
expect_match "$(ask 404 /v3)" '{"error":"there is nothing at /v3;*"}' "a wrong path"
head -c 3000000 /dev/zero >"$WORK/large"
expect_match "$(ask 413 /v1/models/nvda:predict --data-binary @"$WORK/large")" '{"error":"*larger than 1048576 bytes*"}' "a large body"
expect_match "$(ask 413 /v1/models/nvda:predict -H 'Transfer-Encoding: chunked' --data-binary @"$WORK/large")" \
    '{"error":"*larger than 1048576 bytes*"}' "a large body without a length"
printf 'GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n' | timeout 5 python3 -c '
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1]))); s.sendall(sys.stdin.buffer.read()); s.recv(4096)' "${URL##*:}" || :
first=$(ask 200 /v1/models/nvda:predict -d "{\"instances\":[$SEQUENCE]}")
expect_match "$first" '{"predictions":\[\[*\]\],"model_name":"nvda","model_version":"1"}' "a prediction"
input="\"inputs\":[{\"name\":\"x\",\"shape\":[1,6,3],\"datatype\":\"FP32\",\"data\":[$SEQUENCE]}]"
expect_match "$(ask 400 /v2/models/nvda/infer -d "{$input,\"outputs\":[{\"name\":\"class\"}]}")" \
    '{"error":"the model predicts a value and no class;*"}' "a class of a regression"
expect_match "$(ask 200 /v2/models/nvda/infer -d "{$input,\"outputs\":[{\"name\":\"prediction\"}]}")" '*"outputs":\[{"name":"prediction"*' "an output by name"
expect_match "$(ask 200 /v2/models/nvda/infer -d "{$input}")" '*"outputs":\[{"name":"prediction"*' "no output by name"
expect_match "$(ask 200 /v2/health/ready)" '{"ready":true}' "it is ready"
expect_match "$(curl -sSi -d "{\"instances\":[$SEQUENCE]}" "$URL/v1/models/nvda:predict")" "*Tickhouse-Model: nvda@1*" "the header"
expect_match "$(cat "$WORK/serve.err")" "*POST /v1/models/nvda:predict 413 * us -*POST /v1/models/nvda:predict 200 * us nvda@1*" "the log"

# A canary of everybody: who has a key gets it, by body or header; who has none does not.
echo '2 0.999999' >"$MODELS/nvda/canary"
expect_match "$(ask 200 /v1/models/nvda:predict -d "{\"key\":\"AAPL\",\"instances\":[$SEQUENCE]}")" \
    '*"model_version":"2","alias":"canary"}' "the body's key"
expect_match "$(ask 200 /v1/models/nvda:predict -H 'Tickhouse-Key: AAPL' -d "{\"instances\":[$SEQUENCE]}")" \
    '*"model_version":"2","alias":"canary"}' "the header's key"
expect_equal "$(ask 200 /v1/models/nvda:predict -d "{\"instances\":[$SEQUENCE]}")" "$first" "no key"
rm "$MODELS/nvda/canary"

# Promotion while clients ask: every answer is whole, and belongs to the version that it names.
second=$(ask 200 /v1/models/nvda@2:predict -d "{\"instances\":[$SEQUENCE]}")
for client in 1 2 3 4; do
    (
        i=0
        while [ "$i" -lt 60 ]; do
            curl -sS -d "{\"instances\":[$SEQUENCE]}" "$URL/v1/models/nvda:predict" && echo
            i=$((i + 1))
        done >"$WORK/client$client"
    ) &
    eval "client$client=$!"
done
for swap in 2 1 2 1 2 1 2 1 2 1 2; do
    echo "$swap" >"$MODELS/nvda/.new"
    mv "$MODELS/nvda/.new" "$MODELS/nvda/production"
    sleep 0.05
done
# shellcheck disable=SC2154 # set by eval
wait "$client1" "$client2" "$client3" "$client4"
cat "$WORK"/client? >"$WORK/answers"
expect_equal "$(wc -l <"$WORK/answers")" 240 "every request is answered"
expect_equal "$(sort -u "$WORK/answers")" "$(printf '%s\n%s\n' "$first" "$second" | sort)" "both versions answered, and nothing else"

# Others' client.
if PEERS=$(scripts/peers.sh serve); then
    "$PEERS/bin/python" tests/nn/serve/kserve.py "${URL#http://}" 2>"$WORK/err" || fail "Triton's client: $(tail -n 5 "$WORK/err")"
else
    skip "tritonclient could not be installed; scripts/peers.sh serve does it"
fi

# SIGTERM: the request that is being sent is answered, nobody new is let in, and the end is an orderly one.
python3 - "$URL" "$SERVE_PID" >"$WORK/out" <<'PYTHON' || fail "the request under way was not answered: $(cat "$WORK/out")"
import http.client, json, os, signal, sys, time
host = sys.argv[1].removeprefix("http://")
body = json.dumps({"instances": [[[1, 2, 3]] * 6]}).encode()
slow = http.client.HTTPConnection(host, timeout=10)
slow.putrequest("POST", "/v1/models/nvda:predict")
slow.putheader("Content-Length", str(len(body)))
slow.endheaders()
slow.send(body[:10])
time.sleep(0.3)
os.kill(int(sys.argv[2]), signal.SIGTERM)
time.sleep(0.3)
try:
    new = http.client.HTTPConnection(host, timeout=1)
    new.request("GET", "/v2/health/live")
    new.getresponse()
    sys.exit("a new connection was answered")
except OSError:
    pass
slow.send(body[10:])
reply = slow.getresponse()
assert reply.status == 200 and "predictions" in json.load(reply), reply.status
assert reply.headers["Connection"].lower() == "close"
PYTHON
code=0
wait "$SERVE_PID" || code=$?
SERVE_PID=
expect_equal "$code" 0 "the exit code"
