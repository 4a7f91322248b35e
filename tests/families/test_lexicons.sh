#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A lexicon that the user puts there, that is replaced while workers live, that is broken, and that is taken away.
. tests/lib.sh
mkdir "$WORK/lexicons"
export TICKHOUSE_LEXICONS="$WORK/lexicons"
hub_start
score() { query "SELECT text_sentiment('the zorp report', 'mine').compound"; }
# Renamed into place, as a careful hand does it: no reader sees half a file.
put() {
    printf '%b' "$1" >"$WORK/new"
    mv "$WORK/new" "$WORK/lexicons/mine.txt"
}
refused() { expect_match "$(query_error "SELECT text_sentiment('the zorp report', 'mine')")" "$1" "$2"; }

refused "*no lexicon 'mine': $WORK/lexicons/mine.txt: No such file or directory. 'headlines' comes with tickhouse*" "no file yet"
put 'zorp\t4\n'
expect_equal "$(score)" 0.7184 "the user's lexicon"
put 'zorp\t-4\n'
expect_equal "$(score)" -0.7184 "the one that replaced it"
put 'zorp\t4\nfoo\n'
refused "*mine.txt: line 2: 'foo' has no score from -100 to 100*" "a broken line"
put ''
expect_equal "$(score)" 0 "an empty lexicon"
put 'zorp\t4\n'
expect_equal "$(score)" 0.7184 "mended"
printf '\360\237\230\201\tzorp' >"$WORK/lexicons/mine.emoji.txt"
expect_equal "$(query "SELECT text_sentiment('report 😁', 'mine').compound")" 0.7184 "an emoji"
head -c 5000000 /dev/zero >"$WORK/lexicons/huge.txt"
expect_match "$(query_error "SELECT text_sentiment('x', 'huge')")" "*huge.txt has 5000000 bytes; at most 4194304 are read*" "too large a file"
rm "$WORK/lexicons/mine.txt"
refused "*no lexicon 'mine'*" "taken away"

# Many in one block: each file is read once, whatever the order of the rows.
number=1
while [ $number -le 17 ]; do
    printf 'zorp\t4\n' >"$WORK/lexicons/many$number.txt"
    number=$((number + 1))
done
many() { echo "SELECT 'the zorp report' AS text, 'many' || toString(number % $1 + 1) AS lexicon FROM numbers(1000)"; }
expect_equal "$(query "SELECT uniqExact(s), any(s) FROM (SELECT text_sentiment(text, lexicon).compound AS s FROM ($(many 17)))")" "1	0.7184" \
    "more lexicons than are kept"
curl -sS --fail-with-body --data-binary "$(many 16) FORMAT Native" "$HUB_URL/" >"$WORK/block"
strace -o "$WORK/calls" -e trace=open,openat "$TICKHOUSE_BUILD/user_scripts/gdelt" udf text_sentiment <"$WORK/block" >"$WORK/answer"
expect_equal "$(grep -c 'many[0-9]*\.txt"' "$WORK/calls")" 16 "files opened for a block that names 16 lexicons"
echo "lexicons are read, replaced and refused"
