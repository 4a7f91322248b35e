// SPDX-License-Identifier: Apache-2.0
// The score of a link: of a hundred links that a rule made of a source, so many were right.
#include "link.h"

static const float scores[RULE_COUNT][LINK_SOURCES] = {
    //                           orgs   names  title
    [RULE_ticker_form] = {0.95F, 0.95F, 0.95F},
    [RULE_exact_legal] = {0.97F, 0.97F, 0.97F},
    [RULE_word_with_evidence] = {0.85F, 0.85F, 0.85F},
    [RULE_former_name] = {0.90F, 0.90F, 0.90F},
    [RULE_brand] = {0.90F, 0.90F, 0.90F},
    [RULE_subsidiary] = {0.90F, 0.90F, 0.90F},
    [RULE_suffix_stripped] = {0.95F, 0.95F, 0.95F},
    [RULE_part_of_name] = {0.85F, 0.85F, 0.85F},
};

float link_score(const struct link_work *work, const struct link_candidate *c)
{
    (void)work;
    return scores[c->rule][c->segment->source];
}
