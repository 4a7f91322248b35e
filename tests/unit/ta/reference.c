// SPDX-License-Identifier: Apache-2.0
#include "reference.h"

#include <stdlib.h>
#include <string.h>

typedef long double real;

#define REFERENCE(name)                                                                            \
    static void reference_##name(const double *const *in, size_t size, const double *param,        \
                                 double *const *out)
#define PERIOD ((size_t)param[0])

static real mean(const real *newest, size_t n)
{
    real sum = 0;
    for (size_t j = 0; j < n; j++)
        sum += *(newest - j);
    return sum / (real)n;
}

static real squares(const real *newest, size_t n)
{
    const real m = mean(newest, n);
    real sum = 0;
    for (size_t j = 0; j < n; j++)
        sum += (*(newest - j) - m) * (*(newest - j) - m);
    return sum;
}

static real weighted(const real *newest, size_t n)
{
    real sum = 0;
    for (size_t j = 0; j < n; j++)
        sum += (real)(n - j) * *(newest - j);
    return sum / ((real)n * (real)(n + 1) / 2);
}

static real largest(const double *newest, size_t n)
{
    real m = *newest;
    for (size_t j = 1; j < n; j++)
        m = fmaxl(m, *(newest - j));
    return m;
}

static real smallest(const double *newest, size_t n)
{
    real m = *newest;
    for (size_t j = 1; j < n; j++)
        m = fminl(m, *(newest - j));
    return m;
}

static real *series(size_t size)
{
    return calloc(size + 1, sizeof(real));
}

static real *copy(const double *x, size_t size)
{
    real *y = series(size);
    for (size_t i = 0; i < size; i++)
        y[i] = x[i];
    return y;
}

// NaN before `from`, else f of (a + i, n).
static void each_window(const real *a, size_t size, size_t from, size_t n,
                        real (*f)(const real *, size_t), double *out)
{
    for (size_t i = 0; i < size; i++)
        out[i] = i < from ? NAN : (double)f(a + i, n);
}

// The average with weight w of each new value, begun at `first` with the mean of n values; out[i]
// is 0 before.
static real *average(const real *x, size_t size, size_t first, size_t n, real w)
{
    real *y = series(size);
    for (size_t i = first; i < size; i++)
        y[i] = i == first ? mean(x + i, n) : y[i - 1] + w * (x[i] - y[i - 1]);
    return y;
}

static real *exponential(const real *x, size_t size, size_t first, size_t n)
{
    return average(x, size, first, n, 2 / ((real)n + 1));
}

REFERENCE(sma)
{
    real *x = copy(in[0], size);
    each_window(x, size, PERIOD - 1, PERIOD, mean, out[0]);
    free(x);
}

REFERENCE(wma)
{
    real *x = copy(in[0], size);
    each_window(x, size, PERIOD - 1, PERIOD, weighted, out[0]);
    free(x);
}

REFERENCE(trima)
{
    const size_t outer = (PERIOD + 1) / 2, inner = PERIOD + 1 - outer;
    real *x = copy(in[0], size), *y = series(size);
    for (size_t i = inner - 1; i < size; i++)
        y[i] = mean(x + i, inner);
    each_window(y, size, PERIOD - 1, outer, mean, out[0]);
    free(x), free(y);
}

REFERENCE(hma)
{
    const size_t root = (size_t)sqrt(param[0]);
    real *x = copy(in[0], size), *y = series(size);
    for (size_t i = PERIOD - 1; i < size; i++)
        y[i] = 2 * weighted(x + i, PERIOD / 2) - weighted(x + i, PERIOD);
    each_window(y, size, PERIOD + root - 2, root, weighted, out[0]);
    free(x), free(y);
}

// e1, e2, e3 combined with the weights given, from where all `depth` of them are defined.
static void combine_averages(const double *x, size_t size, size_t n, size_t depth,
                             const real weight[3], double *out)
{
    real *e[4] = {copy(x, size)};
    for (size_t k = 0; k < 3; k++)
        e[k + 1] = exponential(e[k], size, (k + 1) * (n - 1), n);
    for (size_t i = 0; i < size; i++)
        out[i] = i < depth * (n - 1)
                     ? NAN
                     : (double)(weight[0] * e[1][i] + weight[1] * e[2][i] + weight[2] * e[3][i]);
    for (size_t k = 0; k < 4; k++)
        free(e[k]);
}

REFERENCE(ema)
{
    combine_averages(in[0], size, PERIOD, 1, (const real[3]){1, 0, 0}, out[0]);
}

REFERENCE(dema)
{
    combine_averages(in[0], size, PERIOD, 2, (const real[3]){2, -1, 0}, out[0]);
}

REFERENCE(tema)
{
    combine_averages(in[0], size, PERIOD, 3, (const real[3]){3, -3, 1}, out[0]);
}

REFERENCE(trix)
{
    combine_averages(in[0], size, PERIOD, 3, (const real[3]){0, 0, 1}, out[0]);
    const size_t start = 3 * (PERIOD - 1) + 1, first = start < size ? start : size;
    for (size_t i = size; i-- > first;)
        out[0][i] = out[0][i - 1] == 0 ? 0 : 100 * (out[0][i] - out[0][i - 1]) / out[0][i - 1];
    for (size_t i = 0; i < first; i++)
        out[0][i] = NAN;
}

REFERENCE(kama)
{
    const double *x = in[0];
    real k = PERIOD <= size ? x[PERIOD - 1] : 0;
    for (size_t i = 0; i < size; i++) {
        out[0][i] = NAN;
        if (i < PERIOD)
            continue;
        real way = 0;
        for (size_t j = 0; j < PERIOD; j++)
            way += fabsl((real)x[i - j] - x[i - j - 1]);
        const real ratio = way == 0 ? 1 : fabsl((real)x[i] - x[i - PERIOD]) / way;
        const real c = ratio * (2 / 3.0L - 2 / 31.0L) + 2 / 31.0L;
        k += c * c * (x[i] - k);
        out[0][i] = (double)k;
    }
}

REFERENCE(bbands)
{
    real *x = copy(in[0], size);
    for (size_t i = 0; i < size; i++) {
        const bool early = i + 1 < PERIOD;
        const real m = early ? NAN : mean(x + i, PERIOD);
        const real s = early ? NAN : sqrtl(squares(x + i, PERIOD) / (real)param[0]);
        out[0][i] = (double)(m + param[1] * s);
        out[1][i] = (double)m;
        out[2][i] = (double)(m - param[2] * s);
    }
    free(x);
}

REFERENCE(stddev)
{
    real *x = copy(in[0], size);
    for (size_t i = 0; i < size; i++)
        out[0][i] = i + 1 < PERIOD ? NAN : (double)sqrtl(squares(x + i, PERIOD) / (real)param[0]);
    free(x);
}

REFERENCE(macd)
{
    const size_t a = (size_t)param[0], b = (size_t)param[1], n = (size_t)param[2];
    const size_t quick = a < b ? a : b, slow = a < b ? b : a, first = slow + n - 2;
    real *x = copy(in[0], size), *f = exponential(x, size, slow - 1, quick);
    real *s = exponential(x, size, slow - 1, slow);
    for (size_t i = 0; i < size; i++)
        f[i] -= s[i];
    real *g = exponential(f, size, first, n);
    for (size_t i = 0; i < size; i++) {
        out[0][i] = i < first ? NAN : (double)f[i];
        out[1][i] = i < first ? NAN : (double)g[i];
        out[2][i] = i < first ? NAN : (double)(f[i] - g[i]);
    }
    free(x), free(f), free(s), free(g);
}

// Wilder's averages of gains and of losses, from index n on.
static void gains_and_losses(const double *x, size_t size, size_t n, real **gain, real **loss)
{
    real *up = series(size), *down = series(size);
    for (size_t i = 1; i < size; i++) {
        up[i] = fmaxl((real)x[i] - x[i - 1], 0);
        down[i] = fmaxl((real)x[i - 1] - x[i], 0);
    }
    *gain = average(up, size, n, n, 1 / (real)n);
    *loss = average(down, size, n, n, 1 / (real)n);
    free(up), free(down);
}

REFERENCE(rsi)
{
    real *gain, *loss;
    gains_and_losses(in[0], size, PERIOD, &gain, &loss);
    for (size_t i = 0; i < size; i++) {
        const real sum = gain[i] + loss[i];
        out[0][i] = i < PERIOD ? NAN : sum == 0 ? 50 : (double)(100 * gain[i] / sum);
    }
    free(gain), free(loss);
}

REFERENCE(cmo)
{
    real *gain, *loss;
    gains_and_losses(in[0], size, PERIOD, &gain, &loss);
    for (size_t i = 0; i < size; i++) {
        const real sum = gain[i] + loss[i];
        out[0][i] = i < PERIOD ? NAN : sum == 0 ? 0 : (double)(100 * (gain[i] - loss[i]) / sum);
    }
    free(gain), free(loss);
}

REFERENCE(mom)
{
    for (size_t i = 0; i < size; i++)
        out[0][i] = i < PERIOD ? NAN : in[0][i] - in[0][i - PERIOD];
}

REFERENCE(return )
{
    for (size_t i = 0; i < size; i++)
        out[0][i] = i < PERIOD ? NAN : (double)((real)in[0][i] / in[0][i - PERIOD] - 1);
}

REFERENCE(roc)
{
    for (size_t i = 0; i < size; i++)
        out[0][i] = i < PERIOD ? NAN
                    : in[0][i - PERIOD] == 0
                        ? 0
                        : (double)(100 * ((real)in[0][i] / in[0][i - PERIOD] - 1));
}

REFERENCE(log_return)
{
    for (size_t i = 0; i < size; i++)
        out[0][i] = i < PERIOD ? NAN : (double)logl((real)in[0][i] / in[0][i - PERIOD]);
}

REFERENCE(stoch)
{
    const size_t slowk = (size_t)param[1], slowd = (size_t)param[2];
    const size_t first = PERIOD + slowk + slowd - 3;
    real *raw = series(size), *k = series(size);
    for (size_t i = PERIOD - 1; i < size; i++) {
        const real h = largest(in[0] + i, PERIOD), l = smallest(in[1] + i, PERIOD);
        raw[i] = h == l ? 0 : 100 * (in[2][i] - l) / (h - l);
    }
    for (size_t i = PERIOD + slowk - 2; i < size; i++)
        k[i] = mean(raw + i, slowk);
    for (size_t i = 0; i < size; i++)
        out[0][i] = i < first ? NAN : (double)k[i];
    each_window(k, size, first, slowd, mean, out[1]);
    free(raw), free(k);
}

REFERENCE(willr)
{
    for (size_t i = 0; i < size; i++) {
        out[0][i] = NAN;
        if (i + 1 < PERIOD)
            continue;
        const real h = largest(in[0] + i, PERIOD), l = smallest(in[1] + i, PERIOD);
        out[0][i] = h == l ? 0 : (double)(-100 * (h - in[2][i]) / (h - l));
    }
}

static real *typical(const double *const *in, size_t size)
{
    real *p = series(size);
    for (size_t i = 0; i < size; i++)
        p[i] = ((real)in[0][i] + in[1][i] + in[2][i]) / 3;
    return p;
}

REFERENCE(cci)
{
    real *p = typical(in, size);
    for (size_t i = 0; i < size; i++) {
        out[0][i] = NAN;
        if (i + 1 < PERIOD)
            continue;
        const real m = mean(p + i, PERIOD);
        real apart = 0;
        for (size_t j = 0; j < PERIOD; j++)
            apart += fabsl(p[i - j] - m) / (real)PERIOD;
        const bool none = fabsl(p[i] - m) <= 0x1p-48L * fabsl(p[i]);
        out[0][i] = none ? 0 : (double)((p[i] - m) / (0.015L * apart));
    }
    free(p);
}

REFERENCE(mfi)
{
    real *p = typical(in, size);
    for (size_t i = 0; i < size; i++) {
        out[0][i] = NAN;
        if (i < PERIOD)
            continue;
        real up = 0, down = 0;
        for (size_t j = i + 1 - PERIOD; j <= i; j++) {
            const real step = p[j] - p[j - 1], still = 0x1p-50L * fabsl(p[j]);
            up += step > still ? p[j] * in[3][j] : 0;
            down += step < -still ? p[j] * in[3][j] : 0;
        }
        out[0][i] = up + down == 0 ? 50 : (double)(100 * up / (up + down));
    }
    free(p);
}

REFERENCE(adx)
{
    const size_t n = PERIOD;
    real *dx = series(size), up = 0, down = 0;
    for (size_t i = 1; i < size; i++) {
        const real rise = (real)in[0][i] - in[0][i - 1], fall = (real)in[1][i - 1] - in[1][i];
        const real keep = i < n ? 1 : 1 - 1 / (real)n;
        up = keep * up + (rise > fall && rise > 0 ? rise : 0);
        down = keep * down + (fall > rise && fall > 0 ? fall : 0);
        dx[i] = up + down == 0 ? 0 : 100 * fabsl(up - down) / (up + down);
    }
    real *y = average(dx, size, 2 * n - 1, n, 1 / (real)n);
    for (size_t i = 0; i < size; i++)
        out[0][i] = i < 2 * n - 1 ? NAN : (double)y[i];
    free(dx), free(y);
}

REFERENCE(atr)
{
    real *t = series(size);
    for (size_t i = 1; i < size; i++)
        t[i] = fmaxl((real)in[0][i] - in[1][i], fmaxl(fabsl((real)in[0][i] - in[2][i - 1]),
                                                      fabsl((real)in[1][i] - in[2][i - 1])));
    real *y = average(t, size, PERIOD, PERIOD, 1 / (real)PERIOD);
    for (size_t i = 0; i < size; i++)
        out[0][i] = i < PERIOD ? NAN : (double)y[i];
    free(t), free(y);
}

REFERENCE(natr)
{
    reference_atr(in, size, param, out);
    for (size_t i = 0; i < size; i++)
        out[0][i] = i >= PERIOD && in[2][i] == 0 ? 0 : 100 * out[0][i] / in[2][i];
}

REFERENCE(obv)
{
    (void)param;
    real total = 0;
    for (size_t i = 0; i < size; i++) {
        const double before = i == 0 ? -INFINITY : in[0][i - 1];
        total += in[0][i] > before ? in[1][i] : in[0][i] < before ? -in[1][i] : 0;
        out[0][i] = (double)total;
    }
}

REFERENCE(ad)
{
    (void)param;
    real total = 0;
    for (size_t i = 0; i < size; i++) {
        const real h = in[0][i], l = in[1][i], c = in[2][i];
        total += h > l ? ((c - l) - (h - c)) / (h - l) * in[3][i] : 0;
        out[0][i] = (double)total;
    }
}

REFERENCE(vwap)
{
    real *p = typical(in, size);
    for (size_t i = 0; i < size; i++) {
        real money = 0, volume = 0;
        for (size_t j = 0; j < PERIOD && j <= i; j++) {
            money += p[i - j] * in[3][i - j];
            volume += in[3][i - j];
        }
        out[0][i] = i + 1 < PERIOD ? NAN : (double)(money / volume);
    }
    free(p);
}

static real *log_changes(const double *to, const double *from, size_t shift, size_t size)
{
    real *y = series(size);
    for (size_t i = shift; i < size; i++)
        y[i] = logl((real)to[i] / from[i - shift]);
    return y;
}

REFERENCE(volatility)
{
    real *r = log_changes(in[0], in[0], 1, size);
    for (size_t i = 0; i < size; i++)
        out[0][i] = i < PERIOD ? NAN : (double)sqrtl(squares(r + i, PERIOD) / (real)(PERIOD - 1));
    free(r);
}

REFERENCE(parkinson)
{
    real *r = log_changes(in[0], in[1], 0, size);
    for (size_t i = 0; i < size; i++)
        r[i] *= r[i];
    for (size_t i = 0; i < size; i++)
        out[0][i] = i + 1 < PERIOD ? NAN : (double)sqrtl(mean(r + i, PERIOD) / (4 * logl(2)));
    free(r);
}

REFERENCE(garman_klass)
{
    real *r = log_changes(in[1], in[2], 0, size), *b = log_changes(in[3], in[0], 0, size);
    for (size_t i = 0; i < size; i++)
        r[i] = r[i] * r[i] / 2 - (2 * logl(2) - 1) * b[i] * b[i];
    for (size_t i = 0; i < size; i++)
        out[0][i] = i + 1 < PERIOD ? NAN : (double)sqrtl(mean(r + i, PERIOD));
    free(r), free(b);
}

REFERENCE(yang_zhang)
{
    const real n = (real)PERIOD, k = 0.34L / (1.34L + (n + 1) / (n - 1));
    real *o = log_changes(in[0], in[3], 1, size), *c = log_changes(in[3], in[0], 0, size);
    real *u = log_changes(in[1], in[0], 0, size), *d = log_changes(in[2], in[0], 0, size);
    for (size_t i = 0; i < size; i++)
        u[i] = u[i] * (u[i] - c[i]) + d[i] * (d[i] - c[i]);
    for (size_t i = 0; i < size; i++)
        out[0][i] = i < PERIOD ? NAN
                               : (double)sqrtl(squares(o + i, PERIOD) / (n - 1) +
                                               k * squares(c + i, PERIOD) / (n - 1) +
                                               (1 - k) * mean(u + i, PERIOD));
    free(o), free(c), free(u), free(d);
}

REFERENCE(drawdown)
{
    (void)param;
    for (size_t i = 0; i < size; i++)
        out[0][i] = (double)(in[0][i] / largest(in[0] + i, i + 1) - 1);
}

// A function of ta.def without a twin does not compile here.
static const struct {
    const char *name;
    reference *of;
} twins[] = {
#define TA_FUNCTION(name, ...) {#name, reference_##name},
#include "ta/ta.def"
};

reference *reference_of(const char *name)
{
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++)
        if (strcmp(twins[i].name, name) == 0)
            return twins[i].of;
    return NULL;
}
