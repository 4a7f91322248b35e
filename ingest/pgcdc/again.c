// SPDX-License-Identifier: Apache-2.0
#include "again.h"
#include "net/backoff.h"
#include "stop.h"

#include <stdio.h>

enum { TRIES_FOREVER = 1 << 30 }; // the waits between stay at their ceiling

static int tries_of(const struct again *again)
{
    return again->tries < 0 || again->tries > TRIES_FOREVER ? TRIES_FOREVER : (int)again->tries;
}

static bool wait_for_another(const struct again *again, struct backoff *backoff,
                             const struct err *err)
{
    double seconds;
    if (!err->retriable || stop_check(NULL) != 0 || !backoff_next(backoff, &seconds))
        return false;
    (void)fprintf(stderr, "%s: %s; trying again in %.1f s\n", again->name, err->text, seconds);
    (void)backoff_sleep(seconds);
    return true;
}

int again_run(const struct again *again, struct err *err)
{
    struct backoff backoff;
    backoff_init(&backoff, tries_of(again));
    for (;;) {
        const uint64_t before = again->progress(again->context);
        struct err failed = {0};
        const int code = again->once(again->context, &failed);
        if (code == 0 || stop_check(NULL) != 0)
            return 0;
        if (again->progress(again->context) != before)
            backoff_init(&backoff, tries_of(again));
        if (!wait_for_another(again, &backoff, &failed)) {
            *err = failed;
            return code;
        }
    }
}
