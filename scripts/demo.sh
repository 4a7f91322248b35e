# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# demo: from nothing to indicators over real prices, and to what news say of them.

help_demo() {
    cat <<EOF
demo: from nothing to indicators over real prices, and the mood of the news

usage: ./tickhouse demo [--live] [up's options]
       ./tickhouse demo --stream [options]

  --live  load the newest slot of GDELT's own feed as well: 15 minutes of news, about 5 MB. Where its site cannot be reached, the
          demo goes on without it
  --stream  instead: watch candles being drawn ('./tickhouse demo --stream --help')

Installs what is missing (Debian, Ubuntu), builds, fetches the embedded ClickHouse, starts it, loads the daily bars and the invented news
of samples/ and shows two tickers with their indicators, which articles were linked to which company and why, and the market's mood. A
second run changes nothing. './tickhouse up --help' lists the options.

environment:
  TICKHOUSE_GDELT_URL   a mirror of GDELT's site, for --live
EOF
}

command_demo() {
    live=
    case ${1-} in
    --stream)
        shift
        case ${1-} in --help | -h) help_demo_stream ;; *) command_demo_stream "$@" ;; esac
        return
        ;;
    --live)
        live=yes
        shift
        ;;
    esac
    up_options "$@" # fails early on a wrong option
    was_up=
    if hub_pid "$data" >/dev/null 2>&1; then was_up=yes; else check_port "$http_port" http && check_port "$tcp_port" tcp; fi
    ensure_packages build
    build_preset release
    command_up "$@"
    url=$(hub_url "$data")
    scratch_folder
    demo_load
    demo_refresh
    for ticker in NVDA MSFT; do demo_show "$ticker"; done
    demo_load_news
    demo_show_news
    demo_next
}

# Before half a minute goes into building: does somebody answer there? (7: nobody; on a bare machine there is no curl, and no hub.)
check_port() {
    [ "$1" -ne 0 ] && command -v curl >/dev/null || return 0
    answer=0
    curl -s -o /dev/null --max-time 1 "http://127.0.0.1:$1/" || answer=$?
    [ "$answer" -eq 7 ] || die 69 "port $1 of 127.0.0.1 is taken; choose others with --http-port N and --tcp-port N (0: any free one)"
}

demo_query() {
    printf '%s' "$1" >"$SCRATCH/demo.sql"
    send_query "$url" "$SCRATCH/demo.sql"
}

demo_fingerprint() { demo_query "SELECT count(), max(ingested_at), sum(cityHash64(*)) FROM warehouse.stock_daily"; }

demo_load() {
    before=$(demo_fingerprint) || exit $?
    program=$(find_program ingest) || die 70 "the build made no 'ingest'"
    "$program" stooq --input "$ROOT/samples/prices" --url "$url" || exit $?
    after=$(demo_fingerprint) || exit $?
    if [ -n "$was_up" ] && [ "$before" = "$after" ]; then
        echo "the hub was up and the prices were loaded: nothing changed"
    fi
}

# The view of all indicators is filled on the hour; what was just loaded need not wait for it.
demo_refresh() {
    [ "$before" = "$after" ] && [ "$(demo_query "SELECT count() > 0 FROM warehouse.silver_stock_indicators")" = 1 ] && return 0
    demo_query "SYSTEM REFRESH VIEW warehouse.silver_stock_indicators" || exit $?
    demo_query "SYSTEM WAIT VIEW warehouse.silver_stock_indicators" || exit $?
}

# Loaded slots are known to the ledger, so that a second run loads nothing.
demo_load_news() {
    echo
    "$program" gdelt --input "$ROOT/samples/news" --url "$url" || exit $?
    [ -z "$live" ] || demo_load_live
    (command_relink --data "$data") || exit $?
}

# 69 and 75 are a site that cannot be reached or has nothing new to give; what 65 has set aside is in quarantine.
demo_load_live() {
    echo "fetching the newest slot of GDELT, 15 minutes of news in about 5 MB, from ${TICKHOUSE_GDELT_URL:-its site}"
    code=0
    "$program" gdelt --follow --once --catch-up 0 --tries 1 --url "$url" ${TICKHOUSE_GDELT_URL:+--base-url "$TICKHOUSE_GDELT_URL"} || code=$?
    case $code in
    0 | 65) ;;
    69 | 75)
        note "GDELT's newest slot did not come; the demo goes on with the sample"
        live=
        ;;
    *) exit "$code" ;;
    esac
}

demo_table() {
    format=PrettyCompactMonoBlock
    demo_query "$1
        SETTINGS output_format_pretty_row_numbers = 0, output_format_pretty_grid_charset = '$(grid_charset)'" || exit $?
    format=TabSeparated
}

demo_show_news() {
    printf '\nArticles (invented: samples/README.md), the company of each, why, and the session that it counts for\n'
    demo_table "SELECT seen_at, date AS session, ticker, round(score, 2) AS score, rule, surface, title
        FROM warehouse.news_ticker FINAL WHERE source = 'synthetic.example' ORDER BY seen_at DESC, url LIMIT 6"
    if [ -n "$live" ]; then
        printf '\nThe newest slot of GDELT\n'
        demo_table "SELECT ticker, count() AS articles, round(avg(tone), 2) AS tone, argMax(title, (seen_at, url)) AS latest
            FROM warehouse.news_ticker FINAL
            WHERE source != 'synthetic.example' AND seen_at >= (SELECT max(slot) FROM warehouse.bronze_gkg)
            GROUP BY ticker ORDER BY articles DESC, ticker LIMIT 10"
    fi
    printf '\nMarket mood\n'
    demo_table "SELECT * FROM (SELECT date, articles, round(sentiment, 2) AS sentiment, round(sentiment_z, 2) AS z, mood,
            round(100 * market_return, 2) AS market_percent FROM warehouse.market_mood ORDER BY date DESC LIMIT 5) ORDER BY date"
    printf '\nLook-ahead: %s violations in %s rows checked\n' $(demo_query "SELECT sum(violations), sum(rows) FROM warehouse.ops_lookahead")
}

# The last days with their indicators, and a quarter of closes as a chart.
demo_show() {
    printf '\n%s\n' "$1"
    demo_table "SELECT * FROM (
        SELECT date, round(close, 2) AS close, round(ema_12, 2) AS ema_12, round(ema_26, 2) AS ema_26,
            round(macd, 3) AS macd, round(macd_signal, 3) AS signal, round(rsi_14, 1) AS rsi_14
        FROM warehouse.ta_daily(ticker = '$1') ORDER BY date DESC LIMIT 6) ORDER BY date"
    demo_query "SELECT date, close FROM (
        SELECT date, close FROM warehouse.stock_daily FINAL WHERE ticker = '$1' ORDER BY date DESC LIMIT 64) ORDER BY date" |
        awk -v utf8="$(is_utf8)" -f "$ROOT/scripts/chart.awk"
}

is_utf8() {
    case ${LC_ALL:-${LC_CTYPE:-${LANG-}}} in
    *[Uu][Tt][Ff]8* | *[Uu][Tt][Ff]-8*) echo 1 ;;
    *) echo 0 ;;
    esac
}

grid_charset() { if [ "$(is_utf8)" -eq 1 ]; then echo UTF-8; else echo ASCII; fi; }

demo_next() {
    cat <<EOF

Next:
  ./tickhouse sql$(data_hint "$data") "SELECT date, close, rsi_14 FROM warehouse.ta_daily(ticker = 'AAPL') ORDER BY date DESC LIMIT 10"
  ./tickhouse sql$(data_hint "$data")        SQL, line by line
  $url/play   the query page
  ./tickhouse down$(data_hint "$data")       stop; the data stays
EOF
}
