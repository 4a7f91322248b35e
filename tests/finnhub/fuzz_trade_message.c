// SPDX-License-Identifier: Apache-2.0
// Any bytes as a message of the socket: read as jansson reads them, or refused as jansson refuses.
#include "oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct trade_message message;
    char *data = malloc(size + 1);
    if (data == NULL || (message.arena.base == NULL && trade_message_init(&message, NULL) != 0))
        abort();
    if (size != 0)
        memcpy(data, bytes, size);
    data[size] = '\0';
    compare_message(&message, data, size);
    free(data);
    return 0;
}
