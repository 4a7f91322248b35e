// SPDX-License-Identifier: Apache-2.0
// Classes that were predicted against those that came true.
#include "metrics/metrics.h"

#include <math.h>

struct metric_hits metric_hits(const uint32_t *truth, const uint32_t *predicted, size_t n,
                               uint32_t class_number)
{
    struct metric_hits hits = {0};
    for (size_t i = 0; i < n; i++) {
        const int is = truth[i] == class_number, said = predicted[i] == class_number;
        hits.true_positive += is && said;
        hits.false_positive += !is && said;
        hits.false_negative += is && !said;
    }
    return hits;
}

static double share(size_t part, size_t whole)
{
    return whole != 0 ? (double)part / (double)whole : NAN;
}

double metric_precision(struct metric_hits hits)
{
    return share(hits.true_positive, hits.true_positive + hits.false_positive);
}

double metric_recall(struct metric_hits hits)
{
    return share(hits.true_positive, hits.true_positive + hits.false_negative);
}

double metric_f1(struct metric_hits hits)
{
    return share(2 * hits.true_positive,
                 2 * hits.true_positive + hits.false_positive + hits.false_negative);
}
