/* SPDX-License-Identifier: MIT */
#include "lookup/rank.h"

#include <math.h>
#include <string.h>

#include "base/pyfloat.h"
#include "digest/blake2b.h"

/* Number of slots below v, or with at_most of those not above it. */
static size_t
count_slots(const float *row, size_t width, double v, bool at_most)
{
    size_t lo = 0, hi = width;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (at_most ? (double)row[mid] <= v : (double)row[mid] < v)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

uint64_t
rank_tie_hash(const char *track_id, double v)
{
    struct blake2b_state h;
    char text[PYFLOAT_MAX];
    uint8_t digest[8];
    uint64_t hash = 0;
    size_t n = pyfloat_format(text, v);

    blake2b_init(&h, sizeof digest, NULL, 0);
    blake2b_update(&h, track_id, strlen(track_id) + 1);
    blake2b_update(&h, text, n);
    blake2b_final(&h, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        hash = hash << 8 | digest[i];
    return hash;
}

size_t
rank_among_ties(size_t below, size_t upto, const char *track_id, double v, enum rank_ties ties)
{
    if (ties == RANK_TIES_LEFT)
        return below;
    if (ties == RANK_TIES_HASH && upto - below >= 2)
        return below + (size_t)(rank_tie_hash(track_id, v) % (upto - below + 1));
    return upto;
}

void
rank_find(struct rank_place *p, const float *row, size_t width, const char *track_id, double v,
          enum rank_ties ties)
{
    if (isnan(v)) {
        *p = (struct rank_place){ width, width, width };
        return;
    }
    p->below = count_slots(row, width, v, false);
    p->upto = count_slots(row, width, v, true);
    p->rank = rank_among_ties(p->below, p->upto, track_id, v, ties);
}

double
rank_as_percentile(size_t rank, size_t width, bool is_signed)
{
    double q = (double)rank / (double)width;

    return is_signed ? 2 * q - 1 : q;
}

int
rank_percentile(double *q, const float *row, size_t width, const char *track_id, double v,
                bool is_signed, enum rank_ties ties, struct err *e)
{
    struct rank_place p;

    if (!isfinite(v))
        return err_set(e, "track '%s': value is %g, expected a finite number; find out where it "
                       "came from", track_id, v);
    if (v == 0)
        v = 0;                  /* -0.0 equals it and becomes it */
    rank_find(&p, row, width, track_id, v, ties);
    *q = rank_as_percentile(p.rank, width, is_signed);
    return 0;
}

bool
rank_exceedance(double *ratio, const float *row, size_t width, double v, bool is_signed)
{
    double lo = row[0], hi = row[width - 1];

    if (!is_signed)
        v = fabs(v);
    if (v > hi && hi > 0) {
        *ratio = v / hi;
        return true;
    }
    if (is_signed && v < lo && lo < 0) {
        *ratio = v / lo;
        return true;
    }
    return false;
}
