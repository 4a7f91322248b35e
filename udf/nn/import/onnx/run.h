// SPDX-License-Identifier: Apache-2.0
// An ONNX graph is run once, on what is known without data. A value is
//   a tensor: numbers, such as weights and indices; also shapes, in which the batch is a symbol,
//   a fill: one number in every place of some shape, such as initial states,
//   a stream: what the network computes, of which the roles of the axes are known and not the
//     numbers. Operators that move axes about change the roles; GRU, Gemm and the like add a layer
//     to the drawing,
//   a stack: streams one behind the other, such as the final states of several layers.
// What the graph's output is at the end is what the last layer drawn gives, or there is a sentence.
#ifndef TICKHOUSE_NN_IMPORT_ONNX_RUN_H
#define TICKHOUSE_NN_IMPORT_ONNX_RUN_H

#include "import/import.h"
#include "import/onnx/graph.h"

enum { STACK_MAX = 2 * NETWORK_MAX_LAYERS };

// Numbers in shapes that are not known; no weight is as large.
#define SYMBOL_BATCH (-1e300)
#define SYMBOL_UNKNOWN (-2e300)
#define SIZE_UNKNOWN 0 // a dimension

static inline bool is_symbol(double value)
{
    return value <= SYMBOL_BATCH;
}

enum value_kind { VALUE_NONE, VALUE_TENSOR, VALUE_FILL, VALUE_STREAM, VALUE_STACK };
enum role { AXIS_BATCH, AXIS_TIME, AXIS_DIRECTION, AXIS_FEATURE, AXIS_ONE };
enum half { HALF_NONE, HALF_FORWARD, HALF_BACKWARD };

struct axis {
    enum role role;
    size_t size; // or SIZE_UNKNOWN
};

struct stream {
    size_t rank;
    struct axis axes[TENSOR_MAX_RANK];
    size_t after;   // how many layers of the drawing it has passed
    enum half half; // of a bidirectional layer
    bool reversed;  // its time runs backwards
    bool last;      // without a time axis: the output at the last step, not the final state
};

struct value {
    enum value_kind kind;
    struct tensor tensor; // of VALUE_FILL only its rank and shape
    double fill;
    struct stream stream;
    struct stream *stack;
    size_t stack_count;
};

struct binding {
    struct proto name;
    struct value value;
};

struct scope {
    struct run *run;
    const struct scope *outer;
    struct binding *bindings;
    size_t count, room;
};

struct run {
    const struct import_source *source;
    struct drawing *drawing;
    struct arena *arena;
    int64_t opset;
    size_t work;        // how many numbers may still be computed
    size_t comparisons; // how many names may still be compared; 0: none, and it ends
    bool time_first;    // the input is (time, batch, features)
    bool wants_time_first;
    const struct scope *scope; // of the node at work
};

// What an operator gets: its inputs, NULL for what is not there, and cleared outputs to fill.
struct call {
    const struct onnx_node *node;
    const struct value *in[ONNX_MAX_INPUTS];
    struct value out[ONNX_MAX_OUTPUTS];
    size_t in_count;
};

// ---- run.c
int run_node(struct run *run, struct scope *scope, const struct onnx_node *node, struct err *err);
int run_graph_constants(struct run *run, struct scope *scope, const struct onnx_graph *graph,
                        struct err *err);
int scope_open(struct run *run, const struct scope *outer, size_t room, struct scope *scope,
               struct err *err);
int scope_bind(struct scope *scope, struct proto name, const struct value *value, struct err *err);
const struct value *scope_find(const struct scope *scope, struct proto name);
int run_work(struct run *run, size_t count, struct err *err);
// Whether a name may still be compared with so many others. Once it may not, nothing is found any
// more, and onnx_read says why.
bool run_may_compare(struct run *run, struct proto name, size_t others);
// How a sentence calls a node: by its name, or by what it gives.
struct proto node_label(const struct onnx_node *node);
void refuse_say(const struct call *call, const char *why, struct err *err);

static inline int refuse(const struct call *call, const char *why, struct err *err)
{
    refuse_say(call, why, err);
    return err_code(err, EX_DATAERR);
}

// ---- fold.c: tensors
int tensor_new(struct run *run, size_t rank, const size_t *shape, struct value *value,
               double **values, struct err *err);

// An input as a list of whole numbers: node.inputs[index], or the attribute of older operator sets.
// *list is NULL when there is neither.
int call_list(struct run *run, const struct call *call, size_t index, const char *attribute,
              const double **list, size_t *count, struct err *err);
bool value_is_all(const struct value *value, double number);

int fold_constant(struct run *run, struct call *call, struct err *err);
int fold_fill(struct run *run, struct call *call, struct err *err);
int fold_arithmetic(struct run *run, struct call *call, struct err *err);
int fold_function(struct run *run, struct call *call, struct err *err);
int fold_product(struct run *run, struct call *call, struct err *err);
int fold_split(struct run *run, struct call *call, struct err *err);
int fold_concat(struct run *run, struct call *call, struct err *err);
int fold_take(struct run *run, struct call *call, size_t axis, const double *indices, size_t count,
              bool drop, struct err *err);
int fold_permute(struct run *run, struct call *call, const size_t *order, struct err *err);
int fold_shape(struct run *run, struct call *call, size_t rank, const size_t *shape,
               struct err *err);

// ---- axes.c: operators that move axes, for tensors, fills and streams
int axes_same(struct run *run, struct call *call, struct err *err);
int axes_cast(struct run *run, struct call *call, struct err *err);
int axes_shape(struct run *run, struct call *call, struct err *err);
int axes_transpose(struct run *run, struct call *call, struct err *err);
int axes_squeeze(struct run *run, struct call *call, struct err *err);
int axes_unsqueeze(struct run *run, struct call *call, struct err *err);
int axes_slice(struct run *run, struct call *call, struct err *err);
int axes_gather(struct run *run, struct call *call, struct err *err);
int axes_reshape(struct run *run, struct call *call, struct err *err);
int axes_concat(struct run *run, struct call *call, struct err *err);
int axes_reverse(struct run *run, struct call *call, struct err *err);

// ---- layers.c
int layer_recurrent(struct run *run, struct call *call, struct err *err);
int layer_gemm(struct run *run, struct call *call, struct err *err);
int layer_matmul(struct run *run, struct call *call, struct err *err);
int layer_add(struct run *run, struct call *call, struct err *err);
int layer_activation(struct run *run, struct call *call, struct err *err);

// Draws one direction of a recurrent layer that reads a stream, or joins it to the other direction
// that was drawn just before. Fills the axis-less part of *out.
struct drawn_layer *layer_direction(struct run *run, const struct stream *in, enum layer_kind kind,
                                    size_t units, bool backwards, const char *name,
                                    struct stream *out, struct err *err);
int layer_name(struct run *run, const struct onnx_node *node, const char **name, struct err *err);

// ---- loop.c
int loop_gru(struct run *run, struct call *call, struct err *err);

#endif
