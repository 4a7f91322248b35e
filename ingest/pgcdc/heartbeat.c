// SPDX-License-Identifier: Apache-2.0
#include "heartbeat.h"
#include "base/time.h"

#include <inttypes.h>
#include <stdio.h>

enum { TOPIC_BYTES = 512, TEXT_BYTES = 1024 };

#define SCHEMA(type, field, name)                                                                  \
    "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"" type                               \
    "\",\"optional\":false,\"field\":\"" field "\"}],\"optional\":false,\"name\":"                 \
    "\"io.debezium.connector.common." name "\",\"version\":1},\"payload\":"

static const char key_schema[] = SCHEMA("string", "serverName", "ServerNameKey");
static const char value_schema[] = SCHEMA("int64", "ts_ms", "Heartbeat");

static int send(const struct capture_settings *settings, capture_emit *emit, void *context,
                struct err *err)
{
    static const struct capture_header no_headers[] = {{0}};
    const bool key = settings->key_schemas, value = settings->value_schemas;
    char topic[TOPIC_BYTES], key_text[TEXT_BYTES], value_text[TEXT_BYTES];
    (void)snprintf(topic, sizeof topic, "%s.%s", settings->heartbeat_prefix,
                   settings->topic_prefix);
    const int key_size = snprintf(key_text, sizeof key_text, "%s{\"serverName\":\"%s\"}%s",
                                  key ? key_schema : "", settings->topic_prefix, key ? "}" : "");
    const int value_size =
        snprintf(value_text, sizeof value_text, "%s{\"ts_ms\":%" PRId64 "}%s",
                 value ? value_schema : "", clock_microseconds() / 1000, value ? "}" : "");
    if (key_size >= TEXT_BYTES || value_size >= TEXT_BYTES)
        return err_set(err, EX_CONFIG, "topic.prefix is too long for a heartbeat");
    const struct capture_message message = {
        .topic = topic,
        .key = key_text,
        .key_size = (size_t)key_size,
        .value = value_text,
        .value_size = (size_t)value_size,
        .headers = no_headers,
    };
    return emit(context, &message, err);
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
    return send(heartbeat->settings, emit, context, err);
}
