// SPDX-License-Identifier: Apache-2.0
// The four columns of names with offsets: themes, names, organizations, persons.
#include "gdelt.h"
#include "parse/fields.h"
#include "reply.h"

static int answer_names(struct udf_call *call, struct err *err)
{
    const struct native_column *text = call->arguments[0];
    TRY(reply_open_array(call, text, ';', err));
    struct native_column *fields = call->result->children[0].children;
    size_t count = 0;
    for (size_t row = 0; row < call->rows; row++) {
        struct view rest = given_text(text, row);
        for (struct gdelt_name name; gdelt_next_name(&rest, &name); count++) {
            reply_string(&fields[0], count, name.name);
            reply_uint32(&fields[1], count, name.offset);
        }
        call->result->ends[row] = count;
    }
    reply_close_array(call);
    return 0;
}

#define NAMES_FUNCTION(name)                                                                       \
    int name(const struct udf_function *function, struct udf_call *call, struct err *err)          \
    {                                                                                              \
        (void)function;                                                                            \
        return answer_names(call, err);                                                            \
    }
NAMES_FUNCTION(gdelt_themes)
NAMES_FUNCTION(gdelt_names)
NAMES_FUNCTION(gdelt_orgs)
NAMES_FUNCTION(gdelt_persons)
