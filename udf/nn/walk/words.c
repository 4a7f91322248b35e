// SPDX-License-Identifier: Apache-2.0
#include "walk/words.h"
#include "native/native.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_TEXT = 64 << 10 };

// Who may ask the server something may not choose which of its files are read or written.
static const char *const path_options[] = {"plot", "space", "trials-file"};

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
    return strlen(*text) == column->ends[0]
               ? 0
               : err_set(err, EX_USAGE, "the options hold a NUL, which no option has");
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Takes the next word off the text, in place: parted at spaces, which quotes keep, as in a shell.
// NULL where there is none.
static int next_word(char **text, char **word, struct err *err)
{
    char *from = *text, *to, quote = '\0';
    while (is_space(*from))
        from++;
    *word = *from != '\0' ? from : NULL;
    for (to = from; *from != '\0' && (quote != '\0' || !is_space(*from)); from++)
        if (quote == '\0' && (*from == '"' || *from == '\''))
            quote = *from;
        else if (quote == *from)
            quote = '\0';
        else
            *to++ = *from;
    if (quote != '\0')
        return err_set(err, EX_USAGE, "the options open a quote (%c) and do not close it", quote);
    *text = *from != '\0' ? from + 1 : from;
    *to = '\0';
    return 0;
}

static int check_word(const char *word, struct err *err)
{
    for (size_t i = 0; i < sizeof path_options / sizeof *path_options; i++) {
        const size_t length = strlen(path_options[i]);
        if (strncmp(word, "--", 2) == 0 && strncmp(word + 2, path_options[i], length) == 0 &&
            (word[2 + length] == '\0' || word[2 + length] == '='))
            return err_set(err, EX_USAGE,
                           "--%s names a file of the server and cannot be asked for by a query; "
                           "'./tickhouse nn' has it",
                           path_options[i]);
    }
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
    char *text, *word;
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
    for (;;) {
        TRY(next_word(&text, &word, err));
        if (word == NULL)
            break;
        TRY(check_word(word, err));
        words[count++] = word;
    }
    words[count] = NULL;
    *argc = count;
    *argv = words;
    return 0;
}
