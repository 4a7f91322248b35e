// SPDX-License-Identifier: Apache-2.0
// The texts of a row as segments and words.
#include "link.h"
#include "parse/fields.h"

#include <string.h>

// A title may have half of the words only: behind one of megabytes the names are still read.
static void add_segment(struct link_work *w, struct view text, uint32_t offset,
                        enum link_source source)
{
    size_t at = 0;
    if (w->segment_count == LINK_MAX_SEGMENTS || text.size > UINT32_MAX)
        return;
    const size_t room = source == LINK_TITLE ? LINK_MAX_WORDS / 2 : LINK_MAX_WORDS - w->word_count;
    const size_t count = words_split(text.data, text.size, &at, w->words + w->word_count, room);
    if (count == 0)
        return;
    w->segments[w->segment_count++] = (struct link_segment){.text = text.data,
                                                            .size = (uint32_t)text.size,
                                                            .offset = offset,
                                                            .first = (uint32_t)w->word_count,
                                                            .count = (uint32_t)count,
                                                            .outlet = (uint32_t)count,
                                                            .source = source};
    w->word_count += count;
}

static void add_names(struct link_work *w, struct view column, enum link_source source)
{
    for (struct gdelt_name name; gdelt_next_name(&column, &name);)
        add_segment(w, name.name, name.offset, source);
}

// ---- titles
// --------------------------------------------------------------------------------------

static const char *const clear_marks[] = {" | ",        " _ ", " \xe2\x80\x93 ", " \xe2\x80\x94 ",
                                          " \xc2\xbb ", " :: "};
static const char *const hyphen[] = {" - "};

static bool is_mark(const char *const *marks, size_t count, const char *text, size_t left)
{
    for (size_t i = 0; i < count; i++)
        if (left >= strlen(marks[i]) && memcmp(text, marks[i], strlen(marks[i])) == 0)
            return true;
    return false;
}

enum { OUTLET_MAX_WORDS = 6, OUTLET_MAX_BYTES = 64 };

// The words behind a title's last mark are its outlet when they are few.
static bool find_outlet(struct link_work *w, struct link_segment *s, const char *const *marks,
                        size_t count)
{
    const size_t lowest = s->size > OUTLET_MAX_BYTES ? s->size - OUTLET_MAX_BYTES : 1;
    const struct word *words = w->words + s->first;
    for (size_t at = s->size; at-- > lowest;) {
        if (!is_mark(marks, count, s->text + at, s->size - at))
            continue;
        uint32_t from = s->count;
        while (from > 0 && words[from - 1].from > at)
            from--;
        if (from == 0 || s->count - from > OUTLET_MAX_WORDS)
            return false;
        s->outlet = from;
        return true;
    }
    return false;
}

// A title that writes most of its longer words small writes only names with capitals.
static void find_case(struct link_work *w, struct link_segment *s)
{
    size_t upper = 0, lower = 0;
    for (uint32_t i = 1; i < s->outlet; i++) {
        const struct word *word = &w->words[s->first + i];
        if (word->to - word->from < 4)
            continue;
        upper += (word->flags & WORD_UPPER) != 0;
        lower += (word->flags & WORD_UPPER) == 0;
    }
    s->sentence = lower > upper;
}

void link_segments(struct link_work *w, const struct link_row *row)
{
    w->segment_count = w->word_count = 0;
    add_segment(w, row->texts[LINK_TITLE], 0, LINK_TITLE);
    if (w->segment_count != 0) {
        if (!find_outlet(w, &w->segments[0], clear_marks, sizeof clear_marks / sizeof *clear_marks))
            (void)find_outlet(w, &w->segments[0], hyphen, 1);
        find_case(w, &w->segments[0]);
    }
    add_names(w, row->texts[LINK_ORGS], LINK_ORGS);
    add_names(w, row->texts[LINK_NAMES], LINK_NAMES);
}
