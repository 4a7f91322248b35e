#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# text_sentiment with VADER's lexicon against vaderSentiment, over its own examples, thousands of headlines and sentences that provoke
# its rules; and against the numbers that its readme prints.
. tests/lib.sh
need_engine
data=$ROOT/../shared/data/sentiment
[ -d "$data" ] || skip "../shared/data/sentiment is not there"
peers=$(scripts/peers.sh sentiment) || skip "vaderSentiment could not be installed"

# In query mode the folder of lexicons comes from the environment.
mkdir "$WORK/lexicons"
cp "$data/vader_lexicon.txt" "$WORK/lexicons/vader.txt"
cp "$data/emoji_utf8_lexicon.txt" "$WORK/lexicons/vader.emoji.txt"
export TICKHOUSE_LEXICONS="$WORK/lexicons"

"$peers/bin/python" tests/parity/sentiment.py texts "$data" >"$WORK/texts.jsonl"
query_new "SELECT text, text_sentiment(text, 'vader') AS s, s.negative, s.neutral, s.positive, s.compound
    FROM file('$WORK/texts.jsonl', JSONEachRow, 'text String') FORMAT JSONCompactEachRow" >"$WORK/found.jsonl"
"$peers/bin/python" tests/parity/sentiment.py compare "$data" "$WORK/found.jsonl"
