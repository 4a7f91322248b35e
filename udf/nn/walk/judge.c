// SPDX-License-Identifier: Apache-2.0
#include "walk/judge.h"

int judge_predictions(const struct rows *rows, const struct samples *samples,
                      const struct part *part, const double *scores, struct arena *arena,
                      struct predictions *p, struct err *err)
{
    int64_t *times = arena_alloc(arena, part->count, sizeof *times, err);
    uint32_t *tickers = arena_alloc(arena, part->count, sizeof *tickers, err);
    double *truth = arena_alloc(arena, part->count, sizeof *truth, err);
    if (times == NULL || tickers == NULL || truth == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < part->count; i++) {
        const size_t sample = part->samples[i];
        times[i] = samples->times[sample];
        tickers[i] = rows->tickers[samples->ends[sample]];
        truth[i] = samples->labels[sample];
    }
    *p = (struct predictions){part->count, times, tickers, truth, scores};
    return 0;
}

static int judge(const struct recipe *recipe, const struct model *model, const struct rows *rows,
                 const struct samples *samples, const struct part *part, struct arena *arena,
                 struct verdict *verdict, struct err *err)
{
    struct predictions predictions;
    struct trades trades;
    double *scores = arena_alloc(arena, part->count, sizeof *scores, err);
    if (scores == NULL)
        return err_code(err, EX_OSERR);
    TRY(predict(recipe, model, rows, samples, part, arena, scores, &verdict->loss, &verdict->hits,
                err));
    TRY(judge_predictions(rows, samples, part, scores, arena, &predictions, err));
    TRY(trade(&predictions, recipe, rows->ticker_count, arena, &trades, err));
    return score(&predictions, &trades, recipe, recipe->task == TASK_REGRESSION, arena,
                 &verdict->score, err);
}

int judge_model(const struct recipe *recipe, const struct model *model, const struct rows *rows,
                const struct samples *samples, const struct part *part, struct arena *arena,
                struct verdict *verdict, struct err *err)
{
    const size_t mark = arena_mark(arena);
    TRY(judge(recipe, model, rows, samples, part, arena, verdict, err));
    arena_rewind(arena, mark);
    return 0;
}
