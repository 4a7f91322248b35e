// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum { ARENA_ALIGN = 64, ARENA_PAGE = 4096 };

static size_t fail_countdown;

void arena_fail_after(size_t n)
{
    fail_countdown = n;
}

int arena_open(struct arena *arena, size_t bytes, struct err *err)
{
    memset(arena, 0, sizeof *arena);
    bytes = (bytes + ARENA_PAGE - 1) / ARENA_PAGE * ARENA_PAGE;
    // Huge pages: a block of 40 MiB costs 20 page faults instead of 10,000.
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return err_set(err, EX_OSERR, "cannot reserve %zu MiB of address space: %s", bytes >> 20,
                       strerror(errno));
    (void)madvise(base, bytes, MADV_HUGEPAGE);
    arena->base = base;
    arena->reserved = bytes;
    return 0;
}

void arena_close(struct arena *arena)
{
    if (arena->base != NULL)
        (void)munmap(arena->base, arena->reserved);
    memset(arena, 0, sizeof *arena);
}

void *arena_alloc(struct arena *arena, size_t count, size_t size, struct err *err)
{
    size_t bytes;
    if (fail_countdown != 0 && --fail_countdown == 0) {
        (void)err_set(err, EX_OSERR, "out of memory (injected)");
        return NULL;
    }
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > arena->reserved - arena->used) {
        (void)err_set(
            err, EX_DATAERR,
            "a block needs %zu x %zu bytes beside the %zu MiB in use, more than the %zu MiB limit",
            count, size, arena->used >> 20, arena->reserved >> 20);
        return NULL;
    }
    char *result = arena->base + arena->used;
    size_t next = (arena->used + bytes + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    arena->used = next < arena->reserved ? next : arena->reserved;
    if (arena->used > arena->peak)
        arena->peak = arena->used;
    return result;
}

int arena_text(struct arena *arena, const char *text, const char **copy, struct err *err)
{
    const size_t size = strlen(text) + 1;
    char *to = arena_alloc(arena, size, 1, err);
    if (to == NULL)
        return err_code(err, EX_OSERR);
    *copy = memcpy(to, text, size);
    return 0;
}

int arena_resize_last(struct arena *arena, void *last, size_t bytes, struct err *err)
{
    const size_t start = (size_t)((char *)last - arena->base);
    assert(start <= arena->used);
    arena->used = start;
    return arena_alloc(arena, bytes, 1, err) != NULL ? 0 : err_code(err, EX_OSERR);
}

void arena_reset(struct arena *arena)
{
    if (arena->peak > LIMIT_ARENA_KEEP_BYTES)
        (void)madvise(arena->base + LIMIT_ARENA_KEEP_BYTES, arena->peak - LIMIT_ARENA_KEEP_BYTES,
                      MADV_DONTNEED);
    arena->used = arena->peak = 0;
}

size_t arena_mark(const struct arena *arena)
{
    return arena->used;
}

void arena_rewind(struct arena *arena, size_t mark)
{
    assert(mark <= arena->used);
    arena->used = mark;
}
