// SPDX-License-Identifier: Apache-2.0
// What rdkafka_performance.c, which librdkafka's package has among its examples, takes from the
// inside of librdkafka.
#ifndef TICKHOUSE_BENCH_RD_H
#define TICKHOUSE_BENCH_RD_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef int64_t rd_ts_t;
#define rd_snprintf snprintf
#define RD_MIN(a, b) ((a) < (b) ? (a) : (b))
#define RD_MAX(a, b) ((a) > (b) ? (a) : (b))

static inline rd_ts_t rd_clock(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (rd_ts_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

#endif
