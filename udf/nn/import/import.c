// SPDX-License-Identifier: Apache-2.0
#include "import/import.h"
#include "base/utf8.h"
#include "import/scaler.h"
#include "model/safetensors.h"

#include <stdio.h>
#include <string.h>

// ---- what the user adds

static int copy_name(struct arena *arena, const char *text, size_t size, const char **name,
                     struct err *err)
{
    char *copy = arena_alloc(arena, size + 1, 1, err);
    if (copy == NULL)
        return err_code(err, EX_OSERR);
    memcpy(copy, text, size);
    copy[size] = '\0';
    *name = copy;
    return 0;
}

static int check_new(const char *option, const char **names, size_t last, struct err *err)
{
    for (size_t i = 0; i < last; i++)
        if (strcmp(names[i], names[last]) == 0)
            return err_set(err, EX_USAGE, "--%s names '%.64s' twice", option, names[last]);
    return 0;
}

// Splits "a,b,c" into exactly `count` names.
static int split_names(const char *option, const char *list, size_t count, struct arena *arena,
                       const char **names, struct err *err)
{
    size_t found = 0;
    for (const char *at = list;; at++, found++) {
        const size_t size = strcspn(at, ",");
        if (size == 0)
            return err_set(err, EX_USAGE, "--%s has an empty name in '%s'", option, list);
        if (utf8_valid_prefix(at, size) != size)
            return err_set(err, EX_USAGE, "--%s: name %zu, '%.*s', is no UTF-8", option, found + 1,
                           (int)(size > 64 ? 64 : size), at);
        if (found < count) {
            TRY(copy_name(arena, at, size, &names[found], err));
            TRY(check_new(option, names, found, err));
        }
        at += size;
        if (*at == '\0')
            break;
    }
    return found + 1 == count
               ? 0
               : err_set(err, EX_USAGE, "--%s has %zu names, the network has %zu of them", option,
                         found + 1, count);
}

static int name_features(const struct import_source *source, struct model *model, struct err *err)
{
    const size_t count = model->network.features;
    const char **names = arena_alloc(source->arena, count, sizeof *names, err);
    if (source->options->features == NULL)
        return 0;
    if (names == NULL)
        return err_code(err, EX_OSERR);
    TRY(split_names("features", source->options->features, count, source->arena, names, err));
    for (size_t i = 0; i < count; i++)
        model->features[i].name = names[i];
    return 0;
}

static int name_classes(const struct import_source *source, struct model *model, struct err *err)
{
    model->class_count = model->network.outputs == 1 ? 2 : model->network.outputs;
    if (model->class_count > MODEL_MAX_CLASSES)
        return err_set(err, EX_DATAERR, "it has %zu classes; a model has at most %d",
                       model->class_count, MODEL_MAX_CLASSES);
    if (source->options->classes != NULL)
        return split_names("classes", source->options->classes, model->class_count, source->arena,
                           model->classes, err);
    for (size_t i = 0; i < model->class_count; i++) {
        char name[16];
        const int size = snprintf(name, sizeof name, "class%zu", i);
        TRY(copy_name(source->arena, name, (size_t)size, &model->classes[i], err));
    }
    return 0;
}

// Classes that a file's last layer gives as logits (PyTorch's losses take them so) get the
// activation that makes probabilities of them.
static int set_task(const struct import_source *source, struct model *model, struct err *err)
{
    const struct import_options *options = source->options;
    struct network_layer *last = &model->network.layers[model->network.layer_count - 1];
    const bool dense = last->kind == LAYER_DENSE,
               probabilities =
                   dense && (last->activation == ACTIVATION_SOFTMAX ||
                             (last->activation == ACTIVATION_SIGMOID && last->units == 1));
    if (options->task != NULL && strcmp(options->task, "regression") != 0 &&
        strcmp(options->task, "classes") != 0)
        return err_set(err, EX_USAGE, "--task is regression or classes, not '%s'", options->task);
    const bool classes = options->task != NULL ? strcmp(options->task, "classes") == 0
                                               : probabilities || options->classes != NULL;
    if (!classes)
        return 0;
    if (!dense || (!probabilities && last->activation != ACTIVATION_LINEAR))
        return err_set(err, EX_USAGE,
                       "--task classes wants a last dense layer with softmax, with one sigmoid "
                       "unit, or without activation");
    if (!probabilities)
        last->activation = last->units == 1 ? ACTIVATION_SIGMOID : ACTIVATION_SOFTMAX;
    model->task = TASK_CLASSES;
    return name_classes(source, model, err);
}

static int add_options(const struct import_source *source, struct model *model, struct err *err)
{
    const struct import_options *options = source->options;
    TRY(name_features(source, model, err));
    TRY(set_task(source, model, err));
    if (options->scaler != NULL)
        TRY(scaler_apply(options->scaler, strlen(options->scaler), model, err));
    if (options->target != NULL)
        model->target = options->target;
    if (options->horizon != 0)
        model->horizon = (size_t)options->horizon;
    return 0;
}

// ---- the format

static bool is_safetensors(const struct import_source *source)
{
    uint64_t header;
    if (source->size < sizeof header + 1)
        return false;
    memcpy(&header, source->bytes, sizeof header);
    return source->bytes[sizeof header] == '{' && header <= LIMIT_MODEL_HEADER_BYTES;
}

static bool begins_with(const struct import_source *source, const char *signature)
{
    return source->size > strlen(signature) &&
           memcmp(source->bytes, signature, strlen(signature)) == 0;
}

static int read_safetensors(const struct import_source *source, struct drawing *drawing,
                            struct model *model, bool *own, struct err *err)
{
    struct safetensors file;
    TRY(safetensors_read(source->bytes, source->size, source->arena, &file, err));
    const char *format = safetensors_metadata(&file, "format");
    *own = format != NULL && strncmp(format, "tickhouse model", strlen("tickhouse model")) == 0;
    return *own ? model_read(source->bytes, source->size, model, source->arena, err)
                : torch_read(source, &file, drawing, err);
}

static int read_drawing(const struct import_source *source, struct drawing *drawing,
                        struct model *model, bool *own, struct err *err)
{
    if (is_safetensors(source))
        return read_safetensors(source, drawing, model, own, err);
    if (begins_with(source, "PK\3\4") || begins_with(source, "\x89HDF"))
        return keras_read(source, drawing, err);
    if (source->size > 2 && source->bytes[0] == 0x08) // the field that files of ONNX begin with
        return onnx_read(source, drawing, err);
    return err_set(err, EX_DATAERR,
                   "it is no model file that is known here: not Keras (.keras, .h5), PyTorch "
                   "(.safetensors) or ONNX");
}

// The file's look-back and the option's must agree where both are known.
static int settle_lookback(const struct import_options *options, struct drawing *drawing,
                           struct err *err)
{
    const size_t wanted = (size_t)options->lookback;
    if (wanted == 0 && drawing->lookback == 0)
        return err_set(err, EX_USAGE,
                       "the file does not say how many steps a sequence has; add --lookback N, the "
                       "length that it was trained with");
    if (wanted != 0 && drawing->lookback != 0 && wanted != drawing->lookback)
        return err_set(err, EX_USAGE,
                       "--lookback %zu: the file was made for sequences of %zu steps", wanted,
                       drawing->lookback);
    if (wanted != 0)
        drawing->lookback = wanted;
    return 0;
}

int import_model(const struct import_source *source, struct model *model,
                 struct import_report *report, struct err *err)
{
    struct drawing *drawing = arena_alloc(source->arena, 1, sizeof *drawing, err);
    if (drawing == NULL)
        return err_code(err, EX_OSERR);
    memset(drawing, 0, sizeof *drawing);
    *report = (struct import_report){.format = "a model of tickhouse"};
    TRY(read_drawing(source, drawing, model, &report->own, err));
    if (report->own)
        return 0;
    report->format = drawing->format;
    report->drawing = drawing;
    TRY(settle_lookback(source->options, drawing, err));
    TRY(drawing_build(drawing, source->arena, model, err));
    return add_options(source, model, err);
}
