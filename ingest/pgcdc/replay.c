// SPDX-License-Identifier: Apache-2.0
// What pgoutput does not say of a table (its primary key under replica identity full, NOT NULL,
// defaults, the labels of an enum) is in the SQL that made it: for NAME.pgoutput.jsonl that is
// NAME.sql beside it, if there is such a file.
#include "replay.h"
#include "base/file.h"
#include "capture/capture.h"
#include "capture/text.h"
#include "config.h"
#include "ddl.h"
#include "line.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REPLAY_ARENA_BYTES = 1 << 30, REPLAY_PATH_BYTES = 4096 };
#define REPLAY_FILE_BYTES ((size_t)256 << 20) // of SQL

struct replay {
    struct arena arena;
    struct capture_settings settings;
    struct capture *capture;
    struct buffer line, bytes;
};

// NAME.sql for NAME.pgoutput.jsonl
static int describe_tables(struct replay *r, const char *file, struct err *err)
{
    static const char ending[] = ".pgoutput.jsonl";
    const size_t size = strlen(file), tail = sizeof ending - 1;
    char path[REPLAY_PATH_BYTES];
    struct buffer text;
    if (size < tail || size >= sizeof path || strcmp(file + size - tail, ending) != 0)
        return 0;
    (void)snprintf(path, sizeof path, "%.*s.sql", (int)(size - tail), file);
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return 0;
    buffer_init(&text, REPLAY_FILE_BYTES);
    int code = file_read(path, &text, err);
    if (code == 0)
        code = ddl_describe(r->capture, path, text.data, text.size, &r->arena, err);
    buffer_free(&text);
    return code;
}

static int print_message(void *context, const struct capture_message *message, struct err *err)
{
    return line_print(stdout, context, message, err);
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static int decode_hex(const char *hex, struct buffer *bytes, struct err *err)
{
    const size_t size = strlen(hex);
    bytes->size = 0;
    TRY(text_room(bytes, size / 2 + 1, err));
    for (size_t i = 0; i + 1 < size; i += 2) {
        const int high = hex_value(hex[i]), low = hex_value(hex[i + 1]);
        if (high < 0 || low < 0)
            return err_set(err, EX_DATAERR, "'%c%c' is not hex", hex[i], hex[i + 1]);
        text_char(bytes, (char)(high << 4 | low));
    }
    return size % 2 == 0 ? 0 : err_set(err, EX_DATAERR, "hex of an odd length");
}

static int replay_line(struct replay *r, const char *text, size_t size, struct err *err)
{
    json_error_t where;
    json_t *object = json_loadb(text, size, 0, &where);
    const char *lsn = json_string_value(json_object_get(object, "lsn"));
    const char *data = json_string_value(json_object_get(object, "data"));
    unsigned high, low;
    int code;
    if (lsn == NULL || data == NULL || sscanf(lsn, "%8X/%8X", &high, &low) != 2)
        code = err_set(err, EX_DATAERR, "not a record {\"lsn\":\"0/1D71950\",\"data\":\"<hex>\"}");
    else if ((code = decode_hex(data, &r->bytes, err)) == 0)
        code =
            capture_wal(r->capture, (uint64_t)high << 32 | low, r->bytes.data, r->bytes.size, err);
    json_decref(object);
    return code;
}

static int replay_lines(struct replay *r, const char *path, struct err *err)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    char *text = NULL;
    size_t capacity = 0, number = 0;
    int code = 0;
    if (file == NULL)
        return err_set(err, EX_NOINPUT, "cannot read %s: %s", path, strerror(errno));
    for (ssize_t size; code == 0 && (size = getline(&text, &capacity, file)) >= 0;) {
        number++;
        if (strspn(text, " \t\r\n") == (size_t)size)
            continue;
        code = replay_line(r, text, (size_t)size, err);
    }
    if (code != 0)
        (void)err_prefix(err, "%s:%zu", path, number);
    free(text);
    if (file != stdin)
        (void)fclose(file);
    return code;
}

int pgcdc_replay(const char *file, const char *config, struct err *err)
{
    struct replay r = {0};
    buffer_init(&r.line, 8 * LIMIT_CAPTURE_MESSAGE_BYTES);
    buffer_init(&r.bytes, LIMIT_CAPTURE_MESSAGE_BYTES);
    int code = arena_open(&r.arena, REPLAY_ARENA_BYTES, err);
    if (code == 0)
        code = config_read(config, &r.arena, &r.settings, err);
    if (code == 0)
        code = capture_open(&r.capture, &r.settings, print_message, &r.line, err);
    if (code == 0)
        code = describe_tables(&r, file, err);
    if (code == 0)
        code = replay_lines(&r, file, err);
    capture_close(r.capture);
    buffer_free(&r.line);
    buffer_free(&r.bytes);
    arena_close(&r.arena);
    return code;
}
