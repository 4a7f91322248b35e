// SPDX-License-Identifier: Apache-2.0
// A source is a subcommand of `ingest`: one file implements it, one line in ingest.c lists it.
#ifndef TICKHOUSE_INGEST_SOURCE_H
#define TICKHOUSE_INGEST_SOURCE_H

#include "base/err.h"

struct source {
    const char *name, *summary;
    // argv[0] is the source's name. Returns the exit code; `err` is printed by the caller.
    int (*run)(int argc, char **argv, struct err *err);
};

int finnhub_run(int argc, char **argv, struct err *err);
int gdelt_run(int argc, char **argv, struct err *err);
int mock_run(int argc, char **argv, struct err *err);
int pgcdc_run(int argc, char **argv, struct err *err);
int pgpoll_run(int argc, char **argv, struct err *err);
int spool_run(int argc, char **argv, struct err *err);
int stooq_run(int argc, char **argv, struct err *err);

#endif
