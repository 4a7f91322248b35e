// SPDX-License-Identifier: Apache-2.0
// The pump over a sink that fails as it is told: nothing lost, nothing out of order, and the source
// waits where rows have no place.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/time.h"
#include "live/pump.h"
#include "net/backoff.h"
#include "stop.h"

#include <glob.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROWS_MOST = 400000 };

static char folder[64];
static atomic_bool stops;

// How the sink behaves, and what it has: volumes in their order.
static struct {
    struct live_sink sink;
    atomic_bool is_away, refuses, is_slow;
    atomic_int fail_percent; // of the tries; half of those have stored the batch all the same
    atomic_int tries;
    uint64_t random;
    uint32_t *rows;
    size_t count, articles;
    uint64_t last_number;
} fake;

static int store_fake(struct live_sink *sink, const struct live_batch *batch, struct err *err)
{
    (void)sink;
    fake.tries++;
    while (fake.is_slow)
        (void)backoff_sleep(0.001);
    if (fake.refuses)
        return err_set(err, EX_UNAVAILABLE, "the table is missing");
    if (fake.is_away)
        return err_set_retriable(err, EX_TEMPFAIL, "nobody there");
    assert_true(batch->number >= fake.last_number);
    fake.last_number = batch->number;
    fake.random = fake.random * 6364136223846793005u + 1442695040888963407u;
    const bool fails = (int)(fake.random >> 33) % 100 < fake.fail_percent;
    if (!fails || (fake.random >> 32 & 1) != 0)
        for (size_t i = 0; i < batch->tick_count; i++) {
            char text[16] = "";
            const struct csv_view volume = live_batch_tick(batch, i).volume;
            memcpy(text, volume.data, volume.size);
            assert_true(fake.count < ROWS_MOST);
            fake.rows[fake.count++] = (uint32_t)strtoul(text, NULL, 10);
        }
    fake.articles += batch->article_count;
    return fails ? err_set_retriable(err, EX_TEMPFAIL, "no answer") : 0;
}

static void close_fake(struct live_sink *sink)
{
    (void)sink;
}

int __wrap_live_sink_open(struct live_sink **sink, const char *name,
                          const struct live_sink_options *options, struct err *err);
int __wrap_live_sink_open(struct live_sink **sink, const char *name,
                          const struct live_sink_options *options, struct err *err)
{
    (void)name;
    (void)options;
    (void)err;
    fake.sink = (struct live_sink){"fake", store_fake, close_fake, 0};
    *sink = &fake.sink;
    return 0;
}

int __wrap_stop_check(struct err *err);
int __wrap_stop_check(struct err *err)
{
    return stops ? err_set(err, EX_TEMPFAIL, "stopped") : 0;
}

// How often somebody went to sleep until a time.
static atomic_int waits;

int __real_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *lock,
                                  const struct timespec *end);
int __wrap_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *lock,
                                  const struct timespec *end);
int __wrap_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *lock,
                                  const struct timespec *end)
{
    waits++;
    return __real_pthread_cond_timedwait(condition, lock, end);
}

static int set_up(void **state)
{
    (void)state;
    const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(folder, sizeof folder, "%s/test-pump.XXXXXX", place);
    stops = fake.is_away = fake.refuses = fake.is_slow = false;
    fake.fail_percent = fake.tries = 0;
    fake.random = 42;
    fake.count = fake.articles = 0;
    fake.last_number = 0;
    fake.rows = malloc(ROWS_MOST * sizeof *fake.rows);
    return mkdtemp(folder) == NULL || fake.rows == NULL;
}

static int tear_down(void **state)
{
    char path[128];
    glob_t found;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/*", folder);
    if (glob(path, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            (void)unlink(found.gl_pathv[i]);
    globfree(&found);
    free(fake.rows);
    return rmdir(folder);
}

static struct pump_options options_of(const char *spool)
{
    struct pump_options options;
    pump_options_init(&options, "test");
    options.sink = "fake";
    options.spool = spool;
    options.linger = 0.002;
    options.quiet = true;
    return options;
}

static struct pump *open_pump(const struct pump_options *options)
{
    struct pump *pump;
    assert_int_equal(pump_open(&pump, options, NULL), 0);
    return pump;
}

static int push(struct pump *pump, uint32_t number, struct err *err)
{
    char text[16];
    const int size = snprintf(text, sizeof text, "%u", number);
    const struct tick tick = {
        {"AAPL", 4}, {"179.66", 6}, {text, (size_t)size}, 1700000000 + number};
    return pump_tick(pump, &tick, err);
}

// Every number from 1 to `count`; each new one is the next.
static void expect_rows(uint32_t count)
{
    uint32_t next = 1;
    for (size_t i = 0; i < fake.count; i++) {
        assert_true(fake.rows[i] <= next);
        next += fake.rows[i] == next;
    }
    assert_int_equal(next, count + 1);
}

static void stores_all_in_order(void **state)
{
    (void)state;
    const struct pump_options options = options_of(NULL);
    struct pump *pump = open_pump(&options);
    for (uint32_t i = 1; i <= 100000; i++)
        assert_int_equal(push(pump, i, NULL), 0);
    struct pump_counts counts;
    pump_counts(pump, &counts);
    assert_int_equal(counts.rows, 100000);
    assert_int_equal(pump_close(pump, NULL), 0);
    assert_int_equal(fake.count, 100000);
    expect_rows(100000);
}

// Tries fail at random, with and without effect; now and then the sink is away for a while.
static void survives_a_bad_sink(const struct pump_options *options)
{
    struct pump *pump = open_pump(options);
    fake.fail_percent = 20;
    for (uint32_t i = 1; i <= 60000; i++) {
        if (i % 20000 == 0)
            fake.is_away = true;
        if (i % 20000 == 5000)
            fake.is_away = false;
        if (i % 1000 == 0)
            (void)backoff_sleep(0.001);
        assert_int_equal(push(pump, i, NULL), 0);
    }
    fake.is_away = false;
    fake.fail_percent = 0;
    assert_int_equal(pump_close(pump, NULL), 0);
    if (options->spool != NULL) { // what close left there
        pump = open_pump(options);
        assert_int_equal(pump_close(pump, NULL), 0);
    }
    expect_rows(60000);
}

static void survives_with_a_spool(void **state)
{
    (void)state;
    const struct pump_options options = options_of(folder);
    survives_a_bad_sink(&options);
}

static void survives_with_every_row_spooled(void **state)
{
    (void)state;
    struct pump_options options = options_of(folder);
    options.every_row = true;
    survives_a_bad_sink(&options);
}

static void *come_back(void *context)
{
    (void)context;
    (void)backoff_sleep(0.3);
    fake.is_away = false;
    return NULL;
}

static void waits_without_a_spool(void **state)
{
    (void)state;
    pthread_t thread;
    const struct pump_options options = options_of(NULL);
    struct pump *pump = open_pump(&options);
    fake.is_away = true;
    assert_int_equal(pthread_create(&thread, NULL, come_back, NULL), 0);
    for (uint32_t i = 1; i <= 3 * LIVE_BATCH_ROWS; i++)
        assert_int_equal(push(pump, i, NULL), 0);
    assert_false(fake.is_away); // two batches are the most that fit before
    assert_int_equal(pump_close(pump, NULL), 0);
    (void)pthread_join(thread, NULL);
    expect_rows(3 * LIVE_BATCH_ROWS);
}

static void *stop_soon(void *context)
{
    (void)context;
    (void)backoff_sleep(0.5);
    stops = true;
    return NULL;
}

// A full spool takes no row and drops none: what was taken is there in the next run.
static void waits_for_a_full_spool(void **state)
{
    (void)state;
    pthread_t thread;
    struct err err = {0};
    struct pump_options options = options_of(folder);
    options.spool_bytes = 1 << 20;
    struct pump *pump = open_pump(&options);
    fake.is_away = true;
    assert_int_equal(pthread_create(&thread, NULL, stop_soon, NULL), 0);
    uint32_t taken = 0;
    while (push(pump, taken + 1, &err) == 0)
        taken++;
    assert_int_equal(err.code, EX_TEMPFAIL);
    (void)pthread_join(thread, NULL);
    struct pump_counts counts;
    pump_counts(pump, &counts);
    assert_true(counts.is_away);
    assert_in_range(counts.waiting_bytes, (1 << 20) - 700000, 1 << 20);
    fake.is_away = false; // so that the last batch in memory has a place
    stops = false;
    assert_int_equal(pump_close(pump, NULL), 0);
    pump = open_pump(&options);
    assert_int_equal(pump_close(pump, NULL), 0);
    expect_rows(taken);
}

static void says_what_has_no_place(void **state)
{
    (void)state;
    struct err err = {0};
    struct pump_options options = options_of(folder);
    options.spool_bytes = 1 << 20;
    options.patience = 0.3;
    struct pump *pump = open_pump(&options);
    fake.is_away = true;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, stop_soon, NULL), 0);
    uint32_t taken = 0;
    while (push(pump, taken + 1, NULL) == 0)
        taken++;
    (void)pthread_join(thread, NULL);
    assert_int_equal(pump_close(pump, &err), EX_TEMPFAIL);
    assert_non_null(strstr(err.text, "and the spool is full"));
    const uint32_t lost = (uint32_t)strtoul(err.text, NULL, 10);
    assert_in_range(lost, 1, 2 * LIVE_BATCH_ROWS);
    fake.is_away = stops = false;
    pump = open_pump(&options);
    assert_int_equal(pump_close(pump, NULL), 0);
    expect_rows(taken - lost);
}

// Somebody has to mend it; nothing is lost meanwhile.
static void ends_with_a_lasting_error(void **state)
{
    (void)state;
    struct err err = {0};
    const struct pump_options options = options_of(folder);
    struct pump *pump = open_pump(&options);
    fake.refuses = true;
    uint32_t taken = 0;
    while (taken < 300000 && push(pump, taken + 1, &err) == 0)
        taken++;
    assert_int_equal(err.code, EX_UNAVAILABLE);
    assert_string_equal(err.text, "the table is missing");
    assert_int_equal(pump_close(pump, NULL), EX_UNAVAILABLE);
    fake.refuses = false;
    pump = open_pump(&options);
    assert_int_equal(pump_close(pump, NULL), 0);
    expect_rows(taken);
}

static void passes_bad_rows_by(void **state)
{
    (void)state;
    struct err err = {0};
    struct pump_options options = options_of(folder);
    options.every_row = true;
    struct pump *pump = open_pump(&options);
    assert_int_equal(push(pump, 1, NULL), 0);
    const struct tick bad[] = {
        {{"AAPL", 4}, {"1e999", 5}, {"1", 1}, 0},
        {{"AAPL", 4}, {"nan", 3}, {"1", 1}, 0},
        {{"AAPL", 4}, {"", 0}, {"1", 1}, 0},
        {{"", 0}, {"1", 1}, {"1", 1}, 0},
        {{"A\xff", 2}, {"1", 1}, {"1", 1}, 0},
        {{"AAPL", 4}, {"1", 1}, {"x", 1}, 0},
        {{"AAPL", 4}, {"1", 1}, {"1", 1}, -1},
        {{"A\0B", 3}, {"1", 1}, {"1", 1}, 0},
        {{"AAPL", 4}, {"1", 1}, {"1", 1}, LIVE_TIME_MOST},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err = (struct err){0};
        assert_int_equal(pump_tick(pump, &bad[i], &err), EX_DATAERR);
        assert_true(strlen(err.text) > 20);
    }
    assert_int_equal(push(pump, 2, NULL), 0);
    assert_int_equal(pump_close(pump, NULL), 0);
    assert_int_equal(fake.count, 2);
    expect_rows(2);
}

static void lingers_not_for_ever(void **state)
{
    (void)state;
    struct pump_options options = options_of(NULL);
    struct pump *pump = open_pump(&options);
    assert_int_equal(push(pump, 1, NULL), 0);
    struct pump_counts counts;
    do
        pump_counts(pump, &counts);
    while (counts.stored == 0); // the test's time limit ends it otherwise
    assert_int_equal(pump_close(pump, NULL), 0);
    options.linger = 3600;
    pump = open_pump(&options);
    assert_int_equal(push(pump, 2, NULL), 0);
    assert_int_equal(pump_flush(pump, NULL), 0);
    do
        pump_counts(pump, &counts);
    while (counts.stored == 0);
    assert_int_equal(pump_close(pump, NULL), 0);
}

// A process that dies without a word, at any row: what pump_tick took is on disk.
static void keeps_every_row(void **state)
{
    (void)state;
    struct pump_options options = options_of(folder);
    options.every_row = true;
    uint32_t next = 1;
    for (uint32_t round = 1; round <= 20; round++) {
        const uint32_t until = next + round * 7 % 50;
        const pid_t child = fork();
        if (child == 0) {
            fake.is_away = true;
            struct pump *pump = open_pump(&options);
            for (uint32_t i = next; i < until; i++)
                (void)push(pump, i, NULL);
            (void)raise(SIGKILL);
        }
        assert_int_equal(waitpid(child, NULL, 0), child);
        next = until;
    }
    struct pump *pump = open_pump(&options);
    assert_int_equal(pump_close(pump, NULL), 0);
    assert_int_equal(fake.count, next - 1);
    expect_rows(next - 1);
}

static void wants_a_place_for_every_row(void **state)
{
    (void)state;
    struct err err = {0};
    struct pump *pump;
    struct pump_options options = options_of(NULL);
    options.every_row = true;
    assert_int_equal(pump_open(&pump, &options, &err), EX_USAGE);
    assert_int_equal(pump_close(NULL, NULL), 0);
}

static void expect_sleep(double seconds)
{
    assert_in_range(waits, 1, 50 + (int)(seconds * 50));
}

// Rows that have no place yet, since the sink is away: the thread sleeps until the next try.
static void sleeps_while_the_sink_is_away(void **state)
{
    (void)state;
    const struct pump_options options = options_of(NULL);
    struct pump *pump = open_pump(&options);
    fake.is_away = true;
    assert_int_equal(push(pump, 1, NULL), 0);
    assert_int_equal(pump_flush(pump, NULL), 0);
    while (fake.tries == 0)
        (void)backoff_sleep(0.001);
    assert_int_equal(push(pump, 2, NULL), 0);
    waits = 0;
    const double before = clock_seconds();
    (void)backoff_sleep(0.4);
    expect_sleep(clock_seconds() - before);
    fake.is_away = false;
    assert_int_equal(pump_close(pump, NULL), 0);
    expect_rows(2);
}

// And so does it while the spool has no room for them, and the source with it.
static void sleeps_while_the_spool_is_full(void **state)
{
    (void)state;
    pthread_t thread;
    struct pump_options options = options_of(folder);
    options.spool_bytes = 1 << 20;
    struct pump *pump = open_pump(&options);
    fake.is_away = true;
    waits = 0;
    const double before = clock_seconds();
    assert_int_equal(pthread_create(&thread, NULL, stop_soon, NULL), 0);
    uint32_t taken = 0;
    while (push(pump, taken + 1, NULL) == 0)
        taken++;
    expect_sleep(clock_seconds() - before);
    (void)pthread_join(thread, NULL);
    fake.is_away = stops = false;
    assert_int_equal(pump_close(pump, NULL), 0);
    pump = open_pump(&options);
    assert_int_equal(pump_close(pump, NULL), 0);
    expect_rows(taken);
}

// What waits in the spool is gone: the run ends and says so.
static void ends_when_the_spool_is_not_what_it_was(void **state)
{
    (void)state;
    char path[128];
    glob_t found;
    struct err err = {0};
    struct pump_options options = options_of(folder);
    options.every_row = true;
    struct pump *pump = open_pump(&options);
    fake.is_slow = true;
    for (uint32_t i = 1; i <= 10; i++)
        assert_int_equal(push(pump, i, NULL), 0);
    while (fake.tries == 0)
        (void)backoff_sleep(0.001);
    assert_int_equal(push(pump, 11, NULL), 0); // while the ones before it are stored
    (void)snprintf(path, sizeof path, "%s/*.spool", folder);
    assert_int_equal(glob(path, 0, NULL, &found), 0);
    assert_int_equal(truncate(found.gl_pathv[0], 8), 0);
    globfree(&found);
    fake.is_slow = false;
    assert_int_equal(pump_close(pump, &err), EX_IOERR);
    assert_non_null(strstr(err.text, "changed under our hands"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stores_all_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(survives_with_a_spool, set_up, tear_down),
        cmocka_unit_test_setup_teardown(survives_with_every_row_spooled, set_up, tear_down),
        cmocka_unit_test_setup_teardown(waits_without_a_spool, set_up, tear_down),
        cmocka_unit_test_setup_teardown(waits_for_a_full_spool, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_what_has_no_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ends_with_a_lasting_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(passes_bad_rows_by, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lingers_not_for_ever, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_every_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wants_a_place_for_every_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sleeps_while_the_sink_is_away, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sleeps_while_the_spool_is_full, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ends_when_the_spool_is_not_what_it_was, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
