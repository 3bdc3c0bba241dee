/* SPDX-License-Identifier: MIT */
/* Everything that is done once, before the first unit. */
#include "prepare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "family/declare.h"
#include "genome/sites.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "sample/recipe.h"

static void
make_folders(const struct build *b)
{
    static const char *const part[] = { "sites", "sets", "expect", "units", "log", "calibrate" };

    for (size_t i = 0; i < ARRAY_LEN(part); i++) {
        char *path = folder_path(b, "%s", part[i]);

        make_folder(path);
        free(path);
    }
}

/* The value of that option, "--NAME VALUE" or "--NAME=VALUE"; NULL when it is not among them. */
static const char *
option_value(const struct words *w, const char *option)
{
    const size_t n = strlen(option);

    for (size_t i = 0; i < w->n; i++) {
        if (strcmp(w->item[i], option) == 0)
            return w->item[i + 1];
        if (strncmp(w->item[i], option, n) == 0 && w->item[i][n] == '=')
            return w->item[i] + n + 1;
    }
    return NULL;
}

/* The recipe that the words name; NULL when there is none, which the sampler will say. */
static const struct recipe *
find_recipe(const struct words *w, enum kind k)
{
    const enum sample_kind kind = k == VARIANTS ? SAMPLE_SNPS : SAMPLE_BASELINES;
    const char *preset = option_value(w, "--preset"), *name = option_value(w, "--recipe");
    const struct preset *p = preset ? preset_find(preset) : NULL;

    if (option_value(w, "--recipe-file"))
        return recipe_custom(kind);
    if (p)
        name = k == VARIANTS ? p->snps : p->baselines;
    else if (w->item[0][0] != '-')
        name = w->item[0];
    return name ? recipe_find(kind, name) : NULL;
}

/* Annotation that the recipe draws from: samplers refuse what theirs does not. */
static void
add_annotation(struct words *argv, const struct build *b, enum kind k)
{
    const struct recipe *r = find_recipe(&b->recipe[k], k);
    const struct {
        const char *option, *file;
        unsigned need;
    } all[] = { { "--gtf", b->gtf, NEEDS_GTF }, { "--ccre", b->ccre, NEEDS_CCRE },
                { "--dhs", b->dhs, NEEDS_DHS } };
    unsigned needs = r ? 0 : NEEDS_GTF | NEEDS_CCRE | NEEDS_DHS;

    for (int i = 0; r && r->strata[i].name; i++)
        needs |= recipe_needs(r, r->strata[i].name);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if (!all[i].file || !(needs & all[i].need))
            continue;
        words_add(argv, all[i].option);
        words_add(argv, all[i].file);
    }
}

static void
draw_sites(const struct build *b, enum kind k)
{
    char *out = build_sites(b, k), *log = folder_path(b, "log/%s.log", kind_name[k]);
    const struct words *recipe = &b->recipe[k];
    struct words argv = { 0 };
    struct err e;

    if (!recipe->n || is_file(out)) {
        free(out);
        free(log);
        return;
    }
    words_add(&argv, k == VARIANTS ? "sample-snps" : "sample-baselines");
    if (recipe->item[0][0] != '-')
        words_add(&argv, "--recipe");
    words_add_all(&argv, recipe);
    words_add(&argv, "-g");
    words_add(&argv, b->genome);
    add_annotation(&argv, b, k);
    words_add(&argv, "-o");
    words_add(&argv, out);
    unlink(log);
    if (program_run(&argv, NULL, log, &e)) {
        stop_if_asked();
        die("%s: the %s cannot be drawn: %s; see %s", b->file, kind_name[k], e.msg, log);
    }
    words_free(&argv);
    free(out);
    free(log);
}

static int64_t
count_sets(const struct build *b, const struct table *t)
{
    const int64_t n = (int64_t)t->n;

    return b->per_set && b->per_set < n ? (n + b->per_set - 1) / b->per_set : 1;
}

/* Tracks of a set: the sets differ in size by one at most. */
static int64_t
set_first(const struct table *t, int64_t sets, int64_t set)
{
    return (int64_t)t->n * (set - 1) / sets;
}

static void
write_sets(const struct build *b, const struct table *t, int64_t sets)
{
    for (int64_t s = 1; sets > 1 && s <= sets; s++) {
        char *path = folder_path(b, "sets/%lld.tsv", (long long)s);
        FILE *fp = fio_open_out(path, false);

        fprintf(fp, "%s\n", t->header);
        for (int64_t i = set_first(t, sets, s); i < set_first(t, sets, s + 1); i++)
            fprintf(fp, "%s\n", t->row[i].line);
        fio_close_out(fp, path);
        free(path);
    }
}

/*
 * The state of a shard so small that it has hardly a site: what every unit of that kind and set
 * must say of itself.  Weights and site lists that cannot be used are found here.
 */
static void
write_expected(const struct build *b, enum kind k, int64_t set)
{
    char *out = expect_path(b, k, set), *table = set_table(b, set);
    char *log = folder_path(b, "log/expect.%s.%lld.log", kind_name[k], (long long)set);
    struct pipeline p = { .b = b, .kind = k, .table = table, .shard = "1/1000000", .out = out,
                          .log = log, .threads = 1 };
    struct err e;

    if (!is_file(out)) {
        unlink(log);
        if (pipeline_run(&p, &e)) {
            stop_if_asked();
            die("%s: %s of track set %lld: %s; see %s", b->file, kind_name[k], (long long)set,
                e.msg, log);
        }
    }
    free(out);
    free(table);
    free(log);
}

/* Count the sites of each of `parts` parts. */
static void
count_sites(int64_t *n, uint64_t parts, const struct build *b, enum kind k)
{
    char *path = build_sites(b, k);
    struct sites *s;
    struct site site;
    struct err e;
    int got;

    s = sites_open(path, SITES_AUTO, &e);
    if (!s)
        die_err(&e);
    if (sites_is_variants(s) != (k == VARIANTS))
        die("%s: holds %s, but is named as %s-file", path,
            sites_is_variants(s) ? "variants" : "regions", kind_name[k]);
    site_init(&site);
    while ((got = sites_next(s, &site, &e)) > 0)
        n[site_key(&site) % parts]++;
    if (got < 0)
        die_err(&e);
    site_free(&site);
    sites_close(s);
    free(path);
}

int64_t
sites_in_part(const struct build *b, enum kind k, int64_t parts)
{
    int64_t *n = mem_array((size_t)parts, sizeof *n), first;

    count_sites(n, (uint64_t)parts, b, k);
    first = n[0];
    free(n);
    return first;
}

static void
add_units(struct plan *p, const struct build *b, const struct table *t, enum kind k)
{
    int64_t *n = mem_array((size_t)b->shards, sizeof *n);

    count_sites(n, (uint64_t)b->shards, b, k);
    for (int64_t i = 0; i < b->shards; i++)
        p->sites[k] += n[i];
    if (!p->sites[k])
        die("%s: there are no %s; nothing to build from", b->file, kind_name[k]);
    for (int64_t set = 1; set <= p->sets; set++) {
        p->unit = mem_resize(p->unit, p->n + (size_t)b->shards, sizeof *p->unit);
        for (int64_t i = 1; i <= b->shards; i++)
            p->unit[p->n++] = (struct unit){
                mem_printf("%s.%lld.%lld", kind_name[k], (long long)set, (long long)i), k, set, i,
                n[i - 1], set_first(t, p->sets, set + 1) - set_first(t, p->sets, set), 0 };
    }
    free(n);
}

static void
add_costs(struct plan *p, const struct estimate *x)
{
    const double tracks = (double)p->unit[0].tracks;

    for (size_t i = 0; i < p->n; i++) {
        struct unit *u = &p->unit[i];

        if (x->known[u->kind])
            u->seconds = x->start_s[u->kind] * (double)u->tracks / tracks +
                x->site_s[u->kind] * (double)(u->sites * u->tracks);
    }
}

/* Spare every unit on this machine from hashing the FASTA file. */
static void
remember_fasta(const struct build *b, const struct genome *g)
{
    char *path = folder_path(b, "fasta.id"), *id;
    struct err e;
    FILE *fp;

    id = genome_fasta_id(g, &e);
    if (!id)
        die_err(&e);
    setenv("PERTRACK_FASTA_ID", id, 1);
    fp = fio_open_out(path, false);
    fprintf(fp, "%s\n", id);
    fio_close_out(fp, path);
    free(id);
    free(path);
}

static void
write_needed(const struct build *b, const struct plan *p)
{
    for (int k = 0; k < KINDS; k++)
        for (int64_t set = 1; build_has(b, (enum kind)k) && set <= p->sets; set++)
            write_expected(b, (enum kind)k, set);
}

void
prepare(struct build *b, struct plan *p, const struct prepare_options *o)
{
    struct estimate x = { .known = { false } };
    struct table t;
    struct meta id;
    struct genome *g;
    struct err e;

    memset(p, 0, sizeof *p);
    table_read(&t, b);
    check_files(b, &t);
    g = genome_open(b->genome, &e);
    if (!g)
        die_err(&e);
    if (genome_warning(g))
        warn("%s", genome_warning(g));
    make_folders(b);
    remember_fasta(b, g);
    check_genome(b, g);
    meta_init(&id);
    identity_make(&id, b, &t, g);
    genome_close(g);
    identity_claim(b, &id, o->restart);
    p->sets = count_sets(b, &t);
    for (int k = 0; k < KINDS; k++)
        draw_sites(b, (enum kind)k);
    for (int k = 0; k < KINDS; k++)
        if (build_has(b, (enum kind)k))
            add_units(p, b, &t, (enum kind)k);
    write_sets(b, &t, p->sets);
    write_needed(b, p);
    p->tracks = count_tracks(b, p);
    estimate_read(&x, b);
    if (o->estimate)
        estimate_make(&x, b, p);
    add_costs(p, &x);
    check_tails(b, p, &x);
    check_scope(b, p, &x, o->scope_smaller);
    check_space(b, p, &x);
    plan_write(p, b);
    meta_free(&id);
    table_free(&t);
}
