# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Random numbers by seed, the same in every shell (splitmix64, Steele, Lea and Flood 2014, in the 63 bits that a shell shifts right): a
# round draws from its own sequence, so that it can be run again alone.

# draw_seed SEED ROUND
draw_seed() {
    DRAW_STATE=$(($1 * 1000003 + $2 * 7919))
    draw 2
    draw 2
}

# draw N: sets DRAWN to 0..N-1.
draw() {
    DRAW_STATE=$((DRAW_STATE + 7046029254386353131))
    mixed=$((DRAW_STATE & 9223372036854775807))
    mixed=$((((mixed ^ (mixed >> 30)) * 4595861603807119303) & 9223372036854775807))
    mixed=$((((mixed ^ (mixed >> 27)) * 7723592293110705685) & 9223372036854775807))
    DRAWN=$(((mixed ^ (mixed >> 31)) % $1))
}

# draw_word WORD...: sets DRAWN to one of them.
draw_word() {
    draw $#
    shift "$DRAWN"
    DRAWN=$1
}

# draw_moment MILLISECONDS: sleeps for at most so long.
draw_moment() {
    draw "$1"
    sleep "$((DRAWN / 1000)).$(printf '%03d' $((DRAWN % 1000)))"
}
