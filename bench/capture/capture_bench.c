// SPDX-License-Identifier: Apache-2.0
// How many changes a core turns into Debezium's messages: recorded bytes of pgoutput, all of them
// again and again but the tables' descriptions, which a server sends once. Prints, for each round,
// changes a second, ns a change, MB of messages a second.
//
// usage: capture_bench CONFIG.json MESSAGES ROUNDS < LINES    a line is LSN in decimal, a blank,
// hex
#include "capture/capture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct message {
    uint64_t lsn;
    unsigned char *bytes;
    size_t size;
};

struct recording {
    struct message *list;
    size_t count;
};

struct totals {
    uint64_t messages, bytes;
};

static int receive(void *context, const struct capture_message *message, struct err *err)
{
    struct totals *totals = context;
    (void)err;
    totals->messages++;
    totals->bytes += message->key_size + message->value_size;
    return 0;
}

static void die(const struct err *err)
{
    (void)fprintf(stderr, "capture_bench: %s\n", err->text);
    exit(err->code != 0 ? err->code : 1);
}

static void read_line(struct recording *r, const char *line)
{
    char *hex;
    struct message m = {.lsn = strtoull(line, &hex, 10)};
    hex++;
    m.size = strspn(hex, "0123456789abcdef") / 2;
    m.bytes = malloc(m.size);
    r->list = realloc(r->list, (r->count + 1) * sizeof *r->list);
    if (m.bytes == NULL || r->list == NULL)
        exit(EX_OSERR);
    for (size_t i = 0; i < m.size; i++) {
        unsigned byte;
        (void)sscanf(hex + 2 * i, "%2x", &byte);
        m.bytes[i] = (unsigned char)byte;
    }
    r->list[r->count++] = m;
}

static void read_recording(struct recording *r)
{
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) > 0)
        read_line(r, line);
    free(line);
}

static void read_settings(const char *path, struct arena *arena, struct capture_settings *settings)
{
    struct err err = {0};
    struct buffer text;
    FILE *file = fopen(path, "re");
    buffer_init(&text, 1 << 20);
    char *to = buffer_reserve(&text, 1 << 16, &err);
    if (file == NULL || to == NULL || arena_open(arena, 1 << 24, &err) != 0)
        die(&err);
    text.size = fread(to, 1, 1 << 16, file);
    (void)fclose(file);
    if (capture_settings_read(path, text.data, text.size, getenv, arena, settings, &err) != 0)
        die(&err);
    buffer_free(&text);
}

// Of the processor, so that a busy machine does not count.
static double seconds_used(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void run(const struct recording *r, const struct capture_settings *settings, uint64_t wanted)
{
    struct err err = {0};
    struct totals totals = {0, 0};
    struct capture *capture;
    if (capture_open(&capture, settings, receive, &totals, &err) != 0)
        die(&err);
    const double start = seconds_used();
    for (uint64_t pass = 0; totals.messages < wanted; pass++) {
        for (size_t i = 0; i < r->count; i++)
            if ((pass == 0 || memchr("RY", r->list[i].bytes[0], 2) == NULL) &&
                capture_wal(capture, r->list[i].lsn, r->list[i].bytes, r->list[i].size, &err) != 0)
                die(&err);
        if (totals.messages == 0)
            exit(EX_DATAERR);
    }
    const double seconds = seconds_used() - start;
    (void)printf("%.0f messages/s  %.0f ns/message  %.0f MB/s\n", (double)totals.messages / seconds,
                 seconds * 1e9 / (double)totals.messages, (double)totals.bytes / seconds / 1e6);
    capture_close(capture);
}

int main(int argc, char **argv)
{
    struct recording recording = {0};
    struct capture_settings settings;
    struct arena arena;
    if (argc != 4)
        return EX_USAGE;
    read_settings(argv[1], &arena, &settings);
    read_recording(&recording);
    for (int i = 0; i < strtol(argv[3], NULL, 10); i++)
        run(&recording, &settings, strtoull(argv[2], NULL, 10));
    return 0;
}
