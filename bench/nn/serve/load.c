// SPDX-License-Identifier: Apache-2.0
// Load on an HTTP server at a fixed rate:
//   load HOST PORT PATH BODY_FILE RATE SECONDS CONNECTIONS
// An open loop: requests are due at even intervals whatever the server does, and a request's time
// counts from when it was due, so waiting for a slow answer before is counted too. RATE 0 asks for
// as much as there is: each connection sends its next request when the last one is answered.
// Prints requests, requests a second, how many had another status than 200, and the 50th, 99th and
// 99.9th percentile and the maximum of the times in ms, tab-separated.
#include "base/buffer.h"
#include "base/time.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 256, REPLY_BYTES = 1 << 16 };

struct connection {
    int fd;
    bool busy;
    double due;
    size_t sent, received;
    char reply[REPLY_BYTES];
};

struct load {
    struct sockaddr_in address;
    char *request;
    size_t request_size;
    double rate, seconds, began;
    size_t connection_count;
    struct connection *connections;
    struct pollfd polls[MAX_CONNECTIONS];
    double *times;
    size_t capacity, done, failed, sent;
};

static void die(const char *what)
{
    (void)fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(EX_UNAVAILABLE);
}

static void read_request(struct load *load, char **argv)
{
    struct err err = {0};
    struct buffer request;
    char body[1 << 16];
    const int fd = open(argv[4], O_RDONLY);
    const ssize_t size = fd < 0 ? -1 : read(fd, body, sizeof body);
    if (size < 0 || size == (ssize_t)sizeof body)
        die(argv[4]);
    (void)close(fd);
    buffer_init(&request, 1 << 20);
    if (buffer_printf(&request, &err,
                      "POST %s HTTP/1.1\r\nHost: %s:%s\r\nContent-Type: application/json\r\n"
                      "Content-Length: %zd\r\n\r\n",
                      argv[3], argv[1], argv[2], size) != 0 ||
        buffer_append(&request, body, (size_t)size, &err) != 0)
        die("request");
    load->request = request.data;
    load->request_size = request.size;
}

static void connect_one(struct load *load, size_t i)
{
    const int on = 1;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&load->address, sizeof load->address) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        die("connect");
    load->connections[i].fd = fd;
    load->polls[i] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static void send_more(struct load *load, size_t i)
{
    struct connection *connection = &load->connections[i];
    while (connection->sent < load->request_size) {
        const ssize_t n = send(connection->fd, load->request + connection->sent,
                               load->request_size - connection->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            break;
        if (n < 0)
            die("send");
        connection->sent += (size_t)n;
    }
    load->polls[i].events = connection->sent < load->request_size ? POLLIN | POLLOUT : POLLIN;
}

static void begin(struct load *load, size_t i, double due)
{
    struct connection *connection = &load->connections[i];
    connection->busy = true;
    connection->due = due;
    connection->sent = connection->received = 0;
    load->sent++;
    send_more(load, i);
}

// Is the reply whole? Servers here give its length.
static bool is_whole(struct connection *connection)
{
    connection->reply[connection->received] = '\0';
    const char *head_end = strstr(connection->reply, "\r\n\r\n");
    const char *length = strcasestr(connection->reply, "\r\nContent-Length:");
    if (head_end == NULL)
        return false;
    if (length == NULL || length > head_end) // chunked: the last chunk is empty
        return strstr(head_end, "\r\n0\r\n\r\n") != NULL;
    return connection->received >=
           (size_t)(head_end + 4 - connection->reply) + strtoul(length + 17, NULL, 10);
}

static void receive(struct load *load, size_t i)
{
    struct connection *connection = &load->connections[i];
    const ssize_t n = recv(connection->fd, connection->reply + connection->received,
                           sizeof connection->reply - 1 - connection->received, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        die("the server closed a connection");
    connection->received += (size_t)n;
    if (!is_whole(connection))
        return;
    if (load->done < load->capacity)
        load->times[load->done++] = clock_seconds() - connection->due;
    load->failed += strncmp(connection->reply, "HTTP/1.1 200", 12) != 0;
    connection->busy = false;
}

// Sends what is due; returns how many seconds there are until the next.
static double send_due(struct load *load, double now)
{
    double next = now;
    for (size_t i = 0; i < load->connection_count; i++) {
        if (load->connections[i].busy)
            continue;
        next = load->rate > 0 ? load->began + (double)load->sent / load->rate : now;
        if (next > now)
            return next - now;
        begin(load, i, next);
    }
    return 1;
}

static void run(struct load *load)
{
    load->began = clock_seconds();
    for (;;) {
        const double now = clock_seconds(), left = load->began + load->seconds - now;
        if (left <= 0)
            return;
        double wait = send_due(load, now);
        wait = wait < left ? wait : left;
        const struct timespec timeout = {0, (long)((wait < 0.9 ? wait : 0.9) * 1e9)};
        if (ppoll(load->polls, load->connection_count, &timeout, NULL) < 0 && errno != EINTR)
            die("poll");
        for (size_t i = 0; i < load->connection_count; i++) {
            if ((load->polls[i].revents & POLLOUT) != 0)
                send_more(load, i);
            if ((load->polls[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
                receive(load, i);
        }
    }
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(const struct load *load, double share)
{
    const size_t i = (size_t)(share * (double)(load->done - 1));
    return load->times[i] * 1e3;
}

int main(int argc, char **argv)
{
    static struct load load;
    if (argc != 8)
        return EX_USAGE;
    load.address = (struct sockaddr_in){.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10))};
    load.rate = strtod(argv[5], NULL);
    load.seconds = strtod(argv[6], NULL);
    load.connection_count = strtoul(argv[7], NULL, 10);
    if (inet_pton(AF_INET, argv[1], &load.address.sin_addr) != 1 || load.connection_count == 0 ||
        load.connection_count > MAX_CONNECTIONS)
        return EX_USAGE;
    read_request(&load, argv);
    load.capacity = (size_t)((load.rate > 0 ? load.rate : 100000) * load.seconds) + 1;
    load.times = calloc(load.capacity, sizeof *load.times);
    load.connections = calloc(load.connection_count, sizeof *load.connections);
    if (load.times == NULL || load.connections == NULL)
        die("memory");
    for (size_t i = 0; i < load.connection_count; i++)
        connect_one(&load, i);
    run(&load);
    if (load.done == 0)
        return EX_UNAVAILABLE;
    qsort(load.times, load.done, sizeof *load.times, compare);
    (void)printf("%zu\t%.0f\t%zu\t%.2f\t%.2f\t%.2f\t%.2f\n", load.done,
                 (double)load.done / load.seconds, load.failed, percentile(&load, 0.5),
                 percentile(&load, 0.99), percentile(&load, 0.999), percentile(&load, 1));
    return 0;
}
