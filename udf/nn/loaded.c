// SPDX-License-Identifier: Apache-2.0
#include "loaded.h"
#include "files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LOADED = 16, ARENA_BYTES = 16 << 20, MAX_REFERENCE = 2 * FOLDER_MAX_NAME + 1 };

struct slot {
    struct loaded loaded;
    struct arena arena;
    char text[MAX_REFERENCE + 1]; // as the call wrote it
    struct udf_version version;
    uint64_t used; // when, counted in uses
};

static struct udf_folder folder;
static struct slot *slots[MAX_LOADED];
static uint64_t uses;

int loaded_setup(struct err *err)
{
    TRY(forward_set_up(err)); // of the environment, which the worker drops
    return udf_folder_find(&folder, "TICKHOUSE_MODELS", "models", err);
}

const char *loaded_folder(void)
{
    return folder.path;
}

static void slot_close(struct slot *slot)
{
    if (slot == NULL)
        return;
    forward_close(slot->loaded.forward);
    arena_close(&slot->arena);
    free(slot);
}

// The weights are packed by forward_open, so the mapping need not stay.
static int read_model(struct slot *slot, struct err *err)
{
    struct loaded *loaded = &slot->loaded;
    struct model_mapping mapping = {NULL, 0};
    TRY(arena_open(&slot->arena, ARENA_BYTES, err));
    TRY(model_open(loaded->location.path, &loaded->model, &mapping, &slot->arena, err));
    loaded->text_bytes = slot->arena.used;
    const int code = forward_open(&loaded->model.network, &loaded->forward, err);
    model_close(&mapping);
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

// Where `text` is kept, else the place that was used longest ago.
static size_t place_of(const char *text, size_t size)
{
    size_t oldest = 0;
    for (size_t i = 0; i < MAX_LOADED; i++) {
        const struct slot *slot = slots[i];
        if (slot != NULL && strlen(slot->text) == size && memcmp(slot->text, text, size) == 0)
            return i;
        if (slots[oldest] != NULL && (slot == NULL || slot->used < slots[oldest]->used))
            oldest = i;
    }
    slot_close(slots[oldest]);
    slots[oldest] = NULL;
    return oldest;
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

int loaded_find(const char *text, size_t size, const struct loaded **loaded, struct err *err)
{
    struct model_reference reference;
    TRY(reference_parse(text, size, &reference, err));
    const size_t place = place_of(text, size);
    struct slot *slot = slots[place];
    if (slot == NULL || !is_current(slot, &reference)) {
        struct slot *opened = NULL;
        struct err why = {0};
        if (slot_open(&reference, text, size, &opened, &why) == 0) {
            slot_close(slot);
            slot = slots[place] = opened;
        } else if (slot == NULL) {
            return err_set(err, why.code, "%s", why.text);
        } else {
            (void)fprintf(stderr, "nn: %s; version %u goes on answering\n", why.text,
                          slot->loaded.location.version);
        }
    }
    slot->used = ++uses;
    *loaded = &slot->loaded;
    return 0;
}

int loaded_of_rows(const struct udf_call *call, const struct native_column *names,
                   const struct loaded ***models, struct err *err)
{
    const struct loaded **of_row = arena_alloc(call->arena, call->rows, sizeof *of_row, err);
    struct {
        const char *text;
        size_t size;
        const struct loaded *loaded;
    } seen[MAX_LOADED];
    size_t seen_count = 0, last = 0;
    if (of_row == NULL)
        return err_code(err, EX_OSERR);
    for (size_t row = 0; row < call->rows; row++) {
        const uint64_t start = native_start(names->ends, row);
        const char *text = names->bytes + start;
        const size_t size = names->ends[row] - start;
        size_t i =
            last < seen_count && seen[last].size == size && memcmp(seen[last].text, text, size) == 0
                ? last
                : 0;
        while (i < seen_count && !(seen[i].size == size && memcmp(seen[i].text, text, size) == 0))
            i++;
        if (i == MAX_LOADED)
            return err_set(err, EX_DATAERR, "a block of rows names more than %d models",
                           MAX_LOADED);
        if (i == seen_count) {
            seen[i].text = text;
            seen[i].size = size;
            TRY(loaded_find(text, size, &seen[i].loaded, err));
            seen_count++;
        }
        of_row[row] = seen[i].loaded;
        last = i;
    }
    *models = of_row;
    return 0;
}
