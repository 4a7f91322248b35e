// SPDX-License-Identifier: Apache-2.0
#include "capture/schema.h"
#include "capture/text.h"
#include "capture/unwrap.h"

#define FIELD(type, optional, name)                                                                \
    "{\"type\":\"" type "\",\"optional\":" optional ",\"field\":\"" name "\"}"

static const char source_fields[] =
    "{\"type\":\"struct\",\"fields\":[" FIELD("string", "false", "version") "," FIELD("string", "false", "connector") "," FIELD("string", "false", "name") "," FIELD(
        "int64", "false",
        "ts_ms") ","
                 "{\"type\":\"string\",\"optional\":true,\"name\":\"io.debezium.data.Enum\","
                 "\"version\":1,"
                 "\"parameters\":{\"allowed\":\"true,first,first_in_data_collection,last_in_"
                 "data_collection,"
                 "last,false,incremental\"},\"default\":\"false\",\"field\":\"snapshot\"}"
                 "," FIELD("string", "false", "db") "," FIELD("string", "true", "sequence") "," FIELD("int64", "true", "ts_us") "," FIELD("int64", "true", "ts_ns") "," FIELD(
                     "string", "false",
                     "schema") "," FIELD("string", "false",
                                         "table") "," FIELD("int64", "true",
                                                            "txId") "," FIELD("i"
                                                                              "n"
                                                                              "t"
                                                                              "6"
                                                                              "4",
                                                                              "t"
                                                                              "r"
                                                                              "u"
                                                                              "e",
                                                                              "l"
                                                                              "s"
                                                                              "n") "," FIELD("int"
                                                                                             "64",
                                                                                             "tru"
                                                                                             "e",
                                                                                             "xmi"
                                                                                             "n") "," FIELD("string",
                                                                                                            "true",
                                                                                                            "origin") "," FIELD("int64",
                                                                                                                                "true",
                                                                                                                                "origin_lsn") "],\"optional\":false,\"name\":\"io.debezium.connector.postgresql.Source\",\"version\":1,"
                                                                                                                                              "\"field\":\"source\"}";

static const char event_fields[] =
    ",{\"type\":\"struct\",\"fields\":[" FIELD("string", "false", "id") "," FIELD(
        "int64", "false",
        "total_order") "," FIELD("int64", "false",
                                 "data_collection_order") "],\"optional\":true,\"name\":\"event."
                                                          "block\","
                                                          "\"version\":1,\"field\":\"transaction\"}"
                                                          "," FIELD("string", "false", "op") "," FIELD(
                                                              "int64", "true",
                                                              "ts_ms") "," FIELD("in"
                                                                                 "t6"
                                                                                 "4",
                                                                                 "tr"
                                                                                 "u"
                                                                                 "e",
                                                                                 "ts"
                                                                                 "_u"
                                                                                 "s") "," FIELD("in"
                                                                                                "t6"
                                                                                                "4",
                                                                                                "tr"
                                                                                                "u"
                                                                                                "e",
                                                                                                "ts"
                                                                                                "_n"
                                                                                                "s");

static int put_json(struct buffer *out, const char *text, struct err *err)
{
    const size_t size = strlen(text);
    TRY(text_room(out, TEXT_JSON_BYTES(size), err));
    text_json(out, text, size);
    return 0;
}

int schema_topic(const struct relation *relation, const struct capture_settings *settings,
                 struct buffer *out, struct err *err)
{
    return buffer_printf(out, err, "%s%s%s%s%s", settings->topic_prefix, settings->topic_delimiter,
                         relation->schema, settings->topic_delimiter, relation->name);
}

// "name":"PREFIX.SCHEMA.TABLE.Kind"
static int put_schema_name(const struct relation *relation, const struct capture_settings *settings,
                           const char *kind, struct buffer *out, struct err *err)
{
    struct buffer name;
    buffer_init(&name, 1 << 16);
    int code = buffer_printf(&name, err, "%s.%s.%s.%s", settings->topic_prefix, relation->schema,
                             relation->name, kind);
    if (code == 0)
        code = buffer_printf(out, err, ",\"name\":");
    if (code == 0)
        code = put_json(out, name.data, err);
    buffer_free(&name);
    return code;
}

int schema_key_head(const struct relation *relation, const struct capture_settings *settings,
                    struct buffer *out, struct err *err)
{
    if (!settings->key_schemas)
        return buffer_printf(out, err, "{");
    TRY(buffer_printf(out, err, "{\"schema\":{\"type\":\"struct\",\"fields\":["));
    for (size_t i = 0; i < relation->key_count; i++) {
        if (i != 0)
            TRY(buffer_append(out, ",", 1, err));
        TRY(column_schema(&relation->columns[relation->keys[i]], out, err));
    }
    TRY(buffer_printf(out, err, "],\"optional\":false"));
    TRY(put_schema_name(relation, settings, "Key", out, err));
    return buffer_printf(out, err, "},\"payload\":{");
}

static int put_fields(const struct relation *relation, struct buffer *out, struct err *err)
{
    bool is_first = true;
    for (size_t i = 0; i < relation->count; i++) {
        if (relation->columns[i].is_left_out)
            continue;
        if (!is_first)
            TRY(buffer_append(out, ",", 1, err));
        TRY(column_schema(&relation->columns[i], out, err));
        is_first = false;
    }
    return 0;
}

static int put_row_schema(const struct relation *relation, const struct capture_settings *settings,
                          const char *field, struct buffer *out, struct err *err)
{
    TRY(buffer_printf(out, err, "{\"type\":\"struct\",\"fields\":["));
    TRY(put_fields(relation, out, err));
    TRY(buffer_printf(out, err, "],\"optional\":true"));
    TRY(put_schema_name(relation, settings, "Value", out, err));
    return buffer_printf(out, err, ",\"field\":\"%s\"},", field);
}

static int put_envelope_head(const struct relation *relation,
                             const struct capture_settings *settings, struct buffer *out,
                             struct err *err)
{
    if (!settings->value_schemas)
        return buffer_printf(out, err, "{\"before\":");
    TRY(buffer_printf(out, err, "{\"schema\":{\"type\":\"struct\",\"fields\":["));
    TRY(put_row_schema(relation, settings, "before", out, err));
    TRY(put_row_schema(relation, settings, "after", out, err));
    TRY(buffer_append(out, source_fields, sizeof source_fields - 1, err));
    TRY(buffer_append(out, event_fields, sizeof event_fields - 1, err));
    TRY(buffer_printf(out, err, "],\"optional\":false"));
    TRY(put_schema_name(relation, settings, "Envelope", out, err));
    return buffer_printf(out, err, ",\"version\":2},\"payload\":{\"before\":");
}

// What ExtractNewRecordState leaves: the row's own schema, and the fields that it adds.
static int put_row_head(const struct relation *relation, const struct capture_settings *settings,
                        bool is_optional, struct buffer *out, struct err *err)
{
    if (!settings->value_schemas)
        return 0;
    TRY(buffer_printf(out, err, "{\"schema\":{\"type\":\"struct\",\"fields\":["));
    TRY(put_fields(relation, out, err));
    if (!is_optional)
        TRY(unwrap_schema(settings, relation->count == 0, out, err));
    TRY(buffer_printf(out, err, "],\"optional\":%s", is_optional ? "true" : "false"));
    TRY(put_schema_name(relation, settings, "Value", out, err));
    return buffer_printf(out, err, "},\"payload\":");
}

int schema_value_head(const struct relation *relation, const struct capture_settings *settings,
                      struct buffer *out, struct err *err)
{
    return settings->unwrap.on ? put_row_head(relation, settings, false, out, err)
                               : put_envelope_head(relation, settings, out, err);
}

int schema_delete_head(const struct relation *relation, const struct capture_settings *settings,
                       struct buffer *out, struct err *err)
{
    return settings->unwrap.on ? put_row_head(relation, settings, true, out, err) : 0;
}

int schema_source(const struct relation *relation, const struct capture_settings *settings,
                  struct buffer *out, struct err *err)
{
    (void)settings;
    TRY(buffer_printf(out, err, ",\"schema\":"));
    TRY(put_json(out, relation->schema, err));
    TRY(buffer_printf(out, err, ",\"table\":"));
    TRY(put_json(out, relation->name, err));
    return buffer_printf(out, err, ",\"txId\":");
}

int schema_transaction_key(const struct capture_settings *settings, struct buffer *out,
                           struct err *err)
{
    if (!settings->key_schemas)
        return 0;
    return buffer_printf(
        out, err,
        "{\"schema\":{\"type\":\"struct\",\"fields\":[" FIELD(
            "string", "false", "id") "],\"optional\":false,\"name\":"
                                     "\"io.debezium.connector.common.TransactionMetadataKey\","
                                     "\"version\":1},\"payload\":");
}

int schema_transaction_value(const struct capture_settings *settings, struct buffer *out,
                             struct err *err)
{
    if (!settings->value_schemas)
        return 0;
    return buffer_printf(
        out, err,
        "{\"schema\":{\"type\":\"struct\",\"fields\":[" FIELD("string", "false", "status") "," FIELD(
            "string", "false",
            "id") "," FIELD("int64", "true",
                            "event_count") ","
                                           "{\"type\":\"array\",\"items\":{\"type\":\"struct\","
                                           "\"fields\":[" FIELD("string", "false", "data_collection") "," FIELD(
                                               "int64", "false",
                                               "event_count") "],\"optional\":true,\"name\":"
                                                              "\"event.collection\",\"version\":1},"
                                                              "\"optional\":true,"
                                                              "\"field\":\"data_collections\"}"
                                                              "," FIELD(
                                                                  "int64", "false",
                                                                  "ts_ms") "],\"optional\":false,"
                                                                           "\"name\":"
                                                                           "\"io.debezium."
                                                                           "connector.common."
                                                                           "TransactionMetadataValu"
                                                                           "e\",\"version\":1},"
                                                                           "\"payload\":");
}
