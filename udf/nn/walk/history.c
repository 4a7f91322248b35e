// SPDX-License-Identifier: Apache-2.0
#include "walk/history.h"
#include "walk/chart.h"

enum { HISTORY_BYTES = 64 << 20 };

int history_open(struct history *h, size_t epochs, struct arena *arena, struct err *err)
{
    *h = (struct history){.capacity = epochs};
    buffer_init(&h->text, HISTORY_BYTES);
    h->epochs = arena_alloc(arena, 3 * epochs, sizeof *h->epochs, err);
    if (h->epochs == NULL)
        return err_code(err, EX_OSERR);
    h->train_losses = h->epochs + epochs;
    h->validation_losses = h->train_losses + epochs;
    return buffer_printf(&h->text, err,
                         "epoch\ttrain_loss\tvalidation_loss\tlearning_rate\tseconds\n");
}

void history_close(struct history *h)
{
    buffer_free(&h->text);
}

int history_add(struct history *h, const struct fit_progress *p, struct err *err)
{
    if (h->count == h->capacity)
        return 0;
    h->epochs[h->count] = (double)p->epoch;
    h->train_losses[h->count] = p->train_loss;
    h->validation_losses[h->count++] = p->validation_loss;
    return buffer_printf(&h->text, err, "%zu\t%.9g\t%.9g\t%.9g\t%.6g\n", p->epoch, p->train_loss,
                         p->validation_loss, p->learning_rate, p->seconds);
}

int history_draw(const struct history *h, struct buffer *svg, struct err *err)
{
    const struct chart_series series[] = {
        {"train", h->epochs, h->train_losses, h->count},
        {"validation", h->epochs, h->validation_losses, h->count}};
    const struct chart_panel panel = {"Loss by epoch", series, 2, false, false};
    return chart_draw(&panel, 1, svg, err);
}
