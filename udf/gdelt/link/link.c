// SPDX-License-Identifier: Apache-2.0
// From a row to links: candidates are gathered from all segments first, since one company is
// evidence for another; then each is blocked or gets a rule, and the best of each ticker stays.
#include "link.h"

#include <string.h>

const char *const link_rule_names[RULE_COUNT] = {
#define RULE(name, what) #name,
#include "rules.def"
#undef RULE
};
const char *const link_blocker_names[BLOCKER_COUNT] = {
#define BLOCKER(name, what) #name,
#include "blockers.def"
#undef BLOCKER
};
const char *const link_blocker_texts[BLOCKER_COUNT] = {
#define BLOCKER(name, what) what,
#include "blockers.def"
#undef BLOCKER
};
const char *const link_source_names[LINK_SOURCES] = {"orgs", "names", "title"};

// ---- words with a class
// --------------------------------------------------------------------------

static int add_words(struct alias_build *build, const char *words, uint16_t classes,
                     struct err *err)
{
    while (*words != '\0') {
        char word[WORD_BYTES] = {0};
        const size_t size = strcspn(words, " ");
        memcpy(word, words, size < sizeof word ? size : sizeof word - 1);
        TRY(alias_build_word(build, word, classes, err));
        words += size + (words[size] == ' ');
    }
    return 0;
}

int link_words(struct alias_build *build, struct err *err)
{
#define WORDS(class, words) TRY(add_words(build, words, WORD_##class, err));
#include "words.def"
#undef WORDS
    return 0;
}

// ---- around a candidate
// --------------------------------------------------------------------------

const struct word *link_word(const struct link_work *work, const struct link_candidate *c,
                             uint32_t word)
{
    return &work->words[c->segment->first + word];
}

uint16_t link_class(const struct link_work *work, const struct link_candidate *c, int64_t word)
{
    return word >= 0 && word < c->segment->count ? work->classes[c->segment->first + (uint64_t)word]
                                                 : 0;
}

bool link_is_whole(const struct link_candidate *c)
{
    return c->from == 0 && c->to == c->segment->count;
}

bool link_adjacent(const struct link_work *work, const struct link_candidate *c, int64_t word)
{
    if (word < 0 || word + 1 >= c->segment->count)
        return false;
    const struct word *left = link_word(work, c, (uint32_t)word);
    for (uint32_t i = left[0].to; i < left[1].from; i++)
        if (c->segment->text[i] != ' ' && c->segment->text[i] != '-')
            return false;
    return true;
}

// ---- candidates
// ----------------------------------------------------------------------------------

int link_work_open(struct link_work *work, struct arena *arena, struct err *err)
{
    *work = (struct link_work){.day = LINK_ANY_DAY};
    work->segments = arena_alloc(arena, LINK_MAX_SEGMENTS, sizeof *work->segments, err);
    work->words = arena_alloc(arena, LINK_MAX_WORDS, sizeof *work->words, err);
    work->classes = arena_alloc(arena, LINK_MAX_WORDS, sizeof *work->classes, err);
    work->candidates = arena_alloc(arena, LINK_MAX_CANDIDATES, sizeof *work->candidates, err);
    return work->segments != NULL && work->words != NULL && work->classes != NULL &&
                   work->candidates != NULL
               ? 0
               : err_code(err, EX_OSERR);
}

// Of the aliases that share a key, the one in use on the day; on any day, the one in use last. The
// company of that day ended some day, its owner's line may have no dates: what ends first holds.
static const struct alias *in_use(const struct link_work *w, const struct alias *alias)
{
    const struct alias *best = NULL;
    for (; alias != NULL; alias = alias_next(w->table, alias)) {
        const bool any = w->day == LINK_ANY_DAY;
        if (!any && (w->day < alias->from || w->day > alias->to))
            continue;
        if (best == NULL || (any ? alias->to > best->to : alias->to < best->to))
            best = alias;
    }
    return best;
}

enum { LINK_MAX_MATCHES = 512 }; // of one segment

static void add_matches(struct link_work *w, const struct link_segment *s)
{
    struct alias_match matches[LINK_MAX_MATCHES];
    const size_t found =
        alias_scan(w->table, s->text, w->words + s->first, s->count, s->source == LINK_TITLE,
                   w->classes + s->first, matches, LINK_MAX_MATCHES);
    for (size_t i = 0; i < found && w->candidate_count < LINK_MAX_CANDIDATES; i++)
        w->candidates[w->candidate_count++] = (struct link_candidate){.alias = matches[i].alias,
                                                                      .segment = s,
                                                                      .from = matches[i].from,
                                                                      .to = matches[i].to,
                                                                      .stem = matches[i].stem};
}

static void gather(struct link_work *w)
{
    w->candidate_count = 0;
    for (size_t i = 0; i < w->segment_count; i++) {
        add_matches(w, &w->segments[i]);
        if (w->segments[i].source == LINK_TITLE)
            (void)link_symbols(w, &w->segments[i]);
    }
    for (size_t i = 0; i < w->candidate_count; i++)
        w->candidates[i].alias = in_use(w, w->candidates[i].alias);
}

// What the words of a row say about it, but for those of the outlet.
static void look_around(struct link_work *w)
{
    uint16_t title = 0, all = 0;
    for (size_t i = 0; i < w->segment_count; i++) {
        const struct link_segment *s = &w->segments[i];
        for (uint32_t k = 0; k < s->outlet; k++) {
            all |= w->classes[s->first + k];
            title |= s->source == LINK_TITLE ? w->classes[s->first + k] : 0;
        }
    }
    w->finance = (title & WORD_FINANCE) != 0;
    w->amazonia = (all & WORD_AMAZONIA) != 0;
}

static bool is_stop_phrase(const struct link_candidate *c)
{
    return c->alias != NULL && c->alias->kind == ALIAS_not;
}

static void note_company(struct link_work *w, const struct link_candidate *c)
{
    if (c->blocked || !link_is_evidence(w, c))
        return;
    const char *ticker = w->table->text + c->alias->ticker;
    if (w->company_count == 0)
        w->company = ticker;
    w->company_count += w->company_count == 0 || strcmp(w->company, ticker) != 0;
}

// Those that need no evidence first: they are evidence for the others.
static void judge(struct link_work *w)
{
    w->company_count = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < w->candidate_count; i++) {
            struct link_candidate *c = &w->candidates[i];
            const bool safe = c->alias == NULL || c->alias->needs == ALIAS_NEEDS_NOTHING;
            if (safe != (pass == 0) || is_stop_phrase(c))
                continue;
            c->blocked = link_blocked(w, c, &c->blocker);
            note_company(w, c);
        }
    for (size_t i = 0; i < w->candidate_count; i++) {
        struct link_candidate *c = &w->candidates[i];
        if (c->blocked || is_stop_phrase(c))
            continue;
        c->rule = link_rule_of(w, c);
        c->score = link_score(c);
    }
}

// ---- links
// ---------------------------------------------------------------------------------------

static struct link make_link(const struct link_work *w, const struct link_candidate *c)
{
    const struct link_segment *s = c->segment;
    const uint32_t from = c->symbol ? c->from : link_word(w, c, c->from)->from;
    const uint32_t to = c->symbol ? c->to : link_word(w, c, c->to - 1)->to;
    return (struct link){.ticker = w->table->text + c->alias->ticker,
                         .surface = s->text + from,
                         .surface_size = to - from,
                         .offset = s->source == LINK_TITLE ? from : s->offset,
                         .score = c->score,
                         .rule = c->rule};
}

static bool better(const struct link *a, const struct link *b)
{
    return a->score > b->score || (a->score >= b->score && a->offset < b->offset);
}

static size_t put(struct link *links, size_t count, size_t room, const struct link *link)
{
    size_t at = 0;
    while (at < count && strcmp(links[at].ticker, link->ticker) != 0)
        at++;
    if (at < count && !better(link, &links[at]))
        return count;
    if (at == count && count == room)
        return count;
    count += at == count;
    for (; at > 0 && better(link, &links[at - 1]); at--)
        links[at] = links[at - 1];
    links[at] = *link;
    return count;
}

size_t link_run(struct link_work *work, const struct alias_table *table, const struct link_row *row,
                struct link *links, size_t room)
{
    size_t count = 0;
    work->table = table;
    work->day = row->day;
    link_segments(work, row);
    gather(work);
    look_around(work);
    judge(work);
    for (size_t i = 0; i < work->candidate_count; i++) {
        const struct link_candidate *c = &work->candidates[i];
        if (c->blocked || is_stop_phrase(c))
            continue;
        const struct link link = make_link(work, c);
        count = put(links, count, room, &link);
    }
    return count;
}
