// SPDX-License-Identifier: Apache-2.0
// pgoutput's messages: [size, 2 bytes, the first of it the settings][message] again and again. The
// text of what comes out has to be UTF-8 without control characters, as JSON is.
#include "base/utf8.h"
#include "capture/capture.h"

#include <stdlib.h>
#include <string.h>

static void check(const char *text, size_t size)
{
    if (utf8_valid_prefix(text, size) != size)
        abort();
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] < ' ')
            abort();
}

static int receive(void *context, const struct capture_message *m, struct err *err)
{
    size_t *messages = context;
    check(m->topic, 0);
    if (m->key != NULL)
        check(m->key, m->key_size);
    if (m->value != NULL)
        check(m->value, m->value_size);
    return ++*messages > 10000 ? err_set(err, EX_TEMPFAIL, "enough") : 0;
}

static void choose(struct capture_settings *s, unsigned char seed)
{
    *s = (struct capture_settings){
        .topic_prefix = "p",
        .topic_delimiter = ".",
        .transaction_topic = "transaction",
        .placeholder = "__debezium_unavailable_value",
        .decimals = seed % 3,
        .times = seed / 3 % 6,
        .binaries = seed / 2 % 4,
        .intervals = seed % 2,
        .include_unknown = seed % 5 != 0,
        .key_schemas = seed % 7 == 0,
        .value_schemas = seed % 7 == 0,
        .tombstones = true,
        .transaction_metadata = seed % 4 == 0,
        .unwrap = {.on = seed % 11 == 0,
                   .deletes = seed % 5,
                   .fields = "op,source.lsn,transaction.id",
                   .fields_prefix = "__",
                   .headers_prefix = "__"},
    };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct capture_settings settings;
    struct capture *capture;
    struct err err = {0};
    size_t messages = 0;
    if (size == 0)
        return 0;
    choose(&settings, data[0]);
    if (capture_open(&capture, &settings, receive, &messages, &err) != 0)
        abort();
    int code = 0;
    for (size_t at = 1; code == 0 && at + 2 <= size;) {
        size_t length = (size_t)data[at] << 8 | data[at + 1];
        at += 2;
        if (length > size - at)
            length = size - at;
        char *copy = malloc(length + 1); // of its own, so that reading beyond it is seen
        if (copy == NULL)
            abort();
        memcpy(copy, data + at, length);
        copy = realloc(copy, length > 0 ? length : 1);
        code = capture_wal(capture, at, copy, length, &err);
        free(copy);
        at += length;
    }
    if (code != 0 && err.text[0] == '\0')
        abort();
    capture_close(capture);
    return 0;
}
