// SPDX-License-Identifier: Apache-2.0
#include "registry/mlflow.h"
#include "net/backoff.h"
#include "net/http.h"
#include "registry/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    URL_BYTES = 16 << 10,
    REPLY_BYTES = 16 << 20,
    MESSAGE_BYTES = 400, // of a refusal that are shown
    STALL_SECONDS = 60,
    WAITS = 6,             // about 6 s in all: what is kept is uploaded by the next push anyway
    WAIT_SECONDS_MOST = 30 // of those that the server asks for
};

struct mlflow {
    struct http_client *http;
    char *url; // without a slash at the end
    char shown[256];
    struct credentials credentials;
    char refusal[64]; // MLflow's error code of the last call; "" when it gave none
    long retry_after;
};

int mlflow_open(struct mlflow **mlflow, const char *url, struct err *err)
{
    struct mlflow *opened = calloc(1, sizeof *opened);
    if (opened == NULL || (opened->url = strdup(url)) == NULL) {
        free(opened);
        return err_set(err, EX_OSERR, "out of memory");
    }
    for (size_t end = strlen(url); end != 0 && opened->url[end - 1] == '/'; end--)
        opened->url[end - 1] = '\0';
    http_shown(opened->url, opened->shown, sizeof opened->shown);
    int code = credentials_read(&opened->credentials, err);
    if (code == 0)
        code = http_open(&opened->http, err);
    *mlflow = opened;
    if (code != 0) {
        mlflow_close(opened);
        *mlflow = NULL;
    }
    return code;
}

void mlflow_close(struct mlflow *mlflow)
{
    if (mlflow == NULL)
        return;
    http_close(mlflow->http);
    explicit_bzero(&mlflow->credentials, sizeof mlflow->credentials);
    free(mlflow->url);
    free(mlflow);
}

const char *json_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static bool is_passing(long status)
{
    return status == 408 || status == 429 || status >= 500;
}

// MLflow explains itself as {"error_code": ..., "message": ...}; proxies before it in whatever way.
static int refuse(struct mlflow *mlflow, const char *what, const struct http_reply *reply,
                  struct err *err)
{
    json_t *json = json_loadb(reply->body.data, reply->body.size, 0, NULL);
    const char *message = json_text(json, "message");
    const int size = (int)strnlen(message, MESSAGE_BYTES);
    (void)snprintf(mlflow->refusal, sizeof mlflow->refusal, "%s", json_text(json, "error_code"));
    if (reply->status == 401 || reply->status == 403)
        (void)err_set(err, EX_NOPERM,
                      "%s refuses %s with status %ld; set MLFLOW_TRACKING_TOKEN, or "
                      "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, to those of a user "
                      "who may",
                      mlflow->shown, what, reply->status);
    else if (is_passing(reply->status))
        (void)err_set_retriable(err, EX_TEMPFAIL, "%s answers %s with status %ld%s%.*s",
                                mlflow->shown, what, reply->status, size != 0 ? ": " : "", size,
                                message);
    else
        (void)err_set(err, EX_UNAVAILABLE, "%s refuses %s with status %ld%s%.*s", mlflow->shown,
                      what, reply->status, size != 0 ? ": " : "", size, message);
    json_decref(json);
    return err_code(err, EX_UNAVAILABLE);
}

static int send_request(struct mlflow *mlflow, const char *what, struct http_request *request,
                        struct http_reply *reply, struct err *err)
{
    const char *headers[] = {
        request->headers[0],
        mlflow->credentials.header[0] != '\0' ? mlflow->credentials.header : NULL, NULL};
    request->headers = headers;
    request->shown = mlflow->shown;
    request->stall_seconds = STALL_SECONDS;
    mlflow->refusal[0] = '\0';
    mlflow->retry_after = 0;
    TRY(http_send(mlflow->http, request, reply, err));
    mlflow->retry_after = reply->retry_after;
    return reply->status == 200 ? 0 : refuse(mlflow, what, reply, err);
}

static int read_reply(struct mlflow *mlflow, const char *what, const struct buffer *body,
                      json_t **reply, struct err *err)
{
    json_t *json = json_loadb(body->data, body->size, 0, NULL);
    if (!json_is_object(json)) {
        json_decref(json);
        return err_set(err, EX_PROTOCOL,
                       "%s answers %s with something else than MLflow's JSON; is there an MLflow "
                       "server at this address?",
                       mlflow->shown, what);
    }
    if (reply != NULL)
        *reply = json;
    else
        json_decref(json);
    return 0;
}

static int call(struct mlflow *mlflow, const char *what, const struct buffer *url, const char *body,
                json_t **reply, struct err *err)
{
    static const char *const type[] = {"Content-Type: application/json", NULL};
    struct http_request request = {
        .url = url->data, .headers = type, .body = body, .once = body != NULL};
    struct http_reply received = {0};
    request.body_size = body != NULL ? strlen(body) : 0;
    buffer_init(&received.body, REPLY_BYTES);
    int code = send_request(mlflow, what, &request, &received, err);
    if (code == 0)
        code = read_reply(mlflow, what, &received.body, reply, err);
    buffer_free(&received.body);
    return code;
}

static int append_query(struct buffer *url, const char *const *query, struct err *err)
{
    for (; query != NULL && query[0] != NULL; query += 2) {
        TRY(buffer_printf(url, err, "%c%s=", strchr(url->data, '?') != NULL ? '&' : '?', query[0]));
        TRY(http_escape(url, query[1], err));
    }
    return 0;
}

// `below` is what comes after the root: its slashes stay, its names are escaped by the caller.
static int get(struct mlflow *mlflow, const char *below, const char *what, const char *const *query,
               json_t **reply, struct err *err)
{
    struct buffer url;
    buffer_init(&url, URL_BYTES);
    *reply = NULL;
    int code = buffer_printf(&url, err, "%s/api/2.0/%s", mlflow->url, below);
    if (code == 0)
        code = append_query(&url, query, err);
    if (code == 0)
        code = call(mlflow, what, &url, NULL, reply, err);
    buffer_free(&url);
    return code;
}

int mlflow_get(struct mlflow *mlflow, const char *endpoint, const char *const *query,
               json_t **reply, struct err *err)
{
    char below[128];
    (void)snprintf(below, sizeof below, "mlflow/%s", endpoint);
    return get(mlflow, below, endpoint, query, reply, err);
}

int mlflow_find(struct mlflow *mlflow, const char *endpoint, const char *const *query,
                json_t **reply, struct err *err)
{
    struct err found = {0};
    const int code = mlflow_get(mlflow, endpoint, query, reply, &found);
    // An alias that is not there is an INVALID_PARAMETER_VALUE to MLflow.
    if (code == 0 || strcmp(mlflow->refusal, "RESOURCE_DOES_NOT_EXIST") == 0 ||
        (strcmp(mlflow->refusal, "INVALID_PARAMETER_VALUE") == 0 &&
         strstr(found.text, "not found") != NULL))
        return 0;
    if (err != NULL && err->code == 0)
        *err = found;
    return code;
}

int mlflow_post(struct mlflow *mlflow, const char *endpoint, json_t *body, json_t **reply,
                struct err *err)
{
    struct buffer url;
    char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    buffer_init(&url, URL_BYTES);
    int code = text != NULL ? 0 : err_set(err, EX_OSERR, "out of memory, or no UTF-8 for MLflow");
    if (code == 0)
        code = buffer_printf(&url, err, "%s/api/2.0/mlflow/%s", mlflow->url, endpoint);
    if (code == 0)
        code = call(mlflow, endpoint, &url, text, reply, err);
    buffer_free(&url);
    free(text);
    return code;
}

static int append_path(struct buffer *url, const char *path, struct err *err)
{
    while (*path != '\0') {
        char name[256];
        const size_t size = strcspn(path, "/");
        if (size >= sizeof name)
            return err_set(err, EX_DATAERR, "'%.60s...' is too long for the name of an artifact",
                           path);
        memcpy(name, path, size);
        name[size] = '\0';
        path += size + (path[size] == '/');
        TRY(buffer_append(url, "/", 1, err));
        TRY(http_escape(url, name, err));
    }
    return 0;
}

static int artifact_url(const struct mlflow *mlflow, const char *folder, const char *name,
                        struct buffer *url, struct err *err)
{
    TRY(buffer_printf(url, err, "%s/api/2.0/mlflow-artifacts/artifacts", mlflow->url));
    TRY(append_path(url, folder, err));
    return append_path(url, name, err);
}

static int transfer(struct mlflow *mlflow, const char *folder, const char *name,
                    struct http_request *request, struct http_reply *reply, struct err *err)
{
    static const char *const type[] = {"Content-Type: application/octet-stream", NULL};
    struct buffer url;
    char what[320];
    buffer_init(&url, URL_BYTES);
    (void)snprintf(what, sizeof what, "the artifact %s", name);
    int code = artifact_url(mlflow, folder, name, &url, err);
    request->url = url.data;
    request->headers = type;
    if (code == 0)
        code = send_request(mlflow, what, request, reply, err);
    buffer_free(&url);
    return code;
}

int mlflow_upload(struct mlflow *mlflow, const char *folder, const char *name, const void *bytes,
                  size_t size, struct err *err)
{
    struct http_request request = {
        .method = "PUT", .body = size != 0 ? bytes : "", .body_size = size};
    struct http_reply reply = {0};
    buffer_init(&reply.body, REPLY_BYTES);
    const int code = transfer(mlflow, folder, name, &request, &reply, err);
    buffer_free(&reply.body);
    return code;
}

int mlflow_download(struct mlflow *mlflow, const char *folder, const char *name,
                    struct buffer *bytes, struct err *err)
{
    struct http_request request = {0};
    struct http_reply reply = {.body = *bytes};
    const int code = transfer(mlflow, folder, name, &request, &reply, err);
    *bytes = reply.body;
    return code;
}

int mlflow_list(struct mlflow *mlflow, const char *folder, json_t **reply, struct err *err)
{
    const char *const query[] = {"path", folder, NULL};
    return get(mlflow, "mlflow-artifacts/artifacts", "the list of artifacts", query, reply, err);
}

int mlflow_artifact_folder(const char *uri, const char **folder, struct err *err)
{
    static const char scheme[] = "mlflow-artifacts:";
    const char *path = uri + sizeof scheme - 1;
    if (strncmp(uri, scheme, sizeof scheme - 1) != 0)
        return err_set(err, EX_CONFIG,
                       "the artifacts are at '%.200s', past the MLflow server; start it with "
                       "--serve-artifacts, so that it takes them itself, and use an experiment "
                       "made since",
                       uri);
    if (strncmp(path, "//", 2) == 0)
        path += 2 + strcspn(path + 2, "/");
    *folder = path + strspn(path, "/");
    return 0;
}

static bool wait_for(struct mlflow *mlflow, struct backoff *backoff, const struct err *err)
{
    double seconds;
    if (!err->retriable || !backoff_next(backoff, &seconds))
        return false;
    if ((double)mlflow->retry_after > seconds)
        seconds = mlflow->retry_after < WAIT_SECONDS_MOST ? (double)mlflow->retry_after
                                                          : WAIT_SECONDS_MOST;
    (void)fprintf(stderr, "nn: %s; trying again in %.1f s\n", err->text, seconds);
    return backoff_sleep(seconds);
}

int mlflow_patiently(struct mlflow *mlflow, int (*step)(void *context, struct err *err),
                     void *context, struct err *err)
{
    struct backoff backoff;
    backoff_init(&backoff, WAITS);
    for (;;) {
        struct err failed = {0};
        const int code = step(context, &failed);
        if (code == 0)
            return 0;
        if (wait_for(mlflow, &backoff, &failed))
            continue;
        failed.code = failed.retriable ? EX_TEMPFAIL : code;
        if (err != NULL && err->code == 0)
            *err = failed;
        return failed.code;
    }
}
