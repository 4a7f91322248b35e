// SPDX-License-Identifier: Apache-2.0
// lib/native without an engine: types, hostile lengths, truncation at every byte, conversion,
// failure of every allocation.
#include "native/native.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena arena;

static int open_arena(void **state)
{
    (void)state;
    return arena_open(&arena, 1 << 28, NULL);
}

static int close_arena(void **state)
{
    (void)state;
    arena_fail_after(0);
    arena_close(&arena);
    return 0;
}

static const struct native_type *type_of(const char *text)
{
    const struct native_type *type;
    struct err err = {0};
    if (native_type_parse(&arena, text, strlen(text), &type, &err) != 0)
        fail_msg("%s: %s", text, err.text);
    return type;
}

static void types_are_read(void **state)
{
    (void)state;
    assert_int_equal(type_of("Decimal(38, 10)")->width, 16);
    assert_int_equal(type_of("Decimal(38, 10)")->scale, 10);
    assert_int_equal(type_of("FixedString(7)")->width, 7);
    assert_int_equal(type_of("DateTime64(6, 'Europe/Warsaw')")->scale, 6);
    assert_int_equal(type_of("Enum8('it\\'s, (x)' = 2, 'b' = -3)")->width, 1);
    const struct native_type *tuple =
        type_of("Tuple(a UInt8, `odd, name` Array(Nullable(String)))");
    assert_int_equal(tuple->child_count, 2);
    assert_string_equal(tuple->names[1], "odd, name");
    assert_string_equal(tuple->children[1].text, "Array(Nullable(String))");
    assert_null(type_of("Tuple(UInt8, String)")->names);
    assert_true(native_type_same(type_of("Tuple(a UInt8)"), type_of("Tuple(UInt8)")));
    assert_false(native_type_same(type_of("DateTime64(3)"), type_of("DateTime64(6)")));
}

static void bad_types_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "Nope",
                                      "Array",
                                      "Array(",
                                      "Array()",
                                      "Array(UInt8",
                                      "UInt8 x",
                                      "Decimal(99,2)",
                                      "Decimal(9)",
                                      "FixedString(0)",
                                      "Map(String)",
                                      "Tuple()",
                                      "FixedString(99999999999)",
                                      "DateTime64(10)",
                                      "Enum8('a",
                                      "Tuple(`a UInt8)",
                                      "AggregateFunction(sum, UInt8)",
                                      "Variant(UInt8)",
                                      "LowCardinality(LowCardinality(String))",
                                      "LowCardinality(Array(Float64))",
                                      "Nullable(Array(UInt8))",
                                      "Nullable(Nullable(UInt8))"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        const struct native_type *type;
        assert_int_equal(native_type_parse(&arena, bad[i], strlen(bad[i]), &type, &err),
                         EX_DATAERR);
        assert_true(strstr(err.text, "type name") != NULL);
    }
    char deep[2048];
    size_t length = 0;
    while (length + 8 < sizeof deep)
        length += (size_t)sprintf(deep + length, "Array(");
    struct err err = {0};
    const struct native_type *type;
    assert_int_equal(native_type_parse(&arena, deep, length, &type, &err), EX_DATAERR);
    assert_true(strstr(err.text, "nested too deeply") != NULL);
}

// A block of one column: header bytes by hand, so that lengths can lie.
static size_t make_block(uint8_t *out, uint64_t rows, const char *type, const void *data,
                         size_t size)
{
    size_t used = 0;
    out[used++] = 1;
    for (; rows >= 0x80; rows >>= 7)
        out[used++] = (uint8_t)(rows | 0x80);
    out[used++] = (uint8_t)rows;
    out[used++] = 1;
    out[used++] = 'c';
    out[used++] = (uint8_t)strlen(type);
    memcpy(out + used, type, strlen(type));
    used += strlen(type);
    memcpy(out + used, data, size);
    return used + size;
}

static int read_bytes(const void *data, size_t size, struct native_block *block, struct err *err)
{
    struct native_source source;
    bool more = false;
    native_source_memory(&source, data, size);
    arena_reset(&arena);
    const int code = native_read_block(&source, &arena, block, &more, err);
    assert_true(code != 0 || more);
    return code;
}

static void lying_lengths_are_errors_not_allocations(void **state)
{
    (void)state;
    static const struct {
        uint64_t rows;
        const char *type;
        unsigned char data[24];
        size_t size;
        const char *says;
    } cases[] = {
        {UINT64_C(1) << 60, "Float64", {0}, 8, "limit"},
        {UINT64_C(1) << 26, "Float64", {0}, 8, "cut short"},
        {UINT64_C(1) << 26, "String", {0}, 8, "cut short"},
        {1, "String", {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, 9, "limit"},
        {1,
         "String",
         {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
         11,
         "64 bits"},
        {1, "String", {200, 1}, 2, "cut short"},
        {1, "Array(UInt8)", {0, 0, 0, 0, 0, 0, 0, 1}, 8, "limit"},
        {2, "Array(UInt8)", {2, 0, 0, 0, 0, 0, 0, 0, 1}, 16, "out of order"},
        {1, "LowCardinality(String)", {2}, 8, "version 2"},
        {1, "LowCardinality(String)", {1, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 24, "flags"},
        {1,
         "LowCardinality(String)",
         {1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9},
         24,
         "limit"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[128];
        struct native_block block;
        struct err err = {0};
        const size_t size =
            make_block(bytes, cases[i].rows, cases[i].type, cases[i].data, cases[i].size);
        assert_int_equal(read_bytes(bytes, size, &block, &err), EX_DATAERR);
        if (strstr(err.text, cases[i].says) == NULL)
            fail_msg("case %zu: '%s' does not say '%s'", i, err.text, cases[i].says);
        assert_true(arena.peak < 1 << 16);
    }
}

static void *read_corpus(const char *name, size_t *size)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", CORPUS, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("%s is missing", path);
    void *data = malloc(1 << 16);
    *size = fread(data, 1, 1 << 16, file);
    (void)fclose(file);
    return data;
}

static void truncation_at_every_byte_is_an_error(void **state)
{
    (void)state;
    size_t size;
    uint8_t *data = read_corpus("everything.native", &size);
    struct native_block block;
    struct err err = {0};
    assert_int_equal(read_bytes(data, size, &block, &err), 0);
    assert_true(block.column_count > 30);
    for (size_t length = 1; length < size; length++) {
        memset(&err, 0, sizeof err);
        uint8_t *exact = malloc(length); // so that a sanitizer sees the first byte too far
        memcpy(exact, data, length);
        assert_int_equal(read_bytes(exact, length, &block, &err), EX_DATAERR);
        free(exact);
    }
    free(data);
}

static int whole_path(const void *data, size_t size, struct native_sink *sink, struct err *err)
{
    struct native_block block;
    TRY(read_bytes(data, size, &block, err));
    for (size_t c = 0; c < block.column_count; c++) {
        const struct native_column *plain;
        TRY(native_materialize(&arena, &block.columns[c], &plain, err));
        const struct native_slice slices[] = {{plain, 0, 1}, {plain, 1, plain->rows}};
        TRY(native_concat(&arena, slices, 2, &block.columns[c], err));
    }
    TRY(native_write_block(sink, &block, err));
    return native_sink_flush(sink, err);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    size_t size, n = 0;
    void *data = read_corpus("everything.native", &size);
    struct native_sink sink;
    struct err err = {0};
    FILE *file = tmpfile();
    assert_int_equal(native_sink_fd(&sink, fileno(file), &err), 0);
    int code = EX_OSERR;
    while (code != 0) {
        memset(&err, 0, sizeof err);
        sink.used = 0;
        arena_fail_after(++n);
        code = whole_path(data, size, &sink, &err);
        arena_fail_after(0);
        if (code != 0)
            assert_true(code == EX_OSERR && strstr(err.text, "out of memory (injected)") != NULL);
    }
    assert_true(n > 200);
    native_sink_close(&sink);
    (void)fclose(file);
    free(data);
}

static struct native_column column_of(const char *type, size_t rows, void *values)
{
    struct native_column column = {0};
    assert_int_equal(native_column_new(&arena, type_of(type), 0, &column, NULL), 0);
    column.rows = rows;
    column.values = values;
    return column;
}

#define CONVERTS(from, from_type, to, to_type, input, ...)                                         \
    do {                                                                                           \
        from in_[] = input;                                                                        \
        const to out_[] = __VA_ARGS__;                                                             \
        const struct native_column column_ = column_of(from_type, sizeof in_ / sizeof *in_, in_);  \
        const struct native_column *result_;                                                       \
        struct err err_ = {0};                                                                     \
        if (native_convert(&arena, &column_, type_of(to_type), "argument 'n'", &result_, &err_) != \
            0)                                                                                     \
            fail_msg("%s to %s: %s", from_type, to_type, err_.text);                               \
        assert_memory_equal(result_->values, out_, sizeof out_);                                   \
    } while (0)
#define LIST(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static void values_convert(void **state)
{
    (void)state;
    CONVERTS(uint8_t, "UInt8", int64_t, "Int64", LIST(0, 255), {0, 255});
    CONVERTS(int8_t, "Int8", int64_t, "Int64", LIST(-128, 127), {-128, 127});
    CONVERTS(int16_t, "Int16", double, "Float64", LIST(-3, 7), {-3, 7});
    CONVERTS(uint64_t, "UInt64", double, "Float64", LIST(UINT64_MAX, 1), {0x1p64, 1});
    CONVERTS(int64_t, "Int64", double, "Float64", LIST(INT64_MIN, -1), {-0x1p63, -1});
    CONVERTS(float, "Float32", double, "Float64", LIST(0.5f, -2), {0.5, -2});
    CONVERTS(double, "Float64", int64_t, "Int64", LIST(5, -7), {5, -7});
    CONVERTS(int32_t, "Decimal(9, 2)", double, "Float64", LIST(12345, -1), {123.45, -0.01});
    CONVERTS(uint16_t, "Date", int64_t, "DateTime64(6)", LIST(1, 2), {86400000000, 172800000000});
    CONVERTS(uint32_t, "DateTime", int64_t, "DateTime64(3)", LIST(5), {5000});
    CONVERTS(int64_t, "DateTime64(9)", int64_t, "DateTime64(6)", LIST(5000), {5});
    CONVERTS(uint16_t, "Date", int32_t, "Date32", LIST(65535), {65535});
}

#define REFUSES(from, from_type, to_type, says, ...)                                               \
    do {                                                                                           \
        from in_[] = __VA_ARGS__;                                                                  \
        const struct native_column column_ = column_of(from_type, sizeof in_ / sizeof *in_, in_);  \
        const struct native_column *result_;                                                       \
        struct err err_ = {0};                                                                     \
        assert_int_equal(                                                                          \
            native_convert(&arena, &column_, type_of(to_type), "argument 'n'", &result_, &err_),   \
            EX_DATAERR);                                                                           \
        if (strstr(err_.text, says) == NULL || strstr(err_.text, "argument 'n'") == NULL)          \
            fail_msg("'%s' does not say '%s'", err_.text, says);                                   \
    } while (0)

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    REFUSES(uint64_t, "UInt64", "Int64", "does not fit", {UINT64_MAX});
    REFUSES(double, "Float64", "Int64", "does not fit", {2.5});
    REFUSES(double, "Float64", "Int64", "does not fit", {1e300});
    REFUSES(int64_t, "Int64", "UInt8", "does not fit", {256});
    REFUSES(int64_t, "DateTime64(0)", "DateTime64(9)", "does not fit", {INT64_MAX / 2});
    REFUSES(double, "Float64", "String", "cannot be turned", {1});
    REFUSES(uint16_t, "Date", "Float64", "cannot be turned", {1});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_read),
        cmocka_unit_test(bad_types_are_refused),
        cmocka_unit_test(lying_lengths_are_errors_not_allocations),
        cmocka_unit_test(truncation_at_every_byte_is_an_error),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(values_convert),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests_name("native", tests, open_arena, close_arena);
}
