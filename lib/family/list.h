/* SPDX-License-Identifier: MIT */
/* The families, a line for each, in the order of their names.  No guard: FAMILY is the includer's. */
FAMILY(bpnet)
FAMILY(borzoi)
FAMILY(cherimoya)
FAMILY(chrombpnet)
FAMILY(enformer)
FAMILY(epinformerseq)
FAMILY(legnet)
FAMILY(multimolecule)
FAMILY(sei)
