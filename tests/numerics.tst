# SPDX-License-Identifier: MIT
# needs: data
# Single precision against float64 on real variants and weights, for every kernel set that runs
# here but ref, whose sums are in double.  tests/reference/numerics.py made the values, and says
# what is compared; it also measures percentiles, and all the variants (numerics/table.tsv).

0   -   awk 'BEGIN { OFS = "\t"; print "##fileformat=VCFv4.2\n#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO" } /^[^#]/ && $5 == "CTCF" && $6 == "+" { print $1, $2, ".", $3, $4, ".", ".", "." }' $R/numerics/values.tsv >v.vcf && test "$(grep -vc '^#' v.vcf)" = 24
0   -   awk 'BEGIN { OFS = "\t"; print "#chrom", "pos", "track", "allele", "strand", "log_count" } /^[^#]/ { print $1, $2, $5, $3, $6, $7; print $1, $2, $5, $4, $6, $8 }' $R/numerics/values.tsv >counts.tsv
# Log-counts within 1e-5; effects; sums of the window within 1e-5 of |sum| + 1, the pseudocount that
# scoring adds.
0   -   printf '%s\n' 'predict -q -m bpnet -w "CTCF=$PERTRACK_DATA/weights/bpnet-lite/ENCSR000AKO_CTCF_K562_64x8.torch" -w "FOS=$PERTRACK_DATA/weights/bpnet-refactor/ENCSR124AIG_FOS_IMR90.npz" -g "$PERTRACK_DATA/genome/hg38_sparse.fa.gz" "$@" v.vcf' >run
0   -   for k in avx512 avx512-direct avx2 avx2-direct blas; do PERTRACK_KERNELS=$k sh run --raw --text >$k.txt 2>why || { grep -q 'PERTRACK_KERNELS\|BLAS' why && continue; exit 1; }; numcmp -k chrom,pos,track,allele,strand -c log_count:1e-5 counts.tsv $k.txt || exit 1; ran=1; done; test "$ran"
0   -   for k in avx512 avx512-direct avx2 avx2-direct blas; do test -s $k.txt || continue; PERTRACK_KERNELS=$k sh run | score-effect -q --text >$k.scores && numcmp -k chrom,pos,ref,alt,track,part -c score:5e-6 $R/numerics/values.tsv $k.scores || exit 1; awk 'BEGIN { FS = "\t" } /^#/ { next } NR == FNR { want[$1, $2, $3, $4, $5, $6] = $9 FS $10; next } { n++; split(want[$1, $2, $3, $4, $8, $9], w, FS); for (i = 1; i <= 2; i++) { d = $(9 + i) - w[i]; s = (w[i] < 0 ? -w[i] : w[i]) + 1; if (d < 0) d = -d; if (d > 1e-5 * s) bad++ } } END { exit bad || n != 96 }' $R/numerics/values.tsv $k.scores || exit 1; done
