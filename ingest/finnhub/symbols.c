// SPDX-License-Identifier: Apache-2.0
#include "symbols.h"
#include "live/batch.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_symbol(const char *word, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)word[i] <= ' ' || (unsigned char)word[i] >= 0x7f ||
            strchr("\"\\<>&?#%", word[i]) != NULL)
            return false;
    return size != 0 && size <= LIVE_SYMBOL_BYTES;
}

// Texts are offsets until all are read, since the buffer moves.
static int add_symbol(struct symbols *symbols, const char *word, size_t size, struct err *err)
{
    for (size_t at = 0; at < symbols->text.size; at += strlen(symbols->text.data + at) + 1)
        if (strlen(symbols->text.data + at) == size &&
            memcmp(symbols->text.data + at, word, size) == 0)
            return 0;
    if (symbols->count == SYMBOLS_MOST)
        return err_set(err, EX_USAGE, "more than %d symbols", SYMBOLS_MOST);
    TRY(buffer_append(&symbols->text, word, size, err));
    TRY(buffer_append(&symbols->text, "", 1, err));
    symbols->count++;
    return 0;
}

static int read_list(struct symbols *symbols, const char *list, struct err *err)
{
    while (*list != '\0') {
        const char *comma = strchrnul(list, ',');
        if (!is_symbol(list, (size_t)(comma - list)))
            return err_set(err, EX_USAGE, "--symbols: '%.*s' is no symbol; write for example %s",
                           (int)(comma - list), list, "AAPL,MSFT");
        TRY(add_symbol(symbols, list, (size_t)(comma - list), err));
        list = *comma != '\0' ? comma + 1 : comma;
    }
    return 0;
}

static int read_line(struct symbols *symbols, char *line, const char *path, size_t number,
                     struct err *err)
{
    line[strcspn(line, "#\r\n")] = '\0';
    line += strspn(line, " \t");
    size_t size = strlen(line);
    while (size != 0 && (line[size - 1] == ' ' || line[size - 1] == '\t'))
        size--;
    if (size == 0)
        return 0;
    if (!is_symbol(line, size))
        return err_set(err, EX_DATAERR, "%s, line %zu: '%.*s' is no symbol", path, number,
                       (int)size, line);
    return add_symbol(symbols, line, size, err);
}

static int read_file(struct symbols *symbols, const char *path, struct err *err)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t room = 0, number = 0;
    int code = 0;
    if (file == NULL)
        return err_set(err, EX_NOINPUT, "--symbols-file: %s cannot be read: %s", path,
                       strerror(errno));
    while (code == 0 && getline(&line, &room, file) >= 0)
        code = read_line(symbols, line, path, ++number, err);
    free(line);
    (void)fclose(file);
    return code;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int symbols_read(struct symbols *symbols, const char *list, const char *path, struct err *err)
{
    symbols->count = 0;
    buffer_init(&symbols->text, SYMBOLS_BYTES);
    if (list != NULL)
        TRY(read_list(symbols, list, err));
    if (path != NULL)
        TRY(read_file(symbols, path, err));
    size_t at = 0;
    for (size_t i = 0; i < symbols->count; i++) {
        symbols->list[i] = symbols->text.data + at;
        at += strlen(symbols->text.data + at) + 1;
    }
    qsort(symbols->list, symbols->count, sizeof *symbols->list, compare);
    return 0;
}

size_t symbols_find(const struct symbols *symbols, const struct csv_view *name)
{
    size_t low = 0, high = symbols->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strncmp(symbols->list[middle], name->data, name->size);
        const int sign = order != 0 ? order : symbols->list[middle][name->size];
        if (sign == 0)
            return middle;
        if (sign < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return symbols->count;
}

void symbols_free(struct symbols *symbols)
{
    buffer_free(&symbols->text);
}
