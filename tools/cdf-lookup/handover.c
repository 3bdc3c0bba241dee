/* SPDX-License-Identifier: MIT */
#include "handover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "prog/die.h"
#include "prog/mem.h"

static const char program[] = "cdf-annotate";

static bool
asks_for_vcf(char **argv)
{
    for (argv++; *argv && strcmp(*argv, "--") != 0; argv++)
        if (strcmp(*argv, "--vcf") == 0 || strncmp(*argv, "--vcf=", 6) == 0 ||
            strcmp(*argv, "--annotate-tsv") == 0)
            return true;
    return false;
}

/* Its path beside this program; NULL when this program's own cannot be found out. */
static char *
beside_this(void)
{
    char self[4096], *slash;
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    if (n <= 0)
        return NULL;
    self[n] = '\0';
    slash = strrchr(self, '/');
    if (!slash)
        return NULL;
    *slash = '\0';
    return mem_printf("%s/%s", self, program);
}

void
handover_vcf(char **argv)
{
    char *path;

    if (!asks_for_vcf(argv))
        return;
    argv[0] = (char *)program;
    path = beside_this();
    if (path)
        execv(path, argv);
    execvp(program, argv);
    die("%s, which writes VCF, cannot be started: %s; install it beside cdf-lookup", program,
        strerror(errno));
}
