# SPDX-License-Identifier: MIT
# predict --gtf: of tracks scored over genes the bins of their exons alone, and the same scores, bit
# for bit, as from whole tracks.  A small Enformer with a table that makes RNA of three tracks.

0   -   (head -n 1 "$R/large/enformer.fa"; for i in 1 2 3; do sed 1d "$R/large/enformer.fa" | tr -d '\n'; done; echo) >g.fa
0   -   printf 'index\tidentifier\tdescription\n0\tR+\tRNA:a\n1\tR-\tRNA:a\n2\tR\tRNA:b\n3\tD\tDNASE:c\n4\tC\tCAGE:d\n' >targets.txt
# Exons in bins of 8 bp around base 300 (from 1, where outputs are bases 261 to 340): ONE has two
# bases of bin 1 and one of bin 4 on +, TWO is all of bin 8 on -, FAR lies elsewhere.
0   -   for g in 'ONE + 270 271' 'ONE + 293 293' 'TWO - 325 332' 'FAR + 600 610'; do set -- $g; printf 'c\tX\texon\t%d\t%d\t.\t%s\t.\tgene_id "%s"; transcript_id "%s.1"; gene_type "protein_coding"; gene_name "%s";\n' $3 $4 $2 $1 $1 $1; printf 'c\tX\tgene\t%d\t%d\t.\t%s\t.\tgene_id "%s"; gene_type "protein_coding"; gene_name "%s";\n' $3 $4 $2 $1 $1; done >genes.gtf
0   -   printf '##fileformat=VCFv4.2\n##contig=<ID=c,length=768>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n' >v.vcf && for p in 150 300 310 500; do awk -v p=$p 'NR == 2 { r = substr($0, p, 1); print "c\t" p "\t.\t" r "\t" (r == "A" ? "C,G" : "A") "\t.\t.\t." }' g.fa >>v.vcf; done; printf 'c\t299\t300\nc\t149\t150\nc\t309\t310\nc\t549\t550\n' >r.bed
0   -   printf '#!/bin/sh\npredict -m enformer -w "e=$R/large/enformer.pt,$R/large/enformer.json,targets.txt" -g g.fa "$@"\n' >p && printf '#!/bin/sh\nscore-effect -q --text --gtf genes.gtf "$@" | sed "/^##pertrack_prov/d"\n' >s && chmod +x p s

# What is emitted: bins 1 and 4 of R+, 8 of R-, all three of R; nothing at a site without genes.
0   -   ./p -q --gtf genes.gtf --text v.vcf >some.tsv && awk -F '\t' '$2 == 300 && $4 ~ /^R/ && !seen[$4, $8]++ { printf "%s:%d:%d ", $4, $8, split($9, v, ",") }' some.tsv | grep -qx 'R+:1:1 R+:4:1 R-:8:1 R:1:1 R:4:1 R:8:1 '
0   -   ! grep -q '^c.150.*	R' some.tsv && grep -q '^c.150.*	D' some.tsv && grep -q '^##pertrack_exon_bins={"exon-origin":"output","exons":"gtf","gene-strand":"same","genes":"overlap","gtf_sha256":"'$(sha256sum <genes.gtf | cut -c 1-64)'"}$' some.tsv
# Whole tracks without it, as the note says.
0   -   err 'all bins of 3 tracks that are scored over genes are written; with --gtf only those of exons' ./p --text v.vcf | awk -F '\t' '$4 == "R" && (split($9, v, ",") != 10 || $8 != 0) { exit 1 }'

# The same scores from --full, from whole RNA tracks, and from exon bins: of variants and regions,
# by every rule of genes, and with chorus' choices and draws.
0   -   for o in "" "--genes tss" "--genes nearby" "--gene-strand any" "--exons bed" "--exon-origin input" "--compat chorus" "--compat chorus --exon-origin output --genes tss"; do for f in v.vcf r.bed; do ./p -q --full --bins 2 $f | ./s $o >full.tsv && ./p -q --bins 2 --gtf genes.gtf $o $f >demand && ./s $o demand | sed 's/"draw":[^,]*,//' >demand.tsv; sed 's/"draw":[^,]*,//' full.tsv | cmp - demand.tsv || { echo "$o $f" >&2; exit 1; }; done; done; grep -q '	R	' full.tsv
0   -   ./p -q --bins 2 r.bed | ./s >whole.tsv && ./p -q --bins 2 --gtf genes.gtf r.bed | ./s | cmp - whole.tsv && ./p -q --full v.vcf | wc -c >big && ./p -q --gtf genes.gtf v.vcf | wc -c >small && test $(cat small) -lt $(cat big)
0   -   ./p -q --full --bins 2 r.bed | score-effect -q --gtf genes.gtf | reservoir -q -o full.res && ./p -q --bins 2 --gtf genes.gtf r.bed | score-effect -q --gtf genes.gtf | reservoir -q -o demand.res && for i in full demand; do cdf-pack -q --width 8 -o $i.npz $i.res && for k in summary perbin; do npzrow $i.npz $k; done >$i.rows; done; cmp full.rows demand.rows && grep -q '^R ' full.rows
# Any threads, batches and shards.
0   -   ./p -q --no-provenance --gtf genes.gtf --bins 2 -@ 1 r.bed >one && ./p -q --no-provenance --gtf genes.gtf --bins 2 -@ 3 --window-threads 1 --batch 2 r.bed | cmp - one
0   -   for i in 1 2 3; do ./p -q --gtf genes.gtf --bins 2 --text --shard $i/3 r.bed; done | grep -v '^#' | sort >parts && ./p -q --gtf genes.gtf --bins 2 --text r.bed | grep -v '^#' | sort | cmp - parts

# What users get wrong: other genes than those predicted for, files that are no annotation.
0   -   ./p -q --gtf genes.gtf v.vcf >d
1   -   sed 's/270/266/' genes.gtf >g2.gtf; err 'leave out --gtf and --genes here' score-effect -q --gtf g2.gtf d
1   -   err 'holds the exon bins of {"exon-origin":"output"' score-effect -q --gtf genes.gtf --genes tss d
1   -   err 'was made with --exon-origin output, but --compat chorus says input' score-effect -q --gtf genes.gtf --compat chorus d
1   -   err 'was made with --exons gtf, but the option here says bed; leave that out here' score-effect -q --exons bed d
1   -   err 'was made with --gene-strand same, but' score-effect -q --gene-strand any d

# What predict chose is in the header and need not be said again; said again it must agree.
0   -   for o in "" "--genes tss" "--genes nearby" "--gene-strand any" "--exons bed --exon-origin input" "--compat chorus --exons gtf"; do for f in v.vcf r.bed; do c=$(echo " $o" | sed -n 's/.* --compat chorus.*/--compat chorus/p'); ./p -q --bins 2 --gtf genes.gtf $o $f >d2 && ./s $o d2 >said.tsv && score-effect -q --text $c d2 | sed '/^##pertrack_prov/d' | cmp - said.tsv || { echo "$o $f" >&2; exit 1; }; done; done
0   -   mkdir -p "it's here" && cp genes.gtf "it's here/a b.gtf" && ./p -q --gtf "it's here/a b.gtf" v.vcf | score-effect -q --text | sed '/^##pertrack_prov/d' >quoted.tsv && ./s d | cmp - quoted.tsv
1   -   ./p -q --gtf g2.gtf v.vcf >d3; rm g2.gtf; err 'd3: holds the exon bins of genes of g2.gtf, which cannot be read here: No such file' score-effect -q d3
1   -   err 'leave out --gtf and --genes here' score-effect -q --gtf genes.gtf d3
1   -   cp genes.gtf g2.gtf; err 'leave out --gtf and --genes here' score-effect -q d3
1   -   ./p -q --no-provenance --gtf genes.gtf v.vcf | err 'not the name of their annotation' score-effect -q
0   -   ./p -q --no-provenance --gtf genes.gtf v.vcf | ./s | cmp - quoted.tsv
0   -   ./p -q --window-bins ceil --gtf genes.gtf v.vcf >d4 && score-effect -q --text d4 | grep -q '^##pertrack_decisions=.*"window-bins":"ceil"' && score-effect -q --text --window-bins ceil d4 >x
1   -   err 'was made with --window-bins ceil, but the option here says odd' score-effect -q --window-bins odd d4
1   -   printf 'meta values expected_counts\nmeta decisions {"window-bins":"ceil"}\ntrack C tf_binding 12 128 1\nvariant chr1 9 A C . .\nr 0 1\nr 0 2\n' | mkpred | err 'was made with --window-bins ceil, but --compat chorus says odd' score-effect -q --compat chorus
1   -   printf 'meta values expected_counts\nmeta decisions {"exons":"0"}\ntrack C tf_binding 12 128 1\nvariant chr1 9 A C . .\nr 0 1\nr 0 2\n' | mkpred | err "expected exons to be gtf or bed; the stream is damaged" score-effect
1   -   printf 'meta values expected_counts\nmeta decisions exons\ntrack C tf_binding 12 128 1\nvariant chr1 9 A C . .\nr 0 1\nr 0 2\n' | mkpred | err "expected a JSON object; the stream is damaged" score-effect

1   -   err 'were not predicted' score-effect -q --layer histone_marks d
1   -   err 'no.gtf: cannot open' ./p -q --gtf no.gtf v.vcf
1   -   : >empty; err 'empty: is empty; expected GTF' ./p -q --gtf empty v.vcf
1   -   head -c 500 genes.gtf >cut.gtf; err 'the file was cut short' ./p -q --gtf cut.gtf v.vcf
1   -   gzip -c genes.gtf | head -c 100 >cut.gz; err 'cut.gz: cannot be read' ./p -q --gtf cut.gz v.vcf
1   -   err 'fewer than the 9 columns of GTF' ./p -q --gtf r.bed v.vcf
1   -   sed 's/protein_coding/lncRNA/' genes.gtf >nc.gtf; err 'nc.gtf: holds no exons of protein-coding genes' ./p -q --gtf nc.gtf v.vcf
1   -   sed 's/270/900/' genes.gtf >back.gtf; err "back.gtf:1: start and end are '900' and '271'" ./p -q --gtf back.gtf v.vcf
0   -   sed 's/^c/chr9/' genes.gtf >nine.gtf; ./p -q --gtf nine.gtf v.vcf >none
1   -   sed 's/^c/chr9/' genes.gtf >nine.gtf; ./p -q --gtf nine.gtf --layer gene_expression v.vcf | err 'no chromosome of the sites is in nine.gtf' score-effect -q --gtf nine.gtf
1   -   err 'give --gtf, or --bins 0' ./p -q --compat chorus r.bed
0   -   err 'no track is scored over genes; --gtf changes nothing' ./p --layer tf_binding --gtf genes.gtf v.vcf >x
1   -   err 'cannot write' ./p -q --gtf genes.gtf v.vcf >/dev/full
0   -   closed ./p -q --gtf genes.gtf v.vcf
