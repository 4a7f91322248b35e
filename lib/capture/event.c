// SPDX-License-Identifier: Apache-2.0
#include "capture/event.h"
#include "base/time.h"
#include "capture/schema.h"
#include "capture/text.h"
#include "capture/unwrap.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int put_json(struct buffer *out, const char *text, struct err *err)
{
    const size_t size = strlen(text);
    TRY(text_room(out, TEXT_JSON_BYTES(size), err));
    text_json(out, text, size);
    return 0;
}

// What no transaction changes, once: {"version":..., and ,"snapshot":"false","db":...
static int render_constants(struct events *e, struct err *err)
{
    const char *database = e->settings->database != NULL ? e->settings->database : "";
    TRY(buffer_printf(&e->source, err,
                      ",\"source\":{\"version\":\"" EVENTS_VERSION
                      "\",\"connector\":\"" EVENTS_CONNECTOR "\",\"name\":"));
    TRY(put_json(&e->source, e->settings->topic_prefix, err));
    TRY(buffer_printf(&e->source, err, ",\"ts_ms\":"));
    TRY(buffer_printf(&e->database, err, "\",\"db\":"));
    return put_json(&e->database, database, err);
}

enum { EVENT_BUFFERS = 9 };

static struct buffer *buffer_of(struct events *e, size_t i)
{
    struct buffer *const buffers[EVENT_BUFFERS] = {&e->key,         &e->value,  &e->extra,
                                                   &e->header_text, &e->source, &e->database,
                                                   &e->head,        &e->middle, &e->tail};
    return buffers[i];
}

int events_open(struct events *events, const struct capture_settings *settings, capture_emit *emit,
                void *context, struct err *err)
{
    memset(events, 0, sizeof *events);
    events->settings = settings;
    events->emit = emit;
    events->context = context;
    events->now = clock_microseconds;
    for (size_t i = 0; i < EVENT_BUFFERS; i++)
        buffer_init(buffer_of(events, i), LIMIT_CAPTURE_MESSAGE_BYTES);
    TRY(render_constants(events, err));
    if (!settings->unwrap.on)
        return 0;
    TRY(unwrap_read_fields(settings->unwrap.fields, settings->unwrap.fields_prefix, &events->fields,
                           &events->field_count, err));
    return unwrap_read_fields(settings->unwrap.headers, settings->unwrap.headers_prefix,
                              &events->added_headers, &events->added_header_count, err);
}

static void forget_tallies(struct tallies *tallies)
{
    for (size_t i = 0; i < tallies->count; i++)
        free(tallies->list[i].name);
    tallies->count = 0;
    tallies->events = 0;
}

void events_close(struct events *events)
{
    for (size_t i = 0; i < EVENT_BUFFERS; i++)
        buffer_free(buffer_of(events, i));
    forget_tallies(&events->tallies);
    free(events->tallies.list);
    unwrap_free_fields(events->fields, events->field_count);
    unwrap_free_fields(events->added_headers, events->added_header_count);
}

static int render_tail(struct events *e, struct err *err)
{
    const struct origin *o = &e->origin;
    e->tail.size = 0;
    TRY(text_append(&e->tail, ",\"xmin\":null,\"origin\":", err));
    if (o->name == NULL)
        return text_append(&e->tail, "null,\"origin_lsn\":null}", err);
    TRY(put_json(&e->tail, o->name, err));
    return buffer_printf(&e->tail, err, ",\"origin_lsn\":%" PRIu64 "}", o->origin_lsn);
}

static int64_t nanoseconds(int64_t microseconds)
{
    return (int64_t)((uint64_t)microseconds * 1000); // a hostile time may wrap
}

// Everything of the source block that does not change within the transaction.
static int render_source(struct events *e, struct err *err)
{
    const struct origin *o = &e->origin;
    const size_t snapshot = strlen(o->snapshot);
    e->head.size = e->middle.size = 0;
    TRY(text_room(&e->head, e->source.size + e->database.size + snapshot + 128, err));
    text_put(&e->head, e->source.data, e->source.size);
    text_signed(&e->head, o->at / 1000);
    text_literal(&e->head, ",\"snapshot\":\"");
    text_put(&e->head, o->snapshot, snapshot);
    text_put(&e->head, e->database.data, e->database.size);
    if (o->last_commit != 0) {
        text_literal(&e->head, ",\"sequence\":\"[\\\"");
        text_unsigned(&e->head, o->last_commit);
        text_literal(&e->head, "\\\",\\\"");
    } else {
        text_literal(&e->head, ",\"sequence\":\"[null,\\\"");
    }
    TRY(text_room(&e->middle, 128, err));
    text_literal(&e->middle, "\\\"]\",\"ts_us\":");
    text_signed(&e->middle, o->at);
    text_literal(&e->middle, ",\"ts_ns\":");
    text_signed(&e->middle, nanoseconds(o->at));
    return render_tail(e, err);
}

int events_put_row(const struct relation *relation, const struct row *row, const struct row *other,
                   struct buffer *out, struct err *err)
{
    char separator = '{';
    for (size_t i = 0; i < relation->count; i++) {
        const struct column *c = &relation->columns[i];
        const struct cell *cell = &row->cells[i];
        if (c->is_left_out)
            continue;
        if (cell->kind == 'u' && other != NULL)
            cell = &other->cells[i]; // the old row has what did not change
        TRY(text_room(out, c->label.size + c->null.size + c->unavailable.size + 1, err));
        text_char(out, separator);
        text_put(out, c->label.text, c->label.size);
        separator = ',';
        if (cell->kind == 'n')
            text_put(out, c->null.text, c->null.size);
        else if (cell->kind == 'u')
            text_put(out, c->unavailable.text, c->unavailable.size);
        else if (column_forms[c->form].put(c, cell->text, cell->size, out, err) != 0)
            return err_prefix(err, "column %s", c->name.text);
    }
    TRY(text_room(out, 2, err));
    if (separator == '{')
        text_char(out, separator);
    return 0;
}

static int put_closed_row(const struct relation *relation, const struct row *row,
                          const struct row *other, struct buffer *out, struct err *err)
{
    TRY(events_put_row(relation, row, other, out, err));
    TRY(text_room(out, 1, err));
    text_char(out, '}');
    return 0;
}

// The fields of the key, without braces.
static int put_key_fields(const struct relation *r, const struct row *row, struct buffer *out,
                          struct err *err)
{
    for (size_t i = 0; i < r->key_count; i++) {
        const struct column *c = &r->columns[r->keys[i]];
        const struct cell *cell = &row->cells[r->keys[i]];
        TRY(text_room(out, c->label.size + c->null.size + c->unavailable.size + 1, err));
        if (i != 0)
            text_char(out, ',');
        text_put(out, c->label.text, c->label.size);
        if (cell->kind == 'n')
            text_put(out, c->null.text, c->null.size);
        else if (cell->kind == 'u')
            text_put(out, c->unavailable.text, c->unavailable.size);
        else if (column_forms[c->form].put(c, cell->text, cell->size, out, err) != 0)
            return err_prefix(err, "column %s", c->name.text);
    }
    return 0;
}

static int put_key(struct events *e, const struct relation *r, const struct row *row,
                   struct err *err)
{
    e->key.size = 0;
    if (r->key_count == 0 || row == NULL)
        return 0;
    TRY(buffer_append(&e->key, r->key_head.text, r->key_head.size, err));
    TRY(put_key_fields(r, row, &e->key, err));
    return buffer_append(&e->key, r->key_tail.text, r->key_tail.size, err);
}

static int put_source(struct events *e, const struct change *change, struct buffer *out,
                      struct err *err)
{
    const struct text_view *table = &change->relation->source;
    TRY(text_room(out,
                  e->head.size + e->middle.size + e->tail.size + table->size +
                      3 * TEXT_INTEGER_BYTES + 16,
                  err));
    text_put(out, e->head.data, e->head.size);
    text_unsigned(out, change->lsn);
    text_put(out, e->middle.data, e->middle.size);
    text_put(out, table->text, table->size);
    text_unsigned(out, e->origin.transaction);
    text_literal(out, ",\"lsn\":");
    text_unsigned(out, change->lsn);
    text_put(out, e->tail.data, e->tail.size);
    return 0;
}

static const char operations[] = "cudtr";

static int put_operation(struct events *e, const struct change *change, struct buffer *out,
                         struct err *err)
{
    const int64_t now = e->now();
    TRY(text_room(out, 3 * TEXT_INTEGER_BYTES + 64, err));
    text_literal(out, ",\"op\":\"");
    text_char(out, operations[change->operation]);
    text_literal(out, "\",\"ts_ms\":");
    text_signed(out, now / 1000);
    text_literal(out, ",\"ts_us\":");
    text_signed(out, now);
    text_literal(out, ",\"ts_ns\":");
    text_signed(out, nanoseconds(now));
    return 0;
}

uint64_t events_of_table(const struct events *events, const struct relation *relation)
{
    const struct tallies *t = &events->tallies;
    for (size_t i = 0; i < t->count; i++)
        if (t->list[i].table == relation->oid)
            return t->list[i].events;
    return 0;
}

// The transaction block of an event.
static int put_transaction(const struct events *events, const struct change *change,
                           struct buffer *out, struct err *err)
{
    if (!events->settings->transaction_metadata || change->operation == CAPTURE_R)
        return text_append(out, "null", err);
    return buffer_printf(out, err,
                         "{\"id\":\"%" PRIu32 ":%" PRIu64 "\",\"total_order\":%" PRIu64
                         ",\"data_collection_order\":%" PRIu64 "}",
                         events->origin.transaction, change->lsn, events->tallies.events,
                         events_of_table(events, change->relation));
}

static int put_envelope(struct events *e, const struct change *change, struct err *err)
{
    struct buffer *out = &e->value;
    const struct relation *r = change->relation;
    TRY(buffer_append(out, r->value_head.text, r->value_head.size, err));
    if (change->before != NULL)
        TRY(put_closed_row(r, change->before, NULL, out, err));
    else
        TRY(text_append(out, "null", err));
    TRY(text_append(out, ",\"after\":", err));
    if (change->after != NULL)
        TRY(put_closed_row(r, change->after, change->before, out, err));
    else
        TRY(text_append(out, "null", err));
    TRY(put_source(e, change, out, err));
    TRY(text_append(out, ",\"transaction\":", err));
    TRY(put_transaction(e, change, out, err));
    TRY(put_operation(e, change, out, err));
    return buffer_append(out, r->tail.text, r->tail.size, err);
}

static int emit(struct events *e, const struct change *change, bool is_tombstone, struct err *err)
{
    e->headers[e->header_count] = (struct capture_header){0};
    const struct capture_message message = {
        .topic = change->relation->topic,
        .key = e->key.size != 0 ? e->key.data : NULL,
        .key_size = e->key.size,
        .value = is_tombstone ? NULL : e->value.data,
        .value_size = is_tombstone ? 0 : e->value.size,
        .lsn = change->lsn,
        .headers = e->headers,
    };
    return e->emit(e->context, &message, err);
}

static void add_context_headers(struct events *e)
{
    const struct capture_settings *s = e->settings;
    if (!s->context_headers)
        return;
    e->headers[e->header_count++] =
        (struct capture_header){"__debezium.context.connectorLogicalName", s->topic_prefix};
    e->headers[e->header_count++] = (struct capture_header){"__debezium.context.taskId", "0"};
    e->headers[e->header_count++] =
        (struct capture_header){"__debezium.context.connectorName", "postgresql"};
}

// One event, and the tombstone behind a delete. `header` names the other half of a changed key.
static int send(struct events *e, const struct change *change, const struct capture_header *header,
                struct err *err)
{
    bool is_dropped = false;
    const bool is_delete = change->operation == CAPTURE_D;
    TRY(put_key(e, change->relation, is_delete ? change->before : change->after, err));
    e->header_count = 0;
    if (header != NULL)
        e->headers[e->header_count++] = *header;
    add_context_headers(e);
    e->value.size = 0;
    if (!e->settings->unwrap.on) {
        TRY(put_envelope(e, change, err));
    } else {
        TRY(unwrap_headers(e, change, err));
        TRY(unwrap_value(e, change, &is_dropped, err));
    }
    if (!is_dropped)
        TRY(emit(e, change, e->value.size == 0, err));
    if (!is_delete || !e->settings->tombstones || !unwrap_keeps_tombstone(e->settings))
        return 0;
    return emit(e, change, true, err);
}

// Whether the keys of both rows differ as the key's columns print them.
static bool is_key_changed(const struct change *change)
{
    const struct relation *r = change->relation;
    for (size_t i = 0; i < r->key_count && change->before != NULL; i++) {
        const struct cell *old = &change->before->cells[r->keys[i]];
        const struct cell *new = &change->after->cells[r->keys[i]];
        if (new->kind == 'u')
            continue;
        if (old->kind != new->kind ||
            (old->kind == 't' &&
             (old->size != new->size || memcmp(old->text, new->text, old->size) != 0)))
            return true;
    }
    return false;
}

static int add_tally(struct tallies *t, const struct relation *r, struct err *err)
{
    if (t->count == t->capacity) {
        const size_t capacity = t->capacity == 0 ? 16 : t->capacity * 2;
        struct tally *list = realloc(t->list, capacity * sizeof *list);
        if (list == NULL)
            return err_set(err, EX_OSERR, "out of memory");
        t->list = list;
        t->capacity = capacity;
    }
    const size_t size = strlen(r->schema) + strlen(r->name) + 2;
    char *name = malloc(size);
    if (name == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    (void)snprintf(name, size, "%s.%s", r->schema, r->name);
    t->list[t->count++] = (struct tally){r->oid, name, 1};
    return 0;
}

static int count_event(struct events *e, const struct change *change, struct err *err)
{
    struct tallies *t = &e->tallies;
    t->events++;
    for (size_t i = 0; i < t->count; i++)
        if (t->list[i].table == change->relation->oid) {
            t->list[i].events++;
            return 0;
        }
    return add_tally(t, change->relation, err);
}

static int count_and_send(struct events *e, const struct change *change,
                          const struct capture_header *header, struct err *err)
{
    if (e->settings->transaction_metadata && change->operation != CAPTURE_R)
        TRY(count_event(e, change, err));
    return send(e, change, header, err);
}

// The key's fields as an object, as the header of the other half holds it.
static int header_key(struct events *e, const struct relation *r, const struct row *row,
                      struct err *err)
{
    e->extra.size = 0;
    TRY(text_append(&e->extra, "{", err));
    TRY(put_key_fields(r, row, &e->extra, err));
    return buffer_append(&e->extra, "}", 2, err); // with a NUL
}

// An update that moves a row to another key: the old key's row ends, another begins.
static int send_moved(struct events *e, const struct change *change, struct err *err)
{
    struct change half = *change;
    TRY(header_key(e, change->relation, change->after, err));
    struct capture_header header = {"__debezium.newkey", e->extra.data};
    half.operation = CAPTURE_D;
    half.after = NULL;
    TRY(count_and_send(e, &half, &header, err));
    half = *change;
    TRY(header_key(e, change->relation, change->before, err));
    header = (struct capture_header){"__debezium.oldkey", e->extra.data};
    half.operation = CAPTURE_C;
    half.before = NULL;
    return count_and_send(e, &half, &header, err);
}

int events_set_origin(struct events *events, const struct origin *origin, struct err *err)
{
    events->origin = *origin;
    return render_source(events, err);
}

int events_change(struct events *events, const struct change *change, struct err *err)
{
    if (change->operation < CAPTURE_R && events->settings->skipped[change->operation])
        return 0;
    if (change->operation == CAPTURE_U && is_key_changed(change))
        return send_moved(events, change, err);
    return count_and_send(events, change, NULL, err);
}

// Where a Java HashMap of `size` slots keeps a name.
static uint32_t hash_slot(const char *name, size_t size)
{
    uint32_t hash = 0;
    for (const char *p = name; *p != '\0'; p++)
        hash = hash * 31 + (unsigned char)*p;
    return (hash ^ hash >> 16) & (uint32_t)(size - 1);
}

// The tables in the order in which Debezium lists them, that of its HashMap.
static void sort_tallies(struct tallies *t)
{
    size_t size = 16;
    while (t->count > size / 4 * 3)
        size *= 2;
    for (size_t i = 1; i < t->count; i++) {
        const struct tally moved = t->list[i];
        size_t at = i;
        for (; at > 0 && hash_slot(t->list[at - 1].name, size) > hash_slot(moved.name, size); at--)
            t->list[at] = t->list[at - 1];
        t->list[at] = moved;
    }
}

// ,"event_count":...,"data_collections":[...]
static int put_tallies(struct tallies *t, struct buffer *out, struct err *err)
{
    sort_tallies(t);
    TRY(buffer_printf(out, err, ",\"event_count\":%" PRIu64 ",\"data_collections\":[", t->events));
    for (size_t i = 0; i < t->count; i++) {
        TRY(buffer_printf(out, err, "%s{\"data_collection\":", i == 0 ? "" : ","));
        TRY(put_json(out, t->list[i].name, err));
        TRY(buffer_printf(out, err, ",\"event_count\":%" PRIu64 "}", t->list[i].events));
    }
    return text_append(out, "]", err);
}

static int put_marker(struct events *e, uint64_t lsn, bool is_end, struct err *err)
{
    const struct capture_settings *s = e->settings;
    e->key.size = e->value.size = 0;
    TRY(schema_transaction_key(s, &e->key, err));
    TRY(buffer_printf(&e->key, err, "{\"id\":\"%" PRIu32 ":%" PRIu64 "\"}%s", e->origin.transaction,
                      lsn, s->key_schemas ? "}" : ""));
    TRY(schema_transaction_value(s, &e->value, err));
    TRY(buffer_printf(&e->value, err, "{\"status\":\"%s\",\"id\":\"%" PRIu32 ":%" PRIu64 "\"",
                      is_end ? "END" : "BEGIN", e->origin.transaction, lsn));
    if (is_end)
        TRY(put_tallies(&e->tallies, &e->value, err));
    else
        TRY(buffer_printf(&e->value, err, ",\"event_count\":null,\"data_collections\":null"));
    return buffer_printf(&e->value, err, ",\"ts_ms\":%" PRId64 "}%s", e->origin.at / 1000,
                         s->value_schemas ? "}" : "");
}

// On the topic PREFIX.transaction.
static int send_marker(struct events *e, uint64_t lsn, bool is_end, struct err *err)
{
    const struct capture_settings *s = e->settings;
    TRY(put_marker(e, lsn, is_end, err));
    e->extra.size = 0;
    TRY(buffer_printf(&e->extra, err, "%s%s%s%c", s->topic_prefix, s->topic_delimiter,
                      s->transaction_topic, '\0'));
    e->headers[0] = (struct capture_header){0};
    const struct capture_message message = {
        .topic = e->extra.data,
        .key = e->key.data,
        .key_size = e->key.size,
        .value = e->value.data,
        .value_size = e->value.size,
        .lsn = lsn,
        .headers = e->headers,
    };
    return e->emit(e->context, &message, err);
}

int events_begin(struct events *events, uint64_t lsn, struct err *err)
{
    forget_tallies(&events->tallies);
    return events->settings->transaction_metadata ? send_marker(events, lsn, false, err) : 0;
}

int events_end(struct events *events, uint64_t lsn, struct err *err)
{
    return events->settings->transaction_metadata ? send_marker(events, lsn, true, err) : 0;
}
