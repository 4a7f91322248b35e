# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# build: the release executables, under build/release.

HUB=$BUILD/bin/tickhouse-hub

help_build() {
    cat <<EOF
build: build the executables

usage: ./tickhouse build [--preset NAME]

  --preset NAME   another preset of CMakePresets.json (default release)

What ClickHouse calls lands in build/NAME/user_scripts, the rest in build/NAME/bin.
EOF
}

command_build() {
    preset=release
    while [ $# -gt 0 ]; do
        case $1 in
        --preset)
            want_value "$1" $#
            preset=$2
            shift
            ;;
        *) unknown_option "$1" ;;
        esac
        shift
    done
    ensure_packages build
    build_preset "$preset"
}

# Quiet when all goes well: the compiler's words are shown only when it fails.
build_preset() {
    (
        cd "$ROOT"
        [ -f "build/$1/build.ninja" ] || {
            note "building (once, one to three minutes) ..."
            quietly cmake --preset "$1"
        }
        if [ -t 2 ]; then
            ninja -C "build/$1" --quiet >&2
        else
            quietly ninja -C "build/$1"
        fi
    ) || die 70 "the build of preset $1 failed; the lines above say why"
}

quietly() {
    scratch_folder
    "$@" >"$SCRATCH/output" 2>&1 || {
        cat "$SCRATCH/output" >&2
        return 1
    }
}

# For commands that only need the result: builds when nothing is there.
ensure_built() {
    [ -x "$HUB" ] || {
        ensure_packages build
        build_preset release
    }
    [ -x "$HUB" ] || die 70 "$HUB is missing after the build"
}
