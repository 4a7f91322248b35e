// SPDX-License-Identifier: Apache-2.0
// The fast forward pass. A batch is cut into tiles of a few sequences, each of which goes through
// all layers while its states are in the cache. In a layer one step follows the other; a step of a
// whole tile is one call of a kernel. A single sequence has its inputs multiplied for all steps
// before, since weights that serve one step only are read as fast as the cache gives them.
#include "forward/forward.h"
#include "kernels.h"
#include "pack.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, MAX_PASSES = 2 };
#define MAX_ROOM_BYTES (64ULL << 20) // a wide and long network gets fewer rows in a tile

// A layer as it is computed: per direction one pass of panels, or two of a GRU whose reset gate
// comes before the product.
struct plan {
    const struct network_layer *layer;
    size_t passes, width; // width: units rounded up to lanes
    struct panels panels[2][MAX_PASSES];
};

// Values of a tile's sequences: at (row, step), in values.
struct sequence {
    const char *data;
    size_t row_stride, step_stride;
};

struct forward {
    const struct kernels *kernels;
    struct network network;
    size_t plan_count;
    struct plan plans[NETWORK_MAX_LAYERS];
    size_t value_bytes, tile_rows;
    float *weights;
    // room for a tile, in one allocation
    char *room;
    char *encoded, *values[2], *direction[2], *reset;
    float *state, *update, *projected, *dense;
};

static size_t round_up(size_t count, size_t to)
{
    return (count + to - 1) / to * to;
}

// ---- preparing

static void plan_layer(struct forward *f, const struct network_layer *layer)
{
    struct plan *plan = &f->plans[f->plan_count++];
    const enum panel_kind first = layer->kind == LAYER_DENSE  ? PANEL_DENSE
                                  : layer->kind == LAYER_LSTM ? PANEL_LSTM
                                  : layer->reset_after        ? PANEL_GRU
                                                              : PANEL_RESET;
    plan->layer = layer;
    plan->passes = first == PANEL_RESET ? 2 : 1;
    plan->width = round_up(layer->units, f->kernels->lanes);
    for (size_t d = 0; d <= layer->bidirectional; d++) {
        plan->panels[d][0] = pack_plan(f->kernels, first, layer);
        if (plan->passes == 2)
            plan->panels[d][1] = pack_plan(f->kernels, PANEL_CANDIDATE, layer);
    }
    for (size_t pass = 0; pass < plan->passes; pass++) {
        const size_t most = f->kernels->most_rows[plan->panels[0][pass].kind];
        f->tile_rows = most < f->tile_rows ? most : f->tile_rows;
    }
}

// Packs all panels, or where `weights` is NULL only counts their floats.
static size_t pack_all(struct forward *f, float *weights)
{
    size_t used = 0;
    for (size_t i = 0; i < f->plan_count; i++)
        for (size_t d = 0; d <= f->plans[i].layer->bidirectional; d++)
            for (size_t pass = 0; pass < f->plans[i].passes; pass++) {
                struct panels *p = &f->plans[i].panels[d][pass];
                if (weights != NULL)
                    pack_panels(f->kernels, f->plans[i].layer,
                                f->network.weights + d * f->plans[i].layer->direction_stride, p,
                                weights + used);
                used += p->count * p->size;
            }
    return used;
}

static int allocate(size_t bytes, void *out, struct err *err)
{
    void *p = aligned_alloc(ALIGNMENT, round_up(bytes + 1, ALIGNMENT));
    if (p == NULL)
        return err_set(err, EX_OSERR, "no memory for a network's %zu bytes", bytes);
    memset(p, 0, bytes);
    memcpy(out, &p, sizeof p);
    return 0;
}

// Cuts the room into its parts, or where it is not there yet only measures it.
static size_t lay_out_room(struct forward *f)
{
    size_t widest = 0, projected = 0, used = 0;
    bool both = false;
    for (size_t i = 0; i < f->plan_count; i++) {
        const struct plan *plan = &f->plans[i];
        const size_t gates = panel_gates(plan->panels[0][0].kind) * plan->width;
        const size_t width =
            plan->layer->bidirectional ? 2 * plan->layer->units : plan->layer->units;
        widest = width > widest ? width : widest;
        projected = gates > projected ? gates : projected;
        both = both || plan->layer->bidirectional;
    }
    const size_t steps = f->network.lookback, rows = f->tile_rows;
    const size_t width = round_up(widest, ALIGNMENT), floats = rows * width * sizeof(float);
    const size_t values = steps * rows * width * f->value_bytes;
    const size_t encoded =
        f->kernels->packed == 1
            ? 0
            : steps * rows * round_up(f->network.features, ALIGNMENT) * f->value_bytes;
    struct {
        void *part;
        size_t bytes;
    } parts[] = {
        {&f->encoded, encoded},
        {&f->values[0], values},
        {&f->values[1], values},
        {&f->direction[0], both ? values : 0},
        {&f->direction[1], both ? values : 0},
        {&f->reset, floats},
        {&f->state, floats},
        {&f->update, floats},
        {&f->dense, floats},
        {&f->projected, steps * projected * sizeof(float)},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char *at = f->room != NULL ? f->room + used : NULL;
        memcpy(parts[i].part, &at, sizeof at);
        used += round_up(parts[i].bytes, ALIGNMENT);
    }
    return used;
}

static int make_room(struct forward *f, struct err *err)
{
    size_t bytes;
    while (bytes = lay_out_room(f), bytes > MAX_ROOM_BYTES && f->tile_rows > 1)
        f->tile_rows /= 2;
    TRY(allocate(bytes, &f->room, err));
    (void)lay_out_room(f);
    return 0;
}

static int open_filled(struct forward *f, struct err *err)
{
    for (size_t i = 0; i < f->network.layer_count; i++)
        if (f->network.layers[i].kind != LAYER_DROPOUT)
            plan_layer(f, &f->network.layers[i]);
    TRY(allocate(pack_all(f, NULL) * sizeof(float), &f->weights, err));
    (void)pack_all(f, f->weights);
    f->network.weights = NULL;
    return make_room(f, err);
}

int forward_open(const struct network *network, struct forward **forward, struct err *err)
{
    struct forward *f = calloc(1, sizeof *f);
    *forward = NULL;
    if (f == NULL)
        return err_set(err, EX_OSERR, "no memory for a network");
    f->kernels = forward_kernels();
    f->network = *network;
    f->tile_rows = KERNELS_MAX_ROWS;
    f->value_bytes = f->kernels->packed == 1 ? sizeof(float) : sizeof(uint16_t);
    const int code = open_filled(f, err);
    if (code != 0) {
        forward_close(f);
        return code;
    }
    *forward = f;
    return 0;
}

void forward_close(struct forward *f)
{
    if (f == NULL)
        return;
    free(f->weights);
    free(f->room);
    free(f);
}

// ---- layers

static const char *value_at(const struct forward *f, const struct sequence *s, size_t row,
                            size_t step)
{
    return s->data + (row * s->row_stride + step * s->step_stride) * f->value_bytes;
}

static void run_kernel(const struct forward *f, const struct step *step, size_t rows)
{
    size_t index = 0;
    while (f->kernels->row_counts[index] != rows)
        index++;
    f->kernels->step[step->panels->kind][index](step);
}

// One step of a direction, of `panels` and what follows them.
static void run_step(struct forward *f, const struct panels *panels, struct step *step, size_t rows)
{
    char *const out = step->out;
    step->panels = &panels[0];
    if (panels[0].kind != PANEL_RESET) {
        run_kernel(f, step, rows);
        return;
    }
    step->out = f->reset;
    run_kernel(f, step, rows);
    step->panels = &panels[1];
    step->h = (struct rows){f->reset, panels[0].count * f->kernels->lanes};
    step->out = out;
    run_kernel(f, step, rows);
}

// A direction over `steps` steps of a tile: its outputs at every step in `out`, (lookback, rows,
// width), or where they are not kept in two places in turn. Returns the last.
static const char *run_direction(struct forward *f, const struct plan *plan, bool backward,
                                 const struct sequence *in, size_t steps, size_t rows, bool keep,
                                 char *out)
{
    const size_t lookback = f->network.lookback, width = plan->width;
    const struct panels *panels = plan->panels[backward];
    const bool projects = rows == 1 && steps > 1 && panels->kind != PANEL_RESET;
    const char *h = NULL;
    memset(f->state, 0, rows * width * sizeof *f->state);
    if (projects)
        f->kernels->project(panels, in->data, in->step_stride, lookback, f->projected);
    for (size_t s = 0; s < steps; s++) {
        const size_t t = backward ? lookback - 1 - s : s;
        char *to = out + (keep ? t : s & 1) * rows * width * f->value_bytes;
        struct step step = {
            .x = {value_at(f, in, 0, t), in->row_stride},
            .h = {h, width},
            .first = s == 0,
            .reverse = s & 1,
            .projected = projects ? f->projected + t * panels->count * panel_gates(panels->kind) *
                                                       f->kernels->lanes
                                  : NULL,
            .state = f->state,
            .update = f->update,
            .out = to,
        };
        run_step(f, panels, &step, rows);
        h = to;
    }
    return h;
}

// Both directions side by side: forward's units, then backward's.
static void join(const struct forward *f, const struct plan *plan, const char *forward,
                 const char *backward, size_t count, char *out)
{
    const size_t bytes = plan->layer->units * f->value_bytes, stride = plan->width * f->value_bytes;
    for (size_t i = 0; i < count; i++) {
        memcpy(out + 2 * i * bytes, forward + i * stride, bytes);
        memcpy(out + (2 * i + 1) * bytes, backward + i * stride, bytes);
    }
}

static struct sequence run_bidirectional(struct forward *f, const struct plan *plan,
                                         const struct sequence *in, size_t rows, char *out)
{
    const size_t steps = f->network.lookback, width = 2 * plan->layer->units;
    const bool keep = plan->layer->sequence;
    const char *forward = run_direction(f, plan, false, in, steps, rows, keep, f->direction[0]);
    const char *backward =
        run_direction(f, plan, true, in, plan->layer->last_step && !keep ? 1 : steps, rows, keep,
                      f->direction[1]);
    if (keep)
        join(f, plan, f->direction[0], f->direction[1], steps * rows, out);
    else
        join(f, plan, forward, backward, rows, out);
    return (struct sequence){out, width, rows * width};
}

static struct sequence run_recurrent(struct forward *f, const struct plan *plan,
                                     const struct sequence *in, size_t rows, char *out)
{
    if (plan->layer->bidirectional)
        return run_bidirectional(f, plan, in, rows, out);
    const bool keep = plan->layer->sequence;
    const char *last = run_direction(f, plan, false, in, f->network.lookback, rows, keep, out);
    return (struct sequence){keep ? out : last, plan->width, rows * plan->width};
}

static void softmax(float *x, size_t count)
{
    double most = (double)x[0], sum = 0;
    for (size_t i = 1; i < count; i++)
        most = (double)x[i] > most ? (double)x[i] : most;
    for (size_t i = 0; i < count; i++)
        sum += exp((double)x[i] - most);
    for (size_t i = 0; i < count; i++)
        x[i] = (float)(exp((double)x[i] - most) / sum);
}

// A dense layer: floats into f->dense, and as values into `out` for one that follows.
static struct sequence run_dense(struct forward *f, const struct plan *plan,
                                 const struct sequence *in, size_t rows, char *out)
{
    const struct step step = {
        .panels = &plan->panels[0][0], .x = {in->data, in->row_stride}, .dense = f->dense};
    run_kernel(f, &step, rows);
    for (size_t r = 0; r < rows; r++) {
        float *row = f->dense + r * plan->width;
        if (plan->layer->activation == ACTIVATION_SOFTMAX)
            softmax(row, plan->layer->units);
        f->kernels->encode(row, plan->layer->units, out + r * plan->width * f->value_bytes);
    }
    return (struct sequence){out, plan->width, 0};
}

// ---- a tile, a batch

static struct sequence encode_inputs(struct forward *f, const float *x, size_t rows)
{
    const size_t steps = f->network.lookback, features = f->network.features;
    if (f->kernels->packed == 1)
        return (struct sequence){(const char *)x, steps * features, features};
    const size_t width = round_up(features, 2);
    for (size_t i = 0; i < rows * steps; i++)
        f->kernels->encode(x + i * features, features, f->encoded + i * width * f->value_bytes);
    return (struct sequence){f->encoded, steps * width, width};
}

static void run_tile(struct forward *f, const float *x, size_t rows, float *y)
{
    struct sequence at = encode_inputs(f, x, rows);
    const struct network *n = &f->network;
    const struct plan *last = &f->plans[f->plan_count - 1];
    for (size_t i = 0; i < f->plan_count; i++)
        at = (f->plans[i].layer->kind == LAYER_DENSE ? run_dense : run_recurrent)(
            f, &f->plans[i], &at, rows, f->values[i % 2]);
    for (size_t r = 0; r < rows; r++) {
        float *out = y + r * n->outputs;
        if (last->layer->kind == LAYER_DENSE)
            memcpy(out, f->dense + r * last->width, n->outputs * sizeof *out);
        else
            f->kernels->decode(value_at(f, &at, r, 0), n->outputs, out);
        if (!f->kernels->all_finite(x + r * n->lookback * n->features, n->lookback * n->features))
            for (size_t i = 0; i < n->outputs; i++)
                out[i] = NAN;
    }
}

// The next tile: as many rows as there is a kernel for.
static size_t next_rows(const struct forward *f, size_t left)
{
    size_t most = 1;
    for (const unsigned char *count = f->kernels->row_counts; *count != 0; count++)
        if (*count <= f->tile_rows && *count <= left)
            most = *count;
    return most;
}

void forward_run(struct forward *f, const float *x, size_t batch, float *y)
{
    while (batch > 0) {
        const size_t rows = next_rows(f, batch);
        run_tile(f, x, rows, y);
        x += rows * f->network.lookback * f->network.features;
        y += rows * f->network.outputs;
        batch -= rows;
    }
}
