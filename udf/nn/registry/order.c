// SPDX-License-Identifier: Apache-2.0
#include "registry/order.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "registry/files.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { MAX_ORDERS = 10000, MAX_ORDER_BYTES = 16 << 10 };

static int orders_path(char path[static PATH_MAX], const char *models, const char *leaf,
                       struct err *err)
{
    return snprintf(path, PATH_MAX, "%s/.push/%s", models, leaf) < PATH_MAX
               ? 0
               : err_set(err, EX_CONFIG, "the path of the models folder is too long");
}

// The same version may go to several places, which differ in the key.
static int order_path(char path[static PATH_MAX], const char *models, const struct order *order,
                      struct err *err)
{
    char leaf[256], key[33];
    struct hash hash;
    hash_init(&hash);
    hash_add(&hash, order->url, strlen(order->url));
    hash_add(&hash, order->experiment, strlen(order->experiment));
    hash_add(&hash, order->alias, strlen(order->alias));
    hash_text(&hash, key);
    (void)snprintf(leaf, sizeof leaf, "%s@%u.%.8s.json", order->name, order->version, key);
    return orders_path(path, models, leaf, err);
}

int order_save(const char *models, const struct order *order, struct err *err)
{
    char path[PATH_MAX];
    TRY(orders_path(path, models, "", err));
    TRY(folder_make(path, err));
    TRY(order_path(path, models, order, err));
    json_t *json =
        json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:s%}", "name", order->name, "version",
                  (json_int_t)order->version, "alias", order->alias, "url", order->url,
                  "experiment", order->experiment, "run", order->run, "since",
                  (json_int_t)order->since, "tries", (json_int_t)order->tries, "error",
                  order->error, utf8_valid_prefix(order->error, strlen(order->error)));
    char *text = json != NULL ? json_dumps(json, JSON_INDENT(2)) : NULL;
    json_decref(json);
    if (text == NULL)
        return err_set(err, EX_DATAERR,
                       "the address or the experiment is no UTF-8, or memory ran out");
    const int code = file_replace(path, text, strlen(text), err);
    free(text);
    return code;
}

void order_remove(const char *models, const struct order *order)
{
    char path[PATH_MAX];
    if (order_path(path, models, order, NULL) == 0)
        (void)unlink(path);
}

static bool take_text(const json_t *json, const char *name, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text != NULL && (size_t)snprintf(out, size, "%s", text) < size;
}

static bool take_integer(const json_t *json, const char *name, json_int_t least, json_int_t most,
                         json_int_t *value)
{
    const json_t *member = json_object_get(json, name);
    *value = json_integer_value(member);
    return json_is_integer(member) && *value >= least && *value <= most;
}

static bool take_order(const json_t *json, struct order *order)
{
    json_int_t version = 0, since = 0, tries = 0;
    memset(order, 0, sizeof *order);
    const bool good = take_text(json, "name", order->name, sizeof order->name) &&
                      take_text(json, "alias", order->alias, sizeof order->alias) &&
                      take_text(json, "url", order->url, sizeof order->url) &&
                      take_text(json, "experiment", order->experiment, sizeof order->experiment) &&
                      take_text(json, "run", order->run, sizeof order->run) &&
                      take_text(json, "error", order->error, sizeof order->error) &&
                      take_integer(json, "version", 1, UINT32_MAX, &version) &&
                      take_integer(json, "since", 0, INT64_MAX, &since) &&
                      take_integer(json, "tries", 0, UINT32_MAX, &tries);
    order->version = (uint32_t)version;
    order->since = since;
    order->tries = (uint32_t)tries;
    return good;
}

static int read_order(const char *path, struct order *order, struct err *err)
{
    struct buffer text;
    buffer_init(&text, MAX_ORDER_BYTES);
    int code = file_read(path, &text, err);
    json_t *json = code == 0 ? json_loadb(text.data, text.size, 0, NULL) : NULL;
    if (code == 0 && !take_order(json, order))
        code = err_set(err, EX_DATAERR, "%s is no order to push; remove it", path);
    json_decref(json);
    buffer_free(&text);
    return code;
}

int order_recall(const char *models, struct order *order, struct err *err)
{
    char path[PATH_MAX];
    struct order earlier;
    TRY(order_path(path, models, order, err));
    if (access(path, F_OK) == 0 && read_order(path, &earlier, NULL) == 0)
        *order = earlier;
    return 0;
}

struct listing {
    const char *models;
    struct order *orders;
    size_t count;
};

static int list_order(void *context, const char *name, struct err *err)
{
    struct listing *listing = context;
    struct err bad = {0};
    char path[PATH_MAX];
    const size_t size = strlen(name);
    if (size < 5 || strcmp(name + size - 5, ".json") != 0 || listing->count == MAX_ORDERS)
        return 0; // the lock, and what a killed process wrote beside
    TRY(orders_path(path, listing->models, name, err));
    if (read_order(path, &listing->orders[listing->count], &bad) == 0)
        listing->count++;
    else
        (void)fprintf(stderr, "nn: %s\n", bad.text);
    return 0;
}

static int compare_orders(const void *a, const void *b)
{
    const struct order *x = a, *y = b;
    return (x->since > y->since) - (x->since < y->since);
}

int order_list(const char *models, struct arena *arena, struct order **orders, size_t *count,
               struct err *err)
{
    struct listing listing = {.models = models};
    char path[PATH_MAX];
    TRY(orders_path(path, models, "", err));
    listing.orders = arena_alloc(arena, MAX_ORDERS, sizeof *listing.orders, err);
    if (listing.orders == NULL)
        return err_code(err, EX_OSERR);
    TRY(folder_walk(path, list_order, &listing, err));
    qsort(listing.orders, listing.count, sizeof *listing.orders, compare_orders);
    *orders = listing.orders;
    *count = listing.count;
    return 0;
}

int order_lock(const char *models, struct err *err)
{
    char path[PATH_MAX];
    TRY(orders_path(path, models, "", err));
    TRY(folder_make(path, err));
    TRY(orders_path(path, models, "lock", err));
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return err_set(err, EX_CANTCREAT, "%s cannot be written: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return 0; // fd stays open on purpose
    (void)close(fd);
    return err_set_retriable(err, EX_TEMPFAIL,
                             "another process pushes from %s; what this one was to push is kept, "
                             "and './tickhouse nn push --pending' uploads it later",
                             models);
}
