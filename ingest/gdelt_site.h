// SPDX-License-Identifier: Apache-2.0
// GDELT's download site: lists of files, and the files themselves with their MD5 checked. Over
// plain HTTP, because the certificate of data.gdeltproject.org is for another name; the MD5 of the
// list finds a damaged file, but not one that somebody on the way changed together with the list.
//
// Lost connections, statuses from 500, 408 and 429 are tried again with growing waits, or after as
// long as the site asks. Addresses inside the lists are not followed: only their file names count.
#ifndef TICKHOUSE_INGEST_GDELT_SITE_H
#define TICKHOUSE_INGEST_GDELT_SITE_H

#include "gdelt_store.h"
#include "net/http.h"

#include <stdatomic.h>

#define GDELT_SITE "http://data.gdeltproject.org/gdeltv2/"

struct gdelt_site {
    struct http_client *http;
    const char *base;   // address of the folder
    long stall_seconds; // without a byte
    int tries_most;
    bool quiet;         // about waits and odd lines
    atomic_bool *ended; // what is under way is given up once it is true; NULL: never
};

// Opens a connection; `settings` says everything else.
int gdelt_site_open(struct gdelt_site *site, const struct gdelt_site *settings, struct err *err);
void gdelt_site_close(struct gdelt_site *site);

typedef int gdelt_visit(void *context, const struct gdelt_listed *listed, struct err *err);

// Streams a list (masterfilelist.txt, lastupdate.txt, ...), line by line; when the connection is
// lost it begins anew, so lines may come twice. A reply without a single file in it is an error.
int gdelt_site_list(struct gdelt_site *site, const char *name, gdelt_visit *visit, void *context,
                    struct err *err);

// Downloads what `entry` names and sets its state: GDELT_FETCHED with the zip in `zip`, or
// GDELT_MISSING, GDELT_CHECKSUM_MISMATCH, or GDELT_LISTED when the site did not answer; then
// `attempts` and `message` tell more. An error is only what ends the run.
int gdelt_site_get(struct gdelt_site *site, struct gdelt_entry *entry, struct buffer *zip,
                   struct err *err);

#endif
