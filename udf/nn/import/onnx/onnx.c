// SPDX-License-Identifier: Apache-2.0
// A file of ONNX: which of its nodes the output needs, what its input is, and whether what comes
// out in the end is what the last layer gives.
#include "import/onnx/run.h"

#include <string.h>

// ---- what is needed

struct needed {
    struct run *run;
    struct proto *names;
    size_t count, room;
};

static bool is_needed(const struct needed *needed, struct proto name)
{
    const bool may = run_may_compare(needed->run, name, needed->count);
    for (size_t i = 0; may && i < needed->count; i++)
        if (text_same(needed->names[i], name))
            return true;
    return false;
}

static void need(struct needed *needed, struct proto name)
{
    if (proto_size(name) > 0 && needed->count < needed->room && !is_needed(needed, name))
        needed->names[needed->count++] = name;
}

static size_t count_inputs(const struct onnx_graph *graph)
{
    size_t count = 0;
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct onnx_node *node = &graph->nodes[i];
        count += node->input_count;
        for (size_t a = 0; a < node->attribute_count; a++)
            if (node->attributes[a].graph != NULL)
                count += count_inputs(node->attributes[a].graph);
    }
    return count;
}

// The inputs of a node, and the names of the graph around that its body may use.
static void need_inputs(struct needed *needed, const struct onnx_node *node)
{
    for (size_t i = 0; i < node->input_count; i++)
        need(needed, node->inputs[i]);
    for (size_t a = 0; a < node->attribute_count; a++) {
        const struct onnx_graph *body = node->attributes[a].graph;
        for (size_t n = 0; body != NULL && n < body->node_count; n++)
            need_inputs(needed, &body->nodes[n]);
    }
}

// Nodes stand in an order in which they can be run; going back from the output, one is needed when
// something after it needs what it gives.
static int mark_needed(struct run *run, const struct onnx_graph *graph, struct proto output,
                       bool *marks, struct err *err)
{
    struct needed needed = {.run = run, .room = count_inputs(graph) + 1};
    needed.names = arena_alloc(run->arena, needed.room, sizeof *needed.names, err);
    if (needed.names == NULL)
        return err_code(err, EX_OSERR);
    need(&needed, output);
    for (size_t n = graph->node_count; n-- > 0;) {
        const struct onnx_node *node = &graph->nodes[n];
        marks[n] = false;
        for (size_t o = 0; o < node->output_count; o++)
            marks[n] = marks[n] ||
                       (proto_size(node->outputs[o]) > 0 && is_needed(&needed, node->outputs[o]));
        if (marks[n])
            need_inputs(&needed, node);
    }
    return 0;
}

// ---- input and output

// The one input that is no constant: (batch, steps, features), or with the first two exchanged.
static int bind_input(struct run *run, struct scope *scope, const struct onnx_graph *graph,
                      struct err *err)
{
    const struct onnx_port *input = NULL;
    for (size_t i = 0; i < graph->input_count; i++) {
        if (scope_find(scope, graph->inputs[i].name) != NULL)
            continue;
        if (input != NULL)
            return err_set(err, EX_DATAERR, "it has two inputs, '%.*s' and '%.*s'; one is read",
                           TEXT(input->name), TEXT(graph->inputs[i].name));
        input = &graph->inputs[i];
    }
    if (input == NULL || input->rank != 3 || input->shape[2] == SIZE_UNKNOWN)
        return err_set(err, EX_DATAERR,
                       "its input is not a sequence: (batch, steps, features) with a known number "
                       "of features");
    struct value value = {.kind = VALUE_STREAM, .stream = {.rank = 3}};
    const size_t time = run->time_first ? 0 : 1;
    value.stream.axes[time] = (struct axis){AXIS_TIME, input->shape[time]};
    value.stream.axes[1 - time] = (struct axis){AXIS_BATCH, SIZE_UNKNOWN};
    value.stream.axes[2] = (struct axis){AXIS_FEATURE, input->shape[2]};
    const size_t told = (size_t)run->source->options->lookback;
    if (input->shape[time] == SIZE_UNKNOWN)
        value.stream.axes[time].size = told;
    run->drawing->lookback = input->shape[time];
    run->drawing->features = input->shape[2];
    return scope_bind(scope, input->name, &value, err);
}

static int check_output(const struct run *run, const struct value *value, struct err *err)
{
    const struct drawing *drawing = run->drawing;
    if (value == NULL || value->kind != VALUE_STREAM ||
        value->stream.after != drawing->layer_count || drawing->layer_count == 0)
        return err_set(err, EX_DATAERR, "its output is not what its last layer gives");
    const struct stream *stream = &value->stream;
    if (stream->half == HALF_BACKWARD ||
        (stream->half == HALF_FORWARD &&
         drawing->layers[drawing->layer_count - 1].layer.bidirectional))
        return err_set(err, EX_DATAERR, "its output is one direction of a layer without the other");
    for (size_t i = 0; i < stream->rank; i++)
        if ((stream->axes[i].role == AXIS_TIME && stream->axes[i].size != 1) ||
            stream->axes[i].role == AXIS_DIRECTION)
            return err_set(err, EX_DATAERR,
                           "it gives an output for every step or direction; only one for a "
                           "sequence is supported");
    for (size_t i = 0; i < drawing->layer_count; i++)
        if (drawing->layers[i].directions[0].kernel == NULL)
            return err_set(err, EX_DATAERR,
                           "layer '%s' only goes backwards, which is not supported",
                           drawing->layers[i].name);
    return 0;
}

// ---- the graph

static int run_graph(struct run *run, const struct onnx_graph *graph, struct err *err)
{
    struct scope scope;
    size_t room = graph->initializer_count + graph->input_count;
    for (size_t i = 0; i < graph->node_count; i++)
        room += graph->nodes[i].output_count;
    bool *marks = arena_alloc(run->arena, graph->node_count, sizeof *marks, err);
    if (marks == NULL)
        return err_code(err, EX_OSERR);
    if (graph->output_count == 0)
        return err_set(err, EX_DATAERR, "it has no output");
    const struct proto output = graph->outputs[0].name;
    TRY(mark_needed(run, graph, output, marks, err));
    TRY(scope_open(run, NULL, room, &scope, err));
    TRY(run_graph_constants(run, &scope, graph, err));
    TRY(bind_input(run, &scope, graph, err));
    for (size_t i = 0; i < graph->node_count; i++)
        if (marks[i])
            TRY(run_node(run, &scope, &graph->nodes[i], err));
    return check_output(run, scope_find(&scope, output), err);
}

// Weights are copied a few times and tried out a few times; a small file cannot ask for much.
static size_t allowed_work(size_t file_size)
{
    enum { WORK_FREE = 1 << 20, WORK_A_BYTE = 64 };
    const size_t work = WORK_FREE + WORK_A_BYTE * file_size;
    return work < LIMIT_IMPORT_WORK ? work : LIMIT_IMPORT_WORK;
}

// With work anew, since a file may be run twice.
static int run_from_start(struct run *run, const struct onnx_graph *graph, struct err *err)
{
    enum { COMPARISONS = 1 << 24 }; // of a graph with some thousand operators
    run->work = allowed_work(run->source->size);
    run->comparisons = COMPARISONS;
    const int code = run_graph(run, graph, err);
    if (run->comparisons > 0)
        return code;
    *err = (struct err){0}; // what was missed since is not what is wrong
    return err_set(err, EX_DATAERR, "its graph has more names than that of a network");
}

int onnx_read(const struct import_source *source, struct drawing *drawing, struct err *err)
{
    struct onnx_model model;
    struct err first = {0};
    TRY(onnx_parse(source->bytes, source->size, source->arena, &model, err));
    struct run run = {
        .source = source, .drawing = drawing, .arena = source->arena, .opset = model.opset};
    const size_t mark = arena_mark(source->arena);
    int code = run_from_start(&run, &model.graph, &first);
    if (code != 0 && run.wants_time_first) {
        arena_rewind(source->arena, mark);
        memset(drawing, 0, sizeof *drawing);
        memset(&first, 0, sizeof first);
        run.time_first = true;
        code = run_from_start(&run, &model.graph, &first);
    }
    drawing->format = "ONNX";
    return code == 0 ? 0 : err_set(err, first.code, "%s", first.text);
}
