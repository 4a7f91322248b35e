// SPDX-License-Identifier: Apache-2.0
// The producer and the sink over librdkafka's own brokers in this process, which go away, answer
// late and refuse as they are told.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "live/live_sink.h"
#include "net/kafka.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PRODUCE = 0, PARTITIONS = 4, NUMBERS_MOST = 20000 };

static rd_kafka_t *holder;
static rd_kafka_mock_cluster_t *cluster;
static const char *brokers;

static int set_up(void **state)
{
    char text[512];
    (void)state;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    (void)rd_kafka_conf_set(conf, "log_level", "0", text, sizeof text);
    holder = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    cluster = rd_kafka_mock_cluster_new(holder, 2);
    brokers = rd_kafka_mock_cluster_bootstraps(cluster);
    return (int)rd_kafka_mock_topic_create(cluster, "ticks", PARTITIONS, 1);
}

static int tear_down(void **state)
{
    (void)state;
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(holder);
    return 0;
}

static void all_brokers(bool up)
{
    for (int32_t id = 1; id <= 2; id++)
        (void)(up ? rd_kafka_mock_broker_set_up(cluster, id)
                  : rd_kafka_mock_broker_set_down(cluster, id));
}

static bool gives_up(void *context)
{
    return *(const bool *)context;
}

static struct kafka_producer *open_producer(const char *const *properties, bool *give_up)
{
    struct err err = {0};
    struct kafka_producer *producer;
    static const char *const soon_back[] = {"reconnect.backoff.max.ms=100", NULL};
    const struct kafka_settings settings = {.brokers = brokers,
                                            .properties =
                                                properties != NULL ? properties : soon_back,
                                            .give_up = give_up != NULL ? gives_up : NULL,
                                            .give_up_context = give_up};
    const int code = kafka_open(&producer, &settings, &err);
    if (code != 0)
        print_message("%s\n", err.text);
    assert_int_equal(code, 0);
    return producer;
}

static int send_number(struct kafka_producer *producer, int number, struct err *err)
{
    char text[16];
    uint64_t sent;
    const int size = snprintf(text, sizeof text, "%d", number);
    static const struct kafka_header headers[] = {{"schema", "test"}, {NULL, NULL}};
    const struct kafka_message message = {.topic = "ticks",
                                          .key = text,
                                          .key_size = (size_t)size,
                                          .value = text,
                                          .value_size = (size_t)size,
                                          .headers = headers};
    return kafka_send(producer, &message, &sent, err);
}

static void send_numbers(struct kafka_producer *producer, int from, int until)
{
    struct err err = {0};
    for (int i = from; i < until; i++)
        if (send_number(producer, i, &err) != 0)
            fail_msg("%s", err.text);
}

// How often each number from 0 to `count` - 1 lies in the topic; fails when one does not.
static int count_doubles(const char *topic, int count)
{
    static unsigned char seen[NUMBERS_MOST];
    char text[512];
    int doubles = 0, ends = 0, found = 0;
    memset(seen, 0, sizeof seen);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    (void)rd_kafka_conf_set(conf, "bootstrap.servers", brokers, text, sizeof text);
    (void)rd_kafka_conf_set(conf, "group.id", "count", text, sizeof text);
    (void)rd_kafka_conf_set(conf, "enable.partition.eof", "true", text, sizeof text);
    (void)rd_kafka_conf_set(conf, "log_level", "0", text, sizeof text);
    (void)rd_kafka_conf_set(conf, "fetch.wait.max.ms", "10", text, sizeof text);
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
    // Known leaders are asked at once, unknown ones again after half a second.
    const struct rd_kafka_metadata *metadata = NULL;
    assert_int_equal(rd_kafka_metadata(consumer, 1, NULL, &metadata, 10000), 0);
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(PARTITIONS);
    for (int32_t i = 0; i < PARTITIONS; i++)
        rd_kafka_topic_partition_list_add(list, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    (void)rd_kafka_assign(consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    while (ends < PARTITIONS) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 10000);
        if (message == NULL)
            break;
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            ends++;
        } else if (message->err == 0) {
            const char *volume = memmem(message->payload, message->len, "\"volume\":\"", 10);
            const int number = (int)strtol(
                volume != NULL ? volume + 10 : (const char *)message->payload, NULL, 10);
            assert_in_range(number, 0, NUMBERS_MOST - 1);
            doubles += seen[number] != 0;
            found += seen[number]++ == 0;
        }
        rd_kafka_message_destroy(message);
    }
    (void)rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    assert_int_equal(found, count);
    return doubles;
}

static uint64_t acknowledged(struct kafka_producer *producer)
{
    uint64_t number;
    assert_int_equal(kafka_acknowledged(producer, &number, NULL), 0);
    return number;
}

static void delivers_each_once(void **state)
{
    (void)state;
    struct kafka_producer *producer = open_producer(NULL, NULL);
    send_numbers(producer, 0, 20000);
    assert_int_equal(kafka_flush(producer, 30, NULL), 0);
    assert_int_equal(acknowledged(producer), 20000);
    kafka_close(producer);
    assert_int_equal(count_doubles("ticks", 20000), 0);
}

// One of two leaders is away: what the other acknowledges does not move the prefix over the gap.
static void knows_the_prefix_only(void **state)
{
    (void)state;
    struct err err = {0};
    struct kafka_producer *producer = open_producer(NULL, NULL);
    for (int32_t i = 0; i < PARTITIONS; i++)
        (void)rd_kafka_mock_partition_set_leader(cluster, "ticks", i, 1 + i % 2);
    send_numbers(producer, 0, 100);
    assert_int_equal(kafka_flush(producer, 30, NULL), 0);
    (void)rd_kafka_mock_broker_set_down(cluster, 2);
    send_numbers(producer, 100, 1000);
    assert_int_equal(kafka_flush(producer, 0.3, &err), EX_TEMPFAIL);
    assert_true(err.retriable);
    // The first of 900 random keys that goes to the other broker is among the first few.
    assert_in_range(acknowledged(producer), 100, 130);
    (void)rd_kafka_mock_broker_set_up(cluster, 2);
    assert_int_equal(kafka_flush(producer, 30, NULL), 0);
    assert_int_equal(acknowledged(producer), 1000);
    kafka_close(producer);
    assert_int_equal(count_doubles("ticks", 1000), 0);
}

static void retries_what_passes(void **state)
{
    (void)state;
    struct kafka_producer *producer = open_producer(NULL, NULL);
    send_numbers(producer, 0, 10);
    assert_int_equal(kafka_flush(producer, 30, NULL), 0);
    rd_kafka_mock_push_request_errors(
        cluster, PRODUCE, 6, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR__TRANSPORT,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND);
    send_numbers(producer, 10, 2000);
    assert_int_equal(kafka_flush(producer, 30, NULL), 0);
    kafka_close(producer);
    (void)count_doubles("ticks", 2000); // the mock does not drop what an errored request held
}

static void says_what_lasts(void **state)
{
    (void)state;
    struct err err = {0};
    struct kafka_producer *producer = open_producer(NULL, NULL);
    rd_kafka_mock_push_request_errors(cluster, PRODUCE, 1,
                                      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    send_numbers(producer, 0, 1);
    assert_int_equal(kafka_flush(producer, 30, &err), EX_UNAVAILABLE);
    assert_false(err.retriable);
    assert_non_null(strstr(err.text, "topic ticks did not take a message"));
    err = (struct err){0};
    assert_int_equal(send_number(producer, 2, &err), EX_UNAVAILABLE); // from then on
    kafka_close(producer);
}

// Asks its brokers for SASL, which those of librdkafka do not know: to it they refuse to let it in.
static int flush_unwelcome(const char *also, struct err *err)
{
    char list[256], path[] = "/tmp/kafka-properties.XXXXXX";
    struct kafka_producer *producer;
    static const char *const properties[] = {"security.protocol=sasl_plaintext",
                                             "sasl.mechanism=PLAIN", "sasl.username=feed", NULL};
    const int fd = mkstemp(path);
    assert_int_equal(write(fd, "sasl.password=Hu5h\n", 19), 19);
    (void)close(fd);
    (void)snprintf(list, sizeof list, "%s%s", also, brokers);
    const struct kafka_settings settings = {.brokers = list, .properties = properties};
    (void)setenv("TICKHOUSE_KAFKA_PROPERTIES", path, 1);
    assert_int_equal(kafka_open(&producer, &settings, err), 0);
    (void)unsetenv("TICKHOUSE_KAFKA_PROPERTIES");
    (void)unlink(path);
    send_numbers(producer, 0, 1);
    const int code = kafka_flush(producer, 3, err);
    kafka_close(producer);
    return code;
}

static void stays_while_a_broker_may_welcome(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(flush_unwelcome("", &err), EX_NOPERM);
    assert_false(err.retriable);
    assert_non_null(strstr(err.text, "refuses to let us in"));
    err = (struct err){0};
    assert_int_equal(flush_unwelcome("127.0.0.1:1,", &err), EX_TEMPFAIL);
    assert_true(err.retriable);
    assert_non_null(strstr(err.text, "SASL"));
}

static void refuses_large_messages(void **state)
{
    (void)state;
    struct err err = {0};
    uint64_t number;
    static const char *const properties[] = {"message.max.bytes=1000", NULL};
    static const char value[2000] = "";
    struct kafka_producer *producer = open_producer(properties, NULL);
    const struct kafka_message message = {.topic = "ticks", .value = value, .value_size = 2000};
    assert_int_equal(kafka_send(producer, &message, &number, &err), EX_UNAVAILABLE);
    assert_non_null(strstr(err.text, "2000 bytes"));
    kafka_close(producer);
}

static void times_out(void **state)
{
    (void)state;
    struct err err = {0};
    static const char *const properties[] = {"message.timeout.ms=300",
                                             "reconnect.backoff.max.ms=100", NULL};
    struct kafka_producer *producer = open_producer(properties, NULL);
    all_brokers(false);
    send_numbers(producer, 0, 5);
    assert_int_equal(kafka_flush(producer, 30, &err), EX_TEMPFAIL);
    assert_true(err.retriable);
    assert_non_null(strstr(err.text, "timed out"));
    kafka_close(producer);
    all_brokers(true);
    producer = open_producer(properties, NULL);
    send_numbers(producer, 0, 5);
    assert_int_equal(kafka_flush(producer, 30, NULL), 0);
    kafka_close(producer);
    assert_int_equal(count_doubles("ticks", 5), 0);
}

static void waits_while_the_queue_is_full(void **state)
{
    (void)state;
    struct err err = {0};
    bool give_up = false;
    static const char *const properties[] = {"queue.buffering.max.messages=100", NULL};
    struct kafka_producer *producer = open_producer(properties, &give_up);
    send_numbers(producer, 0, 5000);
    assert_int_equal(kafka_flush(producer, 30, NULL), 0);
    all_brokers(false);
    give_up = true;
    int i = 5000;
    while (send_number(producer, i, &err) == 0)
        i++;
    assert_int_equal(err.code, EX_TEMPFAIL);
    assert_in_range(i, 5100, 5200);
    kafka_close(producer);
}

static void fill(struct live_batch *batch, int rows)
{
    assert_int_equal(live_batch_init(batch, NULL), 0);
    batch->number = 1;
    for (int i = 0; i < rows; i++) {
        char text[16];
        const int size = snprintf(text, sizeof text, "%d", i);
        const struct tick tick = {{text, (size_t)size}, {"1", 1}, {text, (size_t)size}, i};
        assert_int_equal(live_batch_add_tick(batch, &tick, NULL), 0);
    }
}

// The brokers go away within a batch. Tried again with the same producer it only waits; once
// messages have timed out a new producer sends what was not acknowledged.
static void sends_a_batch_again(const char *timeout, bool may_double)
{
    struct err err = {0};
    struct live_batch batch;
    struct live_sink *sink;
    bool give_up = true;
    const char *const properties[] = {timeout, "queue.buffering.max.messages=1000",
                                      "reconnect.backoff.max.ms=100", NULL};
    const struct live_sink_options options = {.source = "test",
                                              .brokers = brokers,
                                              .topic = "ticks",
                                              .properties = properties,
                                              .give_up = gives_up,
                                              .give_up_context = &give_up};
    fill(&batch, 10000);
    assert_int_equal(live_sink_open_kafka(&sink, &options, &err), 0);
    all_brokers(false);
    int tries = 0;
    for (; tries < 20 && sink->store(sink, &batch, &err) != 0; tries++) {
        assert_true(err.retriable);
        err = (struct err){0};
        if (tries == 3)
            all_brokers(true);
        if (tries >= 3)
            give_up = false;
    }
    assert_in_range(tries, 4, 19);
    assert_int_equal(sink->stored, 10000);
    sink->close(sink);
    live_batch_free(&batch);
    const int doubles = count_doubles("ticks", 10000);
    assert_true(may_double || doubles == 0);
}

static void waits_for_its_batch(void **state)
{
    (void)state;
    sends_a_batch_again("message.timeout.ms=60000", false);
}

static void sends_the_rest_anew(void **state)
{
    (void)state;
    sends_a_batch_again("message.timeout.ms=100", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(delivers_each_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(knows_the_prefix_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(retries_what_passes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_what_lasts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stays_while_a_broker_may_welcome, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_large_messages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(times_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(waits_while_the_queue_is_full, set_up, tear_down),
        cmocka_unit_test_setup_teardown(waits_for_its_batch, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sends_the_rest_anew, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
