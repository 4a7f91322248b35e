// SPDX-License-Identifier: Apache-2.0
// Operators on numbers that are known: constants are put together here as an exporter took them
// apart (gates in another order, biases side by side), shapes are computed, and the body of a Loop
// is tried out. `fill`s keep their one number.
#include "import/onnx/run.h"

#include <math.h>
#include <string.h>

static int refuse_size(struct err *err)
{
    (void)err_set(err, EX_DATAERR, "a value of its graph has too many dimensions or is too large");
    return err_code(err, EX_DATAERR);
}

int tensor_new(struct run *run, size_t rank, const size_t *shape, struct value *value,
               double **values, struct err *err)
{
    struct tensor tensor = {.name = "", .rank = rank};
    if (rank > TENSOR_MAX_RANK)
        return refuse_size(err);
    if (rank > 0)
        memcpy(tensor.shape, shape, rank * sizeof *shape);
    if (!tensor_count(tensor.shape, rank, &tensor.elements))
        return refuse_size(err);
    TRY(run_work(run, tensor.elements, err));
    *values = arena_alloc(run->arena, tensor.elements, sizeof **values, err);
    if (*values == NULL)
        return err_code(err, EX_OSERR);
    tensor.values = *values;
    *value = (struct value){.kind = VALUE_TENSOR, .tensor = tensor};
    return 0;
}

int call_list(struct run *run, const struct call *call, size_t index, const char *attribute,
              const double **list, size_t *count, struct err *err)
{
    const struct onnx_attribute *found = onnx_attribute(call->node, attribute);
    *list = NULL;
    *count = 0;
    if (index < call->in_count && call->in[index] != NULL) {
        const struct value *value = call->in[index];
        if (value->kind != VALUE_TENSOR || value->tensor.rank > 1)
            return refuse(call, "has a list that is not known", err);
        *list = value->tensor.values;
        *count = value->tensor.elements;
        return 0;
    }
    if (found == NULL)
        return 0;
    double *copy = arena_alloc(run->arena, found->integer_count, sizeof *copy, err);
    if (copy == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < found->integer_count; i++)
        copy[i] = (double)found->integers[i];
    *list = copy;
    *count = found->integer_count;
    return 0;
}

bool value_is_all(const struct value *value, double number)
{
    if (value->kind == VALUE_FILL)
        return value->fill == number;
    for (size_t i = 0; value->kind == VALUE_TENSOR && i < value->tensor.elements; i++)
        if (value->tensor.values[i] != number)
            return false;
    return value->kind == VALUE_TENSOR;
}

// ---- making

int fold_constant(struct run *run, struct call *call, struct err *err)
{
    const struct onnx_attribute *tensor = onnx_attribute(call->node, "value"),
                                *number = onnx_attribute(call->node, "value_float"),
                                *integer = onnx_attribute(call->node, "value_int"),
                                *integers = onnx_attribute(call->node, "value_ints");
    double *values;
    if (tensor != NULL && tensor->tensor.at != NULL) {
        call->out[0].kind = VALUE_TENSOR;
        return onnx_tensor(tensor->tensor, run->arena, &call->out[0].tensor, err);
    }
    if (number != NULL || integer != NULL) {
        TRY(tensor_new(run, 0, NULL, &call->out[0], &values, err));
        *values = number != NULL ? (double)number->number : (double)integer->integer;
        return 0;
    }
    if (integers == NULL)
        return refuse(call, "has a constant of a kind that is not read", err);
    TRY(tensor_new(run, 1, &integers->integer_count, &call->out[0], &values, err));
    for (size_t i = 0; i < integers->integer_count; i++)
        values[i] = (double)integers->integers[i];
    return 0;
}

// Expand (what, shape) and ConstantOfShape (shape): one number everywhere.
int fold_fill(struct run *run, struct call *call, struct err *err)
{
    const bool expand = text_is(call->node->op, "Expand");
    const double *shape;
    size_t rank;
    struct value *out = &call->out[0];
    TRY(call_list(run, call, expand ? 1 : 0, "", &shape, &rank, err));
    if (shape == NULL || rank > TENSOR_MAX_RANK)
        return refuse(call, "has a shape that is not known", err);
    *out = (struct value){.kind = VALUE_FILL};
    if (expand) {
        const struct value *what = call->in[0];
        if (what == NULL || (what->kind != VALUE_FILL &&
                             (what->kind != VALUE_TENSOR || what->tensor.elements == 0)))
            return refuse(call, "expands what is not known", err);
        out->fill = what->kind == VALUE_FILL ? what->fill : what->tensor.values[0];
        if (!value_is_all(what, out->fill))
            return refuse(call, "expands different numbers", err);
    } else {
        const struct onnx_attribute *number = onnx_attribute(call->node, "value");
        struct tensor tensor;
        if (number != NULL) {
            TRY(onnx_tensor(number->tensor, run->arena, &tensor, err));
            out->fill = tensor.elements == 1 ? tensor.values[0] : 0;
        }
    }
    out->tensor.rank = rank;
    for (size_t i = 0; i < rank; i++)
        out->tensor.shape[i] = shape[i] >= 1 && shape[i] < 1e9 ? (size_t)shape[i] : SIZE_UNKNOWN;
    return 0;
}

// ---- arithmetic

static double compute(struct proto op, double a, double b)
{
    const bool symbol = is_symbol(a) || is_symbol(b);
    if (text_is(op, "Mul"))
        return !symbol ? a * b : a == 1 ? b : b == 1 ? a : SYMBOL_UNKNOWN;
    if (symbol)
        return SYMBOL_UNKNOWN;
    if (text_is(op, "Add"))
        return a + b;
    if (text_is(op, "Sub"))
        return a - b;
    if (text_is(op, "Div"))
        return a / b;
    if (text_is(op, "Less"))
        return a < b;
    return a != 0 && b != 0; // And
}

// The shape that both are stretched to; false when they do not fit.
static bool broadcast(const struct tensor *a, const struct tensor *b, size_t *rank, size_t *shape)
{
    *rank = a->rank > b->rank ? a->rank : b->rank;
    for (size_t i = 0; i < *rank; i++) { // from the last axis
        const size_t x = i < a->rank ? a->shape[a->rank - 1 - i] : 1,
                     y = i < b->rank ? b->shape[b->rank - 1 - i] : 1;
        if (x != y && x != 1 && y != 1)
            return false;
        shape[*rank - 1 - i] = x == 1 ? y : x;
    }
    return true;
}

// Where the value for place `at` of the stretched shape stands.
static size_t stretched(const struct tensor *tensor, size_t rank, const size_t *shape, size_t at)
{
    size_t offset = 0, stride = 1;
    for (size_t i = 0; i < rank; i++) { // from the last axis
        const size_t size = shape[rank - 1 - i], index = at % size;
        at /= size;
        if (i >= tensor->rank)
            continue;
        const size_t own = tensor->shape[tensor->rank - 1 - i];
        offset += own == 1 ? 0 : index * stride;
        stride *= own;
    }
    return offset;
}

int fold_arithmetic(struct run *run, struct call *call, struct err *err)
{
    const struct value *a = call->in[0], *b = call->in[1];
    size_t rank, shape[TENSOR_MAX_RANK];
    double *values;
    if (a == NULL || b == NULL || a->kind != VALUE_TENSOR || b->kind != VALUE_TENSOR ||
        !broadcast(&a->tensor, &b->tensor, &rank, shape))
        return refuse(call, "computes with what is not known", err);
    TRY(tensor_new(run, rank, shape, &call->out[0], &values, err));
    for (size_t i = 0; i < call->out[0].tensor.elements; i++)
        values[i] = compute(call->node->op, a->tensor.values[stretched(&a->tensor, rank, shape, i)],
                            b->tensor.values[stretched(&b->tensor, rank, shape, i)]);
    return 0;
}

int fold_function(struct run *run, struct call *call, struct err *err)
{
    const struct value *in = call->in[0];
    const bool sigmoid = text_is(call->node->op, "Sigmoid");
    double *values;
    if (in == NULL || in->kind != VALUE_TENSOR || (!sigmoid && !text_is(call->node->op, "Tanh")))
        return refuse(call, "stands where it is not understood", err);
    TRY(tensor_new(run, in->tensor.rank, in->tensor.shape, &call->out[0], &values, err));
    for (size_t i = 0; i < in->tensor.elements; i++)
        values[i] = sigmoid ? 1 / (1 + exp(-in->tensor.values[i])) : tanh(in->tensor.values[i]);
    return 0;
}

// (rows, inner) x (inner, columns)
int fold_product(struct run *run, struct call *call, struct err *err)
{
    const struct value *a = call->in[0], *b = call->in[1];
    double *values;
    if (a == NULL || b == NULL || a->kind != VALUE_TENSOR || b->kind != VALUE_TENSOR ||
        a->tensor.rank != 2 || b->tensor.rank != 2 || a->tensor.shape[1] != b->tensor.shape[0])
        return refuse(call, "multiplies what is not known, or does not fit", err);
    const size_t shape[] = {a->tensor.shape[0], b->tensor.shape[1]}, inner = a->tensor.shape[1];
    size_t work;
    if (__builtin_mul_overflow(shape[0] * shape[1], inner, &work))
        return refuse(call, "is too large", err);
    TRY(run_work(run, work, err));
    TRY(tensor_new(run, 2, shape, &call->out[0], &values, err));
    for (size_t i = 0; i < shape[0]; i++)
        for (size_t j = 0; j < shape[1]; j++) {
            double sum = 0;
            for (size_t k = 0; k < inner; k++)
                sum += a->tensor.values[i * inner + k] * b->tensor.values[k * shape[1] + j];
            values[i * shape[1] + j] = sum;
        }
    return 0;
}

// ---- taking apart and putting together

// Copies a slab: for every index before the axis, `width` values from `from` on.
struct slab {
    size_t before, size, after; // lengths before the axis, of it, after it
};

static struct slab slab_of(const struct tensor *tensor, size_t axis)
{
    struct slab slab = {1, tensor->shape[axis], 1};
    for (size_t i = 0; i < tensor->rank; i++)
        if (i < axis)
            slab.before *= tensor->shape[i];
        else if (i > axis)
            slab.after *= tensor->shape[i];
    return slab;
}

static int call_axis(const struct call *call, int64_t otherwise, size_t rank, size_t *axis,
                     struct err *err)
{
    int64_t value = onnx_integer(call->node, "axis", otherwise);
    *axis = 0;
    value += value < 0 ? (int64_t)rank : 0;
    if (value < 0 || (uint64_t)value >= rank)
        return refuse(call, "names an axis that there is not", err);
    *axis = (size_t)value;
    return 0;
}

int fold_split(struct run *run, struct call *call, struct err *err)
{
    const struct value *in = call->in[0];
    const size_t parts = call->node->output_count;
    const double *sizes;
    size_t size_count, axis, from = 0;
    if (in == NULL || in->kind != VALUE_TENSOR || parts == 0)
        return refuse(call, "splits what is not known", err);
    TRY(call_axis(call, 0, in->tensor.rank, &axis, err));
    TRY(call_list(run, call, 1, "split", &sizes, &size_count, err));
    const struct slab slab = slab_of(&in->tensor, axis);
    const size_t even = slab.size / parts;
    for (size_t p = 0; p < parts; p++) {
        size_t shape[TENSOR_MAX_RANK];
        double *values;
        const double wanted = p < size_count ? sizes[p] : (double)even;
        if (!(wanted >= 0 && wanted <= (double)(slab.size - from)))
            return refuse(call, "splits into other sizes than there are", err);
        memcpy(shape, in->tensor.shape, sizeof shape);
        shape[axis] = (size_t)wanted;
        TRY(tensor_new(run, in->tensor.rank, shape, &call->out[p], &values, err));
        for (size_t i = 0; i < slab.before; i++)
            memcpy(values + i * shape[axis] * slab.after,
                   in->tensor.values + (i * slab.size + from) * slab.after,
                   shape[axis] * slab.after * sizeof *values);
        from += shape[axis];
    }
    return 0;
}

static int check_joined(const struct call *call, size_t axis, size_t *total, struct err *err)
{
    const struct tensor *first = &call->in[0]->tensor;
    *total = 0;
    for (size_t i = 0; i < call->in_count; i++) {
        const struct value *in = call->in[i];
        if (in == NULL || in->kind != VALUE_TENSOR || in->tensor.rank != first->rank)
            return refuse(call, "joins what is not known, or does not fit", err);
        for (size_t a = 0; a < first->rank; a++)
            if (a != axis && in->tensor.shape[a] != first->shape[a])
                return refuse(call, "joins what does not fit", err);
        *total += in->tensor.shape[axis];
    }
    return 0;
}

int fold_concat(struct run *run, struct call *call, struct err *err)
{
    const struct value *first = call->in[0];
    size_t axis, total, shape[TENSOR_MAX_RANK], at = 0;
    double *values;
    if (first == NULL || first->kind != VALUE_TENSOR)
        return refuse(call, "joins what is not known", err);
    TRY(call_axis(call, 0, first->tensor.rank, &axis, err));
    TRY(check_joined(call, axis, &total, err));
    memcpy(shape, first->tensor.shape, sizeof shape);
    shape[axis] = total;
    TRY(tensor_new(run, first->tensor.rank, shape, &call->out[0], &values, err));
    for (size_t i = 0; i < call->in_count; i++) {
        const struct tensor *in = &call->in[i]->tensor;
        const struct slab slab = slab_of(in, axis);
        for (size_t b = 0; b < slab.before; b++)
            memcpy(values + (b * total + at) * slab.after, in->values + b * slab.size * slab.after,
                   slab.size * slab.after * sizeof *values);
        at += slab.size;
    }
    return 0;
}

// The shape of what is taken: `count` along the axis, or no axis.
static void taken_shape(const struct tensor *in, size_t axis, size_t count, bool drop,
                        struct tensor *out)
{
    out->rank = 0;
    for (size_t i = 0; i < in->rank; i++)
        if (i != axis || !drop)
            out->shape[out->rank++] = i == axis ? count : in->shape[i];
}

int fold_take(struct run *run, struct call *call, size_t axis, const double *indices, size_t count,
              bool drop, struct err *err)
{
    const struct value *in = call->in[0];
    struct tensor shape = {0};
    double *values;
    taken_shape(&in->tensor, axis, count, drop, &shape);
    if (in->kind == VALUE_FILL) {
        call->out[0] = (struct value){.kind = VALUE_FILL, .fill = in->fill, .tensor = shape};
        return 0;
    }
    TRY(tensor_new(run, shape.rank, shape.shape, &call->out[0], &values, err));
    const struct slab slab = slab_of(&in->tensor, axis);
    for (size_t b = 0; b < slab.before; b++)
        for (size_t i = 0; i < count; i++)
            memcpy(values + (b * count + i) * slab.after,
                   in->tensor.values + (b * slab.size + (size_t)indices[i]) * slab.after,
                   slab.after * sizeof *values);
    return 0;
}

int fold_permute(struct run *run, struct call *call, const size_t *order, struct err *err)
{
    const struct value *in = call->in[0];
    const size_t rank = in->tensor.rank;
    size_t shape[TENSOR_MAX_RANK], strides[TENSOR_MAX_RANK] = {0};
    double *values;
    for (size_t i = 0; i < rank; i++)
        shape[i] = in->tensor.shape[order[i]];
    if (in->kind == VALUE_FILL) {
        call->out[0] = *in;
        memcpy(call->out[0].tensor.shape, shape, rank * sizeof *shape);
        return 0;
    }
    for (size_t i = rank, stride = 1; i-- > 0; stride *= in->tensor.shape[i])
        strides[i] = stride;
    TRY(tensor_new(run, rank, shape, &call->out[0], &values, err));
    for (size_t at = 0; at < in->tensor.elements; at++) {
        size_t rest = at, from = 0;
        for (size_t i = rank; i-- > 0; rest /= shape[i])
            from += rest % shape[i] * strides[order[i]];
        values[at] = in->tensor.values[from];
    }
    return 0;
}

int fold_shape(struct run *run, struct call *call, size_t rank, const size_t *shape,
               struct err *err)
{
    const struct value *in = call->in[0];
    size_t elements;
    (void)run;
    call->out[0] = *in;
    call->out[0].tensor.rank = rank;
    memcpy(call->out[0].tensor.shape, shape, rank * sizeof *shape);
    if (in->kind == VALUE_TENSOR &&
        (!tensor_count(shape, rank, &elements) || elements != in->tensor.elements))
        return refuse(call, "changes how many values there are", err);
    return 0;
}
