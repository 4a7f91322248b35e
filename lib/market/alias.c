// SPDX-License-Identifier: Apache-2.0
// Two tables of open addressing: the heads say whether any phrase begins with a word and how long
// such phrases are, the slots hold phrases by the hash of all their words. A look-up costs a bit of
// a 32 KB map for most words, one slot for a name. What is dropped while building (files' texts,
// the original spelling) is not kept: 100,000 aliases take about 10 MB.
#include "market/alias.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const alias_kind_names[ALIAS_KIND_COUNT] = {
#define KIND(name) #name,
    ALIAS_KINDS(KIND)
#undef KIND
};
const char *const alias_needs_names[ALIAS_NEEDS_COUNT] = {"", "evidence", "proof"};

// ---- lines
// ---------------------------------------------------------------------------------------

enum column { TICKER, ALIAS, KIND, VALID_FROM, VALID_TO, NEEDS, COLUMNS };
static const char *const column_names[COLUMNS] = {"ticker",     "alias",    "kind",
                                                  "valid_from", "valid_to", "needs"};

struct field {
    const char *text;
    size_t size;
};

static bool field_is(struct field f, const char *word)
{
    return f.size == strlen(word) && memcmp(f.text, word, f.size) == 0;
}

static int bad_field(const struct alias_reader *r, enum column column, struct field f,
                     const char *wanted, struct err *err)
{
    return err_set(err, EX_DATAERR, "%s, line %zu, column '%s': '%.*s' is not %s", r->file, r->line,
                   column_names[column], (int)(f.size < 60 ? f.size : 60), f.text, wanted);
}

static int split_fields(const struct alias_reader *r, struct field line, struct field *fields,
                        struct err *err)
{
    size_t count = 1;
    fields[0] = (struct field){line.text, 0};
    for (size_t i = 0; i < line.size; i++) {
        if (line.text[i] != '\t')
            fields[count - 1].size++;
        else if (count++ < COLUMNS)
            fields[count - 1] = (struct field){line.text + i + 1, 0};
        else
            break;
    }
    if (count != COLUMNS)
        return err_set(err, EX_DATAERR,
                       "%s, line %zu: %s than the %d columns ticker, alias, kind, valid_from, "
                       "valid_to, needs; they are separated by tabs",
                       r->file, r->line, count < COLUMNS ? "fewer" : "more", COLUMNS);
    return 0;
}

static int read_kind(const struct alias_reader *r, struct field f, enum alias_kind *kind,
                     struct err *err)
{
    for (*kind = 0; *kind < ALIAS_KIND_COUNT; (*kind)++)
        if (field_is(f, alias_kind_names[*kind]))
            return 0;
    return bad_field(r, KIND, f,
                     "a kind: legal, name, brand, subsidiary, former, ticker, listed or not", err);
}

static int read_needs(const struct alias_reader *r, struct field f, enum alias_needs *needs,
                      struct err *err)
{
    for (*needs = 0; *needs < ALIAS_NEEDS_COUNT; (*needs)++)
        if (field_is(f, alias_needs_names[*needs]))
            return 0;
    return bad_field(r, NEEDS, f, "'evidence', 'proof' or empty", err);
}

static int read_date(const struct alias_reader *r, enum column column, struct field f, int32_t *day,
                     struct err *err)
{
    if (f.size != 0 && (!date_parse(f.text, f.size, day) || *day < 0 || *day >= UINT16_MAX))
        return bad_field(r, column, f, "a date between 1970-01-01 and 2149-06-05 (YYYY-MM-DD)",
                         err);
    return 0;
}

static bool is_ticker(struct field f)
{
    for (size_t i = 0; i < f.size; i++)
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", f.text[i]) == NULL || f.text[i] == 0)
            return false;
    return f.size != 0 && f.size <= ALIAS_MAX_TICKER;
}

static int read_line(const struct alias_reader *r, struct field text, struct alias_line *line,
                     struct err *err)
{
    struct field fields[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++)
        fields[i] = (struct field){"", 0};
    TRY(split_fields(r, text, fields, err));
    TRY(read_kind(r, fields[KIND], &line->kind, err));
    if (line->kind != ALIAS_not && !is_ticker(fields[TICKER]))
        return bad_field(r, TICKER, fields[TICKER], "a ticker: 1 to 12 of A-Z 0-9 . -", err);
    if (fields[ALIAS].size == 0 || fields[ALIAS].size > ALIAS_MAX_BYTES)
        return bad_field(r, ALIAS, fields[ALIAS], "a name of 1 to 120 bytes", err);
    if (line->kind == ALIAS_ticker && !is_ticker(fields[ALIAS]))
        return bad_field(r, ALIAS, fields[ALIAS], "a symbol: 1 to 12 of A-Z 0-9 . -", err);
    line->from = 0;
    line->to = INT32_MAX;
    TRY(read_date(r, VALID_FROM, fields[VALID_FROM], &line->from, err));
    TRY(read_date(r, VALID_TO, fields[VALID_TO], &line->to, err));
    if (line->from > line->to)
        return bad_field(r, VALID_TO, fields[VALID_TO], "on or behind valid_from", err);
    TRY(read_needs(r, fields[NEEDS], &line->needs, err));
    line->ticker = fields[TICKER].text;
    line->ticker_size = line->kind == ALIAS_not ? 0 : fields[TICKER].size;
    line->alias = fields[ALIAS].text;
    line->alias_size = fields[ALIAS].size;
    return 0;
}

int alias_read(struct alias_reader *r, struct alias_line *line, bool *more, struct err *err)
{
    while (r->at < r->size) {
        const char *text = r->data + r->at;
        const char *end = memchr(text, '\n', r->size - r->at);
        struct field f = {text, end != NULL ? (size_t)(end - text) : r->size - r->at};
        r->at += f.size + (end != NULL);
        r->line++;
        if (f.size != 0 && f.text[f.size - 1] == '\r')
            f.size--;
        if (f.size == 0 || f.text[0] == '#' ||
            (f.size > 12 && memcmp(f.text, "ticker\talias", 12) == 0))
            continue;
        *more = true;
        return read_line(r, f, line, err);
    }
    *more = false;
    return 0;
}

// ---- legal forms
// ---------------------------------------------------------------------------------

bool alias_is_legal_form(const char *word, size_t size)
{
    static const char forms[] = " inc incorporated corp corporation co company ltd limited plc llc "
                                "lp llp sa nv ag se ab asa oyj spa kgaa gmbh bv kk pty adr ";
    char padded[WORD_BYTES + 3];
    if (size > WORD_BYTES)
        return false;
    padded[0] = padded[size + 1] = ' ';
    memcpy(padded + 1, word, size);
    padded[size + 2] = '\0';
    return strstr(forms, padded) != NULL;
}

// The bytes of the legal form at the end, with the space before it; 0 when there is none. A form
// may be written with full stops: "n v".
static size_t legal_form_at_end(const char *key, size_t size)
{
    static const char *const spaced[] = {" s a b de c v", " s a de c v", " p l c", " n v", " s a",
                                         " l p",          " a g",        " s e",   " a s"};
    for (size_t i = 0; i < sizeof spaced / sizeof *spaced; i++) {
        const size_t length = strlen(spaced[i]);
        if (size > length && memcmp(key + size - length, spaced[i], length) == 0)
            return length;
    }
    const char *space = memrchr(key, ' ', size);
    if (space == NULL)
        return 0;
    const size_t last = size - (size_t)(space + 1 - key);
    const bool form =
        alias_is_legal_form(space + 1, last) || (last == 3 && memcmp(space + 1, "and", 3) == 0);
    return form ? last + 1 : 0;
}

size_t alias_without_legal_form(const char *key, size_t size)
{
    for (size_t form; (form = legal_form_at_end(key, size)) != 0;)
        size -= form;
    return size;
}

// ---- building
// ------------------------------------------------------------------------------------

struct named_class {
    uint64_t hash;
    uint16_t classes;
};

// When a ticker was listed.
struct listed {
    char ticker[ALIAS_MAX_TICKER + 1];
    uint16_t from, to;
};

struct alias_build {
    struct buffer aliases, text;               // struct alias; keys and tickers
    struct buffer words, listed;               // struct named_class, struct listed
    size_t files[ALIAS_MAX_FILES], file_count; // the first alias of each file
    struct arena arena;
    struct alias_head *heads;
    struct alias_slot *slots;
    uint64_t *seen, *pairs;
    size_t head_mask, slot_mask, pair_mask;
};

int alias_build_open(struct alias_build **build, struct err *err)
{
    *build = calloc(1, sizeof **build);
    if (*build == NULL)
        return err_set(err, EX_OSERR, "out of memory for the aliases");
    buffer_init(&(*build)->aliases, LIMIT_ALIAS_BYTES);
    buffer_init(&(*build)->text, LIMIT_ALIAS_BYTES);
    buffer_init(&(*build)->words, LIMIT_ALIAS_BYTES);
    buffer_init(&(*build)->listed, LIMIT_ALIAS_BYTES);
    return 0;
}

void alias_build_close(struct alias_build *build)
{
    if (build == NULL)
        return;
    buffer_free(&build->aliases);
    buffer_free(&build->text);
    buffer_free(&build->words);
    buffer_free(&build->listed);
    if (build->arena.base != NULL)
        arena_close(&build->arena);
    free(build);
}

static int append_text(struct alias_build *b, const char *text, size_t size, uint32_t *at,
                       struct err *err)
{
    *at = (uint32_t)b->text.size;
    TRY(buffer_append(&b->text, text, size, err));
    return buffer_append(&b->text, "", 1, err);
}

static const struct alias *last_alias(const struct alias_build *b)
{
    return (const struct alias *)(const void *)(b->aliases.data + b->aliases.size) - 1;
}

static bool same_ticker_as_last(const struct alias_build *b, const struct alias_line *line)
{
    if (b->aliases.size == 0)
        return false;
    const char *text = b->text.data + last_alias(b)->ticker;
    return strlen(text) == line->ticker_size && memcmp(text, line->ticker, line->ticker_size) == 0;
}

// Lines of one ticker mostly follow each other: its text is kept once.
static int append_ticker(struct alias_build *b, const struct alias_line *line, uint32_t *at,
                         struct err *err)
{
    if (same_ticker_as_last(b, line)) {
        *at = last_alias(b)->ticker;
        return 0;
    }
    return append_text(b, line->ticker, line->ticker_size, at, err);
}

static uint8_t count_words(const char *key, size_t size)
{
    uint8_t words = 1;
    for (size_t i = 0; i < size; i++)
        words = (uint8_t)(words + (key[i] == ' '));
    return words;
}

static int append_key(struct alias_build *b, const struct alias_line *line, const char *key,
                      size_t size, enum alias_needs needs, struct err *err)
{
    struct alias a = {.next = ALIAS_NONE,
                      .from = (uint16_t)line->from,
                      .to = line->to == INT32_MAX ? UINT16_MAX : (uint16_t)line->to,
                      .key_size = (uint8_t)size,
                      .kind = (uint8_t)line->kind,
                      .needs = (uint8_t)needs,
                      .words = count_words(key, size)};
    if (a.words > ALIAS_MAX_WORDS)
        return 0;
    TRY(append_ticker(b, line, &a.ticker, err));
    TRY(append_text(b, key, size, &a.key, err));
    return buffer_append(&b->aliases, &a, sizeof a, err);
}

// A name with "and" is also written without it: GDELT drops the "&" of "Johnson & Johnson". Not
// where only letters are left, as of AT&T.
static int append_without_and(struct alias_build *b, const struct alias_line *line, const char *key,
                              size_t size, struct err *err)
{
    char shorter[ALIAS_MAX_BYTES];
    const char *and = memmem(key, size, " and ", 5);
    if (and == NULL || memchr(line->alias, '&', line->alias_size) == NULL)
        return 0;
    const size_t before = (size_t)(and-key), behind = size - before - 4;
    if (before < 3 && behind < 4)
        return 0;
    memcpy(shorter, key, before);
    memcpy(shorter + before, and+4, behind);
    return append_key(b, line, shorter, before + behind, line->needs, err);
}

// GDELT's titles lose a possessive wholly: "McDonald's" arrives as "McDonald", which is a person's
// name as well.
static int append_without_s(struct alias_build *b, const struct alias_line *line, const char *key,
                            size_t size, struct err *err)
{
    struct word word;
    size_t at = 0, words = 0, last_end = 0;
    uint32_t flags = 0;
    while (words_split(line->alias, line->alias_size, &at, &word, 1) == 1 && last_end < size) {
        const char *space = memchr(key + last_end, ' ', size - last_end);
        last_end = space != NULL ? (size_t)(space - key) + 1 : size + 1;
        flags = word.flags;
        words++;
        if ((flags & WORD_POSSESSIVE) != 0)
            break;
    }
    if ((flags & WORD_POSSESSIVE) == 0 || last_end < 3 || last_end - 1 > size)
        return 0;
    char shorter[ALIAS_MAX_BYTES];
    const size_t before = last_end - 2; // up to the s
    memcpy(shorter, key, before);
    memcpy(shorter + before, key + before + 1, size - before - 1);
    const bool alone = size - 1 == before && words == 1;
    return append_key(b, line, shorter, size - 1, alone ? ALIAS_NEEDS_EVIDENCE : line->needs, err);
}

// A symbol's key is "$" and the symbol in small letters, which no word can be.
static int append_symbol(struct alias_build *b, const struct alias_line *line, const char *symbol,
                         size_t symbol_size, struct err *err)
{
    char key[ALIAS_MAX_TICKER + 2] = "$";
    size_t size = 1;
    for (size_t i = 0; i < symbol_size && size <= ALIAS_MAX_TICKER; i++) {
        const char c = symbol[i];
        key[size++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c == '-' ? '.' : c);
    }
    return append_key(b, line, key, size, ALIAS_NEEDS_NOTHING, err);
}

// A ticker is a symbol of its own as long as it is listed.
static int append_own_symbol(struct alias_build *b, const struct alias_line *line, struct err *err)
{
    struct alias_line own = *line;
    own.kind = ALIAS_ticker;
    own.from = 0;
    own.to = INT32_MAX;
    return append_symbol(b, &own, line->ticker, line->ticker_size, err);
}

static int append_listed(struct alias_build *b, const struct alias_line *line, struct err *err)
{
    struct listed l = {.from = (uint16_t)line->from,
                       .to = line->to == INT32_MAX ? UINT16_MAX : (uint16_t)line->to};
    memcpy(l.ticker, line->ticker, line->ticker_size);
    return buffer_append(&b->listed, &l, sizeof l, err);
}

static int append_line(struct alias_build *b, const struct alias_line *line, struct err *err)
{
    char key[ALIAS_MAX_BYTES];
    if (line->kind == ALIAS_listed)
        return append_listed(b, line, err);
    if (line->kind == ALIAS_ticker)
        return append_symbol(b, line, line->alias, line->alias_size, err);
    if (line->ticker_size != 0 && !same_ticker_as_last(b, line))
        TRY(append_own_symbol(b, line, err));
    size_t size = words_fold(line->alias, line->alias_size, key, sizeof key);
    if (line->kind == ALIAS_legal)
        size = alias_without_legal_form(key, size);
    if (size == 0)
        return 0; // nothing that a text could be searched for
    TRY(append_key(b, line, key, size, line->needs, err));
    TRY(append_without_and(b, line, key, size, err));
    return append_without_s(b, line, key, size, err);
}

int alias_build_file(struct alias_build *build, const char *name, const char *data, size_t size,
                     struct err *err)
{
    struct alias_reader reader = {.file = name, .data = data, .size = size};
    struct alias_line line;
    if (build->file_count == ALIAS_MAX_FILES)
        return err_set(err, EX_DATAERR, "%s: more than %d alias files", name, ALIAS_MAX_FILES);
    build->files[build->file_count++] = build->aliases.size / sizeof(struct alias);
    for (bool more;;) {
        TRY(alias_read(&reader, &line, &more, err));
        if (!more)
            return 0;
        TRY(append_line(build, &line, err));
    }
}

int alias_build_word(struct alias_build *build, const char *word, uint16_t classes, struct err *err)
{
    const struct named_class named = {word_hash(word, strlen(word)), classes};
    return buffer_append(&build->words, &named, sizeof named, err);
}

static size_t table_size(size_t entries)
{
    size_t size = 64;
    while (size < entries + entries / 2)
        size *= 2;
    return size;
}

static void set_bit(uint64_t *bits, uint64_t at)
{
    bits[at / 64] |= 1ULL << (at % 64);
}

static struct alias_head *head_of(struct alias_build *b, uint64_t hash)
{
    const uint32_t tag = (uint32_t)(hash >> 32) | 1;
    size_t i = hash & b->head_mask;
    while (b->heads[i].tag != 0 && b->heads[i].tag != tag)
        i = (i + 1) & b->head_mask;
    b->heads[i].tag = tag;
    set_bit(b->seen, hash % ALIAS_SEEN_BITS);
    return &b->heads[i];
}

static uint64_t key_hash(const char *key, size_t size, uint64_t *first)
{
    uint64_t phrase = 0;
    *first = 0;
    for (size_t from = 0, to; from <= size && size != 0; from = to + 1) {
        const char *space = memchr(key + from, ' ', size - from);
        to = space != NULL ? (size_t)(space - key) : size;
        const uint64_t hash = word_hash(key + from, to - from);
        *first = from == 0 ? hash : *first;
        phrase = word_join(phrase, hash);
    }
    return phrase;
}

static void note_beginning(struct alias_build *b, const char *key, size_t size)
{
    uint64_t first;
    size_t words = 0, to = 0;
    for (; words < 2 && to < size; words++) {
        const char *space = memchr(key + to + (words != 0), ' ', size - to - (words != 0));
        to = space != NULL ? (size_t)(space - key) : size;
    }
    const uint64_t phrase = key_hash(key, to, &first);
    set_bit(b->seen, first % ALIAS_SEEN_BITS);
    if (words == 2)
        set_bit(b->pairs, phrase & b->pair_mask);
}

// What a scan asks before it looks for phrases. Texts may put an s behind a phrase.
static void note_beginnings(struct alias_build *b, const char *key, size_t size)
{
    char longer[ALIAS_MAX_BYTES + 1];
    memcpy(longer, key, size);
    longer[size] = 's';
    note_beginning(b, key, size);
    note_beginning(b, longer, size + 1);
}

static uint32_t slot_tag(uint64_t phrase)
{
    return (uint32_t)(phrase >> 32) | 1;
}

static bool same_key(const struct alias_build *b, const struct alias *a, const struct alias *other)
{
    return a->key_size == other->key_size &&
           memcmp(b->text.data + a->key, b->text.data + other->key, a->key_size) == 0;
}

// The file that an alias comes from.
static size_t file_of(const struct alias_build *b, uint32_t alias)
{
    size_t file = b->file_count;
    while (file > 1 && b->files[file - 1] > alias)
        file--;
    return file;
}

// Whether what is known already of a ticker under this key makes the alias needless: an earlier
// file's line holds, as 'curated' against 'listed', and so does one that covers its days.
static bool known_better(const struct alias_build *b, const struct alias *known,
                         const struct alias *a, uint32_t known_index, uint32_t index)
{
    if (strcmp(b->text.data + known->ticker, b->text.data + a->ticker) != 0)
        return false;
    return file_of(b, known_index) < file_of(b, index) ||
           (known->from <= a->from && known->to >= a->to);
}

// A symbol is looked up as such; no scan of words comes upon one.
static bool is_symbol(const struct alias_build *b, const struct alias *a)
{
    return b->text.data[a->key] == '$';
}

// Puts alias `index` behind those of its key, unless one of them makes it needless.
static int chain(struct alias_build *b, struct alias *aliases, uint32_t *first, uint32_t index,
                 struct err *err)
{
    const struct alias *a = &aliases[index];
    uint32_t *last = first;
    for (size_t lines = 1; *last != ALIAS_NONE; last = &aliases[*last].next, lines++) {
        if (known_better(b, &aliases[*last], a, *last, index))
            return 0;
        if (lines == ALIAS_MAX_SAME)
            return err_set(err, EX_DATAERR,
                           "the alias '%s' stands for more than %d tickers or spans of days; no "
                           "text could say which: remove lines of it",
                           b->text.data + a->key, ALIAS_MAX_SAME);
    }
    *last = index;
    return 0;
}

// Puts alias `index` into the slots.
static int insert(struct alias_build *b, struct alias *aliases, uint32_t index, struct err *err)
{
    struct alias *a = &aliases[index];
    uint64_t first;
    const uint64_t phrase = key_hash(b->text.data + a->key, a->key_size, &first);
    if (!is_symbol(b, a)) {
        head_of(b, first)->lengths |= (uint16_t)(1U << (a->words - 1));
        note_beginnings(b, b->text.data + a->key, a->key_size);
    }
    const uint32_t tag = slot_tag(phrase);
    for (size_t i = phrase & b->slot_mask;; i = (i + 1) & b->slot_mask) {
        struct alias_slot *slot = &b->slots[i];
        if (slot->tag == 0) {
            *slot = (struct alias_slot){tag, index};
            return 0;
        }
        if (slot->tag == tag && same_key(b, a, &aliases[slot->alias]))
            return chain(b, aliases, &slot->alias, index, err);
    }
}

static void *take(struct alias_build *b, size_t count, size_t size, const void *from,
                  struct err *err)
{
    void *to = arena_alloc(&b->arena, count, size, err);
    if (to != NULL && from != NULL)
        memcpy(to, from, count * size);
    else if (to != NULL)
        memset(to, 0, count * size);
    return to;
}

static int by_ticker(const void *a, const void *b)
{
    return strcmp(((const struct listed *)a)->ticker, ((const struct listed *)b)->ticker);
}

// Sorts the days of listing by ticker, one entry for each: the days that all its lines allow.
static void sort_listed(struct alias_build *b)
{
    struct listed *listed = (struct listed *)(void *)b->listed.data;
    const size_t count = b->listed.size / sizeof *listed;
    size_t kept = 0;
    if (count == 0)
        return;
    qsort(listed, count, sizeof *listed, by_ticker);
    for (size_t i = 1; i < count; i++) {
        if (by_ticker(&listed[kept], &listed[i]) != 0) {
            listed[++kept] = listed[i];
            continue;
        }
        listed[kept].from = listed[kept].from > listed[i].from ? listed[kept].from : listed[i].from;
        listed[kept].to = listed[kept].to < listed[i].to ? listed[kept].to : listed[i].to;
    }
    b->listed.size = (kept + 1) * sizeof *listed;
}

// Cuts an alias to the days on which its ticker was listed; false when none is left.
static bool cut_to_listing(const struct alias_build *b, struct alias *a)
{
    struct listed key = {.from = 0};
    (void)snprintf(key.ticker, sizeof key.ticker, "%s", b->text.data + a->ticker);
    const size_t count = b->listed.size / sizeof key;
    const struct listed *listed =
        count != 0 ? bsearch(&key, b->listed.data, count, sizeof key, by_ticker) : NULL;
    if (listed != NULL) {
        a->from = a->from > listed->from ? a->from : listed->from;
        a->to = a->to < listed->to ? a->to : listed->to;
    }
    return a->from <= a->to;
}

static int make_tables(struct alias_build *b, struct alias_table *table, struct err *err)
{
    const size_t count = b->aliases.size / sizeof(struct alias);
    const size_t words = b->words.size / sizeof(struct named_class);
    b->slot_mask = table_size(count) - 1;
    struct alias *aliases = take(b, count, sizeof *aliases, b->aliases.data, err);
    char *text = take(b, b->text.size, 1, b->text.data, err);
    size_t names = 0;
    for (size_t i = 0; aliases != NULL && i < count; i++)
        names += !is_symbol(b, &aliases[i]);
    b->head_mask = table_size(names + words) - 1;
    b->pair_mask = table_size(8 * names) - 1;
    b->seen = take(b, ALIAS_SEEN_BITS / 64, sizeof *b->seen, NULL, err);
    b->pairs = take(b, (b->pair_mask + 1) / 64, sizeof *b->pairs, NULL, err);
    b->heads = take(b, b->head_mask + 1, sizeof *b->heads, NULL, err);
    b->slots = take(b, b->slot_mask + 1, sizeof *b->slots, NULL, err);
    if (aliases == NULL || text == NULL || b->seen == NULL || b->pairs == NULL ||
        b->heads == NULL || b->slots == NULL)
        return err_code(err, EX_OSERR);
    sort_listed(b);
    for (uint32_t i = 0; i < count; i++)
        if (cut_to_listing(b, &aliases[i]))
            TRY(insert(b, aliases, i, err));
    const struct named_class *named = (const struct named_class *)(const void *)b->words.data;
    for (size_t i = 0; i < words; i++)
        head_of(b, named[i].hash)->classes |= named[i].classes;
    *table = (struct alias_table){.arena = b->arena,
                                  .aliases = aliases,
                                  .heads = b->heads,
                                  .slots = b->slots,
                                  .seen = b->seen,
                                  .pairs = b->pairs,
                                  .text = text,
                                  .count = count,
                                  .head_mask = b->head_mask,
                                  .slot_mask = b->slot_mask,
                                  .pair_mask = b->pair_mask,
                                  .bytes = b->arena.used};
    return 0;
}

int alias_build_done(struct alias_build *b, struct alias_table *table, struct err *err)
{
    TRY(arena_open(&b->arena, 3 * (size_t)LIMIT_ALIAS_BYTES, err));
    TRY(make_tables(b, table, err));
    b->arena = (struct arena){.base = NULL}; // the table's now
    return 0;
}

void alias_table_close(struct alias_table *table)
{
    if (table->arena.base != NULL)
        arena_close(&table->arena);
    *table = (struct alias_table){.count = 0};
}

// ---- looking up
// ----------------------------------------------------------------------------------

const struct alias *alias_find(const struct alias_table *table, uint64_t phrase)
{
    const uint32_t tag = slot_tag(phrase);
    for (size_t i = phrase & table->slot_mask;; i = (i + 1) & table->slot_mask) {
        if (table->slots[i].tag == tag)
            return &table->aliases[table->slots[i].alias];
        if (table->slots[i].tag == 0)
            return NULL;
    }
}

const struct alias *alias_find_key(const struct alias_table *table, const char *key, size_t size)
{
    uint64_t first;
    const struct alias *a = alias_find(table, key_hash(key, size, &first));
    return a != NULL && a->key_size == size && memcmp(table->text + a->key, key, size) == 0 ? a
                                                                                            : NULL;
}
