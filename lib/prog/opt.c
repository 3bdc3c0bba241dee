/* SPDX-License-Identifier: MIT */
#include "prog/opt.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prog/die.h"
#include "prog/mem.h"
#include "prog/prov.h"

enum { MAX_OPTIONS = 64, LONG_BASE = 1000 };

static bool help, show_version, no_provenance, verbose;

static const struct opt common[] = {
    { OPT_FLAG, 'q', "quiet", NULL, &prog_quiet, "no notes and no progress bar", 0, 0, true },
    { OPT_FLAG, 'v', "verbose", NULL, &verbose, "say what is used and how fast it went", 0, 0,
      true },
    { OPT_FLAG, 0, "no-provenance", NULL, &no_provenance,
      "leave out program, version and command line", 0, 0, true },
    { OPT_FLAG, 'h', "help", NULL, &help, "print this help", 0, 0, true },
    { OPT_FLAG, 0, "version", NULL, &show_version, "print the version", 0, 0, true },
    { 0 }
};

static char *command_line;

static void
record(const char *text)
{
    char *old = command_line;

    command_line = mem_printf("%s%s%s", old, *text ? " " : "", text);
    free(old);
}

/* Single quotes unless the text is made of characters no shell treats specially. */
static char *
quote(const char *text)
{
    static const char safe[] = "%+,-./:=@_^";
    const char *p = text;
    char *out, *q;

    while (*p && (isalnum((unsigned char)*p) || strchr(safe, *p)))
        p++;
    if (*text && !*p)
        return mem_strdup(text);
    q = out = mem_alloc(4 * strlen(text) + 3);
    *q++ = '\'';
    for (p = text; *p; p++) {
        if (*p == '\'')
            q += sprintf(q, "'\\''");
        else
            *q++ = *p;
    }
    *q++ = '\'';
    *q = '\0';
    return out;
}

/* The next word of a line of such words, unquoted; NULL at the end.  The caller frees it. */
static char *
next_word(const char **line)
{
    const char *p = *line + strspn(*line, " ");
    char *word = *p ? mem_alloc(strlen(p) + 1) : NULL, *to = word;
    bool quoted = false;

    for (; *p && (quoted || *p != ' '); p++) {
        if (*p == '\'')
            quoted = !quoted;
        else if (!quoted && *p == '\\' && p[1])
            *to++ = *++p;
        else
            *to++ = *p;
    }
    if (word)
        *to = '\0';
    *line = p;
    return word;
}

char *
opt_recorded(const char *line, const char *name)
{
    char *word, *value = NULL;
    bool is_next = false;

    for (; (word = next_word(&line)) != NULL; free(word)) {
        if (is_next) {
            free(value);
            value = mem_strdup(word);
        }
        is_next = !is_next && strncmp(word, "--", 2) == 0 && strcmp(word + 2, name) == 0;
    }
    return value;
}

static void
print_option(const struct opt *o)
{
    char left[64];
    int n;

    if (o->type == OPT_SECTION) {
        printf("\n%s\n", o->name);
        return;
    }
    n = o->letter ? snprintf(left, sizeof left, "  -%c, --%s", o->letter, o->name)
                  : snprintf(left, sizeof left, "      --%s", o->name);
    if (o->arg)
        snprintf(left + n, sizeof left - (size_t)n, " %s", o->arg);
    if (strlen(left) > 28)
        printf("%s\n%-29s %s\n", left, "", o->help);
    else
        printf("%-29s %s\n", left, o->help);
}

static void
print_help(const struct opt_program *p)
{
    printf("Usage: %s %s\n%s\n\n", p->name, p->usage, p->summary);
    for (const struct opt *o = p->opts; o->name; o++)
        print_option(o);
    for (const struct opt *o = common; o->name; o++)
        print_option(o);
    if (p->details)
        printf("\n%s", p->details);
}

/* The finished standard output is checked like any other file. */
static void
finish_stdout(void)
{
    if (fflush(stdout) || ferror(stdout))
        die("standard output: cannot write: %s", strerror(errno));
    exit(EXIT_OK);
}

static double
suffix_factor(const char *end)
{
    if (!*end)
        return 1;
    if (end[1])
        return 0;
    switch (*end) {
    case 'k': case 'K': return 1e3;
    case 'm': case 'M': return 1e6;
    case 'g': case 'G': return 1e9;
    default: return 0;
    }
}

int64_t
opt_int(const char *text, const char *what, double min, double max)
{
    char *end;
    long long v;
    double factor;

    errno = 0;
    v = strtoll(text, &end, 10);
    factor = end == text || isspace((unsigned char)*text) ? 0 : suffix_factor(end);
    if (errno || factor == 0 || (double)v * factor < min || (double)v * factor > max)
        die_usage("%s must be a whole number from %.0f to %.0f (K, M and G may follow), got '%s'",
                  what, min, max, text);
    return v * (int64_t)factor;
}

double
opt_real(const char *text, const char *what, double min, double max)
{
    char *end;
    double v;

    errno = 0;
    v = strtod(text, &end);
    if (errno == ERANGE || end == text || *end || isspace((unsigned char)*text) || !isfinite(v) ||
        v < min || v > max)
        die_usage("%s must be a number from %g to %g, got '%s'", what, min, max, text);
    return v;
}

static void
store(const struct opt *o, const char *text)
{
    char what[80];
    struct opt_list *list;

    snprintf(what, sizeof what, "--%s", o->name);
    switch (o->type) {
    case OPT_FLAG:
        *(bool *)o->dest = true;
        break;
    case OPT_TEXT:
        *(const char **)o->dest = text;
        break;
    case OPT_INT:
        *(int64_t *)o->dest = opt_int(text, what, o->min, o->max);
        break;
    case OPT_REAL:
        *(double *)o->dest = opt_real(text, what, o->min, o->max);
        break;
    case OPT_LIST:
        list = o->dest;
        mem_grow(&list->item, &list->cap, list->n + 1, sizeof *list->item);
        list->item[list->n++] = text;
        break;
    case OPT_SECTION:
        break;
    }
    if (!o->no_effect) {
        char *quoted = o->type == OPT_FLAG ? NULL : quote(text);
        char *shown = quoted ? mem_printf("--%s %s", o->name, quoted)
                             : mem_printf("--%s", o->name);

        record(shown);
        free(shown);
        free(quoted);
    }
}

/* Append a table to getopt's lists; returns where the short letters go on. */
static char *
add_table(const struct opt *table, const struct opt **all, struct option *longs, char *shorts,
          size_t *count)
{
    size_t n = *count;

    for (const struct opt *o = table; o->name; o++) {
        if (o->type == OPT_SECTION)
            continue;
        if (n == MAX_OPTIONS)
            die("internal error: more than %d options", MAX_OPTIONS);
        all[n] = o;
        longs[n] = (struct option){ o->name, o->arg ? required_argument : no_argument, NULL,
                                    LONG_BASE + (int)n };
        if (o->letter) {
            *shorts++ = o->letter;
            if (o->arg)
                *shorts++ = ':';
        }
        n++;
    }
    *count = n;
    return shorts;
}

/* The table entry behind what getopt_long returned. */
static const struct opt *
find_option(const struct opt *const *all, size_t n, int c)
{
    for (size_t i = 0; i < n; i++)
        if (c == LONG_BASE + (int)i || c == all[i]->letter)
            return all[i];
    die("internal error: option %d is in no table", c);
}

int
opt_parse(const struct opt_program *p, int argc, char **argv)
{
    const struct opt *all[MAX_OPTIONS];
    struct option longs[MAX_OPTIONS + 1];
    char shorts[2 * MAX_OPTIONS + 2] = "";
    size_t n = 0;
    char *end;
    int c;

    mem_serve_libraries();
    memset(longs, 0, sizeof longs);
    end = add_table(p->opts, all, longs, shorts, &n);
    add_table(common, all, longs, end, &n);
    command_line = mem_strdup(p->name);
    argv[0] = (char *)p->name;      /* getopt's own messages begin with the tool's name */
    while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        const struct opt *o;

        if (c == '?') {
            fprintf(stderr, "Try '%s --help' for more information.\n", p->name);
            exit(EXIT_USAGE);
        }
        o = find_option(all, n, c);
        store(o, o->type == OPT_FLAG ? "" : optarg);
        if (o->dest == &verbose)
            prog_verbose++;
    }
    if (help) {
        print_help(p);
        finish_stdout();
    }
    if (show_version) {
        printf("%s (pertrack) %s\n", p->name, prog_version);
        finish_stdout();
    }
    return optind;
}

const char *
opt_command_line(void)
{
    return no_provenance ? NULL : command_line;
}
