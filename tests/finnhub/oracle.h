// SPDX-License-Identifier: Apache-2.0
// Holds the parser of messages against jansson: the same bytes are JSON, and the same trades are in
// them.
#ifndef TICKHOUSE_TESTS_FINNHUB_ORACLE_H
#define TICKHOUSE_TESTS_FINNHUB_ORACLE_H

#include "base/number.h"
#include "trade_message.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(holds, what)                                                                       \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            (void)fprintf(stderr, "does not hold: %s\n%.*s\n", what, (int)size, data);             \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static inline int json_depth(const json_t *value)
{
    int most = 0, depth;
    size_t index;
    const char *name;
    json_t *child;
    if (json_is_array(value))
        json_array_foreach(value, index, child) most =
            (depth = json_depth(child)) > most ? depth : most;
    if (json_is_object(value))
        json_object_foreach((json_t *)value, name, child) most =
            (depth = json_depth(child)) > most ? depth : most;
    return most + 1;
}

// What only the text shows: a number of more than 64 characters, or -0.
static inline bool may_be_odd(const json_t *number)
{
    return json_is_real(number) || json_number_value(number) == 0;
}

static inline bool is_trade(const json_t *element)
{
    const json_t *time = json_object_get(element, "t"), *price = json_object_get(element, "p");
    const json_t *volume = json_object_get(element, "v"), *symbol = json_object_get(element, "s");
    return json_is_string(symbol) && json_string_length(symbol) > 0 &&
           json_string_length(symbol) <= 64 && json_is_integer(time) &&
           json_integer_value(time) > 0 && json_integer_value(time) < 7258118400000 &&
           json_is_number(price) && json_is_number(volume) && json_number_value(volume) >= 0;
}

static inline bool is_number(const struct csv_view *text, const json_t *number)
{
    double value;
    return number_parse(text->data, text->size, &value) && value == json_number_value(number);
}

static inline bool is_same(const struct trade *trade, const json_t *element)
{
    const json_t *symbol = json_object_get(element, "s");
    return trade->symbol.size == json_string_length(symbol) &&
           memcmp(trade->symbol.data, json_string_value(symbol), trade->symbol.size) == 0 &&
           trade->milliseconds == json_integer_value(json_object_get(element, "t")) &&
           is_number(&trade->price, json_object_get(element, "p")) &&
           is_number(&trade->volume, json_object_get(element, "v"));
}

static inline void compare_trades(const struct trade_message *message, const json_t *list,
                                  const char *data, size_t size)
{
    size_t index, found = 0;
    json_t *element;
    json_array_foreach(list, index, element)
    {
        if (!is_trade(element))
            continue;
        if (found < message->count && is_same(&message->trades[found], element))
            found++;
        else
            REQUIRE(may_be_odd(json_object_get(element, "p")) ||
                        may_be_odd(json_object_get(element, "v")),
                    "a trade of the message is found");
    }
    REQUIRE(found == message->count, "every trade that is found is in the message");
    REQUIRE(message->count + message->refused == json_array_size(list),
            "every element is taken or refused");
}

// data[size] is NUL.
static inline void compare_message(struct trade_message *message, const char *data, size_t size)
{
    json_error_t problem;
    struct err err = {0};
    json_t *json = json_loadb(data, size, 0, &problem);
    const int code = trade_message_parse(message, data, size, &err);
    REQUIRE(code != 0 || json_is_object(json), "what is read is JSON");
    if (code != 0) // jansson passes a NUL after a number by
        REQUIRE(!json_is_object(json) || json_depth(json) > 30 || size > 1000 ||
                    memchr(data, '\0', size) != NULL,
                "what is JSON is read");
    const char *type = json_string_value(json_object_get(json, "type"));
    if (code == 0 && type != NULL && strcmp(type, "trade") == 0) {
        const json_t *list = json_object_get(json, "data");
        REQUIRE(message->kind == MESSAGE_TRADES, "trades are told");
        if (json_is_array(list))
            compare_trades(message, list, data, size);
        else
            REQUIRE(message->count == 0, "there are no trades");
    } else if (code == 0) {
        REQUIRE(message->kind != MESSAGE_TRADES && message->count == 0, "no trades are told");
    }
    json_decref(json);
}

#endif
