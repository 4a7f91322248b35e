// SPDX-License-Identifier: Apache-2.0
// A file's lines, each a row, and the few measures that every engine reports of itself.
#ifndef TICKHOUSE_BENCH_ROWS_H
#define TICKHOUSE_BENCH_ROWS_H

#include <stddef.h>
#include <stdint.h>

struct row {
    const char *text;
    size_t size;
};

struct rows {
    char *data;
    struct row *rows;
    size_t count, bytes, longest; // bytes: without the ends of lines
};

// Ends the program with a sentence when the file cannot be read.
struct rows rows_read(const char *path);
void rows_free(struct rows *rows);

// CPU time of this thread: the machine may be shared, and every engine works in one thread.
double seconds_now(void);

// What the process holds in memory, in bytes, after everything freed went back.
size_t resident_bytes(void);

struct facts {
    const char *engine;
    size_t aliases, rows, bytes, matches;
    double build_seconds, seconds;
    size_t memory;
};

// The line of facts: TAB between, in the order of struct facts.
void facts_print(const struct facts *facts);

#endif
