// SPDX-License-Identifier: Apache-2.0
// The key is in no text that anybody reads, also where a server repeats it.
#ifndef TICKHOUSE_INGEST_FINNHUB_SECRET_H
#define TICKHOUSE_INGEST_FINNHUB_SECRET_H

// Puts * in the place of the key, wherever it is in `text`.
void secret_hide(char *text, const char *key);

#endif
