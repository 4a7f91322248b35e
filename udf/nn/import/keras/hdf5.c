// SPDX-License-Identifier: Apache-2.0
// The file's frame: the superblock, and the headers of objects with their messages.
#include "import/keras/hdf5.h"
#include "import/keras/hdf5_parts.h"

#include <string.h>

enum { HDF5_STEPS = 1 << 20, HEADER_CHECKSUM = 4 };

const unsigned char *take_bytes(struct bytes *from, uint64_t count)
{
    if (count > (uint64_t)(from->end - from->at)) {
        from->at = from->end;
        from->cut = true;
        return NULL;
    }
    const unsigned char *taken = from->at;
    from->at += count;
    return taken;
}

uint64_t take_number(struct bytes *from, size_t width)
{
    const unsigned char *bytes = take_bytes(from, width);
    uint64_t number = 0;
    for (size_t i = width; bytes != NULL && i-- > 0;)
        number = number << 8 | bytes[i];
    return number;
}

struct bytes take_part(struct bytes *from, uint64_t count)
{
    const unsigned char *at = take_bytes(from, count);
    return at == NULL ? (struct bytes){from->end, from->end, true}
                      : (struct bytes){at, from->at, false};
}

int hdf5_at(struct hdf5 *file, uint64_t address, uint64_t size, const char *what,
            struct bytes *bytes, struct err *err)
{
    TRY(hdf5_step(file, err));
    if (address > file->size || size > file->size - address)
        return err_set(err, EX_DATAERR,
                       "%s is said to be %llu bytes at %llu, in a file of %zu: it is cut off or "
                       "damaged",
                       what, (unsigned long long)size, (unsigned long long)address, file->size);
    *bytes = (struct bytes){file->bytes + address, file->bytes + address + size, false};
    return 0;
}

int hdf5_signed(struct hdf5 *file, uint64_t address, const char *signature, struct bytes *bytes,
                struct err *err)
{
    const size_t length = strlen(signature);
    TRY(hdf5_at(file, address, address <= file->size ? file->size - address : length, signature,
                bytes, err));
    const unsigned char *found = take_bytes(bytes, length);
    return found != NULL && memcmp(found, signature, length) == 0
               ? 0
               : err_set(err, EX_DATAERR, "there is no %s at byte %llu: the file is damaged",
                         signature, (unsigned long long)address);
}

int hdf5_step(struct hdf5 *file, struct err *err)
{
    if (file->steps == 0)
        return err_set(
            err, EX_DATAERR,
            "its addresses lead round in circles or to more than %d parts: it is damaged",
            HDF5_STEPS);
    file->steps--;
    return 0;
}

// ---- the superblock

static int check_widths(uint64_t offsets, uint64_t lengths, struct err *err)
{
    return offsets == 8 && lengths == 8
               ? 0
               : err_set(err, EX_DATAERR,
                         "its addresses have %u bytes and its lengths %u; both must have 8",
                         (unsigned)offsets, (unsigned)lengths);
}

static int open_version_0(struct hdf5 *file, struct bytes bytes, uint64_t version, struct err *err)
{
    (void)take_bytes(&bytes, 4); // versions of its parts
    const uint64_t offsets = take_number(&bytes, 1), lengths = take_number(&bytes, 1);
    (void)take_bytes(&bytes, 1 + 4 + 4);            // reserved, fan-outs, flags
    (void)take_bytes(&bytes, version == 1 ? 4 : 0); // fan-out of chunks
    const uint64_t base = take_number(&bytes, 8);
    (void)take_bytes(&bytes, 32); // free space, end, driver; the root's name
    file->root = take_number(&bytes, 8);
    TRY(check_widths(offsets, lengths, err));
    return !bytes.cut && base == 0
               ? 0
               : err_set(err, EX_DATAERR, "its superblock is cut off or moved: it is damaged");
}

static int open_version_2(struct hdf5 *file, struct bytes bytes, struct err *err)
{
    const uint64_t offsets = take_number(&bytes, 1), lengths = take_number(&bytes, 1);
    (void)take_bytes(&bytes, 1); // flags
    const uint64_t base = take_number(&bytes, 8);
    (void)take_bytes(&bytes, 16); // extension, end
    file->root = take_number(&bytes, 8);
    TRY(check_widths(offsets, lengths, err));
    return !bytes.cut && base == 0
               ? 0
               : err_set(err, EX_DATAERR, "its superblock is cut off or moved: it is damaged");
}

int hdf5_open(struct hdf5 *file, const void *bytes, size_t size, struct arena *arena,
              struct err *err)
{
    static const char signature[] = "\x89HDF\r\n\x1a\n";
    struct bytes frame = {0};
    *file = (struct hdf5){.bytes = bytes, .size = size, .arena = arena, .steps = HDF5_STEPS};
    if (size < sizeof signature - 1 || memcmp(bytes, signature, sizeof signature - 1) != 0)
        return err_set(err, EX_DATAERR, "its weights are no HDF5 file, or cut off");
    frame = (struct bytes){file->bytes + sizeof signature - 1, file->bytes + size, false};
    const uint64_t version = take_number(&frame, 1);
    if (version > 3)
        return err_set(err, EX_DATAERR, "its HDF5 superblock has version %u; 0 to 3 are known",
                       (unsigned)version);
    return version < 2 ? open_version_0(file, frame, version, err)
                       : open_version_2(file, frame, err);
}

// ---- messages of an object

static int open_version_1_header(struct messages *messages, struct bytes bytes, struct err *err)
{
    (void)take_bytes(&bytes, 1 + 2 + 4); // reserved, number of messages, references
    const uint64_t size = take_number(&bytes, 4);
    (void)take_bytes(&bytes, 4); // to the next multiple of 8
    messages->now = take_part(&bytes, size);
    return !bytes.cut ? 0 : err_set(err, EX_DATAERR, "an object's header is cut off");
}

static int open_version_2_header(struct messages *messages, struct bytes bytes, struct err *err)
{
    const uint64_t version = take_number(&bytes, 1), flags = take_number(&bytes, 1);
    if (version != 2)
        return err_set(err, EX_DATAERR, "an object's header has version %u; 1 and 2 are known",
                       (unsigned)version);
    (void)take_bytes(&bytes, (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0)); // times, phases
    messages->numbered = flags & 0x04;
    messages->now = take_part(&bytes, take_number(&bytes, (size_t)1 << (flags & 3)));
    return !bytes.cut ? 0 : err_set(err, EX_DATAERR, "an object's header is cut off");
}

int messages_open(struct messages *messages, struct hdf5 *file, uint64_t object, struct err *err)
{
    struct bytes bytes = {0};
    *messages = (struct messages){.file = file};
    TRY(hdf5_at(file, object, object <= file->size ? file->size - object : 1, "an object", &bytes,
                err));
    const unsigned first = (unsigned)take_number(&bytes, 1);
    messages->version = first == 1 ? 1 : 2;
    if (first == 1)
        return open_version_1_header(messages, bytes, err);
    TRY(hdf5_signed(file, object, "OHDR", &bytes, err));
    return open_version_2_header(messages, bytes, err);
}

// A block elsewhere, whose address and length the message holds.
static int go_on(struct messages *messages, struct bytes where, struct err *err)
{
    const uint64_t address = take_number(&where, 8), length = take_number(&where, 8);
    struct bytes block = {0};
    if (messages->later_count == HDF5_MAX_BLOCKS)
        return err_set(err, EX_DATAERR, "an object's header goes on in more than %d places",
                       HDF5_MAX_BLOCKS);
    TRY(hdf5_at(messages->file, address, length, "an object's header", &block, err));
    if (messages->version == 2) {
        const unsigned char *signature = take_bytes(&block, 4);
        if (signature == NULL || memcmp(signature, "OCHK", 4) != 0)
            return err_set(err, EX_DATAERR, "an object's header goes on where there is none of it");
        if (block.end - block.at >= HEADER_CHECKSUM)
            block.end -= HEADER_CHECKSUM;
    }
    messages->later[messages->later_count++] = block;
    return 0;
}

static void take_message(struct messages *messages, struct message *message, unsigned *flags)
{
    struct bytes *now = &messages->now;
    const bool first = messages->version == 1;
    message->type = (unsigned)take_number(now, first ? 2 : 1);
    const uint64_t size = take_number(now, 2);
    *flags = (unsigned)take_number(now, 1);
    (void)take_bytes(now, first ? 3 : messages->numbered ? 2 : 0);
    message->bytes = take_part(now, size);
}

int messages_next(struct messages *messages, struct message *message, bool *more, struct err *err)
{
    for (;;) {
        const ptrdiff_t shortest = messages->version == 1 ? 8 : 4;
        unsigned flags;
        TRY(hdf5_step(messages->file, err));
        if (messages->now.end - messages->now.at < shortest) {
            *more = messages->later_count > 0;
            if (!*more)
                return 0;
            messages->now = messages->later[--messages->later_count];
            continue;
        }
        take_message(messages, message, &flags);
        if (messages->now.cut)
            return err_set(err, EX_DATAERR, "a message of an object's header is cut off");
        if (message->type == MESSAGE_CONTINUATION) {
            TRY(go_on(messages, message->bytes, err));
            continue;
        }
        if (flags & 0x02 && message->type < MESSAGE_CONTINUATION && message->type != 0)
            return err_set(err, EX_DATAERR,
                           "it shares a type between objects, which is not read; save the model "
                           "with Keras' own save()");
        *more = true;
        return 0;
    }
}
