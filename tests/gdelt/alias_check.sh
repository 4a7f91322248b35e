#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `gdelt aliases --check`: the curated aliases have no name that stands for two companies on one day; such names are listed, and so are
# names that no look-up reaches.
# shellcheck source=tests/lib.sh
. tests/lib.sh
gdelt=$TICKHOUSE_BUILD/user_scripts/gdelt
mkdir "$WORK/aliases"
export TICKHOUSE_ALIASES="$WORK/aliases"

cp schemas/aliases/curated.tsv "$WORK/aliases"
expect_code 0 "$gdelt" aliases --check
expect_equal "$(cat "$WORK/out")" "" "names of two companies among the curated ones"

rm "$WORK/aliases/curated.tsv"
printf '%b' 'OLD\tZorp\tname\t\t2020-01-31\t\nNEW\tZorp\tname\t2020-01-31\t\t\nNEW\tOne Two Three Four Five Six Seven Eight Nine\tname\t\t\t\n' \
    >"$WORK/aliases/mine.tsv"
expect_code 65 "$gdelt" aliases --check
expect_match "$(cat "$WORK/out")" "*mine.tsv, line 3: 'One Two Three Four Five Six Seven Eight Nine' has 9 words; names of up to 8 are looked up
'zorp' stands for OLD and for NEW from 2020-01-31 to 2020-01-31" "what is wrong with them"
echo "names of two companies are listed"
