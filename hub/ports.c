// SPDX-License-Identifier: Apache-2.0
#include "ports.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TCP_STATE_LISTEN 0x0A // as /proc/net/tcp writes it

// The inode of the socket that listens on `port`, from /proc/net/tcp or tcp6; 0 when not seen.
static unsigned long listener_inode(const char *table, unsigned port)
{
    FILE *file = fopen(table, "re");
    if (file == NULL)
        return 0;
    char line[512];
    unsigned long found = 0;
    while (found == 0 && fgets(line, sizeof line, file) != NULL) {
        unsigned local, state;
        unsigned long inode;
        if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*s %x %*s %*s %*s %*s %*s %lu", &local, &state,
                   &inode) == 3 &&
            local == port && state == TCP_STATE_LISTEN)
            found = inode;
    }
    (void)fclose(file);
    return found;
}

static bool process_holds(const char *pid, const char *socket_name)
{
    char path[300], target[64];
    (void)snprintf(path, sizeof path, "/proc/%s/fd", pid);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return false;
    bool holds = false;
    for (struct dirent *entry; !holds && (entry = readdir(folder)) != NULL;) {
        const ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
        if (length > 0) {
            target[length] = '\0';
            holds = strcmp(target, socket_name) == 0;
        }
    }
    (void)closedir(folder);
    return holds;
}

// Writes "name (pid N)" of the process that listens on `port`; false when we may not look into it.
static bool port_owner(unsigned port, char *out, size_t size)
{
    unsigned long inode = listener_inode("/proc/net/tcp", port);
    if (inode == 0)
        inode = listener_inode("/proc/net/tcp6", port);
    DIR *processes = inode != 0 ? opendir("/proc") : NULL;
    if (processes == NULL)
        return false;
    char socket_name[64];
    (void)snprintf(socket_name, sizeof socket_name, "socket:[%lu]", inode);
    bool found = false;
    for (struct dirent *entry; !found && (entry = readdir(processes)) != NULL;) {
        if (strspn(entry->d_name, "0123456789") != strlen(entry->d_name) ||
            !process_holds(entry->d_name, socket_name))
            continue;
        char path[300], name[32] = "";
        (void)snprintf(path, sizeof path, "/proc/%s/comm", entry->d_name);
        FILE *file = fopen(path, "re");
        found = file != NULL && fscanf(file, "%31[^\n]", name) == 1;
        if (file != NULL)
            (void)fclose(file);
        (void)snprintf(out, size, "%s (pid %s)", name, entry->d_name);
    }
    (void)closedir(processes);
    return found;
}

int port_claim(int64_t *port, const char *option, struct err *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const int one = 1;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_set(err, EX_OSERR, "cannot open a socket: %m");
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    const int failed = bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
                               getsockname(fd, (struct sockaddr *)&address, &size) != 0
                           ? errno
                           : 0;
    (void)close(fd);
    if (failed == EADDRINUSE) {
        char owner[64] = "another process";
        (void)port_owner((unsigned)*port, owner, sizeof owner);
        return err_set(err, EX_UNAVAILABLE,
                       "port %lld of 127.0.0.1 is taken by %s; choose another with --%s N",
                       (long long)*port, owner, option);
    }
    if (failed != 0)
        return err_set(err, EX_UNAVAILABLE,
                       "cannot use port %lld of 127.0.0.1: %s; choose another with --%s N",
                       (long long)*port, strerror(failed), option);
    *port = ntohs(address.sin_port);
    return 0;
}
