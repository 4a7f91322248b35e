// SPDX-License-Identifier: Apache-2.0
// ONNX's own vectors, one folder for each operator: what it does here, or that it is refused.
// Weights are inputs there; they become constants of the graph. Operators without a recurrent layer
// get one of zeros before them. Usage: test_nn_onnx_node FOLDER
#include "forward/forward.h"
#include "import/onnx/graph.h"
#include "onnx_writer.h"
#include "oracle.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const double tolerance = 1e-6; // the vectors are floats

struct vectors {
    const char *folder, *name;
    struct arena *arena;
};

static bool read_part(const struct vectors *v, const char *kind, int index, struct proto *message,
                      struct tensor *tensor)
{
    char path[PATH_MAX];
    size_t size = 0;
    (void)snprintf(path, sizeof path, "%s/%s/test_data_set_0/%s_%d.pb", v->folder, v->name, kind,
                   index);
    const unsigned char *bytes = oracle_file(path, v->arena, &size);
    *message = (struct proto){bytes, bytes + size};
    return bytes != NULL && onnx_tensor(*message, v->arena, tensor, NULL) == 0;
}

static bool fail(const struct vectors *v, const char *why)
{
    (void)printf("%-32s WRONG: %s\n", v->name, why);
    return false;
}

static bool import(const struct vectors *v, const struct buffer *bytes, struct model *model,
                   struct err *err)
{
    const struct import_options options = {0};
    return oracle_import((const unsigned char *)bytes->data, bytes->size, &options, v->arena, model,
                         err) == 0;
}

// The file with its inputs from the second on as constants.
static bool make_constant(const struct vectors *v, struct buffer *out)
{
    char path[PATH_MAX];
    size_t size = 0;
    struct proto part;
    struct tensor tensor;
    struct buffer graph;
    struct proto_field field;
    bool more = true;
    (void)snprintf(path, sizeof path, "%s/%s/model.onnx", v->folder, v->name);
    const unsigned char *bytes = oracle_file(path, v->arena, &size);
    struct proto message = {bytes, bytes + size};
    if (bytes == NULL)
        return false;
    while (proto_next(&message, &field, &more, NULL) == 0 && more && field.number != 7)
        continue;
    buffer_init(&graph, 1 << 20);
    (void)buffer_append(&graph, field.bytes.at, proto_size(field.bytes), NULL);
    for (int i = 1; read_part(v, "input", i, &part, &tensor); i++)
        put_part(&graph, 5, part.at, proto_size(part));
    put_model(out, &graph, 22);
    buffer_free(&graph);
    return true;
}

static double farthest(const struct tensor *wanted, const double *got)
{
    double most = 0;
    for (size_t i = 0; i < wanted->elements; i++)
        most = fmax(most, isfinite(got[i]) ? fabs(got[i] - wanted->values[i]) : INFINITY);
    return most;
}

// X is (steps, batch, features), or with the batch first; ours always has it first.
static bool check_recurrent(const struct vectors *v, bool batch_first)
{
    struct buffer bytes;
    struct model model;
    struct err err = {0};
    struct proto part;
    struct tensor x, y;
    buffer_init(&bytes, 1 << 20);
    if (!make_constant(v, &bytes) || !read_part(v, "input", 0, &part, &x) ||
        !read_part(v, "output", 0, &part, &y))
        return fail(v, "its files cannot be read");
    if (!import(v, &bytes, &model, &err))
        return fail(v, err.text);
    const size_t steps = x.shape[batch_first ? 1 : 0], batch = x.shape[batch_first ? 0 : 1],
                 features = x.shape[2];
    float *in = arena_alloc(v->arena, x.elements, sizeof *in, NULL);
    double *out = arena_alloc(v->arena, y.elements, sizeof *out, NULL);
    for (size_t b = 0; b < batch; b++)
        for (size_t t = 0; t < steps; t++)
            for (size_t f = 0; f < features; f++)
                in[(b * steps + t) * features + f] =
                    (float)x.values[((batch_first ? b * steps + t : t * batch + b)) * features + f];
    if (model.network.lookback != steps || model.network.outputs * batch != y.elements ||
        forward_reference(&model.network, in, batch, out, &err) != 0)
        return fail(v, "its widths are others");
    const double distance = farthest(&y, out);
    (void)printf("%-32s %.1e\n", v->name, distance);
    buffer_free(&bytes);
    return distance <= tolerance || fail(v, "its output differs");
}

static bool check_refused(const struct vectors *v, const char *sentence)
{
    struct buffer bytes;
    struct model model;
    struct err err = {0};
    buffer_init(&bytes, 1 << 20);
    if (!make_constant(v, &bytes))
        return fail(v, "its files cannot be read");
    if (import(v, &bytes, &model, &err) || strstr(err.text, sentence) == NULL)
        return fail(v, err.code == 0 ? "was read" : err.text);
    (void)printf("%-32s refused: %s\n", v->name, err.text);
    buffer_free(&bytes);
    return true;
}

// A dense layer that gives its bias whatever it reads; the operator is its activation.
static bool check_activation(const struct vectors *v, const char *op)
{
    struct buffer graph, bytes;
    struct model model;
    struct err err = {0};
    struct proto part;
    struct tensor x, y;
    buffer_init(&graph, 1 << 20);
    buffer_init(&bytes, 1 << 20);
    if (!read_part(v, "input", 0, &part, &x) || !read_part(v, "output", 0, &part, &y))
        return fail(v, "its files cannot be read");
    float *bias = arena_alloc(v->arena, x.elements, sizeof *bias, NULL), nothing = 0;
    double *out = arena_alloc(v->arena, y.elements, sizeof *out, NULL);
    for (size_t i = 0; i < x.elements; i++)
        bias[i] = (float)x.values[i];
    const size_t kernel[] = {1, x.elements, 0}, *vector = kernel + 1;
    put_idle_gru(&graph, 1);
    put_floats(&graph, "D", kernel, NULL);
    put_floats(&graph, "C", vector, bias);
    put_node(&graph, "MatMul", "h,D", "m");
    put_node(&graph, "Add", "m,C", "a");
    put_node(&graph, op, "a", "y");
    put_model(&bytes, &graph, 13);
    if (!import(v, &bytes, &model, &err) ||
        forward_reference(&model.network, &nothing, 1, out, &err) != 0)
        return fail(v, err.text);
    const double distance = farthest(&y, out);
    (void)printf("%-32s %.1e\n", v->name, distance);
    buffer_free(&graph);
    buffer_free(&bytes);
    return distance <= tolerance || fail(v, "its output differs");
}

// a x b, where b is the kernel of a dense layer: multiplied here with what was imported.
static bool check_product(const struct vectors *v, const char *op)
{
    struct buffer graph, bytes;
    struct model model;
    struct err err = {0};
    struct proto part;
    struct tensor a, b, y;
    buffer_init(&graph, 1 << 20);
    buffer_init(&bytes, 1 << 20);
    if (!read_part(v, "input", 0, &part, &a) || !read_part(v, "input", 1, &part, &b) ||
        !read_part(v, "output", 0, &part, &y))
        return fail(v, "its files cannot be read");
    put_idle_gru(&graph, b.shape[0]);
    (void)read_part(v, "input", 1, &part, &b);
    put_part(&graph, 5, part.at, proto_size(part));
    put_node(&graph, op, "h,b", "y");
    put_model(&bytes, &graph, 13);
    if (!import(v, &bytes, &model, &err))
        return fail(v, err.text);
    const float *kernel = model.network.weights + model.network.layers[1].kernel;
    double *out = arena_alloc(v->arena, y.elements, sizeof *out, NULL);
    for (size_t i = 0; i < a.shape[0]; i++)
        for (size_t j = 0; j < b.shape[1]; j++) {
            double sum = 0;
            for (size_t k = 0; k < b.shape[0]; k++)
                sum += a.values[i * a.shape[1] + k] * (double)kernel[k * b.shape[1] + j];
            out[i * b.shape[1] + j] = sum;
        }
    const double distance = farthest(&y, out);
    (void)printf("%-32s %.1e\n", v->name, distance);
    buffer_free(&graph);
    buffer_free(&bytes);
    return distance <= tolerance || fail(v, "its output differs");
}

static size_t check_all(const struct vectors *all)
{
    static const struct {
        const char *name, *text;
        enum { STEPS_FIRST, BATCH_FIRST, REFUSED, ACTIVATION, PRODUCT } kind;
    } cases[] = {
        {"test_gru_defaults", NULL, STEPS_FIRST},
        {"test_gru_seq_length", NULL, STEPS_FIRST},
        {"test_gru_with_initial_bias", NULL, STEPS_FIRST},
        {"test_gru_batchwise", NULL, BATCH_FIRST},
        {"test_lstm_defaults", NULL, STEPS_FIRST},
        {"test_lstm_with_initial_bias", NULL, STEPS_FIRST},
        {"test_lstm_batchwise", NULL, BATCH_FIRST},
        {"test_lstm_with_peepholes", "operator LSTM ('Y_h') has peepholes", REFUSED},
        {"test_rnn_seq_length", "operator RNN ('Y_h') is not read", REFUSED},
        {"test_simple_rnn_defaults", "is not read", REFUSED},
        {"test_simple_rnn_batchwise", "is not read", REFUSED},
        {"test_simple_rnn_with_initial_bias", "is not read", REFUSED},
        {"test_layer_normalization_default_axis", "its input is not a sequence", REFUSED},
        {"test_sigmoid", "Sigmoid", ACTIVATION},
        {"test_tanh", "Tanh", ACTIVATION},
        {"test_softmax_example", "Softmax", ACTIVATION},
        {"test_gemm_default_no_bias", "Gemm", PRODUCT},
        {"test_matmul_2d", "MatMul", PRODUCT},
    };
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct vectors v = {all->folder, cases[i].name, all->arena};
        arena_reset(all->arena);
        wrong += !(cases[i].kind == REFUSED      ? check_refused(&v, cases[i].text)
                   : cases[i].kind == ACTIVATION ? check_activation(&v, cases[i].text)
                   : cases[i].kind == PRODUCT    ? check_product(&v, cases[i].text)
                                              : check_recurrent(&v, cases[i].kind == BATCH_FIRST));
    }
    return wrong;
}

int main(int argc, char **argv)
{
    struct arena arena;
    if (argc != 2 || access(argv[1], R_OK) != 0) {
        (void)printf("skipped: %s is not there\n", argc == 2 ? argv[1] : "FOLDER");
        return 77;
    }
    if (arena_open(&arena, 1ULL << 30, NULL) != 0)
        return 1;
    const size_t wrong = check_all(&(struct vectors){argv[1], NULL, &arena});
    (void)printf("%zu wrong\n", wrong);
    return wrong != 0;
}
