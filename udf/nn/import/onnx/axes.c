// SPDX-License-Identifier: Apache-2.0
// Operators that move axes about. For tensors and fills the numbers move; for streams only what is
// known of the axes does, and picking a step or a direction says which output of a layer is meant.
#include "import/onnx/run.h"

#include <string.h>

static bool is_numbers(const struct value *value)
{
    return value->kind == VALUE_TENSOR || value->kind == VALUE_FILL;
}

static int check_input(const struct call *call, struct err *err)
{
    return call->in_count > 0 && call->in[0] != NULL && call->in[0]->kind != VALUE_NONE
               ? 0
               : refuse(call, "takes what is not understood", err);
}

static size_t rank_of(const struct value *value)
{
    return value->kind == VALUE_STREAM ? value->stream.rank : value->tensor.rank;
}

// An axis counted from the front or, if negative, from the back.
static int place_axis(const struct call *call, double axis, size_t rank, size_t *place,
                      struct err *err)
{
    *place = 0;
    axis += axis < 0 ? (double)rank : 0;
    if (!(axis >= 0 && axis < (double)rank))
        return refuse(call, "names an axis that there is not", err);
    *place = (size_t)axis;
    return 0;
}

// ---- what changes nothing

int axes_same(struct run *run, struct call *call, struct err *err)
{
    (void)run;
    TRY(check_input(call, err));
    call->out[0] = *call->in[0];
    return 0;
}

int axes_cast(struct run *run, struct call *call, struct err *err)
{
    enum {
        TO_FLOAT = 1,
        TO_UINT8 = 2,
        TO_STRING = 8,
        TO_BOOL = 9,
        TO_FLOAT16 = 10,
        TO_DOUBLE = 11
    };
    const int64_t to = onnx_integer(call->node, "to", TO_FLOAT);
    double *values;
    TRY(check_input(call, err));
    const struct value *in = call->in[0];
    if (in->kind == VALUE_STREAM && to != TO_FLOAT && to != TO_DOUBLE)
        return refuse(call, "makes the network's values less exact", err);
    if (in->kind != VALUE_TENSOR || (to != TO_BOOL && (to < TO_UINT8 || to > TO_STRING)))
        return axes_same(run, call, err);
    TRY(tensor_new(run, in->tensor.rank, in->tensor.shape, &call->out[0], &values, err));
    for (size_t i = 0; i < in->tensor.elements; i++) {
        const double value = in->tensor.values[i];
        values[i] = to == TO_BOOL                   ? value != 0
                    : value > -9e18 && value < 9e18 ? (double)(int64_t)value
                                                    : value;
    }
    return 0;
}

int axes_shape(struct run *run, struct call *call, struct err *err)
{
    TRY(check_input(call, err));
    const struct value *in = call->in[0];
    const size_t rank = rank_of(in);
    size_t start, end;
    double *values;
    const double from = (double)onnx_integer(call->node, "start", 0),
                 to = (double)onnx_integer(call->node, "end", (int64_t)rank);
    TRY(place_axis(call, from, rank + 1, &start, err));
    end = to < 0 ? (size_t)((double)rank + to > 0 ? (double)rank + to : 0)
                 : (size_t)(to < (double)rank ? to : (double)rank);
    if (in->kind == VALUE_STACK || end < start)
        return refuse(call, "asks for the shape of what has none", err);
    const size_t count = end - start;
    TRY(tensor_new(run, 1, &count, &call->out[0], &values, err));
    for (size_t i = 0; i < count; i++) {
        const bool stream = in->kind == VALUE_STREAM;
        const size_t size = stream ? in->stream.axes[start + i].size : in->tensor.shape[start + i];
        values[i] = size != SIZE_UNKNOWN || in->kind == VALUE_TENSOR          ? (double)size
                    : stream && in->stream.axes[start + i].role == AXIS_BATCH ? SYMBOL_BATCH
                                                                              : SYMBOL_UNKNOWN;
    }
    return 0;
}

// ---- order and units

int axes_transpose(struct run *run, struct call *call, struct err *err)
{
    const struct onnx_attribute *perm = onnx_attribute(call->node, "perm");
    size_t order[TENSOR_MAX_RANK];
    unsigned seen = 0;
    TRY(check_input(call, err));
    const struct value *in = call->in[0];
    const size_t rank = rank_of(in);
    if (in->kind == VALUE_STACK || (perm != NULL && perm->integer_count != rank))
        return refuse(call, "orders axes that there are not", err);
    for (size_t i = 0; i < rank; i++) {
        const int64_t from = perm == NULL ? (int64_t)(rank - 1 - i) : perm->integers[i];
        TRY(place_axis(call, (double)from, rank, &order[i], err));
        seen |= 1U << order[i];
    }
    if (seen != (1U << rank) - 1)
        return refuse(call, "names an axis twice", err);
    if (is_numbers(in))
        return fold_permute(run, call, order, err);
    call->out[0] = *in;
    for (size_t i = 0; i < rank; i++)
        call->out[0].stream.axes[i] = in->stream.axes[order[i]];
    return 0;
}

// An axis with one place can go, whatever it was; without its time, a stream is its last step.
static bool is_unit(const struct stream *stream, size_t axis)
{
    return stream->axes[axis].role == AXIS_ONE || stream->axes[axis].size == 1;
}

static int squeeze_stream(const struct call *call, unsigned gone, struct value *out,
                          struct err *err)
{
    struct stream *stream = &out->stream;
    size_t rank = 0;
    for (size_t i = 0; i < stream->rank; i++)
        if ((gone >> i & 1) == 0)
            stream->axes[rank++] = stream->axes[i];
        else if (!is_unit(stream, i) || stream->axes[i].role == AXIS_BATCH ||
                 stream->axes[i].role == AXIS_FEATURE)
            return refuse(call, "drops an axis that has more than one place", err);
    stream->rank = rank;
    return 0;
}

int axes_squeeze(struct run *run, struct call *call, struct err *err)
{
    const double *axes;
    size_t count, shape[TENSOR_MAX_RANK], kept = 0, place;
    unsigned gone = 0;
    TRY(check_input(call, err));
    TRY(call_list(run, call, 1, "axes", &axes, &count, err));
    const struct value *in = call->in[0];
    const size_t rank = rank_of(in);
    if (in->kind == VALUE_STACK)
        return refuse(call, "takes a stack of states", err);
    for (size_t i = 0; axes != NULL && i < count; i++) {
        TRY(place_axis(call, axes[i], rank, &place, err));
        gone |= 1U << place;
    }
    for (size_t i = 0; axes == NULL && i < rank && i < TENSOR_MAX_RANK; i++)
        gone |= (unsigned)(in->kind == VALUE_STREAM ? in->stream.axes[i].role == AXIS_ONE
                                                    : in->tensor.shape[i] == 1)
                << i;
    if (in->kind == VALUE_STREAM) {
        call->out[0] = *in;
        return squeeze_stream(call, gone, &call->out[0], err);
    }
    for (size_t i = 0; i < rank; i++)
        if ((gone >> i & 1) == 0)
            shape[kept++] = in->tensor.shape[i];
    return fold_shape(run, call, kept, shape, err);
}

int axes_unsqueeze(struct run *run, struct call *call, struct err *err)
{
    const double *axes;
    size_t count, place, from = 0, shape[TENSOR_MAX_RANK];
    unsigned added = 0;
    TRY(check_input(call, err));
    TRY(call_list(run, call, 1, "axes", &axes, &count, err));
    const struct value *in = call->in[0];
    const size_t rank = rank_of(in) + count;
    if (in->kind == VALUE_STACK || count > TENSOR_MAX_RANK || rank > TENSOR_MAX_RANK)
        return refuse(call, "adds too many axes", err);
    for (size_t i = 0; i < count; i++) {
        TRY(place_axis(call, axes[i], rank, &place, err));
        added |= 1U << place;
    }
    if ((size_t)__builtin_popcount(added) != count)
        return refuse(call, "names an axis twice", err);
    call->out[0] = *in;
    for (size_t i = 0; i < rank; i++) {
        const bool is_new = added >> i & 1;
        shape[i] = is_new || in->kind == VALUE_STREAM ? 1 : in->tensor.shape[from];
        if (in->kind == VALUE_STREAM)
            call->out[0].stream.axes[i] =
                is_new ? (struct axis){AXIS_ONE, 1} : in->stream.axes[from];
        from += !is_new;
    }
    call->out[0].stream.rank = in->kind == VALUE_STREAM ? rank : 0;
    return in->kind == VALUE_STREAM ? 0 : fold_shape(run, call, rank, shape, err);
}

// ---- picking

// One step of a sequence: the last one, or, of the half that runs backwards, its first, which is
// the final state there.
static int pick_step(struct run *run, const struct call *call, double index, struct stream *stream,
                     size_t axis, struct err *err)
{
    const size_t steps = stream->axes[axis].size;
    const bool last = index == -1 || (steps != SIZE_UNKNOWN && index == (double)steps - 1),
               first = index == 0 || (steps != SIZE_UNKNOWN && index == -(double)steps);
    const bool backward = stream->half == HALF_BACKWARD;
    if (stream->reversed ? !(backward && last) : !(last || (backward && first)))
        return refuse(call, "picks a step other than the last one", err);
    stream->last = backward ? !stream->reversed && !first : true;
    stream->reversed = false;
    struct drawing *drawing = run->drawing;
    for (size_t i = stream->after; i-- > 0;) {
        struct network_layer *layer = &drawing->layers[i].layer;
        if (layer->kind != LAYER_GRU && layer->kind != LAYER_LSTM)
            continue;
        if (stream->half == HALF_NONE && layer->bidirectional)
            layer->last_step = true;
        break;
    }
    return 0;
}

static int pick_direction(const struct call *call, double index, struct stream *stream,
                          struct err *err)
{
    if (stream->half != HALF_NONE || !(index == 0 || index == 1 || index == -1 || index == -2))
        return refuse(call, "picks a direction that there is not", err);
    stream->half = index == 0 || index == -2 ? HALF_FORWARD : HALF_BACKWARD;
    return 0;
}

// What is left of a stream when one place of an axis is taken; the axis stays as one of size 1
// unless it is dropped.
static int pick(struct run *run, struct call *call, size_t axis, double index, bool drop,
                struct err *err)
{
    struct value *out = &call->out[0];
    *out = *call->in[0];
    struct stream *stream = &out->stream;
    switch (stream->axes[axis].role) {
    case AXIS_TIME:
        TRY(pick_step(run, call, index, stream, axis, err));
        break;
    case AXIS_DIRECTION:
        TRY(pick_direction(call, index, stream, err));
        break;
    case AXIS_ONE:
        if (index != 0 && index != -1)
            return refuse(call, "picks a place that there is not", err);
        break;
    case AXIS_BATCH:
    case AXIS_FEATURE:
        return refuse(call, "takes a part of the batch or of the features", err);
    }
    stream->axes[axis] = (struct axis){AXIS_ONE, 1};
    return drop ? squeeze_stream(call, 1U << axis, out, err) : 0;
}

static int pick_of_stack(struct call *call, double index, bool drop, struct err *err)
{
    const struct value *stack = call->in[0];
    index += index < 0 ? (double)stack->stack_count : 0;
    if (!(index >= 0 && index < (double)stack->stack_count))
        return refuse(call, "picks a state that there is not", err);
    call->out[0] = (struct value){.kind = VALUE_STREAM, .stream = stack->stack[(size_t)index]};
    return drop ? squeeze_stream(call, 1, &call->out[0], err) : 0;
}

struct range {
    double start, end, step;
};

static double bound(double value, double size, double least, double most)
{
    value += value < 0 ? size : 0;
    return value < least ? least : value > most ? most : value;
}

// The indices of start:end:step as numbers to take.
static int slice_numbers(struct run *run, struct call *call, size_t axis, struct range range,
                         struct err *err)
{
    const double size = (double)call->in[0]->tensor.shape[axis],
                 start = bound(range.start, size, 0, range.step > 0 ? size : size - 1),
                 end = bound(range.end, size, range.step > 0 ? 0 : -1, size),
                 length = (end - start) / range.step;
    const size_t count = length > 0 ? (size_t)__builtin_ceil(length) : 0;
    if (count > call->in[0]->tensor.shape[axis])
        return refuse(call, "slices an axis whose size is not known", err);
    double *indices = arena_alloc(run->arena, count, sizeof *indices, err);
    if (indices == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < count; i++)
        indices[i] = start + (double)i * range.step;
    return fold_take(run, call, axis, indices, count, false, err);
}

// A slice of a stream is all of an axis, one place of it, or the time turned round.
static int slice_stream(struct run *run, struct call *call, size_t axis, struct range range,
                        struct err *err)
{
    const struct stream *stream = &call->in[0]->stream;
    const double size = (double)stream->axes[axis].size, big = 1e9;
    const bool to_end = range.end > big || (size != 0 && range.end == size);
    call->out[0] = *call->in[0];
    if (range.step == 1 && (range.start == 0 || (size != 0 && range.start == -size)) && to_end)
        return 0;
    if (range.step == -1 && stream->axes[axis].role == AXIS_TIME &&
        (range.start == -1 || range.start > big) && range.end < -big) {
        call->out[0].stream.reversed = !stream->reversed;
        return 0;
    }
    if (range.step != 1 ||
        !((range.start != -1 && range.end == range.start + 1) || (range.start == -1 && to_end) ||
          (to_end && size != 0 && range.start == size - 1)))
        return refuse(call, "takes more than one place of an axis, and not all", err);
    return pick(run, call, axis, range.start, false, err);
}

static int slice_axis(struct run *run, struct call *call, double named, struct range range,
                      struct err *err)
{
    size_t axis;
    const struct value *in = call->in[0];
    if (is_symbol(range.start) || is_symbol(range.end) || range.step == 0)
        return refuse(call, "has bounds that are not known", err);
    if (in->kind == VALUE_STACK) {
        if (named != 0 || range.step != 1 ||
            !((range.start != -1 && range.end == range.start + 1) ||
              (range.start == -1 && range.end > 1e9)))
            return refuse(call, "takes more than one state", err);
        return pick_of_stack(call, range.start, false, err);
    }
    TRY(place_axis(call, named, rank_of(in), &axis, err));
    if (in->kind == VALUE_STREAM)
        return slice_stream(run, call, axis, range, err);
    if (in->tensor.shape[axis] == SIZE_UNKNOWN && in->kind == VALUE_FILL) {
        call->out[0] = *in; // of a number that is everywhere the same
        return 0;
    }
    return slice_numbers(run, call, axis, range, err);
}

int axes_slice(struct run *run, struct call *call, struct err *err)
{
    const double *starts, *ends, *axes, *steps;
    size_t count, others[3];
    struct value now;
    TRY(check_input(call, err));
    TRY(call_list(run, call, 1, "starts", &starts, &count, err));
    TRY(call_list(run, call, 2, "ends", &ends, &others[0], err));
    TRY(call_list(run, call, 3, "axes", &axes, &others[1], err));
    TRY(call_list(run, call, 4, "steps", &steps, &others[2], err));
    if (starts == NULL || others[0] != count || (axes != NULL && others[1] != count) ||
        (steps != NULL && others[2] != count) || count > TENSOR_MAX_RANK)
        return refuse(call, "has bounds that are not known", err);
    now = *call->in[0];
    for (size_t i = 0; i < count; i++) {
        const struct range range = {starts[i], ends[i], steps == NULL ? 1 : steps[i]};
        call->in[0] = &now;
        TRY(slice_axis(run, call, axes == NULL ? (double)i : axes[i], range, err));
        now = call->out[0];
    }
    call->out[0] = now;
    return 0;
}

int axes_gather(struct run *run, struct call *call, struct err *err)
{
    size_t axis;
    TRY(check_input(call, err));
    const struct value *in = call->in[0], *index = call->in_count > 1 ? call->in[1] : NULL;
    const double named = (double)onnx_integer(call->node, "axis", 0);
    if (index == NULL || index->kind != VALUE_TENSOR || index->tensor.rank > 1)
        return refuse(call, "has indices that are not known", err);
    const size_t count = index->tensor.elements;
    const bool drop = index->tensor.rank == 0;
    if (in->kind == VALUE_STACK)
        return named == 0 && count == 1 ? pick_of_stack(call, index->tensor.values[0], drop, err)
                                        : refuse(call, "takes more than one state", err);
    TRY(place_axis(call, named, rank_of(in), &axis, err));
    if (in->kind == VALUE_STREAM)
        return count == 1 ? pick(run, call, axis, index->tensor.values[0], drop, err)
                          : refuse(call, "picks more than one place of an axis", err);
    double *indices = arena_alloc(run->arena, count, sizeof *indices, err);
    if (indices == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < count; i++) {
        const double size = (double)in->tensor.shape[axis];
        indices[i] = index->tensor.values[i] + (index->tensor.values[i] < 0 ? size : 0);
        if (in->kind == VALUE_TENSOR && !(indices[i] >= 0 && indices[i] < size))
            return refuse(call, "picks a place that there is not", err);
    }
    return fold_take(run, call, axis, indices, count, drop, err);
}

// ---- new shapes

// Whether the wanted size at `place` may be this axis. 0 copies what stands at the same place.
static bool size_fits(double wanted, struct axis axis, const struct stream *from, size_t place,
                      bool *inferred)
{
    if (wanted == 0 && place < from->rank)
        return from->axes[place].role == axis.role;
    if (wanted == -1 && !*inferred)
        return *inferred = true;
    if (axis.role == AXIS_BATCH && wanted == SYMBOL_BATCH)
        return true;
    return axis.size != SIZE_UNKNOWN && wanted == (double)axis.size;
}

// Tries to read the wanted shape as these axes, with ones anywhere.
static bool shape_fits(const double *wanted, size_t count, const struct axis *axes, size_t rank,
                       const struct stream *from, struct stream *out)
{
    size_t next = 0;
    bool inferred = false;
    out->rank = 0;
    for (size_t i = 0; i < count; i++) {
        bool trial = inferred;
        const bool fits = next < rank && size_fits(wanted[i], axes[next], from, i, &trial);
        // a 1 is an axis of its own unless the one that is due has one place
        if (fits && !(wanted[i] == 1 && axes[next].size != 1)) {
            inferred = trial;
            out->axes[out->rank++] = axes[next++];
        } else if (wanted[i] == 1 ||
                   (wanted[i] == 0 && i < from->rank && from->axes[i].role == AXIS_ONE)) {
            out->axes[out->rank++] = (struct axis){AXIS_ONE, 1};
        } else {
            return false;
        }
    }
    return next == rank;
}

// The axes without those of one place, and, when asked, with direction and feature as one.
static bool plain_axes(const struct stream *from, bool merge, struct axis *axes, size_t *rank)
{
    bool merged = false;
    *rank = 0;
    for (size_t i = 0; i < from->rank; i++) {
        const struct axis axis = from->axes[i];
        struct axis *before = *rank > 0 ? &axes[*rank - 1] : NULL;
        if (axis.role == AXIS_ONE)
            continue;
        if (merge && axis.role == AXIS_FEATURE && before != NULL &&
            before->role == AXIS_DIRECTION) {
            *before = (struct axis){AXIS_FEATURE, axis.size * before->size};
            merged = true;
        } else {
            axes[(*rank)++] = axis;
        }
    }
    return merged == merge;
}

static int reshape_stream(struct call *call, const double *wanted, size_t count, struct err *err)
{
    const struct stream *from = &call->in[0]->stream;
    struct axis axes[TENSOR_MAX_RANK];
    size_t rank;
    call->out[0] = *call->in[0];
    for (int merge = 0; merge < 2; merge++)
        if (plain_axes(from, merge, axes, &rank) && count <= TENSOR_MAX_RANK &&
            shape_fits(wanted, count, axes, rank, from, &call->out[0].stream))
            return 0;
    return refuse(call, "shapes the network's values in a way that is not understood", err);
}

int axes_reshape(struct run *run, struct call *call, struct err *err)
{
    const double *wanted;
    size_t count, shape[TENSOR_MAX_RANK], known = 1, inferred = TENSOR_MAX_RANK;
    TRY(check_input(call, err));
    TRY(call_list(run, call, 1, "shape", &wanted, &count, err));
    const struct value *in = call->in[0];
    if (wanted == NULL || in->kind == VALUE_STACK || count > TENSOR_MAX_RANK)
        return refuse(call, "has a shape that is not known", err);
    if (in->kind == VALUE_STREAM)
        return reshape_stream(call, wanted, count, err);
    for (size_t i = 0; i < count; i++) {
        const double size =
            wanted[i] == 0 && i < in->tensor.rank ? (double)in->tensor.shape[i] : wanted[i];
        const bool fine = size >= 0 && size < 1e9;
        shape[i] = fine ? (size_t)size : in->kind == VALUE_FILL ? SIZE_UNKNOWN : 1;
        if (size == -1 && inferred == TENSOR_MAX_RANK)
            inferred = i;
        else if (!fine && in->kind == VALUE_TENSOR)
            return refuse(call, "has a shape that is not known", err);
        if (__builtin_mul_overflow(known, shape[i], &known))
            return refuse(call, "has a shape that is too large", err);
    }
    if (inferred < count && in->kind == VALUE_TENSOR && known > 0)
        shape[inferred] = in->tensor.elements / known;
    return fold_shape(run, call, count, shape, err);
}

// ---- joining and turning round

// The two halves of a bidirectional layer, side by side: the whole.
static int join_halves(struct run *run, struct call *call, const struct stream *a,
                       const struct stream *b, size_t axis, struct err *err)
{
    struct stream *out = &call->out[0].stream;
    if (a->half != HALF_FORWARD || b->half != HALF_BACKWARD || a->after != b->after ||
        a->rank != b->rank || a->reversed || b->reversed || a->axes[axis].role != AXIS_FEATURE ||
        a->axes[axis].size != b->axes[axis].size)
        return refuse(call, "joins other than the two directions of a layer", err);
    for (size_t i = 0; i < a->rank; i++)
        if (a->axes[i].role != b->axes[i].role)
            return refuse(call, "joins other than the two directions of a layer", err);
    call->out[0] = (struct value){.kind = VALUE_STREAM, .stream = *b};
    out->half = HALF_NONE;
    out->axes[axis].size = 2 * a->axes[axis].size;
    run->drawing->layers[b->after - 1].layer.last_step = b->last;
    return 0;
}

// Final states of several layers one behind the other, as torch's h_n.
static int make_stack(struct run *run, struct call *call, struct err *err)
{
    struct value *out = &call->out[0];
    *out = (struct value){.kind = VALUE_STACK};
    out->stack = arena_alloc(run->arena, STACK_MAX, sizeof *out->stack, err);
    if (out->stack == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < call->in_count; i++) {
        const struct stream *in = &call->in[i]->stream;
        const size_t places = in->axes[0].role == AXIS_DIRECTION ? 2 : 1;
        for (size_t p = 0; p < places; p++) {
            if (out->stack_count == STACK_MAX)
                return refuse(call, "stacks too many states", err);
            struct stream *to = &out->stack[out->stack_count++];
            *to = *in;
            to->axes[0] = (struct axis){AXIS_ONE, 1};
            if (places == 2)
                to->half = p == 0 ? HALF_FORWARD : HALF_BACKWARD;
        }
    }
    return 0;
}

static int concat_streams(struct run *run, struct call *call, struct err *err)
{
    const struct stream *first = &call->in[0]->stream;
    bool stackable = true;
    size_t axis;
    TRY(place_axis(call, (double)onnx_integer(call->node, "axis", 0), first->rank, &axis, err));
    for (size_t i = 0; i < call->in_count; i++) {
        if (call->in[i] == NULL || call->in[i]->kind != VALUE_STREAM)
            return refuse(call, "joins the network's values with others", err);
        const struct stream *in = &call->in[i]->stream;
        stackable = stackable && axis == 0 && in->rank == 3 &&
                    (in->axes[0].role == AXIS_ONE || in->axes[0].role == AXIS_DIRECTION);
    }
    if (stackable)
        return make_stack(run, call, err);
    return call->in_count == 2
               ? join_halves(run, call, first, &call->in[1]->stream, axis, err)
               : refuse(call, "joins other than the two directions of a layer", err);
}

int axes_concat(struct run *run, struct call *call, struct err *err)
{
    TRY(check_input(call, err));
    const struct value *first = call->in[0];
    bool fills = true;
    for (size_t i = 0; i < call->in_count; i++)
        fills = fills && call->in[i] != NULL && call->in[i]->kind == VALUE_FILL &&
                call->in[i]->fill == first->fill;
    if (first->kind == VALUE_STREAM)
        return call->in_count == 1 ? axes_same(run, call, err) : concat_streams(run, call, err);
    if (!fills)
        return fold_concat(run, call, err);
    call->out[0] = *first;
    for (size_t i = 0; i < first->tensor.rank; i++) // how long it is is not asked
        call->out[0].tensor.shape[i] = SIZE_UNKNOWN;
    return 0;
}

// ReverseSequence, by which exporters turn all of the time round.
int axes_reverse(struct run *run, struct call *call, struct err *err)
{
    size_t axis;
    (void)run;
    TRY(check_input(call, err));
    const struct value *in = call->in[0], *lengths = call->in_count > 1 ? call->in[1] : NULL;
    if (in->kind != VALUE_STREAM || lengths == NULL)
        return refuse(call, "turns round what is not understood", err);
    TRY(place_axis(call, (double)onnx_integer(call->node, "time_axis", 0), in->stream.rank, &axis,
                   err));
    const struct axis time = in->stream.axes[axis];
    if (time.role != AXIS_TIME || time.size == SIZE_UNKNOWN ||
        !value_is_all(lengths, (double)time.size))
        return refuse(call, "turns round a part of the time", err);
    call->out[0] = *in;
    call->out[0].stream.reversed = !in->stream.reversed;
    return 0;
}
