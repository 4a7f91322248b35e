// SPDX-License-Identifier: Apache-2.0
// What a model says of itself.
#include "columns.h"
#include "nn.h"

int nn_hash(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct loaded **models;
    TRY(loaded_of_rows(call, call->arguments[0], &models, err));
    TRY(reply_reserve(call->arena, call->result, call->rows, call->rows * MODEL_HASH_SIZE, err));
    for (size_t row = 0; row < call->rows; row++)
        reply_text(call->result, row, models[row]->model.hash);
    return 0;
}

int nn_version(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct loaded **models;
    TRY(loaded_of_rows(call, call->arguments[0], &models, err));
    TRY(reply_reserve(call->arena, call->result, call->rows,
                      call->rows * sizeof(struct model_reference), err));
    for (size_t row = 0; row < call->rows; row++) {
        const struct model_reference *reference = &models[row]->reference;
        char text[sizeof *reference + 1];
        (void)snprintf(text, sizeof text, "%s@%s", reference->name, reference->tag);
        reply_text(call->result, row, text);
    }
    return 0;
}

int nn_model(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct loaded **models;
    struct facts_size size = {0};
    TRY(loaded_of_rows(call, call->arguments[0], &models, err));
    for (size_t row = 0; row < call->rows; row++)
        facts_measure(models[row], &size);
    TRY(facts_reserve(call->arena, call->result->children, &size, err));
    for (size_t row = 0; row < call->rows; row++)
        facts_fill(call->result->children, row, models[row]);
    reply_set_rows(call->result, call->rows);
    return 0;
}
