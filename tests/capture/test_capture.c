// SPDX-License-Identifier: Apache-2.0
// What the recordings do not hold: values as a table of text and JSON, errors with their position,
// transactions that come in pieces, rows of a snapshot.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#include "capture/capture.h"
#include "capture/java_number.h"

#include <stdio.h>
#include <string.h>

static struct capture_settings plain_settings(void)
{
    return (struct capture_settings){.topic_prefix = "p",
                                     .topic_delimiter = ".",
                                     .transaction_topic = "transaction",
                                     .database = "db",
                                     .placeholder = "__debezium_unavailable_value",
                                     .tombstones = true};
}

static int64_t midnight(void)
{
    return 1000000;
}

// Keys, values and topics, one message a line.
static int receive(void *context, const struct capture_message *m, struct err *err)
{
    return buffer_printf(context, err, "%s %.*s %.*s\n", m->topic,
                         m->key != NULL ? (int)m->key_size : 4, m->key != NULL ? m->key : "NULL",
                         m->value != NULL ? (int)m->value_size : 4,
                         m->value != NULL ? m->value : "NULL");
}

struct fixture {
    struct capture_settings settings;
    struct capture *capture;
    struct buffer out;
    struct err err;
};

static void begin(struct fixture *f)
{
    buffer_init(&f->out, 1 << 20);
    memset(&f->err, 0, sizeof f->err);
    assert_int_equal(capture_open(&f->capture, &f->settings, receive, &f->out, &f->err), 0);
    capture_set_clock(f->capture, midnight);
}

static void end(struct fixture *f)
{
    capture_close(f->capture);
    buffer_free(&f->out);
}

// The message is a C string literal's bytes.
#define WAL(f, lsn, literal) capture_wal((f)->capture, lsn, literal, sizeof(literal) - 1, &(f)->err)

// Table 7, public.t: id int4 (key), v text
#define RELATION                                                                                   \
    "\0\0\0\7public\0t\0d\0\2\1id\0\0\0\0\x17\xff\xff\xff\xff\0v\0\0\0\0\x19\xff\xff\xff\xff"
#define ROW(id, v) "N\0\2t\0\0\0\1" id "t\0\0\0\1" v
#define BEGIN "B\0\0\0\0\0\0\0\x99\0\0\0\0\0\0\0\0\0\0\0\5"
#define COMMIT "C\0\0\0\0\0\0\0\0\x99\0\0\0\0\0\0\0\xaa\0\0\0\0\0\0\0\0"

static void a_missing_relation_is_named_with_its_position(void **state)
{
    struct fixture f = {.settings = plain_settings()};
    (void)state;
    begin(&f);
    assert_int_equal(WAL(&f, 1, BEGIN), 0);
    assert_int_equal(WAL(&f, 0x100000001, "I\0\0\0\7" ROW("1", "x")), EX_DATAERR);
    assert_string_equal(f.err.text,
                        "message 'I' at 1/1: a change of table 7, which no message described");
    end(&f);
}

static void a_message_cut_short_is_an_error_at_every_length(void **state)
{
    static const char update[] = "U\0\0\0\7K\0\2t\0\0\0\1"
                                 "1n" ROW("2", "x");
    (void)state;
    for (size_t size = 1; size < sizeof update - 1; size++) {
        struct fixture f = {.settings = plain_settings()};
        begin(&f);
        assert_int_equal(WAL(&f, 1, BEGIN), 0);
        assert_int_equal(WAL(&f, 2, "R" RELATION), 0);
        assert_int_equal(capture_wal(f.capture, 3, update, size, &f.err), EX_DATAERR);
        assert_non_null(strstr(f.err.text, "at 0/3: "));
        assert_int_equal(f.out.size, 0);
        end(&f);
    }
}

static void a_change_outside_a_transaction_is_refused(void **state)
{
    struct fixture f = {.settings = plain_settings()};
    (void)state;
    begin(&f);
    assert_int_equal(WAL(&f, 2, "R" RELATION), 0);
    assert_int_equal(WAL(&f, 3, "I\0\0\0\7" ROW("1", "x")), EX_DATAERR);
    end(&f);
}

static void the_confirmed_position_moves_with_the_commit(void **state)
{
    struct fixture f = {.settings = plain_settings()};
    (void)state;
    begin(&f);
    assert_int_equal(WAL(&f, 1, BEGIN), 0);
    assert_int_equal(WAL(&f, 2, "R" RELATION), 0);
    assert_int_equal(WAL(&f, 3, "I\0\0\0\7" ROW("1", "x")), 0);
    assert_int_equal(capture_committed(f.capture), 0);
    assert_int_equal(WAL(&f, 4, COMMIT), 0);
    assert_int_equal(capture_committed(f.capture), 0xaa);
    end(&f);
}

#define XID "\0\0\0\5"
#define PART "\0\0\0\6"
#define COMMIT_STREAM "c" XID "\0\0\0\0\0\0\0\0\x99\0\0\0\0\0\0\0\xaa\0\0\0\0\0\0\0\0"

// In pieces, with another transaction between them and a subtransaction that is rolled back, the
// messages are those of the whole transaction.
static void pieces_give_what_the_whole_transaction_gives(void **state)
{
    struct fixture whole = {.settings = plain_settings()}, pieces = {.settings = plain_settings()};
    (void)state;
    begin(&whole);
    assert_int_equal(WAL(&whole, 1, BEGIN), 0);
    assert_int_equal(WAL(&whole, 2, "R" RELATION), 0);
    assert_int_equal(WAL(&whole, 3, "I\0\0\0\7" ROW("1", "x")), 0);
    assert_int_equal(WAL(&whole, 7, "I\0\0\0\7" ROW("2", "y")), 0);
    assert_int_equal(WAL(&whole, 9, COMMIT), 0);
    begin(&pieces);
    assert_int_equal(WAL(&pieces, 1, "S" XID "\1"), 0);
    assert_int_equal(WAL(&pieces, 2, "R" XID RELATION), 0);
    assert_int_equal(WAL(&pieces, 3, "I" XID "\0\0\0\7" ROW("1", "x")), 0);
    assert_int_equal(WAL(&pieces, 4, "I" PART "\0\0\0\7" ROW("9", "z")), 0);
    assert_int_equal(WAL(&pieces, 5, "E"), 0);
    assert_int_equal(WAL(&pieces, 5, "A" XID PART), 0);
    assert_int_equal(WAL(&pieces, 6, "S" XID "\0"), 0);
    assert_int_equal(WAL(&pieces, 7, "I" XID "\0\0\0\7" ROW("2", "y")), 0);
    assert_int_equal(WAL(&pieces, 8, "E"), 0);
    assert_int_equal(pieces.out.size, 0);
    assert_int_equal(WAL(&pieces, 9, COMMIT_STREAM), 0);
    assert_int_equal(capture_committed(pieces.capture), 0xaa);
    assert_int_not_equal(whole.out.size, 0);
    assert_int_equal(whole.out.size, pieces.out.size);
    assert_memory_equal(whole.out.data, pieces.out.data, whole.out.size);
    end(&whole);
    end(&pieces);
}

static void a_transaction_in_pieces_that_is_rolled_back_leaves_nothing(void **state)
{
    struct fixture f = {.settings = plain_settings()};
    (void)state;
    begin(&f);
    assert_int_equal(WAL(&f, 1, "S" XID "\1"), 0);
    assert_int_equal(WAL(&f, 2, "R" XID RELATION), 0);
    assert_int_equal(WAL(&f, 3, "I" XID "\0\0\0\7" ROW("1", "x")), 0);
    assert_int_equal(WAL(&f, 5, "E"), 0);
    assert_int_equal(WAL(&f, 6, "A" XID XID), 0);
    assert_int_equal(f.out.size, 0);
    assert_int_equal(capture_committed(f.capture), 0);
    end(&f);
}

static void an_origin_stands_in_the_source(void **state)
{
    struct fixture f = {.settings = plain_settings()};
    (void)state;
    begin(&f);
    assert_int_equal(WAL(&f, 1, BEGIN), 0);
    assert_int_equal(WAL(&f, 1, "O\0\0\0\0\0\0\1\0elsewhere\0"), 0);
    assert_int_equal(WAL(&f, 2, "R" RELATION), 0);
    assert_int_equal(WAL(&f, 3, "I\0\0\0\7" ROW("1", "x")), 0);
    assert_int_equal(buffer_append(&f.out, "", 1, &f.err), 0);
    assert_non_null(strstr(f.out.data, "\"origin\":\"elsewhere\",\"origin_lsn\":256}"));
    end(&f);
}

static void a_row_of_the_snapshot_is_what_debezium_made_of_it(void **state)
{
    static const struct capture_column columns[] = {
        {.name = "id",
         .type = 23,
         .modifier = -1,
         .key = 1,
         .default_value = "nextval('s'::regclass)"},
        {.name = "symbol", .type = 25, .modifier = -1, .is_nullable = true},
        {.name = "price", .type = 1700, .modifier = -1, .is_nullable = true},
        {.name = "volume", .type = 20, .modifier = -1, .is_nullable = true},
        {.name = "ts", .type = 1184, .modifier = -1, .is_nullable = true},
    };
    static const struct capture_table table = {"public", "finnhub_stocks", 17198, columns, 5};
    static const char *const values[] = {"1", "AAPL", "179.66", "52488692",
                                         "2024-03-01 14:30:00.123456+00"};
    static const size_t sizes[] = {1, 4, 6, 8, 29};
    struct fixture f = {.settings = plain_settings()};
    (void)state;
    f.settings.topic_prefix = "dbserver1";
    f.settings.database = "finnhub";
    f.settings.decimals = CAPTURE_STRING;
    begin(&f);
    assert_int_equal(capture_describe(f.capture, &table, &f.err), 0);
    assert_int_equal(capture_row(f.capture, 17198, values, sizes, CAPTURE_FIRST, 30873840, 1558,
                                 1795219206299354, &f.err),
                     0);
    assert_int_equal(buffer_append(&f.out, "", 1, &f.err), 0);
    assert_string_equal(
        f.out.data,
        "dbserver1.public.finnhub_stocks {\"id\":1} "
        "{\"before\":null,\"after\":{\"id\":1,\"symbol\":\"AAPL\",\"price\":\"179.66\",\"volume\":"
        "52488692,\"ts\":\"2024-03-01T14:30:00.123456Z\"},\"source\":{\"version\":\"3.7.0.Final\","
        "\"connector\":\"postgresql\",\"name\":\"dbserver1\",\"ts_ms\":1795219206299,\"snapshot\":"
        "\"first\",\"db\":\"finnhub\",\"sequence\":\"[null,\\\"30873840\\\"]\",\"ts_us\":"
        "1795219206299354,\"ts_ns\":1795219206299354000,\"schema\":\"public\",\"table\":"
        "\"finnhub_stocks\",\"txId\":1558,\"lsn\":30873840,\"xmin\":null,\"origin\":null,"
        "\"origin_lsn\":null},\"transaction\":null,\"op\":\"r\",\"ts_ms\":1000,\"ts_us\":1000000,"
        "\"ts_ns\":1000000000}\n");
    end(&f);
}

// What a type's text becomes. NULL: an error.
static const struct {
    uint32_t type;
    int32_t modifier;
    int times;
    const char *text, *json;
} values[] = {
    {16, -1, 0, "t", "true"},
    {16, -1, 0, "yes", NULL},
    {23, -1, 0, "-2147483648", "-2147483648"},
    {23, -1, 0, "12a", NULL},
    {23, -1, 0, "", NULL},
    {701, -1, 0, "1e+15", "1.0E15"},
    {701, -1, 0, "2e-3", "0.002"},
    {700, -1, 0, "1e+15", "9.9999999E14"},
    {700, -1, 0, "-Infinity", "\"-Infinity\""},
    {700, -1, 0, "-NaN", NULL},
    {701, -1, 0, "NaN", "\"NaN\""},
    {701, -1, 0, "0x10", NULL},
    {1700, -1, 0, "100", "{\"scale\":0,\"value\":\"ZA==\"}"},
    {1700, -1, 0, "-129", "{\"scale\":0,\"value\":\"/38=\"}"},
    {1700, -1, 0, "-128.00", "{\"scale\":0,\"value\":\"gA==\"}"},
    {1700, -1, 0, "3.14159265358979323846264338327950288",
     "{\"scale\":35,\"value\":\"PIE/ZjbZhPJZW2o3KlPQ\"}"},
    {1700, -1, 0, "NaN", "null"},
    {1700, -1, 0, "1e5", NULL},
    {1700, (5 << 16 | 2) + 4, 0, "1.50", "\"AJY=\""},
    {1700, (5 << 16 | 2) + 4, 0, "1.5", "\"AJY=\""},
    {1700, (5 << 16 | 2) + 4, 0, "1.505", NULL},
    {790, -1, 0, "-$1,234.56", "\"/h3A\""},
    {1082, -1, 0, "0044-03-15 BC", "-735160"},
    {1082, -1, 0, "2024-13-01", NULL},
    {1083, 3, 0, "14:30:00.123", "52200123"},
    {1083, -1, 0, "24:00:00", "86400000000"},
    {1083, -1, 0, "24:00:01", NULL},
    {1114, 3, 0, "1969-12-31 23:59:59.9995", "-1"},
    {1114, -1, 0, "infinity", "9223372036854775807"},
    {1114, -1, CAPTURE_ISO, "2024-03-01 14:30:00.5", "\"2024-03-01T14:30:00.5Z\""},
    {1114, -1, CAPTURE_NANOSECONDS, "9999-12-31 00:00:00", "null"},
    {1184, -1, 0, "0044-03-15 12:00:00+00 BC", "\"-0043-03-15T12:00:00.000000Z\""},
    {1184, -1, 0, "12345-01-01 00:30:00+01", "\"+12344-12-31T23:30:00.000000Z\""},
    {1184, 0, 0, "2024-03-01 10:00:00+05:30", "\"2024-03-01T04:30:00Z\""},
    {1184, -1, 0, "-infinity", "\"-infinity\""},
    {1266, -1, 0, "01:00:00.25+02", "\"23:00:00.25Z\""},
    {1186, -1, 0, "1 year 2 mons 3 days 04:05:06.789", "37091106789000"},
    {1186, -1, 0, "-1 mons +2 days -00:00:01", "-2457001000000"},
    {1186, -1, 0, "a while", NULL},
    {17, -1, 0, "\\x00ff10", "\"AP8Q\""},
    {17, -1, 0, "\\x", "\"\""},
    {17, -1, 0, "\\x0", NULL},
    {17, -1, 0, "x", NULL},
    {1560, 1, 0, "1", "true"},
    {1560, 16, 0, "0000000010000001", "\"gQ==\""},
    {600, -1, 0, "(1.5,-2)",
     "{\"x\":1.5,\"y\":-2.0,\"wkb\":\"AQEAAAAAAAAAAAD4PwAAAAAAAADA\","
     "\"srid\":null}"},
    {600, -1, 0, "(1.5)", NULL},
    {25, -1, 0, "q\"b\\s/n\nt\tc\001d\177", "\"q\\\"b\\\\s/n\\nt\\tc\\u0001d\177\""},
    {25, -1, 0, "\xF0\x9F\x98\x80", "\"\\uD83D\\uDE00\""},
    {25, -1, 0, "a\xFFz", "\"a\xEF\xBF\xBDz\""},
    {1007, -1, 0, "{1,NULL,-3}", "[1,null,-3]"},
    {1007, -1, 0, "[0:1]={1,2}", "[1,2]"},
    {1007, -1, 0, "{{1,2},{3,4}}", "[null,null]"},
    {1007, -1, 0, "{1,2", NULL},
    {1007, -1, 0, "{1}{2}", NULL},
    {1009, -1, 0, "{\"a,\\\"b\",NULL,\"NULL\",\"\"}", "[\"a,\\\"b\",null,\"NULL\",\"\"]"},
    {1009, -1, 0, "{\"a", NULL},
};

static void values_are_written_as_debezium_writes_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct fixture f = {.settings = plain_settings()};
        const struct capture_column column = {.name = "v",
                                              .type = values[i].type,
                                              .modifier = values[i].modifier,
                                              .is_nullable = true};
        const struct capture_table table = {"public", "t", 7, &column, 1};
        const size_t size = strlen(values[i].text);
        char want[512];
        f.settings.times = values[i].times;
        begin(&f);
        assert_int_equal(capture_describe(f.capture, &table, &f.err), 0);
        const int code =
            capture_row(f.capture, 7, &values[i].text, &size, CAPTURE_MIDDLE, 1, 1, 0, &f.err);
        assert_int_equal(buffer_append(&f.out, "", 1, NULL), 0);
        (void)snprintf(want, sizeof want, "\"after\":{\"v\":%s},\"source\"",
                       values[i].json != NULL ? values[i].json : "");
        if (values[i].json == NULL ? code != EX_DATAERR : strstr(f.out.data, want) == NULL)
            fail_msg("%u '%s': wanted %s, got %d %s %s", values[i].type, values[i].text,
                     values[i].json, code, f.out.data, f.err.text);
        end(&f);
    }
}

static void a_value_that_cannot_be_read_names_table_and_column(void **state)
{
    static const struct capture_column column = {.name = "day", .type = 1082, .modifier = -1};
    static const struct capture_table table = {"public", "t", 7, &column, 1};
    const char *text = "tomorrow";
    const size_t size = 8;
    struct fixture f = {.settings = plain_settings()};
    (void)state;
    begin(&f);
    assert_int_equal(capture_describe(f.capture, &table, &f.err), 0);
    assert_int_equal(capture_row(f.capture, 7, &text, &size, CAPTURE_MIDDLE, 1, 1, 0, &f.err),
                     EX_DATAERR);
    assert_string_equal(f.err.text, "a row of public.t: column day: not a date: 'tomorrow'");
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_relation_is_named_with_its_position),
        cmocka_unit_test(a_message_cut_short_is_an_error_at_every_length),
        cmocka_unit_test(a_change_outside_a_transaction_is_refused),
        cmocka_unit_test(the_confirmed_position_moves_with_the_commit),
        cmocka_unit_test(pieces_give_what_the_whole_transaction_gives),
        cmocka_unit_test(a_transaction_in_pieces_that_is_rolled_back_leaves_nothing),
        cmocka_unit_test(an_origin_stands_in_the_source),
        cmocka_unit_test(a_row_of_the_snapshot_is_what_debezium_made_of_it),
        cmocka_unit_test(values_are_written_as_debezium_writes_them),
        cmocka_unit_test(a_value_that_cannot_be_read_names_table_and_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
