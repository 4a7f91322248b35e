// SPDX-License-Identifier: Apache-2.0
#include "trade_message.h"
#include "base/utf8.h"
#include "json_text.h"
#include "live/batch.h"

#include <stdlib.h>

enum {
    MESSAGE_ARENA_BYTES = 256 << 20,
    FIRST_TRADES = 256,
    TIME_DIGITS = 15,
    TRADE_DEPTH = 3, // of the members of a trade
    SHOWN_BYTES = 60,
};

static const int64_t last_millisecond = 7258118400000; // 2200-01-01

// The members that a trade needs.
struct members {
    struct json_value price, symbol, time, volume;
};

int trade_message_init(struct trade_message *message, struct err *err)
{
    *message = (struct trade_message){0};
    return arena_open(&message->arena, MESSAGE_ARENA_BYTES, err);
}

void trade_message_free(struct trade_message *message)
{
    free(message->trades);
    arena_close(&message->arena);
}

// All names that matter are one letter.
static inline struct json_value *member_of(struct members *members, const struct csv_view *name)
{
    if (name->size != 1)
        return NULL;
    switch (*name->data) {
    case 'p':
        return &members->price;
    case 's':
        return &members->symbol;
    case 't':
        return &members->time;
    case 'v':
        return &members->volume;
    default:
        return NULL;
    }
}

static bool read_members(struct json_text *json, struct members *members)
{
    struct csv_view name;
    if (json_take(json, '}'))
        return true;
    do {
        if (!json_take_name(json, &name))
            return false;
        struct json_value *value = member_of(members, &name);
        if (value != NULL ? !json_take_value(json, TRADE_DEPTH, value)
                          : !json_skip_value(json, TRADE_DEPTH))
            return false;
    } while (json_take(json, ','));
    return json_take(json, '}');
}

// A plain whole number of milliseconds.
static bool read_time(const struct json_value *value, int64_t *milliseconds)
{
    int64_t time = 0;
    if (value->kind != JSON_NUMBER || value->text.size > TIME_DIGITS)
        return false;
    for (size_t i = 0; i < value->text.size; i++) {
        const char c = value->text.data[i];
        if (c < '0' || c > '9')
            return false;
        time = time * 10 + (c - '0');
    }
    *milliseconds = time;
    return time > 0 && time < last_millisecond;
}

static bool read_number(struct json_value *value, struct arena *arena, struct csv_view *number)
{
    if (value->kind != JSON_NUMBER || !json_plain_number(&value->text, arena))
        return false;
    *number = value->text;
    return true;
}

// NULL, or why this is no trade.
static const char *make_trade(struct members *members, struct arena *arena, struct trade *trade)
{
    trade->symbol = members->symbol.text;
    if (members->symbol.kind != JSON_STRING_TEXT || trade->symbol.size == 0 ||
        trade->symbol.size > LIVE_SYMBOL_BYTES)
        return "its symbol 's' is no text of 1 to 64 bytes";
    if (!read_time(&members->time, &trade->milliseconds))
        return "its time 't' is no number of milliseconds between 1970 and 2200";
    if (!read_number(&members->price, arena, &trade->price))
        return "its price 'p' is no number of at most 64 characters";
    if (!read_number(&members->volume, arena, &trade->volume) || *trade->volume.data == '-')
        return "its volume 'v' is no number from 0 on of at most 64 characters";
    return NULL;
}

static bool has_room(struct trade_message *message)
{
    if (message->count < message->capacity)
        return true;
    const size_t capacity = message->capacity != 0 ? 2 * message->capacity : FIRST_TRADES;
    struct trade *trades = realloc(message->trades, capacity * sizeof *trades);
    if (trades == NULL)
        return false;
    message->trades = trades;
    message->capacity = capacity;
    return true;
}

static bool read_element(struct trade_message *message, struct json_text *json)
{
    struct members members = {0};
    const char *why = "it is no object";
    if (!has_room(message))
        return false;
    if (json_take(json, '{')) {
        if (!read_members(json, &members))
            return false;
        why = make_trade(&members, json->arena, &message->trades[message->count]);
    } else if (!json_skip_value(json, TRADE_DEPTH - 1)) {
        return false;
    }
    if (why == NULL)
        message->count++;
    else if (message->refused++ == 0)
        message->why = why;
    return true;
}

// The last of several counts, as with every reader of JSON.
static bool read_data(struct trade_message *message, struct json_text *json)
{
    message->count = message->refused = 0;
    message->why = NULL;
    if (!json_take(json, '['))
        return json_skip_value(json, 1);
    if (json_take(json, ']'))
        return true;
    do {
        if (!read_element(message, json))
            return false;
    } while (json_take(json, ','));
    return json_take(json, ']');
}

static enum message_kind kind_of(const struct json_value *type)
{
    if (type->kind != JSON_STRING_TEXT)
        return MESSAGE_OTHER;
    if (json_is(&type->text, "trade"))
        return MESSAGE_TRADES;
    if (json_is(&type->text, "ping"))
        return MESSAGE_PING;
    return json_is(&type->text, "error") ? MESSAGE_ERROR : MESSAGE_OTHER;
}

static bool read_message(struct trade_message *message, struct json_text *json)
{
    struct json_value type = {0}, text = {0};
    struct csv_view name;
    if (!json_take(json, '{'))
        return false;
    if (!json_take(json, '}')) {
        do {
            if (!json_take_name(json, &name))
                return false;
            if (json_is(&name, "data")   ? !read_data(message, json)
                : json_is(&name, "type") ? !json_take_value(json, 1, &type)
                : json_is(&name, "msg")  ? !json_take_value(json, 1, &text)
                                         : !json_skip_value(json, 1))
                return false;
        } while (json_take(json, ','));
        if (!json_take(json, '}'))
            return false;
    }
    message->kind = kind_of(&type);
    message->text = message->kind == MESSAGE_ERROR ? text.text : type.text;
    if (message->kind != MESSAGE_TRADES)
        message->count = message->refused = 0;
    return json_at_end(json);
}

int trade_message_parse(struct trade_message *message, const char *data, size_t size,
                        struct err *err)
{
    struct json_text json = {data, data + size, &message->arena};
    message->kind = MESSAGE_OTHER;
    message->count = message->refused = 0;
    message->why = NULL;
    message->text = (struct csv_view){"", 0};
    arena_reset(&message->arena);
    const size_t valid = utf8_valid_prefix(data, size);
    if (valid != size)
        return err_set(err, EX_DATAERR, "byte %zu of a message is not UTF-8", valid + 1);
    if (!read_message(message, &json))
        return err_set(err, EX_DATAERR, "a message is no JSON object from byte %zu on: %.*s",
                       (size_t)(json.at - data) + 1, SHOWN_BYTES, data);
    return 0;
}
