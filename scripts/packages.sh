# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Debian and Ubuntu packages: what is missing is said, then installed as root or by sudo, else the command is printed.

PACKAGES_BUILD="build-essential cmake ninja-build pkg-config libcurl4-openssl-dev libzstd-dev libzip-dev libdeflate-dev libmd-dev libgumbo-dev libjansson-dev librdkafka-dev libwebsockets-dev libpq-dev libxxhash-dev libmicrohttpd-dev libopenblas-dev liblapacke-dev libcmocka-dev curl ca-certificates"
PACKAGES_TEST="openjdk-17-jre-headless postgresql-15 kcat python3-venv procps iproute2 shellcheck strace"
PACKAGES_HEAVY="clang valgrind"
PACKAGES_PEERS="libvectorscan-dev libre2-dev libsimdjson-dev" # what benchmarks compare with; no test needs them

missing_packages() {
    for package in "$@"; do
        # a line for each architecture
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || printf '%s ' "$package"
    done
}

# ensure_packages build|test|heavy|peers
ensure_packages() {
    wanted=$PACKAGES_BUILD
    [ "$1" = build ] || wanted="$wanted $PACKAGES_TEST"
    [ "$1" != heavy ] || wanted="$wanted $PACKAGES_HEAVY"
    [ "$1" != peers ] || wanted="$wanted $PACKAGES_PEERS"
    if ! command -v dpkg-query >/dev/null; then
        other_system "$wanted"
        return
    fi
    # shellcheck disable=SC2086 # a list of words
    missing=$(missing_packages $wanted)
    missing=${missing% }
    [ -n "$missing" ] || return 0
    note "installing from the system's packages: $missing"
    # shellcheck disable=SC2086
    install_packages $missing
}

install_packages() {
    if [ "$(id -u)" -eq 0 ]; then
        as_root=
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root=sudo
    else
        die 69 "these packages are missing and only root may install them; run this, then try again:
  sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
    fi
    scratch_folder
    if ! { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } \
        </dev/null >"$SCRATCH/apt" 2>&1; then
        tail -n 20 "$SCRATCH/apt" >&2
        die 69 "the packages could not be installed; the lines above say why. Needed: $*"
    fi
}

# Elsewhere the tools decide: when they are there, their packages' names do not matter.
other_system() {
    for tool in cc cmake ninja pkg-config curl; do
        command -v "$tool" >/dev/null || die 69 "this system has no Debian packages and '$tool' is missing; install what these Debian packages hold, then try again: $1"
    done
}
