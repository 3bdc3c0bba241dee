/* SPDX-License-Identifier: MIT */
#include "sample/snp.h"

int
snp_add(struct sample *s, struct pyrandom *r, const struct bases *b, struct sample_site *site,
        bool keep_rejected, struct err *e)
{
    int ref;

    if (b->letter(b->arg, site->contig, site->pos, &site->ref, e))
        return -1;
    ref = bases_code(site->ref);
    if (ref < 0) {
        site->reason = SAMPLE_NOT_ACGT;
    } else {
        const uint64_t alt = pyrandom_below(r, 3);

        site->alt = "ACGT"[alt + (alt >= (uint64_t)ref)];
    }
    sample_add(s, site, keep_rejected);
    return 0;
}
