// SPDX-License-Identifier: Apache-2.0
#include "serve/service.h"
#include "base/utf8.h"
#include "base/version.h"
#include "model/route.h"
#include "serve/infer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char canary_alias[] = "canary", production_alias[] = "production";

// ---- errors

void service_refuse(struct service_reply *reply, unsigned status, const char *sentence)
{
    struct buffer mended; // what a client sent is shown as it is, and need not be UTF-8
    size_t replaced;
    static const char fallback[] = "{\"error\":\"out of memory\"}";
    buffer_init(&mended, (size_t)LIMIT_ERROR_TEXT * 4);
    reply->status = status;
    reply->body.size = 0;
    if (utf8_mend(sentence, strlen(sentence), &mended, &replaced, NULL) != 0 ||
        buffer_append(&mended, "", 1, NULL) != 0 ||
        buffer_printf(&reply->body, NULL, "{\"error\":") != 0 ||
        json_append(&reply->body, mended.data, NULL) != 0 ||
        buffer_append(&reply->body, "}", 1, NULL) != 0) {
        reply->body.size = 0;
        (void)buffer_append(&reply->body, fallback, sizeof fallback - 1, NULL);
    }
    buffer_free(&mended);
}

static unsigned status_of(int code)
{
    switch (code) {
    case EX_NOINPUT:
        return 404;
    case EX_USAGE:
    case EX_DATAERR:
        return 400;
    default:
        return 503;
    }
}

// ---- which model

struct target {
    struct model_reference reference;
    const struct served *served;
    bool canary;
};

// Does the key belong to the canary of a model that was asked for as such or as production?
static bool is_canary(const struct served_models *models, const struct model_reference *reference,
                      const char *key, size_t key_size)
{
    struct model_reference canary = *reference;
    struct model_location location;
    if (key_size == 0 ||
        (reference->tag[0] != '\0' && strcmp(reference->tag, production_alias) != 0))
        return false;
    memcpy(canary.tag, canary_alias, sizeof canary_alias);
    return folder_resolve(served_folder(models), &canary, &location, NULL) == 0 &&
           route_is_canary(reference->name, key, key_size, location.share);
}

// What a client need not know, such as paths, is for the log.
static int explain(const struct model_reference *reference, const struct err *why, struct err *err)
{
    const char *mark = reference->tag[0] != '\0' ? "@" : "";
    if (why->code == EX_NOINPUT)
        return err_set(err, EX_NOINPUT,
                       "there is no model '%s%s%s'; GET /v1/models names those that are",
                       reference->name, mark, reference->tag);
    (void)fprintf(stderr, "nn serve: %s\n", why->text);
    return err_set(err, EX_UNAVAILABLE,
                   "the model '%s%s%s' cannot be read; the server's log says why", reference->name,
                   mark, reference->tag);
}

// A canary that cannot be read is no reason to refuse: production answers.
static int borrow(struct served_models *models, struct target *target, const char *key,
                  size_t key_size, struct service_reply *reply, struct err *err)
{
    struct model_reference canary = target->reference;
    memcpy(canary.tag, canary_alias, sizeof canary_alias);
    target->canary = is_canary(models, &target->reference, key, key_size) &&
                     served_borrow(models, &canary, &target->served, NULL) == 0;
    struct err why = {0};
    if (!target->canary && served_borrow(models, &target->reference, &target->served, &why) != 0)
        return explain(&target->reference, &why, err);
    (void)snprintf(reply->model, sizeof reply->model, "%s@%u", target->served->name,
                   target->served->location.version);
    return 0;
}

static struct infer_model answered(const struct target *target)
{
    return (struct infer_model){target->served->name, target->served->location.version,
                                target->canary, &target->served->model};
}

// ---- predictions

static int predict(struct infer *infer, const struct target *target, struct buffer *out,
                   struct err *err)
{
    const struct served *served = target->served;
    const struct infer_model by = answered(target);
    TRY(infer_take(infer, &served->model, err));
    float *y = malloc(infer->count * served->model.network.outputs * sizeof *y);
    if (y == NULL)
        return err_set(err, EX_OSERR, "no memory for %zu predictions", infer->count);
    int code = served_predict(served, infer->x, infer->count, y, err);
    if (code == 0)
        code = infer_write(infer, &by, y, out, err);
    free(y);
    return code;
}

static int answer_infer(struct served_models *models, const struct service_request *request,
                        struct target *target, enum protocol protocol, struct service_reply *reply,
                        struct err *err)
{
    struct infer infer;
    const char *header = request->key != NULL ? request->key : "";
    int code = infer_open(&infer, protocol, request->body, request->size, err);
    if (code == 0) {
        const char *key = infer.key_size != 0 ? infer.key : *header != '\0' ? header : infer.id;
        code = borrow(models, target, key, strlen(key), reply, err);
    }
    if (code == 0) {
        code = predict(&infer, target, &reply->body, err);
        served_return(models, target->served);
    }
    infer_close(&infer);
    return code;
}

// ---- what models there are

static int describe(struct served_models *models, struct target *target,
                    struct service_reply *reply, struct err *err)
{
    TRY(borrow(models, target, "", 0, reply, err));
    const struct infer_model by = answered(target);
    const int code = infer_describe(&by, &reply->body, err);
    served_return(models, target->served);
    return code;
}

static int answer_ready(struct served_models *models, struct target *target,
                        struct service_reply *reply, struct err *err)
{
    TRY(borrow(models, target, "", 0, reply, err));
    served_return(models, target->served);
    return buffer_printf(&reply->body, err, "{\"name\":\"%s\",\"ready\":true}",
                         target->reference.name);
}

static int write_names(const struct folder_entry *entries, size_t count, struct buffer *out,
                       struct err *err)
{
    TRY(buffer_printf(out, err, "{\"models\":["));
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(entries[i].name, entries[i - 1].name) != 0)
            TRY(buffer_printf(out, err, "%s\"%s\"", i != 0 ? "," : "", entries[i].name));
    return buffer_append(out, "]}", 2, err);
}

static int list_models(struct served_models *models, struct service_reply *reply, struct err *err)
{
    struct folder_entry *entries;
    size_t count;
    struct arena arena;
    TRY(arena_open(&arena, 256 << 20, err));
    int code = folder_list(served_folder(models), &arena, &entries, &count, err);
    if (code == 0)
        code = write_names(entries, count, &reply->body, err);
    arena_close(&arena);
    return code;
}

static int health(struct served_models *models, const char *what, struct service_reply *reply,
                  struct err *err)
{
    const bool ready = strcmp(what, "live") == 0 || access(served_folder(models), R_OK | X_OK) == 0;
    if (!ready)
        return err_set(err, EX_UNAVAILABLE, "the models folder %s cannot be read",
                       served_folder(models));
    return buffer_printf(&reply->body, err, "{\"%s\":true}", what);
}

// ---- paths

enum action {
    ACTION_NONE,
    ACTION_SERVER,
    ACTION_LIVE,
    ACTION_READY,
    ACTION_LIST,
    ACTION_MODEL,
    ACTION_MODEL_READY,
    ACTION_INFER_V1,
    ACTION_INFER_V2
};

static bool starts(const char **at, const char *prefix)
{
    const size_t size = strlen(prefix);
    const bool does = strncmp(*at, prefix, size) == 0;
    *at += does ? size : 0;
    return does;
}

static bool ends(const char *at, size_t *size, const char *suffix)
{
    const size_t length = strlen(suffix);
    const bool does = *size > length && memcmp(at + *size - length, suffix, length) == 0;
    *size -= does ? length : 0;
    return does;
}

// "nvda", "nvda@7", "nvda/versions/7"
static int take_model(const char *at, size_t size, struct model_reference *reference,
                      struct err *err)
{
    static const char middle[] = "/versions/";
    char text[2 * FOLDER_MAX_NAME + 2];
    const char *mark = memmem(at, size, middle, sizeof middle - 1);
    if (mark == NULL)
        return reference_parse(at, size, reference, err);
    const int written =
        snprintf(text, sizeof text, "%.*s@%.*s", (int)(mark - at), at,
                 (int)(size - (size_t)(mark - at) - (sizeof middle - 1)), mark + sizeof middle - 1);
    return reference_parse(text, (size_t)written < sizeof text ? (size_t)written : sizeof text,
                           reference, err);
}

// Parses the path; a model's name that is none is an error.
static int find_action(const char *path, enum action *action, struct target *target,
                       struct err *err)
{
    const char *at = path;
    *action = ACTION_NONE;
    if (strcmp(path, "/v2") == 0 || strcmp(path, "/v2/") == 0)
        *action = ACTION_SERVER;
    else if (strcmp(path, "/v2/health/live") == 0)
        *action = ACTION_LIVE;
    else if (strcmp(path, "/v2/health/ready") == 0)
        *action = ACTION_READY;
    else if (strcmp(path, "/v1/models") == 0)
        *action = ACTION_LIST;
    if (*action != ACTION_NONE)
        return 0;
    const bool v1 = starts(&at, "/v1/models/");
    if (!v1 && !starts(&at, "/v2/models/"))
        return 0;
    size_t size = strlen(at);
    if (v1 && ends(at, &size, ":predict"))
        *action = ACTION_INFER_V1;
    else if (!v1 && ends(at, &size, "/infer"))
        *action = ACTION_INFER_V2;
    else if (v1 || ends(at, &size, "/ready"))
        *action = ACTION_MODEL_READY;
    else
        *action = ACTION_MODEL;
    return take_model(at, size, &target->reference, err);
}

static int act(struct served_models *models, const struct service_request *request,
               enum action action, struct target *target, struct service_reply *reply,
               struct err *err)
{
    switch (action) {
    case ACTION_SERVER:
        return buffer_printf(&reply->body, err,
                             "{\"name\":\"tickhouse\",\"version\":\"%s\",\"extensions\":[]}",
                             TICKHOUSE_VERSION);
    case ACTION_LIVE:
        return health(models, "live", reply, err);
    case ACTION_READY:
        return health(models, "ready", reply, err);
    case ACTION_LIST:
        return list_models(models, reply, err);
    case ACTION_MODEL:
        return describe(models, target, reply, err);
    case ACTION_MODEL_READY:
        return answer_ready(models, target, reply, err);
    case ACTION_INFER_V1:
        return answer_infer(models, request, target, PROTOCOL_V1, reply, err);
    case ACTION_INFER_V2:
        return answer_infer(models, request, target, PROTOCOL_V2, reply, err);
    case ACTION_NONE:
        break;
    }
    return err_set(err, EX_NOINPUT,
                   "there is nothing at %.200s; predictions are at /v2/models/NAME/infer and "
                   "/v1/models/NAME:predict",
                   request->path);
}

static bool check_method(const struct service_request *request, enum action action,
                         struct service_reply *reply)
{
    char sentence[128];
    const bool post = action == ACTION_INFER_V1 || action == ACTION_INFER_V2;
    const bool get = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    if (action == ACTION_NONE || (post ? strcmp(request->method, "POST") == 0 : get))
        return true;
    reply->allow = post ? "POST" : "GET, HEAD";
    (void)snprintf(sentence, sizeof sentence, "%.16s is no method of this address; it takes %s",
                   request->method, reply->allow);
    service_refuse(reply, 405, sentence);
    return false;
}

void service_answer(struct served_models *models, const struct service_request *request,
                    struct service_reply *reply)
{
    struct err err = {0};
    struct target target = {0};
    enum action action;
    reply->status = 200;
    int code = find_action(request->path, &action, &target, &err);
    if (!check_method(request, action, reply))
        return;
    if (code == 0)
        code = act(models, request, action, &target, reply, &err);
    if (code != 0)
        service_refuse(reply, status_of(code), err.text);
}
