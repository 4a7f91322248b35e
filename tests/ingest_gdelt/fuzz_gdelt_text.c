// SPDX-License-Identifier: Apache-2.0
// Any bytes as a file of GDELT: every line that is not empty becomes a row or goes to quarantine,
// and the columns of the rows, put together again, are the lines.
#include "base/utf8.h"
#include "gdelt_text.h"
#include "require.h"

#include <string.h>

static int count_bad(struct sink *sink, const struct quarantine *rows, struct err *err)
{
    (void)err;
    sink->already += rows->rows;
    return 0;
}

static void append(struct buffer *out, const char *text, size_t size)
{
    require(buffer_append(out, text, size, NULL) == 0, "the test has memory");
}

// The row as it stood in the file.
static void join_row(const struct native_block *block, size_t row, struct buffer *out)
{
    out->size = 0;
    for (size_t i = 3; i < block->column_count; i++) {
        const struct native_column *column = &block->columns[i];
        const uint64_t start = native_start(column->ends, row);
        append(out, i == 3 ? "" : "\t", i != 3);
        append(out, column->bytes + start, column->ends[row] - start);
    }
}

static uint64_t check_lines(const struct gdelt_block *block, const char *text, size_t size,
                            struct buffer *row)
{
    uint64_t lines = 0, taken = 0;
    uint32_t number = 0;
    const uint32_t *numbers = block->block.columns[2].values;
    for (const char *at = text, *end = text + size; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const size_t length = (size_t)((stop != NULL ? stop : end) - at);
        number++;
        lines += length != 0;
        if (taken < block->rows && numbers[taken] == number) {
            join_row(&block->block, taken++, row);
            require(row->size == length && memcmp(row->data, at, length) == 0,
                    "a row is its line, byte for byte");
        }
        at += length + 1;
    }
    require(taken == block->rows, "every row is of a line");
    return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct gdelt_text text;
    static struct sink sink = {.quarantine = count_bad};
    static struct buffer mended, row;
    const struct gdelt_slot slot = {{size != 0 ? bytes[0] % GDELT_KINDS : 0, false}, 0};
    const char *data = size != 0 ? (const char *)bytes + 1 : "";
    struct gdelt_block block;
    struct gdelt_slot found;
    struct err err = {0};
    size_t replaced;
    if (text.sink == NULL) {
        require(gdelt_text_open(&text, &sink, &err) == 0, "the test has memory");
        buffer_init(&mended, 1 << 26);
        buffer_init(&row, 1 << 26);
    }
    size -= size != 0;
    sink.already = mended.size = 0;
    require(gdelt_text_read(&text, &slot, "file", data, size, false, &block, &err) == 0,
            "bad bytes are no error");
    require(utf8_mend(data, size, &mended, &replaced, &err) == 0, "the test has memory");
    require(replaced == block.replaced, "ill-formed UTF-8 is counted");
    require(utf8_valid_prefix(mended.data, mended.size) == mended.size, "and mended");
    require(check_lines(&block, mended.size != 0 ? mended.data : "", mended.size, &row) ==
                block.rows + block.rejected,
            "every line is a row or set aside");
    require(sink.already == block.rejected, "what is set aside reaches the sink");
    (void)gdelt_text_recognise(data, size, &found);
    return 0;
}
