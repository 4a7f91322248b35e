#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The driver's words: help, suggestions, completion, exit codes; and its scripts are clean.
# shellcheck source=tests/lib.sh
. tests/lib.sh

for name in $("$TICKHOUSE" --complete); do
    case $name in
    ingest | ta | gdelt | cal) [ -x "$TICKHOUSE_BIN/$name" ] || [ -x "$TICKHOUSE_BUILD/user_scripts/$name" ] || continue ;;
    esac
    expect_code 0 "$TICKHOUSE" "$name" --help
    expect_match "$(cat "$WORK/out")" "*usage: *" "'$name --help' says how it is used"
    expect_code 0 "$TICKHOUSE" help "$name"
done

expect_code 64 "$TICKHOUSE" statsu
expect_match "$(cat "$WORK/err")" "*unknown command 'statsu'; did you mean 'status'?*" "a typing error"
expect_code 64 "$TICKHOUSE" up --nosuch
expect_match "$(cat "$WORK/err")" "*unknown option '--nosuch'*'./tickhouse up --help'*" "an unknown option"
expect_code 64 "$TICKHOUSE" up --http-port
expect_code 64 "$TICKHOUSE" up --http-port 65536
expect_match "$(cat "$WORK/err")" "*--http-port wants a number from 0 to 65535, not '65536'*" "a port out of range"
expect_code 64 "$TICKHOUSE" up --data "$WORK/hub" --http-port 8200 --tcp-port 8200
expect_match "$(cat "$WORK/err")" "*--http-port and --tcp-port want two ports, not 8200 for both*" "one port for both"
expect_code 64 "$TICKHOUSE" sql "SELECT 1" "SELECT 2"
expect_code 0 "$TICKHOUSE" version

# It is found through a link, from anywhere, and with stdin closed.
ln -s "$TICKHOUSE" "$WORK/th"
expect_equal "$(cd / && "$WORK/th" version <&-)" "$("$TICKHOUSE" version)" "through a link"

# Other executables of the build can be reached; with their own exit codes.
expect_code 0 "$TICKHOUSE" tickhouse-hub --version
expect_code 64 "$TICKHOUSE" tickhouse-hub nosuch
expect_code 3 "$TICKHOUSE" tickhouse-hub pid --data "$WORK/nosuch"

# Completion in a real shell.
complete_in_bash() {
    bash -c 'source <("$1" completion bash) && shift && COMP_WORDS=("$@") && COMP_CWORD=$(($# - 1)) && _tickhouse && printf "%s\n" "${COMPREPLY[@]}"' \
        bash "$TICKHOUSE" "$TICKHOUSE" "$@"
}
expect_equal "$(complete_in_bash sta)" status "completing a command"
expect_equal "$(complete_in_bash up --ht)" --http-port "completing an option"
expect_equal "$(complete_in_bash tickhouse-hub serve --ht)" --http-port "completing an executable's option"
# An option that waits for its value does not swallow the question: nothing is run.
expect_match "$(complete_in_bash ingest stooq samples/prices/nvda_us_d.csv --url http://127.0.0.1:1 --tickers --)" "*--tickers*" "completing where a value may follow"
expect_code 0 "$TICKHOUSE" --complete ingest stooq --url http://127.0.0.1:1 --tickers
expect_match "$(cat "$WORK/out")" "*--tickers*--help*" "the options where a value may follow"
expect_equal "$(cat "$WORK/err")" "" "nothing is loaded"
expect_equal "$("$TICKHOUSE" --complete tickhouse-hub local --query "SELECT 1")" "" "ClickHouse is not run"
expect_equal "$("$TICKHOUSE" --complete test_csv)" --help "a test is not run"
if command -v zsh >/dev/null; then
    expect_code 0 zsh -fc "autoload -U compinit && compinit -D && source <('$TICKHOUSE' completion zsh)"
fi

command -v shellcheck >/dev/null || skip "shellcheck is not installed"
# shellcheck disable=SC2046 # a list of files
shellcheck -x tickhouse .ci/run scripts/peers.sh $(find tests bench -name '*.sh' ! -name lib.sh) || fail "shellcheck has something to say"
if grep -rlE '^(#!/bin/bash|#!/usr/bin/env)' tickhouse scripts tests bench --include='*.sh'; then fail "these want more than a POSIX shell"; fi
