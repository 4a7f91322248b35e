// SPDX-License-Identifier: Apache-2.0
// The spool: order, bounds, and what it makes of files that a crash or a bad disk left behind.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "live/segment.h"
#include "live/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static struct live_batch batch;

// The n-th call from now fails with `fault`; 0: none. Counted over all of them.
static int fault, fault_countdown, calls;

static bool fails(void)
{
    calls++;
    if (fault_countdown == 0 || --fault_countdown != 0)
        return false;
    errno = fault;
    return true;
}

ssize_t __real_pwrite(int fd, const void *data, size_t size, off_t at);
ssize_t __wrap_pwrite(int fd, const void *data, size_t size, off_t at);
// A full disk takes a part of it first.
ssize_t __wrap_pwrite(int fd, const void *data, size_t size, off_t at)
{
    if (!fails())
        return __real_pwrite(fd, data, size, at);
    (void)!__real_pwrite(fd, data, size / 2, at);
    errno = fault;
    return -1;
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
    return fails() ? -1 : __real_fdatasync(fd);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    return fails() ? -1 : __real_fsync(fd);
}

int __real_renameat(int from, const char *old, int to, const char *new);
int __wrap_renameat(int from, const char *old, int to, const char *new);
int __wrap_renameat(int from, const char *old, int to, const char *new)
{
    return fails() ? -1 : __real_renameat(from, old, to, new);
}

int __real_linkat(int from, const char *old, int to, const char *new, int flags);
int __wrap_linkat(int from, const char *old, int to, const char *new, int flags);
int __wrap_linkat(int from, const char *old, int to, const char *new, int flags)
{
    return fails() ? -1 : __real_linkat(from, old, to, new, flags);
}

static struct csv_view view(const char *text)
{
    return (struct csv_view){text, strlen(text)};
}

// A batch of `rows` ticks whose volumes go on from `first`.
static void fill(uint64_t number, size_t rows, int first)
{
    live_batch_clear(&batch);
    batch.number = number;
    for (size_t i = 0; i < rows; i++) {
        char volume[16];
        (void)snprintf(volume, sizeof volume, "%d", first + (int)i);
        const struct tick tick = {view("AAPL"), view("179.66"), view(volume), 1000000 + first};
        assert_int_equal(live_batch_add_tick(&batch, &tick, NULL), 0);
    }
}

static struct spool *open_spool(uint64_t bytes)
{
    struct err err = {0};
    struct spool *spool;
    const int code = spool_open(&spool, folder, bytes, true, &err);
    if (code != 0)
        print_message("%s\n", err.text);
    assert_int_equal(code, 0);
    return spool;
}

static void put(struct spool *spool, uint64_t number, size_t rows, int first)
{
    fill(number, rows, first);
    assert_int_equal(spool_add(spool, &batch, 0, 0, NULL), 0);
    assert_int_equal(spool_seal(spool, NULL), 0);
}

static int volume_at(size_t row)
{
    const struct csv_view volume = live_batch_tick(&batch, row).volume;
    char text[16] = "";
    memcpy(text, volume.data, volume.size);
    return (int)strtol(text, NULL, 10);
}

static void expect_batch(struct spool *spool, uint64_t number, size_t rows, int first)
{
    assert_true(spool_has_batch(spool));
    assert_int_equal(spool_read(spool, &batch, NULL), 0);
    assert_int_equal(batch.number, number);
    assert_int_equal(batch.tick_count, rows);
    for (size_t i = 0; i < rows; i++)
        assert_int_equal(volume_at(i), first + (int)i);
}

static void take(struct spool *spool, uint64_t number, size_t rows, int first)
{
    expect_batch(spool, number, rows, first);
    assert_int_equal(spool_release(spool, NULL), 0);
}

static size_t files(const char *pattern)
{
    char path[128];
    glob_t found;
    (void)snprintf(path, sizeof path, "%s/%s", folder, pattern);
    const size_t count = glob(path, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    globfree(&found);
    return count;
}

static void path_of(uint64_t first, char out[static 128])
{
    char name[SEGMENT_NAME_BYTES];
    segment_name(first, name);
    (void)snprintf(out, 128, "%s/%s", folder, name);
}

static int set_up(void **state)
{
    (void)state;
    // In memory where there is such a place: a flush costs milliseconds on a disk.
    const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(folder, sizeof folder, "%s/test-spool.XXXXXX", place);
    fault_countdown = 0;
    return mkdtemp(folder) == NULL || live_batch_init(&batch, NULL) != 0;
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
    live_batch_free(&batch);
    return rmdir(folder);
}

static void keeps_order_and_survives(void **state)
{
    (void)state;
    struct spool *spool = open_spool(1 << 20);
    put(spool, 1, 3, 10);
    put(spool, 2, 1, 20);
    put(spool, 5, 2, 30);
    take(spool, 1, 3, 10);
    expect_batch(spool, 2, 1, 20);
    expect_batch(spool, 2, 1, 20); // until it is released
    spool_close(spool);
    spool = open_spool(1 << 20);
    assert_int_equal(spool_newest(spool), 5);
    put(spool, 6, 1, 40);
    take(spool, 2, 1, 20);
    take(spool, 5, 2, 30);
    take(spool, 6, 1, 40);
    assert_false(spool_has_batch(spool));
    assert_int_equal(spool_read(spool, &batch, NULL), EX_NOINPUT);
    spool_close(spool);
    assert_int_equal(files("*.spool"), 0);
    spool = open_spool(1 << 20);
    assert_int_equal(spool_newest(spool), 6); // numbers do not begin anew
    spool_close(spool);
}

// Rows one by one make one batch; what was not sealed is one after a restart.
static void adds_rows_to_an_open_batch(void **state)
{
    (void)state;
    struct spool *spool = open_spool(1 << 20);
    fill(1, 3, 1);
    for (size_t i = 0; i < 3; i++) {
        struct live_batch part = batch;
        part.tick_count = i + 1;
        assert_int_equal(spool_add(spool, &part, i, 0, NULL), 0);
        assert_false(spool_has_batch(spool));
    }
    assert_int_equal(spool_seal(spool, NULL), 0);
    fill(2, 1, 9);
    assert_int_equal(spool_add(spool, &batch, 0, 0, NULL), 0);
    take(spool, 1, 3, 1);
    assert_false(spool_has_batch(spool));
    spool_close(spool);
    spool = open_spool(1 << 20);
    take(spool, 2, 1, 9);
    spool_close(spool);
}

static void holds_articles(void **state)
{
    (void)state;
    const struct article article = {
        7,        1700000000000000, view("company"),        view("A \"headline\""),
        view(""), view("s"),        view("\xE2\x82\xAC\n"), view("https://example.com/")};
    struct spool *spool = open_spool(1 << 20);
    fill(1, 2, 1);
    assert_int_equal(live_batch_add_article(&batch, &article, NULL), 0);
    assert_int_equal(spool_add(spool, &batch, 0, 0, NULL), 0);
    assert_int_equal(spool_seal(spool, NULL), 0);
    expect_batch(spool, 1, 2, 1);
    assert_int_equal(batch.article_count, 1);
    const struct article back = live_batch_article(&batch, 0);
    assert_int_equal(back.id, 7);
    assert_int_equal(back.ts, article.ts);
    assert_int_equal(back.related.size, 0);
    assert_memory_equal(back.summary.data, article.summary.data, article.summary.size);
    assert_int_equal(back.url.size, article.url.size);
    spool_close(spool);
}

static void is_bounded(void **state)
{
    (void)state;
    struct err err = {0};
    struct spool *spool = open_spool(1 << 20);
    uint64_t number = 0;
    do {
        number++;
        fill(number, 1000, (int)number);
    } while (spool_add(spool, &batch, 0, 0, &err) == 0 && spool_seal(spool, NULL) == 0);
    assert_int_equal(err.code, EX_TEMPFAIL);
    assert_true(err.retriable);
    struct spool_counts counts;
    spool_count(spool, &counts);
    assert_int_equal(counts.batches, number - 1);
    assert_in_range(counts.bytes, (1 << 20) - 100000, 1 << 20);
    // Room comes back as it is drained.
    uint64_t taken = 0;
    while (spool_add(spool, &batch, 0, 0, NULL) != 0) {
        fill(0, 0, 0);
        taken++;
        take(spool, taken, 1000, (int)taken);
        fill(number, 1000, (int)number);
    }
    assert_in_range(taken, 1, 8);
    assert_int_equal(spool_seal(spool, NULL), 0);
    while (++taken <= number)
        take(spool, taken, 1000, (int)taken);
    spool_close(spool);
}

// A batch that is larger than the whole spool passes when it is alone.
static void takes_one_batch_at_least(void **state)
{
    (void)state;
    struct spool *spool = open_spool(1000);
    put(spool, 1, 1000, 1);
    fill(2, 1, 1);
    assert_int_equal(spool_add(spool, &batch, 0, 0, NULL), EX_TEMPFAIL);
    take(spool, 1, 1000, 1);
    put(spool, 2, 1000, 1);
    spool_close(spool);
}

static void belongs_to_one_process(void **state)
{
    (void)state;
    struct err err = {0};
    struct spool *spool = open_spool(1 << 20), *second;
    assert_int_equal(spool_open(&second, folder, 1 << 20, true, &err), EX_TEMPFAIL);
    assert_non_null(strstr(err.text, "in use by another process"));
    spool_close(spool);
}

static char *read_file(const char *path, size_t *size)
{
    struct stat status;
    const int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &status) == 0);
    char *data = malloc((size_t)status.st_size + 1);
    *size = (size_t)status.st_size;
    assert_int_equal(read(fd, data, *size), *size);
    (void)close(fd);
    return data;
}

static void write_file(const char *path, const char *data, size_t size)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size), size);
    (void)close(fd);
}

// Two batches, of which the second is cut off at every byte: the first is whole, and the spool
// takes new ones.
static void cuts_a_torn_tail(void **state)
{
    (void)state;
    char path[128];
    size_t size, first_size;
    struct spool *spool = open_spool(1 << 20);
    path_of(1, path);
    put(spool, 1, 2, 1);
    free(read_file(path, &first_size));
    put(spool, 2, 3, 5);
    spool_close(spool);
    char *data = read_file(path, &size);
    for (size_t cut = 0; cut < size; cut++) {
        write_file(path, data, cut);
        spool = open_spool(1 << 20);
        put(spool, 9, 1, 77);
        if (cut >= first_size)
            take(spool, 1, 2, 1);
        take(spool, 9, 1, 77);
        assert_false(spool_has_batch(spool));
        spool_close(spool);
        assert_int_equal(files("*.damaged"), 0);
        (void)unlinkat(AT_FDCWD, path, 0);
        char mark[128];
        (void)snprintf(mark, sizeof mark, "%s/stored", folder);
        (void)unlink(mark);
    }
    // The length may have grown while the bytes have not arrived.
    memset(data + first_size, 0, size - first_size);
    write_file(path, data, size);
    spool = open_spool(1 << 20);
    take(spool, 1, 2, 1);
    assert_false(spool_has_batch(spool));
    spool_close(spool);
    free(data);
}

// Three batches; every bit of the middle one and of the head before the first is flipped once.
static void sets_damage_aside(void **state)
{
    (void)state;
    char path[128], kept[160], mark[128];
    size_t size, begin, end;
    struct spool *spool = open_spool(1 << 20);
    path_of(1, path);
    (void)snprintf(kept, sizeof kept, "%s.damaged", path);
    (void)snprintf(mark, sizeof mark, "%s/stored", folder);
    put(spool, 1, 2, 1);
    free(read_file(path, &begin));
    put(spool, 2, 2, 5);
    free(read_file(path, &end));
    put(spool, 3, 2, 8);
    spool_close(spool);
    char *data = read_file(path, &size);
    for (size_t bit = begin * 8; bit < end * 8; bit++) {
        data[bit / 8] = (char)(data[bit / 8] ^ 1 << bit % 8);
        write_file(path, data, size);
        data[bit / 8] = (char)(data[bit / 8] ^ 1 << bit % 8);
        spool = open_spool(1 << 20);
        take(spool, 1, 2, 1);
        take(spool, 3, 2, 8);
        assert_false(spool_has_batch(spool));
        spool_close(spool);
        assert_int_equal(unlink(kept), 0);
        (void)unlink(mark);
    }
    free(data);
}

static void refuses_another_version(void **state)
{
    (void)state;
    struct err err = {0};
    struct spool *spool;
    char path[128];
    path_of(1, path);
    write_file(path, "thspool\1and then", 16);
    assert_int_equal(spool_open(&spool, folder, 1 << 20, true, &err), EX_DATAERR);
    assert_non_null(strstr(err.text, "format 1"));
    assert_int_equal(files("*.spool"), 1);
}

// Each write, flush, rename and link fails once, for lack of space or because the disk is bad; what
// spool_add has acknowledged is there afterwards, and nothing else.
static void keeps_what_it_acknowledged(void **state)
{
    (void)state;
    static const int faults[] = {ENOSPC, EIO};
    for (size_t f = 0; f < 2; f++)
        for (int n = 1;; n++) {
            char mark[128];
            (void)snprintf(mark, sizeof mark, "%s/stored", folder);
            struct spool *spool = open_spool(1 << 20);
            uint64_t acknowledged[4], count = 0;
            fault = faults[f];
            fault_countdown = n;
            for (uint64_t number = 1; number <= 4; number++) {
                struct err err = {0};
                fill(number, 700, (int)number);
                if (spool_add(spool, &batch, 0, 0, &err) == 0)
                    acknowledged[count++] = number;
                else
                    assert_int_equal(err.retriable, fault == ENOSPC);
                (void)spool_seal(spool, NULL);
            }
            const bool happened = fault_countdown == 0;
            fault_countdown = 0;
            spool_close(spool);
            spool = open_spool(1 << 20);
            for (uint64_t i = 0; i < count; i++)
                take(spool, acknowledged[i], 700, (int)acknowledged[i]);
            assert_false(spool_has_batch(spool));
            spool_close(spool);
            (void)unlink(mark);
            if (!happened)
                break;
            assert_in_range(count, 3, 4);
        }
}

// A failing repair leaves the damaged file where it is, and the next one succeeds.
static void repairs_at_the_second_try(void **state)
{
    (void)state;
    char path[128], mark[128];
    size_t size;
    struct spool *spool = open_spool(1 << 20);
    path_of(1, path);
    (void)snprintf(mark, sizeof mark, "%s/stored", folder);
    for (uint64_t i = 1; i <= 3; i++)
        put(spool, i, 2, (int)i);
    spool_close(spool);
    char *data = read_file(path, &size);
    data[60] ^= 1;
    for (int n = 1;; n++) {
        write_file(path, data, size);
        fault = ENOSPC;
        fault_countdown = n;
        const int code = spool_open(&spool, folder, 1 << 20, true, NULL);
        const bool happened = fault_countdown == 0;
        fault_countdown = 0;
        if (code != 0)
            spool = open_spool(1 << 20);
        take(spool, 2, 2, 2);
        take(spool, 3, 2, 3);
        spool_close(spool);
        assert_int_equal(files("*.damaged"), 1);
        assert_int_equal(files("*.new"), 0);
        (void)unlink(mark);
        if (!happened)
            break;
    }
    free(data);
}

// What a disk brings back after a power cut may be an older part of the same file; a record is good
// only where it was written. Whatever the end holds, each batch comes once, and no other is waited
// for.
static void leaves_copied_records_out(void **state)
{
    (void)state;
    char path[128], mark[128], kept[160];
    size_t size;
    struct spool *spool = open_spool(1 << 20);
    path_of(1, path);
    (void)snprintf(mark, sizeof mark, "%s/stored", folder);
    (void)snprintf(kept, sizeof kept, "%s.damaged", path);
    put(spool, 1, 2, 1);
    put(spool, 2, 1, 5);
    spool_close(spool);
    char *data = read_file(path, &size);
    char *twice = malloc(2 * size);
    memcpy(twice, data, size);
    for (size_t from = 0; from < size; from++) {
        memcpy(twice + size, data + from, size - from);
        write_file(path, twice, 2 * size - from);
        spool = open_spool(1 << 20);
        take(spool, 1, 2, 1);
        take(spool, 2, 1, 5);
        assert_false(spool_has_batch(spool));
        fill(3, 1, 7);
        assert_int_equal(spool_add(spool, &batch, 0, 0, NULL), 0);
        assert_false(spool_has_batch(spool)); // it is still open
        assert_int_equal(spool_seal(spool, NULL), 0);
        take(spool, 3, 1, 7);
        assert_false(spool_has_batch(spool));
        spool_close(spool);
        (void)unlink(kept);
        (void)unlink(mark);
    }
    free(twice);
    free(data);
}

// A batch that was added and is not there: nobody may wait for it.
static void says_that_a_batch_is_gone(void **state)
{
    (void)state;
    char path[128];
    struct err err = {0};
    struct spool *spool = open_spool(1 << 20);
    path_of(1, path);
    put(spool, 1, 2, 1);
    assert_int_equal(truncate(path, SEGMENT_HEAD_BYTES), 0);
    assert_true(spool_has_batch(spool));
    assert_int_equal(spool_read(spool, &batch, &err), EX_IOERR);
    assert_false(err.retriable);
    assert_non_null(strstr(err.text, "changed under our hands"));
    // What is added after that has its place all the same.
    put(spool, 2, 3, 5);
    spool_close(spool);
    spool = open_spool(1 << 20);
    take(spool, 2, 3, 5);
    assert_false(spool_has_batch(spool));
    spool_close(spool);
}

// What the spool should hold, beside which it runs at random.
static struct {
    uint64_t random, newest, taken;
    int first[1 << 14], rows[1 << 14]; // of each batch
    bool is_open;
    int volume;
} model;

static unsigned roll(unsigned below)
{
    model.random = model.random * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(model.random >> 33) % below;
}

static void model_add(struct spool *spool)
{
    const uint64_t number = model.newest + !model.is_open;
    const size_t rows = roll(4) == 0 ? 1000 : 1;
    fault_countdown = roll(8) == 0 ? (int)roll(4) + 1 : 0;
    fill(number, rows, model.volume);
    const int code = spool_add(spool, &batch, 0, 0, NULL);
    fault_countdown = 0;
    if (code != 0)
        return;
    if (!model.is_open) {
        model.first[number] = model.volume;
        model.rows[number] = 0;
    }
    model.rows[number] += (int)rows;
    model.volume += (int)rows;
    model.newest = number;
    model.is_open = true;
}

// Batches that were released come again after a crash whose mark was lost.
static void model_take(struct spool *spool)
{
    do {
        assert_int_equal(spool_has_batch(spool), model.taken < model.newest - model.is_open);
        if (!spool_has_batch(spool)) {
            assert_int_equal(spool_read(spool, &batch, NULL), EX_NOINPUT);
            return;
        }
        assert_int_equal(spool_read(spool, &batch, NULL), 0);
        const uint64_t number = batch.number;
        assert_true(number <= model.taken + 1);
        expect_batch(spool, number, (size_t)model.rows[number], model.first[number]);
        fault_countdown = roll(8) == 0;
        assert_int_equal(spool_release(spool, NULL), 0);
        fault_countdown = 0;
    } while (batch.number <= model.taken);
    model.taken = batch.number;
}

static struct spool *model_open_again(struct spool *spool)
{
    spool_close(spool);
    model.is_open = false;
    return open_spool(1 << 20);
}

static void agrees_with_a_model(void **state)
{
    (void)state;
    struct spool *spool = open_spool(1 << 20);
    model.random = 7;
    model.volume = 1;
    fault = ENOSPC;
    for (int i = 0; i < 20000; i++)
        switch (roll(i / 2000 % 2 == 0 ? 12 : 20)) {
        case 0:
            spool = model_open_again(spool);
            break;
        case 1:
        case 2:
        case 3:
            (void)spool_seal(spool, NULL);
            model.is_open = false;
            break;
        case 4:
        case 5:
        case 6:
        case 7:
            model_add(spool);
            break;
        default:
            model_take(spool);
        }
    assert_true(model.taken > 1000);
    spool_close(spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_order_and_survives, set_up, tear_down),
        cmocka_unit_test_setup_teardown(adds_rows_to_an_open_batch, set_up, tear_down),
        cmocka_unit_test_setup_teardown(holds_articles, set_up, tear_down),
        cmocka_unit_test_setup_teardown(is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_one_batch_at_least, set_up, tear_down),
        cmocka_unit_test_setup_teardown(belongs_to_one_process, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cuts_a_torn_tail, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sets_damage_aside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_another_version, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_what_it_acknowledged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(repairs_at_the_second_try, set_up, tear_down),
        cmocka_unit_test_setup_teardown(leaves_copied_records_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_that_a_batch_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(agrees_with_a_model, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
