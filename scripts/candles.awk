# SPDX-License-Identifier: Apache-2.0
# Draws lines of "time<TAB>open<TAB>high<TAB>low<TAB>close<TAB>volume" as candles, one a column: a wick from low to high, a body from open
# to close, filled where the price fell. utf8=1 uses box characters; colour=1 paints rising ones green and falling ones red.
BEGIN {
    FS = "\t"
    height = 14
    wick = utf8 ? "│" : "|"
    rising = utf8 ? "░" : "o"
    falling = utf8 ? "█" : "#"
    level_line = utf8 ? "─" : "-"
    if (utf8) split("▁ ▂ ▃ ▄ ▅ ▆ ▇ █", block, " ")
    else split(". . : : + + # #", block, " ")
}
{
    at[NR] = $1
    open[NR] = $2; top[NR] = $3; bottom[NR] = $4; close_[NR] = $5; volume[NR] = $6 + 0
    if (NR == 1 || $4 < low) low = $4 + 0
    if (NR == 1 || $3 > high) high = $3 + 0
    if (volume[NR] > most) most = volume[NR]
}
function row_of(price) { return int((price - low) / span * (height - 1) + 0.5) }
function paint(text, up) { return colour ? sprintf("\033[%dm%s\033[0m", up ? 32 : 31, text) : text }
function cell(i, row,    up, from, to) {
    up = close_[i] >= open[i]
    from = row_of(up ? open[i] : close_[i])
    to = row_of(up ? close_[i] : open[i])
    if (row >= from && row <= to) return paint(from == to && open[i] == close_[i] ? level_line : up ? rising : falling, up)
    if (row >= row_of(bottom[i]) && row <= row_of(top[i])) return paint(wick, up)
    return " "
}
END {
    if (NR == 0) exit
    span = high > low ? high - low : 1
    for (row = height - 1; row >= 0; row--) {
        line = ""
        for (i = 1; i <= NR; i++) line = line cell(i, row)
        scale = row == height - 1 ? sprintf("%10.2f", high) : row == 0 ? sprintf("%10.2f", low) : sprintf("%10s", "")
        print scale " " line
    }
    line = ""
    for (i = 1; i <= NR; i++) line = line (most > 0 ? block[1 + int(volume[i] / most * 7)] : " ")
    printf "%10s %s\n", "volume", line
    printf "%10s %s%*s\n", "", at[1], NR - length(at[1]), (length(at[1] at[NR]) < NR ? at[NR] : "")
}
