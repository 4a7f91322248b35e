// SPDX-License-Identifier: Apache-2.0
#include "status.h"
#include "base/file.h"
#include "base/time.h"
#include "database.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { JSON_BYTES = 2048 };

// What is said of a moment.
struct report {
    const char *state;
    struct slot slot;
    struct outbox_counts counts;
    uint64_t received, confirmed, retained, behind;
    double seconds_behind, messages_a_second, kafka_silent;
};

static uint64_t distance(uint64_t from, uint64_t to)
{
    return from != 0 && to > from ? to - from : 0;
}

static size_t format_json(const char *slot_name, const struct report *report,
                          char out[static JSON_BYTES])
{
    const struct slot *slot = &report->slot;
    char confirmed[LSN_BYTES], restart[LSN_BYTES], received[LSN_BYTES], end[LSN_BYTES], safe[32];
    lsn_format(report->confirmed, confirmed);
    lsn_format(slot->restart, restart);
    lsn_format(report->received, received);
    lsn_format(slot->log_end, end);
    (void)snprintf(safe, sizeof safe, "%" PRId64, slot->safe_bytes);
    const int size = snprintf(
        out, JSON_BYTES,
        "{\"at\":%.3f,\"slot\":\"%s\",\"state\":\"%s\",\"confirmed_lsn\":\"%s\",\"received_lsn\":"
        "\"%s\",\"restart_lsn\":\"%s\",\"log_end_lsn\":\"%s\",\"retained_bytes\":%" PRIu64
        ",\"lag_bytes\":%" PRIu64 ",\"lag_seconds\":%.3f,\"messages\":%" PRIu64
        ",\"messages_acknowledged\":%" PRIu64 ",\"messages_per_second\":%.1f,\"bytes_in_flight\":"
        "%" PRIu64 ",\"kafka_silent_seconds\":%.1f,\"wal_status\":\"%s\",\"safe_wal_bytes\":%s}\n",
        (double)clock_microseconds() / 1e6, slot_name, report->state, confirmed, received, restart,
        end, report->retained, report->behind, report->seconds_behind, report->counts.messages,
        report->counts.acknowledged, report->messages_a_second, report->counts.bytes_waiting,
        report->kafka_silent, slot->wal_status, slot->safe_bytes < 0 ? "null" : safe);
    return size > 0 && size < JSON_BYTES ? (size_t)size : 0;
}

static void measure(struct report *report)
{
    report->retained = distance(report->slot.restart, report->slot.log_end);
    report->behind = distance(report->confirmed, report->slot.log_end);
}

// ---- the line ----

static double mebibytes(uint64_t bytes)
{
    return (double)bytes / (1 << 20);
}

static void say_line(const char *slot_name, const struct report *report)
{
    char confirmed[LSN_BYTES];
    lsn_format(report->confirmed, confirmed);
    (void)fprintf(stderr,
                  "ingest pgcdc: slot %s at %s, %.1f MiB and %.1f s behind; keeps %.1f MiB of log "
                  "(%s); %" PRIu64 " messages, %.0f/s\n",
                  slot_name, confirmed, mebibytes(report->behind), report->seconds_behind,
                  mebibytes(report->retained), report->slot.wal_status, report->counts.messages,
                  report->messages_a_second);
}

// The warnings, most urgent first; false when all is well.
static bool warn(const struct status *status, const struct report *report)
{
    const struct slot *slot = &report->slot;
    if (strcmp(slot->wal_status, "unreserved") == 0)
        (void)fprintf(stderr,
                      "ingest pgcdc: warning: slot %s keeps more than max_slot_wal_keep_size; with "
                      "the next checkpoint PostgreSQL may take it away, and changes with it\n",
                      status->slot_name);
    else if (report->kafka_silent > OUTBOX_AWAY_SECONDS)
        (void)fprintf(stderr,
                      "ingest pgcdc: warning: Kafka at %s has acknowledged nothing for %.0f s%s%s; "
                      "slot %s keeps %.1f MiB of log until it does, and nothing is lost: see that "
                      "the broker runs and that --brokers names it\n",
                      report->counts.brokers, report->kafka_silent,
                      *report->counts.trouble != '\0' ? ": " : "", report->counts.trouble,
                      status->slot_name, mebibytes(report->retained));
    else if ((double)report->retained > status->warn_bytes)
        (void)fprintf(stderr,
                      "ingest pgcdc: warning: slot %s keeps %.1f MiB of log; a long transaction, "
                      "or this capture being behind, holds it back\n",
                      status->slot_name, mebibytes(report->retained));
    else
        return false;
    return true;
}

static int say(struct status *status, const struct report *report, struct err *err)
{
    const bool is_warned = warn(status, report);
    if (!status->is_quiet && (report->counts.messages != status->messages || status->is_warned) &&
        !is_warned)
        say_line(status->slot_name, report);
    status->is_warned = is_warned;
    status->messages = report->counts.messages;
    if (status->file == NULL)
        return 0;
    char json[JSON_BYTES];
    const size_t size = format_json(status->slot_name, report, json);
    return file_replace(status->file, json, size, err);
}

// ---- asking ----

static int ask(struct status *status, PGconn *questions, struct err *err)
{
    const char *values[] = {status->slot_name};
    if (PQsendQueryParams(questions, slot_sql, 1, NULL, values, NULL, NULL, 0) != 1)
        return postgres_error(questions, NULL, "the state of the slot", err);
    status->is_asked = true;
    return 0;
}

static void fill(const struct status *status, const struct replication *stream,
                 const struct outbox *outbox, struct report *report)
{
    const double now = clock_seconds();
    report->state = "streaming";
    report->counts = outbox_counts(outbox);
    report->received = stream->received;
    report->confirmed = replication_confirmed(stream);
    report->messages_a_second =
        (double)(report->counts.messages - status->messages) / status->interval;
    if (!outbox_is_empty(outbox))
        report->kafka_silent = now - report->counts.waiting_since;
    measure(report);
    const bool is_behind = report->confirmed < report->slot.log_end && stream->commit_time != 0 &&
                           (!outbox_is_empty(outbox) || stream->in_transaction);
    if (is_behind)
        report->seconds_behind = (double)(clock_microseconds() - stream->commit_time) / 1e6;
}

static int take_answer(struct status *status, PGconn *questions, const struct replication *stream,
                       const struct outbox *outbox, struct err *err)
{
    struct report report = {0};
    PGresult *result = PQgetResult(questions);
    int code = PQresultStatus(result) == PGRES_TUPLES_OK
                   ? slot_take(result, &report.slot, err)
                   : postgres_error(questions, result, "the state of the slot", err);
    while (result != NULL) {
        PQclear(result);
        result = PQgetResult(questions);
    }
    status->is_asked = false;
    TRY(code);
    fill(status, stream, outbox, &report);
    return say(status, &report, err);
}

int status_step(struct status *status, PGconn *questions, const struct replication *stream,
                const struct outbox *outbox, struct err *err)
{
    const double now = clock_seconds();
    if (!status->is_asked) {
        if (now - status->asked_at < status->interval)
            return 0;
        status->asked_at = now;
        return ask(status, questions, err);
    }
    if (PQconsumeInput(questions) != 1)
        return postgres_error(questions, NULL, "the state of the slot", err);
    return PQisBusy(questions) ? 0 : take_answer(status, questions, stream, outbox, err);
}

int status_print(const char *slot_name, const struct slot *slot, struct err *err)
{
    char json[JSON_BYTES];
    struct report report = {.state = slot->is_active ? "in use" : "idle",
                            .slot = *slot,
                            .received = slot->confirmed,
                            .confirmed = slot->confirmed};
    if (!slot->exists)
        return err_set(err, EX_UNAVAILABLE, "there is no slot '%s'; the first start makes it",
                       slot_name);
    measure(&report);
    const size_t size = format_json(slot_name, &report, json);
    return fwrite(json, 1, size, stdout) == size ? 0 : err_set(err, EX_IOERR, "stdout is closed");
}
