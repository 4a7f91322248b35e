# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Pages whose queries are run. Source it after tests/lib.sh, with a hub started:
#
#   page_walk docs/news.md "${1-}"    # each block of SQL must give what the page prints below it; --write writes the page anew

page_walk() {
    page=$1
    # The page without its answers, and the number of its queries, each in a file.
    awk -v folder="$WORK" '
        /^```text$/ { answer = 1; next }
        answer && /^```$/ { answer = 0; getline; next }
        answer { next }
        { print >(folder "/bare") }
        /^```sql$/ { count++; sql = 1; next }
        sql && /^```$/ { sql = 0; print ""; next }
        sql { print >(folder "/query." count) }
        END { print count >(folder "/count") }' "$page" >/dev/null
    count=$(cat "$WORK/count")
    settings="SETTINGS output_format_pretty_row_numbers = 0, output_format_pretty_grid_charset = 'UTF-8' FORMAT PrettyCompactMonoBlock"
    n=0
    while [ "$n" -lt "$count" ]; do
        n=$((n + 1))
        case $(head -n 1 "$WORK/query.$n") in
        SYSTEM* | INSERT*) query "$(cat "$WORK/query.$n")" >"$WORK/result.$n" ;; # no answer, and no place for settings
        *) query "$(cat "$WORK/query.$n") $settings" >"$WORK/result.$n" ;;
        esac
    done
    awk -v folder="$WORK" '
        { print }
        /^```sql$/ { count++; sql = 1; next }
        sql && /^```$/ {
            sql = 0
            file = folder "/result." count
            if ((getline line <file) <= 0) next
            print "\n```text\n" line
            while ((getline line <file) > 0) print line
            print "```"
        }' "$WORK/bare" >"$WORK/page"
    if [ "${2-}" = --write ]; then cp "$WORK/page" "$page"; fi
    diff -u "$page" "$WORK/page" || fail "$page differs from what its queries give; run the test's script with --write"
    echo "$count queries of $page give what it says"
}
