# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# engine: the embedded ClickHouse, libchdb.so, out of its npm package, by curl alone. Version and checksum are pinned here.

ENGINE_VERSION=${TICKHOUSE_ENGINE_VERSION:-26.7.3-stable.1} # ClickHouse 26.7.2
ENGINE_OLD_VERSION=26.5.3      # sends functions the caller's types; for tests
NPM_HOST=registry.npmjs.org
REGISTRY=${NPM_CONFIG_REGISTRY:-${npm_config_registry:-https://$NPM_HOST}}

help_engine() {
    cat <<EOF
engine: fetch the embedded ClickHouse and print its path

usage: ./tickhouse engine [--engine FILE] [--old]

  --engine FILE   take this libchdb.so or package (.tgz) instead of a download
  --old           the older version that the tests use beside it ($ENGINE_OLD_VERSION)

It is npm package @chdb/lib-linux-x64-gnu $ENGINE_VERSION (180 MB), checked against a pinned sha256 and kept in
$CACHE/engine. A broken download goes on where it stopped.

environment:
  TICKHOUSE_CACHE        another cache folder
  TICKHOUSE_ENGINE       a libchdb.so or package that you have
  TICKHOUSE_ENGINE_VERSION, TICKHOUSE_ENGINE_SHA256    another version of the package, and its checksum
  NPM_CONFIG_REGISTRY    another npm registry
EOF
}

command_engine() {
    version=$ENGINE_VERSION
    given=
    while [ $# -gt 0 ]; do
        case $1 in
        --engine)
            want_value "$1" $#
            given=$2
            shift
            ;;
        --old) version=$ENGINE_OLD_VERSION ;;
        *) unknown_option "$1" ;;
        esac
        shift
    done
    ensure_engine "$version" "$given"
    printf '%s\n' "$ENGINE"
}

engine_package() {
    case $(uname -m) in
    x86_64 | amd64) echo lib-linux-x64-gnu ;;
    aarch64 | arm64) echo lib-linux-arm64-gnu ;;
    *) return 1 ;;
    esac
}

engine_checksum() {
    case $1-$2 in
    *-"${TICKHOUSE_ENGINE_VERSION:-none}") printf '%s\n' "${TICKHOUSE_ENGINE_SHA256:-none}" ;;
    lib-linux-x64-gnu-26.7.3-stable.1) echo c0d32b129e988f2b9a9a31c9141aecf5e1e2453f9a079efc4d36ab8e3f92b2ad ;;
    lib-linux-x64-gnu-26.5.3) echo b874e449710950da3abd7e20376f7bb3387d9e03adcc7082f022be18dfdf316a ;;
    *) return 1 ;;
    esac
}

engine_cached() { printf '%s\n' "$CACHE/engine/$1/libchdb.so"; }

# ensure_engine VERSION [FILE]: sets ENGINE to the path of libchdb.so.
ensure_engine() {
    given=${2:-}
    [ -n "$given" ] || [ "$1" != "$ENGINE_VERSION" ] || given=${TICKHOUSE_ENGINE:-}
    ENGINE=$(engine_cached "$1")
    case $given in
    '') [ -f "$ENGINE" ] || engine_download_once "$1" ;;
    *.tgz | *.tar.gz)
        [ -f "$given" ] || die 66 "no such file: $given"
        engine_verify "$given" "$1" || die 65 "$given is not $(engine_package) $1; its sha256 should be $(engine_checksum "$(engine_package)" "$1")"
        [ -f "$ENGINE" ] || engine_unpack "$given" "$1"
        ;;
    *)
        [ -f "$given" ] || die 66 "no such file: $given"
        ENGINE=$(readlink -f "$given")
        ;;
    esac
}

engine_verify() {
    wanted=$(engine_checksum "$(engine_package)" "$2") || return 1
    found=$(sha256sum "$1") && [ "${found%% *}" = "$wanted" ]
}

# Two first runs at once would write one file: the later one waits and finds the engine there. The lock is on the folder, in a subshell,
# so that nothing which is started later inherits it.
engine_download_once() {
    mkdir -p "$CACHE/engine" || die 73 "cannot write $CACHE; set TICKHOUSE_CACHE to a folder that is writable"
    (
        flock -n 9 2>/dev/null || {
            note "waiting for another run that fetches the engine ..."
            flock 9 || : # a file system without locks
        }
        [ -f "$ENGINE" ] || engine_download "$1"
    ) 9<"$CACHE/engine" || exit $?
}

engine_download() {
    package=$(engine_package) || die 69 "no embedded engine is published for this CPU ($(uname -m)); give --engine FILE"
    wanted=$(engine_checksum "$package" "$1") || die 69 "version $1 of the engine for this CPU ($(uname -m)) is not yet pinned; give --engine FILE (a libchdb.so), or TICKHOUSE_ENGINE_VERSION and TICKHOUSE_ENGINE_SHA256"
    part=$CACHE/engine/$package-$1.tgz.part
    note "fetching the embedded ClickHouse $1 (180 MB, once) ..."
    engine_fetch "${REGISTRY%/}/@chdb/$package/-/$package-$1.tgz" "$part"
    engine_verify "$part" "$1" || {
        rm -f "$part"
        die 65 "the engine that arrived has another checksum than the pinned one ($wanted); it was thrown away. Try again, or give --engine FILE"
    }
    engine_unpack "$part" "$1"
    rm -f "$part"
}

# Goes on where an earlier call stopped. A server that has no more (416: all is there, or the file changed) leaves it to the checksum;
# any other refusal leaves what has arrived for the next call.
engine_fetch() {
    meter=--silent
    [ ! -t 2 ] || meter=--progress-bar
    code=0
    status=$(curl --fail --location --show-error "$meter" --retry 3 --connect-timeout 20 -C - -o "$2" -w '%{http_code}' "$1") || code=$?
    case $code in
    0 | 33) ;;
    22)
        [ "$status" = 416 ] && [ -s "$2" ] ||
            die 69 "the npm registry (${REGISTRY%/}) answered $status for $1; check NPM_CONFIG_REGISTRY, or give --engine FILE"
        ;;
    23) die 75 "cannot write $2: the disk may be full ($(df -h "$CACHE" | awk 'NR == 2 { print $4 }') free); make room or set TICKHOUSE_CACHE, then run this again: it goes on where it stopped" ;;
    6 | 7 | 28 | 35) die 69 "the npm registry (${REGISTRY%/}) cannot be reached; check the network, set NPM_CONFIG_REGISTRY, or give --engine FILE" ;;
    *) die 75 "the download broke off (curl said $code); run this again: it goes on where it stopped" ;;
    esac
}

# Unpacks beside its place and moves it there in one step, so that a half-written engine is never seen.
engine_unpack() {
    target=$CACHE/engine/$2
    temporary=$CACHE/engine/.unpack.$$
    note "unpacking the engine ..."
    rm -rf "$temporary"
    mkdir -p "$temporary" || die 73 "cannot write $CACHE; set TICKHOUSE_CACHE to a folder that is writable"
    if ! tar -xzf "$1" -C "$temporary" --strip-components=1 package/libchdb.so; then
        rm -rf "$temporary"
        die 75 "cannot unpack $1 into $CACHE/engine ($(df -h "$CACHE" | awk 'NR == 2 { print $4 }') free, 570 MB wanted); make room or set TICKHOUSE_CACHE"
    fi
    mv -T "$temporary" "$target" 2>/dev/null || rm -rf "$temporary" # another process was first
    [ -f "$target/libchdb.so" ] || die 70 "$target holds no libchdb.so; remove the folder and run this again"
}
