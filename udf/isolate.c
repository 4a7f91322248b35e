// SPDX-License-Identifier: Apache-2.0
#include "udf.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PIPE_BYTES = 1 << 20 };

void udf_isolate(void)
{
    (void)close_range(3, ~0U, 0);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)clearenv();
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const struct rlimit no_core = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &no_core);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    const struct rlimit memory = {LIMIT_ARENA_BYTES + (1ULL << 30),
                                  LIMIT_ARENA_BYTES + (1ULL << 30)};
    (void)setrlimit(RLIMIT_AS, &memory);
#endif
    (void)fcntl(STDIN_FILENO, F_SETPIPE_SZ, PIPE_BYTES);
    (void)fcntl(STDOUT_FILENO, F_SETPIPE_SZ, PIPE_BYTES);
}

void udf_drain(void)
{
    static char rest[1 << 16];
    (void)close(STDOUT_FILENO);
    while (!isatty(STDIN_FILENO) && read(STDIN_FILENO, rest, sizeof rest) > 0)
        continue;
}
