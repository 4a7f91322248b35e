// SPDX-License-Identifier: Apache-2.0
// Names in groups: an old group is a B-tree over symbol tables whose names lie in a heap, a new one
// has its links as messages.
#include "import/keras/hdf5_parts.h"

#include <string.h>

enum { SYMBOL_BYTES = 40, SYMBOL_SOFT_LINK = 2, GROUP_MAX_LEVEL = 16 };

struct search {
    struct hdf5 *file;
    const char *name;
    size_t name_size;
    struct bytes names; // the heap's data
    uint64_t object;    // 0 until found
};

static bool name_is(const struct search *search, struct bytes text)
{
    const size_t room = (size_t)(text.end - text.at);
    return room > search->name_size && text.at[search->name_size] == '\0' &&
           memcmp(text.at, search->name, search->name_size) == 0;
}

static int search_symbols(struct search *search, uint64_t node, struct err *err)
{
    struct bytes bytes = {0};
    TRY(hdf5_signed(search->file, node, "SNOD", &bytes, err));
    (void)take_bytes(&bytes, 2); // version, reserved
    const uint64_t count = take_number(&bytes, 2);
    for (uint64_t i = 0; i < count; i++) {
        struct bytes entry = take_part(&bytes, SYMBOL_BYTES), name = search->names;
        const uint64_t at = take_number(&entry, 8), object = take_number(&entry, 8);
        TRY(hdf5_step(search->file, err));
        if (entry.cut || take_bytes(&name, at) == NULL)
            return err_set(err, EX_DATAERR, "a group's table of names is cut off");
        if (!name_is(search, name))
            continue;
        if (take_number(&entry, 4) == SYMBOL_SOFT_LINK)
            return err_set(err, EX_DATAERR, "'%s' is a link to elsewhere, which is not followed",
                           search->name);
        search->object = object;
        return 0;
    }
    return 0;
}

// Levels count down to 0, so that a tree that contains itself is refused.
static int search_tree(struct search *search, uint64_t node, unsigned most, struct err *err)
{
    struct bytes bytes = {0};
    TRY(hdf5_signed(search->file, node, "TREE", &bytes, err));
    const uint64_t type = take_number(&bytes, 1), level = take_number(&bytes, 1),
                   count = take_number(&bytes, 2);
    if (type != 0 || level > most)
        return err_set(err, EX_DATAERR, "a group's tree has a node of type %u and level %u in it",
                       (unsigned)type, (unsigned)level);
    (void)take_bytes(&bytes, 2 * 8 + 8); // siblings, first key
    for (uint64_t i = 0; i < count && search->object == 0; i++) {
        const uint64_t child = take_number(&bytes, 8);
        (void)take_bytes(&bytes, 8); // the key after it
        if (bytes.cut)
            return err_set(err, EX_DATAERR, "a group's tree is cut off");
        TRY(level == 0 ? search_symbols(search, child, err)
                       : search_tree(search, child, (unsigned)level - 1, err));
    }
    return 0;
}

static int search_table(struct search *search, struct bytes table, struct err *err)
{
    const uint64_t tree = take_number(&table, 8), heap = take_number(&table, 8);
    struct bytes bytes = {0};
    TRY(hdf5_signed(search->file, heap, "HEAP", &bytes, err));
    (void)take_bytes(&bytes, 4); // version, reserved
    const uint64_t size = take_number(&bytes, 8);
    (void)take_bytes(&bytes, 8); // free list
    const uint64_t data = take_number(&bytes, 8);
    TRY(hdf5_at(search->file, data, size, "a group's names", &search->names, err));
    return search_tree(search, tree, GROUP_MAX_LEVEL, err);
}

static int search_link(struct search *search, struct bytes link, struct err *err)
{
    (void)take_bytes(&link, 1); // version
    const uint64_t flags = take_number(&link, 1), type = flags & 0x08 ? take_number(&link, 1) : 0;
    (void)take_bytes(&link, (flags & 0x04 ? 8 : 0) + (flags & 0x10 ? 1 : 0)); // order, characters
    const uint64_t size = take_number(&link, (size_t)1 << (flags & 3));
    const unsigned char *name = take_bytes(&link, size);
    const uint64_t object = take_number(&link, 8);
    if (name == NULL)
        return err_set(err, EX_DATAERR, "a link of a group is cut off");
    if (size != search->name_size || memcmp(name, search->name, size) != 0)
        return 0;
    if (type != 0 || link.cut)
        return err_set(err, EX_DATAERR, "'%s' is a link to elsewhere, which is not followed",
                       search->name);
    search->object = object;
    return 0;
}

static int check_link_info(struct bytes info, struct err *err)
{
    (void)take_bytes(&info, 1); // version
    const uint64_t flags = take_number(&info, 1);
    (void)take_bytes(&info, flags & 1 ? 8 : 0); // largest creation order
    return take_number(&info, 8) == UINT64_MAX || info.cut
               ? 0
               : err_set(err, EX_DATAERR,
                         "a group keeps its names in a fractal heap, which is not read; save the "
                         "model with Keras' own save(), without libver='latest'");
}

// One name in one group.
static int search_group(struct search *search, uint64_t group, struct err *err)
{
    struct messages messages;
    struct message message;
    bool more;
    TRY(messages_open(&messages, search->file, group, err));
    for (;;) {
        TRY(messages_next(&messages, &message, &more, err));
        if (!more || search->object != 0)
            return 0;
        if (message.type == MESSAGE_SYMBOL_TABLE)
            TRY(search_table(search, message.bytes, err));
        else if (message.type == MESSAGE_LINK)
            TRY(search_link(search, message.bytes, err));
        else if (message.type == MESSAGE_LINK_INFO)
            TRY(check_link_info(message.bytes, err));
    }
}

int hdf5_find(struct hdf5 *file, uint64_t group, const char *path, uint64_t *object,
              struct err *err)
{
    char name[256];
    *object = group;
    while (*path != '\0') {
        const size_t size = strcspn(path, "/");
        struct search search = {.file = file, .name = name, .name_size = size};
        if (size >= sizeof name)
            return err_set(err, EX_DATAERR, "a name in '%.64s...' is longer than %zu bytes", path,
                           sizeof name - 1);
        memcpy(name, path, size);
        name[size] = '\0';
        path += size + (path[size] == '/');
        if (size == 0)
            continue;
        TRY(search_group(&search, *object, err));
        *object = search.object;
        if (search.object == 0)
            return 0;
    }
    return 0;
}
