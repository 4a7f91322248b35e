#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tests/nn/models is what make_models writes: a change of the file's format shows here, and as models that cannot be read any more.
# --write makes them anew.
. tests/lib.sh
if [ "${1-}" = --write ]; then
    rm -rf tests/nn/models
    "$TICKHOUSE_BIN/make_models" tests/nn/models
    exit
fi
"$TICKHOUSE_BIN/make_models" "$WORK/models"
diff -r tests/nn/models "$WORK/models" || fail "the model file has another form now; 'sh tests/nn/model/test_models_unchanged.sh --write' accepts it"
