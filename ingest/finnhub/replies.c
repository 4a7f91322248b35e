// SPDX-License-Identifier: Apache-2.0
#include "replies.h"
#include "base/utf8.h"
#include "json_text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t last_second = 7258118400; // 2200-01-01

// ---- quotes ----

struct quote_members {
    struct json_value price, time, change;
};

static bool read_members(struct json_text *json, struct quote_members *members)
{
    struct csv_view name;
    if (!json_take(json, '{'))
        return false;
    if (json_take(json, '}'))
        return true;
    do {
        if (!json_take_name(json, &name))
            return false;
        struct json_value *value = json_is(&name, "c")   ? &members->price
                                   : json_is(&name, "t") ? &members->time
                                   : json_is(&name, "d") ? &members->change
                                                         : NULL;
        if (value != NULL ? !json_take_value(json, 1, value) : !json_skip_value(json, 1))
            return false;
    } while (json_take(json, ','));
    return json_take(json, '}') && json_at_end(json);
}

static bool is_zero(const struct json_value *value)
{
    return value->kind == JSON_NUMBER && json_is(&value->text, "0");
}

int quote_read(const char *text, size_t size, struct arena *arena, struct quote *quote,
               struct err *err)
{
    struct json_text json = {text, text + size, arena};
    struct quote_members members = {0};
    if (!read_members(&json, &members))
        return err_set(err, EX_DATAERR, "the reply is no object: %.60s", text);
    if (is_zero(&members.price) && is_zero(&members.time))
        return err_set(err, EX_NOINPUT, "Finnhub knows no such symbol: its quote is all zeros");
    if (members.price.kind != JSON_NUMBER || !json_plain_number(&members.price.text, arena))
        return err_set(err, EX_DATAERR, "its price 'c' is no number: %.60s", text);
    quote->price = members.price.text;
    quote->seconds =
        members.time.kind == JSON_NUMBER ? strtoll(members.time.text.data, NULL, 10) : 0;
    if (quote->seconds <= 0 || quote->seconds >= last_second)
        return err_set(err, EX_DATAERR,
                       "its time 't' is no number of seconds between 1970 and 2200: %.60s", text);
    return 0;
}

// ---- news ----

// A text as it is, cut between characters where it is longer than anybody reads.
static bool text_of(const json_t *object, const char *name, struct csv_view *text)
{
    const json_t *value = json_object_get(object, name);
    *text = (struct csv_view){"", 0};
    if (value == NULL || json_is_null(value))
        return true;
    if (!json_is_string(value))
        return false;
    text->data = json_string_value(value);
    text->size = json_string_length(value);
    if (text->size > LIVE_TEXT_BYTES)
        text->size = utf8_valid_prefix(text->data, LIVE_TEXT_BYTES);
    return true;
}

// NULL, or why this is no article.
static const char *make_article(const json_t *object, struct article *article)
{
    const json_t *id = json_object_get(object, "id"), *time = json_object_get(object, "datetime");
    if (!json_is_object(object))
        return "it is no object";
    if (!json_is_integer(id) || json_integer_value(id) <= 0)
        return "its 'id' is no positive whole number";
    if (!json_is_integer(time) || json_integer_value(time) <= 0 ||
        json_integer_value(time) >= last_second)
        return "its 'datetime' is no number of seconds between 1970 and 2200";
    article->id = (uint64_t)json_integer_value(id);
    article->ts = json_integer_value(time) * 1000000;
    if (!text_of(object, "category", &article->category) ||
        !text_of(object, "headline", &article->headline) ||
        !text_of(object, "related", &article->related) ||
        !text_of(object, "source", &article->source) ||
        !text_of(object, "summary", &article->summary) || !text_of(object, "url", &article->url))
        return "one of its texts is none";
    return article->headline.size != 0 ? NULL : "it has no 'headline'";
}

static int read_list(const json_t *list, take_article *take, void *context,
                     struct news_counts *counts, struct err *err)
{
    const size_t size = json_array_size(list);
    for (size_t i = 0; i < size; i++) {
        struct article article = {0};
        const char *why = make_article(json_array_get(list, i), &article);
        if (why == NULL)
            TRY(take(context, &article, err));
        counts->taken += why == NULL;
        if (why != NULL && counts->refused++ == 0)
            (void)snprintf(counts->why, sizeof counts->why, "article %zu: %s", i + 1, why);
    }
    return 0;
}

int news_read(const char *text, size_t size, take_article *take, void *context,
              struct news_counts *counts, struct err *err)
{
    json_error_t problem;
    json_t *list = json_loadb(text, size, 0, &problem);
    *counts = (struct news_counts){0};
    if (list == NULL)
        return err_set(err, EX_DATAERR, "broken JSON at byte %d: %s", problem.position,
                       problem.text);
    const int code = json_is_array(list)
                         ? read_list(list, take, context, counts, err)
                         : err_set(err, EX_DATAERR, "no list of articles: %.60s", text);
    json_decref(list);
    return code;
}
