// SPDX-License-Identifier: Apache-2.0
#include "npz.h"
#include "net/zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ARRAYS = 256 };

struct npz {
    struct zip_archive *archive;
    struct buffer arrays[MAX_ARRAYS];
};

struct npz *npz_open(const char *path)
{
    struct npz *npz = calloc(1, sizeof *npz);
    struct err err = {0};
    if (npz != NULL && zip_archive_open(&npz->archive, path, &err) == 0)
        return npz;
    free(npz);
    return NULL;
}

void npz_close(struct npz *npz)
{
    for (size_t i = 0; i < MAX_ARRAYS; i++)
        buffer_free(&npz->arrays[i]);
    zip_archive_close(npz->archive);
    free(npz);
}

static void give_up(const char *name, const char *why)
{
    (void)fprintf(stderr, "%s: %s\n", name, why);
    exit(1);
}

// The values behind the header: magic, version, its length, a Python dictionary.
static const double *parse(const struct buffer *file, const char *name, size_t *count)
{
    if (file->size < 10 || memcmp(file->data, "\x93NUMPY\x01", 7) != 0)
        give_up(name, "is no .npy of version 1");
    const size_t header =
        10 + (size_t)(unsigned char)file->data[8] + 256 * (size_t)(unsigned char)file->data[9];
    if (header > file->size || header % 8 != 0 || memmem(file->data, header, "'<f8'", 5) == NULL ||
        memmem(file->data, header, "'fortran_order': False", 22) == NULL)
        give_up(name, "is not float64 in C order");
    *count = (file->size - header) / sizeof(double);
    return (const double *)(const void *)(file->data + header);
}

const double *npz_array(struct npz *npz, const char *name, size_t *count)
{
    char member[128];
    struct err err = {0};
    (void)snprintf(member, sizeof member, "%s.npy", name);
    const uint64_t members = zip_archive_members(npz->archive);
    for (uint64_t i = 0; i < members && i < MAX_ARRAYS; i++) {
        const char *found = zip_archive_name(npz->archive, i);
        if (found == NULL || strcmp(found, member) != 0)
            continue;
        if (npz->arrays[i].data == NULL) {
            buffer_init(&npz->arrays[i], 1 << 24);
            if (zip_archive_read(npz->archive, i, &npz->arrays[i], &err) != 0)
                give_up(name, err.text);
        }
        return parse(&npz->arrays[i], name, count);
    }
    give_up(name, "is not in the archive");
    return NULL;
}
