// SPDX-License-Identifier: Apache-2.0
// A Loop that is a GRU. Keras' exporter writes a GRU so: a body of a dozen operators, run once for
// every step. How it is written changes with every version, so it is not compared with a pattern:
// the body is tried on random numbers, and is a GRU when it computes what a GRU with the weights
// that it holds would, at several steps, and goes on until the last.
#include "import/onnx/run.h"

#include <math.h>
#include <string.h>

enum { LOOP_TRIED = 4, LOOP_MAX_CARRIED = 16, LOOP_MAX_CANDIDATES = 16 };

struct loop {
    struct run *run;
    const struct call *call;
    const struct onnx_graph *body;
    const struct stream *sequence; // what the body reads step by step
    struct proto sequence_name;
    size_t steps, features, units;
    size_t carried, state; // how many are carried, and which of them is the state
    const struct tensor *candidates[LOOP_MAX_CANDIDATES];
    size_t candidate_count;
    double *x; // (steps, features), random
    // what was tried: states before and after, and x at that step
    const double *before[LOOP_TRIED + 1], *after[LOOP_TRIED + 1], *inputs[LOOP_TRIED + 1];
    size_t tried;
    size_t scan; // which output of the body is the state of every step; 0 is none
};

static int cannot(const struct loop *loop, const char *why, struct err *err)
{
    (void)err_set(err, EX_DATAERR,
                  "operator Loop ('%.*s') %s; only a GRU that Keras exported is understood as a "
                  "Loop: import the .keras file itself",
                  TEXT(node_label(loop->call->node)), why);
    return err_code(err, EX_DATAERR);
}

// Small numbers of both signs, the same in every run.
static double noise(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return (double)(int32_t)(*seed >> 32) / 2147483648.0;
}

// ---- what the body works with

static void add_candidate(struct loop *loop, const struct value *value)
{
    if (value->kind != VALUE_TENSOR || value->tensor.rank == 0 || value->tensor.rank > 2 ||
        value->tensor.elements < 2)
        return;
    for (size_t i = 0; i < loop->candidate_count; i++)
        if (loop->candidates[i]->values == value->tensor.values)
            return;
    if (loop->candidate_count < LOOP_MAX_CANDIDATES)
        loop->candidates[loop->candidate_count++] = &value->tensor;
}

// Names of the graph around that the body uses: the sequence, and weights.
static int find_captured(struct loop *loop, struct err *err)
{
    for (size_t n = 0; n < loop->body->node_count; n++)
        for (size_t i = 0; i < loop->body->nodes[n].input_count; i++) {
            const struct proto name = loop->body->nodes[n].inputs[i];
            const struct value *value =
                proto_size(name) == 0 ? NULL : scope_find(loop->run->scope, name);
            if (value == NULL)
                continue;
            if (value->kind == VALUE_STREAM && loop->sequence != NULL &&
                !text_same(loop->sequence_name, name))
                return cannot(loop, "reads several sequences", err);
            if (value->kind == VALUE_STREAM) {
                loop->sequence = &value->stream;
                loop->sequence_name = name;
            }
            add_candidate(loop, value);
        }
    if (loop->sequence == NULL)
        return cannot(loop, "reads no sequence", err);
    const struct axis *axes = loop->sequence->axes;
    if (loop->sequence->rank != 3 || axes[0].role != AXIS_TIME || axes[1].role != AXIS_BATCH ||
        axes[2].role != AXIS_FEATURE || axes[0].size == SIZE_UNKNOWN)
        return cannot(loop, "reads a sequence whose steps are not counted", err);
    loop->steps = axes[0].size;
    loop->features = axes[2].size;
    return 0;
}

// What it starts with: one state of zeros, and constants.
static int find_carried(struct loop *loop, struct err *err)
{
    const struct call *call = loop->call;
    size_t states = 0;
    loop->carried = call->in_count - 2;
    if (loop->carried > LOOP_MAX_CARRIED || loop->body->input_count != call->in_count ||
        loop->body->output_count < loop->carried + 1 || loop->body->output_count > ONNX_MAX_OUTPUTS)
        return cannot(loop, "does not fit its body", err);
    for (size_t i = 0; i < loop->carried; i++) {
        const struct value *value = call->in[2 + i];
        if (value == NULL || (value->kind != VALUE_TENSOR && value->kind != VALUE_FILL))
            return cannot(loop, "carries what is not known", err);
        add_candidate(loop, value);
        if (value->kind == VALUE_FILL && value->fill == 0 && value->tensor.rank == 2) {
            loop->state = i;
            loop->units = value->tensor.shape[1];
            states++;
        }
    }
    if (states != 1 || loop->units == SIZE_UNKNOWN || loop->units > NETWORK_MAX_UNITS)
        return cannot(loop, "carries other than one state of zeros", err);
    return 0;
}

static int check_count(const struct loop *loop, struct err *err)
{
    const struct value *count = loop->call->in[0], *go = loop->call->in[1];
    if (count == NULL || count->kind != VALUE_TENSOR || count->tensor.elements != 1 ||
        count->tensor.values[0] != (double)loop->steps)
        return cannot(loop, "does not run once for every step", err);
    return go == NULL ||
                   (go->kind == VALUE_TENSOR && go->tensor.elements == 1 && value_is_all(go, 1))
               ? 0
               : cannot(loop, "may not run at all", err);
}

// ---- trying the body

static int bind_numbers(struct loop *loop, struct scope *scope, struct proto name, size_t rank,
                        const size_t *shape, const double *numbers, struct err *err)
{
    struct value value;
    double *values;
    TRY(tensor_new(loop->run, rank, shape, &value, &values, err));
    memcpy(values, numbers, value.tensor.elements * sizeof *values);
    return scope_bind(scope, name, &value, err);
}

// The body's scope at a step: its own constants, the sequence, the step's number, the state, and
// what else is carried, of which a single number counts the steps.
static int open_step(struct loop *loop, struct scope *scope, size_t step, const double *state,
                     struct err *err)
{
    const struct onnx_graph *body = loop->body;
    const double number = (double)step, yes = 1;
    const size_t sequence[] = {loop->steps, 1, loop->features}, row[] = {1, loop->units};
    size_t room = body->initializer_count + body->input_count + 1;
    for (size_t i = 0; i < body->node_count; i++)
        room += body->nodes[i].output_count;
    TRY(scope_open(loop->run, loop->run->scope, room, scope, err));
    TRY(run_graph_constants(loop->run, scope, body, err));
    TRY(bind_numbers(loop, scope, loop->sequence_name, 3, sequence, loop->x, err));
    TRY(bind_numbers(loop, scope, body->inputs[0].name, 0, NULL, &number, err));
    TRY(bind_numbers(loop, scope, body->inputs[1].name, 0, NULL, &yes, err));
    for (size_t i = 0; i < loop->carried; i++) {
        const struct proto name = body->inputs[2 + i].name;
        const struct value *first = loop->call->in[2 + i];
        if (i == loop->state)
            TRY(bind_numbers(loop, scope, name, 2, row, state, err));
        else if (first->kind == VALUE_TENSOR && first->tensor.elements == 1)
            TRY(bind_numbers(loop, scope, name, first->tensor.rank, first->tensor.shape, &number,
                             err));
        else
            TRY(scope_bind(scope, name, first, err));
    }
    return 0;
}

// What is carried besides the state must stay as it is, or count.
static int check_kept(const struct loop *loop, const struct scope *scope, size_t step,
                      struct err *err)
{
    for (size_t i = 0; i < loop->carried; i++) {
        const struct value *first = loop->call->in[2 + i],
                           *next = scope_find(scope, loop->body->outputs[1 + i].name);
        if (i == loop->state)
            continue;
        if (next == NULL || next->kind != first->kind)
            return cannot(loop, "changes what it carries", err);
        if (first->kind == VALUE_FILL)
            continue;
        const bool counts = first->tensor.elements == 1 && value_is_all(first, 0) &&
                            value_is_all(next, (double)step + 1);
        if (!counts && next->tensor.values != first->tensor.values)
            return cannot(loop, "changes what it carries", err);
    }
    return 0;
}

static int try_step(struct loop *loop, size_t step, const double *state, struct err *err)
{
    struct scope scope;
    TRY(open_step(loop, &scope, step, state, err));
    for (size_t i = 0; i < loop->body->node_count; i++) {
        if (text_is(loop->body->nodes[i].op, "Loop"))
            return cannot(loop, "has another in it", err);
        TRY(run_node(loop->run, &scope, &loop->body->nodes[i], err));
    }
    loop->run->scope = scope.outer;
    const struct value *go = scope_find(&scope, loop->body->outputs[0].name),
                       *next = scope_find(&scope, loop->body->outputs[1 + loop->state].name);
    if (go == NULL || (step + 1 < loop->steps && !value_is_all(go, 1)))
        return cannot(loop, "ends before the last step", err);
    if (next == NULL || next->kind != VALUE_TENSOR || next->tensor.elements != loop->units)
        return cannot(loop, "gives a state of another width", err);
    TRY(check_kept(loop, &scope, step, err));
    loop->before[loop->tried] = state;
    loop->inputs[loop->tried] = loop->x + step * loop->features;
    loop->after[loop->tried++] = next->tensor.values;
    for (size_t o = loop->body->output_count; o-- > 1 + loop->carried;) {
        const struct value *scan = scope_find(&scope, loop->body->outputs[o].name);
        if (scan != NULL && scan->kind == VALUE_TENSOR && scan->tensor.elements == loop->units &&
            memcmp(scan->tensor.values, next->tensor.values,
                   loop->units * sizeof *next->tensor.values) == 0)
            loop->scan = o;
    }
    return 0;
}

static int try_body(struct loop *loop, struct err *err)
{
    const size_t count = loop->steps * loop->features;
    uint64_t seed = 5;
    TRY(run_work(loop->run, count, err));
    loop->x = arena_alloc(loop->run->arena, count, sizeof *loop->x, err);
    double *state = arena_alloc(loop->run->arena, loop->units, sizeof *state, err);
    if (loop->x == NULL || state == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < count; i++)
        loop->x[i] = noise(&seed);
    for (size_t i = 0; i < loop->units; i++)
        state[i] = noise(&seed);
    const double *now = state;
    for (size_t step = 0; step < LOOP_TRIED && step < loop->steps; step++) {
        TRY(try_step(loop, step, now, err));
        now = loop->after[loop->tried - 1];
    }
    // Whether it would end before: where it decides for the last time.
    return loop->steps > LOOP_TRIED + 1 ? try_step(loop, loop->steps - 2, now, err) : 0;
}

// ---- which weights make a GRU of it

struct guess {
    const struct tensor *kernel, *recurrent, *bias; // bias: NULL for none
    bool reset_after;
};

// One value of x (inputs) times a column of the matrix (inputs, 3 x units), and its bias.
static double column(const double *x, size_t inputs, const struct tensor *matrix, size_t at,
                     const double *bias)
{
    double sum = bias == NULL ? 0 : bias[at];
    for (size_t i = 0; i < inputs; i++)
        sum += x[i] * matrix->values[i * matrix->shape[1] + at];
    return sum;
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

// How far a GRU's next state is from the one that was tried.
static double distance(const struct loop *loop, const struct guess *guess, size_t trial,
                       double *scratch)
{
    const size_t units = loop->units, inputs = loop->features;
    const double *x = loop->inputs[trial], *h = loop->before[trial],
                 *bias = guess->bias == NULL ? NULL : guess->bias->values,
                 *second = guess->bias == NULL || !guess->reset_after ? NULL : bias + 3 * units;
    double most = 0, *reset = scratch, *held = scratch + units;
    for (size_t u = 0; u < units; u++) {
        reset[u] = sigmoid(column(x, inputs, guess->kernel, units + u, bias) +
                           column(h, units, guess->recurrent, units + u, second));
        held[u] = reset[u] * h[u];
    }
    for (size_t u = 0; u < units; u++) {
        const size_t c = 2 * units + u;
        const double update = sigmoid(column(x, inputs, guess->kernel, u, bias) +
                                      column(h, units, guess->recurrent, u, second)),
                     product = guess->reset_after
                                   ? reset[u] * column(h, units, guess->recurrent, c, second)
                                   : column(held, units, guess->recurrent, c, NULL),
                     candidate = tanh(column(x, inputs, guess->kernel, c, bias) + product);
        const double off = fabs(update * h[u] + (1 - update) * candidate - loop->after[trial][u]);
        most = off <= most ? most : off;
    }
    return most;
}

static bool is_gru(const struct loop *loop, const struct guess *guess, double *scratch)
{
    for (size_t i = 0; i < loop->tried; i++)
        if (!(distance(loop, guess, i, scratch) < 1e-9))
            return false;
    return true;
}

static bool has_shape(const struct tensor *tensor, size_t rows, size_t columns)
{
    return tensor->rank == 2 && tensor->shape[0] == rows && tensor->shape[1] == columns;
}

// With a bias for each product (2, 3 x units) it is reset after; with one, before; without, either.
static bool try_biases(const struct loop *loop, struct guess *guess, double *scratch)
{
    const size_t width = 3 * loop->units;
    for (size_t b = 0; b <= loop->candidate_count; b++) {
        const struct tensor *bias = b < loop->candidate_count ? loop->candidates[b] : NULL;
        const bool two = bias != NULL && has_shape(bias, 2, width);
        if (bias != NULL && !two && bias->elements != width)
            continue;
        guess->bias = bias;
        for (int after = 0; after < 2; after++) {
            guess->reset_after = after;
            if ((bias == NULL || two == guess->reset_after) && is_gru(loop, guess, scratch))
                return true;
        }
    }
    return false;
}

static int find_weights(struct loop *loop, struct guess *guess, struct err *err)
{
    const size_t width = 3 * loop->units;
    size_t work;
    if (__builtin_mul_overflow(width * (loop->units + loop->features), (size_t)4, &work))
        return cannot(loop, "is too large", err);
    double *scratch = arena_alloc(loop->run->arena, 2 * loop->units, sizeof *scratch, err);
    if (scratch == NULL)
        return err_code(err, EX_OSERR);
    for (size_t k = 0; k < loop->candidate_count; k++)
        for (size_t r = 0; r < loop->candidate_count; r++) {
            guess->kernel = loop->candidates[k];
            guess->recurrent = loop->candidates[r];
            if (k == r || !has_shape(guess->kernel, loop->features, width) ||
                !has_shape(guess->recurrent, loop->units, width))
                continue;
            TRY(run_work(loop->run, work, err));
            if (try_biases(loop, guess, scratch))
                return 0;
        }
    return cannot(loop, "does not compute what a GRU does", err);
}

// ---- the layer

static int draw(struct loop *loop, const struct guess *guess, struct stream *out, struct err *err)
{
    const size_t width = 3 * loop->units;
    const char *name;
    TRY(layer_name(loop->run, loop->call->node, &name, err));
    const bool backwards = loop->sequence->reversed;
    struct drawn_layer *layer = layer_direction(loop->run, loop->sequence, LAYER_GRU, loop->units,
                                                backwards, name, out, err);
    if (layer == NULL)
        return err_code(err, EX_DATAERR);
    struct drawn_direction *to = &layer->directions[backwards];
    if (layer->layer.bidirectional && layer->layer.reset_after != guess->reset_after)
        return cannot(loop, "differs from the other direction", err);
    layer->layer.reset_after = guess->reset_after;
    layer->order = GATES_KERAS;
    to->kernel = guess->kernel;
    to->recurrent = guess->recurrent;
    if (guess->bias == NULL)
        return 0;
    TRY(tensor_piece(guess->bias, 0, 0, width, loop->run->arena, &to->bias, err));
    return guess->reset_after ? tensor_piece(guess->bias, width, 0, width, loop->run->arena,
                                             &to->recurrent_bias, err)
                              : 0;
}

int loop_gru(struct run *run, struct call *call, struct err *err)
{
    const struct onnx_attribute *body = onnx_attribute(call->node, "body");
    struct loop loop = {.run = run, .call = call};
    struct guess guess = {0};
    struct stream out;
    if (body == NULL || body->graph == NULL || call->in_count < 3)
        return refuse(call, "has no body", err);
    loop.body = body->graph;
    TRY(find_captured(&loop, err));
    TRY(find_carried(&loop, err));
    TRY(check_count(&loop, err));
    TRY(try_body(&loop, err));
    TRY(find_weights(&loop, &guess, err));
    TRY(draw(&loop, &guess, &out, err));
    const struct axis batch = loop.sequence->axes[1], time = loop.sequence->axes[0],
                      units = {AXIS_FEATURE, loop.units};
    struct stream state = out, steps = out;
    state.rank = 2;
    state.axes[0] = batch;
    state.axes[1] = units;
    steps.rank = 3;
    steps.axes[0] = time;
    steps.axes[1] = batch;
    steps.axes[2] = units;
    steps.reversed = loop.sequence->reversed;
    call->out[loop.state] = (struct value){.kind = VALUE_STREAM, .stream = state};
    if (loop.scan != 0)
        call->out[loop.scan - 1] = (struct value){.kind = VALUE_STREAM, .stream = steps};
    return 0;
}
