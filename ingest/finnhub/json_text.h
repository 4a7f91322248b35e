// SPDX-License-Identifier: Apache-2.0
// Reading JSON in place where numbers must keep their digits, which a JSON library makes doubles
// of. Text ends with NUL, which is no character of JSON, so no loop asks for the length. Everything
// is checked that RFC 8259 asks for but UTF-8, which the caller checks at once for all of it.
#ifndef TICKHOUSE_INGEST_FINNHUB_JSON_TEXT_H
#define TICKHOUSE_INGEST_FINNHUB_JSON_TEXT_H

#include "base/arena.h"
#include "base/csv.h"

#include <string.h>

enum { JSON_DEPTH = 32 }; // nesting of values that are passed by

struct json_text {
    const char *at, *end;
    struct arena *arena; // for strings with escapes
};

enum json_kind { JSON_ABSENT, JSON_NUMBER, JSON_STRING_TEXT, JSON_OTHER };

struct json_value {
    enum json_kind kind;
    struct csv_view text; // of a string what it says, else as it stands there
};

static inline void json_spaces(struct json_text *json)
{
    while (*json->at == ' ' || *json->at == '\n' || *json->at == '\t' || *json->at == '\r')
        json->at++;
}

// True when the next character is `c`, which is then read.
static inline bool json_take(struct json_text *json, char c)
{
    json_spaces(json);
    if (*json->at != c)
        return false;
    json->at++;
    return true;
}

// Each is false where the text is no JSON, or nested deeper than JSON_DEPTH.
bool json_take_string(struct json_text *json, struct csv_view *text); // after its quotation mark
bool json_take_value(struct json_text *json, int depth, struct json_value *value);
bool json_skip_value(struct json_text *json, int depth);

// The name of the next member and its colon.
static inline bool json_take_name(struct json_text *json, struct csv_view *name)
{
    return json_take(json, '"') && json_take_string(json, name) && json_take(json, ':');
}

static inline bool json_is(const struct csv_view *text, const char *word)
{
    return text->size == strlen(word) && memcmp(text->data, word, text->size) == 0;
}

// Whether nothing but spaces is left.
static inline bool json_at_end(struct json_text *json)
{
    json_spaces(json);
    return json->at == json->end;
}

// Makes a plain decimal of a number: 1.25e-3 becomes 0.00125. False when it is longer than
// LIVE_NUMBER_BYTES.
bool json_plain_number(struct csv_view *text, struct arena *arena);

#endif
