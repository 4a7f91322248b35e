// SPDX-License-Identifier: Apache-2.0
#include "registry/credentials.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USER_BYTES = 1024 };

// out: at least 4 x (size + 2) / 3 + 1 bytes.
static void base64(const char *data, size_t size, char *out)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    for (size_t i = 0; i < size; i += 3) {
        uint32_t word = 0;
        for (size_t j = 0; j < 3; j++)
            word = word << 8 | (i + j < size ? (unsigned char)data[i + j] : 0);
        for (size_t j = 0; j < 4; j++)
            *out++ = digits[i + j <= size ? word >> (18 - 6 * j) & 63 : 64];
    }
    *out = '\0';
}

static int read_token(const char *token, struct credentials *credentials, struct err *err)
{
    const int size = snprintf(credentials->header, sizeof credentials->header,
                              "Authorization: Bearer %s", token);
    if ((size_t)size >= sizeof credentials->header || strpbrk(token, "\r\n") != NULL)
        return err_set(err, EX_USAGE, "MLFLOW_TRACKING_TOKEN is too long or holds a line end");
    return 0;
}

static int read_user(const char *user, const char *password, struct credentials *credentials,
                     struct err *err)
{
    char pair[USER_BYTES];
    const int size = snprintf(pair, sizeof pair, "%s:%s", user, password);
    const int head =
        snprintf(credentials->header, sizeof credentials->header, "Authorization: Basic ");
    if ((size_t)size >= sizeof pair)
        return err_set(err, EX_USAGE,
                       "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD are longer than %d "
                       "bytes",
                       USER_BYTES);
    base64(pair, (size_t)size, credentials->header + head);
    explicit_bzero(pair, sizeof pair);
    return 0;
}

int credentials_read(struct credentials *credentials, struct err *err)
{
    const char *token = getenv("MLFLOW_TRACKING_TOKEN");
    const char *user = getenv("MLFLOW_TRACKING_USERNAME");
    const char *password = getenv("MLFLOW_TRACKING_PASSWORD");
    credentials->header[0] = '\0';
    if (user != NULL && *user != '\0')
        return read_user(user, password != NULL ? password : "", credentials, err);
    return token != NULL && *token != '\0' ? read_token(token, credentials, err) : 0;
}
