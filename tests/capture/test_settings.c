// SPDX-License-Identifier: Apache-2.0
// The connector's configuration: defaults, refusals by name, lists of tables, and that the table in
// docs/pgcdc.md is the one that the properties give.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#include "capture/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRED "\"plugin.name\":\"pgoutput\",\"topic.prefix\":\"p\""

static struct arena arena;

static int read(const char *text, struct capture_settings *settings, struct err *err)
{
    memset(err, 0, sizeof *err);
    return capture_settings_read("c.json", text, strlen(text), getenv, &arena, settings, err);
}

static void what_is_not_given_has_debeziums_default(void **state)
{
    struct capture_settings s;
    struct err err;
    (void)state;
    assert_int_equal(read("{" REQUIRED "}", &s, &err), 0);
    assert_int_equal(s.decimals, CAPTURE_PRECISE);
    assert_int_equal(s.snapshot, CAPTURE_INITIAL);
    assert_true(s.tombstones);
    assert_true(s.skipped[CAPTURE_T]);
    assert_false(s.skipped[CAPTURE_D]);
    assert_string_equal(s.slot, "debezium");
    assert_int_equal(s.status_interval_ms, 10000);
}

// As Connect has it: without the class what is said of schemas does not count.
static void schemas_count_only_beside_their_converter(void **state)
{
    struct capture_settings s;
    struct err err;
    (void)state;
    assert_int_equal(read("{" REQUIRED ",\"value.converter.schemas.enable\":\"false\"}", &s, &err),
                     0);
    assert_true(s.value_schemas);
    assert_int_equal(read("{" REQUIRED ",\"value.converter.schemas.enable\":false,"
                          "\"value.converter\":\"org.apache.kafka.connect.json.JsonConverter\"}",
                          &s, &err),
                     0);
    assert_false(s.value_schemas);
    assert_true(s.key_schemas);
}

static void both_shapes_of_the_file_are_read(void **state)
{
    struct capture_settings s;
    struct err err;
    (void)state;
    assert_int_equal(
        read("{\"name\":\"n\",\"config\":{" REQUIRED ",\"heartbeat.interval.ms\":9}}", &s, &err),
        0);
    assert_string_equal(s.connector_name, "n");
    assert_int_equal(s.heartbeat_ms, 9);
}

static void variables_of_the_environment_are_resolved(void **state)
{
    struct capture_settings s;
    struct err err;
    (void)state;
    assert_int_equal(setenv("TICKHOUSE_TEST_WORD", "w${env:HOME}", 1), 0); // not looked at again
    assert_int_equal(unsetenv("PGUNSET"), 0);
    assert_int_equal(read("{\"plugin.name\":\"pgoutput\",\"topic.prefix\":"
                          "\"a${env:TICKHOUSE_TEST_WORD}b${env:TICKHOUSE_TEST_WORD}\","
                          "\"database.password\":\"${env:PGUNSET}\"}",
                          &s, &err),
                     0);
    assert_string_equal(s.topic_prefix, "aw${env:HOME}bw${env:HOME}");
    assert_null(s.password);
}

static const struct {
    const char *text, *error; // the error holds this
} refused[] = {
    {"{" REQUIRED ",\"tombstone.on.delete\":\"false\"}",
     "property 'tombstone.on.delete' is not known here; the nearest that is known is "
     "'tombstones.on.delete'"},
    {"{" REQUIRED ",\"decimal.handling.mode\":\"text\"}",
     "property decimal.handling.mode: 'text' is none of precise,double,string"},
    {"{" REQUIRED ",\"hstore.handling.mode\":\"map\"}",
     "property hstore.handling.mode: 'map' is not implemented, only json"},
    {"{" REQUIRED ",\"slot.drop.on.stop\":\"true\"}",
     "property slot.drop.on.stop: 'true' is not implemented, only false"},
    {"{" REQUIRED ",\"database.password\":\"${file:/a:b}\"}",
     "property database.password: of ${...} only ${env:NAME} is understood here"},
    {"{" REQUIRED ",\"database.password\":\"x${env:A\"}", "only ${env:NAME} is understood here"},
    {"{" REQUIRED ",\"database.password\":\"x${env:PGUNSET}\"}", "environment's PGUNSET"},
    {"{" REQUIRED ",\"database.hostname\":\"${env:UNSET_HOST}\"}", "environment's UNSET_HOST"},
    {"{" REQUIRED ",\"database.nothing\":\"${env:PGUNSET}\"}", "database.nothing"},
    {"{" REQUIRED ",\"slot.name\":\"${env:PGUNSET}\"}",
     "property slot.name is taken from the environment's PGUNSET, which is not set"},
    {"{" REQUIRED ",\"tombstones.on.delete\":\"no\"}", "'no' is not true or false"},
    {"{" REQUIRED ",\"heartbeat.interval.ms\":\"-1\"}", "'-1' is not a whole number"},
    {"{" REQUIRED ",\"skipped.operations\":\"x\"}", "'x' is not a list of c, u, d and t, or none"},
    {"{" REQUIRED ",\"table.include.list\":\"public.(a\"}", "table.include.list: 'public.(a'"},
    {"{" REQUIRED ",\"table.include.list\":\"a{2}\"}", "'{2' is not understood here"},
    {"{" REQUIRED ",\"transforms\":\"a,b\"}", "are several"},
    {"{" REQUIRED ",\"transforms\":\"a\"}", "transforms.a.type is missing"},
    {"{" REQUIRED ",\"transforms\":\"a\",\"transforms.a.type\":\"other\"}",
     "transforms.a.type: 'other' is not implemented"},
    {"{" REQUIRED ",\"slot.name\":null}", "slot.name is neither text nor number nor truth value"},
    {"{" REQUIRED "," REQUIRED "}", "not JSON: duplicate object key"},
    {"{\"topic.prefix\":\"p\"}", "property plugin.name is missing"},
    {"{\"plugin.name\":\"pgoutput\"}", "property topic.prefix is missing"},
    {"{\"plugin.name\":\"decoderbufs\",\"topic.prefix\":\"p\"}",
     "plugin.name: 'decoderbufs' is not implemented"},
    {"[]", "not an object of properties"},
    {"{", "c.json:1: not JSON"},
};

static void what_would_change_messages_is_refused_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct capture_settings s;
        struct err err;
        assert_int_equal(read(refused[i].text, &s, &err), EX_CONFIG);
        if (strstr(err.text, refused[i].error) == NULL || strncmp(err.text, "c.json:", 7) != 0)
            fail_msg("wanted '%s', got '%s'", refused[i].error, err.text);
    }
}

static void an_expression_fits_the_whole_name_in_any_case(void **state)
{
    struct capture_settings s;
    struct err err;
    (void)state;
    assert_int_equal(
        read("{" REQUIRED ",\"table.include.list\":\"public.stocks\\\\d+, other[.].*\"}", &s, &err),
        0);
    assert_true(capture_settings_includes(&s, "public", "stocks1"));
    assert_true(capture_settings_includes(&s, "PUBLIC", "Stocks12"));
    assert_false(capture_settings_includes(&s, "public", "stocks"));
    assert_false(capture_settings_includes(&s, "public", "stocks1_old"));
    assert_true(capture_settings_includes(&s, "other", "x"));
    assert_int_equal(read("{" REQUIRED ",\"table.exclude.list\":\"public.a\","
                          "\"column.exclude.list\":\"public.b.secret\"}",
                          &s, &err),
                     0);
    assert_false(capture_settings_includes(&s, "public", "a"));
    assert_true(capture_settings_includes(&s, "public", "b"));
    assert_false(capture_settings_includes_column(&s, "public", "b", "secret"));
    assert_true(capture_settings_includes_column(&s, "public", "b", "open"));
}

static void the_documentation_lists_the_properties(void **state)
{
    static char page[1 << 18];
    struct buffer table;
    struct err err = {0};
    FILE *file = fopen(PGCDC_PAGE, "re");
    (void)state;
    assert_non_null(file);
    page[fread(page, 1, sizeof page - 1, file)] = '\0';
    (void)fclose(file);
    buffer_init(&table, 1 << 18);
    assert_int_equal(capture_settings_table(&table, &err), 0);
    assert_int_equal(buffer_append(&table, "", 1, &err), 0);
    if (strstr(page, table.data) == NULL) {
        (void)fputs(table.data, stdout); // whole, to be put there
        (void)fflush(stdout);
        fail_msg("%s does not hold the table above", PGCDC_PAGE);
    }
    buffer_free(&table);
}

int main(void)
{
    struct err err = {0};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_given_has_debeziums_default),
        cmocka_unit_test(schemas_count_only_beside_their_converter),
        cmocka_unit_test(both_shapes_of_the_file_are_read),
        cmocka_unit_test(variables_of_the_environment_are_resolved),
        cmocka_unit_test(what_would_change_messages_is_refused_by_name),
        cmocka_unit_test(an_expression_fits_the_whole_name_in_any_case),
        cmocka_unit_test(the_documentation_lists_the_properties),
    };
    if (arena_open(&arena, 1 << 24, &err) != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
