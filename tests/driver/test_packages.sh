#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Missing packages: installed as root, printed as a command otherwise. The system's own tools are stood in for by scripts, so that nothing
# is installed here.
# shellcheck source=tests/lib.sh
. tests/lib.sh

fake() {
    mkdir -p "$WORK/$1"
    cat >"$WORK/$1/$2"
    chmod +x "$WORK/$1/$2"
}
fake bin dpkg-query <<'EOF'
#!/bin/sh
for last; do :; done
case " $MISSING " in
*" $last "*) exit 1 ;;
esac
printf installed
EOF
fake bin apt-get <<'EOF'
#!/bin/sh
echo "apt-get $*" >>"$APT_LOG"
[ "$1" != "${APT_FAILS-}" ] || { echo "E: no such package"; exit 100; }
EOF
fake user id <<'EOF'
#!/bin/sh
echo 1000
EOF
fake user sudo <<'EOF'
#!/bin/sh
exit 1
EOF
fake sudoer sudo <<'EOF'
#!/bin/sh
[ "$1" != -n ] || shift
exec "$@"
EOF
fake root id <<'EOF'
#!/bin/sh
echo 0
EOF

MISSING='' APT_LOG=$WORK/apt.log SYSTEM_PATH=$PATH
export MISSING APT_LOG
ensure() {
    PATH=$PATH_BEFORE:$WORK/bin:$SYSTEM_PATH sh -c 'set -eu; ROOT=$1; . "$ROOT/scripts/common.sh"; . "$ROOT/scripts/packages.sh"; ensure_packages "$2"' \
        sh "$ROOT" "$1"
}

PATH_BEFORE=$WORK/user
expect_code 0 ensure build

MISSING="cmake libzip-dev"
expect_code 69 ensure build
expect_match "$(cat "$WORK/err")" "*sudo apt-get update && sudo apt-get install -y --no-install-recommends cmake libzip-dev*" "the command to type"
[ ! -e "$APT_LOG" ] || fail "a user without rights started apt-get"

PATH_BEFORE=$WORK/root
expect_code 0 ensure build
expect_match "$(cat "$WORK/err")" "*installing*cmake libzip-dev*" "what is installed is said"
expect_equal "$(cat "$APT_LOG")" "apt-get update
apt-get install -y --no-install-recommends cmake libzip-dev" "as root"

rm "$APT_LOG"
PATH_BEFORE=$WORK/sudoer:$WORK/user
expect_code 0 ensure build
expect_equal "$(wc -l <"$APT_LOG")" 2 "with sudo"

PATH_BEFORE=$WORK/root
MISSING=strace
expect_code 0 ensure build
expect_code 0 ensure test
expect_match "$(tail -n 1 "$APT_LOG")" "*install*strace" "what tests want"
APT_FAILS=install
export APT_FAILS
expect_code 69 ensure test
expect_match "$(cat "$WORK/err")" "*E: no such package*could not be installed*strace*" "apt-get's own words"
