// SPDX-License-Identifier: Apache-2.0
// The peer RE2::Set: all names as literals, in either case, each row searched by itself.
// Usage: re2set NAMES TEXT...
#include "peer.h"

#include <re2/set.h>
#include <vector>

static size_t search_row(void *state, const char *row, size_t size)
{
    static std::vector<int> found;
    found.clear();
    static_cast<RE2::Set *>(state)->Match(re2::StringPiece(row, size), &found);
    return found.size();
}

int main(int argc, char **argv)
{
    RE2::Options options;
    options.set_literal(true);
    options.set_case_sensitive(false);
    options.set_max_mem(int64_t{1} << 30);
    options.set_encoding(RE2::Options::EncodingLatin1);
    RE2::Set set(options, RE2::UNANCHORED);
    const struct peer_lines names = peer_read_lines(argv[1]);
    for (size_t i = 0; i < names.count; i++)
        set.Add(names.lines[i], nullptr);
    if (!set.Compile())
        return 1;
    for (int i = 2; i < argc; i++)
        peer_run("RE2::Set", argv[i], search_row, &set);
    return 0;
}
