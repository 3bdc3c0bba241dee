/* SPDX-License-Identifier: MIT */
/* Position features and the spline basis against the golden numbers of the specification. */
#include "check.h"
#include "nn/position.h"
#include "prog/mem.h"

static double
feature(const struct position_table *p, ptrdiff_t d, size_t f)
{
    size_t r = 0;

    if (!p->run)
        return p->row[(size_t)(d + (ptrdiff_t)p->n - 1) * p->n_features + f];
    while (d >= p->run[r + 1])
        r++;
    return p->row[r * p->n_features + f];
}

/* Features 1 ... F of a family, whose first column is at. */
static void
test_enformer(void)
{
    struct position_table *p = position_enformer(1536, 192), *small = position_enformer(24, 12);
    enum { F = 32, GAMMA = 64, SIGNED = 96 };

    CHECK_INT(p->n_rows, 3071);
    CHECK_NEAR(feature(p, 0, 0), 1, 0);
    CHECK_NEAR(feature(p, 8, 0), 0.5, 1e-15);           /* half-lives from 8 ... */
    CHECK_NEAR(feature(p, 1535, F - 1), exp2(-1535.0 / 1536), 1e-12);     /* ... to n */
    CHECK_NEAR(feature(p, 0, F), 1, 0);                 /* width 1 */
    CHECK_NEAR(feature(p, 1, F), 0, 0);
    CHECK_NEAR(feature(p, -2, F + 1), 1, 0);            /* width 3 */
    CHECK_NEAR(feature(p, 3, F + 1), 0, 0);
    CHECK_NEAR(feature(p, 0, GAMMA), 5.35614e-7, 1e-12);
    CHECK_NEAR(feature(p, 1, GAMMA), 3.96617e-4, 1e-9);
    CHECK_NEAR(feature(p, 36, GAMMA), 1, 0);
    CHECK_NEAR(feature(p, 48, GAMMA), 0.872011, 1e-6);
    CHECK_NEAR(feature(p, 768, GAMMA + 15), 0.999566, 1e-6);
    CHECK_NEAR(feature(p, 1535, GAMMA + 31), 1, 0);
    for (size_t f = 0; f < SIGNED; f++) {
        CHECK_NEAR(feature(p, 7, SIGNED + f), feature(p, 7, f), 0);
        CHECK_NEAR(feature(p, -7, SIGNED + f), -feature(p, 7, f), 0);
        CHECK_NEAR(feature(p, 0, SIGNED + f), 0, 0);
    }
    CHECK_NEAR(feature(small, 0, 4), 1.3390356e-7, 1e-14);
    CHECK_NEAR(feature(small, 0, 5), 1.4696848e-7, 1e-14);
    CHECK_NEAR(feature(small, 5, 4), 0.6504918, 1e-7);
    CHECK_NEAR(feature(small, -5, 5), 1.8774969e-5, 1e-12);
    CHECK_NEAR(feature(small, 12, 4), 0.87201054, 1e-8);
    CHECK_NEAR(feature(small, 12, 5), 0.08843578, 1e-8);
    CHECK_NEAR(feature(small, 23, 4), 0.15694544, 1e-8);
    CHECK_NEAR(feature(small, 23, 5), 1, 0);
    position_free(p);
    position_free(small);
}

/* Largest |d| of each mask, and the 33 runs that all distances fall into at most. */
static void
test_borzoi(void)
{
    static const int last[] = { 0, 1, 3, 7, 12, 21, 37, 63, 106, 180, 303, 511, 860, 1447, 2435,
                                4095 };
    struct position_table *p = position_borzoi(4096, 32);

    CHECK(p->n_rows <= 33, "%zu rows", p->n_rows);
    CHECK_INT(p->run[0], -4095);
    CHECK_INT(p->run[p->n_rows], 4096);
    for (size_t f = 0; f < ARRAY_LEN(last); f++) {
        CHECK_NEAR(feature(p, last[f], f), 1, 0);
        CHECK_NEAR(feature(p, -last[f], f), 1, 0);
        if (last[f] < 4095)
            CHECK_NEAR(feature(p, last[f] + 1, f), 0, 0);
        CHECK_NEAR(feature(p, -last[f], 16 + f), last[f] ? -1 : 0, 0);
    }
    position_free(p);
}

static void
check_row(const double *row, size_t n_basis, size_t first, const double *want, size_t n)
{
    double sum = 0;

    for (size_t k = 0; k < n_basis; k++) {
        double expected = k >= first && k < first + n ? want[k - first] : 0;

        CHECK(fabs(row[k] - expected) < 6e-9, "column %zu is %.9f, expected %.9f", k, row[k],
              expected);
        sum += row[k];
    }
    CHECK_NEAR(sum, 1, 1e-14);
}

static void
test_bspline(void)
{
    static const double one[] = { 1 };
    static const double row_1[] = { 0.85472333, 0.14147755, 0.00377704, 0.00002208 };
    static const double row_128[] = { 0.01780674, 0.46308114, 0.49492732, 0.02418481 };
    static const double small_1[] = { 0.00237037, 0.35918519, 0.52995062, 0.10849383 };
    static const double small_8[] = { 0.00004938, 0.20207407, 0.66237037, 0.13550617 };
    double *basis = mem_array(256 * 16, sizeof *basis);

    position_bspline(basis, 256, 16);
    check_row(basis, 16, 0, one, 1);
    check_row(basis + 16, 16, 0, row_1, 4);
    check_row(basis + 128 * 16, 16, 6, row_128, 4);
    check_row(basis + 255 * 16, 16, 15, one, 1);
    position_bspline(basis, 16, 16);
    check_row(basis + 16, 16, 0, small_1, 4);
    check_row(basis + 8 * 16, 16, 6, small_8, 4);
    check_row(basis + 15 * 16, 16, 15, one, 1);
    position_bspline(basis, 5, 4);      /* no interior knots: one Bezier curve */
    CHECK_NEAR(basis[2 * 4 + 1], 0.375, 1e-15);
    free(basis);
}

int
main(void)
{
    test_enformer();
    test_borzoi();
    test_bspline();
    return check_done();
}
