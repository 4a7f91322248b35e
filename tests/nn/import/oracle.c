// SPDX-License-Identifier: Apache-2.0
#include "oracle.h"

#include <stdio.h>

unsigned char *oracle_file(const char *path, struct arena *arena, size_t *size)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = NULL;
    long end = -1;
    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (end = ftell(file)) > 0 && fseek(file, 0, SEEK_SET) == 0)
        bytes = arena_alloc(arena, (size_t)end, 1, NULL);
    if (bytes != NULL && fread(bytes, 1, (size_t)end, file) != (size_t)end)
        bytes = NULL;
    *size = (size_t)end;
    (void)fclose(file);
    return bytes;
}

static size_t count_numbers(const json_t *lists, double *out)
{
    if (json_is_number(lists)) {
        if (out != NULL)
            *out = json_number_value(lists);
        return 1;
    }
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(lists); i++)
        count += count_numbers(json_array_get(lists, i), out != NULL ? out + count : NULL);
    return count;
}

double *oracle_numbers(const json_t *lists, struct arena *arena, size_t *count)
{
    *count = count_numbers(lists, NULL);
    double *numbers = *count == 0 ? NULL : arena_alloc(arena, *count, sizeof *numbers, NULL);
    if (numbers != NULL)
        (void)count_numbers(lists, numbers);
    return numbers;
}

int oracle_import(const unsigned char *bytes, size_t size, const struct import_options *options,
                  struct arena *arena, struct model *model, struct err *err)
{
    const struct import_source source = {
        .bytes = bytes, .size = size, .options = options, .arena = arena};
    struct import_report report;
    return import_model(&source, model, &report, err);
}
