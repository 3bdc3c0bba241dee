# Recipes from a table of the user's, and thinning of a VCF stream.
0 -  make-loci >loci.fa && ln -s $D/sample/* .
0 -  sample-snps -q --recipe uniform -n 300 -g loci.fa -o common.vcf
0 -  printf '#stratum\tfrom\tfile\tamount\twindow\nback\trandom\t.\t20\t.\nprom\ttss\tgenes.gtf\t30\t-250..250\nfar\ttss\tgenes.gtf\t25%%\t+-1000..3000\njunc\tjunction\tgenes.gtf\t10\t.\nbody\tgene\tgenes.gtf\t10\t.\nel\tbed\tccre.bed\t0.5\t.\nin\tbed-base\tccre.bed\t200\t.\nvar\tvcf\tcommon.vcf\t7\t.\n' >mine.tsv

# Numbers, places and alleles are what the table says.
0 -  sample-snps -q --recipe-file mine.tsv -n 100 -g loci.fa -o mine.vcf
0 -  grep -o 'STRATUM=[a-z]*' mine.vcf | sort | uniq -c | awk '{ print $1, $2 }' | tr '\n' ' ' | grep -x '20 STRATUM=back 10 STRATUM=body 50 STRATUM=el 25 STRATUM=far 200 STRATUM=in 10 STRATUM=junc 30 STRATUM=prom 7 STRATUM=var '
0 -  grep STRATUM=var mine.vcf | cut -f 1,2,4,5 | while read -r site; do cut -f 1,2,4,5 common.vcf | grep -qxF "$(printf '%s' "$site")" || exit 1; done
0 -  awk '$6 { print $1 "\t" int(($2 + $3) / 2) }' ccre.bed >centres; grep STRATUM=el mine.vcf | awk '{ print $1 "\t" $2 - 1 }' | while read -r at; do grep -qxF "$at" centres || exit 1; done
0 -  awk '$3 == "gene" && /protein_coding/ { print $1, $7 == "+" ? $4 : $5 }' genes.gtf >tss; grep STRATUM=prom mine.vcf | awk 'NR == FNR { t[NR] = $2; c[NR] = $1; n = NR; next } { ok = 0; for (i = 1; i <= n; i++) if (c[i] == $1 && $2 - t[i] <= 250 && t[i] - $2 <= 250) ok = 1; if (!ok) exit 1 }' tss -
0 -  sample-baselines -q --recipe-file mine.tsv -n 100 -g loci.fa | awk '!/^#/ { print $1, $3, $4 }' >b; sed -n 's/;ORD.*//; s/STRATUM=//; /^#/!p' mine.vcf | awk '{ print $1, $2, $8 }' | cmp - b

# The order of lines in the files, and of strata, does not matter.
0 -  mkdir other && for f in ccre.bed common.vcf; do grep '^#' $f >other/$f; grep -v '^#' $f | LC_ALL=C sort -k 2,2nr >>other/$f; done; grep -v '^#' genes.gtf | LC_ALL=C sort -k 5,5n >other/genes.gtf
0 -  sed '1!G; h; $!d' mine.tsv | sed 's/\t\([a-z]*\.[a-z][a-z]*\)\t/\tother\/\1\t/' >reversed.tsv && sample-snps -q --recipe-file reversed.tsv -n 100 -g loci.fa | sed '/^#/d; s/;ORD=.*//' | sort >a && sed '/^#/d; s/;ORD=.*//' mine.vcf | sort | cmp - a
0 -  sample-snps -q --recipe-file mine.tsv --only el -n 100 -g loci.fa | sed '/^#/d; s/;ORD=.*//' >a && grep STRATUM=el mine.vcf | sed 's/;ORD=.*//' | cmp - a
0 -  grep -v prom mine.tsv >fewer.tsv && sample-snps -q --recipe-file fewer.tsv -n 100 -g loci.fa | sed '/^#/d; s/;ORD=.*//' >a && grep -v STRATUM=prom mine.vcf | sed '/^#/d; s/;ORD=.*//' | cmp - a
0 -  sample-snps -q --recipe-file mine.tsv -n 100 --seed 1 -g loci.fa | sed '/^#/d' >a && ! grep -v '^#' mine.vcf | cmp -s - a
0 -  grep -q "\"recipe_file\":{\"sha256\":\"$(sha256sum <mine.tsv | cut -c 1-64)\"" mine.vcf && grep -q "\"sha256\":\"$(sha256sum <ccre.bed | cut -c 1-64)\"" mine.vcf

# Mistakes in the table.
2 -  err 'exclude each other' sample-snps --recipe classic --recipe-file mine.tsv -g loci.fa
2 -  err 'files and numbers are in the table' sample-snps --recipe-file mine.tsv --gtf genes.gtf -g loci.fa
1 -  err 'mine.tsv:4: column amount is '"'25%', a share; give the number of all sites with -n" sample-snps --recipe-file mine.tsv -g loci.fa
1 -  err "has no stratum 'nothing'" sample-snps --recipe-file mine.tsv --only nothing -n 9 -g loci.fa
1 -  printf 'a\trandom\t.\t20\n' >x; err 'x:1: has 4 columns separated by tabs, expected 5' sample-snps --recipe-file x -g loci.fa
1 -  printf 'a\tpeaks\tccre.bed\t20\t.\n' >x; err "column from is 'peaks'" sample-snps --recipe-file x -g loci.fa
1 -  printf 'a\tbed\tccre.bed\t1.5\t.\n' >x; err "column amount is '1.5'" sample-snps --recipe-file x -n 9 -g loci.fa
1 -  printf 'a\tbed\tccre.bed\t5\t9..1\n' >x; err "column window is '9..1'" sample-snps --recipe-file x -g loci.fa
1 -  printf 'a\tbed\tccre.bed\t5\t1-9\n' >x; err "column window is '1-9'" sample-snps --recipe-file x -g loci.fa
1 -  printf 'a\trandom\tccre.bed\t5\t.\n' >x; err "random reads none" sample-snps --recipe-file x -g loci.fa
1 -  printf 'a\tbed\tccre.bed\t5\t.\na\trandom\t.\t5\t.\n' >x; err "stratum 'a' is given twice" sample-snps --recipe-file x -g loci.fa
1 -  printf 'a\tbed\tno.bed\t5\t.\n' >x; err "no.bed: cannot open" sample-snps --recipe-file x -g loci.fa
1 -  printf 'a\tbed\tx.bed\t5\t.\n' >x; printf 'chrQ\t1\t2\n' >x.bed; err "x.bed:1: contig 'chrQ' of x.bed is not in loci.fa" sample-snps --recipe-file x -g loci.fa
1 -  printf 'chr1\t1\t90001\n' >x.bed; err "x.bed:1: place ends at 90001, but chr1 has 90000 bp" sample-snps --recipe-file x -g loci.fa
1 -  printf '#\n' >x; err 'x: has no strata' sample-snps --recipe-file x -g loci.fa
1 -  printf 'a\tvcf\tx.vcf\t5\t.\n' >x; sed 's/\t[ACGT]\t[ACGT]\t/\tA\tC\t/' common.vcf | awk '/^#/ || !n++' >x.vcf; sed -i 's/\tA\tC\t/\tACC\tA\t/' x.vcf; err 'stratum a has nothing to draw from' sample-snps --recipe-file x -g loci.fa
0 -  awk 'BEGIN { OFS = "\t" } /^#/ { print; next } n++ % 2 { $4 = $4 == "A" ? "C" : "A"; $5 = "G" } { print }' common.vcf >half.vcf; printf 'a\tvcf\thalf.vcf\t300\t.\n' >x; err 'REF differs from the genome' sample-snps --recipe-file x -g loci.fa

# --from keeps records as they are, whatever their order, format and compression.
0 -  awk 'BEGIN { OFS = "\t"; print "##fileformat=VCFv4.2\n##INFO=<ID=AF,Number=A,Type=Float,Description=\"f\">\n##FILTER=<ID=low,Description=\"l\">\n##keep=me\n##contig=<ID=chr1,length=90000>\n##contig=<ID=chr2>"; print "#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"; for (i = 1; i <= 2000; i++) print i % 2 ? "chr1" : "chr2", i * 7, "rs" i, "A", i % 5 ? "G" : "GT,C", ".", i % 3 ? "PASS" : "low", i % 5 ? "AF=0.25" : "AF=0.5,0.125" }' | awk '/^#/ { print; next } { print $0 | "sort -s -k 1,1" }' >pop.vcf
0 -  sample-snps -q --from pop.vcf -n 200 -o thin.vcf && test $(grep -vc '^#' thin.vcf) = 200 && grep -q '^##keep=me' thin.vcf
0 -  grep -v '^#' thin.vcf | sed 's/;ORD=[0-9]*//; s/;STRATUM=from//' >kept && grep -v '^#' pop.vcf | grep -cxF -f kept | grep -x 200
0 -  (grep '^#' pop.vcf; grep -v '^#' pop.vcf | LC_ALL=C sort -k 3,3r) | sample-snps -q --from - -n 200 >again.vcf && cmp thin.vcf again.vcf
0 -  gzip -c pop.vcf | sample-snps -q --from - -n 200 | cmp - thin.vcf
0 -  sample-snps -q --from pop.vcf -n 2000 -O z -o all.vcf.gz && sample-snps -q --from all.vcf.gz -n 200 --no-provenance | grep -v '^#' >a && grep -v '^#' thin.vcf | cmp - a
0 -  sample-snps -q --from pop.vcf -n 2000 -o all.bcf && sample-snps -q --from all.bcf -n 200 --no-provenance | grep -v '^#' | cmp - a
# The first 50 by ORD are the thinning to 50; more than there are gives all of them.
0 -  sample-snps -q --from pop.vcf -n 50 | grep -v '^#' >fifty && sed -n 's/.*;ORD=\([0-9]*\).*/\1/p' thin.vcf | awk '$1 < 50' | wc -l | grep -x 50 && awk -F 'ORD=' '$2 + 0 < 50 && !/^#/' thin.vcf | cmp - fifty
0 -  err '2000 kept of 2000 records, 5000 requested' sample-snps --from pop.vcf -n 5000 -o all.vcf
0 -  sample-snps -q --from pop.vcf -n 200 --seed 7 | grep -v '^#' >a && ! grep -v '^#' thin.vcf | cmp -s - a
0 -  (cat pop.vcf; grep -v '^#' pop.vcf) | err 'met before counted once' sample-snps --from - -n 200 | grep -v '^#' >a; grep -v '^#' thin.vcf | cmp - a
# It is a uniform sample: of 2,000 sites, every tenth, in all parts of the file.
0 -  grep -v '^#' thin.vcf | awk '$1 == "chr1" { n++ } END { exit !(n > 70 && n < 130) }'

2 -  err 'give it with -n' sample-snps --from pop.vcf
2 -  err 'with --from only -n, --seed' sample-snps --from pop.vcf -n 5 --recipe classic
2 -  err 'with --from only -n, --seed' sample-snps --from pop.vcf -n 5 -g loci.fa
1 -  err 'no.vcf: cannot open' sample-snps --from no.vcf -n 5
1 -  : >empty; err 'is empty or cannot be read' sample-snps --from empty -n 5
1 -  err 'is neither VCF' sample-snps --from ccre.bed -n 5
1 -  grep '^#' pop.vcf >none.vcf; err 'has no records' sample-snps --from none.vcf -n 5
1 -  head -c 30000 pop.vcf >cut.vcf; err 'has fewer than 8 columns' sample-snps --from cut.vcf -n 5
1 -  head -c 900 all.vcf.gz >cut.vcf.gz; err 'cut short' sample-snps --from cut.vcf.gz -n 5
1 -  head -c 900 all.bcf >cut.bcf; err 'cut short' sample-snps --from cut.bcf -n 5
1 -  sed 's/rs9\t/rs9 /' pop.vcf >blank.vcf; err 'has fewer than 8 columns' sample-snps --from blank.vcf -n 5 -o blank.out.vcf
0 -  test ! -e blank.out.vcf
0 -  closed sample-snps -q --from pop.vcf -n 2000
# A header without contigs and tags: what the kept records use is declared.
0 -  printf '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n' >bare.vcf; for i in 1 2 3; do printf '7\t%s\t.\tA\tT\t.\t.\tNEW=%s\n' $i $i; done >>bare.vcf; sample-snps -q --from bare.vcf -n 2 | grep -c -e '^##contig=<ID=7>' -e '^7' | grep -x 3
