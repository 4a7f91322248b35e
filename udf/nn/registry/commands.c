// SPDX-License-Identifier: Apache-2.0
#include "registry/commands.h"
#include "base/options.h"
#include "base/time.h"
#include "registry/registry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOTES                                                                                      \
    "\nThe registry is an MLflow server (http://HOST:PORT) or a folder (file:///DIR or DIR);\n"    \
    "without --url it is that of MLFLOW_TRACKING_URI. A user is told to MLflow by\n"               \
    "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or by MLFLOW_TRACKING_TOKEN.\n"

struct settings {
    const char *models, *url, *experiment, *alias;
    bool pending;
};

#define SETTING(member) offsetof(struct settings, member)
#define OPTION_MODELS                                                                              \
    {                                                                                              \
        "models", OPTION_TEXT, SETTING(models), "DIR", "the models folder (TICKHOUSE_MODELS)", 0,  \
            0                                                                                      \
    }
#define OPTION_URL                                                                                 \
    {                                                                                              \
        "url", OPTION_TEXT, SETTING(url), "URL", "the registry (MLFLOW_TRACKING_URI)", 0, 0        \
    }

int models_folder(const char *given, const char **models, struct err *err)
{
    *models = given != NULL ? given : getenv("TICKHOUSE_MODELS");
    if (*models != NULL && **models != '\0')
        return 0;
    return err_set(
        err, EX_USAGE,
        "which models folder? Give --models, or set TICKHOUSE_MODELS as './tickhouse nn' "
        "does");
}

const char *registry_url(const char *given)
{
    const char *url = given != NULL ? given : getenv("MLFLOW_TRACKING_URI");
    return url != NULL ? url : "";
}

static int one_reference(const char *command, int argc, char **argv,
                         struct model_reference *reference, struct err *err)
{
    if (argc != 2)
        return err_set(err, EX_USAGE, "%s wants one model; 'nn %s --help' shows how", command,
                       command);
    return reference_parse(argv[1], strlen(argv[1]), reference, err);
}

// ---- push

static const struct option push_options[] = {
    OPTION_URL,
    {"experiment", OPTION_TEXT, SETTING(experiment), "NAME", "of MLflow (the model's name)", 0, 0},
    {"alias", OPTION_TEXT, SETTING(alias), "NAME", "points there afterwards (that of NAME@ALIAS)",
     0, 0},
    {"pending", OPTION_FLAG, SETTING(pending), NULL, "upload what earlier pushes could not", 0, 0},
    OPTION_MODELS,
    {.name = NULL}};

static const struct command push_command = {
    "push", "upload a version of a model, with what its training left",
    "nn push NAME[@VERSION|@ALIAS] [--url URL] [--experiment NAME] | nn push --pending",
    push_options,
    NOTES "\nA push that fails is kept in the models folder; --pending carries it out later, from "
          "where it\nwas cut off.\n"};

static int fill_text(const char *what, const char *text, char *out, size_t size, struct err *err)
{
    if ((size_t)snprintf(out, size, "%s", text) < size)
        return 0;
    return err_set(err, EX_USAGE, "the %s is longer than %zu bytes", what, size - 1);
}

static int fill_order(const struct settings *settings, const char *models,
                      const struct model_reference *reference, struct order *order, struct err *err)
{
    struct model_location location;
    const bool named =
        *reference->tag != '\0' && !(*reference->tag >= '0' && *reference->tag <= '9');
    const char *alias = settings->alias != NULL ? settings->alias : named ? reference->tag : "";
    const char *experiment = settings->experiment != NULL ? settings->experiment : reference->name;
    TRY(folder_resolve(models, reference, &location, err));
    memset(order, 0, sizeof *order);
    order->version = location.version;
    order->since = clock_microseconds();
    TRY(fill_text("name", reference->name, order->name, sizeof order->name, err));
    TRY(fill_text("alias", alias, order->alias, sizeof order->alias, err));
    TRY(fill_text("experiment's name", experiment, order->experiment, sizeof order->experiment,
                  err));
    return fill_text("registry's address", registry_url(settings->url), order->url,
                     sizeof order->url, err);
}

// Whoever carries the order out later stands in another folder.
static int make_absolute(struct order *order, const char *folder, struct err *err)
{
    char here[PATH_MAX], path[ORDER_URL_BYTES];
    if (*folder == '/')
        return 0;
    if (getcwd(here, sizeof here) == NULL)
        return err_set(err, EX_OSERR, "cannot tell which folder this is: %s", strerror(errno));
    if ((size_t)snprintf(path, sizeof path, "%s/%s", here, folder) >= sizeof path)
        return err_set(err, EX_USAGE, "the path of the registry's folder is too long");
    memcpy(order->url, path, sizeof path);
    return 0;
}

// What makes no sense is not kept: it would make none later.
static bool is_worth_keeping(int code)
{
    return code != EX_USAGE && code != EX_NOINPUT;
}

static int keep(const char *models, struct order *order, int code, struct err *err)
{
    char reason[LIMIT_ERROR_TEXT];
    struct err unsaved = {0};
    (void)snprintf(reason, sizeof reason, "%s", err->text);
    (void)snprintf(order->error, sizeof order->error, "%s", err->text);
    order->tries++;
    if (order_save(models, order, &unsaved) != 0)
        (void)fprintf(stderr, "nn: %s\n", unsaved.text);
    (void)snprintf(err->text, sizeof err->text,
                   "%.800s; %s@%u is kept, and './tickhouse nn push --pending' uploads it later",
                   reason, order->name, order->version);
    return code;
}

static int carry_out(const char *models, struct order *order, struct err *err)
{
    const char *url = order->url;
    const struct registry *registry;
    TRY(registry_find(&url, &registry, err));
    TRY(order_save(models, order, err));
    const int code = registry->push(models, order, err);
    if (code != 0 && is_worth_keeping(code))
        return keep(models, order, code, err);
    order_remove(models, order);
    return code;
}

static int push_one(const struct settings *settings, const char *models, int argc, char **argv,
                    struct err *err)
{
    struct model_reference reference = {0};
    struct order order;
    const char *url;
    const struct registry *registry;
    TRY(one_reference("push", argc, argv, &reference, err));
    TRY(fill_order(settings, models, &reference, &order, err));
    url = order.url;
    TRY(registry_find(&url, &registry, err));
    if (registry == &registry_folder)
        TRY(make_absolute(&order, url, err));
    TRY(order_recall(models, &order, err));
    TRY(order_save(models, &order, err)); // kept also while another process holds the lock
    TRY(order_lock(models, err));
    return carry_out(models, &order, err);
}

// Goes on with the others where one fails; the first failure is the command's.
static int push_pending(const char *models, struct arena *arena, struct err *err)
{
    struct order *orders;
    size_t count, failed = 0;
    TRY(order_lock(models, err));
    TRY(order_list(models, arena, &orders, &count, err));
    for (size_t i = 0; i < count; i++) {
        struct err one = {0};
        if (carry_out(models, &orders[i], &one) == 0)
            continue;
        failed++;
        if (err->code == 0)
            *err = one;
        else
            (void)fprintf(stderr, "nn: %s\n", one.text);
    }
    (void)printf("%zu of %zu that waited are pushed\n", count - failed, count);
    return err->code;
}

int command_push(int argc, char **argv, struct err *err)
{
    struct settings settings = {0};
    enum options_result result;
    const char *models;
    struct arena arena;
    TRY(options_parse(&push_command, &argc, argv, &settings, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    TRY(models_folder(settings.models, &models, err));
    if (!settings.pending)
        return push_one(&settings, models, argc, argv, err);
    if (argc != 1)
        return err_set(err, EX_USAGE, "--pending pushes all that wait; it takes no model");
    TRY(arena_open(&arena, LIMIT_ARENA_BYTES, err));
    const int code = push_pending(models, &arena, err);
    arena_close(&arena);
    return code;
}

// ---- pull

static const struct option pull_options[] = {OPTION_URL, OPTION_MODELS, {.name = NULL}};
static const struct command pull_command = {
    "pull", "bring a version into the models folder, which is used from its next block on",
    "nn pull NAME[@ALIAS|@VERSION] [--url URL]", pull_options,
    NOTES "\nNAME is NAME@production. An alias is pointed at what came; a VERSION is the "
          "registry's, and moves\nno alias. The file is checked before anything changes.\n"};

int command_pull(int argc, char **argv, struct err *err)
{
    struct settings settings = {0};
    enum options_result result;
    struct model_reference reference;
    const char *models, *url;
    const struct registry *registry;
    TRY(options_parse(&pull_command, &argc, argv, &settings, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    TRY(models_folder(settings.models, &models, err));
    TRY(one_reference("pull", argc, argv, &reference, err));
    url = registry_url(settings.url);
    TRY(registry_find(&url, &registry, err));
    return registry->pull(models, &reference, url, err);
}

// ---- runs

static const struct option runs_options[] = {
    OPTION_URL,
    {"pending", OPTION_FLAG, SETTING(pending), NULL, "list what waits to be pushed", 0, 0},
    OPTION_MODELS,
    {.name = NULL}};
static const struct command runs_command = {
    "runs", "list the versions of a registry, or what waits to be pushed",
    "nn runs [NAME] [--url URL] | nn runs --pending", runs_options,
    NOTES "\nPrints tab-separated rows with a header.\n"};

static int list_pending(const char *models, struct err *err)
{
    struct order *orders;
    size_t count = 0;
    struct arena arena;
    TRY(arena_open(&arena, LIMIT_ARENA_BYTES, err));
    const int code = order_list(models, &arena, &orders, &count, err);
    (void)printf("model\tversion\talias\turl\texperiment\trun\ttries\terror\n");
    for (size_t i = 0; code == 0 && i < count; i++)
        (void)printf("%s\t%u\t%s\t%s\t%s\t%s\t%u\t%s\n", orders[i].name, orders[i].version,
                     orders[i].alias, orders[i].url, orders[i].experiment, orders[i].run,
                     orders[i].tries, orders[i].error);
    arena_close(&arena);
    return code;
}

int command_runs(int argc, char **argv, struct err *err)
{
    struct settings settings = {0};
    enum options_result result;
    struct model_reference reference = {0};
    const char *models, *url = NULL;
    const struct registry *registry;
    TRY(options_parse(&runs_command, &argc, argv, &settings, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    if (settings.pending) {
        TRY(models_folder(settings.models, &models, err));
        return list_pending(models, err);
    }
    if (argc > 1)
        TRY(one_reference("runs", argc, argv, &reference, err));
    url = registry_url(settings.url);
    TRY(registry_find(&url, &registry, err));
    return registry->runs(url, reference.name, err);
}
