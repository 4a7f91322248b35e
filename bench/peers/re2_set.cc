// SPDX-License-Identifier: Apache-2.0
// RE2::Set over rows, for bench/link.sh:
//   re2_set scan NAMES TEXTS PASSES      facts, as link_bench prints them
//   re2_set pairs NAMES TEXTS            row and line of the name for each that the row has
// ASCII case is ignored. It says which names a row has and not where, each once, and the names
// inside others, too. What may stand beside a name is in its pattern.
extern "C" {
#include "../link/rows.h"
}

#include <re2/re2.h>
#include <re2/set.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

static std::string pattern_of(const struct row &name)
{
    return "(?i)(?:^|[^0-9a-z\\x80-\\xff])" +
           RE2::QuoteMeta(re2::StringPiece(name.text, name.size)) + "(?:$|[^0-9a-z\\x80-\\xff])";
}

static void build(RE2::Set &set, const struct rows &names)
{
    for (size_t i = 0; i < names.count; i++)
        if (set.Add(pattern_of(names.rows[i]), nullptr) < 0)
            exit(70);
    if (!set.Compile()) {
        fprintf(stderr, "RE2::Set: compile: no memory within its limit\n");
        exit(70);
    }
}

static size_t scan_rows(const RE2::Set &set, const struct rows &texts, bool print)
{
    size_t matches = 0;
    std::vector<int> found;
    for (size_t i = 0; i < texts.count; i++) {
        found.clear();
        RE2::Set::ErrorInfo error = {RE2::Set::kNoError};
        if (set.Match(re2::StringPiece(texts.rows[i].text, texts.rows[i].size), &found, &error))
            matches += found.size();
        else if (error.kind != RE2::Set::kNoError) {
            fprintf(stderr, "RE2::Set: error %d in row %zu\n", error.kind, i + 1);
            exit(70);
        }
        for (size_t k = 0; print && k < found.size(); k++)
            printf("%zu\t%d\n", i + 1, found[k] + 1);
    }
    return matches;
}

int main(int count, char **arguments)
{
    if (count < 4)
        return 64;
    const struct rows names = rows_read(arguments[2]), texts = rows_read(arguments[3]);
    const size_t before = resident_bytes();
    double from = seconds_now();
    RE2::Options options;
    options.set_max_mem(int64_t{4} << 30);
    options.set_encoding(RE2::Options::EncodingLatin1);
    RE2::Set set(options, RE2::UNANCHORED);
    build(set, names);
    struct facts facts = {"RE2::Set", names.count,          texts.count, texts.bytes,
                          0,          seconds_now() - from, 1e9,         0};
    if (strcmp(arguments[1], "pairs") == 0) {
        scan_rows(set, texts, true);
        return 0;
    }
    for (int pass = atoi(arguments[4]); pass > 0; pass--) {
        from = seconds_now();
        facts.matches = scan_rows(set, texts, false);
        const double took = seconds_now() - from;
        facts.seconds = took < facts.seconds ? took : facts.seconds;
    }
    facts.memory = resident_bytes() - before;
    facts_print(&facts);
    return 0;
}
