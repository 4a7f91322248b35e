// SPDX-License-Identifier: Apache-2.0
// Arrays: {1,NULL,"a \"quoted\" one"} becomes a list of the elements' JSON.
#include "capture/column.h"
#include "capture/text.h"

enum { ARRAY_DEPTH = 6 }; // PostgreSQL's MAXDIM

struct array {
    const struct column *column;
    const struct form *element;
    const char *at, *end;
    char delimiter;
};

// An element in quotes, its escapes undone into the room behind what is written.
static int put_quoted(struct array *a, struct buffer *out, struct err *err)
{
    struct buffer plain;
    const size_t most = (size_t)(a->end - a->at);
    buffer_init(&plain, most + 1);
    int code = text_room(&plain, most + 1, err);
    a->at++;
    while (code == 0 && a->at < a->end && *a->at != '"') {
        if (*a->at == '\\' && a->at + 1 < a->end)
            a->at++;
        text_char(&plain, *a->at++);
    }
    if (code == 0 && a->at == a->end)
        code = err_set(err, EX_DATAERR, "an array ends within quotes");
    if (code == 0) {
        a->at++;
        code = a->element->put(a->column, plain.data, plain.size, out, err);
    }
    buffer_free(&plain);
    return code;
}

static int put_plain(struct array *a, struct buffer *out, struct err *err)
{
    const char *start = a->at;
    while (a->at < a->end && *a->at != a->delimiter && *a->at != '}')
        a->at++;
    const size_t size = (size_t)(a->at - start);
    if (size == 4 && memcmp(start, "NULL", 4) == 0) {
        TRY(text_room(out, 4, err));
        text_literal(out, "null");
        return 0;
    }
    return a->element->put(a->column, start, size, out, err);
}

static int put_list(struct array *a, int depth, struct buffer *out, struct err *err);

// A dimension below the first has no place in the schema, and Debezium has a null for each list.
static int put_inner_list(struct array *a, int depth, struct buffer *out, struct err *err)
{
    const size_t start = out->size;
    TRY(put_list(a, depth + 1, out, err));
    out->size = start;
    TRY(text_room(out, 4, err));
    text_literal(out, "null");
    return 0;
}

static int put_element(struct array *a, int depth, struct buffer *out, struct err *err)
{
    if (a->at < a->end && *a->at == '{')
        return put_inner_list(a, depth, out, err);
    return a->at < a->end && *a->at == '"' ? put_quoted(a, out, err) : put_plain(a, out, err);
}

static int put_list(struct array *a, int depth, struct buffer *out, struct err *err)
{
    if (a->at == a->end || *a->at++ != '{' || depth > ARRAY_DEPTH)
        return err_set(err, EX_DATAERR, "not an array of at most %d dimensions", ARRAY_DEPTH);
    TRY(text_room(out, 1, err));
    text_char(out, '[');
    bool is_first = true;
    while (a->at < a->end && *a->at != '}') {
        if (!is_first && *a->at++ != a->delimiter)
            return err_set(err, EX_DATAERR, "an array's elements have no '%c' between",
                           a->delimiter);
        TRY(text_room(out, 1, err));
        if (!is_first)
            text_char(out, ',');
        TRY(put_element(a, depth, out, err));
        is_first = false;
    }
    if (a->at == a->end)
        return err_set(err, EX_DATAERR, "an array ends without '}'");
    a->at++;
    TRY(text_room(out, 1, err));
    text_char(out, ']');
    return 0;
}

int value_array(const struct column *column, const char *text, size_t size, struct buffer *out,
                struct err *err)
{
    struct array a = {column, &column_forms[column->element], text, text + size, ','};
    if (size > 0 && *text == '[') { // bounds that do not begin with 1: [0:2]={...}
        const char *equals = memchr(text, '=', size);
        a.at = equals != NULL ? equals + 1 : a.end;
    }
    TRY(put_list(&a, 1, out, err));
    return a.at == a.end ? 0 : value_refuse("an array", text, size, err);
}
