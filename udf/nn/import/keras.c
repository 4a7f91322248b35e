// SPDX-License-Identifier: Apache-2.0
// Models of Keras: a .keras file is a zip with config.json and model.weights.h5, an .h5 file has
// the configuration as an attribute and the weights in groups. Layers must stand in a row:
// Sequential, or Functional without branches.
#include "import/hdf5.h"
#include "import/import.h"
#include "net/zip.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { KERAS_MAX_PATH = 512, KERAS_PARTS = 3 }; // kernel, recurrent kernel, bias

struct keras {
    const struct import_source *source;
    struct drawing *drawing;
    struct hdf5 file;
    bool legacy;
    uint64_t weights;     // the group of layers
    const char *before;   // name of the layer before
    bool sequence;        // what it hands on is a sequence
    json_t *counts;       // of .keras: how many layers of a class there were, which names its group
};

// ---- texts and JSON

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static bool truth_of(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static int copy_text(struct keras *keras, const char *text, const char **copy, struct err *err)
{
    const size_t size = strlen(text) + 1;
    char *to = arena_alloc(keras->source->arena, size, 1, err);
    if (to == NULL)
        return err_code(err, EX_OSERR);
    memcpy(to, text, size);
    *copy = to;
    return 0;
}

// The first text in lists of lists.
static const char *first_text(const json_t *value)
{
    while (json_is_array(value))
        value = json_array_get(value, 0);
    return json_string_value(value);
}

// "GRU" -> "gru", "InputLayer" -> "input_layer": Keras' to_snake_case.
static void snake_case(const char *class, char *out, size_t room)
{
    size_t size = 0;
    for (size_t i = 0; class[i] != '\0' && size + 2 < room; i++) {
        const bool upper = class[i] >= 'A' && class[i] <= 'Z',
                   next_lower = class[i + 1] >= 'a' && class[i + 1] <= 'z',
                   before_upper = i > 0 && class[i - 1] >= 'A' && class[i - 1] <= 'Z';
        if (upper && i > 0 && (next_lower || !before_upper))
            out[size++] = '_';
        out[size++] = upper ? (char)(class[i] - 'A' + 'a') : class[i];
    }
    out[size] = '\0';
}

// ---- weights

struct layer_source {
    const char *name, *class;
    const json_t *config;
    char group[KERAS_MAX_PATH]; // of its weights
};

// Groups of a .keras file are called after the class, with a number from the second on.
static int name_group(struct keras *keras, struct layer_source *layer, struct err *err)
{
    if (keras->legacy) {
        (void)snprintf(layer->group, sizeof layer->group, "%s", layer->name);
        return 0;
    }
    char snake[128];
    snake_case(layer->class, snake, sizeof snake);
    const json_int_t count = json_integer_value(json_object_get(keras->counts, snake));
    if (json_object_set_new(keras->counts, snake, json_integer(count + 1)) != 0)
        return err_set(err, EX_OSERR, "out of memory");
    if (count == 0)
        (void)snprintf(layer->group, sizeof layer->group, "%s", snake);
    else
        (void)snprintf(layer->group, sizeof layer->group, "%s_%lld", snake, (long long)count);
    return 0;
}

static int load_at(struct keras *keras, uint64_t group, const char *path, const char *layer,
                   const struct tensor **tensor, struct err *err)
{
    uint64_t object;
    char name[2 * KERAS_MAX_PATH];
    const char *kept = NULL;
    (void)snprintf(name, sizeof name, "%s/%s", layer, path);
    TRY(hdf5_find(&keras->file, group, path, &object, err));
    if (object == 0)
        return err_set(err, EX_DATAERR, "the weights '%s' are missing from the file", name);
    TRY(copy_text(keras, name, &kept, err));
    return hdf5_tensor(&keras->file, object, kept, tensor, err);
}

// `count` tensors of a layer: by number below `part` in a .keras file, by the layer's list of
// names, from `first` on, in an .h5 file.
static int load(struct keras *keras, const struct layer_source *layer, const char *part,
                size_t first, size_t count, const struct tensor **tensors, struct err *err)
{
    uint64_t group;
    const char **names = NULL;
    size_t listed = 0;
    TRY(hdf5_find(&keras->file, keras->weights, layer->group, &group, err));
    if (group == 0)
        return err_set(err, EX_DATAERR, "the weights of layer '%s' are missing: no group '%s'",
                       layer->name, layer->group);
    if (keras->legacy)
        TRY(hdf5_texts(&keras->file, group, "weight_names", &names, &listed, err));
    if (keras->legacy && listed < first + count)
        return err_set(err, EX_DATAERR, "layer '%s' has %zu weights, it wants %zu", layer->name,
                       listed, first + count);
    for (size_t i = 0; i < count; i++) {
        char path[KERAS_MAX_PATH];
        (void)snprintf(path, sizeof path, "%s/%zu", part, i);
        TRY(load_at(keras, group, keras->legacy ? names[first + i] : path, layer->name, &tensors[i],
                    err));
    }
    return 0;
}

// ---- layers

static int refuse(const struct layer_source *layer, const char *what, struct err *err)
{
    return err_set(err, EX_DATAERR, "layer '%s' %s", layer->name, what);
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
    TRY(load(keras, layer, part, first, bias ? 3 : 2, tensors, err));
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
    drawn->layer.units = (size_t)json_integer_value(json_object_get(layer->config, "units"));
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
    drawn->layer.units = (size_t)json_integer_value(json_object_get(forward.config, "units"));
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
    drawn->layer.units = (size_t)json_integer_value(json_object_get(layer->config, "units"));
    TRY(load(keras, layer, "vars", 0, bias ? 2 : 1, tensors, err));
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

// [batch, steps, features], where the file has it; batch and steps may be null.
static void note_shape(struct keras *keras, const json_t *config)
{
    const json_t *shape = json_object_get(config, "batch_shape");
    if (shape == NULL)
        shape = json_object_get(config, "batch_input_shape");
    const json_int_t steps = json_integer_value(json_array_get(shape, 1)),
                     features = json_integer_value(json_array_get(shape, 2));
    if (json_array_size(shape) != 3)
        return;
    if (steps > 0)
        keras->drawing->lookback = (size_t)steps;
    if (features > 0)
        keras->drawing->features = (size_t)features;
}

static int draw_by_class(struct keras *keras, const struct layer_source *layer, struct err *err)
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

// ---- the row of layers

// Counts what a layer takes its input from, and names the first. Nested only as deep as Keras does.
static size_t find_inputs(const json_t *value, unsigned depth, const char **name)
{
    const json_t *history = json_object_get(value, "keras_history");
    size_t count = 0, i;
    const char *key;
    json_t *child;
    if (history != NULL) {
        *name = first_text(history);
        return 1;
    }
    if (depth == 0)
        return 0;
    json_array_foreach(value, i, child) count += find_inputs(child, depth - 1, name);
    json_object_foreach((json_t *)value, key, child) count += find_inputs(child, depth - 1, name);
    return count;
}

// Keras 3 writes objects with a keras_history, Keras 2 [[["before", 0, 0, {}]]].
static int check_row(struct keras *keras, const struct layer_source *layer, const json_t *inbound,
                     struct err *err)
{
    const char *input = NULL;
    if (json_array_size(inbound) == 0)
        return keras->before == NULL
                   ? 0
                   : refuse(layer, "has an input of its own; only layers in a row are read", err);
    size_t inputs = json_array_size(inbound) == 1 ? find_inputs(inbound, 8, &input) : 2;
    if (inputs == 0) {
        input = first_text(inbound);
        inputs = json_array_size(json_array_get(inbound, 0));
    }
    if (inputs == 1 && input != NULL && keras->before != NULL && strcmp(input, keras->before) == 0)
        return 0;
    return refuse(layer,
                  "does not take its one input from the layer before it; only layers in a row are "
                  "read, without branches",
                  err);
}

static int draw_layer(struct keras *keras, const json_t *entry, bool functional, struct err *err)
{
    struct layer_source layer = {.class = text_of(entry, "class_name"),
                                 .config = json_object_get(entry, "config")};
    const char *name = text_of(layer.config, "name");
    if (name == NULL)
        name = text_of(entry, "name");
    if (layer.class == NULL || name == NULL)
        return err_set(err, EX_DATAERR, "its configuration has a layer without a name or a class");
    TRY(copy_text(keras, name, &layer.name, err)); // errors and the model outlive the JSON
    TRY(name_group(keras, &layer, err));
    if (functional)
        TRY(check_row(keras, &layer, json_object_get(entry, "inbound_nodes"), err));
    keras->before = layer.name;
    note_shape(keras, layer.config);
    return draw_by_class(keras, &layer, err);
}

static int draw_layers(struct keras *keras, const json_t *model, struct err *err)
{
    const char *class = text_of(model, "class_name");
    const json_t *config = json_object_get(model, "config");
    const bool functional =
        class != NULL && (strcmp(class, "Functional") == 0 || strcmp(class, "Model") == 0);
    size_t i;
    json_t *layer;
    if (class == NULL || (!functional && strcmp(class, "Sequential") != 0))
        return err_set(err, EX_DATAERR,
                       "it is a model of class '%.64s'; Sequential and Functional are read",
                       class == NULL ? "" : class);
    const json_t *layers = json_is_array(config) ? config : json_object_get(config, "layers");
    keras->sequence = true;
    json_array_foreach(layers, i, layer) TRY(draw_layer(keras, layer, functional, err));
    if (keras->drawing->layer_count == 0)
        return err_set(err, EX_DATAERR, "its configuration names no layers");
    const char *output = first_text(json_object_get(config, "output_layers"));
    if (output != NULL && strcmp(output, keras->before) != 0)
        return err_set(err, EX_DATAERR, "its output is layer '%.64s', not the last one, '%s'",
                       output, keras->before);
    if (keras->sequence)
        return err_set(err, EX_DATAERR,
                       "it gives an output for every step (return_sequences of its last recurrent "
                       "layer); only one for a sequence is supported");
    const struct tensor *kernel = NULL; // of the first layer that has weights
    for (size_t l = 0; kernel == NULL && l < keras->drawing->layer_count; l++)
        kernel = keras->drawing->layers[l].directions[0].kernel;
    if (keras->drawing->features == 0 && kernel != NULL && kernel->rank == 2)
        keras->drawing->features = kernel->shape[0];
    return 0;
}

static int read_configuration(struct keras *keras, const char *text, size_t size, struct err *err)
{
    json_error_t why;
    json_t *model = json_loadb(text, size, 0, &why);
    if (!json_is_object(model)) {
        json_decref(model);
        return err_set(err, EX_DATAERR, "its configuration is no JSON object: %s", why.text);
    }
    keras->counts = json_object();
    const int code = keras->counts == NULL ? err_set(err, EX_OSERR, "out of memory")
                                           : draw_layers(keras, model, err);
    json_decref(keras->counts);
    json_decref(model);
    return code;
}

// ---- the two files

static int read_h5(struct keras *keras, struct err *err)
{
    const char **texts = NULL;
    size_t count = 0;
    keras->legacy = true;
    keras->drawing->format = "Keras .h5";
    TRY(hdf5_open(&keras->file, keras->source->bytes, keras->source->size, keras->source->arena,
                  err));
    TRY(hdf5_texts(&keras->file, keras->file.root, "model_config", &texts, &count, err));
    if (count != 1)
        return err_set(err, EX_DATAERR,
                       "it is an HDF5 file without Keras' model_config: weights alone do not say "
                       "what they belong to; save the whole model with model.save('NAME.keras')");
    TRY(hdf5_find(&keras->file, keras->file.root, "model_weights", &keras->weights, err));
    if (keras->weights == 0)
        return err_set(err, EX_DATAERR, "it has no group 'model_weights'");
    return read_configuration(keras, texts[0], strlen(texts[0]), err);
}

static int read_member(struct zip_archive *zip, const char *name, struct buffer *out,
                       struct err *err)
{
    for (uint64_t i = 0; i < zip_archive_members(zip); i++) {
        const char *found = zip_archive_name(zip, i);
        if (found != NULL && strcmp(found, name) == 0)
            return zip_archive_read(zip, i, out, err);
    }
    return err_set(err, EX_DATAERR,
                   "it is a zip archive without '%s': not a .keras file (a .pt of PyTorch is saved "
                   "anew with safetensors.torch.save_file)",
                   name);
}

static int read_members(struct keras *keras, struct zip_archive *zip, struct buffer *config,
                        struct buffer *weights, struct err *err)
{
    TRY(read_member(zip, "config.json", config, err));
    TRY(read_member(zip, "model.weights.h5", weights, err));
    TRY(hdf5_open(&keras->file, weights->data, weights->size, keras->source->arena, err));
    TRY(hdf5_find(&keras->file, keras->file.root, "layers", &keras->weights, err));
    if (keras->weights == 0) // Keras 2.12 to 2.15
        TRY(hdf5_find(&keras->file, keras->file.root, "_layer_checkpoint_dependencies",
                      &keras->weights, err));
    if (keras->weights == 0)
        return err_set(err, EX_DATAERR, "its model.weights.h5 has no group 'layers'");
    return read_configuration(keras, config->data, config->size, err);
}

// Keras stores its members as they are; so a little more than the file is room enough, and an
// archive that is a bomb does not fit.
static int read_zip(struct keras *keras, struct err *err)
{
    struct buffer config, weights;
    struct zip_archive *zip;
    const size_t room = 4 * keras->source->size + LIMIT_UNZIP_FREE_BYTES;
    keras->drawing->format = "Keras .keras";
    TRY(zip_archive_open_bytes(&zip, keras->source->bytes, keras->source->size, err));
    buffer_init(&config, room);
    buffer_init(&weights, room);
    const int code = read_members(keras, zip, &config, &weights, err);
    buffer_free(&config);
    buffer_free(&weights);
    zip_archive_close(zip);
    return code;
}

int keras_read(const struct import_source *source, struct drawing *drawing, struct err *err)
{
    struct keras *keras = arena_alloc(source->arena, 1, sizeof *keras, err);
    if (keras == NULL)
        return err_code(err, EX_OSERR);
    *keras = (struct keras){.source = source, .drawing = drawing};
    return source->bytes[0] == 'P' ? read_zip(keras, err) : read_h5(keras, err);
}
