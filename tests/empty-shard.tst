# More shards than sites: those that get none go through every stage.  STATUS  EXPECTED  command
0 - "$B/demo/make-demo" demo && sample-snps -q --recipe uniform -g demo/genome.fa -n 6 -s 1 -o s.vcf && test $(grep -vc '^#' s.vcf) = 6
0 - predict -q -m chrombpnet --tracks demo/tracks.tsv -g demo/genome.fa s.vcf | score-effect -q -o whole
0 - for i in 1 2 3 4 5 6 7 8; do predict -q -m chrombpnet --tracks demo/tracks.tsv -g demo/genome.fa --shard $i/8 s.vcf | score-effect -q -o s.$i || exit; done
0 - for i in 1 2 3 4 5 6 7 8; do reservoir -q -o e.$i s.$i && reservoir -q --capacity 5 --tail 2 --width 10 -o b.$i s.$i || exit; reservoir --text e.$i | grep -vc '^#'; done | grep -qx 0
0 - reservoir whole -o e && reservoir e.8 e.1 e.2 e.3 e.4 e.5 e.6 e.7 | cmp - e && cdf-pack -q --width 10 -o e.npz e && cdf-pack -q --width 10 e.[1-8] | cmp - e.npz
0 - reservoir whole --capacity 5 --tail 2 --width 10 -o b && reservoir --width 10 b.8 b.1 b.2 b.3 b.4 b.5 b.6 b.7 | cmp - b && cdf-pack -q --width 10 -o b.npz b && cdf-pack -q --width 10 b.[1-8] | cmp - b.npz
1 - err 'no values in any state' cdf-pack --width 10 $(for i in 1 2 3 4 5 6 7 8; do test $(reservoir --text e.$i | grep -vc '^#') = 0 && echo e.$i; done) -o none || err 'missing' cdf-pack --width 10 e.1 e.2
