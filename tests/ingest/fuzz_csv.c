// SPDX-License-Identifier: Apache-2.0
// Any bytes as a Stooq file: every row that is not blank becomes a believable bar or goes to
// quarantine, and nothing is lost between them.
#include "fake_sink.h"
#include "market/stooq.h"

#include <stdio.h>
#include <stdlib.h>

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static size_t rows_below_header(const char *data, size_t size)
{
    struct csv_reader reader;
    struct csv_view line;
    size_t rows = 0;
    csv_open(&reader, data, size);
    while (csv_next(&reader, &line))
        rows += !csv_is_blank(line);
    return rows - 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct bench bench;
    const char *data = size != 0 ? (const char *)bytes : "";
    struct err err = {0};
    require(bench_open(&bench, &err) == 0, "the test has memory");
    require(bench_load(&bench, "nvda_us_d.csv", data, size, &err) == 0, "bad bytes are no error");
    const enum stooq_kind kind = stooq_recognise(data, size).kind;
    const size_t expected =
        kind == STOOQ_CSV || kind == STOOQ_BULK ? rows_below_header(data, size) : 1;
    require(bench.fake.bars + bench.fake.bad == expected, "every row is loaded or set aside");
    require(!bench.fake.unbelievable, "every bar is believable");
    bench_close(&bench);
    return 0;
}
