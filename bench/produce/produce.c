// SPDX-License-Identifier: Apache-2.0
// The lines of a file into a topic through lib/net/kafka, each with its symbol (or S000) as the key
// and three headers: produce BROKERS TOPIC FILE [key=value...]. Prints messages a second,
// acknowledged.
#include "base/time.h"
#include "net/kafka.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct kafka_header headers[] = {
    {"schema", "finnhub_stocks"}, {"version", "1"}, {"source", "bench"}, {NULL, NULL}};

static int send_lines(struct kafka_producer *producer, const char *topic, const char *at,
                      const char *end, uint64_t *number, struct err *err)
{
    for (const char *line_end;
         at < end && (line_end = memchr(at, '\n', (size_t)(end - at))) != NULL; at = line_end + 1) {
        const char *symbol = memmem(at, (size_t)(line_end - at), "\"symbol\":\"", 10);
        const struct kafka_message message = {.topic = topic,
                                              .key = symbol != NULL ? symbol + 10 : "S000",
                                              .key_size = 4,
                                              .value = at,
                                              .value_size = (size_t)(line_end - at),
                                              .headers = headers};
        TRY(kafka_send(producer, &message, number, err));
    }
    return kafka_flush(producer, 120, err);
}

static int measure(char **argv, const char *data, size_t size, struct err *err)
{
    struct kafka_producer *producer;
    const struct kafka_settings settings = {.brokers = argv[1],
                                            .properties = (const char *const *)(argv + 4)};
    uint64_t number = 0;
    TRY(kafka_open(&producer, &settings, err));
    const double started = clock_seconds();
    const int code = send_lines(producer, argv[2], data, data + size, &number, err);
    const double seconds = clock_seconds() - started;
    (void)printf("%.0f\n", (double)number / seconds);
    kafka_close(producer);
    return code;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    struct stat status;
    const int fd = argc >= 4 ? open(argv[3], O_RDONLY) : -1;
    if (fd < 0 || fstat(fd, &status) != 0)
        return EX_USAGE;
    const size_t size = (size_t)status.st_size;
    const char *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    const int code = data != MAP_FAILED ? measure(argv, data, size, &err) : EX_OSERR;
    if (err.code != 0)
        (void)fprintf(stderr, "%s\n", err.text);
    return code;
}
