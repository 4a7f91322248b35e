// SPDX-License-Identifier: Apache-2.0
#include "replay.h"
#include "source.h"

#include <string.h>

int pgcdc_run(int argc, char **argv, struct err *err)
{
    if (argc == 5 && strcmp(argv[1], "--replay") == 0 && strcmp(argv[3], "--config") == 0)
        return pgcdc_replay(argv[2], argv[4], err);
    return err_set(err, EX_UNAVAILABLE, "ingest %s is not there yet", argv[0]);
}
