// SPDX-License-Identifier: Apache-2.0
// How good predictions of a test were: errors, correlations day by day, and what a trader who
// followed them would have had.
//
// - ic, rank_ic: the mean over dates of the correlation across tickers, where a date has three or
//   more; else one correlation over all. icir: that mean by the deviation of the dates' ICs.
// - The trader holds each ticker for the sign of its prediction, all alike, and changes every
//   `horizon` dates, so that returns do not overlap. costs are paid on what is bought and sold,
//   from holding nothing on.
// - sharpe: annualised. deflated_sharpe: the probability that the net ratio is more than the luck
//   of the best of so many trials.
#ifndef TICKHOUSE_NN_SCORE_H
#define TICKHOUSE_NN_SCORE_H

#include "walk/samples.h"

struct score {
    size_t n;
    double mse, mae, r2, ic, rank_ic, icir, rank_icir, direction, sharpe, sharpe_net, turnover,
        deflated_sharpe;
};

// Predictions in the order of time.
struct predictions {
    size_t count;
    const int64_t *times;
    const uint32_t *tickers;
    const double *truth, *predicted;
};

// What the trader had, date by date.
struct trades {
    size_t count;
    int64_t *times;
    double *gross, *net; // returns of the whole book
    double *turnover;    // share of the book that was bought and sold
};

// tickers: how many there are at most.
int trade(const struct predictions *predictions, const struct recipe *recipe, size_t tickers,
          struct arena *arena, struct trades *trades, struct err *err);

// mse, mae and r2 are NaN unless the predictions are values on the labels' scale.
int score(const struct predictions *predictions, const struct trades *trades,
          const struct recipe *recipe, bool values, struct arena *arena, struct score *score,
          struct err *err);

#endif
