// SPDX-License-Identifier: Apache-2.0
#include "polling.h"
#include "base/hash.h"
#include "base/time.h"
#include "net/backoff.h"
#include "replies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    POLL_BODY_BYTES = 64 << 20,
    POLL_ARENA_BYTES = 1 << 20,
    POLL_QUESTION_BYTES = 512,
    POLL_ZEROS_MOST = 6
};

static const double nap_seconds = 0.1;

static void say(const struct poll *poll, const char *what, const char *text)
{
    if (!poll->quiet)
        (void)fprintf(stderr, "finnhub: %s%s%s\n", what, *what != '\0' ? ": " : "", text);
}

// What ends one question and not the run: said, remembered for the exit code. A key that is
// refused, a signal, and a sink that is broken end it.
static int pass_over(struct poll *poll, const char *what, const struct err *problem,
                     struct err *err)
{
    TRY(poll->rest.check(poll->rest.context, err));
    if (!problem->retriable && problem->code != EX_DATAERR && problem->code != EX_NOINPUT)
        return err_set(err, problem->code, "%s", problem->text);
    if (poll->worst == 0 || poll->worst == EX_NOINPUT)
        poll->worst = problem->code;
    say(poll, what, problem->text);
    return 0;
}

// ---- quotes ----

static bool is_known_quote(struct quote_seen *seen, const struct quote *quote)
{
    return seen->seconds == quote->seconds && strlen(seen->price) == quote->price.size &&
           memcmp(seen->price, quote->price.data, quote->price.size) == 0;
}

// A quote tells the last trade. Where the trades themselves come in, it says nothing new unless it
// is newer than all of them.
static int store_quote(struct poll *poll, size_t symbol, const struct quote *quote, struct err *err)
{
    const char *name = poll->symbols->list[symbol];
    struct quote_seen *seen = &poll->last[symbol];
    const struct tick tick = {
        {name, strlen(name)}, quote->price, {"", 0}, quote->seconds * 1000000};
    const int64_t traded = poll->newest != NULL ? atomic_load(&poll->newest[symbol]) : 0;
    if (is_known_quote(seen, quote) || quote->seconds * 1000 <= traded)
        return 0;
    TRY(pump_tick(poll->pump, &tick, err));
    poll->quote_count++;
    seen->seconds = quote->seconds;
    (void)snprintf(seen->price, sizeof seen->price, "%.*s", (int)quote->price.size,
                   quote->price.data);
    return 0;
}

static int ask_quote(struct poll *poll, size_t symbol, struct err *err)
{
    char question[POLL_QUESTION_BYTES];
    struct quote quote;
    (void)snprintf(question, sizeof question, "quote?symbol=%s", poll->symbols->list[symbol]);
    TRY(rest_get(&poll->rest, question, &poll->body, err));
    arena_reset(&poll->arena);
    TRY(quote_read(poll->body.data, poll->body.size, &poll->arena, &quote, err));
    return store_quote(poll, symbol, &quote, err);
}

// A plan has access to some symbols (those of the United States) and not to others.
static bool is_refused(const struct err *problem)
{
    return problem->code == EX_NOPERM && problem->retriable;
}

// A quote of zeros can be a slip, or of a symbol that is going to be listed: it is asked for again
// after 1, 2, 4, ... rounds. Returns whether it is the first one.
static bool note_zeros(struct poll *poll, struct quote_seen *seen)
{
    const bool is_first = seen->zeros == 0;
    poll->unknown += is_first;
    seen->round_again = poll->rounds + (1ULL << seen->zeros);
    seen->zeros += seen->zeros < POLL_ZEROS_MOST;
    return is_first;
}

static int poll_quote(struct poll *poll, size_t symbol, struct err *err)
{
    struct quote_seen *seen = &poll->last[symbol];
    struct err problem = {0};
    if (seen->no_quotes || (seen->zeros != 0 && poll->rounds < seen->round_again))
        return 0;
    if (ask_quote(poll, symbol, &problem) == 0) {
        poll->unknown -= seen->zeros != 0;
        seen->zeros = 0;
        return 0;
    }
    seen->no_quotes = is_refused(&problem);
    poll->no_quotes += seen->no_quotes;
    if (problem.code == EX_NOINPUT && !note_zeros(poll, seen))
        return 0;
    return pass_over(poll, poll->symbols->list[symbol], &problem, err);
}

// ---- news ----

// Whether the article is new to this run. When half of the slots are taken all are forgotten: the
// sinks know what they have.
static bool is_new(struct poll *poll, const struct article *article)
{
    struct hash hash;
    hash_init(&hash);
    hash_add(&hash, &article->id, sizeof article->id);
    hash_add(&hash, article->related.data, article->related.size);
    const uint64_t key = hash.high | 1;
    if (poll->article_slots_used >= POLL_SEEN / 2) {
        memset(poll->articles, 0, POLL_SEEN * sizeof *poll->articles);
        poll->article_slots_used = 0;
    }
    size_t at = key / 2 % POLL_SEEN;
    while (poll->articles[at] != 0 && poll->articles[at] != key)
        at = (at + 1) % POLL_SEEN;
    if (poll->articles[at] == key)
        return false;
    poll->articles[at] = key;
    poll->article_slots_used++;
    return true;
}

static int store_article(void *context, const struct article *article, struct err *err)
{
    struct poll *poll = context;
    if (!is_new(poll, article))
        return 0;
    TRY(pump_article(poll->pump, article, err));
    poll->article_count++;
    return 0;
}

static int ask_news(struct poll *poll, const char *question, struct err *err)
{
    struct news_counts counts;
    TRY(rest_get(&poll->rest, question, &poll->body, err));
    const int code = news_read(poll->body.data, poll->body.size, store_article, poll, &counts, err);
    poll->refused += counts.refused;
    if (code == 0 && counts.refused != 0) {
        say(poll, question, counts.why);
        poll->worst = poll->worst != 0 ? poll->worst : EX_DATAERR;
    }
    return code;
}

static int poll_news(struct poll *poll, const char *question, bool *no_access, struct err *err)
{
    struct err problem = {0};
    if (*no_access || ask_news(poll, question, &problem) == 0)
        return 0;
    *no_access = is_refused(&problem);
    return pass_over(poll, "", &problem, err);
}

static int poll_company_news(struct poll *poll, size_t symbol, struct err *err)
{
    struct quote_seen *seen = &poll->last[symbol];
    if (seen->no_news)
        return 0;
    const int32_t today = (int32_t)(clock_microseconds() / 86400000000);
    char question[POLL_QUESTION_BYTES], from[11], to[11];
    date_format(today - (int32_t)poll->news_days, from);
    date_format(today, to);
    (void)snprintf(question, sizeof question, "company-news?symbol=%s&from=%s&to=%s",
                   poll->symbols->list[symbol], from, to);
    const int code = poll_news(poll, question, &seen->no_news, err);
    poll->no_company_news += seen->no_news;
    return code;
}

// ---- rounds ----

static int run_round(struct poll *poll, struct err *err)
{
    const size_t count = poll->symbols->count;
    for (size_t i = 0; poll->quotes && i < count; i++)
        TRY(poll_quote(poll, i, err));
    if (poll->news)
        TRY(poll_news(poll, "news?category=general", &poll->no_news, err));
    for (size_t i = 0; poll->company_news && i < count; i++)
        TRY(poll_company_news(poll, i, err));
    poll->rounds++;
    return pump_flush(poll->pump, err);
}

static bool has_nothing_left(const struct poll *poll)
{
    const size_t count = poll->symbols->count;
    return (!poll->quotes || poll->no_quotes == count) && (!poll->news || poll->no_news) &&
           (!poll->company_news || poll->no_company_news == count);
}

// A round that takes longer than the interval is followed by the next at once.
static int wait_for_round(struct poll *poll, double begun, struct err *err)
{
    const double until = begun + (double)poll->interval, over = clock_seconds() - until;
    char text[160];
    (void)snprintf(text, sizeof text,
                   "a round took %.0f s more than --interval: fewer symbols or a longer interval "
                   "would keep the time",
                   over);
    if (over > 1 && poll->rounds == 1)
        say(poll, "", text);
    while (clock_seconds() < until) {
        (void)backoff_sleep(nap_seconds);
        TRY(poll->rest.check(poll->rest.context, err));
    }
    return 0;
}

static int run(struct poll *poll, struct err *err)
{
    TRY(arena_open(&poll->arena, POLL_ARENA_BYTES, err));
    poll->last = calloc(poll->symbols->count + 1, sizeof *poll->last);
    poll->articles = calloc(POLL_SEEN, sizeof *poll->articles);
    if (poll->last == NULL || poll->articles == NULL)
        return err_set(err, EX_OSERR, "out of memory for %zu symbols", poll->symbols->count);
    for (;;) {
        const double begun = clock_seconds();
        TRY(run_round(poll, err));
        if (poll->once)
            return 0;
        if (has_nothing_left(poll))
            return err_set(err, EX_NOPERM, "the key has access to nothing that was asked for");
        TRY(wait_for_round(poll, begun, err));
    }
}

int poll_run(struct poll *poll, struct err *err)
{
    buffer_init(&poll->body, POLL_BODY_BYTES);
    const int code = run(poll, err);
    buffer_free(&poll->body);
    arena_close(&poll->arena);
    free(poll->last);
    free(poll->articles);
    return code;
}
