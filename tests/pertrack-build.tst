# One description of a build: checks, units, merge, report.  STATUS  EXPECTED  command; see run.sh
0 - "$B/demo/make-demo" . >/dev/null && sample-snps -q --recipe classic -g genome.fa -n 60 --margin 3000 --contigs chr1,chr2,chr3,chr4 -o snps.vcf
0 - printf 'oracle chrombpnet\ntracks tracks.tsv\ngenome genome.fa\nvariants classic -n 60 --margin 3000 --contigs chr1,chr2,chr3,chr4\n' > head && (cat head; printf '# regions too\nbaselines\tbaseline-31500 --only random -n 40 --margin 3000 --contigs "chr1,chr2"\nshards 3\noutput toy.npz\n') > toy.build
# A build gives what the pipes give; running it again does nothing.
0 - pertrack-build -q -j 2 toy.build && predict -q -m chrombpnet -t tracks.tsv -g genome.fa snps.vcf | score-effect -q | reservoir -q -o e.res && sample-baselines -q --recipe baseline-31500 --only random -n 40 -g genome.fa --margin 3000 --contigs chr1,chr2 | predict -q -m chrombpnet -t tracks.tsv -g genome.fa | score-effect -q | reservoir -q -o b.res && cdf-pack -q -o pipes.npz e.res b.res && cmp toy.npz pipes.npz
0 - err 'toy.npz is there, whole and of this build: nothing to do' pertrack-build toy.build
# Damaged units are named, and made again; the others are not touched.
0 - mv toy.npz first.npz && cp toy.units/units/variants.1.1.res v1 && truncate -s -9 toy.units/units/variants.1.2.res && rm toy.units/units/baselines.1.3.res && stat -c '%i %Y' toy.units/units/variants.1.[13].res > before
1 - pertrack-build --verify toy.build | tee verify; grep -q 'variants.1.2.damaged.*cut short\|variants.1.2.damaged.*ends' verify && grep -q 'baselines.1.3.missing' verify && pertrack-build --verify toy.build > x
1 - err '    pertrack-build toy.build' pertrack-build --merge toy.build
1 - err 'variants.1.2 is damaged' pertrack-build --merge toy.build
1 - err 'baselines.1.3 is missing' pertrack-build --merge toy.build
0 - err 'variants.1.2 is done again' pertrack-build toy.build && cmp toy.npz first.npz && stat -c '%i %Y' toy.units/units/variants.1.[13].res | cmp - before
# One unit alone: by name, by number.
0 - rm toy.units/units/variants.1.1.res && pertrack-build -q --unit variants.1.1 toy.build && cmp v1 toy.units/units/variants.1.1.res && rm v1 toy.units/units/variants.1.1.res && pertrack-build -q --unit-number 1 toy.build && test -f toy.units/units/variants.1.1.res
0 - printf x | dd of=toy.units/units/variants.1.1.res bs=1 seek=700 conv=notrunc 2>x && err 'variants.1.1: done again' pertrack-build --unit variants.1.1 toy.build
1 - err 'is not a unit of this build' pertrack-build --unit variants.1.9 toy.build
1 - err 'there are 6 units, no number 7' pertrack-build --unit-number 7 toy.build
# Units of another shard or build, duplicates and strays are refused.
0 - cp toy.units/units/variants.1.1.res keep && cp toy.units/units/variants.1.3.res toy.units/units/variants.1.1.res
1 - err 'variants.1.1 is of another build or shard: toy.units/units/variants.1.1.res: holds shard 3 of 3, expected shard 1' pertrack-build --merge toy.build
1 - cp keep toy.units/units/variants.1.1.res; cp keep toy.units/units/copy.res; err 'toy.units/units/copy.res is a duplicate of variants.1.1' pertrack-build --merge toy.build
1 - cp snps.vcf toy.units/units/copy.res; err 'toy.units/units/copy.res is not a unit of this build' pertrack-build --merge toy.build
1 - rm toy.units/units/copy.res; predict -q -m chrombpnet -w DNASE:stem=stem.npz -g genome.fa --shard 1/3 snps.vcf | score-effect -q | reservoir -q -o toy.units/units/variants.1.1.res; err 'are not parts of one run' pertrack-build --merge toy.build
0 - rm toy.npz; pertrack-build -q toy.build && cmp toy.npz first.npz
# Another description, other files: the folder is not continued.
1 - sed 's/shards 3/shards 4/; s/toy.npz/four.npz/; $a folder toy.units' toy.build > four.build; err "toy.units holds 6 units of another build: shards is '4', was '3'" pertrack-build four.build
0 - err 'toy.units is begun anew' pertrack-build --restart four.build && cmp four.npz first.npz
1 - cp stem.npz stem.keep && sed -i 's/begin/begin/' stem.npz; cp epithelial.npz stem.npz; err "DNASE:stem is '" pertrack-build four.build
0 - mv stem.keep stem.npz
# Track sets: the rows are those of one set.
0 - sed 's/toy.npz/sets.npz/; $a tracks-per-set 2' toy.build > sets.build && pertrack-build -q sets.build && npzrow sets.npz effect > a && npzrow first.npz effect > b && cmp a b && test "$(wc -l < sets.units/units.list)" = 12
# Every mistake is found before any work, all missing files at once.
2 - err 'no description given' pertrack-build
2 - err 'one description at a time' pertrack-build a b
2 - err "--engine is 'pbs', expected one of make, shell, parallel" pertrack-build --engine pbs toy.build
2 - err 'exclude each other' pertrack-build --plan --status toy.build
2 - err '--workdir is of use with --sshloginfile only' pertrack-build --workdir /x toy.build
2 - err 'there is no such file' pertrack-build --engine parallel --sshloginfile nowhere toy.build
1 - err 'cannot open' pertrack-build no.build
1 - err 'run first: pertrack-build --plan fresh.build' sh -c 'cp toy.build fresh.build; pertrack-build --status fresh.build'
1 - (cat head; echo 'output x.npz'; echo 'shard 3') > bad.build; err "bad.build:6: 'shard' is not a key of a build; known are oracle" pertrack-build bad.build
1 - (cat head; echo 'output x.npz'; echo 'shards 0') > bad.build; err 'bad.build:6: shards must be a whole number from 1 to 100000' pertrack-build bad.build
1 - (cat head; echo 'output x.npz'; echo 'genome y.fa') > bad.build; err 'bad.build:6: genome was given before' pertrack-build bad.build
1 - (cat head; echo 'output x.npz'; echo "predict --layer 'x") > bad.build; err "bad.build:6: a ' is not closed" pertrack-build bad.build
1 - err "has no line 'output'" sh -c 'cp head bad.build; pertrack-build bad.build'
1 - (grep -v variants head; echo 'output x.npz') > bad.build; err 'has no sites' pertrack-build bad.build
1 - (cat head; echo 'output x.npz'; echo 'gtf no.gtf') > bad.build; sed -i 's/genome.fa/no.fa/; s/tracks.tsv/no.tsv/' bad.build; sed 's/stem.npz/gone.npz/' tracks.tsv > no.tsv; err '3 files are missing or cannot be read; nothing was begun' pertrack-build bad.build
1 - err "weights of track 'DNASE:stem' gone.npz: No such file" pertrack-build bad.build
1 - sed 's/classic/classics/; $a output x.npz' head > bad.build; err 'the variants cannot be drawn' pertrack-build bad.build
1 - (cat head; printf 'output x.npz\npredict --layer nonsense\n') > bad.build; err "layer 'nonsense' is not known" pertrack-build bad.build
0 - test ! -e x.npz && ! ls bad.units/units/*.res 2>/dev/null
# Another assembly.
1 - (cat head; printf 'output x.npz\nassembly hg38\n') > bad.build; awk '/^>/ { print; next } { print }' genome.fa > o.fa; printf 'chr1\t249250621\t6\t60\t61\n' > hg19.fa.fai; printf '>chr1\nACGT\n' > hg19.fa; sed 's/genome.fa/hg19.fa/' bad.build > bad2.build; err 'chromosome 1 of hg19.fa has the length of hg19' pertrack-build --check bad2.build
1 - tr ACGT CGTA < snps.vcf | awk 'BEGIN { FS = OFS = "\t" } NR == FNR { if (/^#/) h = h $0 "\n"; next } !n++ { printf "%s", h } !/^#/ { $1 = "chr" 1 + n % 4; $5 = $4 == "A" ? "C" : "A"; print }' snps.vcf - > wrong.vcf; sed 's/^variants.*/variants-file wrong.vcf/; $a output x.npz' head > bad.build; err 'do not fit the genome (' pertrack-build --check bad.build
1 - sed 's/^variants.*/variants-file elements.bed/; $a output x.npz' head > bad.build; err 'holds regions, but is named as variants-file' pertrack-build --check bad.build
0 - sed 's/^variants.*/variants-file snps.vcf/; $a output own.npz' head > own.build && pertrack-build -q own.build && cdf-pack -q -o e.npz e.res && cmp own.npz e.npz
# Variants and regions that say nothing of where they come from: still two runs, and a shard is one.
0 - grep -v '^##pertrack' snps.vcf > bare.vcf && sample-baselines -q --recipe baseline-31500 --only random -n 40 -g genome.fa --margin 3000 --contigs chr1,chr2 | grep -v '^#' > bare.bed && printf 'oracle chrombpnet\ntracks tracks.tsv\ngenome genome.fa\nvariants-file bare.vcf\nbaselines-file bare.bed\nshards 2\noutput bare.npz\n' > bare.build && pertrack-build -q bare.build
0 - for k in effect summary perbin; do npzrow bare.npz $k > a && npzrow first.npz $k > b && cmp a b || exit 1; done
1 - err 'baselines.1.2.res: shard 2 of 2 was given already' cdf-pack -q -o twice.npz bare.units/units/*.res bare.units/units/baselines.1.2.res
1 - err 'shards 2 of 2 are given; 1 missing' cdf-pack -q -o gap.npz bare.units/units/variants.1.?.res bare.units/units/baselines.1.2.res
# Of other sites is a shard by its header already: no value of the other, which is cut short, is read.
1 - tail -n 30 bare.bed > less.bed; predict -q -m chrombpnet -t tracks.tsv -g genome.fa --shard 2/2 less.bed | score-effect -q | reservoir -q -o other.res; cp bare.units/units/baselines.1.1.res cut.res; truncate -s -9 cut.res; err 'cut.res and other.res are not parts of one run: sites is' reservoir -q -o x.res cut.res other.res
# Presets: of the annotation every recipe is given what it draws from, and what is not there is not demanded.
0 - make-loci > loci.fa && cp "$D"/sample/* . && mkdir m && cp "$R/sei/projvec_targets.npy" "$R/sei/histone_inds.npy" m && cp "$R/sei/sei.npz" m/sei.pth && printf 'id\tweights\ns\tm\n' > sei.tsv && printf 'oracle sei\ntracks sei.tsv\ngenome loci.fa\ngtf genes.gtf\nccre ccre.bed\nvariants --preset sei -n 60 --margin 1000\nbaselines -n 60 --margin 1000 --contigs chr1,chr2,chr3 --preset=sei\npredict --preset sei --input-length 128\noutput sei.npz\n' > sei.build && pertrack-build -q sei.build
0 - predict='predict -q --preset sei -t sei.tsv -g loci.fa --input-length 128'; sample-snps -q --preset sei -n 60 --margin 1000 -g loci.fa --gtf genes.gtf --ccre ccre.bed | $predict | score-effect -q | reservoir -q -o s.e && sample-baselines -q --preset sei -n 60 --margin 1000 --contigs chr1,chr2,chr3 -g loci.fa --gtf genes.gtf --ccre ccre.bed | $predict | score-effect -q | reservoir -q -o s.b && cdf-pack -q -o pipe.npz s.e s.b && for k in effect summary; do npzrow sei.npz $k > a && npzrow pipe.npz $k > b && cmp a b || exit 1; done
0 - sed 's/sei.npz/dhs.npz/; $a dhs dhs.tsv' sei.build > dhs.build && pertrack-build -q dhs.build && npzrow sei.npz effect > a && npzrow dhs.npz effect > b && cmp a b && grep -q '"gtf":{' dhs.units/sites/baselines.bed && ! grep -q '"dhs":{' dhs.units/sites/baselines.bed
0 - printf 'oracle chrombpnet\ntracks tracks.tsv\ngenome loci.fa\ngtf genes.gtf\nccre ccre.bed\ndhs dhs.tsv\nvariants --preset chrombpnet -n 20 --margin 3000 --contigs chr1,chr2\nbaselines --preset chrombpnet -n 40 --margin 3000 --contigs chr1,chr2,chr3\npredict --preset chrombpnet\noutput acc.npz\n' > acc.build && pertrack-build -q acc.build && grep -q 'STRATUM=dhs' acc.units/sites/variants.vcf && for s in random ccre tss dhs; do cut -f 4 acc.units/sites/baselines.bed | grep -q "$s" || exit 1; done
0 - printf '#stratum\tfrom\tfile\tamount\twindow\nprom\ttss\tgenes.gtf\t20\t-250..250\n' > mine.tsv && sed 's/^variants.*/variants --recipe-file mine.tsv --margin 3000/; s/^baselines.*/baselines --recipe baseline-29500 --only tss -n 9 --contigs chr1,chr2,chr3/; s/acc.npz/mine.npz/' acc.build > mine.build && pertrack-build -q mine.build && grep -q 'STRATUM=prom' mine.units/sites/variants.vcf
1 - sed '/^ccre/d; s/sei.npz/lack.npz/' sei.build > lack.build; err 'recipe unified needs --ccre FILE' pertrack-build lack.build
1 - sed 's/--preset sei -n/--preset elk -n/; s/sei.npz/elk.npz/' sei.build > elk.build; err "preset 'elk' is not known; known are bpnet" pertrack-build elk.build
1 - sed 's/^predict --preset sei/predict --preset enformer/; s/sei.npz/else.npz/' sei.build > else.build; err '--preset enformer is of another oracle than --oracle sei' pertrack-build else.build
# A smaller background does not take the place of a larger one, nor one without its tracks or kinds.
1 - sed 's/-n 60/-n 30/; $a output toy.npz' head > bad.build; err 'toy.npz has summary rows, but the build has no baselines' pertrack-build --check bad.build
1 - sed 's/-n 60/-n 30/; s/^output.*/replace first.npz/; s/^shards.*//' toy.build > bad.build; err 'a background is not replaced by a smaller one: draw more variants, or --allow-smaller' pertrack-build --check bad.build
0 - pertrack-build -q --check --allow-smaller bad.build && test ! -e bad.units/merged.tsv
1 - head -n 3 tracks.tsv > two.tsv; sed 's/tracks.tsv/two.tsv/; s/toy.npz/first.npz/' toy.build > bad3.build; err "first.npz has 1 tracks that two.tsv lacks (first: 'DNASE:lymphoid')" pertrack-build --check bad3.build
# Bounded memory: the ends must be exact.
1 - sed 's/toy.npz/bound.npz/; $a capacity 100' toy.build > bound.build; err 'capacity needs tail, or expected' pertrack-build --check bound.build
1 - printf 'tail 3\nwidth 100\n' >> bound.build; err 'at least 2 are wanted; give tail' pertrack-build --check bound.build
0 - sed -i 's/tail 3/tail 60/' bound.build && pertrack-build -q bound.build && npzrow bound.npz | grep -q perbin_tail_k && grep -q 'exact at each end' bound.report.html
# What a plan, a status and a report say.
0 - pertrack-build -q --restart --plan toy.build > plan && cut -f 2,3,5 plan | sed -n 2,4p | tr '\n\t' '; ' | grep -qx 'variants.1.1 variants 1;variants.1.2 variants 2;variants.1.3 variants 3;' && awk -F '\t' '$3 == "variants" { n += $6 } END { exit n != 60 }' plan
0 - pertrack-build -q toy.build && pertrack-build --status toy.build > s && grep -q '^#units.6 of 6 finished' s && grep -q '^#output.toy.npz: made by this build' s && grep -q '^variants.1.1.finished' s
0 - grep -q '^track.DNASE:stem.chromatin_accessibility.no.effect.60.60.10000' toy.report.tsv && grep -q '^count.effect.sites read.60' toy.report.tsv && grep -q '^made.effect.*sample-snps' toy.report.tsv && test "$(grep -c '^unit.' toy.report.tsv)" = 6
0 - ! grep -E 'src=|href="[^#]|<script|https?://|@import|url\(' toy.report.html && grep -q '</html>' toy.report.html && test "$(grep -o '<path' toy.report.html | wc -l)" = 18
0 - pertrack-build --status toy.build | grep -q cpu_seconds && closed pertrack-build --status toy.build
1 - pertrack-build --plan toy.build > /dev/full
# One driver at a time; progress on request.
1 - exec 9> toy.units/lock; flock 9; err 'another pertrack-build is at work in toy.units' pertrack-build toy.build
0 - rm toy.npz toy.units/units/variants.1.1.res && err 'variants.1.1: ' pertrack-build -v toy.build && rm toy.npz && pertrack-build -v toy.build 2>&1 | grep -q 'toy.report.html'
# Names with blanks and quotes, another folder, from another directory.
0 - mkdir "it's a dir" && cp -r toy.build tracks.tsv genome.fa* stem.npz epithelial.npz lymphoid.npz "it's a dir" && sed -i 's/toy.npz/a b.npz/; $a folder the units' "it's a dir/toy.build" && pertrack-build -q "it's a dir/toy.build" && cmp "it's a dir/a b.npz" first.npz
0 - rm "it's a dir/the units/units/"*.res "it's a dir/a b.npz" && pertrack-build -q --engine shell "it's a dir/toy.build" && cmp "it's a dir/a b.npz" first.npz
# Engines' files: a rule, a task, a process per unit; GPUs by job slot.
0 - sed '$a gpus 2' toy.build > gpu.build && sed -i 's/toy.npz/gpu.npz/' gpu.build && pertrack-build -q --engine parallel --generate gpu.build && grep -q 'CUDA_VISIBLE_DEVICES=$(( ({%} - 1) % 2 ))' gpu.units/parallel.sh && grep -q -- '--joblog gpu.units/parallel.joblog --resume' gpu.units/parallel.sh && test ! -e gpu.npz
0 - pertrack-build -q --engine slurm --generate gpu.build && grep -q -- '--array=1-6 ' gpu.units/slurm.sh && grep -qx '#SBATCH --requeue' gpu.units/units.sbatch && grep -qx '#SBATCH --gres=gpu:1' gpu.units/units.sbatch && sh -n gpu.units/slurm.sh && sh -n gpu.units/units.sbatch
0 - pertrack-build -q --unit-number 2 gpu.build && pertrack-build -q --unit-number 5 gpu.build && pertrack-build -q --engine slurm --generate gpu.build && grep -q -- '--array=1,3-4,6 ' gpu.units/slurm.sh
0 - for e in snakemake nextflow make shell; do pertrack-build -q --engine $e --generate gpu.build || exit; done; grep -q 'rule unit' gpu.units/Snakefile && grep -q 'process UNIT' gpu.units/main.nf && make -s -k -j 2 -f gpu.units/Makefile && cmp gpu.npz first.npz
# The units' programs see one GPU each.
0 - mkdir bin && cp "$B"/bin/* bin && mv bin/predict bin/real && printf '#!/bin/sh\necho "$CUDA_VISIBLE_DEVICES" >>"%s/gpus"\nexec "%s/bin/real" "$@"\n' "$T" "$T" > bin/predict && chmod +x bin/predict && rm -r gpu.units gpu.npz && bin/pertrack-build -q -j 2 gpu.build && tail -n 6 gpus | sort -u | grep -vx '[01]' | grep -c . | grep -qx 0 && cmp gpu.npz first.npz
# make background, also under make's own job slots.
0 - rm -rf toy.npz toy.units && make -s -C "$D/../.." B="$B" background BUILD="$T/toy.build" -j 2 && cmp toy.npz first.npz
2 - err 'name the description' make -s -C "$D/../.." B="$B" background
# SIGTERM: predict finishes the record at hand and writes no end record; what reads it fails.
1 - (predict -q -m chrombpnet -t tracks.tsv -g genome.fa -@ 1 snps.vcf; echo $? > status) > p 2> why & sleep 0.05; for i in 1 2 3 4 5 6 7 8 9; do test -s p && break; sleep 0.05; done; pkill -TERM -P "$!" predict; wait; test "$(cat status)" != 0 || test "$(cat status)" = 0 -a ! -s why; score-effect -q -o s p
