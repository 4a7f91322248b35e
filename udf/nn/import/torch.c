// SPDX-License-Identifier: Apache-2.0
// A PyTorch state_dict saved as safetensors. It holds weights and no program: modules are told by
// the names of their tensors (weight_ih_l0, ..., of nn.GRU and nn.LSTM; weight and bias of
// nn.Linear), and their order by their names and widths, in which numbers count as numbers, or by
// --modules. What it cannot say (the look-back, activations between dense layers, which step is
// read) options say.
#include "import/import.h"
#include "model/safetensors.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { TORCH_MAX_TENSORS = 1024, TORCH_MAX_MODULES = 64, TORCH_MAX_NAME = 256 };

struct module {
    const char *first; // a tensor's name, whose first `size` bytes are the module's prefix
    size_t size;
    bool recurrent;
};

struct state {
    const struct import_source *source;
    const struct safetensors *file;
    struct drawing *drawing;
    struct module modules[TORCH_MAX_MODULES];
    size_t module_count, used; // tensors used
};

// "gru.0." before "gru.1." before "gru.10."
static int compare_names(const struct module *a, const struct module *b)
{
    size_t i = 0, j = 0;
    while (i < a->size && j < b->size) {
        size_t x = 0, y = 0;
        if (!isdigit((unsigned char)a->first[i]) || !isdigit((unsigned char)b->first[j])) {
            if (a->first[i] != b->first[j])
                return (unsigned char)a->first[i] < (unsigned char)b->first[j] ? -1 : 1;
            i++, j++;
            continue;
        }
        while (i < a->size && isdigit((unsigned char)a->first[i]))
            x = x * 10 + (size_t)(a->first[i++] - '0');
        while (j < b->size && isdigit((unsigned char)b->first[j]))
            y = y * 10 + (size_t)(b->first[j++] - '0');
        if (x != y)
            return x < y ? -1 : 1;
    }
    return (i < a->size) - (j < b->size);
}

static const char *module_name(const struct state *state, const struct module *module,
                               struct err *err)
{
    const size_t size = module->size > 0 ? module->size - 1 : 0; // without the dot
    char *name = arena_alloc(state->source->arena, size + 1, 1, err);
    if (name == NULL)
        return NULL;
    memcpy(name, module->first, size);
    name[size] = '\0';
    return name;
}

static const struct safetensor *find(const struct state *state, const struct module *module,
                                     const char *leaf, size_t layer, const char *suffix)
{
    char name[TORCH_MAX_NAME];
    const int size =
        suffix == NULL
            ? snprintf(name, sizeof name, "%.*s%s", (int)module->size, module->first, leaf)
            : snprintf(name, sizeof name, "%.*s%s_l%zu%s", (int)module->size, module->first, leaf,
                       layer, suffix);
    return size < 0 || (size_t)size >= sizeof name ? NULL : safetensors_find(state->file, name);
}

static int take(struct state *state, const struct safetensor *from, const struct tensor **to,
                struct err *err)
{
    static const enum element elements[] = {ELEMENT_F32,  ELEMENT_F64, ELEMENT_F16,
                                            ELEMENT_BF16, ELEMENT_I64, ELEMENT_OTHER};
    *to = NULL;
    if (from == NULL)
        return 0;
    if (from->type > TENSOR_BF16)
        return err_set(err, EX_DATAERR, "tensor '%s' is %s; weights are F32, F64, F16 or BF16",
                       from->name, from->type_name);
    struct tensor *tensor = arena_alloc(state->source->arena, 1, sizeof *tensor, err);
    if (tensor == NULL)
        return err_code(err, EX_OSERR);
    *tensor = (struct tensor){.name = from->name, .rank = from->rank, .elements = from->elements};
    memcpy(tensor->shape, from->shape, sizeof tensor->shape);
    TRY(tensor_decode(from->data, elements[from->type], from->elements, state->source->arena,
                      &tensor->values, err));
    state->used++;
    *to = tensor;
    return 0;
}

// ---- which modules there are

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static int check_leaf(const struct safetensor *tensor, const char *leaf, bool *recurrent,
                      struct err *err)
{
    *recurrent = begins(leaf, "weight_ih_l") || begins(leaf, "weight_hh_l") ||
                 begins(leaf, "bias_ih_l") || begins(leaf, "bias_hh_l");
    if (*recurrent)
        return 0;
    if (begins(leaf, "weight_hr_l"))
        return err_set(err, EX_DATAERR,
                       "tensor '%s' projects the states of an LSTM (proj_size), which is not "
                       "supported; train it without",
                       tensor->name);
    if ((strcmp(leaf, "weight") == 0 && tensor->rank == 2) ||
        (strcmp(leaf, "bias") == 0 && tensor->rank == 1))
        return 0;
    return err_set(err, EX_DATAERR,
                   "tensor '%s' belongs to no nn.GRU, nn.LSTM or nn.Linear; only these are read",
                   tensor->name);
}

static int add_module(struct state *state, const struct safetensor *tensor, struct err *err)
{
    const char *dot = strrchr(tensor->name, '.'), *leaf = dot == NULL ? tensor->name : dot + 1;
    struct module module = {.first = tensor->name, .size = (size_t)(leaf - tensor->name)};
    TRY(check_leaf(tensor, leaf, &module.recurrent, err));
    size_t at = 0;
    while (at < state->module_count && compare_names(&state->modules[at], &module) < 0)
        at++;
    if (at < state->module_count && compare_names(&state->modules[at], &module) == 0)
        return 0;
    if (state->module_count == TORCH_MAX_MODULES)
        return err_set(err, EX_DATAERR, "it has more than %d modules", TORCH_MAX_MODULES);
    memmove(&state->modules[at + 1], &state->modules[at],
            (state->module_count - at) * sizeof *state->modules);
    state->modules[at] = module;
    state->module_count++;
    return 0;
}

// ---- their order

static bool is_called(const struct module *module, const char *name, size_t size)
{
    return (module->size > 0 ? module->size - 1 : 0) == size &&
           memcmp(module->first, name, size) == 0;
}

// As --modules has it: every module, once.
static int order_modules(struct state *state, const char *list, struct err *err)
{
    size_t done = 0;
    for (const char *at = list;; at++) {
        const size_t size = strcspn(at, ",");
        size_t m = done;
        while (m < state->module_count && !is_called(&state->modules[m], at, size))
            m++;
        if (m == state->module_count)
            return err_set(err, EX_USAGE,
                           "--modules: '%.*s' is none of the file's modules, or is named twice",
                           (int)size, at);
        const struct module found = state->modules[m];
        state->modules[m] = state->modules[done];
        state->modules[done++] = found;
        at += size;
        if (*at == '\0')
            break;
    }
    return done == state->module_count
               ? 0
               : err_set(err, EX_USAGE, "--modules does not name '%.*s', which the file has",
                         (int)state->modules[done].size - 1, state->modules[done].first);
}

static size_t inputs_of(const struct state *state, const struct module *module)
{
    const struct safetensor *kernel = module->recurrent ? find(state, module, "weight_ih", 0, "")
                                                        : find(state, module, "weight", 0, NULL);
    return kernel != NULL && kernel->rank == 2 ? kernel->shape[1] : 0;
}

// Remembers another module that could stand where this one is put.
static int note_alike(struct state *state, const bool *drawn, size_t at, struct err *err)
{
    const struct module *module = &state->modules[at];
    const char **alike = state->drawing->alike;
    for (size_t i = 0; i < state->module_count && alike[0] == NULL; i++) {
        const struct module *other = &state->modules[i];
        if (i == at || drawn[i] || other->recurrent != module->recurrent ||
            inputs_of(state, other) != inputs_of(state, module))
            continue;
        alike[0] = module_name(state, module, err);
        alike[1] = module_name(state, other, err);
        if (alike[0] == NULL || alike[1] == NULL)
            return err_code(err, EX_OSERR);
    }
    return 0;
}

// ---- recurrent modules

static int take_direction(struct state *state, const struct module *module, size_t layer,
                          const char *suffix, struct drawn_direction *direction, struct err *err)
{
    TRY(take(state, find(state, module, "weight_ih", layer, suffix), &direction->kernel, err));
    TRY(take(state, find(state, module, "weight_hh", layer, suffix), &direction->recurrent, err));
    TRY(take(state, find(state, module, "bias_ih", layer, suffix), &direction->bias, err));
    TRY(take(state, find(state, module, "bias_hh", layer, suffix), &direction->recurrent_bias,
             err));
    if (direction->kernel == NULL || direction->recurrent == NULL)
        return err_set(err, EX_DATAERR, "module '%.*s' has no %s_l%zu%s", (int)module->size,
                       module->first, direction->kernel == NULL ? "weight_ih" : "weight_hh", layer,
                       suffix);
    return 0;
}

// The kind follows from how many rows there are for each unit.
static int tell_kind(const struct drawn_direction *direction, struct network_layer *layer,
                     struct err *err)
{
    const struct tensor *recurrent = direction->recurrent;
    const size_t units = recurrent->rank == 2 ? recurrent->shape[1] : 0,
                 rows = recurrent->rank == 2 ? recurrent->shape[0] : 0;
    layer->units = units;
    layer->reset_after = true;
    layer->kind = LAYER_GRU;
    if (units != 0 && rows / 3 == units && rows % 3 == 0)
        return 0;
    layer->kind = LAYER_LSTM;
    layer->reset_after = false;
    if (units != 0 && rows / 4 == units && rows % 4 == 0)
        return 0;
    return err_set(err, EX_DATAERR,
                   "tensor '%s' is %zu x %zu, which is neither an nn.GRU (3 rows a unit) nor an "
                   "nn.LSTM (4)",
                   recurrent->name, rows, units);
}

static int draw_recurrent(struct state *state, const struct module *module, size_t *width,
                          struct err *err)
{
    const char *name = module_name(state, module, err);
    if (name == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i == 0 || find(state, module, "weight_ih", i, "") != NULL; i++) {
        struct drawn_layer *drawn = drawing_add(state->drawing, LAYER_GRU, name, err);
        if (drawn == NULL)
            return err_code(err, EX_DATAERR);
        drawn->order = GATES_TORCH;
        drawn->transposed = true;
        TRY(take_direction(state, module, i, "", &drawn->directions[0], err));
        TRY(tell_kind(&drawn->directions[0], &drawn->layer, err));
        drawn->layer.bidirectional = find(state, module, "weight_ih", i, "_reverse") != NULL;
        if (drawn->layer.bidirectional)
            TRY(take_direction(state, module, i, "_reverse", &drawn->directions[1], err));
        const struct tensor *kernel = drawn->directions[0].kernel;
        const size_t inputs = kernel->rank == 2 ? kernel->shape[1] : 0;
        if (*width != 0 && *width != inputs)
            return err_set(err, EX_DATAERR,
                           "tensor '%s' takes %zu inputs, what stands before it gives %zu; "
                           "recurrent modules stand in the order of their names, or of --modules",
                           kernel->name, inputs, *width);
        if (*width == 0)
            state->drawing->features = inputs;
        *width = drawn->layer.units * (drawn->layer.bidirectional ? 2 : 1);
    }
    return 0;
}

// ---- dense modules

// The next that fits; in a given order the next must fit.
static const struct module *next_dense(const struct state *state, const bool *drawn, size_t width)
{
    for (size_t i = 0; i < state->module_count; i++) {
        if (drawn[i])
            continue;
        if (inputs_of(state, &state->modules[i]) == width)
            return &state->modules[i];
        if (state->source->options->modules != NULL)
            break;
    }
    return NULL;
}

static int draw_dense(struct state *state, const struct module *module, size_t *width,
                      struct err *err)
{
    const char *name = module_name(state, module, err);
    struct drawn_layer *drawn =
        name == NULL ? NULL : drawing_add(state->drawing, LAYER_DENSE, name, err);
    if (drawn == NULL)
        return err_code(err, EX_DATAERR);
    drawn->transposed = true;
    TRY(take(state, find(state, module, "weight", 0, NULL), &drawn->directions[0].kernel, err));
    TRY(take(state, find(state, module, "bias", 0, NULL), &drawn->directions[0].bias, err));
    *width = drawn->layer.units = drawn->directions[0].kernel->shape[0];
    return 0;
}

static int activate_between(struct state *state, size_t first, struct err *err)
{
    const char *name = state->source->options->activation;
    enum activation activation = ACTIVATION_LINEAR;
    if (state->drawing->layer_count < first + 2)
        return 0;
    if (name == NULL)
        return err_set(err, EX_USAGE,
                       "it has %zu dense layers, and a state_dict does not say what stands between "
                       "them; add --activation relu (or tanh, sigmoid, linear)",
                       state->drawing->layer_count - first);
    if (!activation_parse(name, &activation) || activation == ACTIVATION_SOFTMAX)
        return err_set(err, EX_USAGE, "--activation is relu, tanh, sigmoid or linear, not '%s'",
                       name);
    for (size_t i = first; i + 1 < state->drawing->layer_count; i++)
        state->drawing->layers[i].layer.activation = activation;
    return 0;
}

static int draw_all(struct state *state, struct err *err)
{
    bool drawn[TORCH_MAX_MODULES] = {false};
    size_t width = 0;
    for (size_t i = 0; i < state->module_count; i++)
        if (state->modules[i].recurrent) {
            TRY(draw_recurrent(state, &state->modules[i], &width, err));
            drawn[i] = true;
            TRY(note_alike(state, drawn, i, err));
        }
    if (width == 0)
        return err_set(err, EX_DATAERR, "it has no nn.GRU or nn.LSTM");
    const size_t first = state->drawing->layer_count;
    state->drawing->layers[first - 1].layer.last_step = state->source->options->last_step;
    for (const struct module *m; (m = next_dense(state, drawn, width)) != NULL;) {
        drawn[m - state->modules] = true;
        TRY(note_alike(state, drawn, (size_t)(m - state->modules), err));
        TRY(draw_dense(state, m, &width, err));
    }
    for (size_t i = 0; i < state->module_count; i++)
        if (!drawn[i])
            return err_set(err, EX_DATAERR,
                           "module '%.*s' takes no %zu inputs, which is what stands before it",
                           (int)state->modules[i].size, state->modules[i].first, width);
    return activate_between(state, first, err);
}

int torch_read(const struct import_source *source, const struct safetensors *file,
               struct drawing *drawing, struct err *err)
{
    struct state state = {.source = source, .file = file, .drawing = drawing};
    drawing->format = "PyTorch state_dict";
    if (file->count > TORCH_MAX_TENSORS)
        return err_set(err, EX_DATAERR, "it has %zu tensors; no network of ours has more than %d",
                       file->count, TORCH_MAX_TENSORS);
    for (size_t i = 0; i < file->count; i++)
        TRY(add_module(&state, &file->tensors[i], err));
    if (source->options->modules != NULL)
        TRY(order_modules(&state, source->options->modules, err));
    TRY(draw_all(&state, err));
    if (state.used == file->count)
        return 0;
    return err_set(err, EX_DATAERR,
                   "it has %zu tensors, of which its layers use %zu; a layer's number is missing, "
                   "or a name is used twice",
                   file->count, state.used);
}
