/* SPDX-License-Identifier: MIT */
#include "genome/seqs.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "genome/lines.h"
#include "genome/sites_parse.h"
#include "htslib/hfile.h"
#include "htslib/hts_log.h"
#include "prog/fio.h"
#include "prog/mem.h"

struct seqs {
    char *file;
    struct lines *lines;
    bool fasta;
    char *line;                 /* read but not used yet, or NULL */
    char *name;                 /* of the sequence being read */
    struct buf letters;
    uint64_t n;
};

static int
fail(const struct seqs *s, struct err *e)
{
    return err_prefix(e, "%s:%llu", s->file, (unsigned long long)lines_number(s->lines));
}

/* The mistakes to expect of a first line that is neither FASTA nor a sequence. */
static int
check_first(const struct seqs *s, struct err *e)
{
    if (strncmp(s->line, "##fileformat=VCF", 16) == 0 || strchr(s->line, '\t'))
        return err_set(e, "%s: is not sequences; to read sites (VCF, BED) give the genome with "
                       "--genome", s->file);
    if ((unsigned char)*s->line >= 127 || (*s->line && (unsigned char)*s->line < ' '))
        return err_set(e, "%s: is a binary file; expected FASTA or one sequence per line",
                       s->file);
    if (*s->line == '@')
        return err_set(e, "%s: looks like FASTQ; expected FASTA or one sequence per line",
                       s->file);
    return 0;
}

struct seqs *
seqs_open(const char *path, struct err *e)
{
    bool is_stdin = !path || strcmp(path, "-") == 0;
    const char *file = is_stdin ? "standard input" : path;
    struct hFILE *hf;
    struct seqs *s;
    int got;

    hts_set_log_level(HTS_LOG_OFF);
    hf = hopen(is_stdin ? "-" : path, "r");
    if (!hf) {
        err_sys(e, "%s: cannot open", file);
        return NULL;
    }
    fio_reads(path);
    s = mem_zalloc(sizeof *s);
    s->file = mem_strdup(file);
    s->lines = lines_open(hf, file, e);
    got = s->lines ? lines_next(s->lines, &s->line, e) : -1;
    if (got == 0)
        got = err_set(e, "%s: is empty; expected FASTA or one sequence per line", file);
    if (got < 0 || check_first(s, e)) {
        seqs_close(s);
        return NULL;
    }
    s->fasta = *s->line == '>';
    return s;
}

void
seqs_close(struct seqs *s)
{
    if (!s)
        return;
    lines_close(s->lines);
    buf_free(&s->letters);
    free(s->name);
    free(s->file);
    free(s);
}

/* What a letter that is not of DNA suggests. */
static const char *
hint(char c)
{
    if (c == 'U')
        return "; turn RNA into DNA with tr Uu Tt";
    return c < 'A' || c > 'Z' ? "; to read sites (VCF, BED) give the genome with --genome" : "";
}

/* Append the letters of a line. */
static int
add_letters(struct seqs *s, char *line, struct err *e)
{
    size_t n = strlen(line), good;

    sites_upper(line);
    good = strspn(line, "ACGTNRYSWKMBDHV");
    if (good != n) {
        err_set(e, "'%c' in column %zu is not a letter of DNA%s", line[good], good + 1,
                hint(line[good]));
        return fail(s, e);
    }
    buf_put(&s->letters, line, n);
    return 0;
}

/* Next line that is not empty, nor in plain text a comment: 1, 0, -1. */
static int
next_line(struct seqs *s, struct err *e)
{
    int got = 1;

    if (!s->line)
        got = lines_next(s->lines, &s->line, e);
    while (got == 1 && (!*s->line || (!s->fasta && *s->line == '#')))
        got = lines_next(s->lines, &s->line, e);
    if (got != 1)
        s->line = NULL;
    return got;
}

static int
next_fasta(struct seqs *s, struct err *e)
{
    int got = next_line(s, e);

    if (got != 1)
        return got;
    s->name = mem_strndup(s->line + 1, strcspn(s->line + 1, " \t"));
    if (!*s->name) {
        err_set(e, "sequence without a name");
        return fail(s, e);
    }
    s->line = NULL;
    while ((got = next_line(s, e)) == 1 && *s->line != '>') {
        if (add_letters(s, s->line, e))
            return -1;
        s->line = NULL;
    }
    if (got >= 0 && s->letters.n == 0)
        return err_set(e, "%s: sequence '%s' has no letters", s->file, s->name);
    return got < 0 ? -1 : 1;
}

static int
next_text(struct seqs *s, struct err *e)
{
    int got = next_line(s, e);

    if (got != 1)
        return got;
    s->name = mem_printf("seq%llu", (unsigned long long)s->n + 1);
    if (add_letters(s, s->line, e))
        return -1;
    s->line = NULL;
    return 1;
}

int
seqs_next(struct seqs *s, struct seq *seq, struct err *e)
{
    int got;

    free(s->name);
    s->name = NULL;
    buf_clear(&s->letters);
    got = s->fasta ? next_fasta(s, e) : next_text(s, e);
    if (got == 1) {
        s->n++;
        *seq = (struct seq){ s->name, (const char *)s->letters.p, s->letters.n };
    }
    return got;
}

const char *
seqs_name(const struct seqs *s)
{
    return s->file;
}
