// SPDX-License-Identifier: Apache-2.0
// The queue of segments. `released` is the newest batch that the sink has stored; the file `stored`
// tells it to the next process. That file is not flushed: an old number only makes batches go to
// the sink once more, and that changes nothing there.
//
// What waits is told by the numbers of batches, which only go up: a batch waits when it is newer
// than `released`, and may be read when it is no newer than `sealed`. The counts of what waits are
// for people.
#include "spool.h"
#include "base/file.h"
#include "segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
    SEGMENT_BYTES_LEAST = 64 << 10,
    SEGMENTS_A_SPOOL = 8, // as many at least, so that room comes back while the queue is drained
    LOADED_BYTES = SEGMENT_BYTES_MOST + 2 * RECORD_BYTES_MOST,
};

struct spool {
    char *path;
    int folder, lock, stored; // descriptors
    uint64_t bytes_most, segment_bytes;
    bool quiet;
    struct segment *segments; // from the oldest; rows are added to the last one
    size_t segment_count, segment_room;
    int fd;                            // of the last segment, -1 until something is added
    uint64_t bytes;                    // of all segments
    uint64_t released, sealed, newest; // batches
    bool is_open;                      // rows were added to batch `newest` and it is not sealed
    uint64_t waiting_batches, waiting_rows, damaged;
    size_t at, next;     // in the first segment: the oldest batch, and the one after it once read
    uint64_t read_batch; // and what was read there
    size_t read_rows;
    struct buffer loaded; // the first segment
    struct buffer record;
};

struct stored_mark {
    uint64_t released, checksum;
};

static uint64_t mark_checksum(uint64_t released)
{
    return XXH3_64bits_withSeed(&released, sizeof released, 1);
}

static void read_mark(struct spool *spool)
{
    struct stored_mark mark = {0};
    if (pread(spool->stored, &mark, sizeof mark, 0) == (ssize_t)sizeof mark &&
        mark.checksum == mark_checksum(mark.released))
        spool->released = mark.released;
    spool->sealed = spool->newest = spool->released;
}

static void write_mark(struct spool *spool)
{
    const struct stored_mark mark = {spool->released, mark_checksum(spool->released)};
    // A mark that cannot be written makes the next run send more than it has to, no more.
    if (pwrite(spool->stored, &mark, sizeof mark, 0) != (ssize_t)sizeof mark && !spool->quiet)
        (void)fprintf(stderr, "%s/stored cannot be written: %s\n", spool->path, strerror(errno));
}

static int open_files(struct spool *spool, struct err *err)
{
    TRY(folder_make(spool->path, err));
    spool->folder = open(spool->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (spool->folder < 0)
        return err_set(err, EX_CANTCREAT, "the spool %s cannot be opened: %s", spool->path,
                       strerror(errno));
    spool->lock = openat(spool->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    spool->stored = openat(spool->folder, "stored", O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (spool->lock < 0 || spool->stored < 0)
        return err_set(err, EX_CANTCREAT, "no file can be made in the spool %s: %s", spool->path,
                       strerror(errno));
    if (flock(spool->lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return err_set(err, EX_TEMPFAIL,
                   "the spool %s is in use by another process; wait for it to end, or name another "
                   "folder",
                   spool->path);
}

static int add_segment(struct spool *spool, struct segment segment, struct err *err)
{
    if (spool->segment_count == spool->segment_room) {
        const size_t room = spool->segment_room * 2 + SEGMENTS_A_SPOOL;
        struct segment *larger = realloc(spool->segments, room * sizeof *larger);
        if (larger == NULL)
            return err_set(err, EX_OSERR, "out of memory");
        spool->segments = larger;
        spool->segment_room = room;
    }
    spool->segments[spool->segment_count++] = segment;
    spool->bytes += segment.size;
    return 0;
}

static int compare_segments(const void *a, const void *b)
{
    const struct segment *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

static int list_segments(struct spool *spool, struct err *err)
{
    DIR *folder = opendir(spool->path);
    struct dirent *entry;
    int code = 0;
    if (folder == NULL)
        return err_set(err, EX_IOERR, "the spool %s cannot be listed: %s", spool->path,
                       strerror(errno));
    while (code == 0 && (entry = readdir(folder)) != NULL) {
        struct segment segment = {0};
        if (segment_of_name(entry->d_name, &segment.first))
            code = add_segment(spool, segment, err);
    }
    (void)closedir(folder);
    if (spool->segment_count != 0)
        qsort(spool->segments, spool->segment_count, sizeof *spool->segments, compare_segments);
    return code;
}

static void note(const struct spool *spool, uint64_t first, const char *what)
{
    char name[SEGMENT_NAME_BYTES];
    segment_name(first, name);
    (void)fprintf(stderr, "%s/%s: %s\n", spool->path, name, what);
}

// Brings the segment in spool->loaded, and its file, into a state in which every record is good.
static int repair(struct spool *spool, uint64_t first, bool is_last, struct err *err)
{
    const struct segment_check check = segment_check(&spool->loaded, first);
    if (check.is_foreign)
        return err_set(err, EX_DATAERR,
                       "the spool %s was written by another version of tickhouse (format %u); let "
                       "that one store it, or name another folder",
                       spool->path, check.version);
    if (check.is_torn && is_last) {
        note(spool, first, "the last record was cut off while it was written; it is left out");
        spool->loaded.size = check.whole;
        TRY(segment_cut(spool->folder, spool->path, first, check.whole, err));
        return spool->loaded.size >= SEGMENT_HEAD_BYTES
                   ? 0
                   : segment_load(spool->folder, spool->path, first, &spool->loaded, err);
    }
    if (!check.is_damaged && !check.is_torn)
        return 0;
    note(spool, first,
         "is damaged; it is kept with .damaged after its name, and what is good goes on");
    spool->damaged++;
    return segment_mend(spool->folder, spool->path, first, &spool->loaded, err);
}

static void count_records(struct spool *spool)
{
    struct record record;
    size_t at = SEGMENT_HEAD_BYTES;
    while (record_next(spool->loaded.data, spool->loaded.size, &at, &record) == RECORD_GOOD) {
        if (record.batch <= spool->released)
            continue;
        spool->waiting_batches += record.batch != spool->newest;
        spool->waiting_rows += record.rows;
        if (record.batch > spool->newest)
            spool->newest = record.batch;
    }
}

static int open_segment(struct spool *spool, size_t index, struct err *err)
{
    struct segment *segment = &spool->segments[index];
    const bool is_last = index + 1 == spool->segment_count;
    spool->loaded.size = 0;
    TRY(segment_load(spool->folder, spool->path, segment->first, &spool->loaded, err));
    TRY(repair(spool, segment->first, is_last, err));
    count_records(spool);
    segment->size = spool->loaded.size;
    spool->bytes += segment->size;
    return 0;
}

// A segment without a record would be in the way of one of its name.
static void drop_empty(struct spool *spool)
{
    char name[SEGMENT_NAME_BYTES];
    size_t kept = 0;
    for (size_t i = 0; i < spool->segment_count; i++) {
        const struct segment segment = spool->segments[i];
        if (segment.size > SEGMENT_HEAD_BYTES) {
            spool->segments[kept++] = segment;
            continue;
        }
        segment_name(segment.first, name);
        (void)unlinkat(spool->folder, name, 0);
        spool->bytes -= segment.size;
    }
    spool->segment_count = kept;
}

static int open_parts(struct spool *spool, struct err *err)
{
    if (spool->path == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    TRY(open_files(spool, err));
    read_mark(spool);
    TRY(list_segments(spool, err));
    for (size_t i = 0; i < spool->segment_count; i++)
        TRY(open_segment(spool, i, err));
    drop_empty(spool);
    spool->sealed = spool->newest;
    spool->loaded.size = 0;
    spool->at = SEGMENT_HEAD_BYTES;
    if (spool->waiting_rows != 0 && !spool->quiet)
        (void)fprintf(stderr, "%llu rows of an earlier run wait in %s and are stored first\n",
                      (unsigned long long)spool->waiting_rows, spool->path);
    return 0;
}

int spool_open(struct spool **spool, const char *folder, uint64_t bytes_most, bool quiet,
               struct err *err)
{
    struct spool *opened = calloc(1, sizeof *opened);
    *spool = NULL;
    if (opened == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    const uint64_t part = bytes_most / SEGMENTS_A_SPOOL;
    opened->path = strdup(folder);
    opened->folder = opened->lock = opened->stored = opened->fd = -1;
    opened->bytes_most = bytes_most;
    opened->segment_bytes = part < SEGMENT_BYTES_LEAST  ? SEGMENT_BYTES_LEAST
                            : part > SEGMENT_BYTES_MOST ? SEGMENT_BYTES_MOST
                                                        : part;
    opened->quiet = quiet;
    buffer_init(&opened->loaded, LOADED_BYTES);
    buffer_init(&opened->record, RECORD_HEAD_BYTES + RECORD_BYTES_MOST);
    const int code = open_parts(opened, err);
    if (code != 0)
        spool_close(opened);
    else
        *spool = opened;
    return code;
}

static void drop_first(struct spool *spool)
{
    char name[SEGMENT_NAME_BYTES];
    segment_name(spool->segments[0].first, name);
    if (unlinkat(spool->folder, name, 0) != 0 && !spool->quiet)
        (void)fprintf(stderr, "%s/%s cannot be deleted: %s\n", spool->path, name, strerror(errno));
    if (spool->segment_count == 1 && spool->fd >= 0) {
        (void)close(spool->fd);
        spool->fd = -1;
    }
    spool->bytes -= spool->segments[0].size;
    spool->segment_count--;
    memmove(spool->segments, spool->segments + 1, spool->segment_count * sizeof *spool->segments);
    spool->loaded.size = 0;
    spool->at = SEGMENT_HEAD_BYTES;
}

static bool is_drained(const struct spool *spool)
{
    return spool->newest == spool->released;
}

static void drop_all_released(struct spool *spool)
{
    while (is_drained(spool) && spool->segment_count != 0)
        drop_first(spool);
}

static void close_descriptor(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}

void spool_close(struct spool *spool)
{
    if (spool == NULL)
        return;
    // Segments that could not even be opened have no newest batch, and must stay.
    if (spool->at != 0)
        drop_all_released(spool);
    close_descriptor(spool->fd);
    close_descriptor(spool->stored);
    close_descriptor(spool->lock);
    close_descriptor(spool->folder);
    buffer_free(&spool->loaded);
    buffer_free(&spool->record);
    free(spool->segments);
    free(spool->path);
    free(spool);
}

uint64_t spool_newest(const struct spool *spool)
{
    return spool->newest;
}

static int begin_segment(struct spool *spool, uint64_t first, struct err *err)
{
    int fd;
    TRY(segment_create(spool->folder, spool->path, first, &fd, err));
    const int code = add_segment(spool, (struct segment){first, SEGMENT_HEAD_BYTES}, err);
    close_descriptor(code == 0 ? spool->fd : fd);
    if (code == 0)
        spool->fd = fd;
    return code;
}

// A batch lies in one segment, so a new one begins between two batches.
static int choose_segment(struct spool *spool, uint64_t batch, struct err *err)
{
    if (spool->fd < 0 && spool->is_open)
        return err_set(err, EX_IOERR, "the spool %s has lost the file of its newest batch",
                       spool->path);
    if (spool->fd >= 0 &&
        (spool->is_open || spool->segments[spool->segment_count - 1].size < spool->segment_bytes))
        return 0;
    return begin_segment(spool, batch, err);
}

static int check_room(struct spool *spool, struct err *err)
{
    if (spool->bytes + spool->record.size > spool->bytes_most)
        drop_all_released(spool);
    if (spool->bytes + spool->record.size <= spool->bytes_most || is_drained(spool))
        return 0;
    return err_set_retriable(err, EX_TEMPFAIL, "the spool %s is full: %llu of %llu bytes",
                             spool->path, (unsigned long long)spool->bytes,
                             (unsigned long long)spool->bytes_most);
}

int spool_add(struct spool *spool, const struct live_batch *batch, size_t tick, size_t article,
              struct err *err)
{
    const size_t rows = live_batch_rows(batch) - tick - article;
    if (rows == 0)
        return 0;
    spool->record.size = 0;
    TRY(record_append(batch, tick, article, &spool->record, err));
    TRY(check_room(spool, err));
    TRY(choose_segment(spool, batch->number, err));
    struct segment *last = &spool->segments[spool->segment_count - 1];
    record_place(spool->record.data, last->size);
    TRY(segment_append(spool->fd, &last->size, &spool->record, err));
    spool->bytes += spool->record.size;
    spool->waiting_rows += rows;
    spool->waiting_batches += !spool->is_open;
    spool->is_open = true;
    spool->newest = batch->number;
    return 0;
}

int spool_seal(struct spool *spool, struct err *err)
{
    (void)err;
    spool->is_open = false;
    spool->sealed = spool->newest;
    return 0;
}

bool spool_has_batch(const struct spool *spool)
{
    return spool->sealed > spool->released;
}

// Reads the batch that begins at spool->at, if one does; *found says so.
static enum record_state read_batch(struct spool *spool, struct live_batch *batch, bool *found)
{
    struct record record;
    enum record_state state;
    size_t next = spool->at;
    *found = false;
    live_batch_clear(batch);
    while ((state = record_next(spool->loaded.data, spool->loaded.size, &next, &record)) ==
           RECORD_GOOD) {
        if (record.batch > spool->released) {
            if (*found && record.batch != batch->number)
                return RECORD_GOOD;
            if (record_read(&record, batch, NULL) != 0)
                return RECORD_BAD;
            *found = true;
            batch->number = record.batch;
        }
        spool->next = next;
        if (!*found)
            spool->at = next;
    }
    return state;
}

// The file of the first segment is another one than before.
static int open_first_again(struct spool *spool, struct err *err)
{
    struct segment *segment = &spool->segments[0];
    spool->bytes -= segment->size;
    spool->bytes += segment->size = spool->loaded.size;
    if (spool->segment_count != 1 || spool->fd < 0)
        return 0;
    (void)close(spool->fd);
    return segment_open(spool->folder, spool->path, segment->first, &spool->fd, err);
}

// What the disk gives back is not what was written. A batch that no sink could take, though its
// checksum is right, is left out too.
static int set_first_aside(struct spool *spool, struct err *err)
{
    const struct segment *segment = &spool->segments[0];
    note(spool, segment->first,
         "cannot be read as it was written; it is kept with .damaged after its name");
    spool->damaged++;
    TRY(segment_mend(spool->folder, spool->path, segment->first, &spool->loaded, err));
    TRY(open_first_again(spool, err));
    return err_set(err, EX_IOERR,
                   "the spool %s has changed under our hands; start again to go on with what is "
                   "good in it",
                   spool->path);
}

int spool_read(struct spool *spool, struct live_batch *batch, struct err *err)
{
    while (spool->segment_count != 0 && spool_has_batch(spool)) {
        bool found;
        TRY(segment_load(spool->folder, spool->path, spool->segments[0].first, &spool->loaded,
                         err));
        const enum record_state state = read_batch(spool, batch, &found);
        if (state == RECORD_BAD || spool->loaded.size != spool->segments[0].size ||
            (!found && spool->segment_count == 1))
            return set_first_aside(spool, err);
        if (found) {
            spool->read_batch = batch->number;
            spool->read_rows = live_batch_rows(batch);
            return 0;
        }
        drop_first(spool);
    }
    return err_set(err, EX_NOINPUT, "nothing waits in the spool %s", spool->path);
}

int spool_release(struct spool *spool, struct err *err)
{
    (void)err;
    spool->released = spool->read_batch;
    spool->waiting_batches--;
    spool->waiting_rows -= spool->read_rows;
    spool->at = spool->next;
    write_mark(spool);
    if (spool->at == spool->segments[0].size &&
        (spool->segment_count > 1 || (is_drained(spool) && spool->at > spool->segment_bytes / 2)))
        drop_first(spool);
    return 0;
}

void spool_count(const struct spool *spool, struct spool_counts *counts)
{
    *counts = (struct spool_counts){
        .bytes = spool->waiting_rows != 0 ? spool->bytes - (spool->at - SEGMENT_HEAD_BYTES) : 0,
        .batches = spool->waiting_batches,
        .rows = spool->waiting_rows,
        .damaged = spool->damaged,
    };
}
