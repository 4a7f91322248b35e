# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# test, bench: what proves and what measures.

help_test() {
    cat <<EOF
test: build, then run the tests against the real engine

usage: ./tickhouse test [--all] [--without-services] [--fuzz-seconds N] [NAME]

  NAME                only the tests whose name matches this regular expression
  --all               also the slow ones: sanitizers, valgrind, and every fuzzer for a while
  --without-services  leave out what wants Kafka and Debezium, where their jars cannot be fetched
  --fuzz-seconds N    how long each fuzzer runs with --all (default 60)

Installs what is missing, fetches both engines, the Python packages that serve as peers, and Kafka with Debezium, then hands over to ctest;
its summary is the last thing printed, and its exit code this one's.
EOF
}

help_bench() {
    cat <<EOF
bench: measure against named peers, in one run, after checking that results are equal

usage: ./tickhouse bench [NAME...]

NAME is a script of bench/ without its .sh; all of them when none is given.
EOF
}

command_test() {
    all='' fuzz_seconds=60 only='' without_services=
    while [ $# -gt 0 ]; do
        case $1 in
        --all) all=yes ;;
        --without-services) without_services=yes ;;
        --fuzz-seconds)
            want_value "$1" $#
            fuzz_seconds=$2
            shift
            ;;
        --*) unknown_option "$1" ;;
        *) only=$1 ;;
        esac
        shift
    done
    if [ -n "$all" ]; then ensure_packages heavy; else ensure_packages test; fi
    unset TICKHOUSE_DATA TICKHOUSE_URL TICKHOUSE_PASSWORD # tests bring their own
    build_preset release
    prepare_tests
    if [ -z "$all" ]; then
        run_ctest release -LE heavy ${only:+-R "$only"}
    else
        test_all
    fi
}

# What tests would have to skip without.
prepare_tests() {
    ensure_engine "$ENGINE_OLD_VERSION"
    ensure_engine "$ENGINE_VERSION"
    for list in "$ROOT"/tests/peers/*.txt; do
        grep -q '^# For .* bench alone' "$list" || "$ROOT/scripts/peers.sh" "$(basename "$list" .txt)" >/dev/null || exit $?
    done
    [ -n "$without_services" ] || (ensure_services) || exit $?
}

run_ctest() {
    preset=$1
    shift
    ctest --test-dir "$ROOT/build/$preset" --no-tests=error --output-on-failure --parallel "$(nproc)" "$@"
}

# Every stage runs, whatever fails before it; the exit code tells whether one did.
test_all() {
    failed=0
    run_ctest release ${only:+-R "$only"} || failed=1
    for preset in asan-ubsan tsan; do
        note "building with $preset ..."
        build_preset "$preset"
        run_ctest "$preset" -L 'unit|cases|fuzz|faults' ${only:+-R "$only"} || failed=1
    done
    test_valgrind || failed=1
    test_fuzz || failed=1
    [ "$failed" -eq 0 ] || die 70 "something failed; the summaries above say what"
}

test_valgrind() {
    ctest --test-dir "$ROOT/build/release" -N -L unit ${only:+-R "$only"} | sed -n 's/^ *Test *#[0-9]*: //p' | {
        code=0
        while read -r name; do
            program=$BUILD/bin/$name
            [ -x "$program" ] || continue
            note "valgrind: $name"
            valgrind -q --error-exitcode=1 --leak-check=full "$program" >/dev/null </dev/null || code=1
        done
        return "$code"
    }
}

test_fuzz() {
    build_preset fuzz
    code=0
    for corpus in "$ROOT"/tests/fuzz/corpus/*/; do
        name=$(basename "$corpus")
        program=$ROOT/build/fuzz/bin/$name
        dictionary=$ROOT/tests/fuzz/$name.dict
        if [ ! -x "$program" ] || [ ! -f "$dictionary" ]; then
            note "the corpus $name wants the fuzzer $program and the dictionary $dictionary, and one of them is missing"
            code=1
            continue
        fi
        note "fuzzing $name for $fuzz_seconds s ..."
        found=$ROOT/build/fuzz/found/$name
        mkdir -p "$found"
        "$program" -max_total_time="$fuzz_seconds" -verbosity=0 -print_final_stats=1 -artifact_prefix="$found/" \
            -dict="$dictionary" "$found" "$corpus" || code=1
    done
    return "$code"
}

command_bench() {
    ensure_packages test
    build_preset release
    ensure_engine "$ENGINE_VERSION"
    export TICKHOUSE_BUILD="$BUILD" TICKHOUSE_ENGINE="$ENGINE"
    [ $# -gt 0 ] || set -- "$ROOT"/bench/*.sh
    bench_machine
    for name in "$@"; do
        script=$ROOT/bench/$(basename "$name" .sh).sh
        [ -x "$script" ] || die 64 "there is no benchmark '$name'; those in bench/ are: $(cd "$ROOT/bench" && echo *.sh)"
        printf '\n## %s\n\n' "$(basename "$script" .sh)"
        (cd "$ROOT" && "$script") || exit $?
    done
}

bench_machine() {
    printf '%s, %s cores, %s, %s, ClickHouse %s, %s\n' \
        "$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" "$(uname -sr)" \
        "$(cc --version | head -n 1)" "$ENGINE_VERSION" "$(date -u +%Y-%m-%d)"
}
