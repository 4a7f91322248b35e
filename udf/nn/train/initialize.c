// SPDX-License-Identifier: Apache-2.0
// Start weights, as Keras chooses them.
#include "train/fit.h"
#include "train/random.h"

#include <stdlib.h>
#include <string.h>

// Glorot and Bengio 2010: uniform between -limit and limit, limit^2 = 6 / (inputs + outputs).
static void fill_glorot(float *weights, size_t inputs, size_t outputs, uint64_t *state)
{
    const double limit = sqrt(6.0 / (double)(inputs + outputs));
    for (size_t i = 0; i < inputs * outputs; i++)
        weights[i] = (float)(limit * (2 * random_unit(state) - 1));
}

static double dot(const double *a, const double *b, size_t size)
{
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += a[i] * b[i];
    return sum;
}

static void subtract(double *a, double factor, const double *b, size_t size)
{
    for (size_t i = 0; i < size; i++)
        a[i] -= factor * b[i];
}

// Saxe et al. 2014: rows of random normals, made orthogonal to each other and of length 1 (Gram and
// Schmidt, twice, since once leaves what rounding made).
static int fill_orthogonal(float *weights, size_t rows, size_t columns, uint64_t *state,
                           struct err *err)
{
    double *matrix = calloc(rows * columns, sizeof *matrix);
    if (matrix == NULL)
        return err_set(err, EX_OSERR, "out of memory for the start weights");
    for (size_t i = 0; i < rows * columns; i++)
        matrix[i] = random_normal(state);
    for (size_t i = 0; i < rows; i++) {
        double *row = matrix + i * columns;
        for (int pass = 0; pass < 2; pass++)
            for (size_t k = 0; k < i; k++)
                subtract(row, dot(row, matrix + k * columns, columns), matrix + k * columns,
                         columns);
        const double length = sqrt(dot(row, row, columns));
        for (size_t j = 0; j < columns; j++) {
            row[j] /= length;
            weights[i * columns + j] = (float)row[j];
        }
    }
    free(matrix);
    return 0;
}

static int initialize_direction(const struct network_layer *layer, float *weights, uint64_t *state,
                                struct err *err)
{
    const size_t units = layer->units, width = layer_gates(layer->kind) * units;
    fill_glorot(weights + layer->kernel, layer->inputs, width, state);
    memset(weights + layer->bias, 0, width * sizeof(float));
    if (layer->kind == LAYER_DENSE)
        return 0;
    if (layer->kind == LAYER_GRU && layer->reset_after)
        memset(weights + layer->recurrent_bias, 0, width * sizeof(float));
    for (size_t i = 0; layer->kind == LAYER_LSTM && i < units; i++)
        weights[layer->bias + units + i] = 1; // the forget gate's: Gers et al. 2000
    return fill_orthogonal(weights + layer->recurrent, units, width, state, err);
}

int fit_initialize(struct network *network, uint64_t seed, struct err *err)
{
    for (size_t i = 0; i < network->layer_count; i++) {
        const struct network_layer *layer = &network->layers[i];
        if (layer->kind == LAYER_DROPOUT)
            continue;
        for (size_t k = 0; k < (layer->bidirectional ? 2 : 1); k++) {
            uint64_t state = random_stream(seed, 2 * i + k);
            TRY(initialize_direction(layer, network->weights + k * layer->direction_stride, &state,
                                     err));
        }
    }
    return 0;
}
