# SPDX-License-Identifier: MIT
# needs: data
# predict --gtf with the trained small Borzoi on real sequence: 60 of its tracks called RNA, exons on
# both strands; the same scores from all bins, from whole RNA tracks and from exon bins alone.

0   -   for e in "" .fai .gzi; do ln -s "$PERTRACK_DATA/genome/hg38_sparse.fa.gz$e" . || exit 1; done
0   -   { printf 'index\tidentifier\tdescription\n'; for i in $(seq 0 73); do case $((i % 3)) in 0) printf "$i\tT$i+\tRNA:t$i\n" ;; 1) printf "$i\tT$i-\tRNA:t$i\n" ;; *) printf "$i\tT$i\t$(test $i -lt 44 && echo DNASE || echo RNA):t$i\n" ;; esac; done; } >targets.txt
0   -   for g in 'A + 880000 880400' 'A + 895000 895090' 'A + 910000 912500' 'B - 890000 890033' 'B - 925000 926000' 'C + 690000 691000'; do set -- $g; for f in gene exon; do printf "chr1\tX\t$f\t$3\t$4\t.\t$2\t.\tgene_id \"$1\"; transcript_id \"$1.1\"; gene_type \"protein_coding\"; gene_name \"$1\";\n"; done; done >genes.gtf
0   -   printf 'chr1\t899999\t900000\nchr1\t699999\t700000\nchr1\t500000\t500001\n' >r.bed && onehot -q -g hg38_sparse.fa.gz --length 2 --text r.bed | awk -v OFS='\t' 'BEGIN { print "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO" } !/^#/ && $3 == 0 { print "chr1", 100000 * (9 - 2 * n++), ".", $4, $4 == "A" ? "C" : "A", ".", ".", "." }' >v.vcf
0   -   printf '#!/bin/sh\npredict -q -m borzoi -w "mini=$PERTRACK_DATA/weights/borzoi-mini/model.h5,$PERTRACK_DATA/weights/borzoi-mini/params.json,targets.txt" -g hg38_sparse.fa.gz "$@"\n' >p && chmod +x p
0   -   for f in v.vcf r.bed; do ./p --full $f >$f.full && ./p $f >$f.whole && ./p --gtf genes.gtf $f >$f.exons && for i in full whole exons; do score-effect -q --text --gtf genes.gtf $f.$i | grep -v '^##pertrack_prov' >$f.$i.tsv; done; cmp $f.full.tsv $f.whole.tsv && cmp $f.full.tsv $f.exons.tsv || exit 1; done
# Genes of the track's strand only, windows of the others, no gene at base 500,001.
0   -   awk -F '\t' '/^#/ { next } { n[$8 ~ /[+]$/ ? "+" : $8 ~ /-$/ ? "-" : $9 == "." ? "D" : "both", $9, $2]++ } END { for (k in n) { split(k, w, SUBSEP); print w[1] " " w[2] " " w[3] " " n[k] } }' v.vcf.exons.tsv | sort | tr '\n' ';' | grep -qx '+ A 900000 25;+ C 700000 25;- B 900000 25;D . 500000 14;D . 700000 14;D . 900000 14;both A 900000 10;both B 900000 10;both C 700000 10;'
# Streams a tenth of those with whole RNA tracks.
0   -   for f in v.vcf r.bed; do test $(wc -c <$f.exons) -lt $(($(wc -c <$f.whole) / 10)) && test $(wc -c <$f.whole) -lt $(wc -c <$f.full) || exit 1; done
# The preset of Borzoi draws 32 bins of every track, of RNA from exons of its strand.
0   -   ./p --preset borzoi --gtf genes.gtf r.bed | score-effect -q --text --gtf genes.gtf | awk -F '\t' '$7 == "perbin" { n[$8 "@" $2]++ } END { exit n["T2@900000"] != 32 || n["T2@500001"] + n["T2@500000"] != 32 || n["T0+@900000"] != 32 || n["T1-@700000"] != 0 || n["T0+@700000"] != 32 }'
