// SPDX-License-Identifier: Apache-2.0
// The peer Vectorscan (or Hyperscan): all names as literals, in either case, each row searched by
// itself. Usage: vectorscan NAMES TEXT...
#include "peer.h"

#include <hs.h>

static int count_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                       void *count)
{
    (void)id, (void)from, (void)to, (void)flags;
    ++*(size_t *)count;
    return 0;
}

struct search {
    hs_database_t *database;
    hs_scratch_t *scratch;
};

static size_t search_row(void *state, const char *row, size_t size)
{
    const struct search *s = state;
    size_t count = 0;
    (void)hs_scan(s->database, row, (unsigned)size, 0, s->scratch, count_match, &count);
    return count;
}

int main(int argc, char **argv)
{
    struct peer_lines names = peer_read_lines(argv[1]);
    unsigned *flags = calloc(names.count, sizeof *flags), *ids = calloc(names.count, sizeof *ids);
    size_t *sizes = calloc(names.count, sizeof *sizes), bytes = 0;
    struct search search = {0};
    hs_compile_error_t *error;
    for (size_t i = 0; i < names.count; i++) {
        flags[i] = HS_FLAG_CASELESS;
        ids[i] = (unsigned)i;
        sizes[i] = strlen(names.lines[i]);
    }
    if (hs_compile_lit_multi((const char *const *)names.lines, flags, ids, sizes,
                             (unsigned)names.count, HS_MODE_BLOCK, NULL, &search.database,
                             &error) != HS_SUCCESS) {
        fprintf(stderr, "vectorscan: %s\n", error->message);
        return 1;
    }
    hs_alloc_scratch(search.database, &search.scratch);
    hs_database_size(search.database, &bytes);
    for (int i = 2; i < argc; i++)
        peer_run("vectorscan", argv[i], search_row, &search);
    printf("memory\tvectorscan\t%.1f\n", (double)bytes / 1e6);
    return 0;
}
