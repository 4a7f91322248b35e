// SPDX-License-Identifier: Apache-2.0
#include "config.h"
#include "base/buffer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MOST = 1 << 20, READ_BYTES = 4096, NAME_BYTES = 128 };

// "${env:NAME}" alone; text around it is not for a password.
static int resolve(const char *path, const char *property, const char **text, struct err *err)
{
    static const char begin[] = "${env:";
    const size_t head = sizeof begin - 1;
    const size_t size = *text != NULL ? strlen(*text) : 0;
    char name[NAME_BYTES];
    if (size < head || memcmp(*text, begin, head) != 0)
        return 0;
    if ((*text)[size - 1] != '}' || size - head > NAME_BYTES)
        return err_set(err, EX_CONFIG, "%s: %s '%s' is not of the form ${env:NAME}", path, property,
                       *text);
    (void)snprintf(name, sizeof name, "%.*s", (int)(size - head - 1), *text + head);
    *text = getenv(name);
    if (*text == NULL)
        return err_set(err, EX_CONFIG,
                       "%s: %s is taken from the environment's %s, which is not set", path,
                       property, name);
    return 0;
}

static int resolve_all(const char *path, struct capture_settings *settings, struct err *err)
{
    const struct {
        const char *property, **text;
    } all[] = {
        {"database.hostname", &settings->host},
        {"database.port", &settings->port},
        {"database.user", &settings->user},
        {"database.password", &settings->password},
        {"database.dbname", &settings->database},
        {"database.sslkey", &settings->ssl_key},
        {"database.sslpassword", &settings->ssl_password},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        TRY(resolve(path, all[i].property, all[i].text, err));
    return 0;
}

static int read_file(const char *path, struct buffer *text, struct err *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return err_set(err, EX_NOINPUT, "cannot read '%s': %s", path, strerror(errno));
    int code = 0;
    size_t size = 1;
    while (code == 0 && size > 0) {
        char *room = buffer_reserve(text, READ_BYTES, err);
        size = room != NULL ? fread(room, 1, READ_BYTES, file) : 0;
        text->size += size;
        code = room != NULL ? 0 : err_code(err, EX_OSERR);
    }
    if (code == 0 && ferror(file))
        code = err_set(err, EX_NOINPUT, "cannot read '%s': %s", path, strerror(errno));
    (void)fclose(file);
    return code;
}

int config_read(const char *path, struct arena *arena, struct capture_settings *settings,
                struct err *err)
{
    struct buffer text;
    if (path == NULL)
        return err_set(err, EX_USAGE,
                       "--config FILE is missing: the connector's file, for example "
                       "schemas/connectors/sourcedb-cdc.json");
    buffer_init(&text, FILE_BYTES_MOST);
    int code = read_file(path, &text, err);
    if (code == 0)
        code = capture_settings_read(path, text.data, text.size, arena, settings, err);
    if (code == 0)
        code = resolve_all(path, settings, err);
    buffer_free(&text);
    return code;
}
