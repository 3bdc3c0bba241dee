# Programs of others in between.  STATUS  EXPECTED  command; see run.sh
# needs: bcftools bedtools parallel
0 -  "$B/demo/make-demo" demo
0 -  sample-snps -q --recipe classic -g demo/genome.fa -n 300 --margin 3000 --contigs chr1,chr2,chr3,chr4 -o snps.vcf
0 -  sample-baselines -q --recipe baseline-31500 --only random -g demo/genome.fa -n 200 --margin 3000 --contigs chr1,chr2,chr3,chr4 -o base.bed
0 -  scores snps.vcf >all

# bcftools: what it writes is read, in every format, and metadata survives.
0 -  bcftools view -i 'INFO/STRATUM="random"' snps.vcf | scores >out && cmp all out
0 -  bcftools view -O u snps.vcf | scores >out && cmp all out
0 -  bcftools view -O b -o snps.bcf snps.vcf && scores snps.bcf >out && cmp all out
0 -  bcftools view -O z -o snps.vcf.gz snps.vcf && scores snps.vcf.gz >out && cmp all out
0 -  sample-snps -q --recipe classic -g demo/genome.fa -n 300 --margin 3000 --contigs chr1,chr2,chr3,chr4 -O u | bcftools view | scores >out && cmp all out
0 -  bcftools sort -O u snps.vcf 2>sort.log | scores | sort >out && sort all | cmp - out
1 -  bcftools view -i 'INFO/STRATUM="dhs"' snps.vcf | err 'no ' predict -m chrombpnet --tracks demo/tracks.tsv -g demo/genome.fa
# Half of them by a filter, the other half by its opposite.
0 -  bcftools view -i 'POS%2=0' snps.vcf | scores >even && bcftools view -e 'POS%2=0' snps.vcf | scores >odd && cat even odd | sort >out && sort all | cmp - out
# The chain of who made what passes through: sampler, then bcftools, then predict.
0 -  bcftools view -i 'INFO/STRATUM="random"' snps.vcf | predict -q -m chrombpnet --tracks demo/tracks.tsv -g demo/genome.fa | score-effect -q --text | grep '^##pertrack_prov' >prov && grep -q '"pn":"sample-snps"' prov && grep -q bcftools prov && grep -q '"pn":"predict"' prov
0 -  bcftools norm -m - demo/variants.vcf 2>norm.log | scores | cut -f 1-4,8,12 | sort >split && scores demo/variants.vcf | cut -f 1-4,8,12 | sort | cmp - split

# bedtools: regions and variants that meet the elements, and those that do not.
0 -  bedtools intersect -header -u -a base.bed -b demo/elements.bed | scores >in && bedtools intersect -header -v -a base.bed -b demo/elements.bed | scores >not && scores base.bed | sort >every && cat in not | sort | cmp every -
0 -  bedtools intersect -u -a base.bed -b demo/elements.bed | scores >bare && cmp in bare
0 -  bedtools intersect -header -u -a snps.vcf -b demo/elements.bed | scores >in && bedtools intersect -header -v -a snps.vcf -b demo/elements.bed | scores >not && cat in not | sort >out && sort all | cmp - out
0 -  bedtools slop -b 100 -i demo/elements.bed -g demo/genome.fa.fai | scores >slopped && grep -q perbin slopped

# GNU parallel: one job per shard, and the result of a single run.
0 -  build-background one.npz
0 -  parallel --will-cite -j 2 build-part {} 5 ::: 1 2 3 4 5
0 -  cdf-pack -q -o parallel.npz effect.* baseline.* && cmp one.npz parallel.npz
0 -  reservoir -q effect.* >effect && reservoir -q baseline.* >baseline && cdf-pack -q -o merged.npz effect baseline && cmp one.npz merged.npz
