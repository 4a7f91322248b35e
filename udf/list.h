// SPDX-License-Identifier: Apache-2.0
// Makes a family's table of functions out of the list that UDF_LIST names. A line of the list is
//   FUNCTION(name, ARGUMENT(name, "type") ..., "return type", "what it is", "the rest of its page")
// and stands for the C function of the same name, which answers a block. FUNCTION_OF_FILES is one
// whose answers change when its files do, so that ClickHouse must not keep them.
#include "prototypes.h"

#define ARGUMENT(name, type) {#name, type},
#define UDF_LIST_ENTRY(fn, type, what, page, of_files, ...)                                        \
    {.name = #fn,                                                                                  \
     .arguments = {__VA_ARGS__},                                                                   \
     .argument_count =                                                                             \
         sizeof((const struct udf_argument[]){__VA_ARGS__}) / sizeof(struct udf_argument),         \
     .return_type = type,                                                                          \
     .run = fn,                                                                                    \
     .summary = what,                                                                              \
     .details = page,                                                                              \
     .reads_files = of_files},
#define FUNCTION(fn, arguments, type, what, page)                                                  \
    UDF_LIST_ENTRY(fn, type, what, page, false, arguments)
#define FUNCTION_OF_FILES(fn, arguments, type, what, page)                                         \
    UDF_LIST_ENTRY(fn, type, what, page, true, arguments)
static const struct udf_function udf_list[] = {
#include UDF_LIST
};
#undef FUNCTION
#undef FUNCTION_OF_FILES
#undef ARGUMENT
#undef UDF_LIST_ENTRY

static const struct udf_function *udf_list_functions(size_t *count)
{
    *count = sizeof udf_list / sizeof *udf_list;
    return udf_list;
}
