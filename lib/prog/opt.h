/* SPDX-License-Identifier: MIT */
/*
 * Command lines: one table per tool drives getopt_long, --help and the recorded command line, so
 * they cannot disagree.  Letters mean the same in every tool:
 *
 *   -o --output  -g --genome  -m --oracle  -w --weights  -n --number  -s --seed  -b --background
 *   -t --track  -@ --threads  -d --device  -O --output-type  -q --quiet  -v --verbose  -h --help
 */
#ifndef PT_OPT_H
#define PT_OPT_H

#include "base/base.h"

enum opt_type {
    OPT_FLAG,       /* bool *          set to true */
    OPT_TEXT,       /* const char **   */
    OPT_INT,        /* int64_t *       strict, min..max, K/M/G suffix */
    OPT_REAL,       /* double *        strict, min..max */
    OPT_LIST,       /* struct opt_list *  may be given repeatedly */
    OPT_SECTION     /* no option: name is a heading of --help */
};

struct opt_list {
    const char **item;
    size_t n, cap;
};

struct opt {
    enum opt_type type;
    char letter;            /* 0: long only */
    const char *name;       /* long name without dashes */
    const char *arg;        /* what the argument is called in --help; NULL for flags */
    void *dest;
    const char *help;       /* with the default in square brackets */
    double min, max;        /* OPT_INT, OPT_REAL */
    bool no_effect;         /* cannot change the result (threads, output name): not recorded */
};

struct opt_program {
    const char *name;       /* of the tool */
    const char *usage;      /* after the name: "[-o FILE] [SITES]" */
    const char *summary;    /* one sentence */
    const struct opt *opts; /* ends with a zero entry; the common options are added by opt_parse */
    const char *details;    /* printed after the options: columns, memory, example */
};

/*
 * Parse argv.  --help and --version print and exit 0; anything wrong exits 2.  Adds to every tool
 * -q/--quiet, -v/--verbose, --no-provenance, -h/--help, --version.  Returns the index of the
 * first positional argument in argv (options may stand anywhere before "--").
 */
int opt_parse(const struct opt_program *p, int argc, char **argv);

/*
 * The command line as provenance records it: options that matter to the result, in the order
 * given, long names, quoted so that a shell takes them back; positional arguments (inputs are
 * identified by what they contain) and no_effect options left out.  NULL with --no-provenance.
 * Belongs to opt.
 */
const char *opt_command_line(void);

/*
 * The value of the (last) option of that long name in a command line that opt_command_line gave,
 * or NULL; the caller frees it.
 */
char *opt_recorded(const char *command_line, const char *name);

/* Strict numbers for arguments that are not options; die_usage names what. */
int64_t opt_int(const char *text, const char *what, double min, double max);
double opt_real(const char *text, const char *what, double min, double max);

#endif
