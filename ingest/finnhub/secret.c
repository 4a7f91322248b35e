// SPDX-License-Identifier: Apache-2.0
#include "secret.h"

#include <string.h>

void secret_hide(char *text, const char *key)
{
    const size_t size = strlen(key);
    for (char *found = text; size != 0 && (found = strstr(found, key)) != NULL; found += size)
        memset(found, '*', size);
}
