// SPDX-License-Identifier: Apache-2.0
// What is compiled once for every instruction set: one step of a recurrent layer, or a dense layer,
// for a tile of up to KERNELS_MAX_ROWS sequences.
//
// Weights are packed in panels. A panel has `lanes` neighbouring units with their gates side by
// side, so that a unit's gates meet in registers and its new state is computed there:
//   biases      (biases, lanes)
//   kernel      (ceil(inputs / packed), gates, lanes) elements
//   recurrent   (ceil(units / packed), gates, lanes) elements
// A sum is bias, then inputs in their order, then states in theirs, each added by one multiply-add:
// nothing depends on the tile or on the width of a vector.
#ifndef TICKHOUSE_NN_KERNELS_H
#define TICKHOUSE_NN_KERNELS_H

#include "forward/forward.h"

enum { KERNELS_MAX_ROWS = 8, KERNELS_MAX_GATES = 4 };

// What a panel computes, with its gates and biases.
enum panel_kind {
    PANEL_GRU,       // update, reset, candidate; biases: those, and the candidate's recurrent one
    PANEL_RESET,     // update, reset of a GRU whose reset gate comes before the product
    PANEL_CANDIDATE, // its candidate
    PANEL_LSTM,      // input, forget, cell, output
    PANEL_DENSE,
    PANEL_KINDS
};

struct panels {
    enum panel_kind kind;
    size_t inputs, units;       // values that are read of x and of h
    size_t count, size;         // panels, and floats in each
    const float *data;          // aligned to 64
    enum activation activation; // of a dense layer
};

// Rows are `stride` values apart; floats, or bfloat16 in the variant that multiplies these.
struct rows {
    const void *data;
    size_t stride;
};

struct step {
    const struct panels *panels;
    struct rows x;
    struct rows h;          // states of the step before; of PANEL_CANDIDATE, times the reset gate
    bool first;             // there is no step before: h is not read
    bool reverse;           // go through the panels from the last: what the step before read last
                            // is still in the cache
    const float *projected; // NULL, or biases and the product with x, made by `project`; one row
    float *state;           // (rows, panels x lanes), in place: h of a GRU, c of an LSTM
    float *update;          // (rows, panels x lanes) of PANEL_RESET (out) and PANEL_CANDIDATE (in)
    void *out;              // rows of values, panels x lanes apart: h for the next step; of
                            // PANEL_RESET, h times the reset gate
    float *dense;           // (rows, panels x lanes), instead of `out`
};

struct kernels {
    size_t lanes;
    size_t packed;                   // values in a float of a panel: 1, or 2 of bfloat16
    size_t most_rows[PANEL_KINDS];   // that are fast
    const unsigned char *row_counts; // there are kernels for these many, ascending, ending with 0
    // Steps, by the kind of panel and the index in row_counts.
    void (*step[PANEL_KINDS][KERNELS_MAX_ROWS])(const struct step *);
    // out (rows, panels, gates, lanes): biases and the product with x, of as many rows as there
    // are.
    void (*project)(const struct panels *, const void *x, size_t stride, size_t rows, float *out);
    // Whether all of them are.
    bool (*all_finite)(const float *x, size_t count);
    // Floats as values; what is left of the last element is 0.
    void (*encode)(const float *x, size_t count, void *out);
    void (*decode)(const void *values, size_t count, float *out);
};

size_t panel_gates(enum panel_kind kind);

// Those that were selected, the best where none were.
const struct kernels *forward_kernels(void);

#endif
