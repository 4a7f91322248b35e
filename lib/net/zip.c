// SPDX-License-Identifier: Apache-2.0
#include "net/zip.h"

#include <stdlib.h>
#include <zip.h>

enum { ZIP_READ_BYTES = 1 << 18 };

struct zip_archive {
    zip_t *zip;
};

static int take_zip(struct zip_archive **archive, zip_t *zip, struct err *err)
{
    *archive = malloc(sizeof **archive);
    if (*archive == NULL) {
        zip_discard(zip);
        return err_set(err, EX_OSERR, "out of memory");
    }
    (*archive)->zip = zip;
    return 0;
}

int zip_archive_open(struct zip_archive **archive, const char *path, struct err *err)
{
    int code = 0;
    zip_t *zip = zip_open(path, ZIP_RDONLY, &code);
    *archive = NULL;
    if (zip != NULL)
        return take_zip(archive, zip, err);
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    (void)err_set(err, EX_DATAERR, "%s: cannot open the zip archive: %s", path,
                  zip_error_strerror(&error));
    zip_error_fini(&error);
    return err_code(err, EX_DATAERR);
}

int zip_archive_open_bytes(struct zip_archive **archive, const void *bytes, size_t size,
                           struct err *err)
{
    zip_error_t error;
    *archive = NULL;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(bytes, size, 0, &error);
    zip_t *zip = source != NULL ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    if (zip == NULL) {
        (void)err_set(err, EX_DATAERR, "cannot open the zip archive: %s",
                      zip_error_strerror(&error));
        zip_source_free(source);
    }
    zip_error_fini(&error);
    return zip == NULL ? err_code(err, EX_DATAERR) : take_zip(archive, zip, err);
}

void zip_archive_close(struct zip_archive *archive)
{
    if (archive == NULL)
        return;
    zip_discard(archive->zip);
    free(archive);
}

uint64_t zip_archive_members(const struct zip_archive *archive)
{
    const zip_int64_t count = zip_get_num_entries(archive->zip, 0);
    return count > 0 ? (uint64_t)count : 0;
}

const char *zip_archive_name(const struct zip_archive *archive, uint64_t member)
{
    return zip_get_name(archive->zip, member, 0);
}

static int read_all(zip_file_t *file, struct buffer *out, struct err *err)
{
    for (;;) {
        char *to = buffer_reserve(out, ZIP_READ_BYTES, err);
        if (to == NULL)
            return err_code(err, EX_OSERR);
        const zip_int64_t done = zip_fread(file, to, ZIP_READ_BYTES);
        if (done < 0)
            return err_set(err, EX_DATAERR, "the archive is damaged: %s", zip_file_strerror(file));
        if (done == 0)
            return 0;
        out->size += (size_t)done;
    }
}

int zip_archive_read(struct zip_archive *archive, uint64_t member, struct buffer *out,
                     struct err *err)
{
    zip_file_t *file = zip_fopen_index(archive->zip, member, 0);
    out->size = 0;
    if (file == NULL)
        return err_set(err, EX_DATAERR, "cannot unpack: %s", zip_strerror(archive->zip));
    const int code = read_all(file, out, err);
    (void)zip_fclose(file);
    return code;
}
