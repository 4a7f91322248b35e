// SPDX-License-Identifier: Apache-2.0
// The linker: which listed companies a row of GDELT names. It reads three texts: the organisations
// and the names as GDELT's columns have them ("Name,offset;Name,offset"), and the title.
//
//   segments.c   the texts become segments (a name, a title), segments become words
//   link.c       aliases found in the segments become candidates, candidates become links
//   blockers.c   why a candidate is none      blockers.def
//   rules.c      why it is one                rules.def
//   score.c      how often that rule is right, as counted on the labelled set
#ifndef TICKHOUSE_UDF_GDELT_LINK_H
#define TICKHOUSE_UDF_GDELT_LINK_H

#include "market/alias_scan.h"
#include "parse/view.h"
#include <limits.h>

enum link_rule {
#define RULE(name, what) RULE_##name,
#include "rules.def"
#undef RULE
    RULE_COUNT
};

enum link_blocker {
#define BLOCKER(name, what) BLOCKER_##name,
#include "blockers.def"
#undef BLOCKER
    BLOCKER_COUNT
};

extern const char *const link_rule_names[RULE_COUNT];
extern const char *const link_blocker_names[BLOCKER_COUNT],
    *const link_blocker_texts[BLOCKER_COUNT];

enum link_source { LINK_ORGS, LINK_NAMES, LINK_TITLE, LINK_SOURCES };
extern const char *const link_source_names[LINK_SOURCES];

enum word_class {
    WORD_BUSINESS = 1,
    WORD_LEGAL = 2,
    WORD_FINANCE = 4,
    WORD_VENUE = 8,
    WORD_EVENT = 16,
    WORD_PLACE = 32,
    WORD_TITLE = 64,
    WORD_OUTLET = 128,
    WORD_SMALL = 256,
    WORD_GIVEN = 512,
    WORD_GIVEN_OR_NOT = 4096, // 1024 and 2048 are gdelt make-aliases' own
    WORD_PRODUCT = 8192,
    WORD_PLATFORM = 16384,
    WORD_AMAZONIA = 32768,
};

// Gives the words of words.def their classes.
int link_words(struct alias_build *build, struct err *err);

#define LINK_ANY_DAY INT32_MIN

struct link_row {
    struct view texts[LINK_SOURCES];
    int32_t day; // since 1970-01-01; LINK_ANY_DAY: whenever the alias was in use
};

// What is beyond these is not read.
enum { LINK_MAX_WORDS = 1 << 15, LINK_MAX_SEGMENTS = 1 << 13, LINK_MAX_CANDIDATES = 1 << 11 };

struct link_segment {
    const char *text;
    uint32_t size, offset;
    uint32_t first, count; // words
    uint32_t outlet;       // the word at which a title's outlet begins, or count
    enum link_source source;
    bool sentence; // a title that writes only names with capitals
};

struct link_candidate {
    const struct alias *alias; // of its key, the one in use that day; NULL: none was
    const struct link_segment *segment;
    uint32_t from, to; // words of the segment
    bool stem;
    bool symbol; // found in the form of a ticker; from and to are bytes then
    bool blocked;
    enum link_blocker blocker;
    enum link_rule rule;
    float score;
};

// A row while it is read; reused for every row.
struct link_work {
    const struct alias_table *table;
    int32_t day;
    struct link_segment *segments;
    struct word *words;
    uint16_t *classes;
    struct link_candidate *candidates;
    size_t segment_count, word_count, candidate_count;
    // Companies that are evidence for others, and the ticker of the first: two are enough to know.
    size_t company_count;
    const char *company;
    bool finance;  // the title is about business
    bool amazonia; // the row names the country around the river
};

struct link {
    const char *ticker, *surface;
    uint32_t surface_size, offset;
    float score;
    enum link_rule rule;
};

int link_work_open(struct link_work *work, struct arena *arena, struct err *err);

// Links of a row, one a ticker, by score and then offset: at most `room` of them. work->candidates
// stay until the next call, for those who ask why.
size_t link_run(struct link_work *work, const struct alias_table *table, const struct link_row *row,
                struct link *links, size_t room);

// segments.c
void link_segments(struct link_work *work, const struct link_row *row);
size_t link_symbols(struct link_work *work, const struct link_segment *segment);

// What lies around a candidate, for blockers and rules. A word outside of the segment has no class.
const struct word *link_word(const struct link_work *work, const struct link_candidate *c,
                             uint32_t word);
uint16_t link_class(const struct link_work *work, const struct link_candidate *c, int64_t word);
bool link_is_whole(const struct link_candidate *c);
// Nothing but spaces between word `word` and the next.
bool link_adjacent(const struct link_work *work, const struct link_candidate *c, int64_t word);

// False when nothing blocks the candidate; `weak` leaves out what needs evidence of other
// candidates.
bool link_blocked(const struct link_work *work, const struct link_candidate *c,
                  enum link_blocker *blocker);
enum link_rule link_rule_of(const struct link_work *work, const struct link_candidate *c);
bool link_has_evidence(const struct link_work *work, const struct link_candidate *c);
// Whether the candidate, when nothing blocks it, says that other names are companies' too: not a
// platform (every other page names Twitter and Google) nor an outlet (a byline).
bool link_is_evidence(const struct link_work *work, const struct link_candidate *c);
// A word such as "shares" or "app" behind it.
bool link_business_follows(const struct link_work *work, const struct link_candidate *c);
bool link_legal_form_follows(const struct link_work *work, const struct link_candidate *c);
float link_score(const struct link_candidate *c);

#endif
