// SPDX-License-Identifier: Apache-2.0
// Character references. Names are looked up by binary search in entities.def, which is sorted.
#include "entities.h"

enum { NAME_BYTES = 8, REPLACEMENT = 0xFFFD, LAST_CODE = 0x10FFFF };

static const struct {
    char name[NAME_BYTES + 1];
    uint16_t code;
} names[] = {
#define ENTITY(name, code) {#name, code},
#include "entities.def"
#undef ENTITY
};

// What browsers show for the numbers 128 to 159; 0: nothing but a control character.
static const uint16_t windows_1252[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

static int compare(struct view name, const char *other)
{
    const int order = strncmp(name.data, other, name.size);
    return order != 0 ? order : -(other[name.size] != '\0');
}

static bool find_name(struct view name, uint32_t *code)
{
    size_t low = 0, high = sizeof names / sizeof *names;
    if (name.size == 0 || name.size > NAME_BYTES)
        return false;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        const int order = compare(name, names[middle].name);
        if (order == 0) {
            *code = names[middle].code;
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

static uint32_t character(uint32_t code)
{
    if (code >= 128 && code < 160 && windows_1252[code - 128] != 0)
        return windows_1252[code - 128];
    return code == 0 || code > LAST_CODE || (code >= 0xD800 && code < 0xE000) ? REPLACEMENT : code;
}

// The digits between "&#" and ';'.
static bool read_code(struct view digits, uint32_t *code)
{
    const bool hex = digits.size != 0 && (digits.data[0] | 0x20) == 'x';
    const unsigned base = hex ? 16 : 10;
    digits = view_from(digits, hex);
    *code = 0;
    for (size_t i = 0; i < digits.size; i++) {
        const unsigned digit = digit_value(digits.data[i]);
        if (digit >= base)
            return false;
        *code = *code > LAST_CODE ? *code : *code * base + digit; // stays too large once it is
    }
    *code = character(*code);
    return digits.size != 0;
}

bool entity_read(struct view text, struct entity *entity)
{
    enum { LONGEST = 16 };
    if (text.size < 3 || text.data[0] != '&')
        return false;
    const struct view head = view_to(text, text.size < LONGEST ? text.size : LONGEST);
    const size_t end = view_find(head, ';');
    if (end == head.size)
        return false;
    entity->length = end + 1;
    if (text.data[1] == '#')
        return read_code((struct view){text.data + 2, end - 2}, &entity->code);
    return find_name((struct view){text.data + 1, end - 1}, &entity->code);
}

static size_t put_utf8(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    const size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = size - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)(first[size] | code);
    return size;
}

// Whether `text` begins with a reference that was encoded once more: `&amp;#39;`. Its '&' is then
// the last byte of `amp;` replaced, so it is read from a copy of its few bytes.
static bool read_twice(struct view text, struct entity *entity)
{
    static const struct view amp = {"&amp;", 5};
    char copy[16] = "&";
    if (!view_starts(text, amp))
        return false;
    const struct view after = view_from(text, amp.size);
    const size_t size = after.size < sizeof copy - 1 ? after.size : sizeof copy - 1;
    memcpy(copy + 1, after.data, size);
    if (!entity_read((struct view){copy, size + 1}, entity))
        return false;
    entity->length += amp.size - 1;
    return true;
}

bool entity_read_encoded(struct view text, struct entity *entity)
{
    return read_twice(text, entity) || entity_read(text, entity);
}

size_t entities_decode(struct view text, char *out)
{
    size_t used = 0;
    while (text.size != 0) {
        const size_t plain = view_find(text, '&');
        memcpy(out + used, text.data, plain);
        used += plain;
        text = view_from(text, plain);
        if (text.size == 0)
            break;
        struct entity entity;
        if (entity_read_encoded(text, &entity)) {
            used += put_utf8(entity.code, out + used);
            text = view_from(text, entity.length);
        } else {
            out[used++] = '&';
            text = view_from(text, 1);
        }
    }
    return used;
}
