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
