// SPDX-License-Identifier: Apache-2.0
#include "rows.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void give_up(const char *path)
{
    perror(path);
    exit(EX_NOINPUT);
}

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        give_up(path);
    const long end = ftell(file);
    char *data = end >= 0 ? malloc((size_t)end + 1) : NULL;
    rewind(file);
    if (data == NULL || fread(data, 1, (size_t)end, file) != (size_t)end || fclose(file) != 0)
        give_up(path);
    *size = (size_t)end;
    return data;
}

struct rows rows_read(const char *path)
{
    size_t size, lines = 0;
    struct rows rows = {.data = read_file(path, &size)};
    for (size_t i = 0; i < size; i++)
        lines += rows.data[i] == '\n';
    rows.rows = malloc((lines + 1) * sizeof *rows.rows);
    if (rows.rows == NULL)
        give_up(path);
    for (size_t from = 0; from < size;) {
        const char *end = memchr(rows.data + from, '\n', size - from);
        const size_t to = end != NULL ? (size_t)(end - rows.data) : size;
        rows.rows[rows.count++] = (struct row){rows.data + from, to - from};
        rows.bytes += to - from;
        rows.longest = to - from > rows.longest ? to - from : rows.longest;
        from = to + 1;
    }
    return rows;
}

void rows_free(struct rows *rows)
{
    free(rows->rows);
    free(rows->data);
    *rows = (struct rows){.count = 0};
}

double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

size_t resident_bytes(void)
{
    unsigned long whole = 0, resident = 0;
    malloc_trim(0);
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%lu %lu", &whole, &resident) != 2 || fclose(file) != 0)
        give_up("/proc/self/statm");
    return (size_t)resident * (size_t)sysconf(_SC_PAGESIZE);
}

void facts_print(const struct facts *f)
{
    printf("%s\t%zu\t%zu\t%zu\t%zu\t%.3f\t%.6f\t%zu\n", f->engine, f->aliases, f->rows, f->bytes,
           f->matches, f->build_seconds, f->seconds, f->memory);
}
