// SPDX-License-Identifier: Apache-2.0
// Names by which texts call companies, as a compact table that never changes once it is made. Built
// of tab-separated lines `ticker, alias, kind, valid_from, valid_to, needs` (docs/aliases.md);
// looked up by the folded words of words.h. No I/O here.
#ifndef TICKHOUSE_MARKET_ALIAS_H
#define TICKHOUSE_MARKET_ALIAS_H

#include "base/arena.h"
#include "base/err.h"
#include "market/words.h"

#define ALIAS_KINDS(KIND)                                                                          \
    KIND(legal)      /* the registered name; its legal form (Inc, Corp, plc) is taken off */       \
    KIND(name)       /* the name as people use it */                                               \
    KIND(brand)      /* a product or a brand */                                                    \
    KIND(subsidiary) /* a company that it owns */                                                  \
    KIND(former)     /* a name that it has given up */                                             \
    KIND(ticker)     /* a symbol that stands for the company, as GOOG for GOOGL */                 \
    KIND(listed) /* the days on which the ticker was listed: none of its aliases counts else */    \
    KIND(not )   /* words that contain an alias and are none: Amazon River */

enum alias_kind {
#define KIND(name) ALIAS_##name,
    ALIAS_KINDS(KIND)
#undef KIND
        ALIAS_KIND_COUNT
};
extern const char *const alias_kind_names[ALIAS_KIND_COUNT];

enum alias_needs {
    ALIAS_NEEDS_NOTHING,
    ALIAS_NEEDS_EVIDENCE, // an ordinary word, a person's name or a place, too
    ALIAS_NEEDS_PROOF,    // the same of a company that few texts name: only its legal form,
                          // its symbol, or a word such as "shares" beside it will do
    ALIAS_NEEDS_COUNT
};

extern const char *const alias_needs_names[ALIAS_NEEDS_COUNT]; // "" for nothing

enum {
    ALIAS_MAX_WORDS = 8, // a longer name finds nothing: `gdelt aliases --check` lists it
    ALIAS_MAX_BYTES = 120,
    ALIAS_MAX_TICKER = 12,
    ALIAS_MAX_FILES = 64,
    ALIAS_MAX_SAME = 256, // lines of one name that are kept
};
#define ALIAS_NONE UINT32_MAX

// One way to look up an alias. Dates are days since 1970-01-01.
struct alias {
    uint32_t key, ticker; // offsets into table->text; each ends with NUL
    uint32_t next;        // another alias of the same key, or ALIAS_NONE
    uint16_t from, to;    // first and last day, 0 and UINT16_MAX: always
    uint8_t key_size, kind, needs, words;
};

// What the first word of a phrase says: how many words phrases that begin with it have (bit n - 1
// for n words), and what classes the word itself is in.
struct alias_head {
    uint32_t tag;
    uint16_t lengths, classes;
};

struct alias_slot {
    uint32_t tag, alias;
};

struct alias_table {
    struct arena arena; // holds everything below
    const struct alias *aliases;
    const struct alias_head *heads;
    const struct alias_slot *slots;
    const uint64_t *seen;  // a bit for the hash of each first word: most words end here
    const uint64_t *pairs; // a bit for the hash of each first two words
    const char *text;
    size_t count, head_mask, slot_mask, pair_mask, bytes;
};

enum { ALIAS_SEEN_BITS = 1 << 18 };

// A line of an alias file as it stands there.
struct alias_line {
    const char *ticker, *alias;
    size_t ticker_size, alias_size;
    enum alias_kind kind;
    enum alias_needs needs;
    int32_t from, to; // 0 and INT32_MAX: no date was given
};

// Reads the file's next line that is neither blank nor a comment (#) nor the header; false at the
// end. An error names file, line, column and value.
struct alias_reader {
    const char *file, *data;
    size_t size, at, line;
};
int alias_read(struct alias_reader *reader, struct alias_line *line, bool *more, struct err *err);

// Builds a table: alias_build_open, alias_build_file for each file, alias_build_word for words that
// have a class, alias_build_done. After a failure alias_build_close frees all.
struct alias_build;
int alias_build_open(struct alias_build **build, struct err *err);
int alias_build_file(struct alias_build *build, const char *name, const char *data, size_t size,
                     struct err *err);
int alias_build_word(struct alias_build *build, const char *word, uint16_t classes,
                     struct err *err);
int alias_build_done(struct alias_build *build, struct alias_table *table, struct err *err);
void alias_build_close(struct alias_build *build);

void alias_table_close(struct alias_table *table);

static inline bool alias_bit(const uint64_t *bits, uint64_t at)
{
    return (bits[at / 64] >> (at % 64) & 1) != 0;
}

// Whether a phrase may begin with the word, its last s taken off or not.
static inline bool alias_may_begin(const struct alias_table *table, uint64_t hash)
{
    return alias_bit(table->seen, hash % ALIAS_SEEN_BITS);
}

// Whether a phrase may begin with the two words, the second one's last s taken off or not.
static inline bool alias_may_go_on(const struct alias_table *table, uint64_t two)
{
    return alias_bit(table->pairs, two & table->pair_mask);
}

// The head of a word, or NULL.
static inline const struct alias_head *alias_head(const struct alias_table *table, uint64_t hash)
{
    const uint32_t tag = (uint32_t)(hash >> 32) | 1;
    if (!alias_may_begin(table, hash))
        return NULL;
    for (size_t i = hash & table->head_mask;; i = (i + 1) & table->head_mask) {
        if (table->heads[i].tag == tag)
            return &table->heads[i];
        if (table->heads[i].tag == 0)
            return NULL;
    }
}

// The first alias whose phrase has this hash, or NULL. Two phrases may share a hash: the caller
// compares the text.
const struct alias *alias_find(const struct alias_table *table, uint64_t phrase);

// The first alias of `key`, folded words with one space between.
const struct alias *alias_find_key(const struct alias_table *table, const char *key, size_t size);

static inline const struct alias *alias_next(const struct alias_table *table,
                                             const struct alias *alias)
{
    return alias->next != ALIAS_NONE ? &table->aliases[alias->next] : NULL;
}

// How many bytes of a folded name are left when its legal form is taken off: "apple inc" gives 5.
size_t alias_without_legal_form(const char *key, size_t size);

// Whether the folded word is a legal form: inc, corp, plc.
bool alias_is_legal_form(const char *word, size_t size);

#endif
