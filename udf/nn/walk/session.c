// SPDX-License-Identifier: Apache-2.0
#include "walk/session.h"
#include "udf.h"
#include "walk/leak.h"

#include <string.h>

#define SESSION_ARENA_BYTES (LIMIT_ARENA_BYTES / 4) // the three stay within the process's bound

int session_open(struct session *s, const char *output, const struct table_column *columns,
                 size_t count, struct err *err)
{
    memset(s, 0, sizeof *s);
    TRY(udf_folder_find(&s->models, "TICKHOUSE_MODELS", "models", err));
    udf_isolate();
    TRY(table_open(&s->table, columns, count, output, err));
    TRY(arena_open(&s->input, SESSION_ARENA_BYTES, err));
    TRY(arena_open(&s->data, SESSION_ARENA_BYTES, err));
    return arena_open(&s->work, SESSION_ARENA_BYTES, err);
}

int session_resolve(struct session *s, const struct settings *settings, const struct settings *like,
                    struct err *err)
{
    return settings_resolve(settings, like, &s->recipe, err);
}

int session_model(struct session *s, const char *reference, bool *found, struct session_model *m,
                  struct err *err)
{
    struct err missing = {0};
    *found = false;
    TRY(reference_parse(reference, strlen(reference), &m->reference, err));
    if (folder_resolve(s->models.path, &m->reference, &m->location, &missing) != 0)
        return missing.code == EX_NOINPUT ? 0 : err_set(err, missing.code, "%s", missing.text);
    TRY(model_open(m->location.path, &m->model, &m->bytes, &s->data, err));
    *found = true;
    return settings_of_model(&m->model, &s->data, &m->settings, err);
}

int session_read(struct session *s, const char *also, struct err *err)
{
    const struct rows_wanted wanted = {s->recipe.features, s->recipe.target,
                                       s->recipe.label == LABEL_RETURN, also, &s->table};
    TRY(rows_read(0, &wanted, &s->input, &s->data, &s->rows, err));
    arena_close(&s->input);
    TRY(recipe_lay_out(&s->recipe, s->rows.own_features, err));
    TRY(samples_make(&s->recipe, &s->rows, &s->data, &s->samples, err));
    return leak_check(&s->recipe, &s->rows, &s->samples, &s->work, &s->table, err);
}

void session_close(struct session *s)
{
    table_close(&s->table);
    arena_close(&s->input);
    arena_close(&s->data);
    arena_close(&s->work);
}
