// SPDX-License-Identifier: Apache-2.0
#include "market/lexicon.h"
#include "base/number.h"

#include <math.h>
#include <string.h>

// What the rules of sentiment.c know besides the words of a file: words of degree and of denial, as
// VADER (C.J. Hutto, MIT) lists them.
static const char boosters[] =
    "absolutely amazingly awfully completely considerable considerably decidedly deeply effing "
    "enormous enormously entirely especially exceptional exceptionally extreme extremely "
    "fabulously flippin flipping frackin fracking frickin fricking friggin frigging fuckin "
    "fucking fuggin fugging fully greatly hella highly hugely incredible incredibly intensely "
    "major majorly more most particularly purely quite really remarkably so substantially "
    "thoroughly total totally tremendous tremendously uber unbelievably unusually utter utterly "
    "very";
static const char dampeners[] =
    "almost barely hardly kind-of kinda kindof less little marginal marginally occasional "
    "occasionally partly scarce scarcely slight slightly somewhat sort-of sorta sortof";
static const char negations[] =
    "ain't aint aren't arent can't cannot cant couldn't couldnt daren't darent despite didn't "
    "didnt doesn't doesnt don't dont hadn't hadnt hasn't hasnt haven't havent isn't isnt "
    "mightn't mightnt mustn't mustnt needn't neednt neither never none nope nor not nothing "
    "nowhere oughtn't oughtnt rarely seldom shan't shant shouldn't shouldnt uh-uh uhuh wasn't "
    "wasnt weren't werent without won't wont wouldn't wouldnt";

enum { MODIFIERS = 256, MAX_SCORE = 100 }; // at most

static size_t slot_of(const struct lexicon_table *table, const char *key, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325; // FNV-1a
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)key[i]) * 0x100000001b3;
    size_t slot = hash & (table->capacity - 1);
    while (table->slots[slot].key != NULL &&
           (table->slots[slot].size != size || memcmp(table->slots[slot].key, key, size) != 0))
        slot = (slot + 1) & (table->capacity - 1);
    return slot;
}

const struct lexicon_entry *lexicon_find(const struct lexicon_table *table, const char *key,
                                         size_t size)
{
    if (table->count == 0)
        return NULL;
    const struct lexicon_entry *entry = &table->slots[slot_of(table, key, size)];
    return entry->key != NULL ? entry : NULL;
}

// Room for one entry a line and `more`, half of it free.
static int open_table(struct lexicon_table *table, struct arena *arena, const char *text,
                      size_t size, size_t more, struct err *err)
{
    size_t lines = 1 + more;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    table->count = 0;
    for (table->capacity = 16; table->capacity < 2 * lines;)
        table->capacity *= 2;
    table->slots = arena_alloc(arena, table->capacity, sizeof *table->slots, err);
    if (table->slots == NULL)
        return err_code(err, EX_OSERR);
    memset(table->slots, 0, table->capacity * sizeof *table->slots);
    return 0;
}

static struct lexicon_entry *add_entry(struct lexicon_table *table, const char *key, size_t size)
{
    struct lexicon_entry *entry = &table->slots[slot_of(table, key, size)];
    table->count += entry->key == NULL;
    entry->key = key;
    entry->size = size;
    return entry;
}

static void add_words(struct lexicon_table *table, const char *words, int degree, bool negates)
{
    while (*words != '\0') {
        const size_t size = strcspn(words, " ");
        struct lexicon_entry *entry = add_entry(table, words, size);
        entry->degree = (int8_t)degree;
        entry->negates = negates;
        words += size + (words[size] == ' ');
    }
}

static void add_modifiers(struct lexicon_table *table)
{
    add_words(table, boosters, 1, false);
    add_words(table, dampeners, -1, false);
    add_words(table, negations, 0, true);
}

struct line {
    const char *key, *value;
    size_t key_size, value_size, number;
    bool has_value;
};

// The next line with something in it, split at its tabs.
static bool next_line(const char **at, const char *end, struct line *line)
{
    while (*at < end) {
        const char *start = *at;
        const char *stop = memchr(start, '\n', (size_t)(end - start));
        stop = stop != NULL ? stop : end;
        *at = stop < end ? stop + 1 : end;
        line->number++;
        if (stop > start && stop[-1] == '\r')
            stop--;
        if (stop == start || (stop - start >= 2 && memcmp(start, "# ", 2) == 0))
            continue;
        const char *tab = memchr(start, '\t', (size_t)(stop - start));
        line->has_value = tab != NULL;
        line->key = start;
        line->key_size = (size_t)((tab != NULL ? tab : stop) - start);
        line->value = tab != NULL ? tab + 1 : stop;
        tab = memchr(line->value, '\t', (size_t)(stop - line->value));
        line->value_size = (size_t)((tab != NULL ? tab : stop) - line->value);
        return true;
    }
    return false;
}

static int copy_text(struct arena *arena, const char **text, size_t size, struct err *err)
{
    char *copy = arena_alloc(arena, size, 1, err);
    if (copy == NULL)
        return err_code(err, EX_OSERR);
    if (size != 0)
        memcpy(copy, *text, size);
    *text = copy;
    return 0;
}

static int bad_line(const struct line *line, const char *wanted, struct err *err)
{
    return err_set(err, EX_DATAERR, "line %zu: '%.*s' has no %s; a line is the word, a tab, the %s",
                   line->number, (int)(line->key_size < 64 ? line->key_size : 64), line->key,
                   wanted, wanted);
}

int lexicon_read(struct lexicon *lexicon, struct arena *arena, const char *text, size_t size,
                 struct err *err)
{
    struct line line = {0};
    TRY(open_table(&lexicon->words, arena, text, size, MODIFIERS, err));
    TRY(copy_text(arena, &text, size, err));
    add_modifiers(&lexicon->words);
    for (const char *at = text, *end = text + size; next_line(&at, end, &line);) {
        double score;
        if (!line.has_value || !number_parse(line.value, line.value_size, &score) ||
            fabs(score) > MAX_SCORE)
            return bad_line(&line, "score from -100 to 100", err);
        struct lexicon_entry *entry = add_entry(&lexicon->words, line.key, line.key_size);
        entry->score = score;
        entry->is_scored = true;
    }
    return 0;
}

int lexicon_read_emojis(struct lexicon *lexicon, struct arena *arena, const char *text, size_t size,
                        struct err *err)
{
    struct line line = {0};
    TRY(open_table(&lexicon->emojis, arena, text, size, 0, err));
    TRY(copy_text(arena, &text, size, err));
    for (const char *at = text, *end = text + size; next_line(&at, end, &line);) {
        if (!line.has_value)
            return bad_line(&line, "description", err);
        struct lexicon_entry *entry = add_entry(&lexicon->emojis, line.key, line.key_size);
        entry->text = line.value;
        entry->text_size = line.value_size;
    }
    return 0;
}
