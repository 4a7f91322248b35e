// SPDX-License-Identifier: Apache-2.0
#include "model/folder.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_VERSION = 999999999, MAX_ALIAS_BYTES = 64, MAX_ENTRIES = 100000 };
static const char suffix[] = ".safetensors";

// ---- names

static bool name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
}

static bool is_name(const char *text, size_t size)
{
    if (size == 0 || size > FOLDER_MAX_NAME || *text == '.' || *text == '-')
        return false;
    for (size_t i = 0; i < size; i++)
        if (!name_byte(text[i]))
            return false;
    return true;
}

// No alias is taken for a version, nor for the file of one.
static bool is_alias(const char *text, size_t size)
{
    return is_name(text, size) && !(*text >= '0' && *text <= '9') &&
           memchr(text, '.', size) == NULL;
}

// All of `text` as a version: 1 to MAX_VERSION without leading zeros; 0 for anything else.
static uint32_t parse_version(const char *text, size_t size)
{
    uint32_t version = 0;
    if (size == 0 || size > 9 || *text == '0')
        return 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        version = version * 10 + (uint32_t)(text[i] - '0');
    }
    return version;
}

int reference_parse(const char *text, size_t size, struct model_reference *reference,
                    struct err *err)
{
    const char *at = memchr(text, '@', size);
    const size_t name_size = at == NULL ? size : (size_t)(at - text),
                 tag_size = at == NULL ? 0 : size - name_size - 1;
    memset(reference, 0, sizeof *reference);
    if (!is_name(text, name_size) ||
        (at != NULL && parse_version(at + 1, tag_size) == 0 && !is_alias(at + 1, tag_size)))
        return err_set(err, EX_DATAERR,
                       "'%.*s' is no model; write NAME, NAME@VERSION or NAME@ALIAS, of letters, "
                       "digits, '_', '-' and, in the name, '.', as nvda@production",
                       (int)(size > 128 ? 128 : size), text);
    memcpy(reference->name, text, name_size);
    if (at != NULL)
        memcpy(reference->tag, at + 1, tag_size);
    return 0;
}

static int check_name(const char *name, struct err *err)
{
    return is_name(name, strlen(name))
               ? 0
               : err_set(err, EX_USAGE,
                         "'%.128s' is no model's name; letters, digits, '_', '-' and '.' make one, "
                         "at most %d of them",
                         name, FOLDER_MAX_NAME);
}

// ---- paths

static int path_of(char path[static PATH_MAX], struct err *err, const char *folder,
                   const char *name, const char *leaf)
{
    const int length =
        snprintf(path, PATH_MAX, "%s/%s%s%s", folder, name, *leaf == '\0' ? "" : "/", leaf);
    return length < PATH_MAX ? 0
                             : err_set(err, EX_CONFIG, "the path of model '%s' is too long", name);
}

static int path_of_version(char path[static PATH_MAX], struct err *err, const char *folder,
                           const char *name, uint32_t version)
{
    char leaf[32];
    (void)snprintf(leaf, sizeof leaf, "%u%s", version, suffix);
    return path_of(path, err, folder, name, leaf);
}

// The version that a directory entry holds, 0 for any other file.
static uint32_t version_of_entry(const char *leaf)
{
    const size_t size = strlen(leaf), end = sizeof suffix - 1;
    return size > end && strcmp(leaf + size - end, suffix) == 0 ? parse_version(leaf, size - end)
                                                                : 0;
}

// A place that is not there holds nothing; one that cannot be looked at may hold what is asked for.
static int cannot_look(const char *path, struct err *err)
{
    return errno == ENOENT || errno == ENOTDIR
               ? 0
               : err_set(err, EX_IOERR, "%s cannot be read: %s", path, strerror(errno));
}

// 0 where there is none.
static int newest_version(const char *folder, const char *name, uint32_t *newest, struct err *err)
{
    char path[PATH_MAX];
    *newest = 0;
    TRY(path_of(path, err, folder, name, ""));
    DIR *directory = opendir(path);
    if (directory == NULL)
        return cannot_look(path, err);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        const uint32_t version = version_of_entry(entry->d_name);
        *newest = version > *newest ? version : *newest;
    }
    (void)closedir(directory);
    return 0;
}

// ---- aliases

// "7" or "7 0.1", and perhaps the end of a line.
static bool parse_alias(const char *text, struct model_location *location)
{
    const size_t digits = strspn(text, "0123456789");
    char *end = (char *)(uintptr_t)text + digits;
    location->version = parse_version(text, digits);
    location->share = 1;
    if (*end == ' ' && end[1] >= '0' && end[1] <= '9')
        location->share = strtod(end, &end);
    return location->version != 0 && location->share >= 0 && location->share <= 1 &&
           (*end == '\0' || strcmp(end, "\n") == 0);
}

// What the file of an alias says; false when there is none, with an error when it says nothing
// that makes sense.
static int read_alias(const char *folder, const char *name, const char *alias, bool *there,
                      struct model_location *location, struct err *err)
{
    char path[PATH_MAX], text[MAX_ALIAS_BYTES + 1] = "";
    TRY(path_of(path, err, folder, name, alias));
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    *there = fd >= 0;
    if (fd < 0)
        return cannot_look(path, err);
    const ssize_t got = read(fd, text, MAX_ALIAS_BYTES);
    (void)close(fd);
    if (got < 0 || got == MAX_ALIAS_BYTES || (size_t)got != strlen(text) ||
        !parse_alias(text, location))
        return err_set(err, EX_DATAERR,
                       "%s says '%.32s', not a version and perhaps a share; set it again with "
                       "'./tickhouse nn promote'",
                       path, text);
    return 0;
}

int folder_check_alias(const char *alias, struct err *err)
{
    return is_alias(alias, strlen(alias))
               ? 0
               : err_set(err, EX_USAGE,
                         "'%.128s' is no alias; letters, digits, '_' and '-' make one, at most %d "
                         "of them, the first no digit",
                         alias, FOLDER_MAX_NAME);
}

int folder_set_alias(const char *folder, const char *name, const char *alias, uint32_t version,
                     double share, struct err *err)
{
    char path[PATH_MAX], text[MAX_ALIAS_BYTES];
    TRY(check_name(name, err));
    TRY(folder_check_alias(alias, err));
    if (!(share >= 0 && share <= 1))
        return err_set(err, EX_USAGE, "a share of %g; it must be from 0 to 1", share);
    TRY(path_of_version(path, err, folder, name, version));
    if (access(path, R_OK) != 0)
        return err_set(err, EX_NOINPUT, "there is no version %u of model '%s' in %s", version, name,
                       folder);
    const int length = share == 1 ? snprintf(text, sizeof text, "%u\n", version)
                                  : snprintf(text, sizeof text, "%u %.6g\n", version, share);
    TRY(path_of(path, err, folder, name, alias));
    return file_replace(path, text, (size_t)length, err);
}

int folder_remove_alias(const char *folder, const char *name, const char *alias, struct err *err)
{
    char path[PATH_MAX];
    TRY(check_name(name, err));
    TRY(folder_check_alias(alias, err));
    TRY(path_of(path, err, folder, name, alias));
    if (unlink(path) == 0)
        return 0;
    return err_set(err, EX_NOINPUT, "model '%s' has no alias '%s': %s", name, alias,
                   strerror(errno));
}

// ---- references

static int no_such_model(const char *folder, const struct model_reference *reference,
                         struct err *err)
{
    const bool tagged = *reference->tag != '\0';
    return err_set(err, EX_NOINPUT,
                   "there is no model '%s%s%s' in %s; './tickhouse nn models' names those that are",
                   reference->name, tagged ? "@" : "", reference->tag, folder);
}

// Nothing is at the place that was meant.
static int no_such_version(const char *folder, const struct model_reference *reference,
                           const struct model_location *location, bool by_alias, struct err *err)
{
    if (!by_alias)
        return no_such_model(folder, reference, err);
    return err_set(err, EX_NOINPUT,
                   "%s@%s means version %u, which is not there; promote another with './tickhouse "
                   "nn promote'",
                   reference->name, *reference->tag == '\0' ? "production" : reference->tag,
                   location->version);
}

int folder_resolve(const char *folder, const struct model_reference *reference,
                   struct model_location *location, struct err *err)
{
    const char *alias = *reference->tag == '\0' ? "production" : reference->tag;
    bool by_alias = false;
    location->share = 1;
    location->version = parse_version(reference->tag, strlen(reference->tag));
    if (location->version == 0)
        TRY(read_alias(folder, reference->name, alias, &by_alias, location, err));
    if (location->version == 0 && *reference->tag == '\0')
        TRY(newest_version(folder, reference->name, &location->version, err));
    if (location->version == 0)
        return no_such_model(folder, reference, err);
    TRY(path_of_version(location->path, err, folder, reference->name, location->version));
    if (access(location->path, F_OK) == 0)
        return 0;
    TRY(cannot_look(location->path, err));
    return no_such_version(folder, reference, location, by_alias, err);
}

int folder_newest(const char *folder, const char *name, struct model_location *location,
                  struct err *err)
{
    struct model_reference reference = {.tag = ""};
    (void)snprintf(reference.name, sizeof reference.name, "%s", name);
    location->share = 1;
    TRY(newest_version(folder, name, &location->version, err));
    return location->version == 0
               ? no_such_model(folder, &reference, err)
               : path_of_version(location->path, err, folder, name, location->version);
}

int folder_add(const char *folder, const char *name, const void *bytes, size_t size,
               uint32_t *version, struct err *err)
{
    char path[PATH_MAX];
    TRY(check_name(name, err));
    TRY(path_of(path, err, folder, name, ""));
    TRY(folder_make(folder, err));
    TRY(folder_make(path, err));
    TRY(newest_version(folder, name, version, err));
    for (;;) { // another one may take the number in between
        struct err taken = {0};
        ++*version;
        TRY(path_of_version(path, err, folder, name, *version));
        const int code = file_create(path, bytes, size, &taken);
        if (code == 0)
            return 0;
        if (!taken.retriable || *version >= MAX_VERSION)
            return err_set(err, taken.code, "%s", taken.text);
    }
}

// ---- listing

static int compare_entries(const void *a, const void *b)
{
    const struct folder_entry *x = a, *y = b;
    const int names = strcmp(x->name, y->name);
    return names != 0 ? names : (x->version > y->version) - (x->version < y->version);
}

// The aliases of one version, as "canary,production".
static int aliases_of(const char *folder, const char *name, uint32_t version, DIR *directory,
                      struct arena *arena, const char **aliases, struct err *err)
{
    char all[1024] = "";
    size_t used = 0;
    rewinddir(directory);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        struct model_location location;
        bool there = false;
        if (!is_alias(entry->d_name, strlen(entry->d_name)) ||
            read_alias(folder, name, entry->d_name, &there, &location, NULL) != 0 || !there ||
            location.version != version || used + strlen(entry->d_name) + 2 > sizeof all)
            continue;
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", used == 0 ? "" : ",",
                                 entry->d_name);
    }
    return arena_text(arena, all, aliases, err);
}

static int fill_entry(const char *folder, const char *name, DIR *directory, struct arena *arena,
                      struct folder_entry *entry, struct err *err)
{
    char path[PATH_MAX];
    TRY(path_of_version(path, err, folder, name, entry->version));
    TRY(arena_text(arena, name, &entry->name, err));
    TRY(arena_text(arena, path, &entry->path, err));
    return aliases_of(folder, name, entry->version, directory, arena, &entry->aliases, err);
}

static int list_model(const char *folder, const char *name, struct arena *arena,
                      struct folder_entry *entries, size_t *count, struct err *err)
{
    char path[PATH_MAX];
    TRY(path_of(path, err, folder, name, ""));
    DIR *directory = opendir(path);
    const size_t first = *count;
    int code = 0;
    if (directory == NULL)
        return cannot_look(path, err);
    for (const struct dirent *entry;
         (entry = readdir(directory)) != NULL && *count < MAX_ENTRIES;) {
        const uint32_t version = version_of_entry(entry->d_name);
        if (version != 0)
            entries[(*count)++] = (struct folder_entry){.version = version};
    }
    for (size_t i = first; i < *count && code == 0; i++)
        code = fill_entry(folder, name, directory, arena, &entries[i], err);
    (void)closedir(directory);
    return code;
}

int folder_list(const char *folder, struct arena *arena, struct folder_entry **entries,
                size_t *count, struct err *err)
{
    int code = 0;
    *count = 0;
    *entries = arena_alloc(arena, MAX_ENTRIES, sizeof **entries, err);
    DIR *directory = opendir(folder);
    if (directory == NULL && errno != ENOENT)
        code = err_set(err, EX_IOERR, "%s cannot be read: %s", folder, strerror(errno));
    else if (*entries == NULL)
        code = err_code(err, EX_OSERR);
    for (const struct dirent *entry;
         code == 0 && directory != NULL && (entry = readdir(directory)) != NULL;)
        if (is_name(entry->d_name, strlen(entry->d_name)))
            code = list_model(folder, entry->d_name, arena, *entries, count, err);
    if (directory != NULL)
        (void)closedir(directory);
    if (code == 0)
        qsort(*entries, *count, sizeof **entries, compare_entries);
    return code;
}
