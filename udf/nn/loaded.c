// SPDX-License-Identifier: Apache-2.0
#include "loaded.h"
#include "files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_KEPT = 64, ARENA_BYTES = 16 << 20, MAX_REFERENCE = 2 * FOLDER_MAX_NAME + 1 };
#ifndef MOST_WEIGHT_BYTES              // tests have less
#define MOST_WEIGHT_BYTES (1ULL << 30) // of all models together; one may have more
#endif

struct slot {
    struct loaded loaded;
    struct arena arena;
    struct forward *forward;      // NULL once other models wanted the room
    char text[MAX_REFERENCE + 1]; // as the call wrote it
    struct udf_version version;
    uint64_t used; // when, counted in uses
};

static struct udf_folder folder;
static struct slot **slots;
static size_t slot_count, slot_room;
static uint64_t uses;
static uint64_t weight_bytes; // of the slots that have a forward

int loaded_setup(struct err *err)
{
    TRY(forward_set_up(err)); // of the environment, which the worker drops
    return udf_folder_find(&folder, "TICKHOUSE_MODELS", "models", err);
}

const char *loaded_folder(void)
{
    return folder.path;
}

// ---- weights, which are dropped and read again as there is room

static uint64_t bytes_of(const struct slot *slot)
{
    return slot->loaded.model.network.weight_count * sizeof(float);
}

static void drop_weights(struct slot *slot)
{
    if (slot->forward == NULL)
        return;
    weight_bytes -= bytes_of(slot);
    forward_close(slot->forward);
    slot->forward = NULL;
}

// Drops the weights that were used longest ago until those of one more model fit.
static void make_room(const struct slot *slot)
{
    while (weight_bytes != 0 && weight_bytes + bytes_of(slot) > MOST_WEIGHT_BYTES) {
        struct slot *oldest = NULL;
        for (size_t i = 0; i < slot_count; i++)
            if (slots[i]->forward != NULL && (oldest == NULL || slots[i]->used < oldest->used))
                oldest = slots[i];
        if (oldest == NULL)
            return;
        drop_weights(oldest);
    }
}

// forward_open packs the weights, so the file's bytes need not stay.
static int take_weights(struct slot *slot, const struct model *read, struct err *err)
{
    struct network network = slot->loaded.model.network;
    network.weights = read->network.weights;
    make_room(slot);
    TRY(forward_open(&network, &slot->forward, err));
    weight_bytes += bytes_of(slot);
    return 0;
}

static int read_weights_again(struct slot *slot, struct err *err)
{
    const struct loaded *loaded = &slot->loaded;
    struct model_bytes bytes = {NULL, 0};
    struct arena arena;
    struct model model;
    TRY(arena_open(&arena, ARENA_BYTES, err));
    int code = model_open(loaded->location.path, &model, &bytes, &arena, err);
    if (code == 0 && strcmp(model.hash, loaded->model.hash) != 0)
        code =
            err_set_retriable(err, EX_TEMPFAIL, "%s was replaced while it answered; ask once more",
                              loaded->location.path);
    if (code == 0)
        code = take_weights(slot, &model, err);
    model_close(&bytes);
    arena_close(&arena);
    return code;
}

int loaded_forward(const struct loaded *loaded, struct forward **forward, struct err *err)
{
    size_t i = 0;
    while (&slots[i]->loaded != loaded)
        i++;
    slots[i]->used = ++uses;
    if (slots[i]->forward == NULL)
        TRY(read_weights_again(slots[i], err));
    *forward = slots[i]->forward;
    return 0;
}

// ---- models

static void slot_close(struct slot *slot)
{
    if (slot == NULL)
        return;
    drop_weights(slot);
    arena_close(&slot->arena);
    free(slot);
}

static int read_model(struct slot *slot, struct err *err)
{
    struct loaded *loaded = &slot->loaded;
    struct model_bytes bytes = {NULL, 0};
    TRY(arena_open(&slot->arena, ARENA_BYTES, err));
    TRY(model_open(loaded->location.path, &loaded->model, &bytes, &slot->arena, err));
    loaded->text_bytes = slot->arena.used;
    const int code = take_weights(slot, &loaded->model, err);
    model_close(&bytes);
    loaded->model.network.weights = NULL;
    return code;
}

static int slot_open(const struct model_reference *reference, const char *text, size_t size,
                     struct slot **opened, struct err *err)
{
    struct slot *slot = calloc(1, sizeof *slot);
    if (slot == NULL)
        return err_set(err, EX_OSERR, "no memory for a model");
    struct loaded *loaded = &slot->loaded;
    loaded->reference = *reference;
    memcpy(slot->text, text, size);
    int code = folder_resolve(folder.path, reference, &loaded->location, err);
    if (code == 0 && udf_version_of(loaded->location.path, &slot->version) != 0)
        code = err_set(err, EX_NOINPUT, "%s is gone", loaded->location.path);
    if (code == 0)
        code = read_model(slot, err);
    if (code != 0)
        slot_close(slot);
    else
        (void)snprintf(loaded->reference.tag, sizeof loaded->reference.tag, "%u",
                       loaded->location.version);
    *opened = code == 0 ? slot : NULL;
    return code;
}

// Where `text` is kept; slot_count when it is not.
static size_t place_of(const char *text, size_t size)
{
    size_t i = 0;
    while (i < slot_count &&
           !(strlen(slots[i]->text) == size && memcmp(slots[i]->text, text, size) == 0))
        i++;
    return i;
}

static int add_slot(struct slot *slot, struct err *err)
{
    if (slot_count == slot_room) {
        const size_t room = slot_room == 0 ? MOST_KEPT : 2 * slot_room;
        struct slot **more = realloc(slots, room * sizeof *more);
        if (more == NULL) {
            slot_close(slot);
            return err_set(err, EX_OSERR, "no memory for a model");
        }
        slots = more;
        slot_room = room;
    }
    slots[slot_count++] = slot;
    return 0;
}

// Forgets models, those that were used longest ago first, but none that was used after `since`.
static void forget_models(uint64_t since)
{
    while (slot_count > MOST_KEPT) {
        size_t oldest = 0;
        for (size_t i = 1; i < slot_count; i++)
            if (slots[i]->used < slots[oldest]->used)
                oldest = i;
        if (slots[oldest]->used > since)
            return;
        slot_close(slots[oldest]);
        slots[oldest] = slots[--slot_count];
    }
}

static bool is_current(const struct slot *slot, const struct model_reference *reference)
{
    struct model_location location;
    struct udf_version version;
    return folder_resolve(folder.path, reference, &location, NULL) == 0 &&
           location.version == slot->loaded.location.version &&
           udf_version_of(location.path, &version) == 0 &&
           udf_version_same(&version, &slot->version);
}

// The slot of `text`, as the models folder has it now. Nothing else is forgotten.
static int find_slot(const char *text, size_t size, struct slot **found, struct err *err)
{
    struct model_reference reference;
    TRY(reference_parse(text, size, &reference, err));
    const size_t place = place_of(text, size);
    struct slot *slot = place == slot_count ? NULL : slots[place], *opened = NULL;
    struct err why = {0};
    if (slot == NULL) {
        TRY(slot_open(&reference, text, size, &opened, err));
        TRY(add_slot(opened, err));
        slot = opened;
    } else if (!is_current(slot, &reference)) {
        if (slot_open(&reference, text, size, &opened, &why) == 0) {
            slot_close(slot);
            slot = slots[place] = opened;
        } else {
            (void)fprintf(stderr, "nn: %s; version %u goes on answering\n", why.text,
                          slot->loaded.location.version);
        }
    }
    slot->used = ++uses;
    *found = slot;
    return 0;
}

int loaded_find(const char *text, size_t size, const struct loaded **loaded, struct err *err)
{
    const uint64_t before = uses;
    struct slot *slot;
    TRY(find_slot(text, size, &slot, err));
    forget_models(before);
    *loaded = &slot->loaded;
    return 0;
}

// ---- rows

struct seen {
    const char *text;
    size_t size;
    const struct loaded *loaded;
};

static bool is_seen(const struct seen *seen, const char *text, size_t size)
{
    return seen->size == size && memcmp(seen->text, text, size) == 0;
}

// Where in `seen` the text is, `count` when nowhere. Rows go on with the model of the one before
// them, or take turns, as in a cross join.
static size_t find_seen(const struct seen *seen, size_t count, size_t last, const char *text,
                        size_t size)
{
    size_t i = 0;
    if (last < count && is_seen(&seen[last], text, size))
        return last;
    if (last + 1 < count && is_seen(&seen[last + 1], text, size))
        return last + 1;
    while (i < count && !is_seen(&seen[i], text, size))
        i++;
    return i;
}

int loaded_of_rows(const struct udf_call *call, const struct native_column *names,
                   const struct loaded ***models, struct err *err)
{
    const struct loaded **of_row = arena_alloc(call->arena, call->rows, sizeof *of_row, err);
    struct seen *seen = arena_alloc(call->arena, call->rows, sizeof *seen, err);
    const uint64_t before = uses;
    size_t count = 0, i = 0;
    if (of_row == NULL || seen == NULL)
        return err_code(err, EX_OSERR);
    for (size_t row = 0; row < call->rows; row++) {
        const uint64_t start = native_start(names->ends, row);
        const char *text = names->bytes + start;
        const size_t size = names->ends[row] - start;
        i = find_seen(seen, count, i, text, size);
        if (i == count) {
            struct slot *slot;
            TRY(find_slot(text, size, &slot, err));
            seen[count++] = (struct seen){text, size, &slot->loaded};
        }
        of_row[row] = seen[i].loaded;
    }
    forget_models(before);
    *models = of_row;
    return 0;
}
