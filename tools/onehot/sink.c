/* SPDX-License-Identifier: MIT */
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "npz/npy.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "record/onehot.h"
#include "stream/stream.h"

struct sink {
    enum sink_form form;
    const char *path;
    FILE *fp;
    const struct dna_channels *channels;
    struct stream_writer *writer;       /* SINK_STREAM */
    struct buf buf;                     /* one record */
    off_t start;                        /* SINK_NPY: where the header stands */
    size_t n_arrays, length, header;
};

static void
put_text_header(struct sink *s, const struct meta *m)
{
    meta_write_text(s->fp, m);
    fputs("#name\tallele\tindex\tbase", s->fp);
    for (int j = 0; j < 4; j++)
        fprintf(s->fp, "\t%c", dna_letter[s->channels->code[j]]);
    fputc('\n', s->fp);
}

/* The number of arrays stands in the header but is known at the end: the file must be rewound. */
static void
check_rewinds(struct sink *s)
{
    int flags = fcntl(fileno(s->fp), F_GETFL);

    s->start = ftello(s->fp);
    if (s->start < 0 || (flags >= 0 && (flags & O_APPEND)))
        die_usage("--npy cannot be written to a pipe or appended to a file; use -o FILE");
}

struct sink *
sink_open(const char *path, enum sink_form form, const struct dna_channels *c,
          const struct meta *m)
{
    struct sink *s = mem_zalloc(sizeof *s);
    struct err e;

    s->form = form;
    s->path = path;
    s->channels = c;
    s->fp = fio_open_out(path, form != SINK_TEXT);
    if (form == SINK_TEXT) {
        put_text_header(s, m);
    } else if (form == SINK_NPY) {
        check_rewinds(s);
    } else {
        s->writer = stream_create(s->fp, fio_name_out(path), m, &e);
        if (!s->writer)
            die_err(&e);
    }
    return s;
}

/* What a reader calls the site: as its input file had it. */
static void
put_name(FILE *fp, const struct site *site)
{
    if (site->kind == SITE_VARIANT)
        fprintf(fp, "%s:%" PRId64, site->chrom, site->start + 1);
    else if (strcmp(site->id, ".") != 0)
        fputs(site->id, fp);
    else
        fprintf(fp, "%s:%" PRId64 "-%" PRId64, site->chrom, site->start, site->end);
}

static void
put_text(struct sink *s, const struct site *site, const char *allele, const uint8_t *code,
         size_t length)
{
    for (size_t i = 0; i < length; i++) {
        float x[4];

        dna_onehot(x, code + i, 1, s->channels);
        put_name(s->fp, site);
        fprintf(s->fp, "\t%s\t%zu\t%c", allele, i, dna_letter[code[i]]);
        for (int j = 0; j < 4; j++)
            fprintf(s->fp, "\t%g", (double)x[j]);
        fputc('\n', s->fp);
    }
}

/* Every header of this file is of the same length, whatever n: npy_format leaves room for n. */
static void
put_npy_header(struct sink *s, size_t n)
{
    bool bytes = s->channels->n_value == 0;
    struct npy a = {
        .kind = bytes ? 'u' : 'f', .item = bytes ? 1 : 4, .ndim = 3, .shape = { n, s->length, 4 },
    };
    char header[NPY_HEADER_MAX];

    s->header = npy_format(header, &a);
    fwrite(header, 1, s->header, s->fp);
}

static void
put_npy(struct sink *s, const uint8_t *code, size_t length)
{
    if (!s->n_arrays) {
        s->length = length;
        put_npy_header(s, 1);
    }
    buf_clear(&s->buf);
    if (s->channels->n_value == 0)
        dna_onehot_u8(buf_room(&s->buf, 4 * length), code, length, s->channels);
    else
        dna_onehot(buf_room(&s->buf, 4 * length * sizeof(float)), code, length, s->channels);
    fwrite(s->buf.p, 1, s->buf.n, s->fp);
    s->n_arrays++;
}

static void
put_record(struct sink *s, const struct site *site, const uint8_t *const *code,
           size_t n_alleles, size_t length)
{
    struct err e;

    buf_clear(&s->buf);
    onehot_encode(&s->buf, site, code, n_alleles, length, s->channels);
    if (stream_write(s->writer, s->buf.p, s->buf.n, &e))
        die_err(&e);
}

void
sink_put(struct sink *s, const struct site *site, const uint8_t *const *code, size_t n_alleles,
         size_t length)
{
    if (s->form == SINK_STREAM) {
        put_record(s, site, code, n_alleles, length);
        return;
    }
    for (size_t i = 0; i < n_alleles; i++) {
        const char *allele = site->kind == SITE_REGION ? "." : i ? site->alt[i - 1] : "ref";

        if (s->form == SINK_TEXT)
            put_text(s, site, allele, code[i], length);
        else
            put_npy(s, code[i], length);
    }
    if (ferror(s->fp))
        die("%s: cannot write: %s", fio_name_out(s->path), strerror(errno));
}

static void
rewrite_npy_header(struct sink *s)
{
    size_t before = s->header;

    if (fseeko(s->fp, s->start, SEEK_SET) != 0)
        die("%s: cannot rewind: %s", fio_name_out(s->path), strerror(errno));
    put_npy_header(s, s->n_arrays);
    if (s->header != before)
        die("internal error: .npy header of %zu bytes, expected %zu", s->header, before);
    fseeko(s->fp, 0, SEEK_END);
}

void
sink_close(struct sink *s)
{
    struct err e;

    if (s->form == SINK_STREAM && stream_finish(s->writer, NULL, &e))
        die_err(&e);
    if (s->form == SINK_NPY)
        rewrite_npy_header(s);
    fio_close_out(s->fp, s->path);
    buf_free(&s->buf);
    free(s);
}
