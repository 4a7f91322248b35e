// SPDX-License-Identifier: Apache-2.0
#include "gdelt_load.h"
#include "base/time.h"
#include "base/utf8.h"

#include <md5.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

int gdelt_loader_open(struct gdelt_loader *loader, struct gdelt_store *store, struct sink *sink,
                      struct err *err)
{
    *loader = (struct gdelt_loader){.store = store};
    buffer_init(&loader->raw, LIMIT_UNZIP_BYTES);
    TRY(gdelt_text_open(&loader->text, sink, err));
    return unzip_open(&loader->unzip, err);
}

void gdelt_loader_close(struct gdelt_loader *loader)
{
    gdelt_text_close(&loader->text);
    unzip_close(loader->unzip);
    buffer_free(&loader->raw);
}

static void say(const struct gdelt_loader *loader, const char *name, const char *message)
{
    if (!loader->quiet)
        (void)fprintf(stderr, "%s: %s\n", name, message);
}

// A message may quote what a hostile site sent; a terminal obeys control bytes.
static void tame(char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            *text = '?';
}

static int note(struct gdelt_loader *loader, struct gdelt_entry *entry, struct err *err)
{
    return loader->store != NULL ? gdelt_store_note(loader->store, entry, err) : 0;
}

// A file that cannot be loaded is set aside and goes into the ledger, unless it is a local one that
// a download may still replace.
static int refuse(struct gdelt_loader *loader, struct gdelt_entry *entry, const char *name,
                  enum gdelt_state state, const char *data, size_t size, struct err *err)
{
    const bool may_still_come = entry->file != NULL && entry->md5_listed[0] != '\0';
    const bool is_text = !unzip_is_archive(data, size);
    *(state == GDELT_MALFORMED ? &loader->counts.malformed : &loader->counts.mismatched) += 1;
    entry->state = state;
    tame(entry->message);
    say(loader, name, entry->message);
    TRY(gdelt_text_refuse(&loader->text, name, entry->message, data, is_text ? size : 0, err));
    return may_still_come ? 0 : note(loader, entry, err);
}

// Refuses with the sentence of `problem`, when the file is to blame for it.
static int refuse_or_fail(struct gdelt_loader *loader, struct gdelt_entry *entry, const char *name,
                          const struct err *problem, const char *data, size_t size, struct err *err)
{
    if (problem->code != EX_DATAERR)
        return err_set(err, problem->code, "%s", problem->text);
    memcpy(entry->message, problem->text, sizeof entry->message);
    return refuse(loader, entry, name, GDELT_MALFORMED, data, size, err);
}

static int store_rows(struct gdelt_loader *loader, struct gdelt_entry *entry,
                      const struct gdelt_block *block, struct err *err)
{
    entry->rows_loaded = block->rows;
    if (loader->store != NULL)
        TRY(gdelt_store_load(loader->store, &entry->slot, &block->block, &entry->rows_loaded, err));
    entry->rows_rejected = block->rejected;
    entry->utf8_replaced = block->replaced;
    entry->state = GDELT_LOADED;
    entry->loaded_at = clock_microseconds();
    entry->message[0] = '\0';
    loader->counts.loaded++;
    loader->counts.rows += entry->rows_loaded;
    return note(loader, entry, err);
}

static int load_text(struct gdelt_loader *loader, struct gdelt_entry *entry, const char *name,
                     const char *data, size_t size, struct err *err)
{
    struct gdelt_block block;
    struct err problem = {0};
    entry->size_raw = size;
    loader->counts.bytes += size;
    if (gdelt_text_read(&loader->text, &entry->slot, name, data, size, loader->drop_gcam, &block,
                        &problem) != 0)
        return refuse_or_fail(loader, entry, name, &problem, data, size, err);
    loader->counts.rejected += block.rejected;
    loader->counts.replaced += block.replaced;
    if (block.rows != 0 || block.rejected == 0)
        return store_rows(loader, entry, &block, err);
    entry->rows_rejected = block.rejected;
    (void)snprintf(
        entry->message, sizeof entry->message, "none of its %llu rows has the %zu columns of %s",
        (unsigned long long)block.rejected, gdelt_layouts[entry->slot.feed.kind].column_count,
        gdelt_layouts[entry->slot.feed.kind].kind);
    return refuse(loader, entry, name, GDELT_MALFORMED, data, size, err);
}

static int check_member_name(const struct gdelt_slot *slot, const struct unzip_member *member,
                             struct err *err)
{
    struct gdelt_slot inside;
    char name[GDELT_NAME_BYTES];
    if (gdelt_name_parse(member->name, member->name_size, &inside) &&
        gdelt_slot_equal(slot, &inside))
        return 0;
    gdelt_name_format(slot, name);
    return err_set(err, EX_DATAERR, "the zip archive holds '%.*s', not what %s should hold",
                   (int)(member->name_size < 80 ? member->name_size : 80), member->name, name);
}

static int unpack(struct gdelt_loader *loader, const struct gdelt_slot *slot, const char *data,
                  size_t size, struct err *err)
{
    struct unzip_member member;
    if (!unzip_is_archive(data, size))
        return err_set(err, EX_DATAERR, "this is no zip archive: it begins with '%.*s'",
                       (int)utf8_valid_prefix(data, size < 40 ? size : 40), data);
    TRY(unzip_find(data, size, &member, err));
    TRY(check_member_name(slot, &member, err));
    return unzip_read(loader->unzip, &member, &loader->raw, err);
}

static int load_zip(struct gdelt_loader *loader, struct gdelt_entry *entry, const char *name,
                    const char *data, size_t size, struct err *err)
{
    struct err problem = {0};
    loader->counts.packed += size;
    if (unpack(loader, &entry->slot, data, size, &problem) != 0)
        return refuse_or_fail(loader, entry, name, &problem, data, size, err);
    return load_text(loader, entry, name, loader->raw.data != NULL ? loader->raw.data : "",
                     loader->raw.size, err);
}

int gdelt_load_download(struct gdelt_loader *loader, struct gdelt_entry *entry,
                        const struct buffer *zip, struct err *err)
{
    char name[GDELT_NAME_BYTES];
    gdelt_name_format(&entry->slot, name);
    loader->counts.files++;
    switch (entry->state) {
    case GDELT_FETCHED:
        TRY(note(loader, entry, err));
        return load_zip(loader, entry, name, zip->data != NULL ? zip->data : "", zip->size, err);
    case GDELT_MISSING:
        loader->counts.missing++;
        return note(loader, entry, err);
    case GDELT_CHECKSUM_MISMATCH:
        return refuse(loader, entry, name, GDELT_CHECKSUM_MISMATCH,
                      zip->data != NULL ? zip->data : "", zip->size, err);
    default:
        loader->counts.unanswered++;
        tame(entry->message);
        say(loader, name, entry->message);
        return note(loader, entry, err);
    }
}

// By the file's name, else by its member's, else by its first row.
static bool recognise(const char *name, const char *data, size_t size, struct gdelt_slot *slot)
{
    struct unzip_member member;
    if (gdelt_name_parse(name, strlen(name), slot))
        return true;
    if (unzip_is_archive(data, size))
        return unzip_find(data, size, &member, NULL) == 0 &&
               gdelt_name_parse(member.name, member.name_size, slot);
    return gdelt_text_recognise(data, size, slot);
}

static int refuse_unknown(struct gdelt_loader *loader, const char *name, const char *data,
                          size_t size, struct err *err)
{
    static const char reason[] =
        "the file is none of GDELT's: name it like 20150218230000.gkg.csv.zip, or give text whose "
        "first row has 27 (gkg), 16 (mentions) or 61 (events) tab-separated columns and its time";
    loader->counts.malformed++;
    say(loader, name, reason);
    return gdelt_text_refuse(&loader->text, name, reason, data,
                             unzip_is_archive(data, size) ? 0 : size, err);
}

static bool is_named_zip(const char *name)
{
    const size_t size = strlen(name);
    return size >= 4 && strcasecmp(name + size - 4, ".zip") == 0;
}

static int load_recognised(struct gdelt_loader *loader, struct gdelt_entry *entry, const char *name,
                           const char *data, size_t size, struct err *err)
{
    entry->file = name;
    entry->size_received = size;
    entry->fetched_at = clock_microseconds();
    if (!unzip_is_archive(data, size))
        return is_named_zip(name) ? load_zip(loader, entry, name, data, size, err)
                                  : load_text(loader, entry, name, data, size, err);
    (void)MD5Data((const uint8_t *)data, size, entry->md5_received);
    if (entry->md5_listed[0] == '\0' || strcmp(entry->md5_listed, entry->md5_received) == 0)
        return load_zip(loader, entry, name, data, size, err);
    (void)snprintf(entry->message, sizeof entry->message,
                   "the file has MD5 %s, GDELT's list says %s; not loaded", entry->md5_received,
                   entry->md5_listed);
    return refuse(loader, entry, name, GDELT_CHECKSUM_MISMATCH, data, size, err);
}

int gdelt_load_local(struct gdelt_loader *loader, const struct gdelt_range *range, const char *name,
                     const char *data, size_t size, struct err *err)
{
    struct gdelt_entry entry = {0};
    struct gdelt_slot slot;
    loader->counts.files++;
    if (!recognise(name, data, size, &slot))
        return refuse_unknown(loader, name, data, size, err);
    if (!range->feeds[slot.feed.kind][slot.feed.translingual] || slot.time < range->from ||
        slot.time > range->to)
        return 0;
    entry.slot = slot;
    if (loader->store != NULL)
        TRY(gdelt_store_find(loader->store, &slot, &entry, err));
    if (entry.state == GDELT_LOADED) {
        loader->counts.already++;
        return 0;
    }
    return load_recognised(loader, &entry, name, data, size, err);
}
