// SPDX-License-Identifier: Apache-2.0
// The transformation ExtractNewRecordState: of an event only the row is left, with the fields that
// are asked for.
#ifndef TICKHOUSE_CAPTURE_UNWRAP_H
#define TICKHOUSE_CAPTURE_UNWRAP_H

#include "capture/event.h"

// add.fields and add.headers name parts of the envelope: op, ts_ms, source.lsn, lsn,
// transaction.id.
enum { UNWRAP_FIELDS = 16 }; // at most, of each list

struct unwrap_field {
    const struct unwrap_part *part;
    char *name; // with its prefix
};

// Reads such a list; the error names the part that is not known. The caller frees by
// unwrap_free_fields.
int unwrap_read_fields(const char *list, const char *prefix, struct unwrap_field **fields,
                       size_t *count, struct err *err);
void unwrap_free_fields(struct unwrap_field *fields, size_t count);

// ,{"type":"string",...} for each field that is added.
int unwrap_schema(const struct capture_settings *settings, bool is_first, struct buffer *out,
                  struct err *err);

// Writes the value of a change; *is_dropped when the transformation leaves nothing of it.
int unwrap_value(struct events *events, const struct change *change, bool *is_dropped,
                 struct err *err);

// The headers of add.headers, appended to those that there are.
int unwrap_headers(struct events *events, const struct change *change, struct err *err);

// Whether a delete is followed by a tombstone.
bool unwrap_keeps_tombstone(const struct capture_settings *settings);

#endif
