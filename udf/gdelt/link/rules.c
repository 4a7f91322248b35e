// SPDX-License-Identifier: Apache-2.0
// What makes a name a link, and what counts as evidence for a name that is an ordinary word too.
#include "link.h"

#include <string.h>

// ---- evidence
// ------------------------------------------------------------------------------------

bool link_legal_form_follows(const struct link_work *w, const struct link_candidate *c)
{
    const uint16_t next = link_class(w, c, c->to);
    const bool begins = c->from == 0 || c->segment->source == LINK_TITLE;
    return begins && (next & WORD_LEGAL) != 0 && link_adjacent(w, c, (int64_t)c->to - 1) &&
           ((link_word(w, c, c->to)->flags & WORD_UPPER) != 0 || c->segment->source != LINK_TITLE);
}

// "Target shares", "Gap CEO".
static bool business_follows(const struct link_work *w, const struct link_candidate *c)
{
    return (link_class(w, c, c->to) & WORD_BUSINESS) != 0 &&
           link_adjacent(w, c, (int64_t)c->to - 1);
}

// "Windows laptops", "Chrome extension": what only a product has.
static bool product_follows(const struct link_work *w, const struct link_candidate *c)
{
    return c->alias->needs == ALIAS_NEEDS_EVIDENCE &&
           (link_class(w, c, c->to) & WORD_PRODUCT) != 0 && link_adjacent(w, c, (int64_t)c->to - 1);
}

bool link_business_follows(const struct link_work *w, const struct link_candidate *c)
{
    return (link_class(w, c, c->to) & (WORD_BUSINESS | WORD_PRODUCT | WORD_LEGAL)) != 0 &&
           link_adjacent(w, c, (int64_t)c->to - 1);
}

// "shares of Target", "CEO at Gap".
static bool business_before(const struct link_work *w, const struct link_candidate *c)
{
    return c->from >= 2 && (link_class(w, c, (int64_t)c->from - 1) & WORD_SMALL) != 0 &&
           (link_class(w, c, (int64_t)c->from - 2) & WORD_BUSINESS) != 0;
}

// Its own symbol stands in the same text: "Snap (NYSE: SNAP)".
static bool symbol_in_row(const struct link_work *w, const struct link_candidate *c)
{
    for (size_t i = 0; i < w->candidate_count; i++)
        if (w->candidates[i].symbol && w->candidates[i].alias != NULL &&
            strcmp(w->table->text + w->candidates[i].alias->ticker,
                   w->table->text + c->alias->ticker) == 0)
            return true;
    return false;
}

// Between word `left` - 1 and word `right` is a comma or "and", as in a list.
static bool listed_together(const struct link_work *w, const struct link_candidate *c,
                            uint32_t left, uint32_t right)
{
    if (left == right)
        return !link_adjacent(w, c, (int64_t)left - 1);
    return right == left + 1 && (link_class(w, c, left) & WORD_SMALL) != 0;
}

// Another company stands right beside it in a list: "Walmart, Target and Costco".
static bool company_beside(const struct link_work *w, const struct link_candidate *c)
{
    for (size_t i = 0; i < w->candidate_count; i++) {
        const struct link_candidate *o = &w->candidates[i];
        if (o->symbol || o->segment != c->segment || o->blocked || !link_is_evidence(w, o))
            continue;
        const uint32_t left = o->from >= c->to ? c->to : o->to;
        const uint32_t right = o->from >= c->to ? o->from : c->from;
        if (listed_together(w, c, left, right))
            return true;
    }
    return false;
}

bool link_is_evidence(const struct link_work *w, const struct link_candidate *c)
{
    if (c->symbol || c->alias == NULL)
        return c->alias != NULL;
    return c->alias->kind != ALIAS_not && c->alias->needs == ALIAS_NEEDS_NOTHING &&
           (link_class(w, c, c->from) & (WORD_PLATFORM | WORD_OUTLET)) == 0;
}

// In a title that writes only names with capitals, a capital inside it is a name; together with a
// title about business or a second company that is enough. GDELT's columns write every name with
// capitals and know nothing of the sentence: a whole name needs two other companies there, or an
// organisation a title about business.
static bool named_in_business(const struct link_work *w, const struct link_candidate *c)
{
    if (c->segment->source == LINK_TITLE)
        return c->segment->sentence && c->from > 0 && (w->finance || w->company_count != 0);
    return link_is_whole(c) &&
           (w->company_count > 1 || (c->segment->source == LINK_ORGS && w->finance));
}

bool link_has_evidence(const struct link_work *w, const struct link_candidate *c)
{
    if (c->segment->source != LINK_TITLE && c->from != 0)
        return false; // "Cenvous Energy Inc" is no company called Energy
    if (business_follows(w, c) || product_follows(w, c) || business_before(w, c) ||
        symbol_in_row(w, c))
        return true;
    if (c->alias->needs == ALIAS_NEEDS_PROOF || (link_class(w, c, c->from) & WORD_OUTLET) != 0)
        return false; // most mentions of an outlet are bylines
    return (c->segment->source == LINK_TITLE && company_beside(w, c)) || named_in_business(w, c);
}

// ---- rules
// ---------------------------------------------------------------------------------------

static bool rule_ticker_form(const struct link_work *w, const struct link_candidate *c)
{
    (void)w;
    return c->symbol;
}

static bool rule_exact_legal(const struct link_work *w, const struct link_candidate *c)
{
    return link_legal_form_follows(w, c);
}

static bool rule_word_with_evidence(const struct link_work *w, const struct link_candidate *c)
{
    (void)w;
    return c->alias->needs != ALIAS_NEEDS_NOTHING;
}

static bool rule_former_name(const struct link_work *w, const struct link_candidate *c)
{
    (void)w;
    return c->alias->kind == ALIAS_former;
}

static bool rule_brand(const struct link_work *w, const struct link_candidate *c)
{
    (void)w;
    return c->alias->kind == ALIAS_brand;
}

static bool rule_subsidiary(const struct link_work *w, const struct link_candidate *c)
{
    (void)w;
    return c->alias->kind == ALIAS_subsidiary;
}

static bool rule_suffix_stripped(const struct link_work *w, const struct link_candidate *c)
{
    (void)w;
    return c->segment->source == LINK_TITLE || link_is_whole(c);
}

static bool rule_part_of_name(const struct link_work *w, const struct link_candidate *c)
{
    (void)w;
    (void)c;
    return true;
}

enum link_rule link_rule_of(const struct link_work *work, const struct link_candidate *c)
{
    static bool (*const rules[])(const struct link_work *, const struct link_candidate *) = {
#define RULE(name, what) rule_##name,
#include "rules.def"
#undef RULE
    };
    for (enum link_rule rule = 0; rule + 1 < RULE_COUNT; rule++)
        if (rules[rule](work, c))
            return rule;
    return RULE_COUNT - 1;
}
