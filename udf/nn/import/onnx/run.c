// SPDX-License-Identifier: Apache-2.0
// Names and what they stand for, and the table of operators.
#include "import/onnx/run.h"

#include <string.h>

// ---- scopes

int scope_open(struct run *run, const struct scope *outer, size_t room, struct scope *scope,
               struct err *err)
{
    *scope = (struct scope){.run = run, .outer = outer, .room = room};
    scope->bindings = arena_alloc(run->arena, room, sizeof *scope->bindings, err);
    return scope->bindings != NULL ? 0 : err_code(err, EX_OSERR);
}

int scope_bind(struct scope *scope, struct proto name, const struct value *value, struct err *err)
{
    if (proto_size(name) == 0 || !run_may_compare(scope->run, name, scope->count))
        return 0;
    for (size_t i = 0; i < scope->count; i++)
        if (text_same(scope->bindings[i].name, name)) {
            scope->bindings[i].value = *value;
            return 0;
        }
    if (scope->count == scope->room)
        return err_set(err, EX_DATAERR, "its graph has more names than parts");
    scope->bindings[scope->count++] = (struct binding){name, *value};
    return 0;
}

const struct value *scope_find(const struct scope *scope, struct proto name)
{
    for (; scope != NULL && run_may_compare(scope->run, name, scope->count); scope = scope->outer)
        for (size_t i = 0; i < scope->count; i++)
            if (text_same(scope->bindings[i].name, name))
                return &scope->bindings[i].value;
    return NULL;
}

bool run_may_compare(struct run *run, struct proto name, size_t others)
{
    const size_t cost = others * (1 + proto_size(name) / 64); // long names take longer
    run->comparisons -= cost < run->comparisons ? cost : run->comparisons;
    return run->comparisons > 0;
}

int run_work(struct run *run, size_t count, struct err *err)
{
    if (count > run->work) {
        (void)err_set(err, EX_DATAERR, "its graph computes more numbers than a network could have");
        return err_code(err, EX_DATAERR);
    }
    run->work -= count;
    return 0;
}

struct proto node_label(const struct onnx_node *node)
{
    if (proto_size(node->name) > 0)
        return node->name;
    for (size_t i = 0; i < node->output_count; i++)
        if (proto_size(node->outputs[i]) > 0)
            return node->outputs[i];
    return node->op;
}

void refuse_say(const struct call *call, const char *why, struct err *err)
{
    (void)err_set(err, EX_DATAERR, "operator %.*s ('%.*s') %s", TEXT(call->node->op),
                  TEXT(node_label(call->node)), why);
}

// ---- operators

static const struct {
    const char *name;
    int (*run)(struct run *run, struct call *call, struct err *err);
} operators[] = {
    {"Add", layer_add},
    {"And", fold_arithmetic},
    {"Cast", axes_cast},
    {"Concat", axes_concat},
    {"Constant", fold_constant},
    {"ConstantOfShape", fold_fill},
    {"Div", fold_arithmetic},
    {"Dropout", axes_same},
    {"Expand", fold_fill},
    {"GRU", layer_recurrent},
    {"Gather", axes_gather},
    {"Gemm", layer_gemm},
    {"Identity", axes_same},
    {"LSTM", layer_recurrent},
    {"Less", fold_arithmetic},
    {"Loop", loop_gru},
    {"MatMul", layer_matmul},
    {"Mul", fold_arithmetic},
    {"Relu", layer_activation},
    {"Reshape", axes_reshape},
    {"ReverseSequence", axes_reverse},
    {"Shape", axes_shape},
    {"Sigmoid", layer_activation},
    {"Slice", axes_slice},
    {"Softmax", layer_activation},
    {"Split", fold_split},
    {"Squeeze", axes_squeeze},
    {"Sub", fold_arithmetic},
    {"Tanh", layer_activation},
    {"Transpose", axes_transpose},
    {"Unsqueeze", axes_unsqueeze},
};

static int fill_call(const struct scope *scope, const struct onnx_node *node, struct call *call,
                     struct err *err)
{
    *call = (struct call){.node = node, .in_count = node->input_count};
    for (size_t i = 0; i < node->input_count; i++) {
        if (proto_size(node->inputs[i]) == 0)
            continue;
        call->in[i] = scope_find(scope, node->inputs[i]);
        if (call->in[i] == NULL)
            return err_set(err, EX_DATAERR, "operator %.*s takes '%.*s', which nothing gives",
                           TEXT(node->op), TEXT(node->inputs[i]));
    }
    return 0;
}

int run_node(struct run *run, struct scope *scope, const struct onnx_node *node, struct err *err)
{
    struct call call;
    size_t op = 0;
    const bool standard = proto_size(node->domain) == 0 || text_is(node->domain, "ai.onnx");
    while (op < sizeof operators / sizeof *operators && !text_is(node->op, operators[op].name))
        op++;
    TRY(fill_call(scope, node, &call, err));
    if (op == sizeof operators / sizeof *operators || !standard)
        return refuse(&call,
                      "is not read: only GRU, LSTM, Gemm, MatMul with Add, Relu, Sigmoid, Tanh, "
                      "Softmax and what moves axes are",
                      err);
    run->scope = scope;
    TRY(operators[op].run(run, &call, err));
    for (size_t i = 0; i < node->output_count; i++)
        TRY(scope_bind(scope, node->outputs[i], &call.out[i], err));
    return 0;
}

int run_graph_constants(struct run *run, struct scope *scope, const struct onnx_graph *graph,
                        struct err *err)
{
    for (size_t i = 0; i < graph->initializer_count; i++) {
        struct value value = {.kind = VALUE_TENSOR};
        TRY(onnx_tensor(graph->initializers[i], run->arena, &value.tensor, err));
        TRY(scope_bind(scope, onnx_tensor_name(graph->initializers[i]), &value, err));
    }
    return 0;
}
