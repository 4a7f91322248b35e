// SPDX-License-Identifier: Apache-2.0
// Files that must be refused: NAME.FORMAT beside NAME.txt, a part of the sentence that says why.
// Usage: test_nn_import_refused FOLDER
#include "oracle.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static bool check_file(const char *folder, const char *name, struct arena *arena)
{
    const struct import_options options = {.lookback =
                                               strstr(name, ".safetensors") != NULL ? 4 : 0};
    char path[PATH_MAX], text[PATH_MAX];
    struct err err = {0};
    struct model model;
    size_t size = 0, wanted_size = 0;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)snprintf(text, sizeof text, "%s/%.*s.txt", folder, (int)strcspn(name, "."), name);
    const unsigned char *bytes = oracle_file(path, arena, &size);
    char *wanted = (char *)oracle_file(text, arena, &wanted_size);
    if (bytes == NULL || wanted == NULL || wanted_size == 0) {
        (void)printf("%s: it or its sentence is missing\n", name);
        return false;
    }
    wanted[wanted_size - 1] = '\0'; // the line's end
    const int code = oracle_import(bytes, size, &options, arena, &model, &err);
    const bool good = (code == EX_DATAERR || code == EX_USAGE) && strstr(err.text, wanted) != NULL;
    (void)printf("%-28s %s%s\n", name, good ? "" : "WRONG: ", code == 0 ? "was read" : err.text);
    if (!good)
        (void)printf("%-28s wanted: %s\n", "", wanted);
    return good;
}

int main(int argc, char **argv)
{
    struct arena arena;
    size_t done = 0, wrong = 0;
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    if (folder == NULL || arena_open(&arena, LIMIT_IMPORT_MEMORY, NULL) != 0)
        return 1;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *end = strrchr(entry->d_name, '.');
        if (entry->d_name[0] == '.' || end == NULL || strcmp(end, ".txt") == 0)
            continue;
        arena_reset(&arena);
        wrong += !check_file(argv[1], entry->d_name, &arena);
        done++;
    }
    (void)closedir(folder);
    arena_close(&arena);
    (void)printf("%zu files, %zu wrong\n", done, wrong);
    return done == 0 || wrong != 0;
}
