# SPDX-License-Identifier: Apache-2.0
# Draws lines of "label<TAB>value" as a column chart, one column a line of input. utf8=1 draws eighths of a cell, else whole ones.
BEGIN {
    FS = "\t"
    height = 8
    if (utf8) split("▁ ▂ ▃ ▄ ▅ ▆ ▇ █", block, " ")
}
{
    label[NR] = $1
    value[NR] = $2 + 0
    if (NR == 1 || value[NR] < low) low = value[NR]
    if (NR == 1 || value[NR] > high) high = value[NR]
}
# What a cell shows when the column is `level` eighths high and the cell begins at `base`.
function cell(level, base) {
    if (level <= base) return " "
    if (!utf8) return level >= base + 4 ? "#" : " "
    return level >= base + 8 ? block[8] : block[level - base]
}
END {
    if (NR == 0) exit
    span = high > low ? high - low : 1
    for (row = height - 1; row >= 0; row--) {
        line = ""
        for (i = 1; i <= NR; i++)
            line = line cell(1 + int((value[i] - low) / span * (8 * height - 1)), 8 * row)
        scale = row == height - 1 ? sprintf("%9.2f", high) : row == 0 ? sprintf("%9.2f", low) : sprintf("%9s", "")
        print scale " " line
    }
    printf "%9s %s%*s\n", "", label[1], NR - length(label[1]), label[NR]
}
