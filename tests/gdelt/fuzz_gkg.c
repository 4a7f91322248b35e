// SPDX-License-Identifier: Apache-2.0
// Any bytes as every field of a GKG row: parsers end, hand out only views of what they were given,
// and never more entries than there are separators.
#include "parse/entities.h"
#include "parse/fields.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct view text;

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static void inside(struct view piece)
{
    require(piece.size == 0 ||
                (piece.data >= text.data && piece.data + piece.size <= text.data + text.size),
            "a view lies in the field");
}

static void place(const struct gdelt_location *place)
{
    inside(place->name);
    inside(place->country);
    inside(place->adm1);
    inside(place->adm2);
    inside(place->feature);
}

static size_t separators(char byte)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == byte;
    return count;
}

#define EACH(type, next, separator, ...)                                                           \
    do {                                                                                           \
        size_t count = 0;                                                                          \
        struct view rest = text;                                                                   \
        for (type entry; next(&rest, &entry); count++) {                                           \
            __VA_ARGS__                                                                            \
        }                                                                                          \
        require(count <= separators(separator) + 1, #next " gives an entry a separator");          \
    } while (0)

static void read_lists(void)
{
    EACH(struct gdelt_name, gdelt_next_name, ';', inside(entry.name););
    EACH(struct gdelt_location, gdelt_next_location, ';', place(&entry););
    EACH(struct gdelt_count, gdelt_next_count, ';', inside(entry.type); inside(entry.object);
         place(&entry.location););
    EACH(struct gdelt_quotation, gdelt_next_quotation, '#', inside(entry.verb);
         inside(entry.quote););
    EACH(struct gdelt_amount, gdelt_next_amount, ';', inside(entry.object););
    EACH(struct gdelt_score, gdelt_next_score, ',', inside(entry.key););
    EACH(struct view, gdelt_next_author, ';', inside(entry););
}

// One key's score is the first that the list of all has.
static void find_score(struct view gcam, struct view key)
{
    const double found = gdelt_find_score(gcam, key);
    struct gdelt_score score;
    while (gdelt_next_score(&gcam, &score))
        if (view_equal(score.key, key)) {
            require(found == score.value || (isnan(found) && isnan(score.value)),
                    "one score is that of all scores");
            return;
        }
    require(isnan(found), "no score is found that the list does not have");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    text = (struct view){(const char *)bytes, size};
    struct gdelt_tone tone;
    (void)gdelt_read_tone(text, &tone);
    read_lists();
    const size_t line = view_find(text, '\n'); // GCAM, line feed, key
    find_score(view_to(text, line), view_from(text, line + (line < size)));
    const struct view title = gdelt_extra(text, VIEW("PAGE_TITLE"));
    inside(title);
    char *decoded = malloc(size + 1); // exactly what is promised, for the sanitizer to watch
    require(decoded != NULL && entities_decode(text, decoded) <= size, "decoding makes no longer");
    free(decoded);
    return 0;
}
