// SPDX-License-Identifier: Apache-2.0
#include "walk/words.h"
#include "native/native.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_TEXT = 64 << 10 };

// The text of the only row, NUL-terminated.
static int read_text(int fd, struct arena *arena, char **text, struct err *err)
{
    struct native_source source;
    struct native_block block;
    const struct native_column *column = NULL;
    const struct native_type *type;
    bool more;
    TRY(native_type_parse(arena, "String", 6, &type, err));
    TRY(native_source_fd(&source, fd, err));
    int code = native_read_block(&source, arena, &block, &more, err);
    if (code == 0 && (!more || block.column_count != 1 || block.rows != 1))
        code = err_set(err, EX_USAGE, "the query of options wants one row with one text");
    if (code == 0)
        code = native_convert(arena, &block.columns[0], type, "the options", &column, err);
    if (code == 0 && column->ends[0] > MAX_TEXT)
        code = err_set(err, EX_USAGE, "options of %llu bytes; at most %d are read",
                       (unsigned long long)column->ends[0], MAX_TEXT);
    if (code == 0 && (*text = arena_alloc(arena, column->ends[0] + 1, 1, err)) == NULL)
        code = err_code(err, EX_OSERR);
    native_source_close(&source);
    if (code != 0)
        return code;
    memcpy(*text, column->bytes, column->ends[0]);
    (*text)[column->ends[0]] = '\0';
    return 0;
}

// Where argv says --options-fd; argc when it does not.
static int find_option(int argc, char **argv)
{
    int at = 1;
    while (at < argc && strcmp(argv[at], "--options-fd") != 0)
        at++;
    return at;
}

int words_of_query(int *argc, char ***argv, struct arena *arena, struct err *err)
{
    const int at = find_option(*argc, *argv);
    char *text, *rest = NULL;
    if (at == *argc)
        return 0;
    char *end = NULL;
    const long fd = at + 1 < *argc ? strtol((*argv)[at + 1], &end, 10) : -1;
    if (fd < 3 || fd > 9 || *end != '\0')
        return err_set(err, EX_USAGE, "--options-fd wants a descriptor from 3 to 9");
    TRY(read_text((int)fd, arena, &text, err));
    (void)close((int)fd);
    char **words = arena_alloc(arena, (size_t)*argc + strlen(text) + 1, sizeof *words, err);
    if (words == NULL)
        return err_code(err, EX_OSERR);
    int count = 0;
    for (int i = 0; i < *argc; i++)
        if (i != at && i != at + 1)
            words[count++] = (*argv)[i];
    for (char *word = strtok_r(text, " \t\n", &rest); word != NULL;
         word = strtok_r(NULL, " \t\n", &rest))
        words[count++] = word;
    words[count] = NULL;
    *argc = count;
    *argv = words;
    return 0;
}
