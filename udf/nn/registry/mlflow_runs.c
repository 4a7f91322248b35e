// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"
#include "registry/mlflow.h"
#include "registry/mlflow_registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_BYTES = 1024 };

const struct registry registry_mlflow = {mlflow_push, mlflow_pull, mlflow_runs};

struct page {
    struct mlflow *mlflow;
    const char *name;
    char token[PAGE_BYTES]; // of the page to get; "" the first
    json_t *reply;
};

static int get_page(void *context, struct err *err)
{
    struct page *page = context;
    char filter[FOLDER_MAX_NAME + 16];
    (void)snprintf(filter, sizeof filter, "name = '%s'", page->name);
    const char *query[] = {"max_results", "100", NULL, NULL, NULL, NULL, NULL};
    size_t used = 2;
    if (*page->name != '\0') {
        query[used++] = "filter";
        query[used++] = filter;
    }
    if (page->token[0] != '\0') {
        query[used++] = "page_token";
        query[used++] = page->token;
    }
    return mlflow_get(page->mlflow, "registered-models/search", query, &page->reply, err);
}

// ---- the versions of one registered model

static void print_aliases(const json_t *model, const char *version)
{
    size_t i;
    const json_t *alias;
    const char *comma = "";
    json_array_foreach(json_object_get(model, "aliases"), i,
                       alias) if (strcmp(json_text(alias, "version"), version) == 0)
    {
        (void)printf("%s%s", comma, json_text(alias, "alias"));
        comma = ",";
    }
}

static void print_version(const json_t *model, const json_t *version)
{
    size_t i;
    const json_t *tag;
    const char *hash = "", *local = "";
    char date[11];
    const double made = json_number_value(json_object_get(version, "creation_timestamp"));
    json_array_foreach(json_object_get(version, "tags"), i, tag)
    {
        if (strcmp(json_text(tag, "key"), MLFLOW_HASH_TAG) == 0)
            hash = json_text(tag, "value");
        if (strcmp(json_text(tag, "key"), "tickhouse.version") == 0)
            local = json_text(tag, "value");
    }
    date_format((int32_t)(made / 86400e3), date);
    (void)printf("%s\t%s\t", json_text(model, "name"), json_text(version, "version"));
    print_aliases(model, json_text(version, "version"));
    (void)printf("\t%s\t%s\t%s\t%s\n", local, date, json_text(version, "run_id"), hash);
}

static int print_model(struct mlflow *mlflow, const json_t *model, struct err *err)
{
    char filter[512], token[PAGE_BYTES] = "";
    (void)snprintf(filter, sizeof filter, "name = '%s'", json_text(model, "name"));
    do {
        const char *const query[] = {"filter",
                                     filter,
                                     "order_by",
                                     "version_number ASC",
                                     token[0] != '\0' ? "page_token" : NULL,
                                     token,
                                     NULL};
        json_t *reply;
        size_t i;
        const json_t *version;
        TRY(mlflow_get(mlflow, "model-versions/search", query, &reply, err));
        json_array_foreach(json_object_get(reply, "model_versions"), i, version)
            print_version(model, version);
        (void)snprintf(token, sizeof token, "%s", json_text(reply, "next_page_token"));
        json_decref(reply);
    } while (token[0] != '\0');
    return 0;
}

// ---- all models

static int print_models(struct page *page, struct err *err)
{
    do {
        size_t i;
        int code = 0;
        const json_t *model;
        TRY(mlflow_patiently(page->mlflow, get_page, page, err));
        json_array_foreach(json_object_get(page->reply, "registered_models"), i,
                           model) if (code == 0) code = print_model(page->mlflow, model, err);
        (void)snprintf(page->token, sizeof page->token, "%s",
                       json_text(page->reply, "next_page_token"));
        json_decref(page->reply);
        TRY(code);
    } while (page->token[0] != '\0');
    return 0;
}

int mlflow_runs(const char *url, const char *name, struct err *err)
{
    struct page page = {.name = name};
    TRY(mlflow_open(&page.mlflow, url, err));
    (void)printf("model\tversion\taliases\tpushed_as\tpushed_on\trun\thash\n");
    const int code = print_models(&page, err);
    mlflow_close(page.mlflow);
    return code;
}
