// SPDX-License-Identifier: Apache-2.0
#include "talib.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

// The shapes of TA-Lib's functions: first and last index, inputs, parameters, where the first
// result is, how many there are, outputs.
typedef int series_n(int, int, const double *, int, int *, int *, double *);
typedef int series_n_real(int, int, const double *, int, double, int *, int *, double *);
typedef int bands(int, int, const double *, int, double, double, int, int *, int *, double *,
                  double *, double *);
typedef int convergence(int, int, const double *, int, int, int, int *, int *, double *, double *,
                        double *);
typedef int bars_n(int, int, const double *, const double *, const double *, int, int *, int *,
                   double *);
typedef int stochastic(int, int, const double *, const double *, const double *, int, int, int, int,
                       int, int *, int *, double *, double *);
typedef int volume_bars_n(int, int, const double *, const double *, const double *, const double *,
                          int, int *, int *, double *);
typedef int volume_bars(int, int, const double *, const double *, const double *, const double *,
                        int *, int *, double *);
typedef int two_series(int, int, const double *, const double *, int *, int *, double *);

enum shape {
    SERIES_N,
    SERIES_N_ONE,
    BANDS,
    CONVERGENCE,
    BARS_N,
    STOCHASTIC,
    VOLUME_BARS_N,
    VOLUME_BARS,
    TWO_SERIES
};

static struct peer {
    const char *ours, *theirs;
    enum shape shape;
    void *address;
} peers[] = {
    {"sma", "TA_SMA", SERIES_N, NULL},
    {"ema", "TA_EMA", SERIES_N, NULL},
    {"wma", "TA_WMA", SERIES_N, NULL},
    {"dema", "TA_DEMA", SERIES_N, NULL},
    {"tema", "TA_TEMA", SERIES_N, NULL},
    {"kama", "TA_KAMA", SERIES_N, NULL},
    {"hma", "TA_HMA", SERIES_N, NULL},
    {"trima", "TA_TRIMA", SERIES_N, NULL},
    {"rsi", "TA_RSI", SERIES_N, NULL},
    {"mom", "TA_MOM", SERIES_N, NULL},
    {"roc", "TA_ROC", SERIES_N, NULL},
    {"cmo", "TA_CMO", SERIES_N, NULL},
    {"trix", "TA_TRIX", SERIES_N, NULL},
    {"return", "TA_ROCP", SERIES_N, NULL},
    {"stddev", "TA_STDDEV", SERIES_N_ONE, NULL},
    {"bbands", "TA_BBANDS", BANDS, NULL},
    {"macd", "TA_MACD", CONVERGENCE, NULL},
    {"cci", "TA_CCI", BARS_N, NULL},
    {"adx", "TA_ADX", BARS_N, NULL},
    {"willr", "TA_WILLR", BARS_N, NULL},
    {"atr", "TA_ATR", BARS_N, NULL},
    {"natr", "TA_NATR", BARS_N, NULL},
    {"stoch", "TA_STOCH", STOCHASTIC, NULL},
    {"mfi", "TA_MFI", VOLUME_BARS_N, NULL},
    {"ad", "TA_AD", VOLUME_BARS, NULL},
    {"obv", "TA_OBV", TWO_SERIES, NULL},
};

static const char *(*version)(void);

int talib_open(const char *path)
{
    static void *library; // kept until the program ends
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "TA-Lib's library cannot be loaded: %s\n", dlerror());
        return -1;
    }
    int (*initialize)(void);
    *(void **)&initialize = dlsym(library, "TA_Initialize");
    *(void **)&version = dlsym(library, "TA_GetVersionString");
    if (initialize == NULL || version == NULL || initialize() != 0) {
        fprintf(stderr, "%s is not TA-Lib's C library\n", path);
        return -1;
    }
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) {
        peers[i].address = dlsym(library, peers[i].theirs);
        if (peers[i].address == NULL) {
            fprintf(stderr, "%s in %s is missing; version 0.8.1 has it\n", peers[i].theirs, path);
            return -1;
        }
    }
    return 0;
}

const char *talib_version(void)
{
    return version();
}

static const struct peer *find(const char *name)
{
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++)
        if (strcmp(peers[i].ours, name) == 0)
            return &peers[i];
    return NULL;
}

bool talib_has(const char *name)
{
    return find(name) != NULL;
}

static int dispatch(const struct peer *peer, int last, const double *const *in, const double *param,
                    double *const *o, int *first, int *count)
{
    const int n = (int)param[0];
    void *const f = peer->address;
    switch (peer->shape) {
    case SERIES_N:
        return ((series_n *)f)(0, last, in[0], n, first, count, o[0]);
    case SERIES_N_ONE:
        return ((series_n_real *)f)(0, last, in[0], n, 1, first, count, o[0]);
    case BANDS:
        return ((bands *)f)(0, last, in[0], n, param[1], param[2], 0, first, count, o[0], o[1],
                            o[2]);
    case CONVERGENCE:
        return ((convergence *)f)(0, last, in[0], n, (int)param[1], (int)param[2], first, count,
                                  o[0], o[1], o[2]);
    case BARS_N:
        return ((bars_n *)f)(0, last, in[0], in[1], in[2], n, first, count, o[0]);
    case STOCHASTIC:
        return ((stochastic *)f)(0, last, in[0], in[1], in[2], n, (int)param[1], 0, (int)param[2],
                                 0, first, count, o[0], o[1]);
    case VOLUME_BARS_N:
        return ((volume_bars_n *)f)(0, last, in[0], in[1], in[2], in[3], n, first, count, o[0]);
    case VOLUME_BARS:
        return ((volume_bars *)f)(0, last, in[0], in[1], in[2], in[3], first, count, o[0]);
    case TWO_SERIES:
        return ((two_series *)f)(0, last, in[0], in[1], first, count, o[0]);
    }
    return -1;
}

long talib_call(const struct ta_function *function, const double *const *in, size_t size,
                const double *param, double *const *out)
{
    const size_t lookback = function->lookback(param);
    if (lookback >= size)
        return 0;
    double *shifted[TA_MAX_OUTPUTS];
    for (size_t k = 0; k < function->output_count; k++)
        shifted[k] = out[k] + lookback;
    int first = -1, count = 0;
    const int code =
        dispatch(find(function->name), (int)size - 1, in, param, shifted, &first, &count);
    return code == 0 && first == (int)lookback ? count : -1;
}
