// SPDX-License-Identifier: Apache-2.0
// Declares the C functions of the list that UDF_LIST names (list.h).
#include "udf.h"

#define FUNCTION(name, arguments, type, what, page)                                                \
    int name(const struct udf_function *function, struct udf_call *call, struct err *err);
#define FUNCTION_OF_FILES FUNCTION
#include UDF_LIST
#undef FUNCTION
#undef FUNCTION_OF_FILES
