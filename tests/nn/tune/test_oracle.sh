#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The numbers that test_tune compares with are still what scikit-learn, scipy and mpmath give.
. tests/lib.sh
peers=$(scripts/peers.sh metrics) || skip "the Python packages of tests/peers/metrics.txt could not be installed"
"$peers/bin/python" tests/nn/tune/oracle.py --check tests/nn/tune/oracle.inc || fail "oracle.inc differs from what oracle.py gives"
