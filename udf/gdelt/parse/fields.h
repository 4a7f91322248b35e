// SPDX-License-Identifier: Apache-2.0
// The fields of a GKG row, entry by entry. Every gdelt_next_X takes the next good entry off `rest`
// and returns false at the end; entries that are not as the codebook has them are passed over. All
// views lie in the caller's text. Layouts are those of GDELT's "Global Knowledge Graph (GKG) Data
// Format Codebook V2.1", older ones where a function says so.
#ifndef TICKHOUSE_GDELT_FIELDS_H
#define TICKHOUSE_GDELT_FIELDS_H

#include "view.h"

// V2ENHANCEDTHEMES, V2ENHANCEDPERSONS, V2ENHANCEDORGANIZATIONS, V2.1ALLNAMES: `name,offset;...`.
// V1 lists have no offsets: they are read as 0.
struct gdelt_name {
    struct view name;
    uint32_t offset;
};
bool gdelt_next_name(struct view *rest, struct gdelt_name *name);

// V1.5TONE: seven numbers; older rows lack the last, which is then 0. False, and NaN, for anything
// else.
struct gdelt_tone {
    double tone, positive, negative, polarity, activity_density, self_density;
    uint32_t word_count;
};
bool gdelt_read_tone(struct view text, struct gdelt_tone *tone);

// V1LOCATIONS: `type#name#country#adm1#latitude#longitude#feature;...`; V2ENHANCEDLOCATIONS has
// the character offset as an eighth field, V2.1 also the second administrative division after the
// first. What an entry lacks is empty, NaN or 0.
struct gdelt_location {
    uint8_t type;
    struct view name, country, adm1, adm2;
    double latitude, longitude;
    struct view feature;
    uint32_t offset;
};
bool gdelt_next_location(struct view *rest, struct gdelt_location *location);

// V1COUNTS: `type#count#object#` and a V1 location; V2.1COUNTS adds the offset.
struct gdelt_count {
    struct view type;
    double count;
    struct view object;
    struct gdelt_location location;
};
bool gdelt_next_count(struct view *rest, struct gdelt_count *count);

// V2.1QUOTATIONS: `offset|length|verb|quote#...`. A '#' inside a quotation stays in it.
struct gdelt_quotation {
    uint32_t offset, length;
    struct view verb, quote;
};
bool gdelt_next_quotation(struct view *rest, struct gdelt_quotation *quotation);

// V2.1AMOUNTS: `amount,object,offset;...`. A comma inside an object stays in it.
struct gdelt_amount {
    double amount;
    struct view object;
    uint32_t offset;
};
bool gdelt_next_amount(struct view *rest, struct gdelt_amount *amount);

// V2GCAM: `key:value,...`, keys as the GCAM codebook has them (c18.158, v10.1, wc).
struct gdelt_score {
    struct view key;
    double value;
};
bool gdelt_next_score(struct view *rest, struct gdelt_score *score);
// The value of one key; NaN when it is not there.
double gdelt_find_score(struct view gcam, struct view key);

// V2EXTRASXML: what stands between <tag> and </tag> (or the end), still encoded; empty when the
// tag is not there.
struct view gdelt_extra(struct view extras, struct view tag);
// PAGE_AUTHORS: names separated by ';', which also ends a reference, once or twice encoded.
bool gdelt_next_author(struct view *rest, struct view *author);

#endif
