#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# HTTP clients may name a version of the native protocol (clickhouse-connect 54405, clickhouse-go 54460), and ClickHouse then writes
# the blocks that it sends to functions in that version's form.
# shellcheck source=tests/lib.sh
. tests/lib.sh
hub_use

for version in 0 54405 54453 54454 54460 54479 54480 54483; do
    expect_equal "$(query "SELECT ta_sma([1., 2., 3., 4.], 2), ta_macd(range(5)::Array(Float64), 2, 3, 2).1" --max-time 20 --url-query "client_protocol_version=$version")" \
        "[nan,1.5,2.5,3.5]	[nan,nan,nan,0.5,0.5]" "a function called with protocol version $version"
    expect_equal "$(query "SELECT sum(length(ta_sma(range(number % 7)::Array(Float64), 2))) FROM numbers(100000)" --max-time 20 --url-query "client_protocol_version=$version")" \
        299995 "many rows with protocol version $version"
    # arrays that read alike in both forms: empty, of 256 and 512 whole numbers, one argument only
    expect_equal "$(query "SELECT ta_drawdown(CAST([], 'Array(Float64)')), sum(length(ta_drawdown(x))), sum(length(ta_mom(x, 3))), sum(length(ta('mom(3)', range(length(x))::Array(Date), x).values[1]))
        FROM (SELECT range(256 * (number % 3))::Array(Float64) AS x FROM numbers(3000))" --max-time 20 --url-query "client_protocol_version=$version")" \
        "[]	768000	768000	768000" "arrays of 256 values with protocol version $version"
    expect_equal "$(query "SELECT ta_last('mom(1)', [today(), today() - 1], [3, 1])" --max-time 20 --url-query "client_protocol_version=$version")" \
        "[2]" "a String as the first argument with protocol version $version"
done
echo "functions answer under every version of the native protocol"
