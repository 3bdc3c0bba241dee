# SPDX-License-Identifier: MIT
# needs: data
# EPInformer-seq on its published weights: 200 sites, both geometries, both strands, against an
# independent implementation.  Maxima reach 188, so they are compared relative to their size.

0   -   awk -F '\t' 'NR > 1 { split($2, r, "[:-]"); print r[1] "\t" r[2] "\t" r[3] }' "$PERTRACK_DATA/expected/sites_first200.tsv" >sites.bed
0   -   ln -s "$PERTRACK_DATA/weights/epinformerseq/K562" k562 && ln -s "$PERTRACK_DATA/weights/epinformerseq/GM12878" gm && ln -s "$PERTRACK_DATA/genome/hg38_sparse.fa.gz" . && ln -s "$PERTRACK_DATA/genome/hg38_sparse.fa.gz.fai" . && ln -s "$PERTRACK_DATA/genome/hg38_sparse.fa.gz.gzi" .
0   -   predict -q -m epinformerseq -w K562=k562/main.pt,k562/bias.pt -g hg38_sparse.fa.gz --text sites.bed >wide.tsv
0   -   predict -q -m epinformerseq -w K562=k562 --average-strands -g hg38_sparse.fa.gz --text sites.bed >wide.both.tsv
0   -   epi-columns epi_K562_wide2114_ wide.tsv wide.both.tsv | numcmp -c epi_K562_wide2114_logcount_dnase_fwd:1e-4 -c epi_K562_wide2114_logcount_dnase_rc:1e-4 -c epi_K562_wide2114_logcount_h3k27ac_fwd:1e-4 -c epi_K562_wide2114_logcount_h3k27ac_rc:1e-4 -c epi_K562_wide2114_max256_dnase_rcavg:1e-4r -c epi_K562_wide2114_max256_h3k27ac_rcavg:1e-4r "$PERTRACK_DATA/expected/sites_first200.tsv"
0   -   predict -q -m epinformerseq -w K562=k562 --input-length 1024 -g hg38_sparse.fa.gz --text sites.bed >near.tsv
0   -   predict -q -m epinformerseq -w K562=k562 --input-length 1024 --average-strands -g hg38_sparse.fa.gz --text sites.bed >near.both.tsv
0   -   epi-columns epi_K562_1024_ near.tsv near.both.tsv | numcmp -c epi_K562_1024_logcount_dnase_fwd:1e-4 -c epi_K562_1024_logcount_dnase_rc:1e-4 -c epi_K562_1024_logcount_h3k27ac_fwd:1e-4 -c epi_K562_1024_logcount_h3k27ac_rc:1e-4 -c epi_K562_1024_max256_dnase_rcavg:1e-4r -c epi_K562_1024_max256_h3k27ac_rcavg:1e-4r "$PERTRACK_DATA/expected/sites_first200.tsv"

# The composite is the geometric mean of the two, and both signals of the first four sites.
0   -   awk -F '\t' '/^#/ { next } { v[$4 ~ /H3K27ac_DNase/ ? 3 : $4 ~ /H3K27/ ? 2 : 1] = $9 } $4 ~ /H3K27ac_DNase/ { d = v[3] - sqrt(v[1] * v[2]); if (d < 0) d = -d; if (d > 1e-5 * v[3] + 1e-6) exit 1; n++ } END { if (n != 200) exit 1 }' wide.tsv
0   -   head -n 4 sites.bed | predict -q -m epinformerseq -w K562=k562 --input-length 1024 --signals --full -g hg38_sparse.fa.gz --text | numcmp -c values:1e-4r "$PERTRACK_DATA/expected/epi_K562_1024_signal_fwd_first4.npy"

# The other cell's networks load and say something else.
0   -   predict -q -m epinformerseq -w GM12878=gm -g hg38_sparse.fa.gz --text sites.bed | grep -v '^#' | cut -f 9 >gm.txt
1   -   grep -v '^#' wide.tsv | cut -f 9 | cmp -s gm.txt
0   -   test "$(wc -l <gm.txt)" -eq 600

# One site's alternate alleles: incremental and from scratch (as the only change of a group and as
# two) are one; the same for one thread and several, and for any batch.
0   -   awk -F '\t' '/^#/ || (length($4) == 1 && length($5) == 1 && ++n % 25 == 0)' "$PERTRACK_DATA/annotation/snvs.vcf" >snvs.vcf
0   -   predict -q -m epinformerseq -w K562=k562 -g hg38_sparse.fa.gz --no-provenance -@ 1 snvs.vcf >one.pred
0   -   predict -q -m epinformerseq -w K562=k562 -g hg38_sparse.fa.gz --no-provenance -@ 3 --batch 7 snvs.vcf | cmp - one.pred
