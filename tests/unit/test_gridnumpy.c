/* SPDX-License-Identifier: MIT */
/*
 * Rows against NumPy's, whole and thinned, 1 to 2,000,000 values: checksums in
 * tests/reference/grid/cases.tsv, which tests/reference/check_grid.py made.
 */
#include "background/grid.h"
#include "check.h"
#include "digest/hash256.h"
#include "prog/mem.h"
#include "rng/keyed.h"

static const char *const modes[] = { "unsigned", "signed", "ties", "float" };

/* As make_values of the script. */
static double
value_at(uint64_t i, size_t mode)
{
    const uint64_t word = keyed_hash(5, i, mode);
    const double v = ldexp((double)(word >> 11), -(int)(word & 31) - 30);

    switch (mode) {
    case 1:
        return word >> 5 & 1 ? -v : v;
    case 2:
        return (double)(word % 7);
    default:
        return v;
    }
}

static void
fill(struct value_set *s, size_t n, size_t mode, const struct retention *how)
{
    for (size_t i = 0; i < n; i++) {
        const double v = value_at(i, mode);
        const uint32_t key = (uint32_t)(keyed_hash(6, i, 0) >> 32);

        if (how->rule == RETAIN_KEYED)
            value_set_offer_keyed(s, how, &v, &key, 1);
        else
            value_set_offer_all(s, &v, 1);
    }
    value_set_trim(s, how);
    value_set_sort(s);
}

static void
check_case(size_t n, size_t width, const char *mode, bool thinned, const char *want)
{
    struct retention how = { RETAIN_ALL, 0, 0, 0 };
    struct value_set s = { .limit = UINT32_MAX };
    struct grid *g = grid_new(width);
    float *row = mem_array(width, sizeof *row);
    struct hash256 *h = hash256_new();
    size_t m = 0;
    char hex[65];

    while (m < ARRAY_LEN(modes) - 1 && strcmp(modes[m], mode) != 0)
        m++;
    s.kind = m == 3 ? SCORE_PERBIN : SCORE_EFFECT;
    if (thinned)
        how = (struct retention){ RETAIN_KEYED, n / 10 ? n / 10 : 1, n / 40 + 1, 0 };
    fill(&s, n, m, &how);
    grid_set(g, row, &s);
    hash256_add(h, row, width * sizeof *row);
    hash256_hex(h, hex);
    CHECK(strcmp(hex, want) == 0, "%zu values, %zu points, %s, %s", n, width, mode,
          thinned ? "thinned" : "whole");
    value_set_free(&s);
    grid_free(g);
    free(row);
}

int
main(void)
{
    FILE *fp = fopen("reference/grid/cases.tsv", "r");
    char line[512], mode[16], want[65];
    size_t n, width, n_cases = 0;
    int thinned;

    CHECK(fp != NULL, "tests/reference/grid/cases.tsv");
    while (fp && fgets(line, sizeof line, fp)) {
        if (*line == '#')
            continue;
        CHECK(sscanf(line, "%zu %zu %15s %d %64s", &n, &width, mode, &thinned, want) == 5, "%s",
              line);
        check_case(n, width, mode, thinned, want);
        n_cases++;
    }
    CHECK(n_cases > 500, "%zu cases", n_cases);
    if (fp)
        fclose(fp);
    return check_done();
}
