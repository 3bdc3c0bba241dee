/* SPDX-License-Identifier: MIT */
#ifndef PT_HANDOVER_H
#define PT_HANDOVER_H

/*
 * When the command line asks for a VCF (--vcf, --annotate-tsv), become cdf-annotate, from this
 * program's directory or else from PATH, with the same arguments; else return.  htslib and what
 * it loads would make every single lookup several times slower.
 */
void handover_vcf(char **argv);

#endif
