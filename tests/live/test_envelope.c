// SPDX-License-Identifier: Apache-2.0
// The events of the live path byte for byte: as Jackson writes them, which escapes what lies beyond
// the basic plane, and with U+FFFD for bytes that are no UTF-8.
#include "base/version.h"
#include "live/envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define VIEW(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

#define TIMES "\"ts_us\":1709303400123456,\"ts_ns\":1709303400123456000"
#define REST(table)                                                                                \
    ",\"source\":{\"version\":\"" TICKHOUSE_VERSION                                                \
    "\",\"connector\":\"tickhouse\",\"name\":\"db\",\"ts_ms\":1709303400123,\"snapshot\":"         \
    "\"false\",\"db\":\"\",\"sequence\":null," TIMES ",\"schema\":\"public\",\"table\":\"" table   \
    "\",\"txId\":null,\"lsn\":null,\"xmin\":null},\"transaction\":null,\"op\":\"c\",\"ts_ms\":"    \
    "1709303400123," TIMES "}"

static const int64_t now = 1709303400123456;

static void expect(struct buffer *out, const char *wanted)
{
    struct err err = {0};
    assert_int_equal(buffer_append(out, "", 1, &err), 0);
    assert_string_equal(out->data, wanted);
    out->size = 0;
}

static void events_are_written_byte_for_byte(void **state)
{
    (void)state;
    struct envelope envelope;
    struct buffer out;
    struct err err = {0};
    const struct tick trade = {
        .symbol = VIEW("A\"\x01"), .price = VIEW("179.66"), .volume = VIEW("100"), .ts = now};
    const struct tick quote = {.symbol = VIEW("A"), .price = VIEW("1"), .ts = 0};
    const struct article article = {.id = 7,
                                    .ts = now,
                                    .headline = VIEW("\xC3\xBC\n\xF0\x9F\x93\x88\xFF"),
                                    .url = VIEW("https://x/\\")};
    buffer_init(&out, 1 << 16);
    assert_int_equal(envelope_init(&envelope, "db", "finnhub_stocks", &err), 0);
    assert_int_equal(envelope_tick(&envelope, &trade, now, &out, &err), 0);
    expect(&out,
           "{\"before\":null,\"after\":{\"symbol\":\"A\\\"\\u0001\",\"price\":\"179.66\","
           "\"volume\":\"100\",\"ts\":\"2024-03-01T14:30:00.123456Z\"}" REST("finnhub_stocks"));
    assert_int_equal(envelope_tick(&envelope, &quote, now, &out, &err), 0);
    expect(&out, "{\"before\":null,\"after\":{\"symbol\":\"A\",\"price\":\"1\",\"volume\":null,"
                 "\"ts\":\"1970-01-01T00:00:00.000000Z\"}" REST("finnhub_stocks"));
    envelope_free(&envelope);
    assert_int_equal(envelope_init(&envelope, "db", "finnhub_news", &err), 0);
    assert_int_equal(envelope_article(&envelope, &article, now, &out, &err), 0);
    expect(&out,
           "{\"before\":null,\"after\":{\"id\":7,\"ts\":\"2024-03-01T14:30:00.123456Z\","
           "\"category\":\"\",\"headline\":\"\xC3\xBC\\n\\uD83D\\uDCC8\xEF\xBF\xBD\","
           "\"related\":\"\",\"source\":\"\",\"summary\":\"\",\"url\":\"https://x/\\\\\"}" REST(
               "finnhub_news"));
    envelope_free(&envelope);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(events_are_written_byte_for_byte)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
