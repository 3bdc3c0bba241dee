# needs: data
# The main job on real variants, regions, genome and weights: two tracks, one background.
# snvs.vcf holds 1,472 variants; the FASTA carries REF for 1,451 of them, ALT for 18 and neither for 3.
0 - ln -s "$PERTRACK_DATA" data && printf 'id\tweights\tassay\tbiosample\tlayer\nCHIP:K562:CTCF\tdata/weights/bpnet-lite/ENCSR000AKO_CTCF_K562_64x8.torch\tCHIP\tK562\ttf_binding\nCHIP:IMR-90:FOS\tdata/weights/bpnet-refactor/ENCSR124AIG_FOS_IMR90.npz\tCHIP\tIMR-90\ttf_binding\n' > tracks.tsv
0 - cp data/genome/hg38_sparse.fa.gz* . && chmod u+w hg38_sparse.fa.gz*
0 - sample-baselines -q --recipe uniform --within data/genome/pieces.bed -g hg38_sparse.fa.gz -n 600 -o regions.bed
0 - sample-snps -q --recipe uniform --within data/genome/pieces.bed -g hg38_sparse.fa.gz -n 300 -o drawn.vcf
# Variants both real and drawn go through the same pipe.
0 - predict -q -m bpnet -t tracks.tsv -g hg38_sparse.fa.gz -o snvs.pred data/annotation/snvs.vcf && score-effect -q -o snvs.scores snvs.pred && reservoir -q -o effect.res snvs.scores
0 - predict -q -m bpnet -t tracks.tsv -g hg38_sparse.fa.gz regions.bed | score-effect -q | reservoir -q -o base.res
0 - cdf-pack -q -o bg.npz effect.res base.res && cdf-lookup -b bg.npz --status
# Two strands each: 2 x 1,451 effects; every region gives 2 summaries and 64 bins.
0 real-background.list cdf-lookup -b bg.npz --list
# One thread and any batch give the same bytes; so do four shards, merged in any order.
0 - predict -q -m bpnet -t tracks.tsv -g hg38_sparse.fa.gz -@ 1 --batch 3 data/annotation/snvs.vcf | cmp - snvs.pred
0 - for i in 1 2 3 4; do predict -q -m bpnet -t tracks.tsv -g hg38_sparse.fa.gz --shard $i/4 data/annotation/snvs.vcf | score-effect -q | reservoir -q -o s$i.res; predict -q -m bpnet -t tracks.tsv -g hg38_sparse.fa.gz --shard $i/4 regions.bed | score-effect -q | reservoir -q -o b$i.res; done
0 - reservoir -q -o merged.res s3.res s1.res s4.res s2.res && cmp merged.res effect.res
0 - cdf-pack -q -@ 1 -o sharded.npz s4.res b1.res s2.res b3.res s1.res s3.res b2.res b4.res && cmp sharded.npz bg.npz
# A percentile for every scorable ALT, and a counted reason for every other record.
0 - predict -m bpnet -t tracks.tsv -g hg38_sparse.fa.gz data/annotation/snvs.vcf 2> why | score-effect | cdf-lookup -b bg.npz -o ranked.tsv
0 - test "$(grep -v '^#' ranked.tsv | cut -f 1-4 | sort -u | grep -c .)" = "$(grep -v '^#' data/annotation/snvs.vcf | grep 'FASTA=ref' | cut -f 1,2,4,5 | sort -u | grep -c .)"
0 - test "$(grep -v '^#' ranked.tsv | wc -l)" = 5804 && ! grep -v '^#' ranked.tsv | cut -f 13 | grep -qv '^[01]'
0 - grep -q 'left out 21 of 1472 alternate alleles' why && grep -q '3 REF has letters' why && grep -q '18 REF differs from the genome' why
# The background remembers where it comes from, and refuses what does not fit.
0 - cdf-lookup -b bg.npz --status | grep -q 'effect made by.*predict'
1 - predict -q -m bpnet -w CHIP:K562:CTCF=data/weights/bpnet-refactor/ENCSR124AIG_FOS_IMR90.npz -g hg38_sparse.fa.gz data/annotation/snvs.vcf 2>/dev/null | score-effect -q | err 'weights' cdf-lookup -b bg.npz > x
# bcftools and bedtools fit in between.
0 - bcftools view -i 'INFO/STRATUM="uniform" && CHROM="chr1"' drawn.vcf | bedtools intersect -header -u -a - -b data/genome/pieces.bed | predict -q -m bpnet -t tracks.tsv -g hg38_sparse.fa.gz | score-effect -q | cdf-lookup -q -b bg.npz > chr1.tsv; grep -q '"pn":"bcftools"' chr1.tsv
