// SPDX-License-Identifier: Apache-2.0
// ingest: brings market data into ClickHouse. The only main(): it finds the source, and turns
// errors into a sentence on stderr and an exit code.
#include "base/version.h"
#include "source.h"
#include "stop.h"

#include <stdio.h>
#include <string.h>

static const struct source sources[] = {
    {"finnhub", "quotes, trades and news of Finnhub, as they come", finnhub_run},
    {"gdelt", "news of GDELT: the live feed, a range of days, files, folders, zip archives",
     gdelt_run},
    {"mock", "a market from a seed, served as Finnhub serves the real one", mock_run},
    {"pgcdc", "changes of PostgreSQL tables into Kafka, by logical replication", pgcdc_run},
    {"pgpoll", "changes of PostgreSQL tables into Kafka, by asking again", pgpoll_run},
    {"spool", "what live rows wait on disk, and storing them", spool_run},
    {"stooq", "daily prices of Stooq: files, folders, zip archives, downloads", stooq_run},
};

enum { SOURCES = sizeof sources / sizeof *sources };

static void print_help(FILE *out)
{
    (void)fprintf(out, "ingest: bring market data into ClickHouse\n\nusage: ingest SOURCE "
                       "[options]\n\nsources:\n");
    for (size_t i = 0; i < SOURCES; i++)
        (void)fprintf(out, "  %-10s %s\n", sources[i].name, sources[i].summary);
    (void)fprintf(out, "\n'ingest SOURCE --help' tells more; --version prints the version\n");
}

static void print_completion(void)
{
    for (size_t i = 0; i < SOURCES; i++)
        (void)printf("%s\n", sources[i].name);
    (void)printf("--help\n--version\n");
}

static const struct source *find_source(const char *name)
{
    for (size_t i = 0; i < SOURCES; i++)
        if (strcmp(sources[i].name, name) == 0)
            return &sources[i];
    return NULL;
}

static int answer_word(const char *word, struct err *err)
{
    if (strcmp(word, "--help") == 0)
        print_help(stdout);
    else if (strcmp(word, "--version") == 0)
        (void)printf("ingest %s\n", TICKHOUSE_VERSION);
    else if (strcmp(word, "--complete") == 0)
        print_completion();
    else
        return err_set(err, EX_USAGE, "unknown source '%s'; 'ingest --help' lists them", word);
    return 0;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    int code;
    stop_install();
    if (argc < 2) {
        print_help(stderr);
        return EX_USAGE;
    }
    const struct source *source = find_source(argv[1]);
    code = source != NULL ? source->run(argc - 1, argv + 1, &err) : answer_word(argv[1], &err);
    if (err.code != 0)
        (void)fprintf(stderr, "ingest: %s\n", err.text);
    if (fflush(stdout) != 0 && code == 0)
        code = EX_IOERR;
    return code;
}
