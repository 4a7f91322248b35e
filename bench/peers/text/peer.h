// SPDX-License-Identifier: Apache-2.0
// What the peers in C and C++ share: reading lines, and the shortest of nine runs over the rows of
// a text, printed as link_bench does.
#ifndef TICKHOUSE_BENCH_PEER_H
#define TICKHOUSE_BENCH_PEER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct peer_lines {
    char **lines;
    size_t count;
};

static inline char *peer_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        exit(66);
    }
    *size = (size_t)ftell(file);
    rewind(file);
    char *text = (char *)calloc(*size + 1, 1);
    if (text == NULL || fread(text, 1, *size, file) != *size)
        exit(74);
    fclose(file);
    return text;
}

static inline struct peer_lines peer_read_lines(const char *path)
{
    size_t size;
    char *text = peer_read(path, &size);
    struct peer_lines lines = {(char **)calloc(size / 2 + 1, sizeof(char *)), 0};
    for (char *line = text, *end; *line != '\0'; line = end + 1) {
        end = strchr(line, '\n');
        if (end == NULL)
            break;
        *end = '\0';
        lines.lines[lines.count++] = line;
    }
    return lines;
}

static inline double peer_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static inline void peer_run(const char *peer, const char *path,
                            size_t (*search)(void *state, const char *row, size_t size),
                            void *state)
{
    size_t size, found = 0;
    char *text = peer_read(path, &size);
    double best = 1e9;
    for (int round = 0; round < 9; round++) {
        const double start = peer_seconds();
        found = 0;
        for (size_t from = 0, to; from < size; from = to + 1) {
            const char *end = (const char *)memchr(text + from, '\n', size - from);
            to = end != NULL ? (size_t)(end - text) : size;
            found += search(state, text + from, to - from);
        }
        const double seconds = peer_seconds() - start;
        best = seconds < best ? seconds : best;
    }
    printf("%s\t%s\t%.0f\t%zu\n", peer, path, (double)size / best / 1e6, found);
    free(text);
}

#endif
