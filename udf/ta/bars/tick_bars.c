// SPDX-License-Identifier: Apache-2.0
#include "tick_bars.h"

#include <string.h>

int tick_bar_kind_named(const char *name, size_t length, enum tick_bar_kind *kind, struct err *err)
{
    static const char *const names[] = {"tick", "volume", "dollar"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0) {
            *kind = (enum tick_bar_kind)i;
            return 0;
        }
    return err_set(err, EX_USAGE, "there are no bars of kind '%.*s'; say tick, volume or dollar",
                   (int)(length < 40 ? length : 40), name);
}

bool tick_bar_add(struct tick_bar *bar, enum tick_bar_kind kind, double size, int64_t at,
                  double price, double volume)
{
    if (bar->trades == 0) {
        bar->open_at = at;
        bar->open = bar->high = bar->low = price;
    }
    bar->high = price > bar->high ? price : bar->high;
    bar->low = price < bar->low ? price : bar->low;
    bar->close = price;
    bar->close_at = at;
    bar->volume += volume;
    bar->dollars += price * volume;
    bar->trades++;
    const double sums[] = {(double)bar->trades, bar->volume, bar->dollars};
    return sums[kind] >= size;
}

void tick_bar_next(struct tick_bar *bar)
{
    *bar = (struct tick_bar){.number = bar->number + 1};
}
