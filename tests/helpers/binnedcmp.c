/* SPDX-License-Identifier: MIT */
/*
 * binnedcmp - compare predict --text --full of numbered tracks with an array of whole predictions.
 *
 *   binnedcmp EXPECTED.npz TOLERANCE < FOUND
 *
 * EXPECTED's "pred" is windows x bins x tracks.  FOUND has its windows in the same order, the
 * tracks of each in theirs.  Every value must be within TOLERANCE times its window's largest.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prog/die.h"
#include "weights/weights.h"

static double
peak(const float *x, size_t n)
{
    double most = 0;

    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs((double)x[i]));
    return most;
}

/* Largest difference of a line's last field from column track of a window. */
static double
compare(char *line, const float *want, size_t bins, size_t tracks)
{
    char *at = strrchr(line, '\t');
    double worst = 0;

    for (size_t bin = 0; bin < bins; bin++) {
        if (!at)
            die("a line of found values ends at bin %zu of %zu", bin, bins);
        worst = fmax(worst, fabs(strtod(at + 1, &at) - (double)want[bin * tracks]));
        at = *at == ',' ? at : NULL;
    }
    return worst;
}

int
main(int argc, char **argv)
{
    struct err e;
    struct weights *w = argc == 3 ? weights_open(argv[1], &e) : NULL;
    const struct tensor *t = w ? weights_find(w, "pred") : NULL;
    const float *want = t && t->ndim == 3 ? weights_data(w, t, &e) : NULL;
    double worst = 0;
    size_t n = 0, room = 0;
    char *line = NULL;

    prog_name = "binnedcmp";
    if (argc != 3)
        die_usage("takes EXPECTED.npz and a tolerance");
    if (!want)
        die("%s: cannot read its array 'pred'", argv[1]);
    while (getline(&line, &room, stdin) > 0) {
        size_t window = n / t->shape[2], size = t->shape[1] * t->shape[2];

        if (*line == '#')
            continue;
        if (window >= t->shape[0])
            die("more than %zu windows found", t->shape[0]);
        worst = fmax(worst, compare(line, want + window * size + n % t->shape[2], t->shape[1],
                                    t->shape[2]) / peak(want + window * size, size));
        n++;
    }
    fprintf(stderr, "%zu tracks of windows, worst %g of the peak\n", n, worst);
    free(line);
    if (n != t->shape[0] * t->shape[2] || !(worst <= atof(argv[2])))
        return 1;
    weights_close(w);
    return 0;
}
