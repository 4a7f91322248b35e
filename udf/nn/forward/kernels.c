// SPDX-License-Identifier: Apache-2.0
// The kernels of kernels.h. A tile of sums, sequences by columns, stays in registers while a loop
// goes over what is multiplied: each weight that is loaded serves every sequence, each value every
// column. A single sequence has no others to hide the latency of a multiply-add behind, so that
// several panels run side by side.
#include "kernels.h"
#include "gates.h"

#include <string.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

#define UNROLL _Pragma("GCC unroll 16")

// What runs best: sums of several panels side by side, of one sequence fewer so that the cache
// keeps panels, and sequences of a tile by the gates that a panel has.
#if defined(__AVX512F__) || defined(__ARM_NEON)
enum { SUMS = 16, SUMS_OF_ONE = 8, MOST = 8, MOST_LSTM = 4 };
#define EACH_COUNT(apply, ...)                                                                     \
    apply(1, __VA_ARGS__) apply(2, __VA_ARGS__) apply(4, __VA_ARGS__) apply(6, __VA_ARGS__)        \
        apply(8, __VA_ARGS__)
#else
enum { SUMS = 12, SUMS_OF_ONE = 8, MOST = 4, MOST_LSTM = 3 };
#define EACH_COUNT(apply, ...)                                                                     \
    apply(1, __VA_ARGS__) apply(2, __VA_ARGS__) apply(3, __VA_ARGS__) apply(4, __VA_ARGS__)
#endif

enum { MAX_COLUMNS = 16 };

// The sums of a tile, [row][panel x gates + gate].
typedef vec tile[KERNELS_MAX_ROWS][MAX_COLUMNS];

// sums += rows (rows, count) times weights (count, gates, LANES) of `wide` panels that are `size`
// floats apart.
INLINE void multiply(size_t rows, size_t gates, size_t wide, tile sums, const value *const *a,
                     size_t count, const float *weights, size_t size)
{
    for (size_t k = 0; k < count; k++)
        UNROLL for (size_t w = 0; w < wide; w++)
        {
            vec column[KERNELS_MAX_GATES];
            UNROLL for (size_t g = 0; g < gates; g++) column[g] =
                vec_load(weights + w * size + (k * gates + g) * LANES);
            UNROLL for (size_t r = 0; r < rows; r++)
            {
                const vec x = vec_all_of(a[r] + k * PACKED);
                UNROLL for (size_t g = 0; g < gates; g++) sums[r][w * gates + g] =
                    vec_multiply_add(column[g], x, sums[r][w * gates + g]);
            }
        }
}

INLINE size_t gates_of(enum panel_kind kind)
{
    return kind == PANEL_GRU ? 3 : kind == PANEL_LSTM ? 4 : kind == PANEL_RESET ? 2 : 1;
}

INLINE size_t biases_of(enum panel_kind kind)
{
    return kind == PANEL_GRU ? 4 : gates_of(kind);
}

// How many panels run side by side: as many as there are registers for.
INLINE size_t wide_of(enum panel_kind kind, size_t rows)
{
    const size_t sums = rows * gates_of(kind), most = rows == 1 ? SUMS_OF_ONE : SUMS;
    return 4 * sums <= most ? 4 : 2 * sums <= most ? 2 : 1;
}

INLINE size_t elements(size_t values)
{
    return (values + PACKED - 1) / PACKED;
}

// What finish() needs of a step, beside the sums.
struct place {
    const struct step *step;
    size_t row, panel;
};

INLINE size_t place_offset(const struct place *at)
{
    return (at->row * at->step->panels->count + at->panel) * LANES;
}

INLINE void set_state(const struct place *at, vec h)
{
    vec_store(at->step->state + place_offset(at), h);
    vec_store_values((value *)at->step->out + place_offset(at), h);
}

// h' = z h + (1 - z) candidate
INLINE vec mix(vec update, vec h, vec candidate)
{
    return vec_fma(update, h - candidate, candidate);
}

INLINE void finish_gru(const struct place *at, const vec *sums, vec candidate_input)
{
    const vec update = vec_sigmoid(sums[0]), reset = vec_sigmoid(sums[1]);
    const vec candidate = vec_tanh(vec_fma(reset, sums[2], candidate_input));
    set_state(at, mix(update, vec_load(at->step->state + place_offset(at)), candidate));
}

INLINE void finish_reset(const struct place *at, const vec *sums)
{
    const vec h = vec_load(at->step->state + place_offset(at));
    vec_store(at->step->update + place_offset(at), vec_sigmoid(sums[0]));
    vec_store_values((value *)at->step->out + place_offset(at), vec_sigmoid(sums[1]) * h);
}

INLINE void finish_candidate(const struct place *at, const vec *sums)
{
    const vec update = vec_load(at->step->update + place_offset(at));
    set_state(at, mix(update, vec_load(at->step->state + place_offset(at)), vec_tanh(sums[0])));
}

INLINE void finish_lstm(const struct place *at, const vec *sums)
{
    float *state = at->step->state + place_offset(at);
    const vec kept = vec_sigmoid(sums[1]) * vec_load(state);
    const vec cell = vec_fma(vec_sigmoid(sums[0]), vec_tanh(sums[2]), kept);
    vec_store(state, cell);
    vec_store_values((value *)at->step->out + place_offset(at),
                     vec_sigmoid(sums[3]) * vec_tanh(cell));
}

INLINE vec activate(enum activation activation, vec x)
{
    switch (activation) {
    case ACTIVATION_RELU:
        return vec_max(vec_all(0), x);
    case ACTIVATION_SIGMOID:
        return clamp(vec_sigmoid(x), 0, 1);
    case ACTIVATION_TANH:
        return clamp(vec_tanh(x), -1, 1);
    case ACTIVATION_LINEAR:
    case ACTIVATION_SOFTMAX: // of a whole row: by the caller
        break;
    }
    return x;
}

INLINE void finish(enum panel_kind kind, const struct place *at, const vec *sums,
                   vec candidate_input)
{
    switch (kind) {
    case PANEL_GRU:
        finish_gru(at, sums, candidate_input);
        break;
    case PANEL_RESET:
        finish_reset(at, sums);
        break;
    case PANEL_CANDIDATE:
        finish_candidate(at, sums);
        break;
    case PANEL_LSTM:
        finish_lstm(at, sums);
        break;
    case PANEL_DENSE:
    case PANEL_KINDS:
        vec_store(at->step->dense + place_offset(at),
                  activate(at->step->panels->activation, sums[0]));
        break;
    }
}

INLINE void row_pointers(const struct rows *rows, size_t count, const value **out)
{
    UNROLL for (size_t r = 0; r < count; r++) out[r] = (const value *)rows->data + r * rows->stride;
}

INLINE void load_sums(size_t rows, size_t columns, size_t wide, tile sums, const float *from,
                      size_t size)
{
    UNROLL for (size_t r = 0; r < rows; r++) UNROLL for (size_t w = 0; w < wide; w++)
        UNROLL for (size_t g = 0; g < columns; g++) sums[r][w * columns + g] =
            vec_load(from + w * size + g * LANES);
}

// `wide` panels from `panel` on, for a tile of sequences.
INLINE void run_panels(enum panel_kind kind, size_t rows, size_t wide, const struct step *step,
                       size_t panel)
{
    const struct panels *p = step->panels;
    const size_t gates = gates_of(kind);
    const float *biases = p->data + panel * p->size, *kernel = biases + biases_of(kind) * LANES,
                *recurrent = kernel + elements(p->inputs) * gates * LANES;
    const value *x[KERNELS_MAX_ROWS], *h[KERNELS_MAX_ROWS];
    tile sums;
    vec candidate_input[KERNELS_MAX_ROWS][4];
    if (rows == 1 && step->projected != NULL) {
        load_sums(rows, gates, wide, sums, step->projected + panel * gates * LANES, gates * LANES);
    } else {
        row_pointers(&step->x, rows, x);
        load_sums(rows, gates, wide, sums, biases, p->size);
        multiply(rows, gates, wide, sums, x, elements(p->inputs), kernel, p->size);
    }
    UNROLL for (size_t r = 0; kind == PANEL_GRU && r < rows; r++)
        UNROLL for (size_t w = 0; w < wide; w++)
    {
        candidate_input[r][w] = sums[r][w * gates + 2];
        sums[r][w * gates + 2] = vec_load(biases + w * p->size + 3 * LANES);
    }
    if (kind != PANEL_DENSE && !step->first) {
        row_pointers(&step->h, rows, h);
        multiply(rows, gates, wide, sums, h, elements(p->units), recurrent, p->size);
    }
    UNROLL for (size_t r = 0; r < rows; r++) UNROLL for (size_t w = 0; w < wide; w++)
    {
        const struct place at = {step, r, panel + w};
        finish(kind, &at, &sums[r][w * gates],
               kind == PANEL_GRU ? candidate_input[r][w] : sums[r][0]);
    }
}

INLINE void run_step(enum panel_kind kind, size_t rows, const struct step *step)
{
    const size_t wide = wide_of(kind, rows), count = step->panels->count;
    const size_t turns = count / wide;
    for (size_t i = 0; i < turns; i++)
        run_panels(kind, rows, wide, step, wide * (step->reverse ? turns - 1 - i : i));
    if (wide > 1)
        for (size_t i = turns * wide; i < count; i++)
            run_panels(kind, rows, 1, step, i);
}

INLINE void project_rows(enum panel_kind kind, size_t rows, const struct panels *p, const value *x,
                         size_t stride, float *out)
{
    const size_t gates = gates_of(kind);
    const struct rows all = {x, stride};
    const value *a[KERNELS_MAX_ROWS];
    row_pointers(&all, rows, a);
    for (size_t panel = 0; panel < p->count; panel++) {
        const float *biases = p->data + panel * p->size;
        tile sums;
        load_sums(rows, gates, 1, sums, biases, 0);
        multiply(rows, gates, 1, sums, a, elements(p->inputs), biases + biases_of(kind) * LANES, 0);
        UNROLL for (size_t r = 0; r < rows; r++) UNROLL for (size_t g = 0; g < gates; g++)
            vec_store(out + ((r * p->count + panel) * gates + g) * LANES, sums[r][g]);
    }
}

INLINE void project_all(enum panel_kind kind, size_t most, const struct panels *p, const value *x,
                        size_t stride, size_t rows, float *out)
{
    const size_t width = p->count * gates_of(kind) * LANES;
    size_t r = 0;
    for (; r + most <= rows; r += most)
        project_rows(kind, most, p, x + r * stride, stride, out + r * width);
    for (; r < rows; r++)
        project_rows(kind, 1, p, x + r * stride, stride, out + r * width);
}

static void project(const struct panels *p, const void *x, size_t stride, size_t rows, float *out)
{
    if (p->kind == PANEL_GRU)
        project_all(PANEL_GRU, MOST, p, x, stride, rows, out);
    else
        project_all(PANEL_LSTM, MOST_LSTM, p, x, stride, rows, out);
}

static bool all_finite(const float *x, size_t count)
{
    uint32_t worst = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        bits &= 0x7f800000;
        worst = bits > worst ? bits : worst;
    }
    return worst < 0x7f800000;
}

#if defined(FORWARD_BF16)
static void encode(const float *x, size_t count, void *out)
{
    value *values = out;
    for (size_t i = 0; i < count; i += LANES) {
        const size_t left = count - i < LANES ? count - i : LANES;
        float all[LANES] __attribute__((aligned(64))) = {0};
        value rounded[LANES];
        memcpy(all, x + i, left * sizeof *all);
        vec_store_values(rounded, vec_load(all));
        memcpy(values + i, rounded, (left + left % 2) * sizeof *rounded);
    }
}

static void decode(const void *values, size_t count, float *out)
{
    const value *from = values;
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = (uint32_t)from[i] << 16;
        memcpy(out + i, &bits, sizeof bits);
    }
}
#else
static void encode(const float *x, size_t count, void *out)
{
    memcpy(out, x, count * sizeof *x);
}

static void decode(const void *values, size_t count, float *out)
{
    memcpy(out, values, count * sizeof *out);
}
#endif

#define STEP(rows, kind)                                                                           \
    static void JOIN(step_##rows##_, kind)(const struct step *step)                                \
    {                                                                                              \
        run_step(kind, rows, step);                                                                \
    }
EACH_COUNT(STEP, PANEL_GRU)
EACH_COUNT(STEP, PANEL_RESET)
EACH_COUNT(STEP, PANEL_CANDIDATE)
EACH_COUNT(STEP, PANEL_LSTM)
EACH_COUNT(STEP, PANEL_DENSE)

#define COUNT(rows, unused) rows,
static const unsigned char row_counts[] = {EACH_COUNT(COUNT, ) 0};

#define ENTRY(rows, kind) JOIN(step_##rows##_, kind),
const struct kernels JOIN(forward_kernels_, FORWARD_VARIANT) = {
    .lanes = LANES,
    .packed = PACKED,
    .most_rows = {MOST, MOST, MOST, MOST_LSTM, MOST},
    .row_counts = row_counts,
    .step = {{EACH_COUNT(ENTRY, PANEL_GRU)},
             {EACH_COUNT(ENTRY, PANEL_RESET)},
             {EACH_COUNT(ENTRY, PANEL_CANDIDATE)},
             {EACH_COUNT(ENTRY, PANEL_LSTM)},
             {EACH_COUNT(ENTRY, PANEL_DENSE)}},
    .project = project,
    .all_finite = all_finite,
    .encode = encode,
    .decode = decode,
};
