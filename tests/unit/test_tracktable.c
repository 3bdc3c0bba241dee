/* SPDX-License-Identifier: MIT */
/* Published track tables: what is read, and what is refused with a place. */
#include <unistd.h>

#include "check.h"
#include "oracle/tracktable.h"
#include "prog/mem.h"

static char path[] = "/tmp/tracktable.XXXXXX";

static void
put(const char *text)
{
    FILE *fp = fopen(path, "w");

    if (!fp || fputs(text, fp) < 0 || fclose(fp))
        abort();
}

static void
test_targets(void)
{
    struct track_rows *r;
    struct err e;

    put("\tidentifier\tfile\tclip\tclip_soft\tscale\tsum_stat\tstrand_pair\tdescription\n"
        "0\tC1+\tx\t768\t384\t1.0\tsum\t1\tCAGE:liver, adult\n"
        "1\tC1-\tx\t768\t384\t1.0\tsum\t0\tCAGE:liver, adult\n"
        "2\tE1\tx\t64\t32\t2\tmean\t2\tCHIP:H3K27ac:K562\n"
        "3\tR1\tx\t768\t384\t0.3\tsum_sqrt\t3\tRNA:blood\n");
    r = track_rows_read_targets(path, &e);
    CHECK(r, "%s", e.msg);
    CHECK_INT(r->n, 4);
    CHECK(r->has_pairs && r->has_scales);
    CHECK_STR(r->row[1].id, "C1-");
    CHECK_STR(r->row[2].assay, "CHIP");
    CHECK_INT(r->row[0].pair, 1);
    CHECK_NEAR(r->row[3].scale, 0.3, 1e-15);
    CHECK(r->row[3].sqrt && !r->row[2].sqrt);
    track_rows_free(r);
}

static void
test_refused(const char *text, const char *reason)
{
    struct track_rows *r;
    struct err e;

    put(text);
    r = track_rows_read_targets(path, &e);
    CHECK(!r && strstr(e.msg, reason), "'%s' lacks '%s'", e.msg, reason);
    track_rows_free(r);
}

static void
test_sei(void)
{
    struct track_rows *r = track_rows_new();
    struct err e;

    put("K562 | DNase | ENCSR1\nlung | CTCF | 7 | 0\nlung | CTCF | 8 | 2\n");
    CHECK_INT(track_rows_add_profiles(r, path, &e), 0);
    put("Sequence class label\tSequence class name\tRank by size\tGroup\n"
        "PC1\tPolycomb / Heterochromatin\t0\tPolycomb-repressed\n");
    CHECK_INT(track_rows_add_classes(r, path, &e), 0);
    CHECK_INT(r->n, 4);
    CHECK_STR(r->row[0].id, "TA#K562@DNase@ENCSR1");
    CHECK_STR(r->row[1].id, "TA#lung@CTCF@7");
    CHECK_STR(r->row[2].id, "TA#lung@CTCF@8@2");
    CHECK_STR(r->row[3].id, "CA#PC1@Polycomb / Heterochromatin@Polycomb-repressed@0");
    put("only one field\n");
    CHECK_INT(track_rows_add_profiles(r, path, &e), -1);
    CHECK(strstr(e.msg, ":1: "), "%s", e.msg);
    track_rows_free(r);
}

int
main(void)
{
    int fd = mkstemp(path);

    if (fd < 0)
        abort();
    close(fd);
    test_targets();
    test_refused("", "holds no tracks");
    test_refused("a\tb\n1\t2\n", "is not a targets table");
    test_refused("identifier\tdescription\nx\n", ":2: 1 columns");
    test_refused("identifier\tscale\tdescription\nx\tmuch\tCAGE:a\n", "column scale");
    test_refused("identifier\tstrand_pair\tdescription\nx\t4\tCAGE:a\n", "strand_pair 4");
    test_sei();
    unlink(path);
    return check_done();
}
