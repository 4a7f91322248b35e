// SPDX-License-Identifier: Apache-2.0
// The text becomes tokens, each of which learns once what it is: a word of the lexicon, a booster,
// a negation, in capitals. The rules then look at tokens only. Where the published program has
// quirks (which word the "but" rule changes when two have the same score; that "this" before a word
// always raises it once three words precede) they are kept, since the numbers are to be equal.
#include "market/sentiment.h"

#include <math.h>
#include <string.h>

#define BOOST 0.293
#define NEGATION (-0.74)
#define CAPITALS 0.733

struct token {
    const char *text; // in lower case
    uint32_t size;
    bool known, negates, capitals;
    double score; // of the lexicon, when known
    double boost;
};

struct passage {
    const struct lexicon *lexicon;
    struct token *tokens;
    size_t count;
    bool some_capitals; // some words are in capitals and some are not
};

static const char *const dampening_phrases[] = {"just enough", "kind of", "sort of"};

static const struct idiom {
    const char *words;
    double score;
} idioms[] = {
    {"bad ass", 1.5}, {"beating heart", 3.5}, {"bus stop", 0},   {"kiss of death", -1.5},
    {"the bomb", 3},  {"the shit", 3},        {"to die for", 3}, {"yeah right", -2},
};

// The character at `at`; a byte that is not UTF-8 stands for itself.
static uint32_t decode(const char *at, const char *end, size_t *size)
{
    const unsigned char first = (unsigned char)*at;
    const size_t length = first < 0x80   ? 1
                          : first < 0xc2 ? 0
                          : first < 0xe0 ? 2
                          : first < 0xf0 ? 3
                          : first < 0xf5 ? 4
                                         : 0;
    *size = 1;
    if (length <= 1 || (size_t)(end - at) < length)
        return first;
    uint32_t character = first & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)at[i] & 0xc0) != 0x80)
            return first;
        character = character << 6 | ((unsigned char)at[i] & 0x3f);
    }
    *size = length;
    return character;
}

// White space as Unicode has it, and the separators 0x1c to 0x1f.
static bool is_space(uint32_t c)
{
    return c == ' ' || (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x1f) || c == 0x85 ||
           c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f || c == 0x3000;
}

static bool is_punctuation(char c)
{
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
}

// Capitals and small letters of Latin, Greek and Cyrillic; other scripts count as having none.
static bool is_capital(uint32_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) ||
           (c >= 0x100 && c <= 0x137 && c % 2 == 0) || (c >= 0x139 && c <= 0x148 && c % 2 == 1) ||
           (c >= 0x14a && c <= 0x177 && c % 2 == 0) || (c >= 0x391 && c <= 0x3ab) ||
           (c >= 0x400 && c <= 0x42f);
}

static bool is_small(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || c == 0xaa || c == 0xb5 || c == 0xba ||
           (c >= 0xdf && c <= 0xff && c != 0xf7) ||
           (c >= 0x100 && c <= 0x17f && !is_capital(c) && c != 0x178 && c != 0x179 && c != 0x17b &&
            c != 0x17d) ||
           (c >= 0x3ac && c <= 0x3ce) || (c >= 0x430 && c <= 0x45f);
}

static bool is_word(const struct token *token, const char *word)
{
    return token->size == strlen(word) && memcmp(token->text, word, token->size) == 0;
}

// Whether `count` tokens read `phrase`, a space between.
static bool is_phrase(const struct token *tokens, size_t count, const char *phrase)
{
    for (size_t i = 0; i < count; i++) {
        const size_t length = strcspn(phrase, " ");
        if (tokens[i].size != length || memcmp(tokens[i].text, phrase, length) != 0 ||
            (phrase[length] == ' ') != (i + 1 < count))
            return false;
        phrase += length + 1;
    }
    return true;
}

static void make_lower(struct token *token, const char *text, size_t size, char *lower)
{
    bool capital = false, small = false;
    memcpy(lower, text, size);
    for (size_t i = 0, length; i < size; i += length) {
        const uint32_t c = decode(text + i, text + size, &length);
        capital |= is_capital(c);
        small |= is_small(c);
        if (c >= 'A' && c <= 'Z')
            lower[i] = (char)(c + 32);
    }
    token->text = lower;
    token->size = (uint32_t)size;
    token->capitals = capital && !small;
}

// Without the punctuation around it, unless at most two characters remain: then it is an emoticon.
static void strip(const char **text, size_t *size)
{
    const char *start = *text, *end = start + *size;
    size_t characters = 0;
    while (start < end && is_punctuation(*start))
        start++;
    while (end > start && is_punctuation(end[-1]))
        end--;
    for (const char *at = start; at < end; at++)
        characters += ((unsigned char)*at & 0xc0) != 0x80;
    if (characters <= 2)
        return;
    *text = start;
    *size = (size_t)(end - start);
}

static void classify(struct token *token, const struct lexicon *lexicon)
{
    const struct lexicon_entry *entry = lexicon_find(&lexicon->words, token->text, token->size);
    token->negates = memmem(token->text, token->size, "n't", 3) != NULL;
    token->known = false;
    token->boost = 0;
    if (entry == NULL)
        return;
    token->known = entry->is_scored;
    token->score = entry->score;
    token->boost = entry->degree * BOOST;
    token->negates |= entry->negates;
}

static int split(struct passage *p, const char *text, size_t size, struct arena *arena,
                 struct err *err)
{
    const char *end = text + size;
    const size_t room = size / 2 + 1 < SENTIMENT_MAX_WORDS ? size / 2 + 1 : SENTIMENT_MAX_WORDS;
    char *lower = arena_alloc(arena, size, 1, err);
    p->tokens = arena_alloc(arena, room, sizeof *p->tokens, err);
    if (lower == NULL || p->tokens == NULL)
        return err_code(err, EX_OSERR);
    size_t capitals = 0;
    while (p->count < room) {
        size_t length;
        while (text < end && is_space(decode(text, end, &length)))
            text += length;
        const char *start = text;
        while (text < end && !is_space(decode(text, end, &length)))
            text += length;
        if (text == start)
            break;
        size_t word_size = (size_t)(text - start);
        struct token *token = &p->tokens[p->count++];
        strip(&start, &word_size);
        make_lower(token, start, word_size, lower);
        lower += word_size;
        classify(token, p->lexicon);
        capitals += token->capitals;
    }
    p->some_capitals = capitals != 0 && capitals != p->count;
    return 0;
}

// What a booster before a word of this score adds to it.
static double boost(const struct passage *p, const struct token *token, double score)
{
    if (token->boost == 0)
        return 0;
    double by = score < 0 ? -token->boost : token->boost;
    if (token->capitals && p->some_capitals)
        by += score > 0 ? CAPITALS : -CAPITALS;
    return by;
}

static bool is_so_or_this(const struct token *token)
{
    return is_word(token, "so") || is_word(token, "this");
}

// The token `distance` places before `t` negates it, unless it belongs to "never so good" or
// "without doubt good".
static double negate(const struct token *t, size_t distance, double score)
{
    const struct token *before = t - distance;
    const bool never = is_word(before, "never"), without = is_word(before, "without");
    if (distance == 2) {
        if (never && is_so_or_this(t - 1))
            return score * 1.25;
        if (without && is_word(t - 1, "doubt"))
            return score;
    } else if (distance == 3) {
        if ((never && is_so_or_this(t - 2)) || is_so_or_this(t - 1))
            return score * 1.25;
        if (without && (is_word(t - 2, "doubt") || is_word(t - 1, "doubt")))
            return score;
    }
    return before->negates ? score * NEGATION : score;
}

static const struct idiom *find_idiom(const struct token *tokens, size_t count)
{
    for (size_t i = 0; i < sizeof idioms / sizeof *idioms; i++)
        if (is_phrase(tokens, count, idioms[i].words))
            return &idioms[i];
    return NULL;
}

// An idiom that ends or begins at the word, or stands right before it, has a score of its own; a
// dampening phrase right before it lowers the score.
static double apply_idioms(const struct passage *p, size_t at, double score)
{
    static const struct {
        uint8_t before, count;
    } places[] = {{1, 2}, {2, 3}, {2, 2}, {3, 3}, {3, 2}};
    const struct token *t = &p->tokens[at];
    const struct idiom *idiom = NULL;
    for (size_t i = 0; i < sizeof places / sizeof *places && idiom == NULL; i++)
        if ((idiom = find_idiom(t - places[i].before, places[i].count)) != NULL)
            score = idiom->score;
    for (size_t count = 2; count <= 3 && at + count <= p->count; count++)
        if ((idiom = find_idiom(t, count)) != NULL)
            score = idiom->score;
    for (size_t before = 3; before >= 2; before--)
        for (size_t i = 0; i < sizeof dampening_phrases / sizeof *dampening_phrases; i++)
            if (is_phrase(t - before, 2, dampening_phrases[i]))
                score -= BOOST;
    return score;
}

static bool is_denied(const struct passage *p, size_t at)
{
    const struct token *t = &p->tokens[at];
    return (at > 0 && is_word(t - 1, "no")) || (at > 1 && is_word(t - 2, "no")) ||
           (at > 2 && is_word(t - 3, "no") && (is_word(t - 1, "or") || is_word(t - 1, "nor")));
}

// "Least" before a word denies it, "at least" and "very least" do not.
static bool is_least(const struct passage *p, size_t at)
{
    const struct token *t = &p->tokens[at];
    return at > 0 && is_word(t - 1, "least") && !t[-1].known &&
           (at == 1 || (!is_word(t - 2, "at") && !is_word(t - 2, "very")));
}

static double score_token(const struct passage *p, size_t at)
{
    static const double fading[] = {1, 0.95, 0.9}; // of a booster that is farther away
    const struct token *t = &p->tokens[at];
    const bool has_next = at + 1 < p->count;
    if (!t->known || t->boost != 0 || (has_next && is_phrase(t, 2, "kind of")))
        return 0;
    double score = t->score;
    if (has_next && is_word(t, "no") && t[1].known)
        score = 0;
    if (is_denied(p, at))
        score = t->score * NEGATION;
    if (t->capitals && p->some_capitals)
        score += score > 0 ? CAPITALS : -CAPITALS;
    for (size_t distance = 1; distance <= 3 && distance <= at; distance++) {
        if (t[-(ptrdiff_t)distance].known)
            continue;
        score += boost(p, t - distance, score) * fading[distance - 1];
        score = negate(t, distance, score);
        if (distance == 3)
            score = apply_idioms(p, at, score);
    }
    return is_least(p, at) ? score * NEGATION : score;
}

// Halves what precedes the first "but" and raises what follows. It is the first word with that same
// score which changes, not always the word itself.
static void weigh_but(const struct passage *p, double *scores)
{
    size_t but = 0;
    while (but < p->count && !is_word(&p->tokens[but], "but"))
        but++;
    if (but == p->count)
        return;
    for (size_t i = 0; i < p->count; i++) {
        size_t first = 0;
        if (scores[i] == 0)
            continue;
        while (scores[first] != scores[i])
            first++;
        if (first != but)
            scores[first] *= first < but ? 0.5 : 1.5;
    }
}

static double emphasis(const char *text, size_t size)
{
    size_t exclamations = 0, questions = 0;
    for (size_t i = 0; i < size; i++) {
        exclamations += text[i] == '!';
        questions += text[i] == '?';
    }
    const double asked = questions > 3 ? 0.96 : questions > 1 ? (double)questions * 0.18 : 0;
    return (double)(exclamations < 4 ? exclamations : 4) * 0.292 + asked;
}

// To the nearest multiple of 1 / unit. Where the product looks like a tie, what it was rounded by
// decides; a real tie goes to the even one.
static double rounded(double value, double unit)
{
    const double product = value * unit, rest = fma(value, unit, -product);
    double whole = rint(product);
    if (fabs(product - whole) == 0.5 && rest != 0)
        whole = floor(product) + (rest > 0);
    return whole / unit;
}

static void sum_up(const double *scores, size_t count, double emphasised, struct sentiment *result)
{
    double sum = 0, positive = 0, negative = 0, neutral = 0;
    for (size_t i = 0; i < count; i++) {
        sum += scores[i];
        positive += scores[i] > 0 ? scores[i] + 1 : 0;
        negative += scores[i] < 0 ? scores[i] - 1 : 0;
        neutral += scores[i] == 0;
    }
    sum += sum > 0 ? emphasised : sum < 0 ? -emphasised : 0;
    if (positive > -negative)
        positive += emphasised;
    else if (positive < -negative)
        negative -= emphasised;
    const double total = positive - negative + neutral;
    result->negative = rounded(-negative / total, 1000);
    result->neutral = rounded(neutral / total, 1000);
    result->positive = rounded(positive / total, 1000);
    result->compound = rounded(sum / sqrt(sum * sum + 15), 10000);
    result->negative += 0.0; // never -0
}

// Emojis become their descriptions, a space before unless there is one. A description's end is not
// set off from what follows.
static int spell_emojis(const struct lexicon *lexicon, const char **text, size_t *size,
                        struct arena *arena, struct err *err)
{
    size_t needed = *size + 1, length;
    const char *end = *text + *size;
    const struct lexicon_entry *entry;
    for (const char *at = *text; at < end; at += length) {
        (void)decode(at, end, &length);
        if (length > 1 && (entry = lexicon_find(&lexicon->emojis, at, length)) != NULL)
            needed += entry->text_size + 1;
    }
    if (needed == *size + 1)
        return 0;
    char *spelt = arena_alloc(arena, needed, 1, err), *out = spelt;
    if (spelt == NULL)
        return err_code(err, EX_OSERR);
    bool after_space = true;
    for (const char *at = *text; at < end; at += length) {
        (void)decode(at, end, &length);
        entry = length > 1 ? lexicon_find(&lexicon->emojis, at, length) : NULL;
        if (entry != NULL && !after_space)
            *out++ = ' ';
        after_space = entry == NULL && *at == ' ';
        out = mempcpy(out, entry != NULL ? entry->text : at,
                      entry != NULL ? entry->text_size : length);
    }
    *text = spelt;
    *size = (size_t)(out - spelt);
    return 0;
}

int sentiment_score(const struct lexicon *lexicon, const char *text, size_t size,
                    struct arena *arena, struct sentiment *sentiment, struct err *err)
{
    struct passage p = {.lexicon = lexicon};
    size = size < SENTIMENT_MAX_BYTES ? size : SENTIMENT_MAX_BYTES;
    memset(sentiment, 0, sizeof *sentiment);
    if (lexicon->emojis.count != 0)
        TRY(spell_emojis(lexicon, &text, &size, arena, err));
    TRY(split(&p, text, size, arena, err));
    if (p.count == 0)
        return 0;
    double *scores = arena_alloc(arena, p.count, sizeof *scores, err);
    if (scores == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < p.count; i++)
        scores[i] = score_token(&p, i);
    weigh_but(&p, scores);
    sum_up(scores, p.count, emphasis(text, size), sentiment);
    return 0;
}
