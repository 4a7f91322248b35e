#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Predictions over HTTP, GRU 60 x 20 -> 64 x 2 -> 1 in KServe's V2 JSON (10 kB a request): nn-serve, and ClickHouse's own http_handlers over
# nn_predict. First both must give the same number; then 1,200 requests a second in an open loop, and as many as there can be. The client
# runs on the same cores. Usage: ./tickhouse bench nn_serve
# shellcheck source=tests/lib.sh
. tests/lib.sh
seconds=${BENCH_SECONDS:-8} rounds=${BENCH_ROUNDS:-3}
SERVE_PID=
finish() {
    code=$?
    trap - EXIT
    [ -z "$SERVE_PID" ] || kill "$SERVE_PID" 2>/dev/null || :
    (exit "$code") || cleanup
    cleanup
}
trap finish EXIT

# ---- both servers

mkdir -p "$WORK/hub/config.d"
cat >"$WORK/hub/config.d/serve.xml" <<'XML'
<clickhouse>
    <http_handlers>
        <rule>
            <url><![CDATA[regex:/v2/models/(?P<model>[^/]+)/infer]]></url>
            <methods>POST</methods>
            <handler>
                <type>predefined_query_handler</type>
                <query>WITH JSONExtract({_request_body:String}, 'inputs', 'Array(Tuple(name String, shape Array(UInt64), datatype String, data Array(Float32)))')[1] AS input
SELECT {model:String} AS model_name, [tuple('prediction', 'FP32', nn_predict({model:String}, arrayMap(t -> arraySlice(input.data, t * input.shape[3] + 1, input.shape[3]), range(input.shape[2]))))]::Array(Tuple(name String, datatype String, data Array(Float32))) AS outputs FORMAT JSONEachRow</query>
            </handler>
        </rule>
        <defaults/>
    </http_handlers>
</clickhouse>
XML
hub_start "$WORK/hub"
mkdir -p "$HUB_DATA/models"
"$TICKHOUSE_BIN/make_model" "$HUB_DATA/models" gru 60 20 64 2 1 1 >"$WORK/version"
TICKHOUSE_MODELS=$HUB_DATA/models "$TICKHOUSE_BIN/nn-serve" --port 0 >"$WORK/listening" 2>"$WORK/serve.err" &
SERVE_PID=$!
while [ ! -s "$WORK/listening" ]; do
    is_alive "$SERVE_PID" || fail "nn-serve ended: $(cat "$WORK/serve.err")"
    sleep 0.05
done
serve_port=$(sed -n 's/.*://p' "$WORK/listening")
awk 'BEGIN {
    srand(1)
    printf "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,60,20],\"datatype\":\"FP32\",\"data\":["
    for (i = 0; i < 1200; i++) printf "%s%.4f", i ? "," : "", 4 * rand() - 2
    printf "]}]}"
}' >"$WORK/body"

number() {
    curl -sS --data-binary @"$WORK/body" "http://127.0.0.1:$1/v2/models/gru/infer" |
        sed -n 's/.*"data": *\[\([^]]*\)\].*/\1/p' | awk '{ printf "%.7g\n", $1 }'
}
expect_equal "$(number "$serve_port")" "$(number "${HUB_URL##*:}")" "both answer the same number"
printf 'both give %s; body %s bytes; %s s each, best of %s\n' "$(number "$serve_port")" "$(wc -c <"$WORK/body")" "$seconds" "$rounds"

# ---- times

# measure NAME PORT RATE CONNECTIONS: the round with the lowest 99th percentile.
measure() {
    for _ in $(seq "$rounds"); do
        "$TICKHOUSE_BIN/serve_load" 127.0.0.1 "$2" /v2/models/gru/infer "$WORK/body" "$3" "$seconds" "$4"
    done | sort -t '	' -k 5,5g | head -n 1 |
        awk -F '\t' -v name="$1" -v asked="$3" -v connections="$4" '
            { printf "| %s | %s | %d | %d | %d | %.2f | %.2f | %.2f |\n", name, asked ? asked : "most", connections, $2, $3, $4, $5, $6 }'
}
printf '\n| server | asked/s | connections | answered/s | failed | p50 ms | p99 ms | p99.9 ms |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n'
measure nn-serve "$serve_port" 1200 8
measure nn-serve "$serve_port" 0 2
measure nn-serve "$serve_port" 0 8
measure http_handlers "${HUB_URL##*:}" 200 8
measure http_handlers "${HUB_URL##*:}" 1200 8
measure http_handlers "${HUB_URL##*:}" 0 2
