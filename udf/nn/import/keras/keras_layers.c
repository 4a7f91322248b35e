// SPDX-License-Identifier: Apache-2.0
// What a layer of the configuration is, and whether it is one that networks of ours can have.
#include "import/keras/keras_parts.h"

#include <string.h>

static int read_units(const struct layer_source *layer, size_t *units, struct err *err)
{
    const json_int_t value = json_integer_value(json_object_get(layer->config, "units"));
    *units = (size_t)value;
    return value >= 1 && value <= NETWORK_MAX_UNITS
               ? 0
               : err_set(err, EX_DATAERR, "layer '%s' has no units from 1 to %d", layer->name,
                         NETWORK_MAX_UNITS);
}

// Keras writes a function of its own by name, others as objects.
static int read_activation(const struct layer_source *layer, const json_t *value,
                           enum activation *activation, struct err *err)
{
    const char *name = json_is_object(value) ? text_of(value, "config") : json_string_value(value);
    *activation = ACTIVATION_LINEAR;
    if (value == NULL || json_is_null(value) ||
        (name != NULL && activation_parse(name, activation)))
        return 0;
    return err_set(err, EX_DATAERR,
                   "layer '%s' has the activation '%.32s'; linear, relu, sigmoid, tanh and softmax "
                   "are read",
                   layer->name, name == NULL ? "of somebody's own" : name);
}

static int check_gates(const struct layer_source *layer, bool backwards, struct err *err)
{
    const json_t *config = layer->config;
    const char *candidate = text_of(config, "activation"),
               *gates = text_of(config, "recurrent_activation");
    if (candidate == NULL || strcmp(candidate, "tanh") != 0)
        return refuse(layer, "has an activation other than tanh, which is not supported", err);
    if (gates == NULL || strcmp(gates, "sigmoid") != 0)
        return refuse(layer,
                      "has a recurrent_activation other than sigmoid, which is not supported; "
                      "train it with recurrent_activation='sigmoid'",
                      err);
    if (truth_of(config, "stateful"))
        return refuse(layer, "is stateful; save a copy of the model with stateful=False", err);
    if (truth_of(config, "go_backwards") != backwards)
        return refuse(layer, "goes backwards, which only half of a Bidirectional may", err);
    if (truth_of(config, "return_state") || truth_of(config, "time_major"))
        return refuse(layer, "has return_state or time_major set, which is not supported", err);
    return 0;
}

// One direction's tensors; the bias of a GRU with reset_after has a row for each product.
static int draw_direction(struct keras *keras, const struct layer_source *layer, const char *part,
                          size_t first, struct drawn_layer *drawn, size_t direction,
                          struct err *err)
{
    const bool bias = !json_is_false(json_object_get(layer->config, "use_bias"));
    const struct tensor *tensors[KERAS_PARTS] = {NULL};
    struct drawn_direction *to = &drawn->directions[direction];
    TRY(keras_load(keras, layer, part, first, bias ? 3 : 2, tensors, err));
    *to =
        (struct drawn_direction){.kernel = tensors[0], .recurrent = tensors[1], .bias = tensors[2]};
    if (drawn->layer.kind == LAYER_GRU && bias) {
        const bool two = tensors[2]->rank == 2 && tensors[2]->shape[0] == 2;
        if (two != drawn->layer.reset_after &&
            json_object_get(layer->config, "reset_after") != NULL)
            return refuse(layer, "has a bias that does not fit its reset_after", err);
        drawn->layer.reset_after = two; // old Keras did not say
        if (two) {
            const size_t width = tensors[2]->shape[1];
            TRY(tensor_piece(tensors[2], 0, 0, width, keras->source->arena, &to->bias, err));
            TRY(tensor_piece(tensors[2], width, 0, width, keras->source->arena, &to->recurrent_bias,
                             err));
        }
    }
    return 0;
}

static int kind_of(const struct layer_source *layer, enum layer_kind *kind, struct err *err)
{
    *kind = strcmp(layer->class, "GRU") == 0 ? LAYER_GRU : LAYER_LSTM;
    if (*kind == LAYER_GRU || strcmp(layer->class, "LSTM") == 0)
        return 0;
    return err_set(err, EX_DATAERR,
                   "layer '%s' is a %.64s; GRU, LSTM, Bidirectional, Dense, Dropout and Activation "
                   "are read",
                   layer->name, layer->class);
}

static int draw_recurrent(struct keras *keras, const struct layer_source *layer, struct err *err)
{
    enum layer_kind kind;
    TRY(kind_of(layer, &kind, err));
    TRY(check_gates(layer, false, err));
    struct drawn_layer *drawn = drawing_add(keras->drawing, kind, layer->name, err);
    if (drawn == NULL)
        return err_code(err, EX_DATAERR);
    TRY(read_units(layer, &drawn->layer.units, err));
    drawn->layer.reset_after = truth_of(layer->config, "reset_after");
    TRY(draw_direction(keras, layer, "cell/vars", 0, drawn, 0, err));
    keras->sequence = truth_of(layer->config, "return_sequences");
    return 0;
}

// The half of a Bidirectional: its class and configuration, with the group of the whole.
static int half_of(const struct layer_source *whole, const char *key, struct layer_source *half,
                   struct err *err)
{
    const json_t *layer = json_object_get(whole->config, key);
    *half = *whole;
    half->class = text_of(layer, "class_name");
    half->config = json_object_get(layer, "config");
    return half->class != NULL && json_is_object(half->config)
               ? 0
               : refuse(whole, "does not say which layers its two directions have", err);
}

static int draw_bidirectional(struct keras *keras, const struct layer_source *layer,
                              struct err *err)
{
    const char *merge = text_of(layer->config, "merge_mode");
    const bool own_backward = json_is_object(json_object_get(layer->config, "backward_layer"));
    struct layer_source forward, backward;
    enum layer_kind kind;
    if (merge == NULL || strcmp(merge, "concat") != 0)
        return refuse(layer, "merges its directions by other than concat, which is not supported",
                      err);
    TRY(half_of(layer, "layer", &forward, err));
    TRY(half_of(layer, own_backward ? "backward_layer" : "layer", &backward, err));
    TRY(kind_of(&forward, &kind, err));
    TRY(check_gates(&forward, false, err));
    TRY(check_gates(&backward, own_backward, err));
    if (strcmp(forward.class, backward.class) != 0)
        return refuse(layer, "has different layers in its two directions", err);
    struct drawn_layer *drawn = drawing_add(keras->drawing, kind, layer->name, err);
    if (drawn == NULL)
        return err_code(err, EX_DATAERR);
    drawn->layer.bidirectional = true;
    TRY(read_units(&forward, &drawn->layer.units, err));
    drawn->layer.reset_after = truth_of(forward.config, "reset_after");
    const size_t parts = json_is_false(json_object_get(forward.config, "use_bias")) ? 2 : 3;
    TRY(draw_direction(keras, &forward, "forward_layer/cell/vars", 0, drawn, 0, err));
    TRY(draw_direction(keras, &backward, "backward_layer/cell/vars", parts, drawn, 1, err));
    keras->sequence = truth_of(forward.config, "return_sequences");
    return 0;
}

static int draw_dense(struct keras *keras, const struct layer_source *layer, struct err *err)
{
    const bool bias = !json_is_false(json_object_get(layer->config, "use_bias"));
    const struct tensor *tensors[KERAS_PARTS] = {NULL};
    struct drawn_layer *drawn = drawing_add(keras->drawing, LAYER_DENSE, layer->name, err);
    if (drawn == NULL)
        return err_code(err, EX_DATAERR);
    TRY(read_activation(layer, json_object_get(layer->config, "activation"),
                        &drawn->layer.activation, err));
    TRY(read_units(layer, &drawn->layer.units, err));
    TRY(keras_load(keras, layer, "vars", 0, bias ? 2 : 1, tensors, err));
    drawn->directions[0] = (struct drawn_direction){.kernel = tensors[0], .bias = tensors[1]};
    return 0;
}

// A layer of its own for an activation belongs to the dense layer before it.
static int draw_activation(struct keras *keras, const struct layer_source *layer, const char *fixed,
                           struct err *err)
{
    struct drawing *drawing = keras->drawing;
    struct drawn_layer *last =
        drawing->layer_count == 0 ? NULL : &drawing->layers[drawing->layer_count - 1];
    if (last == NULL || last->layer.kind != LAYER_DENSE ||
        last->layer.activation != ACTIVATION_LINEAR)
        return refuse(layer, "is an activation that follows no dense layer without one", err);
    if (fixed != NULL)
        return activation_parse(fixed, &last->layer.activation) ? 0 : EX_SOFTWARE;
    return read_activation(layer, json_object_get(layer->config, "activation"),
                           &last->layer.activation, err);
}

static int draw_dropout(struct keras *keras, const struct layer_source *layer, struct err *err)
{
    struct drawn_layer *drawn = drawing_add(keras->drawing, LAYER_DROPOUT, layer->name, err);
    if (drawn == NULL)
        return err_code(err, EX_DATAERR);
    drawn->layer.dropout = json_number_value(json_object_get(layer->config, "rate"));
    return 0;
}

int keras_draw(struct keras *keras, const struct layer_source *layer, struct err *err)
{
    static const char *const idle[] = {"InputLayer",    "SpatialDropout1D",
                                       "GaussianNoise", "GaussianDropout",
                                       "AlphaDropout",  "ActivityRegularization"};
    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++)
        if (strcmp(layer->class, idle[i]) == 0) // does nothing when it predicts
            return 0;
    if (strcmp(layer->class, "Flatten") == 0 && !keras->sequence)
        return 0;
    if (strcmp(layer->class, "Dense") == 0)
        return draw_dense(keras, layer, err);
    if (strcmp(layer->class, "Dropout") == 0)
        return draw_dropout(keras, layer, err);
    if (strcmp(layer->class, "Activation") == 0)
        return draw_activation(keras, layer, NULL, err);
    if (strcmp(layer->class, "Softmax") == 0)
        return draw_activation(keras, layer, "softmax", err);
    if (strcmp(layer->class, "Bidirectional") == 0)
        return draw_bidirectional(keras, layer, err);
    return draw_recurrent(keras, layer, err);
}
