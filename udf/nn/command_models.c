// SPDX-License-Identifier: Apache-2.0
// `nn models`, `nn show`, `nn promote`: the models folder from the command line, and as rows for
// executable().
#include "base/options.h"
#include "base/time.h"
#include "columns.h"
#include "nn.h"
#include "udf.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// ---- nn models

struct models_options {
    const char *output;
};

static const struct option models_option_list[] = {
    {"output", OPTION_TEXT, offsetof(struct models_options, output), "FORMAT",
     "tsv, or native: blocks for executable(), with all facts and a column error (default native)",
     0, 0},
    {0}};

static const struct command models_command_page = {
    "nn models", "what is in the models folder", "nn models [options]", models_option_list,
    "A file that cannot be read as a model is listed with the reason.\n"};

// What was found at a place: a model, or why it is none.
struct listed {
    struct folder_entry entry;
    const struct loaded *loaded; // NULL: see `why`
    struct err why;
};

static void print_listed(const struct listed *listed)
{
    char layers[NETWORK_LAYERS_BYTES];
    (void)printf("%s\t%u\t%s\t", listed->entry.name, listed->entry.version, listed->entry.aliases);
    if (listed->loaded == NULL) {
        (void)printf("\t\t%s\n", listed->why.text);
        return;
    }
    network_print_layers(&listed->loaded->model.network, layers);
    (void)printf("%s\t%.12s\t\n", layers, listed->loaded->model.hash);
}

// All facts, the aliases, and why it cannot be used, as one block.
static int write_listed(const struct listed *listed, struct arena *arena, struct native_sink *sink,
                        struct err *err)
{
    enum { ALIASES = FACT_COUNT, ERROR, COLUMNS };
    static const struct loaded unknown = {.model = {.scaler = "",
                                                    .target = "",
                                                    .source = "",
                                                    .snapshot = "",
                                                    .rows_hash = "",
                                                    .origin = "",
                                                    .notes = ""}};
    const struct loaded *loaded = listed->loaded != NULL ? listed->loaded : &unknown;
    struct native_column columns[COLUMNS] = {0};
    struct facts_size size = {.bytes = 4 * FOLDER_MAX_NAME};
    facts_measure(loaded, &size);
    for (unsigned i = 0; i < COLUMNS; i++) {
        const char *type = i < FACT_COUNT ? fact_types[i] : "String";
        const struct native_type *parsed;
        TRY(native_type_parse(arena, type, strlen(type), &parsed, err));
        TRY(native_column_new(arena, parsed, 0, &columns[i], err));
    }
    TRY(facts_reserve(arena, columns, &size, err));
    TRY(reply_reserve(arena, &columns[ALIASES], 1, strlen(listed->entry.aliases), err));
    TRY(reply_reserve(arena, &columns[ERROR], 1, LIMIT_ERROR_TEXT, err));
    facts_fill(columns, 0, loaded);
    if (listed->loaded == NULL) {
        reply_text(&columns[FACT_name], 0, listed->entry.name);
        reply_uint32(&columns[FACT_version], 0, listed->entry.version);
        reply_text(&columns[FACT_task], 0, "");
    }
    reply_text(&columns[ALIASES], 0, listed->entry.aliases);
    reply_text(&columns[ERROR], 0, listed->why.text);
    for (unsigned i = 0; i < COLUMNS; i++) {
        columns[i].name = i < FACT_COUNT ? fact_names[i] : i == ALIASES ? "aliases" : "error";
        reply_set_rows(&columns[i], 1);
    }
    const struct native_block block = {1, COLUMNS, columns};
    return native_write_block(sink, &block, err);
}

static void look_at(const struct folder_entry *entry, struct listed *listed)
{
    char text[2 * FOLDER_MAX_NAME + 2];
    *listed = (struct listed){.entry = *entry};
    const int length = snprintf(text, sizeof text, "%s@%u", entry->name, entry->version);
    if (loaded_find(text, (size_t)length, &listed->loaded, &listed->why) != 0)
        listed->loaded = NULL;
}

static int list_all(bool native, struct arena *names, struct arena *arena, struct native_sink *sink,
                    struct err *err)
{
    struct folder_entry *entries;
    size_t count;
    TRY(folder_list(loaded_folder(), names, &entries, &count, err));
    if (!native && access(loaded_folder(), F_OK) != 0)
        (void)fprintf(stderr, "there is no folder %s yet; the first model makes it\n",
                      loaded_folder());
    if (!native)
        (void)printf("name\tversion\taliases\tlayers\thash\terror\n");
    for (size_t i = 0; i < count; i++) {
        struct listed listed;
        look_at(&entries[i], &listed);
        if (native)
            TRY(write_listed(&listed, arena, sink, err));
        else
            print_listed(&listed);
        arena_reset(arena);
    }
    return native ? native_sink_flush(sink, err) : 0;
}

static int read_models_options(int argc, char **argv, struct models_options *options, bool *done,
                               struct err *err)
{
    enum options_result result = OPTIONS_RUN;
    TRY(options_parse(&models_command_page, &argc, argv, options, &result, err));
    *done = result == OPTIONS_DONE;
    if (!*done && (argc != 1 ||
                   (strcmp(options->output, "native") != 0 && strcmp(options->output, "tsv") != 0)))
        return err_set(err, EX_USAGE, "models takes no words, and --output is native or tsv");
    return 0;
}

// The sink is opened first: a wrong option must not look like a folder without models.
int nn_models_command(int argc, char **argv, struct err *err)
{
    struct models_options options = {"native"};
    struct arena names = {0}, arena = {0};
    struct native_sink sink;
    bool done = false;
    TRY(native_sink_fd(&sink, STDOUT_FILENO, err));
    int code = read_models_options(argc, argv, &options, &done, err);
    const bool native = strcmp(options.output, "tsv") != 0;
    if (code == 0 && !done) {
        code = arena_open(&names, 1ULL << 30, err);
        if (code == 0)
            code = arena_open(&arena, 1ULL << 30, err);
        if (code == 0)
            code = list_all(native, &names, &arena, &sink, err);
    }
    if (code != 0 && native && !isatty(STDOUT_FILENO)) {
        (void)native_write_error(&sink, err);
        udf_drain();
    }
    native_sink_close(&sink);
    arena_close(&names);
    arena_close(&arena);
    return code;
}

// ---- nn show

static const struct option no_options[] = {{0}};
static const struct command show_command_page = {"nn show", "what is known of a model",
                                                 "nn show MODEL", no_options,
                                                 "MODEL is NAME, NAME@VERSION or NAME@ALIAS.\n"};

static void print_text(const char *what, const char *text)
{
    if (*text != '\0')
        (void)printf("%-12s %s\n", what, text);
}

static void print_model(const struct loaded *loaded)
{
    const struct model *model = &loaded->model;
    char layers[NETWORK_LAYERS_BYTES], from[11], to[11];
    network_print_layers(&model->network, layers);
    (void)printf("%s@%s\n", loaded->reference.name, loaded->reference.tag);
    print_text("file", loaded->location.path);
    print_text("sha256", model->hash);
    print_text("layers", layers);
    (void)printf("%-12s %zu\n", "parameters", model->network.weight_count);
    (void)printf("%-12s %zu steps of %zu features\n", "look-back", model->network.lookback,
                 model->network.features);
    print_text("predicts", model->target);
    print_text("scaler", model->scaler);
    print_text("source", model->source);
    print_text("snapshot", model->snapshot);
    if (model->train_from != 0) {
        date_format(model->train_from, from);
        date_format(model->train_to, to);
        (void)printf("%-12s %s to %s\n", "trained on", from, to);
    }
    print_text("rows", model->rows_hash);
    print_text("origin", model->origin);
    for (size_t i = 0; i < model->class_count; i++)
        print_text("class", model->classes[i]);
    for (size_t i = 0; i < model->network.features; i++)
        (void)printf("%-12s %s: (x - %.9g) x %.9g\n", "feature", model->features[i].name,
                     model->features[i].offset, model->features[i].scale);
    for (size_t i = 0; i < model->metric_count; i++)
        (void)printf("%-12s %s = %.6g\n", "metric", model->metrics[i].name,
                     model->metrics[i].value);
    print_text("notes", model->notes);
}

int nn_show_command(int argc, char **argv, struct err *err)
{
    const struct loaded *loaded;
    enum options_result result;
    TRY(options_parse(&show_command_page, &argc, argv, NULL, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    if (argc != 2)
        return err_set(err, EX_USAGE, "show wants one model; 'nn models' names them");
    TRY(loaded_find(argv[1], strlen(argv[1]), &loaded, err));
    print_model(loaded);
    return 0;
}

// ---- nn promote

struct promote_options {
    const char *alias;
    double share;
    bool remove;
};

static const struct option promote_option_list[] = {
    {"alias", OPTION_TEXT, offsetof(struct promote_options, alias), "ALIAS",
     "the alias to point at it (default production)", 0, 0},
    {"share", OPTION_NUMBER, offsetof(struct promote_options, share), "SHARE",
     "of keys that the alias canary gets, 0 to 1 (default 1)", 0, 0},
    {"remove", OPTION_FLAG, offsetof(struct promote_options, remove), NULL,
     "remove the alias instead", 0, 0},
    {0}};

static const struct command promote_command_page = {
    "nn promote", "point an alias at a version of a model", "nn promote NAME@VERSION [options]",
    promote_option_list,
    "Functions that name the alias use the version from their next block on. NAME alone means its "
    "newest version;\nNAME@ALIAS the version that the alias means now.\n"};

// NAME means the newest version here, whatever is in production.
static int find_promoted(const char *text, struct model_reference *reference,
                         struct model_location *location, struct err *err)
{
    TRY(reference_parse(text, strlen(text), reference, err));
    if (*reference->tag == '\0')
        return folder_newest(loaded_folder(), reference->name, location, err);
    return folder_resolve(loaded_folder(), reference, location, err);
}

// A share means something to nn_route and nn-serve, which look for a canary.
static int check_share(const struct promote_options *options, struct err *err)
{
    if (options->share == 1 || strcmp(options->alias, "canary") == 0)
        return 0;
    return err_set(err, EX_USAGE,
                   "--share %g: only the alias canary gets a share of keys, '%s' gets all that "
                   "name it; add --alias canary",
                   options->share, options->alias);
}

int nn_promote_command(int argc, char **argv, struct err *err)
{
    struct promote_options options = {"production", 1, false};
    struct model_reference reference;
    struct model_location location;
    const struct loaded *loaded;
    enum options_result result;
    char exact[sizeof reference + 1];
    TRY(options_parse(&promote_command_page, &argc, argv, &options, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    if (argc != 2)
        return err_set(err, EX_USAGE, "promote wants one model; 'nn models' names them");
    TRY(check_share(&options, err));
    TRY(find_promoted(argv[1], &reference, &location, err));
    if (options.remove) {
        TRY(folder_remove_alias(loaded_folder(), reference.name, options.alias, err));
        (void)printf("%s@%s is no more\n", reference.name, options.alias);
        return 0;
    }
    // What cannot be read must not become what answers.
    const int length = snprintf(exact, sizeof exact, "%s@%u", reference.name, location.version);
    TRY(loaded_find(exact, (size_t)length, &loaded, err));
    TRY(folder_set_alias(loaded_folder(), reference.name, options.alias, location.version,
                         options.share, err));
    (void)printf("%s@%s is version %u now", reference.name, options.alias, location.version);
    if (options.share != 1)
        (void)printf(" for a share of %g of keys", options.share);
    (void)printf(", sha256 %s\n", loaded->model.hash);
    return 0;
}
