// SPDX-License-Identifier: Apache-2.0
#include "market/ticker.h"

#include <string.h>
#include <strings.h>

static char upper(char c)
{
    if (c >= 'a' && c <= 'z')
        return (char)(c - 'a' + 'A');
    return c;
}

static bool is_letter(char c)
{
    return upper(c) >= 'A' && upper(c) <= 'Z';
}

static bool is_ticker_char(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || (c != '\0' && strchr("^.-_&=+!", c) != NULL);
}

bool ticker_parse(const char *text, size_t size, struct ticker *ticker)
{
    if (size == 0 || size >= TICKER_BYTES)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!is_ticker_char(text[i]))
            return false;
        ticker->text[i] = upper(text[i]);
    }
    if (size > 3 && memcmp(ticker->text + size - 3, ".US", 3) == 0)
        size -= 3;
    ticker->text[size] = '\0';
    ticker->size = size;
    return true;
}

static size_t without_extension(const char *name)
{
    static const char *const extensions[] = {".csv", ".txt"};
    const size_t size = strlen(name);
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (size > 4 && strcasecmp(name + size - 4, extensions[i]) == 0)
            return size - 4;
    return size;
}

// nvda_us: what follows the last underscore is the market when it is one to three letters.
static void market_to_dot(char *text, size_t size)
{
    for (size_t letters = 0; letters <= 3 && letters + 1 < size; letters++) {
        char *at = text + size - 1 - letters;
        if (*at == '_' && letters > 0)
            *at = '.';
        if (!is_letter(*at))
            return;
    }
}

// What follows the last / or :, which stands between an archive and its member.
static const char *last_part(const char *path)
{
    const char *name = path;
    for (; *path != '\0'; path++)
        if (*path == '/' || *path == ':')
            name = path + 1;
    return name;
}

bool ticker_of_file(const char *path, struct ticker *ticker, char *period)
{
    const char *name = last_part(path);
    char copy[TICKER_BYTES + 8];
    size_t size = without_extension(name);
    if (size >= sizeof copy)
        return false;
    memcpy(copy, name, size);
    *period = 'D';
    if (size > 2 && copy[size - 2] == '_' && strchr("DWMQY", upper(copy[size - 1])) != NULL) {
        *period = upper(copy[size - 1]);
        size -= 2;
    }
    market_to_dot(copy, size);
    return ticker_parse(copy, size, ticker);
}
