// SPDX-License-Identifier: Apache-2.0
// Models of Keras: a .keras file is a zip with config.json and model.weights.h5, an .h5 file has
// the configuration as an attribute and the weights in groups. Layers must stand in a row:
// Sequential, or Functional without branches.
#include "import/keras/keras_parts.h"
#include "net/zip.h"

#include <string.h>

// The first text in lists of lists.
static const char *first_text(const json_t *value)
{
    while (json_is_array(value))
        value = json_array_get(value, 0);
    return json_string_value(value);
}

// ---- the row of layers

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
    TRY(arena_text(keras->source->arena, name, &layer.name,
                   err)); // errors and the model outlive the JSON
    TRY(keras_name_group(keras, &layer, err));
    if (functional)
        TRY(check_row(keras, &layer, json_object_get(entry, "inbound_nodes"), err));
    keras->before = layer.name;
    note_shape(keras, layer.config);
    return keras_draw(keras, &layer, err);
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
