// SPDX-License-Identifier: Apache-2.0
#include "source.h"

int pgpoll_run(int argc, char **argv, struct err *err)
{
    (void)argc;
    return err_set(err, EX_UNAVAILABLE, "ingest %s is not there yet", argv[0]);
}
