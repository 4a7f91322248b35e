#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fields of 100 MB: each is read in one pass, and hostile ones end.
. tests/lib.sh
large=104857600

ask() {
    expect_equal "$(query_old "SELECT $1 SETTINGS max_memory_usage = 0, max_block_size = 1")" "$2" "$1"
}
ask "length(gdelt_title(concat('<PAGE_TITLE>', repeat(repeat('a', 1024), $((large / 1024))), '</PAGE_TITLE>')))" $large
ask "length(gdelt_title(concat('<PAGE_TITLE>', repeat(repeat('&eacute;', 1024), $((large / 8192))), '</PAGE_TITLE>')))" $((large / 4))
ask "length(gdelt_title(concat('<PAGE_TITLE>', repeat(repeat('&', 1024), $((large / 1024))), '</PAGE_TITLE>')))" $large
ask "length(gdelt_authors(concat('<PAGE_AUTHORS>', repeat(repeat('&amp;', 1024), $((large / 5120))), '</PAGE_AUTHORS>')))" 1
ask "length(gdelt_quotations(repeat(repeat('#', 1024), $((large / 1024)))))" 0
ask "isNaN(gdelt_gcam(repeat(repeat('a', 1024), $((large / 1024))), 'aaaaaaaaaab'))" 1
ask "length(url_canonical(concat('https://example.com/', repeat(repeat('amp_', 1024), $((large / 4096))), 'x')))" $((large + 21))
ask "length(url_canonical(concat('https://e.com/a', repeat(repeat('.amp', 1000), 2000))))" 8000015
ask "length(url_canonical(concat('https://e.com/a', repeat('-amp', 250000))))" 1000015
ask "length(url_canonical(concat('https://', repeat('google.com/amp/s/', 60000), 'e.com')))" 1020013
# As long as URLs may be, a thousand of them.
ask "sum(length(url_canonical(concat('https://e.com/a', repeat('.amp', 16000 + arrayJoin(range(1000)) % 1)))))" 15000
ask "length(html_text(concat(repeat(repeat('<div>', 1024), $((large / 5120))), 'x'))) <= 1" 1
ask "length(html_text(concat('<p ', repeat(repeat('a=1 ', 1024), $((large / 4096))), '>x'))) <= 1" 1
ask "length(html_text(concat(repeat('<font color=1><i><b>', 1000), repeat('<p>', 1000000)))) <= 1" 1
