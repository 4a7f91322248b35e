// SPDX-License-Identifier: Apache-2.0
#include "outbox.h"
#include "base/time.h"
#include "line.h"
#include "net/backoff.h"
#include "net/kafka.h"
#include "stop.h"

#include <stdlib.h>

enum {
    OUTBOX_BYTES = 4 << 20,      // under way at most
    OUTBOX_MESSAGE_BYTES = 600,  // what librdkafka needs for a message with its headers besides
    OUTBOX_MARK_BYTES = 32768,   // between two marks in a long transaction
    OUTBOX_MARKS = 1 << 16,      // a power of two
    OUTBOX_PROPERTIES_MOST = 64, // of a user's
};

// Up to message `number` everything belongs to positions up to `lsn`, and is `bytes` long.
struct mark {
    uint64_t number, lsn, bytes;
};

#define LINE_BYTES_MOST (8 * LIMIT_CAPTURE_MESSAGE_BYTES)

#define DOWN_SECONDS 1.0 // that brokers may be down before they count as away

struct outbox {
    struct kafka_producer *producer; // NULL: lines on stdout
    const char *brokers;
    bool fails_when_away;
    struct buffer line;            // such a one
    uint64_t number, acknowledged; // messages
    uint64_t bytes, bytes_acknowledged;
    uint64_t marked, confirmed; // positions
    uint64_t first, last;       // marks [first, last) are waiting, at their number modulo the ring
    double progress;            // when something was acknowledged, or began to wait
    struct mark marks[OUTBOX_MARKS];
};

// ---- opening ----

// What a capture wants of librdkafka.
static const char *const defaults[] = {
    "linger.ms=2",                     // batches form by themselves while others are under way
    "batch.size=1000000",              // few and large: librdkafka spins while five are under way
    "queue.buffering.max.kbytes=8192", // the outbox is full before that is
    "message.timeout.ms=0",            // everything can wait in PostgreSQL's log
    "compression.codec=lz4",           //
    "socket.keepalive.enable=true",    //
};

enum { DEFAULTS = sizeof defaults / sizeof *defaults };

static bool is_stopped(void *context)
{
    (void)context;
    return stop_check(NULL) != 0;
}

static int open_producer(struct outbox *outbox, const struct outbox_options *options,
                         struct err *err)
{
    const char *properties[DEFAULTS + OUTBOX_PROPERTIES_MOST + 1] = {0};
    size_t count = 0;
    for (; count < DEFAULTS; count++)
        properties[count] = defaults[count];
    for (const char *const *p = options->properties; p != NULL && *p != NULL; p++) {
        if (count == DEFAULTS + OUTBOX_PROPERTIES_MOST)
            return err_set(err, EX_USAGE, "-X was given more than %d times",
                           OUTBOX_PROPERTIES_MOST);
        properties[count++] = *p;
    }
    const struct kafka_settings settings = {
        .brokers = options->brokers,
        .properties = properties,
        .client = "tickhouse-pgcdc",
        .give_up = is_stopped,
    };
    return kafka_open(&outbox->producer, &settings, err);
}

int outbox_open(struct outbox **outbox, const struct outbox_options *options, struct err *err)
{
    struct outbox *opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return err_set(err, EX_OSERR, "no memory for what is under way to Kafka");
    opened->brokers = options->brokers;
    opened->fails_when_away = options->fails_when_away;
    buffer_init(&opened->line, LINE_BYTES_MOST);
    const int code = options->brokers != NULL ? open_producer(opened, options, err) : 0;
    if (code != 0) {
        outbox_close(opened);
        return code;
    }
    *outbox = opened;
    return 0;
}

void outbox_close(struct outbox *outbox)
{
    if (outbox == NULL)
        return;
    if (outbox->producer != NULL)
        kafka_close(outbox->producer);
    buffer_free(&outbox->line);
    free(outbox);
}

// ---- out ----

static int send_to_kafka(struct outbox *outbox, const struct capture_message *message,
                         struct err *err)
{
    const struct kafka_message record = {
        .topic = message->topic,
        .key = message->key,
        .key_size = message->key_size,
        .value = message->value,
        .value_size = message->value_size,
        .headers = (const struct kafka_header *)(const void *)message->headers,
    };
    return kafka_send(outbox->producer, &record, &outbox->number, err);
}

static int print_line(struct outbox *outbox, const struct capture_message *message, struct err *err)
{
    outbox->number++;
    return line_print(stdout, &outbox->line, message, err);
}

static void add_mark(struct outbox *outbox)
{
    struct mark *newest = &outbox->marks[(outbox->last - 1) % OUTBOX_MARKS];
    const bool is_same = outbox->last > outbox->first && newest->number == outbox->number;
    if (!is_same)
        newest = &outbox->marks[outbox->last++ % OUTBOX_MARKS];
    *newest = (struct mark){outbox->number, outbox->marked, outbox->bytes};
}

int outbox_emit(void *context, const struct capture_message *message, struct err *err)
{
    struct outbox *outbox = context;
    const uint64_t marked = outbox->last > outbox->first
                                ? outbox->marks[(outbox->last - 1) % OUTBOX_MARKS].bytes
                                : outbox->bytes_acknowledged;
    if (outbox_is_empty(outbox))
        outbox->progress = clock_seconds();
    TRY(outbox->producer != NULL ? send_to_kafka(outbox, message, err)
                                 : print_line(outbox, message, err));
    outbox->bytes += message->key_size + message->value_size + OUTBOX_MESSAGE_BYTES;
    // So that bytes are counted off within a transaction too. There is always room for one mark
    // more: whoever emits looks first whether the outbox is full.
    if (outbox->bytes - marked >= OUTBOX_MARK_BYTES && outbox->last - outbox->first < OUTBOX_MARKS)
        add_mark(outbox);
    return 0;
}

int outbox_mark(struct outbox *outbox, uint64_t lsn, struct err *err)
{
    if (lsn <= outbox->marked)
        return 0;
    outbox->marked = lsn;
    if (outbox->last - outbox->first == OUTBOX_MARKS)
        return err_set(err, EX_SOFTWARE, "more positions are waiting than there is room for");
    add_mark(outbox);
    if (outbox_is_empty(outbox))
        return outbox_serve(outbox, err);
    return 0;
}

// ---- arrived ----

static void take_marks(struct outbox *outbox)
{
    while (outbox->first < outbox->last) {
        const struct mark *oldest = &outbox->marks[outbox->first % OUTBOX_MARKS];
        if (oldest->number > outbox->acknowledged)
            return;
        outbox->confirmed = oldest->lsn;
        outbox->bytes_acknowledged = oldest->bytes;
        outbox->first++;
    }
}

static int hear(struct outbox *outbox, uint64_t *acknowledged, struct err *err)
{
    if (outbox->producer != NULL)
        return kafka_acknowledged(outbox->producer, acknowledged, err);
    if (fflush(stdout) != 0)
        return err_set(err, EX_IOERR, "stdout takes no more lines");
    *acknowledged = outbox->number;
    return 0;
}

bool outbox_is_away(const struct outbox *outbox)
{
    if (outbox->producer == NULL || outbox_is_empty(outbox))
        return false;
    return clock_seconds() - outbox->progress >
           (kafka_is_away(outbox->producer) ? DOWN_SECONDS : OUTBOX_AWAY_SECONDS);
}

// Counts from here again, so that the next try has as long.
static int report_away(struct outbox *outbox, struct err *err)
{
    const char *trouble = kafka_trouble(outbox->producer);
    const double silent = clock_seconds() - outbox->progress;
    outbox->progress = clock_seconds();
    return err_set_retriable(
        err, EX_TEMPFAIL, "Kafka at %s has acknowledged nothing for %.0f s, %llu messages wait%s%s",
        outbox->brokers, silent, (unsigned long long)(outbox->number - outbox->acknowledged),
        *trouble != '\0' ? ": " : "", trouble);
}

int outbox_serve(struct outbox *outbox, struct err *err)
{
    uint64_t acknowledged = outbox->acknowledged;
    if (!outbox_is_empty(outbox))
        TRY(hear(outbox, &acknowledged, err));
    if (acknowledged != outbox->acknowledged)
        outbox->progress = clock_seconds();
    outbox->acknowledged = acknowledged;
    take_marks(outbox);
    return outbox->fails_when_away && outbox_is_away(outbox) ? report_away(outbox, err) : 0;
}

int outbox_flush(struct outbox *outbox, double seconds, struct err *err)
{
    const double started = clock_seconds();
    TRY(outbox_serve(outbox, err));
    while (!outbox_is_empty(outbox)) {
        if (seconds == 0)
            TRY(stop_check(err));
        else if (clock_seconds() - started > seconds)
            return err_set_retriable(
                err, EX_TEMPFAIL, "Kafka did not acknowledge %llu messages within %.0f s",
                (unsigned long long)(outbox->number - outbox->acknowledged), seconds);
        (void)backoff_sleep(0.002);
        TRY(outbox_serve(outbox, err));
    }
    return 0;
}

uint64_t outbox_confirmed(const struct outbox *outbox)
{
    return outbox->confirmed;
}

uint64_t outbox_marked(const struct outbox *outbox)
{
    return outbox->marked;
}

bool outbox_is_full(const struct outbox *outbox)
{
    return outbox->bytes - outbox->bytes_acknowledged >= OUTBOX_BYTES ||
           outbox->last - outbox->first >= OUTBOX_MARKS - 1;
}

int outbox_make_room(struct outbox *outbox, struct err *err)
{
    TRY(outbox_serve(outbox, err));
    while (outbox_is_full(outbox)) {
        TRY(stop_check(err));
        (void)backoff_sleep(0.001);
        TRY(outbox_serve(outbox, err));
    }
    return 0;
}

bool outbox_is_empty(const struct outbox *outbox)
{
    return outbox->acknowledged == outbox->number;
}

struct outbox_counts outbox_counts(const struct outbox *outbox)
{
    return (struct outbox_counts){
        .messages = outbox->number,
        .acknowledged = outbox->acknowledged,
        .bytes_waiting = outbox->bytes - outbox->bytes_acknowledged,
        .waiting_since = outbox->progress,
        .brokers = outbox->brokers,
        .trouble = outbox->producer != NULL ? kafka_trouble(outbox->producer) : "",
    };
}
