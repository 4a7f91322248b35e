// SPDX-License-Identifier: Apache-2.0
#include "import/scaler.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct numbers {
    const char *name;
    const json_t *list; // NULL: not there
};

static struct numbers find(const json_t *root, const char *name)
{
    char with[32];
    (void)snprintf(with, sizeof with, "%s_", name);
    const json_t *list = json_object_get(root, with);
    return (struct numbers){name, list != NULL ? list : json_object_get(root, name)};
}

static int check_list(const struct numbers *numbers, size_t count, struct err *err)
{
    if (!json_is_array(numbers->list) || json_array_size(numbers->list) != count)
        return err_set(err, EX_DATAERR, "the scaler's '%s' is not a list of %zu numbers",
                       numbers->name, count);
    for (size_t i = 0; i < count; i++)
        if (!isfinite(json_number_value(json_array_get(numbers->list, i))) ||
            !json_is_number(json_array_get(numbers->list, i)))
            return err_set(err, EX_DATAERR, "the scaler's '%s' has no number at place %zu",
                           numbers->name, i);
    return 0;
}

enum form { FORM_STANDARD, FORM_MINMAX, FORM_RANGE, FORM_OURS };

static void convert(enum form form, double a, double b, struct model_feature *feature)
{
    switch (form) {
    case FORM_STANDARD: // (x - a) / b; a feature that never changed is not scaled
        feature->offset = a;
        feature->scale = b == 0 ? 1 : 1 / b;
        break;
    case FORM_MINMAX: // x b + a
        feature->offset = -a / b;
        feature->scale = b;
        break;
    case FORM_RANGE: // (x - a) / (b - a)
        feature->offset = a;
        feature->scale = a == b ? 1 : 1 / (b - a);
        break;
    case FORM_OURS:
        feature->offset = a;
        feature->scale = b;
        break;
    }
}

static int apply_lists(const json_t *root, struct model *model, struct err *err)
{
    // A MinMaxScaler has both of its pairs, and only the first knows its feature_range.
    static const struct {
        const char *first, *second, *scaler;
    } forms[] = {{"mean", "scale", "standard"},
                 {"min", "scale", "minmax"},
                 {"data_min", "data_max", "minmax"},
                 {"offset", "scale", "standard"}};
    const size_t count = model->network.features;
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        const struct numbers first = find(root, forms[f].first),
                             second = find(root, forms[f].second);
        if (first.list == NULL || second.list == NULL)
            continue;
        TRY(check_list(&first, count, err));
        TRY(check_list(&second, count, err));
        for (size_t i = 0; i < count; i++) {
            struct model_feature *feature = &model->features[i];
            convert((enum form)f, json_number_value(json_array_get(first.list, i)),
                    json_number_value(json_array_get(second.list, i)), feature);
            if (!isfinite(feature->offset) || !isfinite(feature->scale) || feature->scale == 0)
                return err_set(err, EX_DATAERR,
                               "the scaler's '%s' and '%s' at place %zu make no scale: a feature "
                               "that is not scaled has 1",
                               forms[f].first, forms[f].second, i);
        }
        model->scaler = forms[f].scaler;
        return 0;
    }
    return err_set(err, EX_DATAERR,
                   "the scaler has none of the pairs mean and scale, data_min and data_max, min "
                   "and scale, offset and scale");
}

static int apply_target(const json_t *root, const char *name, double *value, struct err *err)
{
    const json_t *number = json_object_get(root, name);
    if (number == NULL)
        return 0;
    *value = json_number_value(number);
    return json_is_number(number) && isfinite(*value)
               ? 0
               : err_set(err, EX_DATAERR, "the scaler's '%s' is not a number", name);
}

// A key that is misspelt must not pass for one that is not there.
static int apply_targets(json_t *root, struct model *model, struct err *err)
{
    for (void *at = json_object_iter(root); at != NULL; at = json_object_iter_next(root, at)) {
        const char *key = json_object_iter_key(at);
        if (strncmp(key, "target_", strlen("target_")) == 0 && strcmp(key, "target_offset") != 0 &&
            strcmp(key, "target_scale") != 0)
            return err_set(
                err, EX_DATAERR,
                "the scaler has '%s'; of the target there are 'target_offset' and 'target_scale'",
                key);
    }
    TRY(apply_target(root, "target_offset", &model->target_offset, err));
    TRY(apply_target(root, "target_scale", &model->target_scale, err));
    return model->target_scale != 0
               ? 0
               : err_set(err, EX_DATAERR,
                         "the scaler's 'target_scale' is 0, which makes every prediction the same");
}

int scaler_apply(const char *json, size_t size, struct model *model, struct err *err)
{
    json_error_t why;
    json_t *root = json_loadb(json, size, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(root)) {
        json_decref(root);
        return err_set(err, EX_DATAERR, "the scaler is no JSON object: %s", why.text);
    }
    int code = apply_lists(root, model, err);
    if (code == 0)
        code = apply_targets(root, model, err);
    json_decref(root);
    return code;
}
