// SPDX-License-Identifier: Apache-2.0
#include "walk/score.h"
#include "metrics/metrics.h"

#include <string.h>

enum { SCORE_MIN_TICKERS = 3 }; // of a date, for a correlation across them

// The end of the date that begins at `from`.
static size_t date_end(const struct predictions *p, size_t from)
{
    size_t end = from + 1;
    while (end < p->count && p->times[end] == p->times[from])
        end++;
    return end;
}

static size_t count_dates(const struct predictions *p)
{
    size_t dates = 0;
    for (size_t from = 0; from < p->count; from = date_end(p, from))
        dates++;
    return dates;
}

static double sign(double x)
{
    return (double)((x > 0) - (x < 0)); // 0 for NaN
}

// One date's positions into `now`, which holds the last one's; returns what the book had, and how
// much of it was traded.
static double hold(const struct predictions *p, size_t from, size_t end, const double *before,
                   double *now, size_t tickers, double *turnover)
{
    double had = 0;
    memset(now, 0, tickers * sizeof *now);
    for (size_t i = from; i < end; i++) {
        now[p->tickers[i]] = sign(p->predicted[i]) / (double)(end - from);
        had += now[p->tickers[i]] * p->truth[i];
    }
    *turnover = 0;
    for (size_t t = 0; t < tickers; t++)
        *turnover += fabs(now[t] - before[t]);
    return had;
}

int trade(const struct predictions *p, const struct recipe *recipe, size_t tickers,
          struct arena *arena, struct trades *trades, struct err *err)
{
    const size_t dates = count_dates(p);
    double *before = arena_alloc(arena, tickers, sizeof *before, err);
    double *now = arena_alloc(arena, tickers, sizeof *now, err);
    *trades = (struct trades){.times = arena_alloc(arena, dates, sizeof *trades->times, err),
                              .gross = arena_alloc(arena, dates, sizeof *trades->gross, err),
                              .net = arena_alloc(arena, dates, sizeof *trades->net, err),
                              .turnover = arena_alloc(arena, dates, sizeof *trades->turnover, err)};
    if (before == NULL || now == NULL || trades->times == NULL || trades->gross == NULL ||
        trades->net == NULL || trades->turnover == NULL)
        return err_code(err, EX_OSERR);
    memset(before, 0, tickers * sizeof *before);
    for (size_t from = 0, date = 0; from < p->count; date++) {
        const size_t end = date_end(p, from), k = trades->count;
        if (date % recipe->horizon == 0) {
            trades->times[k] = p->times[from];
            trades->gross[k] = hold(p, from, end, before, now, tickers, &trades->turnover[k]);
            trades->net[k] = trades->gross[k] - recipe->costs * trades->turnover[k];
            trades->count++;
            double *swap = before;
            before = now;
            now = swap;
        }
        from = end;
    }
    return 0;
}

// The correlation of each date, NaN for one with too few tickers or predictions that are all alike;
// returns how many dates have enough tickers.
static size_t date_ics(const struct predictions *p, double *ics, double *rank_ics, double *scratch)
{
    size_t found = 0, date = 0;
    for (size_t from = 0; from < p->count; date++) {
        const size_t end = date_end(p, from), n = end - from;
        ics[date] = rank_ics[date] = (double)NAN;
        if (n >= SCORE_MIN_TICKERS) {
            ics[date] = metric_ic(p->truth + from, p->predicted + from, n);
            rank_ics[date] = metric_rank_ic(p->truth + from, p->predicted + from, n, scratch);
            found++;
        }
        from = end;
    }
    return found;
}

static int score_correlations(const struct predictions *p, struct arena *arena, struct score *score,
                              struct err *err)
{
    const size_t mark = arena_mark(arena), dates = count_dates(p);
    double *ics = arena_alloc(arena, dates, sizeof *ics, err);
    double *rank_ics = arena_alloc(arena, dates, sizeof *rank_ics, err);
    double *scratch = arena_alloc(arena, METRIC_RANK_SCRATCH(p->count), sizeof *scratch, err);
    if (ics == NULL || rank_ics == NULL || scratch == NULL)
        return err_code(err, EX_OSERR);
    // A few dates with enough tickers do not speak for the rest.
    if (2 * date_ics(p, ics, rank_ics, scratch) > dates) {
        score->ic = metric_moments(ics, dates).mean;
        score->rank_ic = metric_moments(rank_ics, dates).mean;
        score->icir = metric_sharpe(ics, dates, 1);
        score->rank_icir = metric_sharpe(rank_ics, dates, 1);
    } else {
        score->ic = metric_ic(p->truth, p->predicted, p->count);
        score->rank_ic = metric_rank_ic(p->truth, p->predicted, p->count, scratch);
    }
    arena_rewind(arena, mark);
    return 0;
}

static void score_trades(const struct trades *trades, const struct recipe *recipe,
                         struct score *score)
{
    const double a_year = recipe->periods / (double)recipe->horizon;
    const struct metric_moments m = metric_moments(trades->net, trades->count);
    const double ratio = metric_sharpe(trades->net, trades->count, 1);
    score->sharpe = metric_sharpe(trades->gross, trades->count, a_year);
    score->sharpe_net = metric_sharpe(trades->net, trades->count, a_year);
    score->turnover = metric_moments(trades->turnover, trades->count).mean;
    score->deflated_sharpe = metric_deflated_sharpe(ratio, m.n, m.skew, m.kurtosis, recipe->trials,
                                                    recipe->trials_variance);
}

int score(const struct predictions *p, const struct trades *trades, const struct recipe *recipe,
          bool values, struct arena *arena, struct score *score, struct err *err)
{
    const double none = (double)NAN;
    *score = (struct score){p->count, none, none, none, none, none, none,
                            none,     none, none, none, none, none};
    if (values) {
        score->mse = metric_mse(p->truth, p->predicted, p->count);
        score->mae = metric_mae(p->truth, p->predicted, p->count);
        score->r2 = metric_r2(p->truth, p->predicted, p->count);
    }
    score->direction = metric_direction(p->truth, p->predicted, p->count);
    TRY(score_correlations(p, arena, score, err));
    score_trades(trades, recipe, score);
    return 0;
}
