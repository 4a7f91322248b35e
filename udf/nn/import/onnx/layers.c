// SPDX-License-Identifier: Apache-2.0
// Operators that are layers: each adds one to the drawing, and its output is what that layer gives.
#include "import/onnx/run.h"

#include <string.h>
#include <strings.h>

// ---- names, and what a layer may read

int layer_name(struct run *run, const struct onnx_node *node, const char **name, struct err *err)
{
    const struct proto text = node_label(node);
    char *copy = arena_alloc(run->arena, proto_size(text) + 1, 1, err);
    if (copy == NULL)
        return err_code(err, EX_OSERR);
    if (proto_size(text) > 0)
        memcpy(copy, text.at, proto_size(text));
    copy[proto_size(text)] = '\0';
    *name = copy;
    return 0;
}

// Weights that an exporter put together have no name of their own: they get the layer's.
static int name_weights(struct run *run, const struct call *call, size_t input,
                        struct tensor *tensor, struct err *err)
{
    *tensor = call->in[input]->tensor;
    return *tensor->name != '\0' ? 0 : layer_name(run, call->node, &tensor->name, err);
}

static bool is_bidirectional(const struct run *run, const struct stream *stream)
{
    return stream->after > 0 && run->drawing->layers[stream->after - 1].layer.bidirectional;
}

// One direction alone is the whole where there is no other.
static int check_whole(const struct run *run, const struct call *call, const struct stream *stream,
                       struct err *err)
{
    if (stream->half == HALF_BACKWARD ||
        (stream->half == HALF_FORWARD && is_bidirectional(run, stream)))
        return refuse(call, "reads one direction of a layer without the other", err);
    return stream->reversed ? refuse(call, "reads a sequence that was turned round", err) : 0;
}

static int check_newest(const struct run *run, const struct call *call, const struct stream *stream,
                        struct err *err)
{
    return stream->after == run->drawing->layer_count
               ? 0
               : refuse(call, "branches off; only layers in a row are read", err);
}

// ---- recurrent layers

// The layer that so far has only the other direction of the same input; NULL when there is none.
static struct drawn_layer *other_half(const struct run *run, const struct stream *in,
                                      enum layer_kind kind, size_t units, bool backwards)
{
    struct drawn_layer *layer = &run->drawing->layers[in->after];
    if (run->drawing->layer_count != in->after + 1 || layer->layer.kind != kind ||
        layer->layer.units != units || layer->directions[!backwards].kernel == NULL ||
        layer->directions[backwards].kernel != NULL)
        return NULL;
    layer->layer.bidirectional = true;
    return layer;
}

struct drawn_layer *layer_direction(struct run *run, const struct stream *in, enum layer_kind kind,
                                    size_t units, bool backwards, const char *name,
                                    struct stream *out, struct err *err)
{
    struct drawn_layer *layer = other_half(run, in, kind, units, backwards);
    if (layer == NULL && in->after != run->drawing->layer_count) {
        (void)err_set(err, EX_DATAERR, "layer '%s' branches off; only layers in a row are read",
                      name);
        return NULL;
    }
    if (layer == NULL)
        layer = drawing_add(run->drawing, kind, name, err);
    if (layer == NULL)
        return NULL;
    layer->layer.units = units;
    *out = (struct stream){.after = run->drawing->layer_count,
                           .half = backwards ? HALF_BACKWARD : HALF_FORWARD};
    return layer;
}

struct recurrent {
    enum layer_kind kind;
    size_t gates, units, directions;
    bool batch_first, backwards;
    struct tensor kernel, recurrent, bias;
};

static int check_activations(const struct call *call, const struct recurrent *r, struct err *err)
{
    static const char *const wanted[] = {"Sigmoid", "Tanh", "Tanh"};
    const struct onnx_attribute *names = onnx_attribute(call->node, "activations");
    const size_t each = r->kind == LAYER_GRU ? 2 : 3;
    for (size_t i = 0; names != NULL && i < names->text_count; i++) {
        const char *name = wanted[i % each];
        if (proto_size(names->texts[i]) != strlen(name) ||
            strncasecmp((const char *)names->texts[i].at, name, strlen(name)) != 0)
            return refuse(call, "has activations other than sigmoid for gates and tanh", err);
    }
    const struct onnx_attribute *clip = onnx_attribute(call->node, "clip");
    if (clip != NULL && clip->number > 0)
        return refuse(call, "clips its gates, which is not supported", err);
    return onnx_integer(call->node, "input_forget", 0) == 0
               ? 0
               : refuse(call, "couples its gates (input_forget), which is not supported", err);
}

static int check_states(const struct call *call, size_t steps, struct err *err)
{
    const struct value *lengths = call->in_count > 4 ? call->in[4] : NULL;
    if (lengths != NULL && (steps == SIZE_UNKNOWN || !value_is_all(lengths, (double)steps)))
        return refuse(call, "has sequences of several lengths, which is not supported", err);
    for (size_t i = 5; i < 7 && i < call->in_count; i++)
        if (call->in[i] != NULL && !value_is_all(call->in[i], 0))
            return refuse(call, "starts from a state other than zero, which is not supported", err);
    if (call->in_count > 7 && call->in[7] != NULL && !value_is_all(call->in[7], 0))
        return refuse(call, "has peepholes, which are not supported; train it without", err);
    return 0;
}

static int check_weights(struct run *run, const struct call *call, struct recurrent *r,
                         struct err *err)
{
    for (size_t i = 1; i < 4; i++)
        if (i < call->in_count && call->in[i] != NULL && call->in[i]->kind != VALUE_TENSOR)
            return refuse(call, "has weights that are not constants", err);
    if (call->in_count < 3 || call->in[1] == NULL || call->in[2] == NULL)
        return refuse(call, "has no weights", err);
    TRY(name_weights(run, call, 1, &r->kernel, err));
    TRY(name_weights(run, call, 2, &r->recurrent, err));
    r->units = r->recurrent.rank == 3 ? r->recurrent.shape[2] : 0;
    const size_t width = r->gates * r->units;
    if (r->units == 0 || r->units > NETWORK_MAX_UNITS || r->kernel.rank != 3 ||
        r->kernel.shape[0] != r->directions || r->recurrent.shape[0] != r->directions ||
        r->kernel.shape[1] != width || r->recurrent.shape[1] != width ||
        onnx_integer(call->node, "hidden_size", (int64_t)r->units) != (int64_t)r->units)
        return refuse(call, "has weights of shapes that do not fit together", err);
    if (call->in_count < 4 || call->in[3] == NULL)
        return 0;
    TRY(name_weights(run, call, 3, &r->bias, err));
    return r->bias.rank == 2 && r->bias.shape[0] == r->directions && r->bias.shape[1] == 2 * width
               ? 0
               : refuse(call, "has a bias of a shape that does not fit", err);
}

static int read_recurrent(struct run *run, const struct call *call, struct recurrent *r,
                          struct err *err)
{
    const struct onnx_attribute *direction = onnx_attribute(call->node, "direction");
    *r = (struct recurrent){.kind = text_is(call->node->op, "GRU") ? LAYER_GRU : LAYER_LSTM};
    r->gates = layer_gates(r->kind);
    r->directions = direction != NULL && text_is(direction->text, "bidirectional") ? 2 : 1;
    r->backwards = direction != NULL && text_is(direction->text, "reverse");
    r->batch_first = onnx_integer(call->node, "layout", 0) == 1;
    TRY(check_activations(call, r, err));
    return check_weights(run, call, r, err);
}

// Its input: (time, batch, features), or with layout 1 (batch, time, features).
static int check_sequence(struct run *run, const struct call *call, const struct recurrent *r,
                          const struct stream **in, struct err *err)
{
    if (call->in[0] == NULL || call->in[0]->kind != VALUE_STREAM)
        return refuse(call, "does not read the network's input", err);
    const struct stream *stream = &call->in[0]->stream;
    const struct axis *axes = stream->axes;
    const bool three = stream->rank == 3 && axes[2].role == AXIS_FEATURE,
               time_first = three && axes[0].role == AXIS_TIME && axes[1].role == AXIS_BATCH,
               batch_first = three && axes[1].role == AXIS_TIME && axes[0].role == AXIS_BATCH;
    if (r->batch_first ? !batch_first : !time_first) {
        run->wants_time_first = !run->time_first && stream->after == 0 && batch_first;
        return refuse(call, "does not read steps, batch and features in this order", err);
    }
    struct stream whole = *stream;
    whole.reversed = false;
    TRY(check_whole(run, call, &whole, err));
    *in = stream;
    return r->kernel.shape[2] == axes[2].size
               ? 0
               : refuse(call, "takes other inputs than the layer before it gives", err);
}

static int take_direction(struct run *run, const struct recurrent *r, size_t from,
                          struct drawn_direction *to, struct err *err)
{
    const size_t width = r->gates * r->units, inputs = r->kernel.shape[2];
    TRY(tensor_piece(&r->kernel, from * width * inputs, width, inputs, run->arena, &to->kernel,
                     err));
    TRY(tensor_piece(&r->recurrent, from * width * r->units, width, r->units, run->arena,
                     &to->recurrent, err));
    if (r->bias.elements == 0)
        return 0;
    TRY(tensor_piece(&r->bias, from * 2 * width, 0, width, run->arena, &to->bias, err));
    return tensor_piece(&r->bias, (from * 2 + 1) * width, 0, width, run->arena, &to->recurrent_bias,
                        err);
}

// Y has all steps, Y_h the final states; both have an axis for the directions.
static void give_outputs(const struct recurrent *r, const struct stream *in, struct stream base,
                         struct call *call)
{
    const struct axis time = in->axes[r->batch_first ? 1 : 0],
                      batch = in->axes[r->batch_first ? 0 : 1],
                      direction = {r->directions == 2 ? AXIS_DIRECTION : AXIS_ONE, r->directions},
                      units = {AXIS_FEATURE, r->units};
    struct stream steps = base, state = base;
    steps.rank = 4;
    state.rank = 3;
    steps.reversed = in->reversed;
    const struct axis steps_axes[2][4] = {{time, direction, batch, units},
                                          {batch, time, direction, units}},
                      state_axes[2][3] = {{direction, batch, units}, {batch, direction, units}};
    memcpy(steps.axes, steps_axes[r->batch_first], sizeof steps_axes[0]);
    memcpy(state.axes, state_axes[r->batch_first], sizeof state_axes[0]);
    call->out[0] = (struct value){.kind = VALUE_STREAM, .stream = steps};
    call->out[1] = (struct value){.kind = VALUE_STREAM, .stream = state};
}

int layer_recurrent(struct run *run, struct call *call, struct err *err)
{
    const struct stream *in = NULL;
    struct recurrent r;
    struct stream base;
    const char *name;
    TRY(read_recurrent(run, call, &r, err));
    TRY(check_sequence(run, call, &r, &in, err));
    TRY(check_states(call, in->axes[r.batch_first ? 1 : 0].size, err));
    TRY(layer_name(run, call->node, &name, err));
    if (in->reversed && (r.backwards || r.directions == 2))
        return refuse(call, "reads a sequence that was turned round twice", err);
    const bool backwards = r.backwards || in->reversed;
    struct drawn_layer *layer =
        layer_direction(run, in, r.kind, r.units, backwards, name, &base, err);
    if (layer == NULL)
        return err_code(err, EX_DATAERR);
    layer->order = GATES_ONNX;
    layer->transposed = true;
    layer->layer.reset_after =
        r.kind == LAYER_GRU && onnx_integer(call->node, "linear_before_reset", 0) != 0;
    TRY(take_direction(run, &r, 0, &layer->directions[backwards], err));
    if (r.directions == 2) {
        TRY(take_direction(run, &r, 1, &layer->directions[1], err));
        layer->layer.bidirectional = true;
        base.half = HALF_NONE;
    }
    give_outputs(&r, in, base, call);
    return 0;
}

// ---- dense layers

// A tensor times a number, and as a vector where it is a bias.
static int scaled(struct run *run, const struct tensor *from, double factor, bool vector,
                  const struct tensor **to, struct err *err)
{
    struct tensor *copy = arena_alloc(run->arena, 1, sizeof *copy, err);
    double *values = arena_alloc(run->arena, from->elements, sizeof *values, err);
    if (copy == NULL || values == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < from->elements; i++)
        values[i] = factor * from->values[i];
    *copy = *from;
    copy->values = values;
    if (vector) {
        copy->rank = 1;
        copy->shape[0] = from->elements;
    }
    *to = copy;
    return 0;
}

static int check_dense(struct run *run, const struct call *call, struct err *err)
{
    if (call->in_count < 2 || call->in[0] == NULL || call->in[1] == NULL ||
        call->in[0]->kind != VALUE_STREAM || call->in[1]->kind != VALUE_TENSOR ||
        call->in[1]->tensor.rank != 2)
        return refuse(call, "is not the network's values times constant weights", err);
    const struct stream *in = &call->in[0]->stream;
    TRY(check_whole(run, call, in, err));
    TRY(check_newest(run, call, in, err));
    return in->rank > 0 && in->axes[in->rank - 1].role == AXIS_FEATURE
               ? 0
               : refuse(call, "does not read the features", err);
}

static int draw_dense(struct run *run, struct call *call, bool transposed, double alpha,
                      struct drawn_layer **layer, struct err *err)
{
    struct tensor kernel;
    const char *name;
    TRY(check_dense(run, call, err));
    TRY(layer_name(run, call->node, &name, err));
    TRY(name_weights(run, call, 1, &kernel, err));
    *layer = drawing_add(run->drawing, LAYER_DENSE, name, err);
    if (*layer == NULL)
        return err_code(err, EX_DATAERR);
    (*layer)->transposed = transposed;
    (*layer)->layer.units = kernel.shape[transposed ? 0 : 1];
    TRY(scaled(run, &kernel, alpha, false, &(*layer)->directions[0].kernel, err));
    call->out[0] = *call->in[0];
    struct stream *out = &call->out[0].stream;
    out->after = run->drawing->layer_count;
    out->half = HALF_NONE;
    out->axes[out->rank - 1].size = (*layer)->layer.units;
    return 0;
}

static int add_bias(struct run *run, const struct call *call, size_t input, double factor,
                    struct drawn_layer *layer, struct err *err)
{
    struct tensor bias;
    if (call->in[input]->kind != VALUE_TENSOR ||
        call->in[input]->tensor.elements != layer->layer.units)
        return refuse(call, "adds what is no bias of its layer", err);
    TRY(name_weights(run, call, input, &bias, err));
    return scaled(run, &bias, factor, true, &layer->directions[0].bias, err);
}

int layer_gemm(struct run *run, struct call *call, struct err *err)
{
    const struct onnx_attribute *alpha = onnx_attribute(call->node, "alpha"),
                                *beta = onnx_attribute(call->node, "beta");
    struct drawn_layer *layer;
    if (onnx_integer(call->node, "transA", 0) != 0)
        return refuse(call, "turns the network's values round (transA)", err);
    TRY(draw_dense(run, call, onnx_integer(call->node, "transB", 0) != 0,
                   alpha == NULL ? 1 : (double)alpha->number, &layer, err));
    if (call->in_count < 3 || call->in[2] == NULL)
        return 0;
    return add_bias(run, call, 2, beta == NULL ? 1 : (double)beta->number, layer, err);
}

int layer_matmul(struct run *run, struct call *call, struct err *err)
{
    struct drawn_layer *layer;
    return call->in[0] != NULL && call->in[0]->kind == VALUE_TENSOR
               ? fold_product(run, call, err)
               : draw_dense(run, call, false, 1, &layer, err);
}

// The layer whose values these are, where it is dense and has no activation yet.
static struct drawn_layer *open_dense(const struct run *run, const struct value *value)
{
    if (value == NULL || value->kind != VALUE_STREAM || value->stream.after == 0 ||
        value->stream.after != run->drawing->layer_count)
        return NULL;
    struct drawn_layer *layer = &run->drawing->layers[value->stream.after - 1];
    return layer->layer.kind == LAYER_DENSE && layer->layer.activation == ACTIVATION_LINEAR ? layer
                                                                                            : NULL;
}

int layer_add(struct run *run, struct call *call, struct err *err)
{
    if (call->in_count != 2 || call->in[0] == NULL || call->in[1] == NULL)
        return refuse(call, "adds what is not there", err);
    const size_t stream = call->in[0]->kind == VALUE_STREAM ? 0 : 1;
    if (call->in[stream]->kind != VALUE_STREAM)
        return fold_arithmetic(run, call, err);
    struct drawn_layer *layer = open_dense(run, call->in[stream]);
    if (layer == NULL || layer->directions[0].bias != NULL)
        return refuse(call, "adds to what is not a dense layer without a bias", err);
    call->out[0] = *call->in[stream];
    return add_bias(run, call, 1 - stream, 1, layer, err);
}

// ---- activations

static int check_softmax(const struct run *run, const struct call *call, struct err *err)
{
    const struct stream *in = &call->in[0]->stream;
    int64_t axis = onnx_integer(call->node, "axis", run->opset >= 13 ? -1 : 1);
    axis += axis < 0 ? (int64_t)in->rank : 0;
    return axis == (int64_t)in->rank - 1 && in->axes[in->rank - 1].role == AXIS_FEATURE
               ? 0
               : refuse(call, "is not over the outputs", err);
}

int layer_activation(struct run *run, struct call *call, struct err *err)
{
    static const struct {
        const char *op;
        enum activation activation;
    } known[] = {{"Relu", ACTIVATION_RELU},
                 {"Sigmoid", ACTIVATION_SIGMOID},
                 {"Tanh", ACTIVATION_TANH},
                 {"Softmax", ACTIVATION_SOFTMAX}};
    if (call->in[0] != NULL && call->in[0]->kind == VALUE_TENSOR)
        return fold_function(run, call, err);
    struct drawn_layer *layer = open_dense(run, call->in[0]);
    if (layer == NULL)
        return refuse(call, "follows no dense layer without an activation", err);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (text_is(call->node->op, known[i].op))
            layer->layer.activation = known[i].activation;
    call->out[0] = *call->in[0];
    return layer->layer.activation == ACTIVATION_SOFTMAX ? check_softmax(run, call, err) : 0;
}
