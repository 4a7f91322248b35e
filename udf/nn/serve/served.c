// SPDX-License-Identifier: Apache-2.0
#include "serve/served.h"
#include "files.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAMES = 64, ARENA_BYTES = 16 << 20, TEXT_BYTES = 2 * FOLDER_MAX_NAME + 2 };

struct served_rest {
    struct arena arena;
    struct model_bytes bytes;
    struct udf_version version;
    size_t borrowers; // and the names that mean it; under served_models.table
    pthread_mutex_t lock;
    struct forward *idle[SERVED_MAX_FORWARDS]; // under `lock`
    size_t idle_count;
};

struct name {
    char text[TEXT_BYTES]; // "" for none
    struct served *served;
    uint64_t used;
    char complaint[LIMIT_ERROR_TEXT]; // the last one, so that it is said once
};

struct served_models {
    char *folder;
    pthread_mutex_t table;   // of `names` and counts; held for moments only
    pthread_mutex_t loading; // one file is read at a time, while others are used
    struct name names[MAX_NAMES];
    uint64_t uses;
};

int served_open(struct served_models **models, const char *folder, struct err *err)
{
    struct served_models *opened = calloc(1, sizeof *opened);
    *models = opened;
    if (opened == NULL || (opened->folder = strdup(folder)) == NULL) {
        free(opened);
        return err_set(err, EX_OSERR, "out of memory");
    }
    (void)pthread_mutex_init(&opened->table, NULL);
    (void)pthread_mutex_init(&opened->loading, NULL);
    return 0;
}

const char *served_folder(const struct served_models *models)
{
    return models->folder;
}

// ---- one model

static void destroy(struct served *served)
{
    struct served_rest *rest = served->rest;
    for (size_t i = 0; i < rest->idle_count; i++)
        forward_close(rest->idle[i]);
    model_close(&rest->bytes);
    arena_close(&rest->arena);
    (void)pthread_mutex_destroy(&rest->lock);
    free(rest);
    free(served);
}

static int load_file(struct served *served, struct err *err)
{
    struct served_rest *rest = served->rest;
    struct forward *forward;
    if (udf_version_of(served->location.path, &rest->version) != 0)
        return err_set(err, EX_NOINPUT, "%s is gone", served->location.path);
    TRY(arena_open(&rest->arena, ARENA_BYTES, err));
    TRY(model_open(served->location.path, &served->model, &rest->bytes, &rest->arena, err));
    TRY(forward_open(&served->model.network, &forward, err));
    rest->idle[rest->idle_count++] = forward;
    return 0;
}

static int load(const char *name, const struct model_location *location, struct served **loaded,
                struct err *err)
{
    struct served *served = calloc(1, sizeof *served);
    struct served_rest *rest = calloc(1, sizeof *rest);
    if (served == NULL || rest == NULL) {
        free(served);
        free(rest);
        return err_set(err, EX_OSERR, "no memory for a model");
    }
    served->rest = rest;
    served->location = *location;
    (void)snprintf(served->name, sizeof served->name, "%s", name);
    (void)pthread_mutex_init(&rest->lock, NULL);
    rest->borrowers = 1; // the caller
    const int code = load_file(served, err);
    if (code != 0)
        destroy(served);
    *loaded = code == 0 ? served : NULL;
    return code;
}

static struct forward *take_forward(const struct served *served, struct err *err)
{
    struct served_rest *rest = served->rest;
    struct forward *forward = NULL;
    (void)pthread_mutex_lock(&rest->lock);
    if (rest->idle_count != 0)
        forward = rest->idle[--rest->idle_count];
    (void)pthread_mutex_unlock(&rest->lock);
    if (forward == NULL && forward_open(&served->model.network, &forward, err) != 0)
        return NULL;
    return forward;
}

static void give_forward(const struct served *served, struct forward *forward)
{
    struct served_rest *rest = served->rest;
    (void)pthread_mutex_lock(&rest->lock);
    const bool room = rest->idle_count < SERVED_MAX_FORWARDS;
    if (room)
        rest->idle[rest->idle_count++] = forward;
    (void)pthread_mutex_unlock(&rest->lock);
    if (!room)
        forward_close(forward);
}

int served_predict(const struct served *served, float *x, size_t count, float *y, struct err *err)
{
    const struct model *model = &served->model;
    const struct network *network = &model->network;
    struct forward *forward = take_forward(served, err);
    if (forward == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < count * network->lookback; i++)
        model_scale(model, x + i * network->features, x + i * network->features);
    forward_run(forward, x, count, y);
    give_forward(served, forward);
    if (model->task == TASK_REGRESSION)
        for (size_t i = 0; i < count * network->outputs; i++)
            y[i] = (float)(model->target_offset + model->target_scale * (double)y[i]);
    return 0;
}

// ---- names; what ends with _locked is called with the table's lock held

static void release_locked(struct served *served)
{
    if (served != NULL && --served->rest->borrowers == 0)
        destroy(served);
}

void served_return(struct served_models *models, const struct served *served)
{
    (void)pthread_mutex_lock(&models->table);
    struct served_rest *rest = served->rest;
    const bool last = --rest->borrowers == 0;
    (void)pthread_mutex_unlock(&models->table);
    if (last)
        destroy((struct served *)served); // we lent it
}

static struct name *find_locked(struct served_models *models, const char *text)
{
    for (size_t i = 0; i < MAX_NAMES; i++)
        if (strcmp(models->names[i].text, text) == 0)
            return &models->names[i];
    return NULL;
}

static struct served *borrow_name(struct served_models *models, const char *text)
{
    struct served *served = NULL;
    (void)pthread_mutex_lock(&models->table);
    struct name *name = find_locked(models, text);
    if (name != NULL) {
        served = name->served;
        served->rest->borrowers++;
        name->used = ++models->uses;
    }
    (void)pthread_mutex_unlock(&models->table);
    return served;
}

// One that another name means already.
static struct served *borrow_path(struct served_models *models,
                                  const struct model_location *location)
{
    struct served *served = NULL;
    struct udf_version version;
    if (udf_version_of(location->path, &version) != 0)
        return NULL;
    (void)pthread_mutex_lock(&models->table);
    for (size_t i = 0; i < MAX_NAMES && served == NULL; i++) {
        struct served *one = models->names[i].served;
        if (one != NULL && strcmp(one->location.path, location->path) == 0 &&
            udf_version_same(&one->rest->version, &version)) {
            served = one;
            served->rest->borrowers++;
        }
    }
    (void)pthread_mutex_unlock(&models->table);
    return served;
}

static void install(struct served_models *models, const char *text, struct served *served)
{
    (void)pthread_mutex_lock(&models->table);
    struct name *name = find_locked(models, text);
    for (size_t i = 0; i < MAX_NAMES && name == NULL; i++)
        if (models->names[i].served == NULL)
            name = &models->names[i];
    if (name == NULL) {
        name = &models->names[0];
        for (size_t i = 1; i < MAX_NAMES; i++)
            if (models->names[i].used < name->used)
                name = &models->names[i];
    }
    release_locked(name->served);
    (void)snprintf(name->text, sizeof name->text, "%s", text);
    name->served = served;
    name->used = ++models->uses;
    name->complaint[0] = '\0';
    served->rest->borrowers++;
    (void)pthread_mutex_unlock(&models->table);
}

static void complain(struct served_models *models, const char *text, const struct err *why,
                     uint32_t version)
{
    (void)pthread_mutex_lock(&models->table);
    struct name *name = find_locked(models, text);
    const bool again = name != NULL && strcmp(name->complaint, why->text) == 0;
    if (name != NULL)
        (void)snprintf(name->complaint, sizeof name->complaint, "%s", why->text);
    (void)pthread_mutex_unlock(&models->table);
    if (!again)
        (void)fprintf(stderr, "nn serve: %s; version %u goes on answering\n", why->text, version);
}

static bool is_current(const struct served_models *models, const struct served *served,
                       const struct model_reference *reference)
{
    struct model_location location;
    struct udf_version version;
    return served != NULL && folder_resolve(models->folder, reference, &location, NULL) == 0 &&
           location.version == served->location.version &&
           udf_version_of(location.path, &version) == 0 &&
           udf_version_same(&version, &served->rest->version);
}

static int find_or_load(struct served_models *models, const struct model_reference *reference,
                        const char *text, struct served **served, struct err *err)
{
    struct model_location location;
    TRY(folder_resolve(models->folder, reference, &location, err));
    struct served *found = borrow_path(models, &location);
    if (found == NULL)
        TRY(load(reference->name, &location, &found, err));
    install(models, text, found);
    *served = found;
    return 0;
}

int served_borrow(struct served_models *models, const struct model_reference *reference,
                  const struct served **served, struct err *err)
{
    char text[TEXT_BYTES];
    (void)snprintf(text, sizeof text, "%s@%s", reference->name, reference->tag);
    struct served *found = borrow_name(models, text), *fresh = NULL;
    if (is_current(models, found, reference)) {
        *served = found;
        return 0;
    }
    struct err why = {0};
    (void)pthread_mutex_lock(&models->loading);
    const int code = find_or_load(models, reference, text, &fresh, &why);
    (void)pthread_mutex_unlock(&models->loading);
    if (code != 0 && found == NULL)
        return err_set(err, why.code, "%s", why.text);
    if (code != 0) {
        complain(models, text, &why, found->location.version);
        fresh = found;
    } else if (found != NULL) {
        served_return(models, found);
    }
    *served = fresh;
    return 0;
}

void served_close(struct served_models *models)
{
    if (models == NULL)
        return;
    for (size_t i = 0; i < MAX_NAMES; i++)
        release_locked(models->names[i].served);
    (void)pthread_mutex_destroy(&models->table);
    (void)pthread_mutex_destroy(&models->loading);
    free(models->folder);
    free(models);
}
