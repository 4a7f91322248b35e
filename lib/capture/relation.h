// SPDX-License-Identifier: Apache-2.0
// The tables that a capture knows: what pgoutput's relation messages and a table's description say,
// and every part of a message that is the same for all of its rows, rendered once.
#ifndef TICKHOUSE_CAPTURE_RELATION_H
#define TICKHOUSE_CAPTURE_RELATION_H

#include "base/arena.h"
#include "capture/capture.h"
#include "capture/column.h"

struct relation {
    uint32_t oid;
    const char *schema, *name;
    char identity; // 'd' default, 'n' nothing, 'f' full, 'i' index
    bool is_included;
    struct column *columns;
    size_t count;
    const uint16_t *keys; // the key's columns in its order
    size_t key_count;
    const char *topic;
    struct text_view key_head;   // up to the first field of a key
    struct text_view value_head; // up to the row in `before`, or the row itself
    struct text_view
        delete_head;       // the same for a deleted row that ExtractNewRecordState keeps null
    struct text_view tail; // of a value
    struct text_view key_tail;
    struct text_view source; // schema and table in the source block
    struct arena arena;
};

// Tables by OID, and the descriptions that came before they did.
struct relations {
    struct relation **list; // sorted by OID
    size_t count, capacity;
    struct relation *last; // found most recently
    struct description *descriptions;
    const struct capture_settings *settings;
};

void relations_close(struct relations *relations);

// NULL when no relation message and no description with column types named it.
struct relation *relations_find(struct relations *relations, uint32_t oid);

// As a relation message has it; `columns` have name, type, modifier and key set.
struct relation_message {
    uint32_t oid;
    const char *schema, *name;
    char identity;
    const struct relation_column {
        const char *name;
        uint32_t type;
        int32_t modifier;
        bool is_key;
    } * columns;
    size_t count;
};

int relations_define(struct relations *relations, const struct relation_message *message,
                     struct err *err);

// Remembers a description, and makes the table known where the description holds its OID.
int relations_describe(struct relations *relations, const struct capture_table *table,
                       struct err *err);

#endif
