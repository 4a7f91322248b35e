# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Loopback is reached without a proxy, whatever the environment says of others. curl takes no_proxy before NO_PROXY, so where only one is
# set, both become what that one says.

with_loopback() {
    case ,$1, in
    ,\*, | *,127.0.0.1,localhost,*) printf '%s\n' "$1" ;;
    *) printf '%s\n' "${1:+$1,}127.0.0.1,localhost" ;;
    esac
}

no_proxy=$(with_loopback "${no_proxy:-${NO_PROXY-}}")
NO_PROXY=$(with_loopback "${NO_PROXY:-$no_proxy}")
export no_proxy NO_PROXY
