# The whole chain on the demo's genome and models.  STATUS  EXPECTED  command; see run.sh
0 -  "$B/demo/make-demo" demo
0 -  sample-snps -q --recipe classic -g demo/genome.fa -n 300 --margin 3000 --contigs chr1,chr2,chr3,chr4 -o snps.vcf
0 -  sample-baselines -q --recipe baseline-31500 --only random -g demo/genome.fa -n 200 --margin 3000 --contigs chr1,chr2,chr3,chr4 -o base.bed

# The demo's files are the same on every machine.
0 demo.cksum  cd demo && cksum genome.fa elements.bed tracks.tsv variants.vcf

# Threads, batches: the same bytes.
0 -  build-background one.npz -@ 1
0 -  build-background two.npz -@ 2 && cmp one.npz two.npz && cmp one.npz.effect two.npz.effect && cmp one.npz.baseline two.npz.baseline
0 -  build-background batch1.npz -@ 2 --batch 1 && cmp one.npz batch1.npz
0 -  build-background batch7.npz -@ 2 --batch 7 && cmp one.npz batch7.npz
0 -  build-background batch500.npz -@ 2 --batch 500 && cmp one.npz batch500.npz
# With whole profiles instead of the bins that scoring asks for.
0 -  build-background full.npz --full && cmp one.npz full.npz
# Threads of the packer.
0 -  cdf-pack -q -@ 2 -o packed2.npz one.npz.effect one.npz.baseline && cmp one.npz packed2.npz
0 -  cdf-pack -q -o swapped.npz one.npz.baseline one.npz.effect && cmp one.npz swapped.npz

# Four shards, merged by either tool, in any order: the same bytes.
0 -  for i in 1 2 3 4; do build-part $i 4 || exit; done
0 -  cdf-pack -q -o direct.npz effect.1 effect.2 effect.3 effect.4 baseline.1 baseline.2 baseline.3 baseline.4 && cmp one.npz direct.npz
0 -  cdf-pack -q -o mixed.npz baseline.3 effect.4 effect.1 baseline.2 baseline.1 effect.3 effect.2 baseline.4 && cmp one.npz mixed.npz
0 -  reservoir -q -o effect.all effect.4 effect.2 effect.1 effect.3 && cmp one.npz.effect effect.all
0 -  reservoir -q -o half effect.1 effect.4 && reservoir -q -o effect.halves half effect.3 effect.2 && cmp one.npz.effect effect.halves
0 -  reservoir -q -o baseline.all baseline.4 baseline.2 baseline.1 baseline.3 && cdf-pack -q -o merged.npz effect.all baseline.all && cmp one.npz merged.npz
1 -  err 'missing' cdf-pack -o hole.npz effect.1 effect.2 effect.4
1 -  cdf-pack -o twice.npz effect.1 effect.2 effect.2 effect.3 effect.4
0 -  ! test -e hole.npz && ! test -e twice.npz

# Every stage through a file, and as text where a tool reads it, gives what the pipe gives.
0 -  predict -q -m chrombpnet --tracks demo/tracks.tsv -g demo/genome.fa -o snps.pred snps.vcf
0 -  score-effect -q -o snps.scores snps.pred && reservoir -q -o stages.effect snps.scores && cmp one.npz.effect stages.effect
0 -  score-effect -q --text -o snps.tsv snps.pred && reservoir -q --text snps.tsv >from.text && reservoir -q --text snps.scores >from.binary && cmp from.text from.binary
0 -  onehot -q -g demo/genome.fa --length 2114 snps.vcf | predict -q -m chrombpnet --tracks demo/tracks.tsv | score-effect -q --text | grep -v '^#' >via.onehot && scores snps.vcf >direct && cmp direct via.onehot

# Percentiles of variants: every scorable ALT gets one, every other is counted with its reason.
0 -  predict -m chrombpnet --tracks demo/tracks.tsv -g demo/genome.fa demo/variants.vcf 2>log | score-effect -q | cdf-lookup -q -b one.npz >found && grep -v '^#' found | wc -l | grep -qx ' *57'
0 -  grep -q 'left out 7 of 26' log && grep -q 'REF differs' log && grep -q 'symbolic' log && grep -q 'runs off the contig' log && grep -q 'too many N' log
0 -  grep -q "'1' taken as 'chr1'" log
1 -  err 'runs off the contig' predict --strict -m chrombpnet --tracks demo/tracks.tsv -g demo/genome.fa -o strict.pred demo/variants.vcf
0 -  ! test -e strict.pred
0 -  cdf-lookup -b one.npz --status
0 -  cdf-lookup -b one.npz --list | grep -q DNASE:lymphoid
0 -  cdf-lookup -b one.npz -t DNASE:lymphoid 1.5

# A reader that leaves early is no error of the writer's; nobody complains.
0 -  closed predict -q -m chrombpnet --tracks demo/tracks.tsv -g demo/genome.fa snps.vcf
0 -  closed score-effect snps.pred
0 -  closed score-effect --text snps.pred
0 -  closed reservoir --text snps.scores
0 -  closed cdf-pack one.npz.effect one.npz.baseline
0 -  closed sample-snps -q --recipe classic -g demo/genome.fa -n 30000 --margin 3000 --contigs chr1
0 -  predict -q -m chrombpnet --tracks demo/tracks.tsv -g demo/genome.fa snps.vcf 2>e1 | score-effect -q --text 2>e2 | head -n 30 | grep -q '^#chrom' && ! test -s e1 && ! test -s e2

# A stage that fails or is killed: those behind it fail too, and write no file.
1 -  head -n 20 snps.vcf | cut -c 1-20 | predict -q -m chrombpnet --tracks demo/tracks.tsv -g demo/genome.fa | score-effect -q -o dead.scores
1 -  (cat snps.vcf; sleep 3) | timeout -s KILL 1 predict -q -m chrombpnet --tracks demo/tracks.tsv -g demo/genome.fa | score-effect -q | reservoir -q -o dead.effect
1 -  head -c 20000 snps.pred | err 'end' score-effect -o dead.scores
1 -  head -c 20000 snps.scores | err 'end' reservoir -o dead.effect
1 -  head -n 100 snps.tsv | err '##pertrack_end' reservoir -o dead.effect
1 -  head -c 3000 one.npz.effect | err 'end' cdf-pack -o dead.npz
1 -  head -c 3000 one.npz >short.npz; err 'short.npz' cdf-lookup -b short.npz --status
1 -  head -c 20000 snps.scores | cdf-lookup -q -b one.npz -o dead.found
0 -  ls dead.* .dead* 2>/dev/null | wc -l | grep -qx ' *0'

# A full disk.
1 -  err 'cannot write' predict -q -m chrombpnet --tracks demo/tracks.tsv -g demo/genome.fa snps.vcf > /dev/full
1 -  err 'cannot write' score-effect snps.pred > /dev/full
1 -  err 'cannot write' reservoir snps.scores > /dev/full
1 -  err 'cannot write' cdf-pack one.npz.effect one.npz.baseline > /dev/full
1 -  err 'cannot write' cdf-lookup -b one.npz snps.scores > /dev/full
1 -  err 'cannot write' cdf-lookup -b one.npz --status > /dev/full
1 -  err 'cannot write' sample-snps --recipe classic -g demo/genome.fa -n 30 --margin 3000 --contigs chr1 > /dev/full
1 -  err 'cannot write' sample-baselines --recipe baseline-31500 --only random -g demo/genome.fa -n 30 --margin 3000 --contigs chr1 > /dev/full

# The wrong stage in front.
1 -  err 'predict' score-effect -o wrong snps.scores
1 -  err 'score-effect' reservoir -o wrong snps.pred
1 -  err 'reservoir' cdf-pack -o wrong snps.scores
1 -  score-effect -o wrong snps.tsv
1 -  predict -m chrombpnet --tracks demo/tracks.tsv -g demo/genome.fa -o wrong snps.tsv
1 -  predict -m chrombpnet --tracks demo/tracks.tsv -g demo/genome.fa -o wrong snps.pred
0 -  ! test -e wrong

# Empty input, and nothing that can be scored.
1 -  predict -m chrombpnet --tracks demo/tracks.tsv -g demo/genome.fa </dev/null
1 -  score-effect </dev/null
1 -  reservoir </dev/null
1 -  cdf-pack </dev/null
1 -  cdf-lookup -b one.npz </dev/null
1 -  grep '^#' snps.vcf | predict -m chrombpnet --tracks demo/tracks.tsv -g demo/genome.fa
1 -  grep -E '^#|wrong_ref' demo/variants.vcf | err 'REF differs' predict -m chrombpnet --tracks demo/tracks.tsv -g demo/genome.fa
