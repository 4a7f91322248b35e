// SPDX-License-Identifier: Apache-2.0
// Bytes in and out of descriptors. Large pieces go straight to where they belong, small ones
// through a buffer.
#include "native/native.h"
#include "native/stream.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    STREAM_BUFFER_BYTES = 1 << 18,
    STALLED_MS = 60000, // a writer has a whole block in hand before it sends the first byte
};

void native_source_memory(struct native_source *source, const void *data, size_t size)
{
    *source = (struct native_source){.fd = -1, .data = data, .size = size};
}

int native_source_fd(struct native_source *source, int fd, struct err *err)
{
    char *ahead = malloc(STREAM_BUFFER_BYTES);
    if (ahead == NULL)
        return err_set(err, EX_OSERR, "out of memory for a read buffer");
    *source = (struct native_source){
        .fd = fd, .data = ahead, .ahead = ahead, .room = STREAM_BUFFER_BYTES};
    return 0;
}

static int resize_ahead(struct native_source *source, size_t room, struct err *err)
{
    char *ahead = realloc(source->ahead, room);
    if (ahead == NULL)
        return err_set(err, EX_OSERR, "out of memory: cannot read %zu bytes ahead", room);
    source->data = source->ahead = ahead;
    source->room = room;
    return 0;
}

void native_source_close(struct native_source *source)
{
    free(source->ahead);
    source->ahead = NULL;
}

// False when nothing came for `patience` milliseconds; -1 waits for ever.
static bool wait_for_more(int fd, int patience)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    return patience < 0 || poll(&ready, 1, patience) != 0;
}

// read(2) that does not stop at signals; *got is 0 at the end.
static int read_some(int fd, void *to, size_t size, size_t *got, struct err *err)
{
    ssize_t result;
    do
        result = read(fd, to, size);
    while (result < 0 && errno == EINTR);
    if (result < 0)
        return err_set(err, EX_IOERR, "cannot read the input: %s", strerror(errno));
    *got = (size_t)result;
    return 0;
}

static int refill(struct native_source *source, struct err *err)
{
    source->at = source->size = 0;
    return read_some(source->fd, source->ahead, STREAM_BUFFER_BYTES, &source->size, err);
}

int native_at_end(struct native_source *source, bool *end, struct err *err)
{
    if (source->at == source->size && source->room > STREAM_BUFFER_BYTES)
        TRY(resize_ahead(source, STREAM_BUFFER_BYTES, err));
    if (source->at == source->size && source->fd >= 0)
        TRY(refill(source, err));
    *end = source->at == source->size;
    return 0;
}

int native_take(struct native_source *source, void *to, size_t size, struct err *err)
{
    char *out = to;
    size_t buffered = source->size - source->at;
    if (buffered > size)
        buffered = size;
    if (buffered != 0)
        memcpy(out, source->data + source->at, buffered);
    source->at += buffered;
    size_t left = size - buffered;
    out += buffered;
    while (left != 0) {
        size_t got = 0;
        if (source->fd >= 0 && !wait_for_more(source->fd, STALLED_MS))
            return err_set(
                err, EX_DATAERR,
                "the block stopped for a minute with %zu bytes missing; it may have a form "
                "that this version cannot read",
                left);
        if (source->fd >= 0 && left >= STREAM_BUFFER_BYTES) {
            TRY(read_some(source->fd, out, left, &got, err));
        } else if (source->fd >= 0) {
            TRY(refill(source, err));
            got = source->size < left ? source->size : left;
            memcpy(out, source->data, got);
            source->at = got;
        }
        if (got == 0)
            return err_set(err, EX_DATAERR, "the block is cut short: %zu of %zu bytes are missing",
                           left, size);
        out += got;
        left -= got;
    }
    return 0;
}

int native_take_byte(struct native_source *source, uint8_t *byte, struct err *err)
{
    if (source->at < source->size) {
        *byte = (uint8_t)source->data[source->at++];
        return 0;
    }
    return native_take(source, byte, 1, err);
}

int native_peek(struct native_source *source, size_t size, int patience, const uint8_t **bytes,
                size_t *got, struct err *err)
{
    size_t ready = source->size - source->at, more = source->fd >= 0;
    if (ready < size && more != 0) {
        memmove(source->ahead, source->data + source->at, ready);
        source->at = 0;
        source->size = ready;
        if (size > source->room)
            TRY(resize_ahead(source, size + size / 2, err));
    }
    while (ready < size && more != 0 && wait_for_more(source->fd, patience)) {
        TRY(read_some(source->fd, source->ahead + ready, source->room - ready, &more, err));
        source->size = ready += more;
    }
    *bytes = (const uint8_t *)source->data + source->at;
    *got = ready < size ? ready : size;
    return 0;
}

int native_take_varint(struct native_source *source, uint64_t ceiling, const char *what,
                       uint64_t *value, struct err *err)
{
    uint64_t result = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = 0;
        TRY(native_take_byte(source, &byte, err));
        result |= (uint64_t)(byte & 0x7f) << shift;
        if (byte >= 0x80)
            continue;
        if (result > ceiling)
            return err_set(err, EX_DATAERR, "the block claims %llu %s; the limit is %llu",
                           (unsigned long long)result, what, (unsigned long long)ceiling);
        *value = result;
        return 0;
    }
    return err_set(err, EX_DATAERR, "a number of the block is longer than 64 bits");
}

bool native_may_hold(const struct native_source *source, uint64_t bytes)
{
    return source->fd >= 0 || bytes <= source->size - source->at;
}

void native_sink_buffer(struct native_sink *sink, struct buffer *buffer)
{
    *sink = (struct native_sink){.fd = -1, .buffer = buffer};
}

int native_sink_fd(struct native_sink *sink, int fd, struct err *err)
{
    *sink = (struct native_sink){.fd = fd, .pending = malloc(STREAM_BUFFER_BYTES)};
    return sink->pending != NULL ? 0 : err_set(err, EX_OSERR, "out of memory for a write buffer");
}

void native_sink_close(struct native_sink *sink)
{
    free(sink->pending);
    sink->pending = NULL;
}

static int write_all(int fd, const char *data, size_t size, struct err *err)
{
    while (size != 0) {
        ssize_t done = write(fd, data, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return err_set(err, EX_IOERR, "cannot write the result: %s", strerror(errno));
        data += done;
        size -= (size_t)done;
    }
    return 0;
}

int native_sink_flush(struct native_sink *sink, struct err *err)
{
    const size_t used = sink->used;
    if (sink->buffer != NULL)
        return 0;
    sink->used = 0;
    return write_all(sink->fd, sink->pending, used, err);
}

int native_sink_write(struct native_sink *sink, const void *data, size_t size, struct err *err)
{
    if (sink->buffer != NULL)
        return buffer_append(sink->buffer, data, size, err);
    if (size > STREAM_BUFFER_BYTES - sink->used)
        TRY(native_sink_flush(sink, err));
    if (size > STREAM_BUFFER_BYTES)
        return write_all(sink->fd, data, size, err);
    if (size != 0)
        memcpy(sink->pending + sink->used, data, size);
    sink->used += size;
    return 0;
}
