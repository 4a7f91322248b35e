#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# HTTP clients may name a version of the native protocol (clickhouse-connect: 54405), and ClickHouse then writes the blocks that it sends
# to functions in that version's form.
# shellcheck source=tests/lib.sh
. tests/lib.sh
hub_use

for version in 0 54405 54453 54480 54483; do
    expect_equal "$(query "SELECT ta_sma([1., 2., 3., 4.], 2), ta_macd(range(5)::Array(Float64), 2, 3, 2).1" --max-time 20 --url-query "client_protocol_version=$version")" \
        "[nan,1.5,2.5,3.5]	[nan,nan,nan,0.5,0.5]" "a function called with protocol version $version"
    expect_equal "$(query "SELECT sum(length(ta_sma(range(number % 7)::Array(Float64), 2))) FROM numbers(100000)" --max-time 20 --url-query "client_protocol_version=$version")" \
        299995 "many rows with protocol version $version"
done
