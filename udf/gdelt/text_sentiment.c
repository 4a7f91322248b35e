// SPDX-License-Identifier: Apache-2.0
// Sentiment of headlines. A lexicon is a file, lexicons/NAME.txt beside the executable; it is read
// when it is first named, and again when it has been replaced; a block looks at its files once.
#include "text_sentiment.h"
#include "files.h"
#include "gdelt.h"
#include "market/sentiment.h"

#include <string.h>

enum { MAX_LEXICONS = 16, MAX_NAME = 40 };

struct loaded {
    char name[MAX_NAME + 1]; // "": free
    struct arena arena;
    struct lexicon lexicon;
    struct udf_version version, emoji_version;
    size_t checked; // the block in which its files were last looked at
};

static struct udf_folder folder;
static struct loaded lexicons[MAX_LEXICONS];
static size_t block;

int text_sentiment_setup(struct err *err)
{
    return udf_folder_find(&folder, "TICKHOUSE_LEXICONS", "lexicons", err);
}

static void file_path(const struct loaded *l, const char *ending, char path[static PATH_MAX])
{
    (void)snprintf(path, PATH_MAX, "%.*s/%s%s", PATH_MAX - MAX_NAME - 16, folder.path, l->name,
                   ending);
}

// The versions of both files; without a file of emojis its version is all zero.
static int look(const struct loaded *l, struct udf_version *words, struct udf_version *emojis,
                struct err *err)
{
    char path[PATH_MAX];
    memset(emojis, 0, sizeof *emojis);
    file_path(l, ".emoji.txt", path);
    (void)udf_version_of(path, emojis);
    file_path(l, ".txt", path);
    const int cause = udf_version_of(path, words);
    if (cause != 0)
        return err_set(
            err, EX_NOINPUT,
            "no lexicon '%s': %s: %s. 'headlines' comes with tickhouse; others are files "
            "of lines 'word, tab, score' there",
            l->name, path, strerror(cause));
    return 0;
}

static int load_words(struct loaded *l, struct arena *scratch, struct err *err)
{
    char path[PATH_MAX];
    const char *text;
    size_t size;
    file_path(l, ".txt", path);
    TRY(udf_file_read(path, LIMIT_LEXICON_BYTES, scratch, &text, &size, err));
    return lexicon_read(&l->lexicon, &l->arena, text, size, err) != 0 ? err_prefix(err, "%s", path)
                                                                      : 0;
}

static int load_emojis(struct loaded *l, struct arena *scratch, struct err *err)
{
    char path[PATH_MAX];
    const char *text;
    size_t size;
    file_path(l, ".emoji.txt", path);
    TRY(udf_file_read(path, LIMIT_LEXICON_BYTES, scratch, &text, &size, err));
    return lexicon_read_emojis(&l->lexicon, &l->arena, text, size, err) != 0
               ? err_prefix(err, "%s", path)
               : 0;
}

// Address space for what is made of a file.
static size_t room_for(const struct udf_version *file)
{
    enum { TABLE_TIMES = 40, FIXED = 1 << 20 }; // as large as the text; words that no file brings
    const size_t size = (size_t)file->size;
    return FIXED + TABLE_TIMES * (size < LIMIT_LEXICON_BYTES ? size : LIMIT_LEXICON_BYTES);
}

// Reads the files anew when they are not those that were read before.
static int refresh(struct loaded *l, struct arena *scratch, struct err *err)
{
    struct udf_version words, emojis;
    TRY(look(l, &words, &emojis, err));
    if (l->arena.base != NULL && udf_version_same(&words, &l->version) &&
        udf_version_same(&emojis, &l->emoji_version))
        return 0;
    arena_close(&l->arena);
    TRY(arena_open(&l->arena, room_for(&words) + room_for(&emojis), err));
    memset(&l->lexicon, 0, sizeof l->lexicon);
    l->version = l->emoji_version = (struct udf_version){0}; // of none, should what follows fail
    TRY(load_words(l, scratch, err));
    if (emojis.inode != 0)
        TRY(load_emojis(l, scratch, err));
    l->version = words;
    l->emoji_version = emojis;
    return 0;
}

static bool is_name(const char *text, size_t size)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    for (size_t i = 0; i < size; i++)
        if (text[i] == '\0' || strchr(allowed, text[i]) == NULL)
            return false;
    return size > 0 && size <= MAX_NAME;
}

// The lexicon's own slot, else that of the one which is not needed for longest.
static struct loaded *find_slot(const char *name, size_t size)
{
    struct loaded *l = &lexicons[0];
    for (size_t i = 0; i < MAX_LEXICONS; i++) {
        if (strlen(lexicons[i].name) == size && memcmp(lexicons[i].name, name, size) == 0)
            return &lexicons[i];
        if (lexicons[i].checked < l->checked)
            l = &lexicons[i];
    }
    memcpy(l->name, name, size);
    l->name[size] = '\0';
    l->version = l->emoji_version = (struct udf_version){0};
    l->checked = 0;
    return l;
}

static int find_lexicon(const char *name, size_t size, struct arena *scratch,
                        const struct lexicon **lexicon, struct err *err)
{
    if (!is_name(name, size))
        return err_set(err, EX_DATAERR,
                       "'%.*s' is no name of a lexicon: letters, digits, _ and -, at most %d",
                       (int)(size < 64 ? size : 64), name, MAX_NAME);
    struct loaded *l = find_slot(name, size);
    if (l->checked != block)
        TRY(refresh(l, scratch, err));
    l->checked = block;
    *lexicon = &l->lexicon;
    return 0;
}

static int score_row(const struct udf_call *call, size_t row, double *const out[static 4],
                     struct err *err)
{
    const struct native_column *text = call->arguments[0], *name = call->arguments[1];
    const uint64_t from = native_start(text->ends, row), name_from = native_start(name->ends, row);
    const size_t mark = arena_mark(call->arena);
    const struct lexicon *lexicon = NULL;
    struct sentiment sentiment;
    TRY(find_lexicon(name->bytes + name_from, name->ends[row] - name_from, call->arena, &lexicon,
                     err));
    TRY(sentiment_score(lexicon, text->bytes + from, text->ends[row] - from, call->arena,
                        &sentiment, err));
    arena_rewind(call->arena, mark);
    out[0][row] = sentiment.negative;
    out[1][row] = sentiment.neutral;
    out[2][row] = sentiment.positive;
    out[3][row] = sentiment.compound;
    return 0;
}

int text_sentiment(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    double *out[4];
    block++;
    for (size_t i = 0; i < 4; i++) {
        struct native_column *part = &call->result->children[i];
        TRY(native_column_new(call->arena, &call->result->type->children[i], call->rows, part,
                              err));
        out[i] = part->values;
    }
    for (size_t row = 0; row < call->rows; row++)
        TRY(score_row(call, row, out, err));
    return 0;
}
