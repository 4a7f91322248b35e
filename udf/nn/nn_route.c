// SPDX-License-Identifier: Apache-2.0
// Which version answers for a key while a canary is tried: the rule is model/route.h's, the same as
// nn-serve's.
#include "columns.h"
#include "model/route.h"
#include "nn.h"

#include <stdio.h>

struct routes {
    struct model_reference name;
    struct model_location production, canary;
    bool has_canary;
};

static int find_routes(const char *text, size_t size, struct routes *routes, struct err *err)
{
    struct model_reference canary;
    TRY(reference_parse(text, size, &routes->name, err));
    if (*routes->name.tag != '\0')
        return err_set(err, EX_DATAERR,
                       "'%.*s' says already which version; nn_route wants the name alone",
                       (int)size, text);
    TRY(folder_resolve(loaded_folder(), &routes->name, &routes->production, err));
    canary = routes->name;
    (void)snprintf(canary.tag, sizeof canary.tag, "canary");
    routes->has_canary = folder_resolve(loaded_folder(), &canary, &routes->canary, NULL) == 0;
    return 0;
}

static bool same_text(const struct native_column *column, size_t row)
{
    const uint64_t before = native_start(column->ends, row - 1),
                   start = native_start(column->ends, row), size = column->ends[row] - start;
    return start - before == size &&
           memcmp(column->bytes + before, column->bytes + start, size) == 0;
}

int nn_route(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct native_column *names = call->arguments[0], *keys = call->arguments[1];
    struct routes routes;
    TRY(reply_reserve(call->arena, call->result, call->rows,
                      call->rows * sizeof(struct model_reference), err));
    for (size_t row = 0; row < call->rows; row++) {
        const uint64_t start = native_start(names->ends, row), key = native_start(keys->ends, row);
        if (row == 0 || !same_text(names, row))
            TRY(find_routes(names->bytes + start, names->ends[row] - start, &routes, err));
        const bool canary =
            routes.has_canary && route_is_canary(routes.name.name, keys->bytes + key,
                                                 keys->ends[row] - key, routes.canary.share);
        char text[sizeof(struct model_reference)];
        (void)snprintf(text, sizeof text, "%s@%u", routes.name.name,
                       canary ? routes.canary.version : routes.production.version);
        reply_text(call->result, row, text);
    }
    return 0;
}
