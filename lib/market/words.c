// SPDX-License-Identifier: Apache-2.0
// Two ways to the same words: SSE2 looks at 64 bytes at once and takes words of up to 16 ASCII
// letters in a few instructions each, which is nearly every word of nearly every text; whatever it
// cannot take goes the long way, one character at a time. A test compares the two.
#include "market/words.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))

// ---- characters
// ----------------------------------------------------------------------------------

enum character_kind { SEPARATOR, LETTER, DROPPED, APOSTROPHE, AMPERSAND, IDEOGRAM };

struct character {
    enum character_kind kind;
    uint32_t size;      // bytes in the text
    uint32_t fold_size; // bytes of `fold`
    uint32_t fold;      // its bytes, the first one lowest
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

static bool continues(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

ALWAYS_INLINE uint32_t decode(const unsigned char *p, size_t left, uint32_t *size)
{
    *size = 1;
    if (p[0] < 0x80)
        return p[0];
    if (left >= 3 && (p[0] & 0xf0) == 0xe0 && continues(p[1]) && continues(p[2])) {
        const uint32_t code = (p[0] & 0xfU) << 12 | (p[1] & 0x3fU) << 6 | (p[2] & 0x3fU);
        *size = code >= 0x800 ? 3 : 1;
        return code >= 0x800 ? code : UINT32_MAX;
    }
    if (left >= 2 && p[0] >= 0xc2 && p[0] < 0xe0 && continues(p[1])) {
        *size = 2;
        return (p[0] & 0x1fU) << 6 | (p[1] & 0x3fU);
    }
    if (left < 4 || p[0] < 0xf0 || p[0] > 0xf4 || !continues(p[1]) || !continues(p[2]) ||
        !continues(p[3]))
        return UINT32_MAX;
    const uint32_t code =
        (p[0] & 7U) << 18 | (p[1] & 0x3fU) << 12 | (p[2] & 0x3fU) << 6 | (p[3] & 0x3fU);
    *size = code >= 0x10000 ? 4 : 1;
    return code >= 0x10000 ? code : UINT32_MAX;
}

static inline bool within(uint32_t code, uint32_t first, uint32_t last)
{
    return code >= first && code <= last;
}

ALWAYS_INLINE enum character_kind kind_of(uint32_t code)
{
    if (within(code, 0x370, 0x1fff))
        return LETTER; // Greek, Cyrillic, Arabic, the scripts of India
    if (within(code, 0x3400, 0x9fff) || within(code, 0xac00, 0xd7af))
        return IDEOGRAM;
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
    return within(code, 0x3040, 0x30ff) ? IDEOGRAM : LETTER;
}

static void fold_ascii(uint32_t code, struct character *c)
{
    c->upper = within(code, 'A', 'Z');
    c->fold = c->upper ? code + 32 : code;
    c->fold_size = 1;
}

ALWAYS_INLINE void fold_letter(const unsigned char *p, uint32_t code, struct character *c)
{
    if (code < 0x80 || within(code, 0xff10, 0xff5a)) {
        fold_ascii(code < 0x80 ? code : code - 0xfee0, c);
        return;
    }
    if (within(code, 0xc0, 0x17f)) {
        const char *letters = LATIN + 2 * (size_t)(code - 0xc0);
        c->fold_size = letters[1] == ' ' ? 1 : 2;
        c->fold = (uint32_t)letters[0] | (letters[1] == ' ' ? 0U : (uint32_t)letters[1] << 8);
        c->upper = code < 0x100 ? code < 0xdf : (code & 1) == 0;
        return;
    }
    uint32_t lower = code;
    if (within(code, 0x391, 0x3a9) || within(code, 0x410, 0x42f))
        lower = code + 0x20;
    else if (within(code, 0x400, 0x40f))
        lower = code + 0x50;
    c->upper = lower != code || code >= 0x530;
    c->fold_size = c->size;
    if (lower != code) {
        c->fold = 0xc0U | lower >> 6 | (0x80U | (lower & 0x3f)) << 8;
        return;
    }
    for (uint32_t i = 0; i < c->size; i++)
        c->fold |= (uint32_t)p[i] << 8 * i;
}

ALWAYS_INLINE void read_character(const char *text, size_t left, struct character *c)
{
    const unsigned char *p = (const unsigned char *)text;
    const uint32_t code = decode(p, left, &c->size);
    c->kind = code != UINT32_MAX ? kind_of(code) : SEPARATOR;
    c->fold = 0;
    if (c->kind == LETTER || c->kind == IDEOGRAM)
        fold_letter(p, code, c);
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

ALWAYS_INLINE void fold_append(struct folded *f, const struct character *c)
{
    if (f->size <= WORD_BYTES) {
        for (unsigned i = 0; i < 4; i++)
            f->bytes[f->size + i] = (char)(c->fold >> 8 * i);
        f->size += c->fold_size;
    }
    const bool digit = within(c->fold & 0xff, '0', '9');
    f->letters++;
    f->uppers += c->upper || digit;
    f->named = f->named || c->upper || digit;
}

// An apostrophe is part of a word when a letter follows.
static bool apostrophe_joins(const char *text, size_t size, size_t at)
{
    uint32_t bytes;
    return at < size &&
           kind_of(decode((const unsigned char *)text + at, size - at, &bytes)) == LETTER;
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
        struct character c;
        read_character(text + i, size - i, &c);
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

// Letters and digits of ASCII alone; false when there is anything else.
static bool fold_plain(const char *text, size_t size, char *out)
{
    unsigned other = 0;
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)text[i];
        other |= (unsigned)(c >= 0x80 || c == '\'' || c == '`' || c == '&');
        out[i] = (char)(c | 0x20);
    }
    return other == 0;
}

size_t word_fold(const char *text, const struct word *word, char out[static WORD_BYTES])
{
    struct folded f;
    size_t at = word->from, from;
    if (word->to - word->from <= WORD_BYTES && fold_plain(text + at, word->to - at, out))
        return word->to - word->from;
    if (!next_word(text, word->to, &at, &from, &f) || f.size > WORD_BYTES)
        return 0;
    memcpy(out, f.bytes, f.size);
    return f.size;
}

uint64_t word_stem_hash(const char *text, const struct word *word)
{
    char folded[WORD_BYTES];
    const size_t size = word_fold(text, word, folded);
    return size >= 3 && folded[size - 1] == 's' ? word_hash(folded, size - 1) : 0;
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
// A window of text and what its first 64 bytes are, bit i for byte i. Bytes of no mask are ASCII
// that separates words.
enum { WINDOW = 64, SHORT_WORD = 16, WINDOW_BYTES = WINDOW + SHORT_WORD };

struct window {
    const char *text;                          // WINDOW_BYTES can be read
    uint64_t word, upper, apostrophe, special; // special: '&' and what is not ASCII
};

// Bytes between two others. Those above ASCII are negative and so are in none.
static __m128i between(__m128i bytes, char first, char last)
{
    return _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)(first - 1))),
                         _mm_cmpgt_epi8(_mm_set1_epi8((char)(last + 1)), bytes));
}

static __m128i equal(__m128i bytes, char c)
{
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c));
}

static uint64_t bits(__m128i mask, unsigned at)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(mask) << at;
}

static struct window classify(const char *text)
{
    struct window w = {.text = text};
#pragma GCC unroll 4
    for (unsigned at = 0; at < WINDOW; at += 16) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
        const __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
        const __m128i digit = between(bytes, '0', '9');
        w.word |= bits(_mm_or_si128(between(lower, 'a', 'z'), digit), at);
        w.upper |= bits(_mm_or_si128(between(bytes, 'A', 'Z'), digit), at);
        w.apostrophe |= bits(_mm_or_si128(equal(bytes, '\''), equal(bytes, '`')), at);
        w.special |= bits(_mm_or_si128(bytes, equal(bytes, '&')), at);
    }
    return w;
}

static const unsigned char KEEP[32] = {255, 255, 255, 255, 255, 255, 255, 255,
                                       255, 255, 255, 255, 255, 255, 255, 255};

// The hash of `length` letters and digits, which 0x20 makes small.
static uint64_t short_hash(const char *text, unsigned length)
{
    const __m128i keep =
        _mm_loadu_si128((const __m128i *)(const void *)(KEEP + SHORT_WORD - length));
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)text);
    const __m128i kept = _mm_and_si128(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), keep);
    return mix(length, (uint64_t)_mm_cvtsi128_si64(kept),
               (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(kept, kept)));
}

// Takes words of ASCII until one goes on behind the window, is long, or has a special character or
// an apostrophe in it; *end is where to go on, 0 when the first word is such a one.
static size_t take_short(const struct window *w, size_t from, unsigned *end, struct word *words,
                         size_t room)
{
    const uint64_t solid = w->word | w->special;
    const uint64_t unclear = w->special | (w->apostrophe & (solid | w->apostrophe) >> 1);
    unsigned at = 0;
    size_t count = 0;
    while (count < room) {
        if (solid >> at == 0) {
            at = WINDOW;
            break;
        }
        at += (unsigned)__builtin_ctzll(solid >> at);
        const uint64_t behind = ~(w->word >> at);
        const unsigned length = behind != 0 ? (unsigned)__builtin_ctzll(behind) : WINDOW;
        const unsigned to = at + length;
        if (length - 1 >= SHORT_WORD || to >= WINDOW - 1 || (unclear >> to & 1) != 0)
            break;
        const uint64_t all = (1ULL << length) - 1, upper = w->upper >> at & all;
        words[count++] = (struct word){
            short_hash(w->text + at, length), (uint32_t)(from + at), (uint32_t)(from + to),
            (upper != 0 ? WORD_UPPER : 0U) | (upper == all ? WORD_ALL_UPPER : 0U)};
        at = to;
        if (at == WINDOW)
            break;
    }
    *end = at;
    return count;
}

// The same at *at, which is moved.
static size_t take_window(const char *text, size_t size, size_t *at, struct word *words,
                          size_t room)
{
    char rest[WINDOW_BYTES] = {0}; // what is left at the end of the text; its zeros are separators
    const size_t left = size - *at;
    if (left < sizeof rest)
        memcpy(rest, text + *at, left);
    const struct window w = classify(left < sizeof rest ? rest : text + *at);
    unsigned end;
    const size_t count = take_short(&w, *at, &end, words, room);
    *at += end < left ? end : left;
    return count;
}
#endif

static bool take_long(const char *text, size_t size, size_t *at, struct word *word)
{
    size_t from;
    struct folded f;
    if (!next_word(text, size, at, &from, &f))
        return false;
    fill_word(word, from, &f);
    return true;
}

// Takes what the short way cannot, up to the next word of ASCII; `stuck`: such a word is here and
// is not for the short way.
static size_t take_others(const char *text, size_t size, size_t *at, bool stuck, struct word *words,
                          size_t room)
{
    size_t count = 0;
    while (count < room && *at < size) {
        const unsigned char *p = (const unsigned char *)text + *at;
        uint32_t bytes;
        const enum character_kind kind = kind_of(decode(p, size - *at, &bytes));
        if (kind == IDEOGRAM && bytes == 3) { // a word that needs no look at what stands beside it
            words[count++] =
                (struct word){mix(3, p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16, 0),
                              (uint32_t)*at, (uint32_t)*at + 3, WORD_UPPER | WORD_ALL_UPPER};
            *at += 3;
        } else if (kind != LETTER && kind != AMPERSAND) {
            *at += bytes;
        } else if (p[0] < 0x80 && !stuck) {
            break;
        } else {
            count += take_long(text, size, at, &words[count]);
        }
        stuck = false;
    }
    return count;
}

size_t words_split(const char *text, size_t size, size_t *at, struct word *words, size_t room)
{
    size_t count = 0;
    while (count < room && *at < size) {
        const size_t from = *at;
#ifdef __SSE2__
        count += take_window(text, size, at, words + count, room - count);
#endif
        if (*at == from)
            count += take_others(text, size, at, true, words + count, room - count);
    }
    return count;
}

size_t words_split_plain(const char *text, size_t size, size_t *at, struct word *words, size_t room)
{
    size_t count = 0;
    while (count < room && take_long(text, size, at, &words[count]))
        count++;
    return count;
}
