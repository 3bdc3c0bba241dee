# needs: data bcftools
0 - ln -s $PERTRACK_DATA/genome/hg38_sparse.fa.gz* .
# Most of this genome is N: of 10,010 draws of the classic recipe 46 meet a base.
0 - err 'random: 46 kept of 10010 positions drawn' sample-snps --recipe classic -g hg38_sparse.fa.gz -o classic.vcf
0 - bcftools norm -f hg38_sparse.fa.gz -c e classic.vcf -o norm.vcf
0 - sample-snps --recipe uniform -n 2000 --within $PERTRACK_DATA/genome/pieces.bed -g hg38_sparse.fa.gz -o u.bcf
0 - test $(bcftools view -H u.bcf | wc -l) = 2000
0 - bcftools norm -f hg38_sparse.fa.gz -c e u.bcf -o norm.vcf
0 - sample-baselines --recipe baseline-34500 --only random -g hg38_sparse.fa.gz > base.bed
0 - test $(grep -vc '^#' base.bed) = 15000
0 - awk '!/^#/ { n[$1]++ } END { for (c in n) if (n[c] != (c == "chr22" ? 678 : 682)) exit 1 }' base.bed
# Real annotation: genes of GENCODE on hg38, elements of registry V3, whose classes are others.
0 - sample-baselines -q --recipe baseline-31500 --only tss -g hg38_sparse.fa.gz --gtf $PERTRACK_DATA/annotation/gencode_sample.gtf.gz >tss.bed 2>tss.err && test $(grep -vc '^#' tss.bed) -ge 4 && awk '!/^#/ && $1 != "chr20" { exit 1 }' tss.bed
0 - sample-baselines --recipe baseline-31500 --only tss -g hg38_sparse.fa.gz --gtf $PERTRACK_DATA/annotation/gencode_sample.gtf.gz 2>&1 >/dev/null | grep 'left out 8 lines with fewer than 9 columns (first: line 1541)'
1 - err 'has no elements of class dELS; expected the classes of registry V4' sample-baselines --recipe baseline-31500 --only ccre -g hg38_sparse.fa.gz --ccre $PERTRACK_DATA/annotation/cCRE-PLS-gene.bed.gz
0 - err 'has 0 elements of class dELS where the edition of the published positions' sample-baselines --recipe baseline-31500 --only ccre --count ccre:PLS=100 --count ccre:PLS,CTCF-bound=100 -g hg38_sparse.fa.gz --ccre $PERTRACK_DATA/annotation/cCRE-PLS-gene.bed.gz -o pls.bed && test $(grep -vc '^#' pls.bed) = 200
0 - sample-baselines -q --recipe baseline-31500 --only ccre --count ccre=115 -g hg38_sparse.fa.gz --ccre $PERTRACK_DATA/annotation/ccre_example.bed.gz >v4.bed; test $(grep -vc '^#' v4.bed) = 115
0 - printf 'ctcf\tbed\t%s/annotation/ENCSR000AKO_CTCF_peaks.narrowPeak\t50\t-100..100\nsnv\tvcf\t%s/annotation/snvs.vcf\t200\t.\n' $PERTRACK_DATA $PERTRACK_DATA >mine.tsv && sample-snps -q --recipe-file mine.tsv -g hg38_sparse.fa.gz -o mine.vcf && bcftools norm -f hg38_sparse.fa.gz -c e mine.vcf -o norm.vcf && test $(grep -c STRATUM=snv mine.vcf) = 200
0 - sample-snps -q --from $PERTRACK_DATA/annotation/dbsnp-sample-00-common_all.vcf.gz -n 100 | bcftools view -H | wc -l | grep -x 100
