/* SPDX-License-Identifier: MIT */
/*
 * Allele windows against strings worked out by hand from tests/data/genome/tiny.fa (windows of 10
 * bases, so the site stands at index 4), and window placement against golden values.
 *
 *   chr1   0 ACGTACGGTA  10 acgttgcaat  20 GATTACACAT  30 TAGGCCTTAA
 *         40 GCTTGGATCC  50 TCTAGACCTG  60 caggtacGTA
 *   chr2   0 TTGCANNNNN  10 NNNNNGGATC  20 RACCTGATCA  30 NNTACGGATC
 */
#include "genome/window.h"

#include <jansson.h>

#include "check.h"
#include "genome/dna.h"
#include "prog/mem.h"

enum { W = 10, MAX_ALT = 8 };

static struct genome *tiny;
static struct window win;
static struct window_spec spec;

/* Build the window of chrom:pos1 REF ALT,ALT... */
static void
build_variant(const char *chrom, int64_t pos1, const char *ref, const char *alts)
{
    char ref_copy[64], alt_copy[64], *alt[MAX_ALT], *rest = alt_copy;
    struct site s;
    struct err e = { "" };

    site_init(&s);
    snprintf(ref_copy, sizeof ref_copy, "%s", ref);
    snprintf(alt_copy, sizeof alt_copy, "%s", alts);
    s.kind = SITE_VARIANT;
    s.start = pos1 - 1;
    s.end = s.start + (int64_t)strlen(ref);
    s.ref = ref_copy;
    s.alt = alt;
    while (rest && *rest)
        s.alt[s.n_alt++] = strsep(&rest, ",");
    CHECK_INT(window_build(&win, tiny, genome_contig_find(tiny, chrom), &s, &spec, &e), 0);
}

static void
build_region(const char *chrom, int64_t start, int64_t end)
{
    struct site s;
    struct err e = { "" };

    site_init(&s);
    s.kind = SITE_REGION;
    s.start = start;
    s.end = end;
    s.ref = (char[]){ "" };
    CHECK_INT(window_build(&win, tiny, genome_contig_find(tiny, chrom), &s, &spec, &e), 0);
}

static void
check_codes(const uint8_t *code, const char *want)
{
    char text[W + 1] = "";

    if (code)
        dna_decode(text, code, W);
    CHECK_STR(text, want);
}

static void
check_ref(const char *want)
{
    CHECK_INT(win.reason, WINDOW_OK);
    check_codes(win.ref, want);
}

static void
check_alt(size_t i, size_t index, const char *want, int64_t lo, int64_t hi)
{
    CHECK(i < win.n_alt, "alternate %zu of %zu", i, win.n_alt);
    if (i >= win.n_alt)
        return;
    CHECK_INT(win.alt[i].index, index);
    check_codes(win.alt[i].code, want);
    CHECK_INT(win.alt[i].lo, lo);
    CHECK_INT(win.alt[i].hi, hi);
}

static void
check_left_out(size_t i, size_t index, enum window_reason reason)
{
    CHECK(i < win.n_left_out, "left out %zu of %zu", i, win.n_left_out);
    if (i >= win.n_left_out)
        return;
    CHECK_INT(win.left_out[i].index, index);
    CHECK_STR(window_reason_text(win.left_out[i].reason), window_reason_text(reason));
}

static void
check_reason(enum window_reason want)
{
    CHECK_STR(window_reason_text(win.reason), window_reason_text(want));
    CHECK(win.reason == WINDOW_OK || (win.n_alt == 0 && !win.ref), "nothing to predict");
}

static void
test_alleles(void)
{
    build_variant("chr1", 21, "G", "A");
    check_ref("CAATGATTAC");
    CHECK_INT(win.start, 16);
    CHECK_INT(win.n_alt, 1);
    check_alt(0, 0, "CAATAATTAC", 4, 5);

    /* Lower case in the genome and in the alleles. */
    build_variant("chr1", 11, "a", "c");
    check_ref("GGTAACGTTG");
    check_alt(0, 0, "GGTACCGTTG", 4, 5);

    /* Deletion, insertion and two changed bases in one record. */
    build_variant("chr1", 25, "AC", "A,ACTT,GT");
    check_ref("GATTACACAT");
    CHECK_INT(win.n_alt, 3);
    check_alt(0, 0, "GATTAACATT", 5, 9);
    check_alt(1, 1, "GATTACTTAC", 6, 10);
    check_alt(2, 2, "GATTGTACAT", 4, 6);

    /* A deletion in a repeat that gives back the same bases: TT -> T before AGG. */
    build_variant("chr1", 30, "TT", "T");
    check_ref("CACATTAGGC");
    check_alt(0, 0, "CACATAGGCC", 5, 9);

    /* An ambiguity letter of the genome becomes an unknown base. */
    build_variant("chr2", 17, "G", "T");
    check_ref("NNNGGATCNA");
    CHECK_INT(win.n_count, 3);
    check_alt(0, 0, "NNNGTATCNA", 4, 5);
}

/* An insertion of what stands to its right can leave the whole window as it is. */
static void
test_no_change(void)
{
    struct window_spec narrow = { 2, 0, 1, false };
    char *alt[] = { (char[]){ "TT" } };
    struct site s;
    struct err e = { "" };

    site_init(&s);
    s.start = 29;
    s.end = 30;
    s.ref = (char[]){ "T" };
    s.alt = alt;
    s.n_alt = 1;
    CHECK_INT(window_build(&win, tiny, 0, &s, &narrow, &e), 0);
    CHECK_INT(win.reason, WINDOW_OK);
    CHECK_INT(win.n_alt, 1);
    CHECK_INT(win.alt[0].hi - win.alt[0].lo, 0);
}

/* Where only A, C, G, T and N will do, a window with another letter is left out, lower case is not. */
static void
test_only_acgtn(void)
{
    struct window_spec strict = { 10, 4, 10, true };
    char *alt[] = { (char[]){ "T" } };
    struct site s;
    struct err e = { "" };

    site_init(&s);
    s.ref = (char[]){ "G" };
    s.alt = alt;
    s.n_alt = 1;
    s.start = 16;               /* chr2:17, whose window NNNGGATCRA holds an R */
    s.end = 17;
    CHECK_INT(window_build(&win, tiny, 1, &s, &strict, &e), 0);
    CHECK_INT(win.reason, WINDOW_OTHER_LETTERS);
    s.start = 15;               /* one base to the left it does not reach it, but N is fine */
    s.end = 16;
    strict.len_bp = 8;
    CHECK_INT(window_build(&win, tiny, 1, &s, &strict, &e), 0);
    CHECK_INT(win.reason, WINDOW_OK);
}

static void
test_contig_ends(void)
{
    build_variant("chr1", 5, "A", "G");
    check_ref("ACGTACGGTA");
    build_variant("chr1", 4, "T", "G");
    check_reason(WINDOW_OFF_CONTIG);
    CHECK_INT(win.start, -1);
    build_variant("chr1", 65, "TA", "T,GA,TAAA");
    check_ref("CAGGTACGTA");
    CHECK_INT(win.n_alt, 2);
    check_alt(0, 1, "CAGGGACGTA", 4, 5);
    check_alt(1, 2, "CAGGTAAACG", 6, 10);
    CHECK_INT(win.n_left_out, 1);
    check_left_out(0, 0, WINDOW_ALT_OFF_CONTIG);
    build_variant("chr1", 64, "GT", "G");
    check_ref("GCAGGTACGT");
    check_alt(0, 0, "GCAGGACGTA", 5, 10);
    build_variant("chr1", 66, "A", "C");
    check_reason(WINDOW_OFF_CONTIG);
    build_variant("chr1", 70, "AC", "A");
    check_reason(WINDOW_OFF_CONTIG);
    build_variant("chr1", 0, "A", "C");
    check_reason(WINDOW_OFF_CONTIG);
}

static void
test_site_reasons(void)
{
    build_variant("chr1", 21, "T", "A");
    check_reason(WINDOW_REF_DIFFERS);
    CHECK_STR(win.genome_ref, "G");
    build_variant("chr1", 21, "GATTC", "G");
    check_reason(WINDOW_REF_DIFFERS);
    CHECK_STR(win.genome_ref, "GATTA");
    build_variant("chr1", 1, "C", "A");
    check_reason(WINDOW_REF_DIFFERS);
    build_variant("chr2", 21, "R", "A");
    check_reason(WINDOW_REF_LETTERS);
    build_variant("chr1", 21, "", "A");
    check_reason(WINDOW_REF_LETTERS);
    build_variant("chr1", 21, "GATTACA", "G");
    check_reason(WINDOW_REF_LONG);
    build_variant("chr1", 21, "GATTAC", "G");
    check_ref("CAATGATTAC");
    check_alt(0, 0, "CAATGACATT", 6, 10);
    build_variant("chr1", 21, "G", "");
    check_reason(WINDOW_NO_ALT);
    build_variant("chr1", 21, "G", ".");
    check_reason(WINDOW_NO_ALT);
}

/* Only the letter N counts: chr2 5..14 are N, 20 is R. */
static void
test_n(void)
{
    spec.max_n = 7;
    build_variant("chr2", 13, "N", "A");
    CHECK_INT(win.n_count, 7);
    check_ref("NNNNNNNGGA");
    check_alt(0, 0, "NNNNANNGGA", 4, 5);
    spec.max_n = 6;
    build_variant("chr2", 13, "N", "A");
    check_reason(WINDOW_TOO_MANY_N);
    spec.max_n = 0;
    build_region("chr2", 20, 21);
    check_reason(WINDOW_OK);
    CHECK_INT(win.n_count, 0);
    spec.max_n = W / 2;
    CHECK_INT(window_spec_make(2114, 0.5).max_n, 1057);
    CHECK_INT(window_spec_make(2114, 0.3).max_n, 634);
    CHECK_INT(window_spec_make(200, 0.3).max_n, 60);
    CHECK_INT(window_spec_make(2114, 0.5).variant_index, 1056);
}

static void
test_alt_reasons(void)
{
    build_variant("chr1", 30, "T", "<DEL>,*,<NON_REF>,G,<*>,T,N");
    check_ref("CACATTAGGC");
    CHECK_INT(win.n_alt, 1);
    check_alt(0, 3, "CACAGTAGGC", 4, 5);
    CHECK_INT(win.n_left_out, 6);
    check_left_out(0, 0, WINDOW_ALT_SYMBOLIC);
    check_left_out(1, 1, WINDOW_ALT_STAR);
    check_left_out(2, 2, WINDOW_ALT_NON_REF);
    check_left_out(3, 4, WINDOW_ALT_NON_REF);
    check_left_out(4, 5, WINDOW_ALT_IS_REF);
    check_left_out(5, 6, WINDOW_ALT_LETTERS);
    build_variant("chr1", 30, "T", "]chr2:5]T,T[chr2:5[,.T,TACGTA,TACGTAC");
    CHECK_INT(win.n_left_out, 4);
    for (size_t i = 0; i < 3; i++)
        check_left_out(i, i, WINDOW_ALT_SYMBOLIC);
    check_left_out(3, 4, WINDOW_ALT_LONG);
    check_alt(0, 3, "CACATACGTA", 5, 10);
    build_variant("chr1", 30, "T", "*");
    CHECK_INT(win.reason, WINDOW_OK);
    CHECK_INT(win.n_alt, 0);
}

static void
test_regions(void)
{
    build_region("chr1", 20, 21);
    check_ref("CAATGATTAC");
    build_region("chr1", 18, 24);
    CHECK_INT(win.start, 16);
    build_region("chr1", 18, 25);
    CHECK_INT(win.start, 17);
    CHECK_INT(win.n_alt, 0);
    build_region("chr1", 0, 70);
    CHECK_INT(win.start, 30);
    build_region("chr1", 3, 4);
    check_reason(WINDOW_OFF_CONTIG);
    build_region("chr1", 60, 71);
    check_reason(WINDOW_OFF_CONTIG);
    build_region("chr2", 9, 11);
    check_reason(WINDOW_TOO_MANY_N);
}

/* The golden genome's base: a hash of contig number and position. */
static char
mock_base(uint32_t c, uint32_t p)
{
    uint32_t h = p * 2654435761u + c * 97531u;

    return h / 256 % 25 == 0 ? 'N' : "ACGT"[h >> 30];
}

/*
 * A contig of full length as one line of a sparse file, letters only around pos1 (as far as the
 * genome reads ahead), with an index written by hand.
 */
static struct genome *
mock_genome(const char *name, int64_t length, int64_t pos1)
{
    char *path = mem_printf("%s/mock.fa", getenv("T")), *fai = mem_printf("%s.fai", path);
    FILE *fp = fopen(path, "wb");
    int64_t head = fprintf(fp, ">%s\n", name), lo = pos1 - 1100, hi = pos1 + 10000;
    struct genome *g;
    struct err e;

    for (int64_t p = lo < 0 ? 0 : lo; p < hi && p < length; p++) {
        fseeko(fp, head + p, SEEK_SET);
        fputc(mock_base((uint32_t)atoi(name + 3), (uint32_t)p), fp);
    }
    fseeko(fp, head + length, SEEK_SET);
    fputc('\n', fp);
    fclose(fp);
    fp = fopen(fai, "wb");
    fprintf(fp, "%s\t%lld\t%lld\t%lld\t%lld\n", name, (long long)length, (long long)head,
            (long long)length, (long long)length + 1);
    fclose(fp);
    g = genome_open(path, &e);
    CHECK(g != NULL, "%s", e.msg);
    free(path);
    free(fai);
    return g;
}

static int64_t
hg38_length(const char *dir, const char *chrom)
{
    char *path = mem_printf("%s/golden/hg38_primary_chrom_sizes.tsv", dir), name[32];
    FILE *fp = fopen(path, "r");
    long long length = 0;

    while (fp && fscanf(fp, "%31s %lld", name, &length) >= 1)
        if (strcmp(name, chrom) == 0)
            break;
    if (fp)
        fclose(fp);
    free(path);
    return length;
}

static void
check_golden(const char *dir, json_t *item)
{
    const char *chrom = json_string_value(json_object_get(item, "chrom"));
    int64_t pos1 = json_integer_value(json_object_get(item, "pos_1based"));
    json_t *want = json_object_get(item, "result");
    struct window_spec full = window_spec_make(2114, 0.5);
    struct genome *g = mock_genome(chrom, hg38_length(dir, chrom), pos1);
    struct site s;
    struct err e = { "" };
    char text[2115] = "";

    site_init(&s);
    s.kind = SITE_REGION;
    s.start = pos1 - 1;
    s.end = pos1;
    s.ref = (char[]){ "" };
    CHECK(window_build(&win, g, 0, &s, &full, &e) == 0, "%s", e.msg);
    if (json_is_null(want) || !win.ref) {
        CHECK(json_is_null(want), "%s:%lld", chrom, (long long)pos1);
        CHECK_INT(win.reason, WINDOW_OFF_CONTIG);
    } else {
        CHECK_INT(win.reason, WINDOW_OK);
        dna_decode(text, win.ref, 2114);
        CHECK(strncmp(text, json_string_value(json_object_get(want, "first12")), 12) == 0,
              "%s:%lld begins with %.12s", chrom, (long long)pos1, text);
        CHECK_INT(text[1056], *json_string_value(json_object_get(want, "base_at_index_1056")));
        CHECK_INT(win.n_count, json_integer_value(json_object_get(want, "n_count")));
    }
    genome_close(g);
}

static void
test_golden(void)
{
    const char *dir = getenv("SHARED");
    char *path = mem_printf("%s/golden/mock_reference_recipes.json", dir ? dir : "");
    json_t *all = json_load_file(path, 0, NULL), *item;
    size_t i;

    if (!all)
        fprintf(stderr, "golden windows not checked: no %s\n", path);
    json_array_foreach(json_object_get(all, "get_sequence_2114"), i, item)
        check_golden(dir, item);
    json_decref(all);
    free(path);
}

int
main(void)
{
    char *path = mem_printf("%s/tiny.fa", getenv("T") ? getenv("T") : "."), *copy;
    struct err e = { "" };

    /* A copy, so that the index is not made in the source tree. */
    copy = mem_printf("cp data/genome/tiny.fa %s", path);
    CHECK_INT(system(copy), 0);
    tiny = genome_open(path, &e);
    if (!tiny) {
        fprintf(stderr, "%s\n", e.msg);
        return 1;
    }
    window_init(&win);
    spec = window_spec_make(W, 0.5);
    CHECK_INT(spec.variant_index, 4);
    test_alleles();
    test_no_change();
    test_only_acgtn();
    test_contig_ends();
    test_site_reasons();
    test_n();
    test_alt_reasons();
    test_regions();
    test_golden();
    window_free(&win);
    genome_close(tiny);
    free(path);
    free(copy);
    return check_done();
}
