// SPDX-License-Identifier: Apache-2.0
// `gdelt make-aliases`: schemas/aliases/listed.tsv out of lists of listed companies. One company
// has one ticker, the first of its CIK in the SEC's list, which is in order of size. A name that is
// an ordinary word, a person or a place as well gets `needs=evidence`; a word list decides that
// here, so the linker needs none.
#include "../../files.h"
#include "base/csv.h"
#include "base/options.h"
#include "commands.h"
#include "link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORD_DICTIONARY = 1024, // an entry of the word list in small letters
    WORD_PROPER = 2048,     // one with a capital: a name of a person, a place, a firm
    LARGE = 600,            // rank in the SEC's list up to which a name of ordinary words is known
    KNOWN = 2500,           // and up to which one word that no dictionary has is
    NAME_BYTES = 256,
};

struct settings {
    const char *sec, *sp500, *nasdaq, *nyse, *words, *rare;
};

static const struct option options[] = {
    {.name = "sec",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct settings, sec),
     .value = "FILE",
     .doc = "the SEC's company_tickers.json"},
    {.name = "sp500",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct settings, sp500),
     .value = "FILE",
     .doc = "constituents of the S&P 500: a CSV with Symbol and Security"},
    {.name = "nasdaq",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct settings, nasdaq),
     .value = "FILE",
     .doc = "listed at Nasdaq: a CSV with Symbol and Security Name"},
    {.name = "nyse",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct settings, nyse),
     .value = "FILE",
     .doc = "listed at the NYSE: a CSV with Symbol and Company Name"},
    {.name = "words",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct settings, words),
     .value = "FILE",
     .doc = "ordinary words, one a line (default /usr/share/dict/american-english)"},
    {.name = "rare-words",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct settings, rare),
     .value = "FILE",
     .doc = "all words, places and surnames, one a line (default "
            "/usr/share/dict/american-english-huge)"},
    {0},
};
static const struct command command = {
    .name = "gdelt make-aliases",
    .summary = "make listed.tsv out of lists of listed companies",
    .usage = "gdelt make-aliases --sec FILE --sp500 FILE --nasdaq FILE --nyse FILE > listed.tsv",
    .options = options,
};

// ---- names
// ---------------------------------------------------------------------------------------

struct company {
    uint64_t cik;
    char ticker[ALIAS_MAX_TICKER + 1];
    char legal[NAME_BYTES], common[NAME_BYTES], listed[NAME_BYTES]; // SEC, S&P 500, exchange
    uint32_t rank;
};

struct maker {
    struct company *companies;
    size_t count, room;
    struct alias_table words, rare;
};

static void copy_name(char *to, const char *from, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < size && used + 1 < NAME_BYTES; i++)
        if (from[i] != '"' && from[i] != '\t' &&
            !(from[i] == ' ' && used != 0 && to[used - 1] == ' '))
            to[used++] = from[i];
    while (used > 0 && (to[used - 1] == ' ' || to[used - 1] == ','))
        used--;
    to[used] = '\0';
}

static void cut_at(char *name, const char *mark)
{
    char *at = strstr(name, mark);
    if (at != NULL && at != name)
        *at = '\0';
}

// "COSTCO WHOLESALE CORP /NEW", "BANK OF AMERICA CORP /DE/", "Coca-Cola Company (The)".
static void clean_name(char *name)
{
    cut_at(name, " /");
    cut_at(name, "\\");
    cut_at(name, " (");
    size_t size = strlen(name);
    while (size > 0 && (name[size - 1] == '/' || name[size - 1] == ' ' || name[size - 1] == ','))
        name[--size] = '\0';
}

// "Agilent Technologies, Inc. Common Stock", "ATA Creativity Global - American Depositary Shares".
static void clean_listing(char *name)
{
    static const char *const marks[] = {
        " - ",    " Common",  " Ordinary",  " American Deposi", " Class ",     " Depositary",
        " Units", " Warrant", " Preferred", " Shares",          " Subordinate"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        cut_at(name, marks[i]);
    clean_name(name);
}

static void set_ticker(char *to, const char *from, size_t size)
{
    size = size < ALIAS_MAX_TICKER ? size : ALIAS_MAX_TICKER;
    for (size_t i = 0; i < size; i++)
        to[i] = (char)(from[i] == '-' ? '.' : from[i]);
    to[size] = '\0';
}

static bool is_fund(const char *name)
{
    static const char *const marks[] = {" ETF",      "FUND",      "Fund",    "SPDR",
                                        "PORTFOLIO", "Portfolio", "iShares", "ProShares",
                                        "Municipal", "MUNICIPAL"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strstr(name, marks[i]) != NULL)
            return true;
    return false;
}

// ---- the lists
// -----------------------------------------------------------------------------------

static struct company *find_company(const struct maker *m, const char *ticker)
{
    for (size_t i = 0; i < m->count; i++)
        if (strcmp(m->companies[i].ticker, ticker) == 0)
            return &m->companies[i];
    return NULL;
}

static bool has_cik(const struct maker *m, uint64_t cik)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->companies[i].cik == cik)
            return true;
    return false;
}

// The text of a string member, "title":"...", with \" and \u0026 as the SEC writes them. Returns
// what follows it, or NULL.
static const char *json_text(const char *at, const char *end, const char *member, char *to)
{
    const char *p = memmem(at, (size_t)(end - at), member, strlen(member));
    size_t used = 0;
    if (p == NULL)
        return NULL;
    for (p += strlen(member); p < end && *p != '"'; p++) {
        char c = *p;
        if (c == '\\' && end - p > 5 && p[1] == 'u') {
            const char digits[] = {p[2], p[3], p[4], p[5], '\0'};
            c = (char)strtoul(digits, NULL, 16);
            p += 5;
        } else if (c == '\\' && end - p > 1) {
            c = *++p;
        }
        if (used + 1 < NAME_BYTES)
            to[used++] = c;
    }
    to[used] = '\0';
    return p;
}

static int add_company(struct maker *m, const struct company *company, struct err *err)
{
    if (m->count == m->room) {
        m->room = 2 * m->room + 1024;
        struct company *more = realloc(m->companies, m->room * sizeof *more);
        if (more == NULL)
            return err_set(err, EX_OSERR, "out of memory for %zu companies", m->room);
        m->companies = more;
    }
    m->companies[m->count++] = *company;
    return 0;
}

static int read_sec(void *state, const char *data, size_t size, struct err *err)
{
    static const char member[] = "\"cik_str\":";
    struct maker *m = state;
    const char *end = data + size;
    uint32_t rank = 0;
    for (const char *at = data;
         (at = memmem(at, (size_t)(end - at), member, sizeof member - 1)) != NULL;) {
        char ticker[NAME_BYTES] = "", name[NAME_BYTES] = "";
        struct company c = {.cik = strtoull(at + sizeof member - 1, NULL, 10), .rank = rank++};
        if ((at = json_text(at, end, "\"ticker\":\"", ticker)) == NULL ||
            (at = json_text(at, end, "\"title\":\"", name)) == NULL)
            return err_set(err, EX_DATAERR, "company %u of the SEC's list has no ticker or title",
                           rank);
        set_ticker(c.ticker, ticker, strlen(ticker));
        copy_name(c.legal, name, strlen(name));
        clean_name(c.legal);
        if (!has_cik(m, c.cik) && !is_fund(c.legal))
            TRY(add_company(m, &c, err));
    }
    return m->count != 0 ? 0 : err_set(err, EX_DATAERR, "the SEC's list names no company");
}

// Puts a name of a CSV of symbols and names where it belongs; `place` is its offset in the company.
static void read_names(struct maker *m, const char *data, size_t size, size_t place, bool listing)
{
    struct csv_reader reader;
    struct csv_view line, fields[16];
    csv_open(&reader, data, size);
    while (csv_next(&reader, &line)) {
        char ticker[ALIAS_MAX_TICKER + 1];
        const char *name = memchr(line.data, ',', line.size);
        if (csv_split(line, fields, 16) < 2 || name == NULL)
            continue;
        set_ticker(ticker, fields[0].data, fields[0].size);
        struct company *company = find_company(m, ticker);
        if (company == NULL)
            continue;
        char *to = (char *)company + place;
        const char *end = listing ? line.data + line.size : fields[1].data + fields[1].size;
        copy_name(to, name + 1, (size_t)(end - name - 1));
        if (listing)
            clean_listing(to);
        clean_name(to);
    }
}

static int read_sp500(void *state, const char *data, size_t size, struct err *err)
{
    (void)err;
    read_names(state, data, size, offsetof(struct company, common), false);
    return 0;
}

static int read_listing(void *state, const char *data, size_t size, struct err *err)
{
    (void)err;
    read_names(state, data, size, offsetof(struct company, listed), true);
    return 0;
}

// ---- ordinary words
// ------------------------------------------------------------------------------

static int add_word(struct alias_build *build, const char *line, size_t size, struct err *err)
{
    char folded[WORD_BYTES + 1];
    if (memchr(line, '\'', size) != NULL)
        return 0;
    const size_t length = words_fold(line, size, folded, WORD_BYTES);
    folded[length] = '\0';
    const bool proper = line[0] >= 'A' && line[0] <= 'Z';
    return length != 0
               ? alias_build_word(build, folded, proper ? WORD_PROPER : WORD_DICTIONARY, err)
               : 0;
}

static int read_words(void *state, const char *data, size_t size, struct err *err)
{
    struct alias_build *build = state;
    for (size_t at = 0; at < size;) {
        const char *end = memchr(data + at, '\n', size - at);
        const size_t length = end != NULL ? (size_t)(end - data) - at : size - at;
        if (length != 0)
            TRY(add_word(build, data + at, length, err));
        at += length + 1;
    }
    return link_words(build, err);
}

// Words that only firms have in their names; words.def has those that stand behind names.
static bool is_corporate(const char *word, size_t size)
{
    static const char words[] =
        " pharmaceuticals pharmaceutical pharma biopharma therapeutics biotherapeutics biosciences "
        "bioscience biotech biotechnologies biologics bancorp bancshares bankshares technologies "
        "semiconductor semiconductors petroleum laboratories microsystems aerospace airlines "
        "railway motors brands properties reit realty enterprises industries ";
    char padded[WORD_BYTES + 3];
    (void)snprintf(padded, sizeof padded, " %.*s ", (int)size, word);
    return strstr(words, padded) != NULL;
}

struct shape {
    size_t words, dictionary, proper;
    bool given_first, corporate;
};

static struct shape shape_of(const struct maker *m, const char *key)
{
    struct shape s = {.words = 0};
    for (size_t size; *key != '\0'; key += size + (key[size] == ' ')) {
        size = strcspn(key, " ");
        const struct alias_head *head = alias_head(&m->words, word_hash(key, size));
        const uint16_t classes = head != NULL ? head->classes : 0;
        s.given_first = s.given_first || (s.words == 0 && (classes & WORD_GIVEN) != 0);
        s.corporate = s.corporate || is_corporate(key, size);
        s.words++;
        s.dictionary += (classes & (WORD_DICTIONARY | WORD_SMALL)) != 0;
        s.proper += (classes & WORD_PROPER) != 0 && (classes & WORD_DICTIONARY) == 0;
    }
    return s;
}

static bool in_sp500(const struct company *c)
{
    return c->common[0] != '\0';
}

static bool is_large(const struct company *c)
{
    return c->rank < LARGE || in_sp500(c);
}

// Words that no list has and that are more than a company: places, peoples, given names.
static bool is_name_too(const char *word)
{
    static const char names[] =
        " alliant atmos axos bellring bloomin brighthouse brinker caseys cava cavco "
        "centerpoint centuri civitas copa cullinan didi donnelley enova esco essent "
        "excelerate expro futu guidewire hillman inari instructure intercorp ionis "
        "janux kenon keros latam livewire loar magna markel mirum newamsterdam "
        "newjersey newmark qifu sotera spyre stifel targa teck trinet unum verano voya "
        "woodside woori ";
    char padded[NAME_BYTES + 2];
    (void)snprintf(padded, sizeof padded, " %s ", word);
    return strstr(names, padded) != NULL;
}

// One word: most texts that have it mean a company of the S&P 500 or another thing. Another
// company's counts without proof only where nobody else can be meant, for the word was coined.
static enum alias_needs needs_of_word(const struct maker *m, const struct company *c,
                                      const struct shape *s, const char *word)
{
    const struct alias_head *rare = alias_head(&m->rare, word_hash(word, strlen(word)));
    const bool ordinary = s->dictionary + s->proper != 0 || strlen(word) < 4;
    const bool coined = !ordinary && rare == NULL && !is_name_too(word);
    if (in_sp500(c))
        return coined ? ALIAS_NEEDS_NOTHING : ALIAS_NEEDS_EVIDENCE;
    return coined && c->rank < KNOWN ? ALIAS_NEEDS_NOTHING : ALIAS_NEEDS_PROOF;
}

static enum alias_needs needs_of(const struct maker *m, const struct company *c, const char *key)
{
    const struct shape s = shape_of(m, key);
    const bool ordinary = s.dictionary + s.proper == s.words;
    if (s.words == 1)
        return needs_of_word(m, c, &s, key);
    if (is_large(c) || (s.corporate && s.words > 2))
        return ALIAS_NEEDS_NOTHING;
    return ordinary || (s.given_first && s.words == 2) ? ALIAS_NEEDS_PROOF : ALIAS_NEEDS_NOTHING;
}

// ---- output
// --------------------------------------------------------------------------------------

// Each alias of a company once, by its key.
struct printed {
    char keys[8][NAME_BYTES];
    size_t count;
};

static void print_alias(const struct maker *m, const struct company *c, const char *alias,
                        const char *kind, const char *key, struct printed *done)
{
    for (size_t i = 0; i < done->count; i++)
        if (strcmp(done->keys[i], key) == 0)
            return;
    if (strlen(key) < 3 || done->count == 8)
        return;
    (void)snprintf(done->keys[done->count++], NAME_BYTES, "%s", key);
    (void)printf("%s\t%s\t%s\t\t\t%s\n", c->ticker, alias, kind,
                 alias_needs_names[needs_of(m, c, key)]);
}

static void fold_name(const char *name, char *key)
{
    size_t size = words_fold(name, strlen(name), key, ALIAS_MAX_BYTES);
    size = alias_without_legal_form(key, size);
    key[size] = '\0';
}

// The name's words [from, to) as it writes them.
static void print_words(const struct maker *m, const struct company *c, const char *name,
                        size_t from, size_t to, const char *key, struct printed *done)
{
    struct word words[ALIAS_MAX_WORDS];
    char part[NAME_BYTES];
    size_t at = 0;
    if (words_split(name, strlen(name), &at, words, ALIAS_MAX_WORDS) < to || to <= from)
        return;
    copy_name(part, name + words[from].from, words[to - 1].to - words[from].from);
    print_alias(m, c, part, "name", key, done);
}

static size_t count_words(const char *key)
{
    size_t words = *key != '\0';
    for (; *key != '\0'; key++)
        words += *key == ' ';
    return words;
}

// "Goldman Sachs Group" is Goldman Sachs too; so is what begins with "The".
static void print_shorter(const struct maker *m, const struct company *c, const char *name,
                          char *key, struct printed *done)
{
    static const char *const ends[] = {" holdings", " holding", " group", " companies"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const size_t size = strlen(key), end = strlen(ends[i]);
        if (size <= end + 3 || strcmp(key + size - end, ends[i]) != 0)
            continue;
        key[size - end] = '\0';
        print_words(m, c, name, 0, count_words(key), key, done);
    }
    if (strncmp(key, "the ", 4) == 0)
        print_words(m, c, name, 1, count_words(key), key + 4, done);
}

// Whether a larger company's name begins with the same word.
static bool first_word_is_taken(const struct maker *m, const struct company *c, const char *word,
                                size_t size)
{
    for (size_t i = 0; i < m->count; i++) {
        const char *name = m->companies[i].legal;
        if (m->companies[i].cik != c->cik && strncasecmp(name, word, size) == 0 &&
            (name[size] == ' ' || name[size] == ',') &&
            (m->companies[i].rank < c->rank || c->rank > LARGE / 2))
            return true;
    }
    return false;
}

// "Sarepta Therapeutics" is Sarepta: a first word that no dictionary has and no other company,
// before words that say what a firm does.
static void print_first_word(const struct maker *m, const struct company *c, const char *name,
                             const char *key, struct printed *done)
{
    static const char trades[] =
        " therapeutics pharmaceuticals pharmaceutical pharma technologies technology semiconductor "
        "semiconductors financial systems software international industries energy entertainment "
        "networks computing computer health medical sciences biosciences biotech laboratories "
        "holdings platforms solutions motors airlines interactive global resources petroleum foods "
        "brands group micro data electronics devices instruments communications ";
    char word[NAME_BYTES], padded[NAME_BYTES + 2];
    const size_t size = strcspn(key, " ");
    const char *second = key + size + (key[size] == ' ');
    (void)snprintf(word, sizeof word, "%.*s", (int)size, key);
    (void)snprintf(padded, sizeof padded, " %.*s ", (int)strcspn(second, " "), second);
    const struct shape s = shape_of(m, word);
    if (size < 4 || *second == '\0' || strstr(trades, padded) == NULL || c->rank >= KNOWN ||
        s.dictionary + s.proper != 0 || s.given_first || first_word_is_taken(m, c, word, size))
        return;
    print_words(m, c, name, 0, 1, word, done);
}

// The NYSE's list is cut at hyphens: "Freeport" for Freeport-McMoRan. A name without a legal form
// that another of the company's continues is such a half.
static bool is_half(const struct company *c, const char *name)
{
    const char *const whole[] = {c->legal, c->common};
    char key[ALIAS_MAX_BYTES + 1], other[ALIAS_MAX_BYTES + 1];
    fold_name(name, key);
    const size_t size = strlen(key);
    if (words_fold(name, strlen(name), other, ALIAS_MAX_BYTES) != size)
        return false;
    for (size_t i = 0; i < 2; i++) {
        fold_name(whole[i], other);
        if (strncmp(other, key, size) == 0 && other[size] == ' ')
            return true;
    }
    return false;
}

static void print_company(const struct maker *m, const struct company *c)
{
    const char *const names[] = {c->legal, c->common, c->listed};
    struct printed done = {.count = 0};
    for (size_t i = 0; i < 3; i++) {
        char key[NAME_BYTES];
        if (names[i][0] == '\0' || strlen(names[i]) > ALIAS_MAX_BYTES ||
            (names[i] == c->listed && is_half(c, names[i])))
            continue;
        fold_name(names[i], key);
        print_alias(m, c, names[i], i == 1 ? "name" : "legal", key, &done);
        print_first_word(m, c, names[i], key, &done);
        print_shorter(m, c, names[i], key, &done);
    }
}

static int by_ticker(const void *a, const void *b)
{
    return strcmp(((const struct company *)a)->ticker, ((const struct company *)b)->ticker);
}

static int print_all(struct maker *m)
{
    qsort(m->companies, m->count, sizeof *m->companies, by_ticker);
    (void)printf(
        "# Written by 'gdelt make-aliases' (docs/aliases.md). Not for changes by hand: what "
        "curated.tsv says of a name holds instead.\n"
        "ticker\talias\tkind\tvalid_from\tvalid_to\tneeds\n");
    for (size_t i = 0; i < m->count; i++)
        print_company(m, &m->companies[i]);
    return 0;
}

// ---- the command
// ---------------------------------------------------------------------------------

static int with_file(const char *path, int (*use)(void *, const char *, size_t, struct err *),
                     void *state, struct err *err)
{
    struct arena arena;
    const char *text;
    size_t size;
    TRY(arena_open(&arena, LIMIT_ALIAS_BYTES + (1 << 20), err));
    int code = udf_file_read(path, LIMIT_ALIAS_BYTES, &arena, &text, &size, err);
    if (code == 0)
        code = use(state, text, size, err);
    arena_close(&arena);
    return code;
}

static int make_words(const char *path, struct alias_table *words, struct err *err)
{
    struct alias_build *build;
    TRY(alias_build_open(&build, err));
    int code = with_file(path, read_words, build, err);
    if (code == 0)
        code = alias_build_done(build, words, err);
    alias_build_close(build);
    return code;
}

static int make(const struct settings *s, struct maker *m, struct err *err)
{
    TRY(make_words(s->words, &m->words, err));
    TRY(make_words(s->rare, &m->rare, err));
    TRY(with_file(s->sec, read_sec, m, err));
    TRY(with_file(s->sp500, read_sp500, m, err));
    TRY(with_file(s->nasdaq, read_listing, m, err));
    TRY(with_file(s->nyse, read_listing, m, err));
    return print_all(m);
}

int gdelt_make_aliases_command(int argc, char **argv, struct err *err)
{
    struct settings s = {.words = "/usr/share/dict/american-english",
                         .rare = "/usr/share/dict/american-english-huge"};
    enum options_result result;
    struct maker m = {.count = 0};
    TRY(options_parse(&command, &argc, argv, &s, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    if (s.sec == NULL || s.sp500 == NULL || s.nasdaq == NULL || s.nyse == NULL)
        return err_set(err, EX_USAGE, "all of --sec, --sp500, --nasdaq and --nyse are needed");
    const int code = make(&s, &m, err);
    alias_table_close(&m.words);
    alias_table_close(&m.rare);
    free(m.companies);
    return code;
}
