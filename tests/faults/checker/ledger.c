// SPDX-License-Identifier: Apache-2.0
#include "ledger.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int ledger_init(struct ledger *ledger, const char *name, FILE *log, struct err *err)
{
    *ledger = (struct ledger){.name = name, .log = log, .slot_count = 1024, .capacity = 512};
    ledger->slots = calloc(ledger->slot_count, sizeof *ledger->slots);
    ledger->symbols = calloc(ledger->capacity, sizeof *ledger->symbols);
    if (ledger->slots == NULL || ledger->symbols == NULL)
        return err_set(err, EX_OSERR, "no memory for the ledger");
    return 0;
}

void ledger_free(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++)
        free(ledger->symbols[i].seen);
    free(ledger->symbols);
    free(ledger->slots);
}

// FNV-1a
static uint64_t hash_of(const char *symbol, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)symbol[i]) * 0x100000001b3ULL;
    return hash;
}

// The slot that has the symbol, or the empty one where it belongs.
static size_t slot_of(const struct ledger *ledger, const char *symbol, size_t size)
{
    const size_t mask = ledger->slot_count - 1;
    size_t slot = (size_t)hash_of(symbol, size) & mask;
    for (; ledger->slots[slot] != 0; slot = (slot + 1) & mask) {
        const char *name = ledger->symbols[ledger->slots[slot] - 1].name;
        if (strlen(name) == size && memcmp(name, symbol, size) == 0)
            break;
    }
    return slot;
}

static int grow(struct ledger *ledger, struct err *err)
{
    struct ledger_symbol *symbols =
        realloc(ledger->symbols, 2 * ledger->capacity * sizeof *symbols);
    if (symbols == NULL)
        return err_set(err, EX_OSERR, "no memory for %zu symbols", 2 * ledger->capacity);
    ledger->symbols = symbols;
    uint32_t *slots = calloc(2 * ledger->slot_count, sizeof *slots);
    if (slots == NULL)
        return err_set(err, EX_OSERR, "no memory for %zu symbols", 2 * ledger->capacity);
    free(ledger->slots);
    ledger->slots = slots;
    ledger->capacity *= 2;
    ledger->slot_count *= 2;
    for (size_t i = 0; i < ledger->count; i++)
        slots[slot_of(ledger, symbols[i].name, strlen(symbols[i].name))] = (uint32_t)i + 1;
    return 0;
}

int ledger_expect(struct ledger *ledger, const char *symbol, size_t size, uint64_t ticks,
                  struct err *err)
{
    if (size == 0 || size > LEDGER_SYMBOL_BYTES || ledger->count == LEDGER_SYMBOLS)
        return err_set(err, EX_DATAERR,
                       "the symbol '%.*s' has %zu characters and is number %zu; at most %d and %u",
                       (int)(size < 80 ? size : 80), symbol, size, ledger->count + 1,
                       LEDGER_SYMBOL_BYTES, LEDGER_SYMBOLS);
    if (ticks > LEDGER_TICKS)
        return err_set(err, EX_DATAERR, "%.*s: %" PRIu64 " ticks are more than %llu", (int)size,
                       symbol, ticks, LEDGER_TICKS);
    if (ledger->count == ledger->capacity)
        TRY(grow(ledger, err));
    const size_t slot = slot_of(ledger, symbol, size);
    if (ledger->slots[slot] != 0)
        return err_set(err, EX_DATAERR, "the symbol '%.*s' is named twice", (int)size, symbol);
    struct ledger_symbol *entry = &ledger->symbols[ledger->count];
    *entry = (struct ledger_symbol){.expected = ticks};
    memcpy(entry->name, symbol, size);
    entry->seen = calloc((size_t)(ticks / 64 + 1), sizeof *entry->seen);
    if (entry->seen == NULL)
        return err_set(err, EX_OSERR, "no memory for %" PRIu64 " ticks of %s", ticks, entry->name);
    ledger->slots[slot] = (uint32_t)++ledger->count;
    ledger->expected += ticks;
    return 0;
}

struct ledger_symbol *ledger_find(const struct ledger *ledger, const char *symbol, size_t size)
{
    const uint32_t index = ledger->slots[slot_of(ledger, symbol, size)];
    return index != 0 ? &ledger->symbols[index - 1] : NULL;
}

// A sentence about one of the first differences.
__attribute__((format(printf, 2, 3))) static void example(struct ledger *ledger, const char *format,
                                                          ...)
{
    if (ledger->log == NULL || ledger->examples++ > LEDGER_EXAMPLES)
        return;
    if (ledger->examples > LEDGER_EXAMPLES) {
        (void)fprintf(ledger->log, "checker: %s: and more\n", ledger->name);
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    (void)fprintf(ledger->log, "checker: %s: ", ledger->name);
    (void)vfprintf(ledger->log, format, arguments);
    (void)fputc('\n', ledger->log);
    va_end(arguments);
}

static void see_stranger(struct ledger *ledger, const char *symbol, size_t size, uint64_t number)
{
    ledger->never_sent++;
    example(ledger, "%.*s %" PRIu64 " was never sent", (int)(size < 80 ? size : 80), symbol,
            number);
}

void ledger_see(struct ledger *ledger, const char *symbol, size_t size, uint64_t number)
{
    struct ledger_symbol *entry = ledger_find(ledger, symbol, size);
    ledger->rows++;
    if (entry == NULL || number == 0 || number > entry->expected) {
        see_stranger(ledger, symbol, size, number);
        return;
    }
    uint64_t *word = &entry->seen[(number - 1) / 64];
    const uint64_t bit = 1ULL << ((number - 1) % 64);
    if ((*word & bit) != 0) {
        ledger->duplicated++;
        example(ledger, "%s %" PRIu64 " is there more than once", entry->name, number);
        return;
    }
    *word |= bit;
    entry->found++;
    if (number < entry->last)
        ledger->disordered++;
    entry->last = number;
}

void ledger_see_wrong(struct ledger *ledger, const char *symbol, size_t size, uint64_t number,
                      const char *price)
{
    ledger->wrong++;
    example(ledger, "%.*s %" PRIu64 " has the price %s, which is not the one that was sent",
            (int)size, symbol, number, price);
}

void ledger_see_unreadable(struct ledger *ledger, uint64_t line, const char *why)
{
    ledger->unreadable++;
    example(ledger, "line %" PRIu64 ": %s", line, why);
}

// 1 + 2 + ... + n, modulo 2^64 as sums of UInt64 are.
static uint64_t sum_to(uint64_t n)
{
    return n % 2 == 0 ? n / 2 * (n + 1) : (n + 1) / 2 * n;
}

void ledger_see_total(struct ledger *ledger, const char *symbol, size_t size, uint64_t ticks,
                      uint64_t sum)
{
    struct ledger_symbol *entry = ledger_find(ledger, symbol, size);
    ledger->rows++;
    if (entry == NULL) {
        see_stranger(ledger, symbol, size, ticks);
        return;
    }
    const uint64_t lost = entry->expected > ticks ? entry->expected - ticks : 0;
    const uint64_t more = ticks > entry->expected ? ticks - entry->expected : 0;
    const uint64_t mixed = lost == 0 && more == 0 && sum != sum_to(ticks);
    entry->found++;
    if (entry->found > 1) {
        ledger->duplicated++;
        example(ledger, "%s has more than one total", entry->name);
    }
    if (lost != 0 || more != 0 || mixed != 0)
        example(ledger,
                "%s: %" PRIu64 " ticks with the sum %" PRIu64 "; sent were %" PRIu64
                " with the sum %" PRIu64,
                entry->name, ticks, sum, entry->expected, sum_to(entry->expected));
    ledger->lost += lost + mixed;
    ledger->duplicated += more + mixed;
}

static bool is_seen(const struct ledger_symbol *entry, uint64_t number)
{
    return (entry->seen[(number - 1) / 64] >> ((number - 1) % 64) & 1) != 0;
}

// Names the runs of numbers that are missing.
static void close_symbol(struct ledger *ledger, const struct ledger_symbol *entry)
{
    ledger->lost += entry->expected - entry->found;
    for (uint64_t n = 1; n <= entry->expected && ledger->examples <= LEDGER_EXAMPLES; n++) {
        const uint64_t first = n;
        if (is_seen(entry, n))
            continue;
        while (n < entry->expected && !is_seen(entry, n + 1))
            n++;
        example(ledger, "%s %" PRIu64 "..%" PRIu64 " is lost", entry->name, first, n);
    }
}

void ledger_close_rows(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++)
        if (ledger->symbols[i].found != ledger->symbols[i].expected)
            close_symbol(ledger, &ledger->symbols[i]);
}

void ledger_close_totals(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_symbol *entry = &ledger->symbols[i];
        if (entry->found != 0 || entry->expected == 0)
            continue;
        ledger->lost += entry->expected;
        example(ledger, "%s: all %" PRIu64 " are lost", entry->name, entry->expected);
    }
}
