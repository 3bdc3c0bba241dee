/* SPDX-License-Identifier: MIT */
/*
 * make-demo - write a small genome with planted motifs, and models that detect them.
 *
 *   make-demo DIR
 *
 *   DIR/genome.fa          4 contigs, 1.3 Mb: GC content in blocks, lower-case stretches, a run
 *                          of N, and every few kb an element of one to three motif instances
 *   DIR/elements.bed       the elements; column 4 names their motifs
 *   DIR/NAME.npz           one ChromBPNet network (tensors by layer name) per cell of cells[]
 *   DIR/tracks.tsv         the track table of these models
 *   DIR/variants.vcf       variants whose outcome is known: see the comments of variants[]
 *
 * The models are written, not trained: the first layer holds the motifs of both strands, the
 * dilated layers spread what it finds, and the heads add it up with a sign and size per cell.
 * Everything is drawn from one seed by name, so the files are the same on every machine.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "npz/npz_write.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "rng/keyed.h"

enum { SEED = 1 };
/* Streams of the seed. */
enum { DRAW_BASES = 1, DRAW_GC, DRAW_ELEMENTS, DRAW_CASE, DRAW_FILTERS };

/* Genome */
enum {
    CELL = 4096,                /* one element in each */
    GC_BLOCK = 20000,
    LANDMARKS = 9,              /* first elements of chr1: one forward instance, motif i % 3 */
    LANDMARK_AT = 2010,         /* in its cell */
    NEUTRAL_AT = 3300,          /* in a cell: a place without any element */
    N_START = 100000, N_LEN = 5000, N_CONTIG = 1
};

static const struct { const char *name; int64_t len; } contigs[] = {
    { "chr1", 400000 }, { "chr2", 350000 }, { "chr3", 300000 }, { "chr4", 250000 },
};

/*
 * Consensus sequences as the literature gives them (IUPAC letters), and how much each position
 * matters, 0 to 9.
 */
enum { CTCF, AP1, ETS, MOTIFS };
static const struct motif { const char *name, *consensus, *weight; } motifs[MOTIFS] = {
    { "CTCF", "CCACCAGGGGGCGC", "99623896799843" },
    { "AP1",  "RTGASTCAY",      "299969992" },
    { "ETS",  "ACCGGAAGT",      "457999953" },
};

/* Model */
enum {
    FILTERS = 16, TEXTURE = 2 * MOTIFS, /* filters from TEXTURE on are random */
    STEM = 21, LAYERS = 4, TAPS = 3, PROFILE = 75, IN_LEN = 2114
};
static const float spread = 0.25f;      /* weight of both outer taps of a dilated layer */

/* How strongly an instance of each motif opens each cell type. */
static const struct cell { const char *name; float affinity[MOTIFS]; } cells[] = {
    { "stem",       { 1.0f, 0.0f, 0.0f } },
    { "epithelial", { 0.8f, 0.7f, 0.0f } },
    { "lymphoid",   { 0.8f, 0.0f, 1.2f } },
};

/*
 * offset counts from the landmark's first base, or is -1 for a neutral place of its cell.  ref
 * NULL means n_ref bases of the genome; alt "*" a change of each of these bases to its
 * transversion partner (A-C, G-T), "-" their deletion, "+" an insertion of GTAC after the first.
 */
static const struct variant {
    const char *id;
    int landmark, offset, n_ref;
    const char *ref, *alt;
} variants[] = {
    { "ctcf_break",      0,  9, 1, NULL, "*" },
    { "ap1_break",       1,  2, 1, NULL, "*" },
    { "ets_break",       2,  4, 1, NULL, "*" },
    { "ctcf_deletion",   3,  6, 4, NULL, "-" },
    { "ap1_two_alleles", 4,  4, 1, "C", "G,A" },        /* TGASTCA: G is as good as C, A is not */
    { "ets_mnv",         5,  3, 3, NULL, "*" },
    { "ctcf_weak",       6,  3, 1, NULL, "*" },         /* a position that matters little */
    { "ap1_gain",        7,  2, 1, "C", "G" },          /* the genome has a broken instance here */
    { "ets_insertion",   8,  4, 1, NULL, "+" },
    { "neutral_1",       0, -1, 1, NULL, "*" },
    { "neutral_2",       2, -1, 1, NULL, "*" },
    { "neutral_3",       4, -1, 1, NULL, "*" },
    { "neutral_4",       6, -1, 1, NULL, "*" },
    { "neutral_del",     8, -1, 3, NULL, "-" },
    /* The rest is there to be refused, each for a reason of its own. */
    { "wrong_ref",       0, 10, 1, "T", "A" },
    { "symbolic",        1,  3, 1, NULL, "<DEL>" },
    { "spanning",        2,  5, 1, NULL, "T,*" },       /* T can be scored */
};
static const int broken_landmark = 7, broken_offset = 2;

static char *genome[ARRAY_LEN(contigs)];
static const char *out_dir;

static FILE *
open_out(const char *name, char **path)
{
    *path = mem_printf("%s/%s", out_dir, name);
    return fio_open_out(*path, false);
}

static void
close_out(FILE *fp, char *path)
{
    fio_close_out(fp, path);
    free(path);
}

/* Integer in [0, n): draw number i of a named stream. */
static uint64_t
draw(int stream, uint64_t i, uint64_t n)
{
    return keyed_hash(SEED, (uint64_t)stream, i) % n;
}

/* In [-1, 1), a multiple of 2^-15. */
static float
draw_real(int stream, uint64_t i)
{
    return (float)((int)draw(stream, i, 65536) - 32768) / 32768;
}

/* ------------------------------------------------------------------------------- genome */

static const char *
iupac_bases(char letter)
{
    switch (letter) {
    case 'R': return "AG";
    case 'Y': return "CT";
    case 'S': return "CG";
    case 'A': return "A";
    case 'C': return "C";
    case 'G': return "G";
    default:  return "T";
    }
}

static char
complement(char base)
{
    return base == 'A' ? 'T' : base == 'C' ? 'G' : base == 'G' ? 'C' : 'A';
}

/* Background: 36 to 58 % G and C, by block. */
static void
fill_bases(size_t c)
{
    struct keyed_stream s;

    genome[c] = mem_alloc((size_t)contigs[c].len + 1);
    genome[c][contigs[c].len] = '\0';
    keyed_stream_init(&s, SEED, DRAW_BASES * 100 + c);
    for (int64_t i = 0; i < contigs[c].len; i++) {
        uint64_t gc = 36 + draw(DRAW_GC, c * 1000 + (uint64_t)(i / GC_BLOCK), 23);
        uint64_t r = keyed_below(&s, 200);

        genome[c][i] = r < 2 * gc ? "CG"[r & 1] : "AT"[r & 1];
    }
}

static void
plant(char *at, const struct motif *m, bool reverse, bool pick_first)
{
    size_t len = strlen(m->consensus);

    for (size_t i = 0; i < len; i++) {
        const char *bases = iupac_bases(m->consensus[i]);
        char base = bases[0];

        /* Of two good letters the one that is there already, if it is. */
        if (!pick_first && bases[1] && at[reverse ? len - 1 - i : i] == bases[1])
            base = bases[1];
        at[reverse ? len - 1 - i : i] = reverse ? complement(base) : base;
    }
}

/* One to three instances 30 to 60 bases apart, on either strand, three quarters of them whole. */
static void
plant_element(FILE *bed, size_t c, int64_t start, uint64_t key)
{
    struct keyed_stream s;
    int64_t at = start;
    uint64_t n;

    keyed_stream_init(&s, SEED, DRAW_ELEMENTS * 1000000 + key);
    n = 1 + keyed_below(&s, 3);
    fprintf(bed, "%s\t%lld\t", contigs[c].name, (long long)start);
    for (uint64_t i = 0; i < n; i++)
        at += 44 + (int64_t)keyed_below(&s, 31);
    fprintf(bed, "%lld\t", (long long)at);
    at = start;
    for (uint64_t i = 0; i < n; i++) {
        const struct motif *m = &motifs[keyed_below(&s, MOTIFS)];
        size_t len = strlen(m->consensus);

        plant(genome[c] + at, m, keyed_below(&s, 2), false);
        if (keyed_below(&s, 4) == 0)
            genome[c][at + (int64_t)keyed_below(&s, len)] = "ACGT"[keyed_below(&s, 4)];
        fprintf(bed, "%s%s", i ? "," : "", m->name);
        at += 44;
    }
    fputc('\n', bed);
}

static int64_t
landmark_start(int landmark)
{
    return (int64_t)landmark * CELL + CELL + LANDMARK_AT;
}

static void
plant_landmark(FILE *bed, int landmark)
{
    const struct motif *m = &motifs[landmark % MOTIFS];
    int64_t start = landmark_start(landmark);

    plant(genome[0] + start, m, false, true);
    if (landmark == broken_landmark)
        genome[0][start + broken_offset] = 'C';
    fprintf(bed, "chr1\t%lld\t%lld\t%s\n", (long long)start,
            (long long)start + (int64_t)strlen(m->consensus), m->name);
}

static void
plant_all(void)
{
    char *path;
    FILE *bed = open_out("elements.bed", &path);

    for (size_t c = 0; c < ARRAY_LEN(contigs); c++) {
        int64_t cell = 1;               /* windows of the first cell do not fit the contig */

        for (; c == 0 && cell <= LANDMARKS; cell++)
            plant_landmark(bed, (int)cell - 1);
        for (; (cell + 1) * CELL <= contigs[c].len; cell++) {
            uint64_t key = c * 1000 + (uint64_t)cell;
            int64_t start = cell * CELL + 500 + (int64_t)draw(DRAW_ELEMENTS, key, 2000);

            if (c == N_CONTIG && start + CELL > N_START && start < N_START + N_LEN)
                continue;
            plant_element(bed, c, start, key);
        }
    }
    close_out(bed, path);
    memset(genome[N_CONTIG] + N_START, 'N', N_LEN);
}

/* Lower case as a repeat masker leaves it; it must not matter to anything. */
static char
letter_at(size_t c, int64_t i)
{
    bool masked = draw(DRAW_CASE, c * 10000 + (uint64_t)(i / 700), 10) < 3;

    return (char)(genome[c][i] + (masked ? 'a' - 'A' : 0));
}

static void
write_genome(void)
{
    char *path;
    FILE *fp = open_out("genome.fa", &path);

    for (size_t c = 0; c < ARRAY_LEN(contigs); c++) {
        fprintf(fp, ">%s\n", contigs[c].name);
        for (int64_t i = 0; i < contigs[c].len; i++) {
            fputc(letter_at(c, i), fp);
            if (i % 60 == 59 || i + 1 == contigs[c].len)
                fputc('\n', fp);
        }
    }
    close_out(fp, path);
}

/* ------------------------------------------------------------------------------- models */

static void
add_tensor(struct npz_writer *w, const char *layer, const char *leaf, const float *data, int ndim,
           size_t s0, size_t s1, size_t s2)
{
    char *key = mem_printf("%s/%s", layer, leaf);
    struct npy a = { .kind = 'f', .item = 4, .ndim = ndim, .shape = { s0, s1, s2 } };
    struct err e;

    a.count = s0 * (ndim > 1 ? s1 : 1) * (ndim > 2 ? s2 : 1);
    if (npz_add(w, key, &a, data, &e))
        die_err(&e);
    free(key);
}

/*
 * A filter that is 1 at a whole instance and 0 where five sixths of the weight match or less:
 * 3 * (matched - mismatched) / total - 2, each in units of the positions' weights.
 */
static void
fill_motif_filter(float kernel[STEM][4][FILTERS], float *bias, int filter, const struct motif *m,
                  bool reverse)
{
    size_t len = strlen(m->consensus), first = (STEM - len) / 2;
    float total = 0;

    for (size_t i = 0; i < len; i++)
        total += (float)(m->weight[i] - '0');
    for (size_t i = 0; i < len; i++) {
        const char *good = iupac_bases(m->consensus[i]);
        size_t at = first + (reverse ? len - 1 - i : i);

        for (size_t b = 0; b < 4; b++) {
            char base = reverse ? complement("ACGT"[b]) : "ACGT"[b];

            kernel[at][b][filter] = (strchr(good, base) ? 3 : -3) *
                                    (float)(m->weight[i] - '0') / total;
        }
    }
    bias[filter] = -2;
}

static void
add_stem(struct npz_writer *w)
{
    static float kernel[STEM][4][FILTERS], bias[FILTERS];

    memset(kernel, 0, sizeof kernel);
    memset(bias, 0, sizeof bias);
    for (int f = 0; f < TEXTURE; f++)
        fill_motif_filter(kernel, bias, f, &motifs[f / 2], f % 2);
    for (size_t t = 0; t < STEM; t++)
        for (size_t b = 0; b < 4; b++)
            for (size_t f = TEXTURE; f < FILTERS; f++)
                kernel[t][b][f] = 0.2f * draw_real(DRAW_FILTERS, (t * 4 + b) * FILTERS + f);
    add_tensor(w, "wo_bias_bpnet_1st_conv", "kernel", &kernel[0][0][0], 3, STEM, 4, FILTERS);
    add_tensor(w, "wo_bias_bpnet_1st_conv", "bias", bias, 1, FILTERS, 0, 0);
}

/* Each filter adds its neighbours at both sides; a little of the others makes it less tidy. */
static void
add_layer(struct npz_writer *w, size_t layer)
{
    static float kernel[TAPS][FILTERS][FILTERS];
    static const float bias[FILTERS];
    char *name = mem_printf("wo_bias_bpnet_%zuconv", layer);

    for (size_t t = 0; t < TAPS; t++)
        for (size_t i = 0; i < FILTERS; i++)
            for (size_t o = 0; o < FILTERS; o++) {
                size_t at = ((layer * TAPS + t) * FILTERS + i) * FILTERS + o;

                kernel[t][i][o] = o < TEXTURE ? 0 : 0.02f * draw_real(DRAW_FILTERS, 100000 + at);
                if (i == o && t != 1)
                    kernel[t][i][o] += spread;
            }
    add_tensor(w, name, "kernel", &kernel[0][0][0], 3, TAPS, FILTERS, FILTERS);
    add_tensor(w, name, "bias", bias, 1, FILTERS, 0, 0);
    free(name);
}

/*
 * An instance raises the logits around it by a triangle, and the log count by a third.  The random
 * filters come in pairs of opposite sign, so that they tell sequences apart but cancel on average.
 */
static void
add_heads(struct npz_writer *w, const struct cell *cell, size_t number)
{
    static float profile[PROFILE][FILTERS], count[FILTERS];
    static const float profile_bias[1], count_bias[1] = { 3 };
    float mass = 1;             /* what one hit in the stem has become behind the layers */
    size_t columns = IN_LEN - (STEM - 1);

    for (size_t i = 1; i <= LAYERS; i++) {
        mass *= 1 + 2 * spread;
        columns -= (size_t)(TAPS - 1) << i;
    }
    for (size_t f = 0; f < FILTERS; f++) {
        bool is_motif = f < TEXTURE;
        float size = is_motif ? cell->affinity[f / 2]
                              : draw_real(DRAW_FILTERS, 500000 + number * FILTERS + f / 2);
        float sign = is_motif || f % 2 ? 1 : -1;
        float height = is_motif ? size * 4 / mass : sign * size * 0.02f;

        count[f] = is_motif ? size * (float)columns / (3 * mass) : sign * size;
        for (int t = 0; t < PROFILE; t++) {
            int away = abs(t - PROFILE / 2);

            profile[t][f] = height * (float)(PROFILE / 2 - away) / (PROFILE / 2);
        }
    }
    add_tensor(w, "wo_bias_bpnet_prof_out_precrop", "kernel", &profile[0][0], 3, PROFILE, FILTERS,
               1);
    add_tensor(w, "wo_bias_bpnet_prof_out_precrop", "bias", profile_bias, 1, 1, 0, 0);
    add_tensor(w, "wo_bias_bpnet_logcount_predictions", "kernel", count, 2, FILTERS, 1, 0);
    add_tensor(w, "wo_bias_bpnet_logcount_predictions", "bias", count_bias, 1, 1, 0, 0);
}

static void
write_model(size_t number)
{
    char *name = mem_printf("%s.npz", cells[number].name), *path;
    FILE *fp = open_out(name, &path);
    struct npz_writer *w = npz_create(fp, path, 1);
    struct err e;

    add_stem(w);
    for (size_t i = 1; i <= LAYERS; i++)
        add_layer(w, i);
    add_heads(w, &cells[number], number);
    if (npz_finish(w, &e))
        die_err(&e);
    close_out(fp, path);
    free(name);
}

static void
write_track_table(void)
{
    char *path;
    FILE *fp = open_out("tracks.tsv", &path);

    fprintf(fp, "id\tweights\tassay\tbiosample\tlayer\n");
    for (size_t i = 0; i < ARRAY_LEN(cells); i++)
        fprintf(fp, "DNASE:%s\t%s.npz\tDNASE\t%s\tchromatin_accessibility\n", cells[i].name,
                cells[i].name, cells[i].name);
    close_out(fp, path);
}

/* ----------------------------------------------------------------------------- variants */

struct line {
    int64_t pos;                /* 1-based, on chr1 */
    char *text;                 /* the other columns */
};

/* What comes in place of the n bases at here. */
static char *
alt_allele(const struct variant *v, const char *here)
{
    static const char from[] = "ACGT", partner[] = "CATG";
    char *alt;

    if (*v->alt == '+')
        return mem_printf("%cGTAC", *here);
    if (*v->alt != '*')
        return mem_strdup(v->alt);
    alt = mem_strndup(here, (size_t)v->n_ref);
    for (char *p = alt; *p; p++)
        *p = partner[strchr(from, *p) - from];
    return alt;
}

static struct line
format_variant(const struct variant *v)
{
    int64_t at = landmark_start(v->landmark) +
                 (v->offset < 0 ? NEUTRAL_AT - LANDMARK_AT : v->offset);
    const char *here = genome[0] + at;
    struct line line = { .pos = at + 1 };
    char *alt;

    if (*v->alt == '-') {               /* the base before is the anchor */
        line.pos = at;
        line.text = mem_printf("%s\t%.*s\t%c", v->id, v->n_ref + 1, here - 1, here[-1]);
        return line;
    }
    alt = alt_allele(v, here);
    if (v->ref)
        line.text = mem_printf("%s\t%s\t%s", v->id, v->ref, alt);
    else
        line.text = mem_printf("%s\t%.*s\t%s", v->id, v->n_ref, here, alt);
    free(alt);
    return line;
}

/* All three changes of one base. */
static char *
format_any_change(const char *id, char ref)
{
    char *text = mem_printf("%s\t%c\t", id, ref), *all;
    const char *sep = "";

    for (const char *b = "ACGT"; *b; b++) {
        if (*b == ref)
            continue;
        all = mem_printf("%s%s%c", text, sep, *b);
        free(text);
        text = all;
        sep = ",";
    }
    return text;
}

static int
compare_lines(const void *a, const void *b)
{
    const struct line *x = a, *y = b;

    return (x->pos > y->pos) - (x->pos < y->pos);
}

static void
print_line(FILE *fp, const char *chrom, const struct line *l)
{
    fprintf(fp, "%s\t%lld\t%s\t.\t.\t.\n", chrom, (long long)l->pos, l->text);
    free(l->text);
}

static void
write_variants(void)
{
    enum { OTHER_AT = 20 * CELL, EDGE_AT = 500 };
    struct line lines[ARRAY_LEN(variants) + 1];
    struct line other = { OTHER_AT, format_any_change("other_name", genome[0][OTHER_AT - 1]) };
    struct line gap = { N_START + N_LEN / 2, mem_strdup("in_gap\tN\tA") };
    char *path;
    FILE *fp = open_out("variants.vcf", &path);

    fprintf(fp, "##fileformat=VCFv4.2\n##contig=<ID=1,length=%lld>\n", (long long)contigs[0].len);
    for (size_t c = 0; c < ARRAY_LEN(contigs); c++)
        fprintf(fp, "##contig=<ID=%s,length=%lld>\n", contigs[c].name, (long long)contigs[c].len);
    fprintf(fp, "##ALT=<ID=DEL,Description=\"Deletion\">\n"
                "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n");
    for (size_t i = 0; i < ARRAY_LEN(variants); i++)
        lines[i] = format_variant(&variants[i]);
    lines[ARRAY_LEN(variants)] = (struct line){
        EDGE_AT, format_any_change("off_contig", genome[0][EDGE_AT - 1])
    };
    qsort(lines, ARRAY_LEN(lines), sizeof *lines, compare_lines);
    print_line(fp, "1", &other);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        print_line(fp, "chr1", &lines[i]);
    print_line(fp, contigs[N_CONTIG].name, &gap);
    close_out(fp, path);
}

int
main(int argc, char **argv)
{
    prog_name = "make-demo";
    if (argc != 2)
        die("usage: make-demo DIR");
    out_dir = argv[1];
    if (mkdir(out_dir, 0777) != 0 && errno != EEXIST)
        die("%s: cannot make this directory: %s", out_dir, strerror(errno));
    for (size_t c = 0; c < ARRAY_LEN(contigs); c++)
        fill_bases(c);
    plant_all();
    write_genome();
    for (size_t i = 0; i < ARRAY_LEN(cells); i++)
        write_model(i);
    write_track_table();
    write_variants();
    for (size_t c = 0; c < ARRAY_LEN(contigs); c++)
        free(genome[c]);
    return EXIT_OK;
}
