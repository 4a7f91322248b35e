// SPDX-License-Identifier: Apache-2.0
#include "walk/history.h"
#include "base/file.h"
#include "walk/chart.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { HISTORY_BYTES = 64 << 20 };
#define HEADER "epoch\ttrain_loss\tvalidation_loss\tlearning_rate\tseconds\n"

static int add_line(struct history *h, size_t epoch, double train, double validation, double rate,
                    double seconds, struct err *err)
{
    h->ends[h->count] = h->text.size;
    h->epochs[h->count] = (double)epoch;
    h->train_losses[h->count] = train;
    h->validation_losses[h->count++] = validation;
    return buffer_printf(&h->text, err, "%zu\t%.9g\t%.9g\t%.9g\t%.6g\n", epoch, train, validation,
                         rate, seconds);
}

// What cannot be read is no history.
static int read_file(struct history *h, struct err *err)
{
    size_t epoch;
    double train, validation, rate, seconds;
    FILE *file = h->path != NULL ? fopen(h->path, "re") : NULL;
    int code = 0;
    if (file == NULL)
        return 0;
    if (fscanf(file, " epoch train_loss validation_loss learning_rate seconds") != EOF)
        while (code == 0 && h->count < h->capacity &&
               fscanf(file, "%zu %lf %lf %lf %lf", &epoch, &train, &validation, &rate, &seconds) ==
                   5)
            code = add_line(h, epoch, train, validation, rate, seconds, err);
    (void)fclose(file);
    return code;
}

int history_open(struct history *h, size_t epochs, const char *path, struct arena *arena,
                 struct err *err)
{
    *h = (struct history){.capacity = epochs, .path = path};
    buffer_init(&h->text, HISTORY_BYTES);
    h->epochs = arena_alloc(arena, 3 * epochs, sizeof *h->epochs, err);
    h->ends = arena_alloc(arena, epochs, sizeof *h->ends, err);
    if (h->epochs == NULL || h->ends == NULL)
        return err_code(err, EX_OSERR);
    h->train_losses = h->epochs + epochs;
    h->validation_losses = h->train_losses + epochs;
    TRY(buffer_append(&h->text, HEADER, sizeof HEADER - 1, err));
    return read_file(h, err);
}

void history_close(struct history *h)
{
    buffer_free(&h->text);
}

int history_add(struct history *h, const struct fit_progress *p, struct err *err)
{
    struct err lesser = {0};
    while (h->count != 0 && h->epochs[h->count - 1] >= (double)p->epoch)
        h->text.size = h->ends[--h->count];
    if (h->count == h->capacity)
        return 0;
    TRY(add_line(h, p->epoch, p->train_loss, p->validation_loss, p->learning_rate, p->seconds,
                 err));
    if (h->path != NULL && file_replace(h->path, h->text.data, h->text.size, &lesser) != 0) {
        (void)fprintf(stderr, "nn-train: training goes on without its history: %s\n", lesser.text);
        h->path = NULL;
    }
    return 0;
}

void history_forget(const struct history *h)
{
    if (h->path != NULL)
        (void)unlink(h->path);
}

int history_draw(const struct history *h, struct buffer *svg, struct err *err)
{
    const struct chart_series series[] = {
        {"train", h->epochs, h->train_losses, h->count, 0},
        {"validation", h->epochs, h->validation_losses, h->count, 1}};
    const struct chart_panel panel = {"Loss by epoch", series, 2, false, false};
    return chart_draw(&panel, 1, svg, err);
}
