// SPDX-License-Identifier: Apache-2.0
#include "fault.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[FAULT_KINDS] = {
    [FAULT_401] = "401",
    [FAULT_403] = "403",
    [FAULT_404] = "404",
    [FAULT_429] = "429",
    [FAULT_429_LONG] = "429-long",
    [FAULT_500] = "500",
    [FAULT_HTML] = "html",
    [FAULT_TRUNCATED] = "truncated",
    [FAULT_BROKEN] = "broken",
    [FAULT_EMPTY] = "empty",
    [FAULT_TYPES] = "types",
    [FAULT_ZEROS] = "zeros",
    [FAULT_SLOW] = "slow",
    [FAULT_HANDSHAKE] = "handshake",
    [FAULT_BUSY] = "busy",
    [FAULT_CLOSE1006] = "close1006",
    [FAULT_CLOSE1001] = "close1001",
    [FAULT_NO_PONG] = "no-pong",
    [FAULT_GARBAGE] = "garbage",
    [FAULT_UTF8] = "utf8",
    [FAULT_OVERSIZE] = "oversize",
    [FAULT_FRAGMENTS] = "fragments",
    [FAULT_ERROR] = "error",
    [FAULT_PING] = "ping",
    [FAULT_ODDITIES] = "oddities",
};

static int parse_one(const char *text, size_t size, struct fault *fault, struct err *err)
{
    const char *at = memchr(text, '@', size);
    const size_t name_size = at != NULL ? (size_t)(at - text) : size;
    char *end = NULL;
    *fault = (struct fault){0};
    for (int kind = 1; kind < FAULT_KINDS; kind++)
        if (names[kind] != NULL && strlen(names[kind]) == name_size &&
            memcmp(names[kind], text, name_size) == 0)
            fault->kind = (enum fault_kind)kind;
    if (at != NULL)
        fault->at = strtoull(at + 1, &end, 10);
    if (fault->kind != FAULT_NONE && (at == NULL || (end == text + size && fault->at != 0)))
        return 0;
    return err_set(err, EX_USAGE, "--fault: '%.*s' is none; 'ingest mock --help' lists them",
                   (int)size, text);
}

int faults_parse(struct faults *faults, const char *text, struct err *err)
{
    while (text != NULL && *text != '\0') {
        const char *comma = strchrnul(text, ',');
        if (faults->count == FAULTS)
            return err_set(err, EX_USAGE, "--fault: more than %d of them", FAULTS);
        TRY(parse_one(text, (size_t)(comma - text), &faults->list[faults->count], err));
        faults->count++;
        text = *comma != '\0' ? comma + 1 : comma;
    }
    return 0;
}

static enum fault_kind find(const struct faults *faults, uint64_t number, enum fault_kind from,
                            enum fault_kind to)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->list[i];
        if (fault->kind >= from && fault->kind < to && (fault->at == 0 || fault->at == number))
            return fault->kind;
    }
    return FAULT_NONE;
}

enum fault_kind faults_of_reply(struct faults *faults)
{
    return find(faults, ++faults->replies, FAULT_401, FAULT_REPLIES_END);
}

enum fault_kind faults_of_message(struct faults *faults)
{
    return find(faults, ++faults->messages, FAULT_CLOSE1006, FAULT_KINDS);
}

enum fault_kind faults_of_handshake(struct faults *faults)
{
    return find(faults, ++faults->handshakes, FAULT_HANDSHAKE, FAULT_CLOSE1006);
}
