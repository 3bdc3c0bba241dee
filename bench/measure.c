/* SPDX-License-Identifier: MIT */
/*
 * measure COMMAND [ARG...] - run a command and print on descriptor 3 one line:
 * wall seconds, processor seconds (user + system), peak resident memory in MB.
 * Exit status is the command's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double
seconds(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

int
main(int argc, char **argv)
{
    double start = now();
    struct rusage used;
    int status;
    pid_t pid;

    if (argc < 2) {
        fprintf(stderr, "usage: measure COMMAND [ARG...] 3>FILE\n");
        return 2;
    }
    pid = fork();
    if (pid == 0) {
        close(3);
        execvp(argv[1], argv + 1);
        fprintf(stderr, "measure: %s: %s\n", argv[1], strerror(errno));
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || getrusage(RUSAGE_CHILDREN, &used)) {
        perror("measure");
        return 1;
    }
    /* ru_maxrss is in kB on Linux. */
    dprintf(3, "%.4f %.4f %.1f\n", now() - start, seconds(used.ru_utime) + seconds(used.ru_stime),
            (double)used.ru_maxrss / 1024);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
