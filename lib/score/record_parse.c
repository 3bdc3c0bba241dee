/* SPDX-License-Identifier: MIT */
/* Reading scores from TSV, ours or a user's own: one record of one block of one value per row. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/finite.h"
#include "prog/mem.h"
#include "score/record_form.h"

static const char end_key[] = META_TEXT_PREFIX "end=";

static int
fail_at_line(const struct score_reader *r, struct err *e)
{
    return err_prefix(e, "%s:%llu", r->name, (unsigned long long)r->line_number);
}

/* Next line without its line end; 1, 0 at the end of the file, -1 on failure. */
static int
next_line(struct score_reader *r, struct err *e)
{
    ssize_t n = getline(&r->line, &r->line_cap, r->fp);

    if (n < 0)
        return ferror(r->fp) ? err_sys(e, "%s: cannot read", r->name) : 0;
    r->line_number++;
    if (memchr(r->line, '\0', (size_t)n)) {
        err_set(e, "NUL byte in a text file; is this the right file?");
        return fail_at_line(r, e);
    }
    if (n && r->line[n - 1] == '\n')
        r->line[--n] = '\0';
    if (n && r->line[n - 1] == '\r')
        r->line[--n] = '\0';
    return 1;
}

static enum score_column
column_role(const char *name, size_t n)
{
    for (int i = 0; i < SCORE_COLUMNS; i++)
        if (strlen(score_column_name[i]) == n && memcmp(score_column_name[i], name, n) == 0)
            return (enum score_column)i;
    return COL_OTHER;
}

static int
check_columns(const struct score_reader *r, struct err *e)
{
    static const enum score_column needed[] = {
        COL_CHROM, COL_POS, COL_REF, COL_ALT, COL_KIND, COL_TRACK, COL_SCORE
    };
    int seen[SCORE_COLUMNS + 1] = { 0 };

    for (size_t i = 0; i < r->n_columns; i++)
        if (r->role[i] != COL_OTHER && seen[r->role[i]]++)
            return err_set(e, "column '%s' occurs twice", score_column_name[r->role[i]]);
    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (!seen[needed[i]])
            return err_set(e, "column '%s' is missing (found '%.200s'); the line above the rows "
                           "must name #chrom, pos, ref, alt, kind, track and score",
                           score_column_name[needed[i]], r->columns);
    return 0;
}

static int
parse_columns(struct score_reader *r, struct err *e)
{
    const char *p;
    size_t cap = 0;

    if (r->line[0] != '#') {
        err_set(e, "no line of column names before the rows (found '%.60s'); put "
                "'#chrom<TAB>pos<TAB>ref<TAB>alt<TAB>kind<TAB>track<TAB>score' first", r->line);
        return fail_at_line(r, e);
    }
    r->columns = mem_strdup(r->line);
    for (p = r->columns + 1; p; p = *p ? p + 1 : NULL) {
        size_t n = strcspn(p, "\t");

        mem_grow(&r->role, &cap, r->n_columns + 1, 1);
        r->role[r->n_columns++] = (uint8_t)column_role(p, n);
        p += n;
    }
    return check_columns(r, e) ? fail_at_line(r, e) : 0;
}

static bool
is_ours(const char *line)
{
    return strncmp(line, META_TEXT_PREFIX, sizeof META_TEXT_PREFIX - 1) == 0;
}

/* Metadata up to and including the line of column names. */
static int
read_header(struct score_reader *r, struct err *e)
{
    int got;

    while ((got = next_line(r, e)) > 0 && strncmp(r->line, "##", 2) == 0) {
        if (is_ours(r->line))
            r->ours = true;
        meta_parse_text(&r->meta, r->line);
    }
    if (got < 0)
        return -1;
    if (got == 0 && r->line_number == 0)
        return err_set(e, "%s: is empty; expected scores, did the program before it fail?",
                       r->name);
    if (got == 0)
        return err_set(e, "%s: ends before the line of column names; did the program before it "
                       "fail?", r->name);
    return parse_columns(r, e);
}

int
score_text_open(struct score_reader *r, struct err *e)
{
    const char *content;

    if (read_header(r, e))
        return -1;
    content = meta_get(&r->meta, "content");
    if (content && strcmp(content, STREAM_SCORES) != 0)
        return err_set(e, "%s: holds %s, but scores are expected here; pipe it through "
                       "score-effect first", r->name, content);
    if (track_table_from_meta(&r->tracks, &r->meta, e))
        return err_prefix(e, "%s", r->name);
    r->own_tracks = r->tracks.n == 0;
    return 0;
}

/* Field i of every known column; those the file lacks are empty. */
static int
split(const struct score_reader *r, struct score_field *f, struct err *e)
{
    const char *p = r->line;
    size_t n = 0;

    memset(f, 0, (SCORE_COLUMNS + 1) * sizeof *f);
    while (p) {
        size_t len = strcspn(p, "\t");

        if (n < r->n_columns)
            f[r->role[n]] = (struct score_field){ p, len };
        n++;
        p = p[len] ? p + len + 1 : NULL;
    }
    if (n != r->n_columns)
        return err_set(e, "%zu columns, expected %zu as in the line of column names", n,
                       r->n_columns);
    return 0;
}

/* A number of single precision's range, and nothing but digits, point, sign and exponent. */
static int
parse_number(double *v, struct score_field f, const char *what, bool single, struct err *e)
{
    char *end = NULL;
    size_t plain = f.p ? strspn(f.p, "0123456789+-.eE") : 0;

    if (plain >= f.n && f.n)
        *v = single ? strtof(f.p, &end) : strtod(f.p, &end);
    if (!f.n || plain < f.n || end != f.p + f.n)
        return err_set(e, "%s is '%.*s', expected a finite number", what,
                       (int)(f.n < 40 ? f.n : 40), f.p ? f.p : "");
    if (!finite_as_f32(v, 1))
        return err_set(e, "%s is '%.*s', beyond single precision (3.4e38), in which backgrounds are "
                       "kept; find out which program made it", what, (int)(f.n < 40 ? f.n : 40),
                       f.p);
    return 0;
}

/* Keep the text when it is the same as in the row before, as it mostly is. */
static void
set_text(char **dst, struct score_field f)
{
    if (*dst && strncmp(*dst, f.p ? f.p : "", f.n) == 0 && (*dst)[f.n] == '\0')
        return;
    free(*dst);
    *dst = mem_strndup(f.p ? f.p : "", f.n);
}

static void
set_alt(struct site *s, struct score_field alt)
{
    if (!s->alt)
        s->alt = mem_array(1, sizeof *s->alt);
    s->n_alt = !score_field_is_dot(alt);
    if (s->n_alt) {
        set_text(&s->alt[0], alt);
    } else {
        free(s->alt[0]);        /* site_free would not see it */
        s->alt[0] = NULL;
    }
}

static int
parse_site(struct score_reader *r, const struct score_field *f, struct err *e)
{
    static const struct score_field none = { "", 0 }, dot = { ".", 1 };
    struct site *s = &r->rec.site;
    const char *p = f[COL_POS].p, *end = p + f[COL_POS].n;
    uint64_t pos1;

    if (!f[COL_CHROM].n)
        return err_set(e, "chrom is empty");
    if (score_parse_whole(&pos1, &p, end, INT64_MAX / 16) || p != end || pos1 == 0)
        return err_set(e, "pos is '%.*s', expected a whole number from 1",
                       (int)(f[COL_POS].n < 40 ? f[COL_POS].n : 40), f[COL_POS].p);
    set_text(&s->chrom, f[COL_CHROM]);
    set_text(&s->ref, score_field_is_dot(f[COL_REF]) ? none : f[COL_REF]);
    set_text(&s->id, score_field_is_dot(f[COL_ID]) ? dot : f[COL_ID]);
    set_text(&s->stratum, score_field_is_dot(f[COL_STRATUM]) ? dot : f[COL_STRATUM]);
    set_alt(s, f[COL_ALT]);
    s->kind = *s->ref ? SITE_VARIANT : SITE_REGION;
    if (s->kind == SITE_REGION && s->n_alt)
        return err_set(e, "alt without ref");
    s->start = (int64_t)pos1 - 1;
    s->end = s->start + (s->kind == SITE_REGION ? 1 : (int64_t)strlen(s->ref));
    s->ordinal = r->n_rows;
    return 0;
}

static int
parse_kind(enum score_kind *kind, struct score_field f, struct err *e)
{
    for (int i = 0; i < SCORE_KINDS; i++) {
        if (strlen(score_kind_name[i]) == f.n && memcmp(score_kind_name[i], f.p, f.n) == 0) {
            *kind = (enum score_kind)i;
            return 0;
        }
    }
    return err_set(e, "kind is '%.*s', expected effect, summary or perbin",
                   (int)(f.n < 40 ? f.n : 40), f.p);
}

static int
parse_track(struct score_reader *r, uint32_t *track, struct score_field f, struct err *e)
{
    const struct score_block *last = r->rec.cap_block ? &r->rec.block[0] : NULL;
    struct track new = { 0 };
    ptrdiff_t found;
    char id[1024];

    if (f.n >= sizeof id)
        return err_set(e, "track id of %zu characters", f.n);
    memcpy(id, f.p, f.n);
    id[f.n] = '\0';
    if (last && last->memory && strcmp(r->tracks.track[last->track].id, id) == 0) {
        *track = last->track;
        return 0;
    }
    found = track_table_find(&r->tracks, id);
    if (found < 0 && !r->own_tracks)
        return err_set(e, "track '%s' is not in the table of the file's metadata", id);
    if (found < 0) {
        new.id = id;
        if (track_table_add(&r->tracks, &new, e))
            return -1;
        found = (ptrdiff_t)r->tracks.n - 1;
    }
    *track = (uint32_t)found;
    return 0;
}

static int
parse_effect(struct score_block *b, const struct site *s, const struct score_field *f,
             struct err *e)
{
    if (s->n_alt != 1)
        return err_set(e, "an effect without ref and alt");
    b->allele[0] = 0;
    b->ref[0] = b->alt[0] = NAN;
    if (!score_field_is_dot(f[COL_REF_VALUE]) &&
        parse_number(&b->ref[0], f[COL_REF_VALUE], "ref_value", false, e))
        return -1;
    if (!score_field_is_dot(f[COL_ALT_VALUE]) &&
        parse_number(&b->alt[0], f[COL_ALT_VALUE], "alt_value", false, e))
        return -1;
    return 0;
}

static int
parse_score(double *v, const struct score_reader *r, struct score_field f, bool single,
            struct err *e)
{
    if (r->accept_nan && (score_field_is_dot(f) || (f.n == 2 && strncasecmp(f.p, "na", 2) == 0) ||
                          (f.n == 3 && strncasecmp(f.p, "nan", 3) == 0))) {
        *v = NAN;
        return 0;
    }
    return parse_number(v, f, "score", single, e);
}

static int
parse_row(struct score_reader *r, struct err *e)
{
    struct score_field f[SCORE_COLUMNS + 1];
    struct score_block *b = NULL;
    enum score_kind kind = SCORE_EFFECT;
    uint32_t track = 0;

    if (split(r, f, e) || parse_site(r, f, e) || parse_kind(&kind, f[COL_KIND], e) ||
        parse_track(r, &track, f[COL_TRACK], e))
        return -1;
    if (score_parse_part(&b, &r->rec, kind, track, f[COL_PART], e) ||
        parse_score(&b->score[0], r, f[COL_SCORE], kind == SCORE_PERBIN, e))
        return -1;
    r->n_rows++;
    return kind == SCORE_EFFECT ? parse_effect(b, &r->rec.site, f, e) : 0;
}

/* A "#" line behind the rows: the trailer, whose last line gives the number of rows. */
static int
parse_trailer(struct score_reader *r, struct err *e)
{
    const char *p = r->line + sizeof end_key - 1;
    uint64_t rows;

    if (strncmp(r->line, "##", 2) != 0)
        return err_set(e, "a second line of column names; files cannot be joined with cat, give "
                       "them as separate files");
    if (!r->ours)
        return 0;
    if (strncmp(r->line, end_key, sizeof end_key - 1) != 0) {
        meta_parse_text(&r->trailer, r->line);
        return 0;
    }
    if (score_parse_whole(&rows, &p, p + strlen(p), UINT64_MAX / 16) || *p || rows != r->n_rows)
        return err_set(e, "the end line says '%.30s' rows, found %llu; a file whose rows were "
                       "selected must lose its '##' lines (grep -v '^##')",
                       r->line + sizeof end_key - 1, (unsigned long long)r->n_rows);
    r->ended = true;
    return 0;
}

/* Nothing may follow the end line; without it a file of ours is cut short. */
static int
finish(struct score_reader *r, struct err *e)
{
    int got;

    if (!r->ended)
        return r->ours ? err_set(e, "%s: ends after %llu rows without its '%s' line; did the "
                                 "program before it fail?", r->name,
                                 (unsigned long long)r->n_rows, end_key) : 0;
    got = next_line(r, e);
    if (got <= 0)
        return got;
    err_set(e, "data follows the end line; files cannot be joined with cat, give them as "
            "separate files");
    return fail_at_line(r, e);
}

int
score_text_read(struct score_reader *r, struct err *e)
{
    int got;

    while (!r->ended && (got = next_line(r, e)) != 0) {
        if (got < 0)
            return -1;
        if (r->line[0] == '#') {
            if (parse_trailer(r, e))
                return fail_at_line(r, e);
            continue;
        }
        got = parse_row(r, e);
        return got ? fail_at_line(r, e) : 1;
    }
    return finish(r, e);
}
