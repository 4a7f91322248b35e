// SPDX-License-Identifier: Apache-2.0
// What makes a name no link. Each blocker looks at the words around it.
#include "link.h"

#include <string.h>
#include <strings.h>

static bool block_not_valid_then(const struct link_work *w, const struct link_candidate *c)
{
    (void)w;
    return c->alias == NULL;
}

// In a title every word of a name has a capital, but for words such as "of". GDELT's own columns
// hold names only; the older ones write them small.
static bool block_small_letters(const struct link_work *w, const struct link_candidate *c)
{
    if (c->segment->source != LINK_TITLE)
        return false;
    for (uint32_t i = c->from; i < c->to; i++) {
        const struct word *word = link_word(w, c, i);
        const bool domain = i > c->from && c->segment->text[word->from - 1] == '.';
        if ((word->flags & WORD_UPPER) == 0 && (link_class(w, c, i) & WORD_SMALL) == 0 && !domain)
            return true;
    }
    return false;
}

static bool is_initial(const struct link_work *w, const struct link_candidate *c, uint32_t word)
{
    const struct word *it = link_word(w, c, word);
    return it->to - it->from == 1 && (it->flags & WORD_UPPER) != 0 &&
           (link_class(w, c, word) & WORD_SMALL) == 0;
}

// "Harrison Ford", "Mayor Ford", "Henry J. Kaiser": only one word can be a surname.
static bool block_person(const struct link_work *w, const struct link_candidate *c)
{
    if (c->to - c->from != 1 || c->from == 0)
        return false;
    const uint16_t before = link_class(w, c, (int64_t)c->from - 1);
    const bool capital = (link_word(w, c, c->from - 1)->flags & WORD_UPPER) != 0;
    if (!link_adjacent(w, c, (int64_t)c->from - 1))
        return is_initial(w, c, c->from - 1) && c->from > 1 &&
               (link_class(w, c, (int64_t)c->from - 2) & WORD_GIVEN) != 0;
    const uint16_t persons = c->segment->source == LINK_TITLE
                                 ? WORD_GIVEN | WORD_TITLE
                                 : WORD_GIVEN | WORD_GIVEN_OR_NOT | WORD_TITLE;
    return (before & persons) != 0 && (capital || c->segment->source != LINK_TITLE);
}

static bool followed_by(const struct link_work *w, const struct link_candidate *c, uint16_t classes)
{
    return link_adjacent(w, c, (int64_t)c->to - 1) && (link_class(w, c, c->to) & classes) != 0 &&
           ((link_word(w, c, c->to)->flags & WORD_UPPER) != 0 || c->segment->source != LINK_TITLE);
}

static bool block_venue(const struct link_work *w, const struct link_candidate *c)
{
    return followed_by(w, c, WORD_VENUE | WORD_EVENT);
}

static bool block_place(const struct link_work *w, const struct link_candidate *c)
{
    return followed_by(w, c, WORD_PLACE);
}

static bool is_the(const struct link_work *w, const struct link_candidate *c, uint32_t word)
{
    const struct word *it = link_word(w, c, word);
    return it->to - it->from == 3 && strncasecmp(c->segment->text + it->from, "the", 3) == 0;
}

// The one company with a region's name: "fires in the Amazon", and "Amazon" beside Brazil or a
// rainforest.
static bool block_region(const struct link_work *w, const struct link_candidate *c)
{
    if (strcmp(w->table->text + c->alias->key, "amazon") != 0 || link_business_follows(w, c))
        return false;
    if (c->segment->source == LINK_TITLE && c->from > 0 && is_the(w, c, c->from - 1))
        return true;
    return w->amazonia && !w->finance;
}

// "... - Yahoo Finance": the words behind a title's last mark, when one of them is a word of
// outlets or the name is all of them.
static bool block_outlet(const struct link_work *w, const struct link_candidate *c)
{
    if (c->segment->source != LINK_TITLE || c->from < c->segment->outlet)
        return false;
    if (c->from == c->segment->outlet && c->to == c->segment->count)
        return true;
    for (uint32_t i = c->segment->outlet; i < c->segment->count; i++)
        if ((link_class(w, c, i) & WORD_OUTLET) != 0)
            return true;
    return false;
}

// In GDELT's columns a name inside a longer one counts at its begin, or behind words such as "new":
// "Google Classroom" names Google, "Dow Jones VentureSource" not VentureSource.
static bool block_within_name(const struct link_work *w, const struct link_candidate *c)
{
    const uint16_t before = link_class(w, c, (int64_t)c->from - 1);
    if (c->segment->source != LINK_TITLE && c->from > 0 && c->to - c->from == 1 &&
        (before & (WORD_SMALL | WORD_BUSINESS | WORD_PRODUCT)) == 0)
        return true;
    return c->segment->source != LINK_TITLE && c->alias->needs != ALIAS_NEEDS_NOTHING &&
           !link_is_whole(c) && !link_legal_form_follows(w, c) && !link_has_evidence(w, c);
}

static bool block_no_evidence(const struct link_work *w, const struct link_candidate *c)
{
    return (c->alias->needs != ALIAS_NEEDS_NOTHING || c->stem) && c->alias->kind != ALIAS_ticker &&
           !(c->stem && c->alias->needs == ALIAS_NEEDS_NOTHING && c->to - c->from == 1 &&
             c->segment->source == LINK_TITLE) &&
           !link_legal_form_follows(w, c) && !link_has_evidence(w, c);
}

bool link_blocked(const struct link_work *work, const struct link_candidate *c,
                  enum link_blocker *blocker)
{
    static bool (*const blockers[])(const struct link_work *, const struct link_candidate *) = {
#define BLOCKER(name, what) block_##name,
#include "blockers.def"
#undef BLOCKER
    };
    for (*blocker = 0; *blocker < BLOCKER_COUNT; (*blocker)++) {
        if (c->symbol && *blocker != BLOCKER_not_valid_then)
            continue;
        if (blockers[*blocker](work, c))
            return true;
    }
    return false;
}
