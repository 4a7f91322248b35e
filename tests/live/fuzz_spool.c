// SPDX-License-Identifier: Apache-2.0
// Any bytes as what a spool finds on disk: as a segment, and as the body of a record whose checksum
// is right. Rows that are accepted are written again as the same bytes.
#include "live/segment.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct live_batch batch;

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static void as_segment(const char *bytes, size_t size)
{
    struct buffer data = {.data = (char *)(uintptr_t)bytes, .size = size, .ceiling = size};
    const struct segment_check check = segment_check(&data, 0);
    require(check.whole <= size, "the whole part lies within the file");
    require(!check.is_torn || !check.is_damaged, "torn or damaged, not both");
    require(check.is_torn || check.is_damaged || check.is_foreign || check.whole == size,
            "a file without a fault is read to its end");
}

static void as_body(const char *bytes, size_t size)
{
    struct record record;
    struct buffer framed, again;
    const uint32_t words[] = {(uint32_t)size, 0};
    size_t at = 0;
    char head[RECORD_HEAD_BYTES] = {0};
    memcpy(head, words, sizeof words);
    head[8] = 7;
    buffer_init(&framed, size + sizeof head);
    buffer_init(&again, size + sizeof head);
    (void)buffer_append(&framed, head, sizeof head, NULL);
    (void)buffer_append(&framed, bytes, size, NULL);
    record_place(framed.data, 0);
    live_batch_clear(&batch);
    batch.number = 7;
    if (record_next(framed.data, framed.size, &at, &record) == RECORD_GOOD &&
        record_read(&record, &batch, NULL) == 0) {
        require(record.rows == live_batch_rows(&batch), "as many rows as the record says");
        require(record_append(&batch, 0, 0, &again, NULL) == 0 && again.size == framed.size,
                "as many bytes again");
        record_place(again.data, 0);
        require(memcmp(again.data, framed.data, again.size) == 0, "the same bytes again");
    }
    buffer_free(&framed);
    buffer_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (batch.ticks == NULL)
        require(live_batch_init(&batch, NULL) == 0, "memory");
    as_segment((const char *)bytes, size);
    as_body((const char *)bytes, size);
    return 0;
}
