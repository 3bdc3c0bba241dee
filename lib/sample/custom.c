/* SPDX-License-Identifier: MIT */
#include "sample/custom.h"

#include <stdlib.h>
#include <string.h>

#include "genome/sites_parse.h"
#include "genome/tabfile.h"
#include "prog/mem.h"

enum { STRATUM, FROM, FILE_NAME, AMOUNT, WINDOW, COLUMNS, MAX_STRATA = 1000 };

static const char *const from_name[FROM_KINDS] = {
    "random", "bed", "bed-base", "tss", "junction", "gene", "vcf",
};

static int
parse_from(struct custom_stratum *t, const char *text, struct err *e)
{
    for (int i = 0; i < FROM_KINDS; i++)
        if (strcmp(text, from_name[i]) == 0) {
            t->from = (enum custom_from)i;
            return 0;
        }
    return err_set(e, "column from is '%s', expected random, bed, bed-base, tss, junction, gene or "
                   "vcf", text);
}

/* A whole number is a count; with a point or "%" the number is a share of -n. */
static int
parse_amount(struct custom_stratum *t, const char *text, int64_t total, struct err *e)
{
    char *end;

    if (sites_parse_int(&t->n, text) && t->n > 0 && t->n <= 1000000000)
        return 0;
    t->share = strtod(text, &end);
    if (*end == '%') {
        t->share /= 100;
        end++;
    } else if (!strchr(text, '.')) {
        t->share = 0;
    }
    if (end == text || *end || !(t->share > 0 && t->share <= 1))
        return err_set(e, "column amount is '%s', expected a number of sites, or a share like 0.25 "
                       "or 25%%", text);
    if (total < 0)
        return err_set(e, "column amount is '%s', a share; give the number of all sites with -n",
                       text);
    t->n = (int64_t)((double)total * t->share + 0.5);
    return t->n > 0 ? 0 : err_set(e, "column amount: %s of -n %lld is no site", text,
                                  (long long)total);
}

static bool
parse_signed(int64_t *value, const char **text, char stop)
{
    char *end;

    *value = strtoll(*text, &end, 10);
    if (end == *text || *end != stop || *value < -1000000000 || *value > 1000000000)
        return false;
    *text = end;
    return true;
}

static int
parse_window(struct custom_stratum *t, const char *text, struct err *e)
{
    const char *p = text;

    if (strcmp(text, ".") == 0)
        return 0;
    t->offset = true;
    t->both_sides = strncmp(p, "+-", 2) == 0;
    p += 2 * t->both_sides;
    if (!parse_signed(&t->low, &p, '.') || strncmp(p, "..", 2) != 0 ||
        (p += 2, !parse_signed(&t->high, &p, '\0')) || t->low > t->high ||
        (t->both_sides && t->low < 0))
        return err_set(e, "column window is '%s', expected LOW..HIGH in bp such as -250..250, "
                       "+-LOW..HIGH such as +-1000..10000, or '.'", text);
    if (t->from == FROM_RANDOM)
        return err_set(e, "column window is '%s'; random has no place to count from, expected '.'",
                       text);
    return 0;
}

static int
parse_line(struct custom *c, char *line, int64_t total, struct err *e)
{
    struct custom_stratum *t = &c->stratum[c->n];
    char *field[COLUMNS];
    const size_t n = tabfile_split(field, COLUMNS, line);

    if (n != COLUMNS)
        return err_set(e, "has %zu columns separated by tabs, expected 5 (stratum, from, file, "
                       "amount, window)", n);
    if (!*field[STRATUM] || strpbrk(field[STRATUM], " ;,="))
        return err_set(e, "stratum '%s' must be a name without blanks and ; , =", field[STRATUM]);
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->stratum[i].name, field[STRATUM]) == 0)
            return err_set(e, "stratum '%s' is given twice", field[STRATUM]);
    if (parse_from(t, field[FROM], e) || parse_amount(t, field[AMOUNT], total, e) ||
        parse_window(t, field[WINDOW], e))
        return -1;
    if ((t->from == FROM_RANDOM) != (strcmp(field[FILE_NAME], ".") == 0))
        return err_set(e, "column file is '%s'; %s", field[FILE_NAME], t->from == FROM_RANDOM
                       ? "random reads none, expected '.'" : "expected the name of a file");
    t->name = mem_strdup(field[STRATUM]);
    t->file = mem_strdup(field[FILE_NAME]);
    c->n++;
    return 0;
}

static void
free_stratum(struct custom_stratum *t)
{
    free(t->name);
    free(t->file);
    free(t->place);
}

static int
keep_only(struct custom *c, const char *only, struct err *e)
{
    size_t n = 0;

    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->stratum[i].name, only) == 0)
            c->stratum[n++] = c->stratum[i];
        else
            free_stratum(&c->stratum[i]);
    c->n = n;
    return n ? 0 : err_set(e, "%s: has no stratum '%s'", c->file, only);
}

static int
read_table(struct custom *c, struct tabfile *file, int64_t total, struct err *e)
{
    double shares = 0;
    char *line;
    int got;

    while ((got = tabfile_next(file, &line, e)) == 1) {
        if (*line == '#')
            continue;
        if (c->n == MAX_STRATA || parse_line(c, line, total, e)) {
            if (c->n == MAX_STRATA)
                err_set(e, "more than %d strata", MAX_STRATA);
            err_prefix(e, "%s", tabfile_where(file));
            got = -1;
            break;
        }
        shares += c->stratum[c->n - 1].share;
    }
    if (tabfile_close(file, got == 0 ? c->sha256 : NULL, e) || got)
        return -1;
    if (!c->n)
        return err_set(e, "%s: has no strata", c->file);
    if (shares > 1 + 1e-6)
        return err_set(e, "%s: the shares add up to %g, more than 1", c->file, shares);
    return 0;
}

struct custom *
custom_read(const char *path, int64_t total, const char *only, struct err *e)
{
    struct tabfile *file = tabfile_open(path, "a recipe table", false, e);
    struct custom *c;

    if (!file)
        return NULL;
    c = mem_zalloc(sizeof *c);
    c->file = mem_strdup(tabfile_name(file));
    c->stratum = mem_array(MAX_STRATA, sizeof *c->stratum);
    if (read_table(c, file, total, e) || (only && keep_only(c, only, e))) {
        custom_free(c);
        return NULL;
    }
    return c;
}

void
custom_free(struct custom *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n; i++)
        free_stratum(&c->stratum[i]);
    free(c->stratum);
    free(c->file);
    free(c);
}

json_t *
custom_provenance(const struct custom *c)
{
    json_t *strata = json_array();

    for (size_t i = 0; i < c->n; i++) {
        const struct custom_stratum *t = &c->stratum[i];
        json_t *o = json_pack("{s:s, s:s, s:I, s:I}", "stratum", t->name, "from",
                              from_name[t->from], "n_requested", (json_int_t)t->n, "n_places",
                              (json_int_t)t->n_places);

        if (*t->sha256)
            json_object_set_new(o, "sha256", json_string(t->sha256));
        if (t->offset)
            json_object_set_new(o, "window", json_pack("[b, I, I]", t->both_sides,
                                                       (json_int_t)t->low, (json_int_t)t->high));
        json_array_append_new(strata, o);
    }
    return json_pack("{s:s, s:o}", "sha256", c->sha256, "strata", strata);
}
