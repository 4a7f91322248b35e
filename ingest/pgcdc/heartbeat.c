// SPDX-License-Identifier: Apache-2.0
#include "heartbeat.h"
#include "base/time.h"
#include "capture/text.h"

#include <inttypes.h>
#include <stdio.h>

enum { TOPIC_BYTES = 512, VALUE_BYTES = 512, KEY_BYTES_MOST = 1 << 16 };

#define SCHEMA(type, field, name)                                                                  \
    "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"" type                               \
    "\",\"optional\":false,\"field\":\"" field "\"}],\"optional\":false,\"name\":"                 \
    "\"io.debezium.connector.common." name "\",\"version\":1},\"payload\":"

static const char key_schema[] = SCHEMA("string", "serverName", "ServerNameKey");
static const char value_schema[] = SCHEMA("int64", "ts_ms", "Heartbeat");

static int put_key(const struct capture_settings *settings, struct buffer *key, struct err *err)
{
    const size_t size = strlen(settings->topic_prefix);
    if (settings->key_schemas)
        TRY(text_append(key, key_schema, err));
    TRY(text_append(key, "{\"serverName\":", err));
    TRY(text_room(key, TEXT_JSON_BYTES(size), err));
    text_json(key, settings->topic_prefix, size);
    return buffer_append(key, "}}", settings->key_schemas ? 2 : 1, err);
}

static int send(const struct capture_settings *settings, const struct buffer *key,
                capture_emit *emit, void *context, struct err *err)
{
    static const struct capture_header no_headers[] = {{0}};
    const bool schema = settings->value_schemas;
    char topic[TOPIC_BYTES], value[VALUE_BYTES];
    if ((size_t)snprintf(topic, sizeof topic, "%s.%s", settings->heartbeat_prefix,
                         settings->topic_prefix) >= sizeof topic)
        return err_set(err, EX_CONFIG, "the topic of heartbeats %.40s... is too long", topic);
    const int value_size =
        snprintf(value, sizeof value, "%s{\"ts_ms\":%" PRId64 "}%s", schema ? value_schema : "",
                 clock_microseconds() / 1000, schema ? "}" : "");
    const struct capture_message message = {
        .topic = topic,
        .key = key->data,
        .key_size = key->size,
        .value = value,
        .value_size = (size_t)value_size,
        .headers = no_headers,
    };
    return emit(context, &message, err);
}

static int put_and_send(const struct capture_settings *settings, capture_emit *emit, void *context,
                        struct err *err)
{
    struct buffer key;
    buffer_init(&key, KEY_BYTES_MOST);
    int code = put_key(settings, &key, err);
    if (code == 0)
        code = send(settings, &key, emit, context, err);
    buffer_free(&key);
    return code;
}

int heartbeat_step(struct heartbeat *heartbeat, capture_emit *emit, void *context, struct err *err)
{
    const int64_t interval = heartbeat->settings->heartbeat_ms;
    const double now = clock_seconds();
    if (heartbeat->sent_at == 0)
        heartbeat->sent_at = now;
    if (interval == 0 || (now - heartbeat->sent_at) * 1000 < (double)interval)
        return 0;
    heartbeat->sent_at = now;
    return put_and_send(heartbeat->settings, emit, context, err);
}
