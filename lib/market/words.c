// SPDX-License-Identifier: Apache-2.0
// Two ways to the same words: SSE2 takes a word of up to 16 ASCII letters in a few instructions,
// which is nearly every word of nearly every text; whatever it cannot take goes the long way, one
// character at a time. words_fold always goes the long way, and a test compares the two.
#include "market/words.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

// ---- characters
// ----------------------------------------------------------------------------------

enum character_kind { SEPARATOR, LETTER, DROPPED, APOSTROPHE, AMPERSAND, IDEOGRAM };

struct character {
    enum character_kind kind;
    uint32_t size;      // bytes in the text
    uint32_t fold_size; // bytes of `fold`
    char fold[4];
    bool upper;
};

// U+00C0 to U+017F, two bytes each: the letters without their marks.
static const char LATIN[] = "a a a a a a aec e e e e i i i i d n o o o o o   o u u u u y thss"
                            "a a a a a a aec e e e e i i i i d n o o o o o   o u u u u y thy "
                            "a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g g g g "
                            "g h h h h i i i i i i i i i "
                            "i ijijj j k k k l l l l l l l l l l n n n n n n n n n o o o o o o "
                            "oeoer r r r r r s s s s s s s s "
                            "t t t t t t u u u u u u u u u u u u w w y y y z z z z z z s ";

static uint32_t decode(const unsigned char *p, size_t left, uint32_t *size)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const uint32_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    *size = 1;
    if (n == 0 || p[0] > 0xf4 || n > left)
        return UINT32_MAX;
    uint32_t code = n == 1 ? p[0] : p[0] & (0x7fU >> n);
    for (uint32_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return UINT32_MAX;
        code = code << 6 | (p[i] & 0x3fU);
    }
    if (code < smallest[n])
        return UINT32_MAX;
    *size = n;
    return code;
}

static bool within(uint32_t code, uint32_t first, uint32_t last)
{
    return code >= first && code <= last;
}

static enum character_kind kind_of(uint32_t code)
{
    if (code == '\'' || code == '`' || within(code, 0x2018, 0x2019) || code == 0x2bc)
        return APOSTROPHE;
    if (code == '&' || code == 0xff06)
        return AMPERSAND;
    if (within(code, 'a', 'z') || within(code, 'A', 'Z') || within(code, '0', '9'))
        return LETTER;
    if (within(code, 0x300, 0x36f) || code == 0xad || within(code, 0x200b, 0x200d))
        return DROPPED;
    if (code < 0xc0 || code == 0xd7 || code == 0xf7 || within(code, 0x2000, 0x2bff) ||
        within(code, 0x3000, 0x303f) || within(code, 0xff00, 0xff0f) ||
        within(code, 0xff1a, 0xff20) || within(code, 0xff3b, 0xff40) ||
        within(code, 0xff5b, 0xff65) || code >= 0xe000)
        return within(code, 0xff10, 0xff5a) ? LETTER : SEPARATOR;
    if (within(code, 0x3040, 0x30ff) || within(code, 0x3400, 0x9fff) ||
        within(code, 0xac00, 0xd7af))
        return IDEOGRAM;
    return LETTER;
}

static void fold_ascii(uint32_t code, struct character *c)
{
    c->upper = within(code, 'A', 'Z');
    c->fold[0] = (char)(c->upper ? code + 32 : code);
    c->fold_size = 1;
}

static void fold_letter(const unsigned char *p, uint32_t code, struct character *c)
{
    if (code < 0x80 || within(code, 0xff10, 0xff5a)) {
        fold_ascii(code < 0x80 ? code : code - 0xfee0, c);
        return;
    }
    if (within(code, 0xc0, 0x17f)) {
        const char *letters = LATIN + 2 * (code - 0xc0);
        memcpy(c->fold, letters, 2);
        c->fold_size = letters[1] == ' ' ? 1 : 2;
        c->upper = code < 0x100 ? code < 0xdf : (code & 1) == 0;
        return;
    }
    uint32_t lower = code;
    if (within(code, 0x391, 0x3a9) || within(code, 0x410, 0x42f))
        lower = code + 0x20;
    else if (within(code, 0x400, 0x40f))
        lower = code + 0x50;
    c->upper = lower != code || code >= 0x530;
    memcpy(c->fold, p, c->size);
    c->fold_size = c->size;
    if (lower != code) {
        c->fold[0] = (char)(0xc0 | lower >> 6);
        c->fold[1] = (char)(0x80 | (lower & 0x3f));
    }
}

static struct character next_character(const char *text, size_t left)
{
    const unsigned char *p = (const unsigned char *)text;
    struct character c = {.kind = SEPARATOR};
    const uint32_t code = decode(p, left, &c.size);
    if (code == UINT32_MAX)
        return c;
    c.kind = kind_of(code);
    if (c.kind == LETTER || c.kind == IDEOGRAM)
        fold_letter(p, code, &c);
    return c;
}

// ---- a word, the long way
// ------------------------------------------------------------------------

static const uint64_t K0 = 0xa0761d6478bd642fULL, K1 = 0xe7037ed1a0b428dbULL;

static uint64_t mix(uint64_t hash, uint64_t low, uint64_t high)
{
    const __uint128_t product = (__uint128_t)(hash ^ low ^ K0) * (high ^ K1);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t word_hash(const char *folded, size_t size)
{
    uint64_t hash = size;
    for (size_t i = 0; i < size; i += 16) {
        char chunk[16] = {0};
        uint64_t low, high;
        memcpy(chunk, folded + i, size - i < 16 ? size - i : 16);
        memcpy(&low, chunk, 8);
        memcpy(&high, chunk + 8, 8);
        hash = mix(hash, low, high);
    }
    return hash;
}

struct folded {
    char bytes[WORD_BYTES + 4];
    size_t size; // above WORD_BYTES: too long to be a word of a name
    size_t to;   // where the word ends in the text
    size_t letters, uppers;
    bool named, possessive; // named: has a capital or a digit, or is of a script without case
};

static void fold_append(struct folded *f, const struct character *c)
{
    if (f->size <= WORD_BYTES) {
        memcpy(f->bytes + f->size, c->fold, 4);
        f->size += c->fold_size;
    }
    const bool digit = within((uint32_t)(unsigned char)c->fold[0], '0', '9');
    f->letters++;
    f->uppers += c->upper || digit;
    f->named = f->named || c->upper || digit;
}

// An apostrophe is part of a word when a letter follows.
static bool apostrophe_joins(const char *text, size_t size, size_t at)
{
    return at < size && next_character(text + at, size - at).kind == LETTER;
}

static bool one_character_word(const struct character *c, struct folded *f)
{
    if (c->kind == AMPERSAND) {
        memcpy(f->bytes, "and", 3);
        f->size = 3;
        f->named = true;
    } else if (c->kind == IDEOGRAM) {
        fold_append(f, c);
        f->named = true;
    }
    return f->size != 0;
}

// Reads the next word at or behind *at; false at the end of the text. *at is moved behind it.
static bool next_word(const char *text, size_t size, size_t *at, size_t *from, struct folded *f)
{
    *f = (struct folded){.size = 0};
    size_t i = *at, apostrophe = 0;
    while (i < size) {
        const struct character c = next_character(text + i, size - i);
        if (f->letters == 0 && c.kind != SEPARATOR && c.kind != DROPPED && c.kind != APOSTROPHE) {
            *from = i;
            if (one_character_word(&c, f)) {
                *at = f->to = i + c.size;
                return true;
            }
        }
        if (c.kind == LETTER)
            fold_append(f, &c);
        else if (f->letters != 0 && c.kind == APOSTROPHE &&
                 apostrophe_joins(text, size, i + c.size))
            apostrophe = i + c.size;
        else if (f->letters != 0 && c.kind != DROPPED)
            break;
        i += c.size;
    }
    *at = f->to = i;
    f->possessive = apostrophe != 0 && apostrophe + 1 == i && f->size > 1 &&
                    f->size <= WORD_BYTES && f->bytes[f->size - 1] == 's';
    return f->letters != 0;
}

static void fill_word(struct word *word, size_t from, const struct folded *f)
{
    word->from = (uint32_t)from;
    word->to = (uint32_t)f->to;
    word->hash = f->size <= WORD_BYTES ? word_hash(f->bytes, f->size) : 0;
    word->flags = (f->named ? WORD_UPPER : 0U) | (f->possessive ? WORD_POSSESSIVE : 0U) |
                  (f->letters != 0 && f->uppers == f->letters ? WORD_ALL_UPPER : 0U);
}

uint64_t word_stem_hash(const char *text, const struct word *word)
{
    struct folded f;
    size_t at = word->from, from;
    if (!next_word(text, word->to, &at, &from, &f) || f.size < 3 || f.size > WORD_BYTES ||
        f.bytes[f.size - 1] != 's')
        return 0;
    return word_hash(f.bytes, f.size - 1);
}

size_t words_fold(const char *text, size_t size, char *out, size_t room)
{
    size_t at = 0, from, used = 0;
    struct folded f;
    while (next_word(text, size, &at, &from, &f)) {
        const size_t space = used != 0;
        if (f.size > WORD_BYTES || used + space + f.size > room)
            return 0;
        if (space != 0)
            out[used++] = ' ';
        memcpy(out + used, f.bytes, f.size);
        used += f.size;
    }
    return used;
}

// ---- the short way
// -------------------------------------------------------------------------------

#ifdef __SSE2__
enum { NOT_TAKEN, TAKEN };

// Bytes between two others, as a mask.
static __m128i between(__m128i bytes, char first, char last)
{
    return _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)(first - 1))),
                         _mm_cmpgt_epi8(_mm_set1_epi8((char)(last + 1)), bytes));
}

static const unsigned char KEEP[32] = {255, 255, 255, 255, 255, 255, 255, 255,
                                       255, 255, 255, 255, 255, 255, 255, 255};

// Which of the 16 bytes are letters and digits, which are capitals or digits, which are ASCII
// separators that end a word for sure (no apostrophe, nothing above ASCII). Bytes above ASCII are
// negative and so are in none.
struct block16 {
    __m128i folded;
    uint32_t word, capital, digit, end;
};

static struct block16 classify(const char *p)
{
    const __m128i bytes = _mm_loadu_si128((const __m128i *)p);
    const __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    const __m128i capital = between(bytes, 'A', 'Z'), digit = between(bytes, '0', '9');
    const __m128i word = _mm_or_si128(between(lower, 'a', 'z'), digit);
    const __m128i odd =
        _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_setzero_si128()),
                     _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\'')),
                                  _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('`')),
                                               _mm_cmpeq_epi8(bytes, _mm_set1_epi8('&')))));
    struct block16 b = {.folded = _mm_or_si128(bytes, _mm_and_si128(capital, _mm_set1_epi8(0x20)))};
    b.word = (uint32_t)_mm_movemask_epi8(word);
    b.capital = (uint32_t)_mm_movemask_epi8(capital);
    b.digit = (uint32_t)_mm_movemask_epi8(digit);
    b.end = ~(b.word | (uint32_t)_mm_movemask_epi8(odd)) & 0xffff;
    return b;
}

static void take_word(const struct block16 *b, size_t at, uint32_t length, struct word *word)
{
    const __m128i keep = _mm_loadu_si128((const __m128i *)(KEEP + 16 - length));
    const __m128i kept = _mm_and_si128(b->folded, keep);
    const uint32_t mask = (1U << length) - 1;
    const uint64_t low = (uint64_t)_mm_cvtsi128_si64(kept);
    const uint64_t high = (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(kept, kept));
    word->hash = mix(length, low, high);
    word->from = (uint32_t)at;
    word->to = (uint32_t)(at + length);
    const bool all = ((b->capital | b->digit) & mask) == mask;
    word->flags =
        (((b->capital | b->digit) & mask) != 0 ? WORD_UPPER : 0U) | (all ? WORD_ALL_UPPER : 0U);
}

// Takes a word that lies wholly in the next 16 bytes with the separator behind it; else NOT_TAKEN,
// with *at moved over separators.
static int take_short(const char *text, size_t size, size_t *at, struct word *word)
{
    while (*at < size) {
        char rest[16] = {0}; // what is left at the end of the text; its zeros are separators
        const bool inside = size - *at >= sizeof rest;
        if (!inside)
            memcpy(rest, text + *at, size - *at);
        const struct block16 b = classify(inside ? text + *at : rest);
        if ((b.end & 1) != 0) {
            *at += (uint32_t)__builtin_ctz(~b.end | 0x10000);
            continue;
        }
        const uint32_t length = (uint32_t)__builtin_ctz(~b.word);
        if (length == 0 || length == 16 || (b.end & 1U << length) == 0)
            return NOT_TAKEN;
        take_word(&b, *at, length, word);
        *at += length + 1; // the separator behind it is known
        return TAKEN;
    }
    return NOT_TAKEN;
}
#endif

size_t words_split(const char *text, size_t size, size_t *at, struct word *words, size_t room)
{
    size_t count = 0, from;
    struct folded f;
    while (count < room) {
#ifdef __SSE2__
        if (take_short(text, size, at, &words[count]) == TAKEN) {
            count++;
            continue;
        }
#endif
        if (!next_word(text, size, at, &from, &f))
            break;
        fill_word(&words[count++], from, &f);
    }
    return count;
}
