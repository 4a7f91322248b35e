// SPDX-License-Identifier: Apache-2.0
// Runs every file of a folder through a fuzz target, so that the corpus is part of the ordinary
// test run, without libFuzzer.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat status;
    if (file == NULL || fstat(fileno(file), &status) != 0)
        return -1;
    const size_t size = (size_t)status.st_size;
    uint8_t *data = malloc(size + 1);
    const size_t got = data != NULL ? fread(data, 1, size, file) : 0;
    (void)fclose(file);
    if (data == NULL || got != size) {
        free(data);
        return -1;
    }
    (void)LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 0;
}

int main(int argc, char **argv)
{
    size_t replayed = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (folder == NULL) {
            perror(argv[i]);
            return 1;
        }
        for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
            char path[4096];
            if (entry->d_name[0] == '.')
                continue;
            (void)snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            if (replay_file(path) != 0) {
                perror(path);
                return 1;
            }
            replayed++;
        }
        (void)closedir(folder);
    }
    (void)printf("%zu inputs replayed\n", replayed);
    return replayed == 0;
}
