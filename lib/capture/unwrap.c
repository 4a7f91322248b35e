// SPDX-License-Identifier: Apache-2.0
#include "capture/unwrap.h"
#include "capture/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum part_id {
    PART_OP,
    PART_TS_MS,
    PART_TS_US,
    PART_TS_NS,
    PART_SOURCE_VERSION,
    PART_SOURCE_CONNECTOR,
    PART_SOURCE_NAME,
    PART_SOURCE_TS_MS,
    PART_SOURCE_SNAPSHOT,
    PART_SOURCE_DB,
    PART_SOURCE_SEQUENCE,
    PART_SOURCE_TS_US,
    PART_SOURCE_TS_NS,
    PART_SOURCE_SCHEMA,
    PART_SOURCE_TABLE,
    PART_SOURCE_TRANSACTION,
    PART_SOURCE_LSN,
    PART_SOURCE_XMIN,
    PART_SOURCE_ORIGIN,
    PART_SOURCE_ORIGIN_LSN,
    PART_TRANSACTION_ID,
    PART_TRANSACTION_ORDER,
    PART_TRANSACTION_TABLE_ORDER
};

// A part of the envelope. Without its struct a name is looked for in this order.
struct unwrap_part {
    const char *outer, *name, *schema; // schema without the field's name
    enum part_id id;
};

#define TEXT_SCHEMA "{\"type\":\"string\",\"optional\":true"
#define NUMBER_SCHEMA "{\"type\":\"int64\",\"optional\":true"
#define SNAPSHOT_SCHEMA                                                                            \
    TEXT_SCHEMA ",\"name\":\"io.debezium.data.Enum\",\"version\":1,\"parameters\":{\"allowed\":"   \
                "\"true,first,first_in_data_collection,last_in_data_collection,last,false,"        \
                "incremental\"}"

static const struct unwrap_part parts[] = {
    {"", "op", TEXT_SCHEMA, PART_OP},
    {"", "ts_ms", NUMBER_SCHEMA, PART_TS_MS},
    {"", "ts_us", NUMBER_SCHEMA, PART_TS_US},
    {"", "ts_ns", NUMBER_SCHEMA, PART_TS_NS},
    {"source", "version", TEXT_SCHEMA, PART_SOURCE_VERSION},
    {"source", "connector", TEXT_SCHEMA, PART_SOURCE_CONNECTOR},
    {"source", "name", TEXT_SCHEMA, PART_SOURCE_NAME},
    {"source", "ts_ms", NUMBER_SCHEMA, PART_SOURCE_TS_MS},
    {"source", "snapshot", SNAPSHOT_SCHEMA, PART_SOURCE_SNAPSHOT},
    {"source", "db", TEXT_SCHEMA, PART_SOURCE_DB},
    {"source", "sequence", TEXT_SCHEMA, PART_SOURCE_SEQUENCE},
    {"source", "ts_us", NUMBER_SCHEMA, PART_SOURCE_TS_US},
    {"source", "ts_ns", NUMBER_SCHEMA, PART_SOURCE_TS_NS},
    {"source", "schema", TEXT_SCHEMA, PART_SOURCE_SCHEMA},
    {"source", "table", TEXT_SCHEMA, PART_SOURCE_TABLE},
    {"source", "txId", NUMBER_SCHEMA, PART_SOURCE_TRANSACTION},
    {"source", "lsn", NUMBER_SCHEMA, PART_SOURCE_LSN},
    {"source", "xmin", NUMBER_SCHEMA, PART_SOURCE_XMIN},
    {"source", "origin", TEXT_SCHEMA, PART_SOURCE_ORIGIN},
    {"source", "origin_lsn", NUMBER_SCHEMA, PART_SOURCE_ORIGIN_LSN},
    {"transaction", "id", TEXT_SCHEMA, PART_TRANSACTION_ID},
    {"transaction", "total_order", NUMBER_SCHEMA, PART_TRANSACTION_ORDER},
    {"transaction", "data_collection_order", NUMBER_SCHEMA, PART_TRANSACTION_TABLE_ORDER},
};

enum { PARTS = sizeof parts / sizeof *parts, NAME_BYTES = 128 };

static const struct unwrap_part *find_part(const char *name)
{
    const char *dot = strchr(name, '.');
    const size_t outer = dot != NULL ? (size_t)(dot - name) : 0;
    for (size_t i = 0; i < PARTS; i++)
        if (dot == NULL
                ? strcmp(parts[i].name, name) == 0
                : strlen(parts[i].outer) == outer && strncmp(parts[i].outer, name, outer) == 0 &&
                      strcmp(parts[i].name, dot + 1) == 0)
            return &parts[i];
    return NULL;
}

// PART or PART:NAME; the name of source.lsn is source_lsn.
static int read_field(const char *text, size_t size, const char *prefix, struct unwrap_field *field,
                      struct err *err)
{
    char name[NAME_BYTES];
    if (size >= sizeof name)
        return err_set(err, EX_CONFIG, "a field's name of %zu characters", size);
    memcpy(name, text, size);
    name[size] = '\0';
    char *colon = strchr(name, ':');
    if (colon != NULL)
        *colon = '\0';
    field->part = find_part(name);
    if (field->part == NULL)
        return err_set(err, EX_CONFIG, "'%s' is no part of an event that can be added", name);
    for (char *p = name; *p != '\0'; p++)
        if (*p == '.')
            *p = '_';
    const char *shown = colon != NULL ? colon + 1 : name;
    const size_t length = strlen(prefix) + strlen(shown) + 1;
    field->name = malloc(length);
    if (field->name == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    (void)snprintf(field->name, length, "%s%s", prefix, shown);
    return 0;
}

int unwrap_read_fields(const char *list, const char *prefix, struct unwrap_field **fields,
                       size_t *count, struct err *err)
{
    *fields = NULL;
    *count = 0;
    size_t most = 1;
    for (const char *p = list != NULL ? list : ""; *p != '\0'; p++)
        most += *p == ',';
    if (list == NULL || *list == '\0')
        return 0;
    if (most > UNWRAP_FIELDS)
        return err_set(err, EX_CONFIG, "%zu fields to add; at most %d are taken", most,
                       UNWRAP_FIELDS);
    *fields = calloc(most, sizeof **fields);
    if (*fields == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    for (const char *at = list; *at != '\0';) {
        at += strspn(at, ", ");
        const size_t size = strcspn(at, ", ");
        if (size != 0)
            TRY(read_field(at, size, prefix, &(*fields)[*count], err));
        *count += size != 0;
        at += size;
    }
    return 0;
}

void unwrap_free_fields(struct unwrap_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(fields[i].name);
    free(fields);
}

static bool is_rewritten(const struct capture_settings *settings)
{
    return settings->unwrap.deletes == CAPTURE_DELETE_REWRITE ||
           settings->unwrap.deletes == CAPTURE_DELETE_REWRITE_WITH_TOMBSTONE;
}

static int put_json(struct buffer *out, const char *text, struct err *err)
{
    const size_t size = strlen(text);
    TRY(text_room(out, TEXT_JSON_BYTES(size), err));
    text_json(out, text, size);
    return 0;
}

static int put_json_or_null(struct buffer *out, const char *text, struct err *err)
{
    return text != NULL ? put_json(out, text, err) : buffer_append(out, "null", 4, err);
}

int unwrap_schema(const struct capture_settings *settings, bool is_first, struct buffer *out,
                  struct err *err)
{
    struct unwrap_field *fields;
    size_t count;
    if (is_rewritten(settings))
        TRY(buffer_printf(out, err, "%s" TEXT_SCHEMA ",\"field\":\"__deleted\"}",
                          is_first ? "" : ","));
    is_first = is_first && !is_rewritten(settings);
    int code = unwrap_read_fields(settings->unwrap.fields, settings->unwrap.fields_prefix, &fields,
                                  &count, err);
    for (size_t i = 0; code == 0 && i < count; i++) {
        code =
            buffer_printf(out, err, "%s%s,\"field\":", is_first ? "" : ",", fields[i].part->schema);
        if (code == 0)
            code = put_json(out, fields[i].name, err);
        if (code == 0)
            code = buffer_append(out, "}", 1, err);
        is_first = false;
    }
    unwrap_free_fields(fields, count);
    return code;
}

static int put_sequence(const struct events *events, const struct change *change,
                        struct buffer *out, struct err *err)
{
    if (events->origin.last_commit == 0)
        return buffer_printf(out, err, "\"[null,\\\"%" PRIu64 "\\\"]\"", change->lsn);
    return buffer_printf(out, err, "\"[\\\"%" PRIu64 "\\\",\\\"%" PRIu64 "\\\"]\"",
                         events->origin.last_commit, change->lsn);
}

static int put_number(struct buffer *out, int64_t value, struct err *err)
{
    return buffer_printf(out, err, "%" PRId64, value);
}

static int put_transaction_part(const struct events *events, const struct change *change,
                                enum part_id id, struct buffer *out, struct err *err)
{
    if (!events->settings->transaction_metadata)
        return buffer_append(out, "null", 4, err);
    if (id == PART_TRANSACTION_ID)
        return buffer_printf(out, err, "\"%" PRIu32 ":%" PRIu64 "\"", events->origin.transaction,
                             change->lsn);
    return buffer_printf(out, err, "%" PRIu64,
                         id == PART_TRANSACTION_ORDER ? events->tallies.events
                                                      : events_of_table(events, change->relation));
}

// The part's value as JSON.
static int put_part(const struct events *events, const struct change *change, enum part_id id,
                    struct buffer *out, struct err *err)
{
    const struct origin *o = &events->origin;
    const bool is_streamed = strcmp(o->snapshot, "false") == 0;
    switch (id) {
    case PART_OP:
        return buffer_printf(out, err, "\"%c\"", "cudtr"[change->operation]);
    case PART_TS_MS:
        return put_number(out, events->now() / 1000, err);
    case PART_TS_US:
        return put_number(out, events->now(), err);
    case PART_TS_NS:
        return put_number(out, (int64_t)((uint64_t)events->now() * 1000), err);
    case PART_SOURCE_VERSION:
        return put_json(out, EVENTS_VERSION, err);
    case PART_SOURCE_CONNECTOR:
        return put_json(out, EVENTS_CONNECTOR, err);
    case PART_SOURCE_NAME:
        return put_json(out, events->settings->topic_prefix, err);
    case PART_SOURCE_TS_MS:
        return put_number(out, o->at / 1000, err);
    case PART_SOURCE_SNAPSHOT: // the default "false" is not there to be copied
        return put_json_or_null(out, is_streamed ? NULL : o->snapshot, err);
    case PART_SOURCE_DB:
        return put_json_or_null(out, events->settings->database, err);
    case PART_SOURCE_SEQUENCE:
        return put_sequence(events, change, out, err);
    case PART_SOURCE_TS_US:
        return put_number(out, o->at, err);
    case PART_SOURCE_TS_NS:
        return put_number(out, (int64_t)((uint64_t)o->at * 1000), err);
    case PART_SOURCE_SCHEMA:
        return put_json(out, change->relation->schema, err);
    case PART_SOURCE_TABLE:
        return put_json(out, change->relation->name, err);
    case PART_SOURCE_TRANSACTION:
        return put_number(out, o->transaction, err);
    case PART_SOURCE_LSN:
        return put_number(out, (int64_t)change->lsn, err);
    case PART_SOURCE_ORIGIN:
        return put_json_or_null(out, o->name, err);
    case PART_SOURCE_ORIGIN_LSN:
        if (o->name != NULL)
            return put_number(out, (int64_t)o->origin_lsn, err);
        return buffer_append(out, "null", 4, err);
    case PART_SOURCE_XMIN:
        return buffer_append(out, "null", 4, err);
    default:
        return put_transaction_part(events, change, id, out, err);
    }
}

// The header's text: a string without its quotes, nothing for a null.
static int put_header(struct events *events, const struct change *change,
                      const struct unwrap_field *field, struct err *err)
{
    struct buffer *out = &events->header_text;
    const size_t start = out->size;
    TRY(put_part(events, change, field->part->id, out, err));
    size_t size = out->size - start;
    char *text = out->data + start;
    if (size == 4 && memcmp(text, "null", 4) == 0) {
        out->size = start;
        return 0;
    }
    if (*text == '"') {
        memmove(text, text + 1, size - 2);
        size -= 2;
    }
    text[size] = '\0';
    out->size = start + size + 1;
    events->headers[events->header_count++] = (struct capture_header){field->name, text};
    return 0;
}

int unwrap_headers(struct events *events, const struct change *change, struct err *err)
{
    events->header_text.size = 0; // room for all at once, so that nothing moves
    TRY(text_room(&events->header_text, UNWRAP_FIELDS * 1024, err));
    for (size_t i = 0; i < events->added_header_count; i++)
        TRY(put_header(events, change, &events->added_headers[i], err));
    return 0;
}

bool unwrap_keeps_tombstone(const struct capture_settings *settings)
{
    return !settings->unwrap.on ||
           settings->unwrap.deletes == CAPTURE_DELETE_REWRITE_WITH_TOMBSTONE;
}

static int put_fields(struct events *events, const struct change *change, struct err *err)
{
    struct buffer *out = &events->value;
    char separator = out->data[out->size - 1] == '{' ? '\0' : ',';
    if (is_rewritten(events->settings)) {
        TRY(buffer_printf(out, err, "%s\"__deleted\":\"%s\"", separator != '\0' ? "," : "",
                          change->operation == CAPTURE_D ? "true" : "false"));
        separator = ',';
    }
    for (size_t i = 0; i < events->field_count; i++) {
        if (separator != '\0')
            TRY(buffer_append(out, &separator, 1, err));
        TRY(put_json(out, events->fields[i].name, err));
        TRY(buffer_append(out, ":", 1, err));
        TRY(put_part(events, change, events->fields[i].part->id, out, err));
        separator = ',';
    }
    return buffer_append(out, "}", 1, err);
}

// A delete without its row: nothing, the text null, or no value at all.
static int put_delete(struct events *events, const struct relation *relation, bool *is_dropped,
                      struct err *err)
{
    *is_dropped = events->settings->unwrap.deletes == CAPTURE_DELETE_DROP;
    if (events->settings->unwrap.deletes != CAPTURE_DELETE_TOMBSTONE)
        return 0;
    TRY(buffer_append(&events->value, relation->delete_head.text, relation->delete_head.size, err));
    TRY(buffer_append(&events->value, "null", 4, err));
    return buffer_append(&events->value, relation->tail.text, relation->tail.size, err);
}

int unwrap_value(struct events *events, const struct change *change, bool *is_dropped,
                 struct err *err)
{
    const struct relation *r = change->relation;
    const bool is_delete = change->operation == CAPTURE_D;
    *is_dropped = change->operation == CAPTURE_T;
    if (*is_dropped)
        return 0;
    if (is_delete && !is_rewritten(events->settings))
        return put_delete(events, r, is_dropped, err);
    TRY(buffer_append(&events->value, r->value_head.text, r->value_head.size, err));
    TRY(events_put_row(r, is_delete ? change->before : change->after,
                       is_delete ? NULL : change->before, &events->value, err));
    TRY(put_fields(events, change, err));
    return buffer_append(&events->value, r->tail.text, r->tail.size, err);
}
