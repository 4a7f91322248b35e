# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What a journal of rounds comes to: a table for the end of a run, and the page docs/live-checker.md. A line 'note' with a text, which a
# person may add to a journal, is printed there.

# journal_compared JOURNAL...: its lines less the rounds that no batch compared, since the run was ended, or did again when it went on.
journal_compared() {
    awk -F '\t' '
        $1 == "round" { round[$2, $3] = $0; next }
        $1 == "batch" {
            for (i = $3; i <= $4; i++) {
                if (($2, i) in round) print round[$2, i]
                delete round[$2, i]
            }
        }
        { print }' "$@"
}

# report JOURNAL: losses of a batch are counted for every kind of fault that was in it.
report() {
    journal_compared "$1" | awk -F '\t' '
        function middle(kind,   n, i, j, value) {
            n = rounds[kind]
            for (i = 1; i <= n; i++) {
                value = times[kind, i]
                for (j = i - 1; j > 0 && sorted[j] > value; j--) sorted[j + 1] = sorted[j]
                sorted[j + 1] = value
            }
            longest = sorted[n]
            return sorted[int((n + 1) / 2)]
        }
        $1 == "round" {
            kind = $5
            total++
            met[kind] += $6
            outcomes[$8]++
            stalled[kind] += $8 == "stalled"
            times[kind, ++rounds[kind]] = $7
            in_batch[kind]
        }
        $1 == "check" {
            checks[$5]++; sent[$5] += $7
            lost[$5] += $9; doubled[$5] += $10; strange[$5] += $11 + $12 + $14
            batch_lost += $9; batch_doubled += $5 == "topic" ? 0 : $10
        }
        $1 == "batch" {
            for (kind in in_batch) { kind_lost[kind] += batch_lost; kind_doubled[kind] += batch_doubled }
            split("", in_batch)
            batch_lost = batch_doubled = 0
            verdicts[$6]++
            batches++
        }
        END {
            printf "%d rounds: after %d of them ticks flowed again, after %d they stood still until a later one.\n", total, outcomes["recovered"], outcomes["stalled"]
            printf "%d batches, each compared: %d equal, %d late, %d different.\n\n", batches, verdicts["equal"], verdicts["late"], verdicts["different"]
            print "| fault | rounds | met a process at work | lost | duplicated | ticks flow again after, median s | longest s | stalled |"
            print "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
            for (kind in rounds) {
                value = middle(kind)
                printf "| %s | %d | %d | %d | %d | %.1f | %.1f | %d |\n", kind, rounds[kind], met[kind], kind_lost[kind], kind_doubled[kind],
                    value / 1000, longest / 1000, stalled[kind] | "sort"
            }
            close("sort")
            print "\n| compared in | times | ticks sent | lost | duplicated | never sent, changed, unreadable |"
            print "| --- | ---: | ---: | ---: | ---: | ---: |"
            for (place in checks)
                printf "| %s | %d | %d | %d | %d | %d |\n", place, checks[place], sent[place], lost[place], doubled[place], strange[place] | "sort"
            close("sort")
        }'
}

# report_calls JOURNAL: where links were met at work, call by call.
report_calls() {
    journal_compared "$1" | awk -F '\t' '
        $1 == "round" && $5 ~ /^(syscall|error)-/ {
            split($9, what, " ")
            call = what[1] (what[3] == "" ? "" : ": " what[3])
            gsub(",", ", ", call)
            calls[call]
            links[call, substr($5, index($5, "-") + 1)] += $6
            missed += !$6
        }
        END {
            print "| call | ingest | capture |"
            print "| --- | ---: | ---: |"
            for (call in calls) printf "| %s | %d | %d |\n", call, links[call, "ingest"], links[call, "capture"] | "sort"
            close("sort")
            printf "\n%d rounds drew a call that did not come.\n", missed
        }'
}

# report_runs JOURNAL: what was run, and of which revision.
report_runs() {
    awk -F '\t' '
        function say() { if (run != "" && n) printf "tests/faults/rounds.sh %s  # %d rounds, revision %s\n", command, n, revision; n = 0 }
        $1 == "run" && ($2 "\t" $4 "\t" $5) != run { say(); run = $2 "\t" $4 "\t" $5; revision = $4; command = $5 }
        $1 == "round" { n++ }
        END { say() }
    ' "$1"
}

# report_page JOURNAL: the page, with what was run.
report_page() {
    cat <<PAGE
# Nothing lost, nothing twice: the checker's report

\`tests/faults/rounds.sh --report docs/live-checker.md\` writes this page. Numbered ticks flow through the live path with real services, and in
each round one thing is killed, frozen, cut off or filled; after a batch of rounds [the checker](../tests/faults/checker/README.md) compares
what was sent with what arrived, in every place.

| chain | links |
| --- | --- |
| clickhouse | mock → \`ingest finnhub\` → hub |
| kafka | mock → \`ingest finnhub\` → Kafka → hub |
| postgres | mock → \`ingest finnhub\` → PostgreSQL → \`ingest pgcdc\` → Kafka → hub |
| debezium | mock → \`ingest finnhub\` → PostgreSQL → Kafka Connect with Debezium → Kafka → hub |

## The report

$(date -u +%Y-%m-%d), seeds $(awk -F '\t' '$1 == "round" && !seen[$2]++ { printf "%s%s", (n++ ? ", " : ""), $2 }' "$1"), $(nproc) cores, $(uname -sr), PostgreSQL $(psql --version | tr -dc '0-9. ' | awk '{ print $1 }'), Kafka 4.3.1, ClickHouse $ENGINE_VERSION.

$(report "$1")

What was run:

\`\`\`
$(journal_compared "$1" | report_runs -)
\`\`\`

$(awk -F '\t' '$1 == "note" { print $2 "\n" }' "$1" | fold -s -w 140 | sed 's/ *$//')

A topic delivers at least once: its duplicates are events that came again, of the same (symbol, ts) and from pgcdc with the same position in
PostgreSQL's log, so that the hub takes them for the row that it has. Everywhere else a duplicate is a fault. Losses of a batch are counted for each kind of fault in it.

## The faults

| fault | what is done |
| --- | --- |
| kill-LINK | SIGKILL at a random moment, up to three times, also just after the start |
| syscall-LINK | started under strace, which kills it as it enters the N-th call of a kind (write, fsync, rename, sendto, poll, …) |
| error-LINK | the N-th call of a kind fails once: no space, input/output error, connection reset, no memory, …; then SIGKILL |
| zombie-LINK | stopped by SIGSTOP, taken for dead, a second one is started; the first goes on; one of the two is killed |
| usurp-capture | the same, and PostgreSQL takes the slot from the stopped one, so that the second streams when the first wakes up |
| kill-, restart-, freeze-SERVICE | of hub, Kafka, Connect: SIGKILL; an orderly stop; SIGSTOP for up to 2.2 s |
| postgres-fast, -immediate, -kill | its three ends: transactions rolled back, processes ended at once, all processes killed together |
| disk-full | the sink is away, the spool's disk (8 MB) is filled to the last byte; with and without a kill |
| torn-spool | killed with ticks in the spool, whose newest file then ends in half a record, in noise or in zeros |
| partition-PAIR | packets between two are swallowed for up to 2.7 s, in one direction or both, by a routing rule of a network namespace |

### Calls in which a link was met

A line without an error says how often the link was killed as it entered the call, the others how often the call failed. Where a draw met
nothing, another was made; a call that these programs do not make stays away.

$(report_calls "$1")

### Links

Links are \`ingest finnhub\` (ingest) and \`ingest pgcdc\` (capture). What ends is started again at once, as a supervisor would. The mock sends
the ticks of the last $REPLAY_SECONDS s again to one who connects again: that much a feed must be able to repeat for a killed ingestor, which
has rows in memory. Without a feed that repeats, \`--every-row\` bounds the loss to what lay in the socket.

## Again

What a round draws depends on the seed, on its number, and on what may be drawn: \`--batch\`, \`--chain\`, \`--only\`. A batch that went wrong
prints its whole command; moments are the machine's, so that a rare loss may need several runs.

\`\`\`
tests/faults/rounds.sh --rounds 12 --seed 1 --batch 4           # what './tickhouse test' runs
sh tests/faults/test_rounds_nightly.sh                          # './tickhouse test --all': 1,000 rounds; goes on where it was ended
tests/faults/rounds.sh --rounds 1 --seed 1 --batch 4 --from 9   # round 9 of the first alone
tests/faults/rounds.sh --only zombie-capture --chain postgres   # one kind
\`\`\`

It needs no root where namespaces of users are allowed. Where no namespace is allowed, partitions and the full disk are left out and the run
says so; without strace, syscall- and error-.
PAGE
}
