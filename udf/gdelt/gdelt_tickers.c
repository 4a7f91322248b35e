// SPDX-License-Identifier: Apache-2.0
// The linker as functions of SQL: gdelt_tickers knows every alias of any time, gdelt_tickers_at
// those in use on the row's day.
#include "gdelt.h"
#include "link/aliases.h"
#include "link/link.h"
#include "reply.h"

#include <string.h>

enum { ROW_LINKS = 256 }; // tickers of one row

// What a worker keeps between blocks.
static struct {
    bool open;
    struct arena arena;
    struct link_work work;
    struct aliases aliases;
} linker;

static int linker_ready(struct err *err)
{
    if (linker.open) {
        aliases_refresh(&linker.aliases);
        return 0;
    }
    TRY(arena_open(&linker.arena, 16 << 20, err));
    TRY(link_work_open(&linker.work, &linker.arena, err));
    TRY(aliases_open(&linker.aliases, err));
    linker.open = true;
    return 0;
}

struct links {
    struct link *links;
    size_t count, room;
};

// Room for one more row; the links are the arena's last allocation until all are there.
static int reserve(struct links *all, struct arena *arena, struct err *err)
{
    if (all->room - all->count >= ROW_LINKS)
        return 0;
    all->room = 2 * all->room + ROW_LINKS;
    return arena_resize_last(arena, all->links, all->room * sizeof *all->links, err);
}

static int find_links(const struct udf_call *call, bool dated, uint64_t *ends, struct links *all,
                      struct err *err)
{
    all->links = arena_alloc(call->arena, 0, sizeof *all->links, err);
    if (all->links == NULL)
        return err_code(err, EX_OSERR);
    for (size_t row = 0; row < call->rows; row++) {
        struct link_row in = {.day = LINK_ANY_DAY};
        for (size_t i = 0; i < LINK_SOURCES; i++)
            in.texts[i] = given_text(call->arguments[i], row);
        if (dated)
            in.day = ((const uint16_t *)call->arguments[LINK_SOURCES]->values)[row];
        TRY(reserve(all, call->arena, err));
        all->count +=
            link_run(&linker.work, &linker.aliases.table, &in, all->links + all->count, ROW_LINKS);
        ends[row] = all->count;
    }
    return 0;
}

static struct view view_ticker(const struct link *l)
{
    return (struct view){l->ticker, strlen(l->ticker)};
}

static struct view view_rule(const struct link *l)
{
    return (struct view){link_rule_names[l->rule], strlen(link_rule_names[l->rule])};
}

static struct view view_surface(const struct link *l)
{
    return (struct view){l->surface, l->surface_size};
}

static int fill_strings(struct native_column *column, const struct links *all,
                        struct view (*view)(const struct link *), struct arena *arena,
                        struct err *err)
{
    size_t bytes = 0;
    for (size_t i = 0; i < all->count; i++)
        bytes += view(&all->links[i]).size;
    TRY(reply_reserve(arena, column, all->count, bytes, err));
    for (size_t i = 0; i < all->count; i++)
        reply_string(column, i, view(&all->links[i]));
    return 0;
}

static int fill_numbers(struct native_column *score, struct native_column *offset,
                        const struct links *all, struct arena *arena, struct err *err)
{
    TRY(native_column_new(arena, score->type, all->count, score, err));
    TRY(native_column_new(arena, offset->type, all->count, offset, err));
    for (size_t i = 0; i < all->count; i++) {
        ((float *)score->values)[i] = all->links[i].score;
        ((uint32_t *)offset->values)[i] = all->links[i].offset;
    }
    return 0;
}

static int link_rows(struct udf_call *call, bool dated, struct err *err)
{
    struct links all = {.count = 0};
    TRY(linker_ready(err));
    TRY(native_column_new(call->arena, call->result->type, call->rows, call->result, err));
    TRY(find_links(call, dated, call->result->ends, &all, err));
    struct native_column *tuple = &call->result->children[0], *columns = tuple->children;
    tuple->rows = all.count;
    TRY(fill_strings(&columns[0], &all, view_ticker, call->arena, err));
    TRY(fill_strings(&columns[2], &all, view_rule, call->arena, err));
    TRY(fill_strings(&columns[3], &all, view_surface, call->arena, err));
    return fill_numbers(&columns[1], &columns[4], &all, call->arena, err);
}

int gdelt_tickers(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    return link_rows(call, false, err);
}

int gdelt_tickers_at(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    return link_rows(call, true, err);
}
