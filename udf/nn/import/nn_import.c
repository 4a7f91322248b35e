// SPDX-License-Identifier: Apache-2.0
// nn-import: a model of Keras, PyTorch or ONNX becomes the next version of a model in the models
// folder. Says what was understood, so that a person can see whether it is what was meant.
#include "base/options.h"
#include "base/version.h"
#include "import/import.h"
#include "model/folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct settings {
    struct import_options import;
    const char *name, *alias, *models, *scaler_file;
    bool check;
};

#define FIELD(member) offsetof(struct settings, member)
static const struct option options[] = {
    {"name", OPTION_TEXT, FIELD(name), "NAME", "the model's name in the models folder", 0, 0},
    {"alias", OPTION_TEXT, FIELD(alias), "ALIAS", "point this alias at it, e.g. production", 0, 0},
    {"check", OPTION_FLAG, FIELD(check), NULL, "say what was understood and add nothing", 0, 0},
    {"lookback", OPTION_INTEGER, FIELD(import.lookback), "N",
     "steps of a sequence, where the file does not say", 1, NETWORK_MAX_LOOKBACK},
    {"features", OPTION_TEXT, FIELD(import.features), "A,B,...",
     "names of the features in their order; f0, f1, ... without", 0, 0},
    {"scaler", OPTION_TEXT, FIELD(scaler_file), "FILE.json",
     "offsets and scales of the features; none without", 0, 0},
    {"task", OPTION_TEXT, FIELD(import.task), "TASK",
     "regression or classes; without, the last activation says", 0, 0},
    {"classes", OPTION_TEXT, FIELD(import.classes), "A,B,...", "names of the classes", 0, 0},
    {"target", OPTION_TEXT, FIELD(import.target), "NAME", "what is predicted", 0, 0},
    {"horizon", OPTION_INTEGER, FIELD(import.horizon), "N",
     "bars from the last step to what is predicted (1)", 1, 100000},
    {"modules", OPTION_TEXT, FIELD(import.modules), "A,B,...",
     "order of a state_dict's modules; that of their names without", 0, 0},
    {"activation", OPTION_TEXT, FIELD(import.activation), "NAME",
     "between the dense layers of a state_dict, which does not say", 0, 0},
    {"last-step", OPTION_FLAG, FIELD(import.last_step), NULL,
     "a bidirectional state_dict is read at out[:, -1], not by its final states", 0, 0},
    {"models", OPTION_TEXT, FIELD(models), "DIR", "the models folder; $TICKHOUSE_MODELS without", 0,
     0},
    {NULL, OPTION_FLAG, 0, NULL, NULL, 0, 0},
};

static const struct command command = {
    "nn import",
    "make a model of Keras, PyTorch or ONNX one of the models folder",
    "nn import FILE --name NAME [options]",
    options,
    "FILE is Keras' .keras or .h5, a PyTorch state_dict as .safetensors, ONNX (GRU, LSTM, Gemm and "
    "what goes\nwith them), or a model of tickhouse.\n",
};

// ---- files

static int read_bytes(const char *path, struct model_bytes *bytes, struct err *err)
{
    const int code = model_file_read(path, LIMIT_IMPORT_BYTES, bytes, err);
    return code == 0 ? 0 : err_prefix(err, "%s", path);
}

// The file's text with a NUL behind it, in the arena.
static int read_text(const char *path, struct arena *arena, const char **text, struct err *err)
{
    struct model_bytes file;
    TRY(read_bytes(path, &file, err));
    char *copy = arena_alloc(arena, file.size + 1, 1, err);
    if (copy != NULL && file.base != NULL) {
        memcpy(copy, file.base, file.size);
        copy[file.size] = '\0';
        *text = copy;
    }
    model_close(&file);
    return copy != NULL ? 0 : err_code(err, EX_OSERR);
}

// ---- what is said

static void print_layer(const struct network_layer *layer, size_t index)
{
    (void)printf("  %zu  %-8s", index, layer_kind_name(layer->kind));
    if (layer->kind == LAYER_DROPOUT) {
        (void)printf("%g", layer->dropout);
        return;
    }
    (void)printf("%zu -> %zu", layer->inputs, layer->outputs);
    if (layer->kind == LAYER_DENSE && layer->activation != ACTIVATION_LINEAR)
        (void)printf(", %s", activation_name(layer->activation));
    if (layer->kind == LAYER_GRU && !layer->reset_after)
        (void)printf(", reset before the product");
    if (layer->bidirectional)
        (void)printf(", both directions%s", layer->sequence    ? ""
                                            : layer->last_step ? ", read at the last step"
                                                               : ", read by their final states");
    (void)printf("%s", layer->sequence ? ", every step" : "");
}

static void print_model(const struct model *model, const struct import_report *report)
{
    const struct network *network = &model->network;
    (void)printf("%s: look-back %zu, %zu features, %zu outputs (%s), %zu parameters\n",
                 report->format, network->lookback, network->features, network->outputs,
                 model->task == TASK_CLASSES ? "classes" : "regression", network->weight_count);
    for (size_t i = 0; i < network->layer_count; i++) {
        print_layer(&network->layers[i], i);
        if (report->drawing != NULL)
            (void)printf("  '%s'", report->drawing->layers[i].name);
        (void)printf("\n");
    }
    (void)printf("scaler: %s\n", model->scaler);
}

// What the file did not say, and which option would.
static void print_hints(const struct settings *settings, const struct model *model,
                        const struct drawing *drawing)
{
    if (drawing->alike[0] != NULL && settings->import.modules == NULL)
        (void)printf("note: '%s' and '%s' fit the same place, and stand in the order of their "
                     "names; --modules A,B,... gives another\n",
                     drawing->alike[0], drawing->alike[1]);
    if (settings->import.features == NULL)
        (void)printf("note: the features are called f0, f1, ...; --features gives their names\n");
    if (settings->import.scaler == NULL)
        (void)printf("note: features are taken as they are; --scaler FILE.json scales them\n");
    if (model->task == TASK_CLASSES && settings->import.classes == NULL)
        (void)printf("note: the classes are called class0, class1, ...; --classes names them\n");
}

// ---- the command

static int check_settings(struct settings *settings, int argc, struct err *err)
{
    struct model_reference reference;
    if (argc != 2)
        return err_set(err, EX_USAGE, "give one file to import; --help tells more");
    if (settings->models == NULL)
        settings->models = getenv("TICKHOUSE_MODELS");
    if (settings->check)
        return 0;
    if (settings->name == NULL)
        return err_set(err, EX_USAGE, "--name NAME says what the model is called from now on");
    if (settings->models == NULL || *settings->models == '\0')
        return err_set(err, EX_USAGE,
                       "no models folder: add --models DIR, set TICKHOUSE_MODELS, or call "
                       "'./tickhouse nn import'");
    TRY(reference_parse(settings->name, strlen(settings->name), &reference, err));
    if (reference.tag[0] != '\0')
        return err_set(err, EX_USAGE, "--name '%s': an alias is given by --alias", settings->name);
    return settings->alias == NULL ? 0 : folder_check_alias(settings->alias, err);
}

static int no_options(const struct import_options *o, struct err *err)
{
    if (o->lookback == 0 && o->features == NULL && o->scaler == NULL && o->task == NULL &&
        o->classes == NULL && o->target == NULL && o->horizon == 0 && o->modules == NULL &&
        o->activation == NULL && !o->last_step)
        return 0;
    return err_set(
        err, EX_USAGE,
        "it is a model of tickhouse, which says everything itself and is taken as it is; "
        "leave the options out");
}

static int add_model(const struct settings *settings, const void *bytes, size_t size,
                     const char *hash, struct err *err)
{
    uint32_t version = 0;
    TRY(folder_add(settings->models, settings->name, bytes, size, &version, err));
    (void)printf("added %s@%u, sha256 %s\n", settings->name, version, hash);
    if (settings->alias == NULL)
        return 0;
    TRY(folder_set_alias(settings->models, settings->name, settings->alias, version, 1, err));
    (void)printf("%s@%s is version %u\n", settings->name, settings->alias, version);
    return 0;
}

static int write_model(const struct settings *settings, struct model *model, struct err *err)
{
    struct buffer out;
    buffer_init(&out, LIMIT_MODEL_BYTES);
    int code = model_write(model, &out, err);
    if (code == 0)
        code = add_model(settings, out.data, out.size, model->hash, err);
    buffer_free(&out);
    return code;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static int describe_origin(const char *path, const char *format, struct arena *arena,
                           struct model *model, struct err *err)
{
    const size_t size = strlen(path) + strlen(format) + 16;
    char *origin = arena_alloc(arena, size, 1, err);
    if (origin == NULL)
        return err_code(err, EX_OSERR);
    (void)snprintf(origin, size, "import: %s, %s", base_name(path), format);
    model->origin = origin;
    return 0;
}

static int import_bytes(const struct settings *settings, const char *path,
                        const struct import_source *source, struct err *err)
{
    struct model model;
    struct import_report report;
    if (import_model(source, &model, &report, err) != 0)
        return err_prefix(err, "%s", path);
    print_model(&model, &report);
    if (report.own) {
        TRY(no_options(&settings->import, err));
        return settings->check ? 0
                               : add_model(settings, source->bytes, source->size, model.hash, err);
    }
    print_hints(settings, &model, report.drawing);
    TRY(describe_origin(path, report.format, source->arena, &model, err));
    return settings->check ? 0 : write_model(settings, &model, err);
}

static int import_file(struct settings *settings, const char *path, struct arena *arena,
                       struct err *err)
{
    struct import_source source = {.options = &settings->import, .arena = arena};
    struct model_bytes file;
    if (settings->scaler_file != NULL)
        TRY(read_text(settings->scaler_file, arena, &settings->import.scaler, err));
    TRY(read_bytes(path, &file, err));
    source.bytes = file.base;
    source.size = file.size;
    const int code = import_bytes(settings, path, &source, err);
    model_close(&file);
    return code;
}

int main(int argc, char **argv)
{
    struct settings settings = {0};
    struct arena arena = {0};
    struct err err = {0};
    enum options_result result = OPTIONS_DONE;
    if (argc > 1 && strcmp(argv[1], "import") == 0) { // as './tickhouse nn import' calls it
        argv++;
        argc--;
    }
    int code = options_parse(&command, &argc, argv, &settings, &result, &err);
    if (code == 0 && result == OPTIONS_DONE)
        return 0;
    if (code == 0)
        code = check_settings(&settings, argc, &err);
    if (code == 0)
        code = arena_open(&arena, LIMIT_IMPORT_MEMORY, &err);
    if (code == 0)
        code = import_file(&settings, argv[1], &arena, &err);
    arena_close(&arena);
    if (fflush(stdout) != 0 && code == 0)
        code = err_set(&err, EX_IOERR, "cannot write: %s", strerror(errno));
    if (code != 0)
        (void)fprintf(stderr, "nn import: %s\n", err.text);
    return code;
}
