// SPDX-License-Identifier: Apache-2.0
// Bodies of both protocols as strangers send them; the first byte chooses the protocol. What is
// taken is written back.
#include "../model/sample.h"
#include "serve/infer.h"

#include <stdlib.h>

static const struct model *sample(void)
{
    static struct model model;
    static struct arena arena;
    struct err err = {0};
    if (arena.base == NULL &&
        (arena_open(&arena, 1 << 26, &err) != 0 || sample_model(&model, &arena, &err) != 0))
        abort();
    return &model;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    const struct infer_model by = {"m", 1, size > 1 && data[1] == 'c', sample()};
    struct infer infer;
    struct buffer out;
    struct err err = {0};
    if (size == 0)
        return 0;
    buffer_init(&out, 64 << 20);
    if (infer_open(&infer, data[0] == '1' ? PROTOCOL_V1 : PROTOCOL_V2, (const char *)data + 1,
                   size - 1, &err) == 0 &&
        infer_take(&infer, by.model, &err) == 0) {
        float *y = calloc(infer.count * by.model->network.outputs, sizeof *y);
        if (y != NULL && infer_write(&infer, &by, y, &out, &err) != 0)
            abort();
        free(y);
    } else if (err.text[0] == '\0') {
        abort(); // a refusal without a sentence
    }
    infer_close(&infer);
    buffer_free(&out);
    return 0;
}
