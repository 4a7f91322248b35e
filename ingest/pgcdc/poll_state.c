// SPDX-License-Identifier: Apache-2.0
#include "poll_state.h"
#include "base/buffer.h"
#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 1024, FILE_BYTES_MOST = POLL_TABLES_MOST * LINE_BYTES };

static const char head[] = "tickhouse pgpoll 1";

static int damaged(const struct poll_state *state, int line, struct err *err)
{
    return err_set(err, EX_DATAERR,
                   "%s:%d is not a line that pgpoll wrote; remove the file to begin anew",
                   state->path, line);
}

// Up to the next tab or the end of the line; false when it does not fit.
static bool take_word(const char **at, char *out, size_t size)
{
    const size_t length = strcspn(*at, "\t\n");
    if (length >= size)
        return false;
    memcpy(out, *at, length);
    out[length] = '\0';
    *at += length;
    if (**at == '\t')
        ++*at;
    return true;
}

static int take_head(const struct poll_state *state, const char *line, struct err *err)
{
    char word[sizeof head], columns[sizeof state->columns];
    if (!take_word(&line, word, sizeof word) || strcmp(word, head) != 0 ||
        !take_word(&line, columns, sizeof columns))
        return damaged(state, 1, err);
    if (strcmp(columns, state->columns) != 0)
        return err_set(err, EX_CONFIG,
                       "%s was written with '%s', and this run has '%s': take the same, or another "
                       "--state",
                       state->path, columns, state->columns);
    return 0;
}

static int take_place(struct poll_state *state, const char *line, int number, struct err *err)
{
    struct poll_place place;
    if (!take_word(&line, place.table, sizeof place.table) ||
        !take_word(&line, place.incrementing, sizeof place.incrementing) ||
        !take_word(&line, place.timestamp, sizeof place.timestamp) || *line != '\n')
        return damaged(state, number, err);
    struct poll_place *kept = poll_state_find(state, place.table, err);
    if (kept == NULL)
        return err_code(err, EX_DATAERR);
    *kept = place;
    return 0;
}

static int read_lines(struct poll_state *state, FILE *file, struct err *err)
{
    char line[LINE_BYTES];
    for (int number = 1; fgets(line, sizeof line, file) != NULL; number++)
        TRY(number == 1 ? take_head(state, line, err) : take_place(state, line, number, err));
    return ferror(file)
               ? err_set(err, EX_NOINPUT, "cannot read %s: %s", state->path, strerror(errno))
               : 0;
}

int poll_state_open(struct poll_state *state, const char *path, const char *columns,
                    struct err *err)
{
    *state = (struct poll_state){.path = path};
    (void)snprintf(state->columns, sizeof state->columns, "%s", columns);
    state->places = calloc(POLL_TABLES_MOST, sizeof *state->places);
    if (state->places == NULL)
        return err_set(err, EX_OSERR, "no memory for the state of %d tables", POLL_TABLES_MOST);
    FILE *file = fopen(path, "re");
    if (file == NULL && errno == ENOENT)
        return 0;
    if (file == NULL)
        return err_set(err, EX_NOINPUT, "cannot read %s: %s", path, strerror(errno));
    const int code = read_lines(state, file, err);
    (void)fclose(file);
    return code;
}

void poll_state_close(struct poll_state *state)
{
    free(state->places);
    state->places = NULL;
}

struct poll_place *poll_state_find(struct poll_state *state, const char *table, struct err *err)
{
    for (size_t i = 0; i < state->count; i++)
        if (strcmp(state->places[i].table, table) == 0)
            return &state->places[i];
    if (state->count == POLL_TABLES_MOST || strlen(table) >= POLL_NAME_BYTES) {
        (void)err_set(err, EX_CONFIG, "there is no room in the state for the table %s", table);
        return NULL;
    }
    struct poll_place *place = &state->places[state->count++];
    *place = (struct poll_place){0};
    (void)snprintf(place->table, sizeof place->table, "%s", table);
    return place;
}

static int format(const struct poll_state *state, struct buffer *text, struct err *err)
{
    TRY(buffer_printf(text, err, "%s\t%s\n", head, state->columns));
    for (size_t i = 0; i < state->count; i++)
        TRY(buffer_printf(text, err, "%s\t%s\t%s\n", state->places[i].table,
                          state->places[i].incrementing, state->places[i].timestamp));
    return 0;
}

int poll_state_save(const struct poll_state *state, struct err *err)
{
    struct buffer text;
    buffer_init(&text, FILE_BYTES_MOST);
    int code = format(state, &text, err);
    if (code == 0)
        code = file_replace(state->path, text.data, text.size, err);
    buffer_free(&text);
    return code;
}
