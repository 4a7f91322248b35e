// SPDX-License-Identifier: Apache-2.0
// ml_precision, ml_recall, ml_f1 and ml_confusion: classes by their names.
#include "columns.h"
#include "metrics/metrics.h"
#include "ml.h"

#include <stdlib.h>

struct name {
    const char *bytes;
    size_t size;
};

static struct name name_at(const struct native_column *column, size_t i)
{
    const uint64_t start = native_start(column->ends, i);
    return (struct name){column->bytes + start, column->ends[i] - start};
}

static int compare_names(struct name a, struct name b)
{
    const size_t size = a.size < b.size ? a.size : b.size;
    const int order = size != 0 ? memcmp(a.bytes, b.bytes, size) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

// numbers[i]: 1 where element `from + i` of the column is the class.
static void mark_class(const struct native_column *names, size_t from, size_t count,
                       struct name wanted, uint32_t *numbers)
{
    for (size_t i = 0; i < count; i++)
        numbers[i] = compare_names(name_at(names, from + i), wanted) == 0;
}

static int judge_class(const struct udf_function *function, struct udf_call *call,
                       double (*metric)(struct metric_hits), struct err *err)
{
    TRY(ml_check_pairs(function, call, err));
    const struct native_column *truth = call->arguments[0], *predicted = call->arguments[1];
    const size_t longest = ml_longest(truth);
    double *result = ml_result(call, err);
    uint32_t *numbers = arena_alloc(call->arena, 2 * longest, sizeof *numbers, err);
    if (result == NULL || numbers == NULL)
        return err_code(err, EX_OSERR);
    for (size_t row = 0; row < call->rows; row++) {
        const size_t from = native_start(truth->ends, row), count = truth->ends[row] - from;
        const struct name wanted = name_at(call->arguments[2], row);
        mark_class(&truth->children[0], from, count, wanted, numbers);
        mark_class(&predicted->children[0], from, count, wanted, numbers + longest);
        result[row] = metric(metric_hits(numbers, numbers + longest, count, 1));
    }
    return 0;
}

int ml_precision(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    return judge_class(function, call, metric_precision, err);
}

int ml_recall(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    return judge_class(function, call, metric_recall, err);
}

int ml_f1(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    return judge_class(function, call, metric_f1, err);
}

struct outcome {
    struct name truth, predicted;
};

static int compare_outcomes(const void *a, const void *b)
{
    const struct outcome *x = a, *y = b;
    const int order = compare_names(x->truth, y->truth);
    return order != 0 ? order : compare_names(x->predicted, y->predicted);
}

// Writes each outcome of a row with its count, from `at` on; returns where the next row's go.
static size_t count_outcomes(struct outcome *outcomes, size_t count, struct native_column *fields,
                             size_t at)
{
    qsort(outcomes, count, sizeof *outcomes, compare_outcomes);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && compare_outcomes(&outcomes[from], &outcomes[to]) == 0;)
            to++;
        reply_bytes(&fields[0], at, outcomes[from].truth.bytes, outcomes[from].truth.size);
        reply_bytes(&fields[1], at, outcomes[from].predicted.bytes, outcomes[from].predicted.size);
        reply_uint64(&fields[2], at++, to - from);
    }
    return at;
}

static uint64_t text_bytes(const struct native_column *column)
{
    return column->rows != 0 ? column->ends[column->rows - 1] : 0;
}

int ml_confusion(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    TRY(ml_check_pairs(function, call, err));
    const struct native_column *truth = call->arguments[0], *predicted = call->arguments[1];
    const size_t pairs = truth->children[0].rows;
    const size_t bytes = text_bytes(&truth->children[0]) + text_bytes(&predicted->children[0]);
    TRY(native_column_new(call->arena, call->result->type, call->rows, call->result, err));
    struct native_column *cells = &call->result->children[0];
    TRY(reply_reserve(call->arena, cells, pairs, bytes, err));
    struct outcome *outcomes = arena_alloc(call->arena, ml_longest(truth), sizeof *outcomes, err);
    if (outcomes == NULL)
        return err_code(err, EX_OSERR);
    for (size_t row = 0, at = 0; row < call->rows; row++) {
        const size_t from = native_start(truth->ends, row), count = truth->ends[row] - from;
        for (size_t i = 0; i < count; i++)
            outcomes[i] = (struct outcome){name_at(&truth->children[0], from + i),
                                           name_at(&predicted->children[0], from + i)};
        call->result->ends[row] = at = count_outcomes(outcomes, count, cells->children, at);
    }
    reply_set_rows(call->result, call->rows);
    return 0;
}
