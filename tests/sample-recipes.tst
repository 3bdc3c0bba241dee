# The recipes that draw from annotation, on made-up annotation of a made-up genome; the expected
# positions are checked by tests/reference/samplers.py.
0 -  make-loci >loci.fa && ln -s $D/sample/* .
0 -  printf '#!/bin/sh\nsed "/^##/d; s/;ORD=.*//; s/STRATUM=//" | cut -f 1,2,4,5,8\n' >sites && chmod +x sites

# SNPs.
0 sample-recipes.unified       sample-snps -q --recipe unified -n 200 --margin 1000 -g loci.fa --gtf genes.gtf --ccre ccre.bed | ./sites
0 sample-recipes.unified-dhs   sample-snps -q --recipe unified --strata dhs=.5,gene_body=.25,random=.25 -n 100 --seed 7 --margin 1000 -g loci.fa --gtf genes.gtf --dhs dhs.tsv | ./sites
0 sample-recipes.promoter      sample-snps -q --recipe promoter -n 200 --margin 1000 -g loci.fa --gtf genes.gtf --ccre ccre.bed | ./sites
0 sample-recipes.promoter-legnet sample-snps -q --recipe promoter -n 200 --margin 1000 --shuffle -g loci.fa --gtf genes.gtf --ccre ccre.bed | ./sites
0 sample-recipes.ccre-anchored sample-snps -q --recipe ccre-anchored -n 50 --margin 1000 -g loci.fa --ccre ccre.bed | ./sites
0 sample-recipes.accessibility sample-snps -q --recipe accessibility -n 100 --margin 1000 --contigs chr1,chr2,chr3 -g loci.fa --dhs dhs.tsv | ./sites

# Baselines.
0 sample-recipes.baseline-31500 sample-baselines -q --recipe baseline-31500 --count random=60 --count ccre:PLS=6 --count ccre:CA=4 --count ccre:TF=100 --count tss=9 --count gene_body=5 --margin 1000 --contigs chr1,chr2,chr3 -g loci.fa --gtf genes.gtf --ccre ccre.bed | grep -v '^##' | cut -f 1,3,4
0 sample-recipes.baseline-34500 sample-baselines -q --recipe baseline-34500 -n 100 --margin 1000 --contigs chr1,chr2,chr3 -g loci.fa --gtf genes.gtf --ccre ccre.bed --dhs dhs.tsv | grep -v '^##' | cut -f 1,3,4
0 sample-recipes.baseline-epi   sample-baselines -q --recipe baseline-34500 -n 100 --margin 1000 --contigs chr1,chr2,chr3 --shuffle-seed 2026 -g loci.fa --gtf genes.gtf --ccre ccre.bed --dhs dhs.tsv | grep -v '^##' | cut -f 1,3,4
0 sample-recipes.baseline-ag    sample-baselines -q --recipe baseline-31500-ag --count random=60 --count ccre=100 --count tss=9 --count gene_body=5 --margin 1000 --contigs chr1,chr2,chr3 -g loci.fa --gtf genes.gtf --ccre ccre.bed | grep -v '^##' | cut -f 1,3,4
0 sample-recipes.dhs-filtered   sample-baselines -q --recipe baseline-34500 --only dhs -n 10 --dhs-samples 100-600 --dhs-signal 0.2-0.9 -g loci.fa --dhs dhs.tsv | grep -v '^##' | cut -f 1,3,4

# A stratum alone is that part of the whole (one stream), or drawn alone (streams of their own).
0 -  sample-snps -q --recipe unified --count tss_near=20 --count tss_far=20 --count junction=33 --count gene_body=12 --count random=15 --count ccre=100 --only junction --margin 1000 -g loci.fa --gtf genes.gtf --ccre ccre.bed | ./sites | sed 1d >one && grep junction $D/../expected/sample-recipes.unified | cmp - one
0 -  sample-snps -q --recipe accessibility --only dhs -n 50 --margin 1000 --contigs chr1,chr2,chr3 -g loci.fa --dhs dhs.tsv | ./sites | sed 1d >one && grep 'dhs$' $D/../expected/sample-recipes.accessibility | cmp - one
0 -  sample-snps -q --recipe accessibility --only dhs -n 50 --seed 43 --margin 1000 --contigs chr1,chr2,chr3 -g loci.fa --dhs dhs.tsv | ./sites | sed 1d | cmp - one

# Inputs compressed, through a pipe, with CRLF, without "chr": the same sites; the hash of each is kept.
0 -  gzip -c genes.gtf >g.gz && gzip -c ccre.bed >c.gz && sample-snps -q --recipe unified -n 200 --margin 1000 -g loci.fa --gtf g.gz --ccre c.gz >gz.vcf && ./sites <gz.vcf | cmp - $D/../expected/sample-recipes.unified
0 -  cat genes.gtf | sample-snps -q --recipe unified -n 200 --margin 1000 -g loci.fa --gtf - --ccre ccre.bed >pipe.vcf && ./sites <pipe.vcf | cmp - $D/../expected/sample-recipes.unified
0 -  for f in genes.gtf ccre.bed; do grep -q "\"sha256\":\"$(sha256sum <$f | cut -c 1-64)\"" pipe.vcf || exit 1; done; grep -q "\"sha256\":\"$(sha256sum <g.gz | cut -c 1-64)\"" gz.vcf
0 -  for f in genes.gtf ccre.bed; do awk '{ printf "%s\r\n", $0 }' $f >crlf.$f; sed 's/^chr//' $f >bare.$f; done
0 -  sample-snps -q --recipe unified -n 200 --margin 1000 -g loci.fa --gtf crlf.genes.gtf --ccre crlf.ccre.bed | ./sites | cmp - $D/../expected/sample-recipes.unified
0 -  err "'1' taken as 'chr1'" sample-snps --recipe unified -n 200 --margin 1000 -g loci.fa --gtf bare.genes.gtf --ccre bare.ccre.bed | ./sites | cmp - $D/../expected/sample-recipes.unified
# The genes are sorted here: the order of the file does not matter, nor what gtfsort makes of ties.
0 -  (grep '^#' genes.gtf; grep -v '^#' genes.gtf | LC_ALL=C sort -k 1,1r -k 4,4nr) >other.gtf && sample-snps -q --recipe unified -n 200 --margin 1000 -g loci.fa --gtf other.gtf --ccre ccre.bed >other.vcf && grep -o '"genes_sha256":"[0-9a-f]*"' other.vcf >a && grep -o '"genes_sha256":"[0-9a-f]*"' gz.vcf | cmp - a

# Mistakes.
2 -  err 'recipe unified needs --gtf FILE: the gene annotation of GENCODE' sample-snps --recipe unified -g loci.fa --ccre ccre.bed
2 -  err 'recipe unified needs --gtf FILE' sample-snps --recipe unified --strata ccre=.5,dhs=.5 -g loci.fa --ccre ccre.bed --dhs dhs.tsv
2 -  err 'recipe promoter needs --ccre FILE: the cCREs of SCREEN' sample-snps --recipe promoter -g loci.fa --gtf genes.gtf
2 -  err 'needs --dhs FILE: the DHS index' sample-baselines --recipe baseline-34500 --only dhs -g loci.fa
2 -  err '--gtf does not go with recipe classic' sample-snps --recipe classic -g loci.fa --gtf genes.gtf
2 -  err "recipe unified has no stratum 'near'; it has tss_near, tss_far" sample-snps --recipe unified --only near -g loci.fa
2 -  err "has no stratum 'near'" sample-snps --recipe unified --strata near=1 -g loci.fa
2 -  err 'the shares add up to 0.5, expected 1' sample-snps --recipe unified --strata ccre=.5 -g loci.fa
2 -  err 'given twice' sample-snps --recipe unified --strata ccre=.5,ccre=.5 -g loci.fa
2 -  err "'ccre' must be followed by = and a share" sample-snps --recipe unified --strata ccre -g loci.fa
2 -  err '--strata does not go with recipe classic' sample-snps --recipe classic --strata random=1 -g loci.fa
2 -  err 'for one of them use --count ccre=NUM' sample-snps --recipe unified --only ccre -n 7 -g loci.fa
2 -  err '--count must be STRATUM=NUM' sample-snps --recipe unified --count ccre -g loci.fa
2 -  err 'in baselines only' sample-snps --recipe unified --count ccre:PLS=3 -g loci.fa
2 -  err 'give one with -n' sample-snps --recipe ccre-anchored -g loci.fa --ccre ccre.bed
2 -  err '--max-pos does not go with recipe unified' sample-snps --recipe unified --max-pos 100 -g loci.fa
2 -  err '--shuffle does not go with recipe classic' sample-snps --recipe classic --shuffle -g loci.fa
2 -  err '--dhs-samples must be LOW-HIGH' sample-baselines --recipe baseline-34500 --only dhs --dhs-samples 9-2 -g loci.fa --dhs dhs.tsv
2 -  err '--dhs-signal has no effect' sample-baselines --recipe baseline-34500 --only tss --dhs-signal 0-1 -g loci.fa --gtf genes.gtf
2 -  err 'no sites are asked for' sample-baselines --recipe baseline-34500 --only tss --count tss=0 -g loci.fa --gtf genes.gtf
1 -  err 'no.gtf: cannot open' sample-baselines --recipe baseline-34500 --only tss -g loci.fa --gtf no.gtf
1 -  err 'Is a directory' sample-baselines --recipe baseline-34500 --only tss -g loci.fa --gtf $D
1 -  : >empty; err 'empty: is empty; expected GTF' sample-baselines --recipe baseline-34500 --only tss -g loci.fa --gtf empty
1 -  head -c 900 g.gz >cut.gz; err 'cut.gz: cannot be read beyond line' sample-baselines --recipe baseline-34500 --only tss -g loci.fa --gtf cut.gz
1 -  head -c 3000 genes.gtf >cut.gtf; err 'the file was cut short' sample-baselines --recipe baseline-34500 --only tss -g loci.fa --gtf cut.gtf
1 -  err 'ccre.bed:1: has fewer than the 9 columns of GTF' sample-baselines --recipe baseline-34500 --only tss -g loci.fa --gtf ccre.bed
1 -  err 'is the file the cCRE BED of SCREEN' sample-baselines --recipe baseline-34500 --only ccre -g loci.fa --ccre $D/genome/regions.bed
1 -  sed 's/^chr/NC_/' genes.gtf >alien.gtf; err "contig 'NC_1' of alien.gtf is not in loci.fa" sample-snps --recipe unified -n 9 --margin 9 -g loci.fa --gtf alien.gtf --ccre ccre.bed
1 -  sed 's/^chr2/chr9/' dhs.tsv >nine.tsv; err 'name the contigs to draw from with --contigs' sample-baselines --recipe baseline-34500 --only dhs -g loci.fa --dhs nine.tsv
0 -  sample-baselines -q --recipe baseline-34500 --only dhs -n 5 --contigs chr1 -g loci.fa --dhs nine.tsv | awk '!/^#/ && $1 != "chr1" { exit 1 }'
1 -  err 'nothing to draw from: no protein-coding genes farther than the margin of 5000000 bp' sample-snps --recipe unified -g loci.fa --gtf genes.gtf --ccre ccre.bed
0 -  printf 'chr1 X gene 1 2 . + . a\n' | cat - genes.gtf >blank.gtf; err 'left out 1 lines with fewer than 9 columns (first: line 1)' sample-baselines --recipe baseline-34500 --only tss -g loci.fa --gtf blank.gtf

# Rejected draws.
0 -  sample-snps -q --recipe accessibility -n 100 --margin 1000 --contigs chr1,chr2,chr3 -g loci.fa --dhs dhs.tsv --emit-rejected >r.vcf && test $(grep -c 'STRATUM=dhs.*REJECT=margin' r.vcf) = 3 && test $(grep -c 'REJECT=not_acgt' r.vcf) = 9 && grep -v rejected r.vcf | ./sites | cmp - $D/../expected/sample-recipes.accessibility
0 -  sample-baselines -q --recipe uniform -n 50 -g loci.fa --emit-rejected >r.bed && grep -q '^#rejected.*not_acgt' r.bed

# A new process, the same bytes.
0 -  for r in 1 2; do sample-snps -q --recipe promoter -n 100 --margin 1000 -g loci.fa --gtf genes.gtf --ccre ccre.bed -o p$r.bcf || exit 1; done; cmp p1.bcf p2.bcf
1 -  err 'standard output: cannot write' sample-baselines -q --recipe baseline-34500 --only tss -g loci.fa --gtf genes.gtf > /dev/full
