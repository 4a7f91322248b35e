// SPDX-License-Identifier: Apache-2.0
#include "market/bar.h"
#include "base/time.h"

#include <stdio.h>

// Writes the reason and is false.
#define FAULT(reason, ...) ((void)snprintf(reason, BAR_REASON_BYTES, __VA_ARGS__), false)

static bool check_positive(const char *name, double price, char *reason)
{
    return price > 0 ? true : FAULT(reason, "%s is %.17g; a price is above 0", name, price);
}

static bool check_inside(const struct bar *bar, const char *name, double price, char *reason)
{
    if (price >= bar->low && price <= bar->high)
        return true;
    return FAULT(reason, "%s %.17g is outside low %.17g to high %.17g", name, price, bar->low,
                 bar->high);
}

static bool check_date(int32_t date, char *reason)
{
    char text[11];
    if (date >= 0 && date <= BAR_DATE_LAST)
        return true;
    date_format(date, text);
    return FAULT(reason, "date %s is outside 1970-01-01 to 2149-06-06, which Date can hold", text);
}

bool bar_check(const struct bar *bar, char reason[static BAR_REASON_BYTES])
{
    if (!check_date(bar->date, reason) || !check_positive("open", bar->open, reason) ||
        !check_positive("high", bar->high, reason) || !check_positive("low", bar->low, reason) ||
        !check_positive("close", bar->close, reason))
        return false;
    if (bar->high < bar->low)
        return FAULT(reason, "high %.17g is below low %.17g", bar->high, bar->low);
    if (!(bar->volume >= 0))
        return FAULT(reason, "volume is %.17g; it cannot be negative", bar->volume);
    return check_inside(bar, "open", bar->open, reason) &&
           check_inside(bar, "close", bar->close, reason);
}
