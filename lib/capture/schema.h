// SPDX-License-Identifier: Apache-2.0
// The parts of a table's messages that do not change from row to row: its topic, and with
// schemas.enable the schemas, which are most of the bytes.
#ifndef TICKHOUSE_CAPTURE_SCHEMA_H
#define TICKHOUSE_CAPTURE_SCHEMA_H

#include "capture/relation.h"

typedef int schema_part(const struct relation *relation, const struct capture_settings *settings,
                        struct buffer *out, struct err *err);

schema_part schema_topic, schema_key_head, schema_value_head, schema_delete_head, schema_source;

// PREFIX.transaction's key and value up to their fields.
int schema_transaction_key(const struct capture_settings *settings, struct buffer *out,
                           struct err *err);
int schema_transaction_value(const struct capture_settings *settings, struct buffer *out,
                             struct err *err);

#endif
