/* SPDX-License-Identifier: MIT */
#include "genome/lines.h"

#include <stdlib.h>
#include <string.h>

#include "htslib/bgzf.h"
#include "htslib/hfile.h"
#include "htslib/kstring.h"
#include "prog/mem.h"

struct lines {
    BGZF *fp;
    char *name;
    kstring_t text;
    uint64_t number;
};

struct lines *
lines_open(struct hFILE *hf, const char *name, struct err *e)
{
    BGZF *fp = bgzf_hopen(hf, "r");
    struct lines *l;

    if (!fp) {
        hclose_abruptly(hf);
        err_set(e, "%s: cannot read; the file is damaged", name);
        return NULL;
    }
    l = mem_zalloc(sizeof *l);
    l->fp = fp;
    l->name = mem_strdup(name);
    return l;
}

void
lines_close(struct lines *l)
{
    if (!l)
        return;
    bgzf_close(l->fp);
    free(l->text.s);
    free(l->name);
    free(l);
}

int
lines_next(struct lines *l, char **line, struct err *e)
{
    int n = bgzf_getline(l->fp, '\n', &l->text);

    if (n == -1) {
        /* htslib notes here that the empty block every bgzip file ends with was not seen. */
        if (l->fp->no_eof_block)
            return err_set(e, "%s: ends after line %llu without the end mark of bgzip; the file "
                           "was cut short", l->name, (unsigned long long)l->number);
        return 0;
    }
    if (n < 0)
        return err_set(e, "%s: cannot be read beyond line %llu; the file is damaged or was cut "
                       "short", l->name, (unsigned long long)l->number);
    l->number++;
    if (memchr(l->text.s, '\0', l->text.l))
        return err_set(e, "%s:%llu: NUL byte in a text; is this a binary file?", l->name,
                       (unsigned long long)l->number);
    while (l->text.l && l->text.s[l->text.l - 1] == '\r')
        l->text.s[--l->text.l] = '\0';
    *line = l->text.s;
    return 1;
}

uint64_t
lines_number(const struct lines *l)
{
    return l->number;
}
