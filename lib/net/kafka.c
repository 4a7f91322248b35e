// SPDX-License-Identifier: Apache-2.0
// Messages are numbered as they are handed over. Partitions acknowledge in orders of their own, so
// a bit for each message in a window says which are, and the prefix moves over the bits that are
// set.
#include "net/kafka.h"
#include "base/time.h"

#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WINDOW_MESSAGES = 1 << 20, // between the oldest that is not acknowledged and the newest
    WORD_BITS = 64,
    SERVE_MESSAGES = 64, // between two looks at the delivery reports
    POLL_MILLISECONDS = 100,
    LINE_BYTES = 65536, // one line of the file of properties: a chain of certificates fits
    TROUBLE_BYTES = 300,
};

struct kafka_producer {
    rd_kafka_t *rk;
    rd_kafka_topic_t *topic;     // of the last message
    rd_kafka_headers_t *headers; // of the last message that had some
    char *topic_name, *brokers;
    uint64_t sent, acknowledged;
    struct err failed;                   // why messages were lost, if any were
    char trouble[TROUBLE_BYTES];         // what librdkafka complained of last
    bool was_refused, had_other_trouble; // since the last delivery
    bool is_away;                        // every broker, since then
    bool (*give_up)(void *context);
    void *give_up_context;
    uint64_t window[WINDOW_MESSAGES / WORD_BITS];
};

// Those that another try does not change; all others may pass.
static bool is_lasting(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        return true;
    default:
        return false;
    }
}

static void fail(struct kafka_producer *producer, rd_kafka_resp_err_t code, const char *what,
                 const char *text)
{
    if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION)
        (void)err_set(&producer->failed, EX_NOPERM, "Kafka at %s: %s: %s", producer->brokers, what,
                      text);
    else if (is_lasting(code))
        (void)err_set(&producer->failed, EX_UNAVAILABLE, "Kafka at %s: %s: %s", producer->brokers,
                      what, text);
    else
        (void)err_set_retriable(
            &producer->failed, EX_TEMPFAIL, "Kafka at %s: %s: %s%s%s", producer->brokers, what,
            text, producer->trouble[0] != '\0' ? "; last trouble: " : "", producer->trouble);
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *context)
{
    struct kafka_producer *producer = context;
    (void)rk;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        char what[TROUBLE_BYTES];
        (void)snprintf(what, sizeof what, "topic %s did not take a message of %zu bytes",
                       rd_kafka_topic_name(message->rkt), message->len);
        fail(producer, message->err, what, rd_kafka_err2str(message->err));
        return;
    }
    producer->was_refused = producer->had_other_trouble = producer->is_away = false;
    const uint64_t number = (uint64_t)(uintptr_t)message->_private;
    uint64_t at = number % WINDOW_MESSAGES;
    producer->window[at / WORD_BITS] |= 1ULL << at % WORD_BITS;
    if (number != producer->acknowledged + 1)
        return;
    // The oldest: the prefix moves over it and over what had overtaken it.
    for (;; at = (at + 1) % WINDOW_MESSAGES) {
        uint64_t *word = &producer->window[at / WORD_BITS];
        const uint64_t bit = 1ULL << at % WORD_BITS;
        if ((*word & bit) == 0)
            return;
        *word &= ~bit;
        producer->acknowledged++;
    }
}

// One broker that refuses us may be about to hear of our user, while the others work. It lasts when
// none is left and nothing else was the matter.
static void note_trouble(struct kafka_producer *producer, int code, const char *reason)
{
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        producer->is_away = true;
        if (producer->was_refused && !producer->had_other_trouble)
            fail(producer, RD_KAFKA_RESP_ERR__AUTHENTICATION, "it refuses to let us in",
                 producer->trouble);
        if (producer->trouble[0] != '\0')
            return;
    } else if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION) {
        producer->was_refused = true;
    } else {
        producer->had_other_trouble = true;
        if (producer->was_refused)
            return; // that is worth more
    }
    (void)snprintf(producer->trouble, sizeof producer->trouble, "%s", reason);
}

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *context)
{
    struct kafka_producer *producer = context;
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
        char text[TROUBLE_BYTES];
        const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(rk, text, sizeof text);
        fail(producer, fatal, "the producer cannot go on", text);
    } else {
        note_trouble(producer, code, reason);
    }
}

// librdkafka would write to stderr; what matters comes by on_error and delivery reports.
static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    (void)rk;
    (void)level;
    (void)facility;
    (void)text;
}

static bool is_key(const char *key, size_t size, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strlen(*list) == size && memcmp(*list, key, size) == 0)
            return true;
    return false;
}

static bool is_secret(const char *key, size_t size)
{
    static const char *const secrets[] = {"sasl.password",
                                          "sasl.oauthbearer.client.secret",
                                          "sasl.oauthbearer.config",
                                          "ssl.key.password",
                                          "ssl.key.pem",
                                          "ssl.keystore.password",
                                          NULL};
    return is_key(key, size, secrets);
}

// What the promise to lose nothing rests on.
static bool is_fixed(const char *key, size_t size)
{
    static const char *const fixed[] = {"acks",
                                        "request.required.acks",
                                        "enable.idempotence",
                                        "delivery.report.only.error", // successes are counted
                                        "transactional.id",           // nobody would commit
                                        NULL};
    return is_key(key, size, fixed);
}

static bool is_brokers(const char *key, size_t size)
{
    static const char *const names[] = {"bootstrap.servers", "metadata.broker.list", NULL};
    return is_key(key, size, names);
}

// `where` begins the sentence of an error. Unless the property is public, that repeats nothing but
// keys that librdkafka knows: what looks like a key may be a piece of a secret whose line broke.
static int set_property(rd_kafka_conf_t *conf, const char *property, const char *where,
                        bool is_public, struct err *err)
{
    const char *equals = strchr(property, '=');
    char key[256], text[512];
    const size_t size = equals != NULL ? (size_t)(equals - property) : 0;
    if (size == 0 || size >= sizeof key)
        return err_set(err, EX_USAGE, "%s wants key=value as librdkafka knows them", where);
    memcpy(key, property, size);
    key[size] = '\0';
    if (is_fixed(key, size))
        return err_set(err, EX_USAGE,
                       "%s: %s stays as it is (idempotent, acks=all): without it messages can be "
                       "lost, doubled, or never be known to have arrived",
                       where, key);
    if (is_brokers(key, size))
        return err_set(err, EX_USAGE, "%s: the brokers are named by --brokers, not by %s", where,
                       key);
    const rd_kafka_conf_res_t result = rd_kafka_conf_set(conf, key, equals + 1, text, sizeof text);
    if (result == RD_KAFKA_CONF_OK)
        return 0;
    if (is_public)
        return err_set(err, EX_USAGE, "%s: %s", where, text);
    if (result == RD_KAFKA_CONF_INVALID)
        return err_set(err, EX_USAGE, "%s: librdkafka refuses the value of %s", where, key);
    return err_set(err, EX_USAGE, "%s: librdkafka knows no such property", where);
}

static int set_given(rd_kafka_conf_t *conf, const char *const *properties, struct err *err)
{
    for (; properties != NULL && *properties != NULL; properties++) {
        const size_t size = strcspn(*properties, "=");
        if (is_secret(*properties, size))
            return err_set(err, EX_USAGE,
                           "-X %.*s would show its value to every user of this machine; write it "
                           "into a file as a line %.*s=... and name that file in "
                           "TICKHOUSE_KAFKA_PROPERTIES",
                           (int)size, *properties, (int)size, *properties);
        TRY(set_property(conf, *properties, "-X", true, err));
    }
    return 0;
}

// A PEM has lines, the file has one for each property: there its line ends are written \n.
static void break_lines(char *line)
{
    char *to = strstr(line, ".pem=");
    if (to == NULL || strncmp(line, "ssl.", 4) != 0 || strchr(line, '=') != to + 4)
        return;
    for (const char *from = to; (*to = *from) != '\0'; from++, to++)
        if (from[0] == '\\' && from[1] == 'n') {
            *to = '\n';
            from++;
        }
}

static int set_line(rd_kafka_conf_t *conf, char *line, const char *path, int number,
                    struct err *err)
{
    char where[256];
    (void)snprintf(where, sizeof where, "%.200s:%d", path, number);
    if (strlen(line) == LINE_BYTES - 1 && line[LINE_BYTES - 2] != '\n')
        return err_set(err, EX_USAGE,
                       "%s: the line is longer than %d bytes; ssl.ca.location, "
                       "ssl.certificate.location and ssl.key.location name files",
                       where, LINE_BYTES - 2);
    line[strcspn(line, "\r\n")] = '\0';
    line += strspn(line, " \t");
    if (*line == '\0' || *line == '#')
        return 0;
    break_lines(line);
    return set_property(conf, line, where, false, err);
}

static int set_from_file(rd_kafka_conf_t *conf, struct err *err)
{
    const char *path = getenv("TICKHOUSE_KAFKA_PROPERTIES");
    char line[LINE_BYTES];
    int code = 0;
    if (path == NULL || *path == '\0')
        return 0;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return err_set(err, EX_NOINPUT, "TICKHOUSE_KAFKA_PROPERTIES: cannot read %s: %s", path,
                       strerror(errno));
    for (int number = 1; code == 0 && fgets(line, sizeof line, file) != NULL; number++)
        code = set_line(conf, line, path, number, err);
    explicit_bzero(line, sizeof line);
    (void)fclose(file);
    return code;
}

// What is not librdkafka's own default, and why.
static const struct {
    const char *key, *value;
} defaults[] = {
    {"enable.idempotence", "true"},                  // no doubles and no disorder by its retries
    {"acks", "all"},                                 //
    {"compression.codec", "lz4"},                    // JSON shrinks to a fifth at hardly any cost
    {"partitioner", "murmur2_random"},               // a key lies where Java's producers put it
    {"linger.ms", "5"},                              //
    {"queue.buffering.max.kbytes", "65536"},         // not a gigabyte; what does not fit waits
    {"message.timeout.ms", "120000"},                // delivery.timeout.ms of Java's producer
    {"socket.keepalive.enable", "true"},             //
    {"reconnect.backoff.max.ms", "2000"},            // a broker that restarts is found again soon
    {"topic.metadata.refresh.interval.ms", "60000"}, // partitions that were added
};

static int set_all(rd_kafka_conf_t *conf, const struct kafka_settings *settings, struct err *err)
{
    char text[512];
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        if (rd_kafka_conf_set(conf, defaults[i].key, defaults[i].value, text, sizeof text) !=
            RD_KAFKA_CONF_OK)
            return err_set(err, EX_SOFTWARE, "librdkafka %s: %s", rd_kafka_version_str(), text);
    if (rd_kafka_conf_set(conf, "client.id",
                          settings->client != NULL ? settings->client : "tickhouse", text,
                          sizeof text) != RD_KAFKA_CONF_OK)
        return err_set(err, EX_USAGE, "client.id: %s", text);
    if (settings->brokers == NULL || settings->brokers[0] == '\0' ||
        rd_kafka_conf_set(conf, "bootstrap.servers", settings->brokers, text, sizeof text) !=
            RD_KAFKA_CONF_OK)
        return err_set(err, EX_USAGE, "--brokers wants HOST:PORT,..., for example 127.0.0.1:9092");
    TRY(set_from_file(conf, err));
    return set_given(conf, settings->properties, err);
}

// Its threads leave signals to the threads that wait for them.
static rd_kafka_t *start(rd_kafka_conf_t *conf, char *text, size_t size)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, size);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rk;
}

static int open_parts(struct kafka_producer *producer, const struct kafka_settings *settings,
                      struct err *err)
{
    char text[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    const int code = set_all(conf, settings, err);
    if (code != 0) {
        rd_kafka_conf_destroy(conf);
        return code;
    }
    rd_kafka_conf_set_opaque(conf, producer);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_log_cb(conf, on_log);
    producer->brokers = strdup(settings->brokers);
    producer->rk = producer->brokers != NULL ? start(conf, text, sizeof text) : NULL;
    if (producer->rk != NULL)
        return 0;
    rd_kafka_conf_destroy(conf);
    return err_set(err, EX_USAGE, "cannot start a Kafka producer: %s",
                   producer->brokers != NULL ? text : "out of memory");
}

int kafka_open(struct kafka_producer **producer, const struct kafka_settings *settings,
               struct err *err)
{
    struct kafka_producer *opened = calloc(1, sizeof *opened);
    *producer = NULL;
    if (opened == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    opened->give_up = settings->give_up;
    opened->give_up_context = settings->give_up_context;
    const int code = open_parts(opened, settings, err);
    if (code != 0)
        kafka_close(opened);
    else
        *producer = opened;
    return code;
}

void kafka_close(struct kafka_producer *producer)
{
    if (producer == NULL)
        return;
    if (producer->rk != NULL && rd_kafka_outq_len(producer->rk) != 0) {
        (void)rd_kafka_purge(producer->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        (void)rd_kafka_flush(producer->rk, POLL_MILLISECONDS);
    }
    if (producer->headers != NULL)
        rd_kafka_headers_destroy(producer->headers);
    if (producer->topic != NULL)
        rd_kafka_topic_destroy(producer->topic);
    if (producer->rk != NULL)
        rd_kafka_destroy(producer->rk);
    free(producer->topic_name);
    free(producer->brokers);
    free(producer);
}

static int check_failed(const struct kafka_producer *producer, struct err *err)
{
    const struct err *failed = &producer->failed;
    if (failed->code == 0)
        return 0;
    return failed->retriable ? err_set_retriable(err, failed->code, "%s", failed->text)
                             : err_set(err, failed->code, "%s", failed->text);
}

static int stopped(const struct kafka_producer *producer, struct err *err)
{
    return err_set_retriable(err, EX_TEMPFAIL, "stopped while waiting for Kafka at %s%s%s",
                             producer->brokers, producer->trouble[0] != '\0' ? ": " : "",
                             producer->trouble);
}

static bool gives_up(const struct kafka_producer *producer)
{
    return producer->give_up != NULL && producer->give_up(producer->give_up_context);
}

// Serves delivery reports for a moment.
static int wait_a_moment(struct kafka_producer *producer, struct err *err)
{
    (void)rd_kafka_poll(producer->rk, POLL_MILLISECONDS);
    TRY(check_failed(producer, err));
    return gives_up(producer) ? stopped(producer, err) : 0;
}

static int choose_topic(struct kafka_producer *producer, const char *name, struct err *err)
{
    if (producer->topic != NULL && strcmp(producer->topic_name, name) == 0)
        return 0;
    if (producer->topic != NULL)
        rd_kafka_topic_destroy(producer->topic);
    free(producer->topic_name);
    producer->topic_name = strdup(name);
    producer->topic = rd_kafka_topic_new(producer->rk, name, NULL);
    if (producer->topic == NULL || producer->topic_name == NULL)
        return err_set(err, EX_USAGE, "'%.250s' cannot be the name of a topic", name);
    return 0;
}

static bool are_made(const rd_kafka_headers_t *made, const struct kafka_header *headers)
{
    const char *name;
    const void *value;
    size_t i = 0, size;
    for (; headers[i].name != NULL; i++)
        if (rd_kafka_header_get_all(made, i, &name, &value, &size) != 0 ||
            strcmp(name, headers[i].name) != 0 || size != strlen(headers[i].value) ||
            memcmp(value, headers[i].value, size) != 0)
            return false;
    return rd_kafka_header_get_all(made, i, &name, &value, &size) != 0;
}

// Most messages have the headers of the one before: to copy those is cheaper than to make them.
static rd_kafka_headers_t *make_headers(struct kafka_producer *producer,
                                        const struct kafka_header *headers)
{
    if (headers == NULL || headers->name == NULL)
        return NULL;
    if (producer->headers == NULL || !are_made(producer->headers, headers)) {
        if (producer->headers != NULL)
            rd_kafka_headers_destroy(producer->headers);
        producer->headers = rd_kafka_headers_new(4);
        for (const struct kafka_header *h = headers; h->name != NULL; h++)
            (void)rd_kafka_header_add(producer->headers, h->name, -1, h->value, -1);
    }
    return rd_kafka_headers_copy(producer->headers);
}

static rd_kafka_resp_err_t produce(struct kafka_producer *producer,
                                   const struct kafka_message *message)
{
    rd_kafka_headers_t *headers = make_headers(producer, message->headers);
    // The library copies, whatever its types say of const.
    const rd_kafka_resp_err_t code = rd_kafka_producev(
        producer->rk, RD_KAFKA_V_RKT(producer->topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY((const void *)message->key, message->key_size),
        RD_KAFKA_V_VALUE((void *)(uintptr_t)message->value, message->value_size),
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE((void *)(uintptr_t)(producer->sent + 1)),
        RD_KAFKA_V_END);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && headers != NULL)
        rd_kafka_headers_destroy(headers);
    return code;
}

int kafka_send(struct kafka_producer *producer, const struct kafka_message *message,
               uint64_t *number, struct err *err)
{
    TRY(check_failed(producer, err));
    TRY(choose_topic(producer, message->topic, err));
    // Often enough that the memory of delivered messages is used again while it is warm.
    if (producer->sent % SERVE_MESSAGES == 0)
        (void)rd_kafka_poll(producer->rk, 0);
    while (producer->sent - producer->acknowledged == WINDOW_MESSAGES)
        TRY(wait_a_moment(producer, err));
    rd_kafka_resp_err_t code;
    while ((code = produce(producer, message)) == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        TRY(wait_a_moment(producer, err));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        char what[TROUBLE_BYTES];
        (void)snprintf(what, sizeof what, "topic %.200s did not take a message of %zu bytes",
                       message->topic, message->value_size);
        fail(producer, code, what, rd_kafka_err2str(code));
        return check_failed(producer, err);
    }
    *number = ++producer->sent;
    return 0;
}

int kafka_acknowledged(struct kafka_producer *producer, uint64_t *number, struct err *err)
{
    (void)rd_kafka_poll(producer->rk, 0);
    *number = producer->acknowledged;
    return check_failed(producer, err);
}

bool kafka_is_away(const struct kafka_producer *producer)
{
    return producer->is_away;
}

const char *kafka_trouble(const struct kafka_producer *producer)
{
    return producer->trouble;
}

int kafka_flush(struct kafka_producer *producer, double seconds, struct err *err)
{
    const double end = clock_seconds() + seconds;
    while (producer->acknowledged != producer->sent) {
        if (rd_kafka_flush(producer->rk, POLL_MILLISECONDS) == RD_KAFKA_RESP_ERR_NO_ERROR)
            (void)rd_kafka_poll(producer->rk, 0);
        TRY(check_failed(producer, err));
        if (producer->acknowledged == producer->sent)
            return 0;
        if (gives_up(producer))
            return stopped(producer, err);
        if (clock_seconds() >= end)
            return err_set_retriable(
                err, EX_TEMPFAIL, "Kafka at %s has not acknowledged %llu of %llu messages%s%s",
                producer->brokers, (unsigned long long)(producer->sent - producer->acknowledged),
                (unsigned long long)producer->sent, producer->trouble[0] != '\0' ? ": " : "",
                producer->trouble);
    }
    return check_failed(producer, err);
}
