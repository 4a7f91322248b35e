// SPDX-License-Identifier: Apache-2.0
// A table is replaced whole: the new one is made beside the old, so a block sees one or the other.
#include "aliases.h"

#include "../../files.h"
#include "base/hash.h"
#include "link.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PATH = PATH_MAX + NAME_MAX + 2 };

static struct udf_folder folder;

int aliases_setup(struct err *err)
{
    return udf_folder_find(&folder, "TICKHOUSE_ALIASES", "aliases", err);
}

// ---- files
// ---------------------------------------------------------------------------------------

static int is_alias_file(const struct dirent *entry)
{
    const size_t size = strlen(entry->d_name);
    return size > 4 && entry->d_name[0] != '.' && strcmp(entry->d_name + size - 4, ".tsv") == 0;
}

struct listing {
    struct dirent **entries;
    int count;
};

static void listing_close(struct listing *listing)
{
    for (int i = 0; i < listing->count; i++)
        free(listing->entries[i]);
    if (listing->count >= 0)
        free(listing->entries);
    *listing = (struct listing){.entries = NULL};
}

static int listing_open(struct listing *listing, struct err *err)
{
    listing->count = scandir(folder.path, &listing->entries, is_alias_file, alphasort);
    if (listing->count < 0)
        return err_set(err, EX_NOINPUT, "the alias folder %s cannot be read: %s", folder.path,
                       strerror(errno));
    if (listing->count > 0 && listing->count <= ALIAS_MAX_FILES)
        return 0;
    const int count = listing->count;
    listing_close(listing);
    return err_set(err, EX_NOINPUT, "the alias folder %s has %d files *.tsv, not 1 to %d",
                   folder.path, count, ALIAS_MAX_FILES);
}

static void path_of(const struct listing *listing, int file, char path[static MAX_PATH])
{
    (void)snprintf(path, MAX_PATH, "%s/%s", folder.path, listing->entries[file]->d_name);
}

int aliases_each_file(int (*use)(void *state, const char *path, const char *text, size_t size,
                                 struct err *err),
                      void *state, struct err *err)
{
    struct listing listing;
    struct arena arena;
    TRY(listing_open(&listing, err));
    int code = arena_open(&arena, LIMIT_ALIAS_BYTES + (1 << 20), err);
    for (int i = 0; i < listing.count && code == 0; i++) {
        char path[MAX_PATH];
        const char *text;
        size_t size;
        path_of(&listing, i, path);
        arena_reset(&arena);
        code = udf_file_read(path, LIMIT_ALIAS_BYTES, &arena, &text, &size, err);
        if (code == 0)
            code = use(state, path, text, size, err);
    }
    if (arena.base != NULL)
        arena_close(&arena);
    listing_close(&listing);
    return code;
}

static int read_version(uint64_t *version, struct err *err)
{
    struct listing listing;
    struct hash hash;
    TRY(listing_open(&listing, err));
    hash_init(&hash);
    for (int i = 0; i < listing.count; i++) {
        char path[MAX_PATH];
        struct udf_version file = {.size = -1};
        path_of(&listing, i, path);
        (void)udf_version_of(path, &file);
        const int64_t parts[] = {(int64_t)file.inode, file.size, file.modified.tv_sec,
                                 file.modified.tv_nsec};
        hash_add(&hash, path, strlen(path));
        hash_add(&hash, parts, sizeof parts);
    }
    listing_close(&listing);
    *version = hash.low ^ hash.high;
    return 0;
}

// ---- the table
// -----------------------------------------------------------------------------------

static int add_file(void *state, const char *path, const char *text, size_t size, struct err *err)
{
    return alias_build_file(state, path, text, size, err);
}

static int load(struct alias_table *table, struct err *err)
{
    struct alias_build *build;
    TRY(alias_build_open(&build, err));
    int code = aliases_each_file(add_file, build, err);
    if (code == 0)
        code = link_words(build, err);
    if (code == 0)
        code = alias_build_done(build, table, err);
    alias_build_close(build);
    return code;
}

int aliases_open(struct aliases *aliases, struct err *err)
{
    *aliases = (struct aliases){.version = 0};
    TRY(read_version(&aliases->version, err));
    return load(&aliases->table, err);
}

void aliases_refresh(struct aliases *aliases)
{
    struct err err = {0};
    struct alias_table table;
    uint64_t version = 0; // of a folder that cannot be read
    int code = read_version(&version, &err);
    if (version == aliases->version)
        return;
    aliases->version = version;
    if (code == 0)
        code = load(&table, &err);
    if (code != 0) {
        (void)fprintf(stderr, "gdelt: the aliases read before stay in use: %s\n", err.text);
        return;
    }
    alias_table_close(&aliases->table);
    aliases->table = table;
}

void aliases_close(struct aliases *aliases)
{
    alias_table_close(&aliases->table);
}
