# Bounded retention: samples by key with exact ends, and algorithm R.  STATUS  EXPECTED  command
0 - many-scores 2000 baseline > b.tsv && many-scores 2000 effect > e.tsv && test $(grep -vc '^#' b.tsv) = 24000
0 - reservoir --capacity 500 --tail 200 --width 100 -o b b.tsv && reservoir --text b > b.txt
# The ends are those of all values; counts of parts; the header says how.
0 - grep -qx '##pertrack_retention={"algorithm":"keyed","capacity":500,"seed":12345,"tail":200}' b.txt
0 - grep -q 'prov={"cl":"reservoir --capacity 500 --tail 200 --width 100"' b.txt
0 - test "$(grep -c 'perbin	DNASE:a	.*	sample$' b.txt)" = 500 && test "$(grep -c 'perbin	DNASE:a	.*	lower$' b.txt)" = 200
0 - grep 'perbin	DNASE:a	' b.tsv | cut -f 12 | sort -g > all; grep 'perbin	DNASE:a	.*	upper$' b.txt | cut -f 3 > upper; tail -n 200 all | cmp - upper; grep 'perbin	DNASE:a	.*	lower$' b.txt | cut -f 3 > lower; head -n 200 all | cmp - lower
0 - grep 'perbin	DNASE:a	.*	sample$' b.txt | cut -f 3 | sort > sample; sort all | comm -13 - sample | wc -l | grep -qx 0
# A set that fits is whole, with any tail.
0 - reservoir --capacity 6000 --tail 200 --width 100 --text b.tsv | grep -c 'lower\|upper' | grep -qx 0
# Neither order nor shards show: 1, 2, 3 and 8 of them, joined at once or in steps.
0 - (grep '^#' b.tsv | grep -v end=; grep -v '^#' b.tsv | sort -r; tail -n 1 b.tsv) > r.tsv; reservoir --capacity 500 --tail 200 --width 100 r.tsv | cmp - b
0 - for n in 2 3 8; do for i in $(seq $n); do shard-scores $i $n b.tsv | reservoir --capacity 500 --tail 200 --width 100 -o $n.$i || exit; done; done
0 - reservoir --width 100 2.2 2.1 | cmp - b && reservoir --width 100 3.3 3.1 3.2 | cmp - b && reservoir --width 100 8.[1-8] | cmp - b
0 - reservoir --width 100 8.7 8.2 8.3 -o part1 && reservoir --width 100 8.8 8.6 8.5 -o part2 && reservoir --width 100 part2 8.4 part1 8.1 | cmp - b
0 - shard-scores 1 2 b.tsv > t && reservoir --capacity 500 --tail 200 --width 100 2.2 t | cmp - b
# The same of the background made of them, exact and bounded, from states and from merged states.
0 - for i in $(seq 8); do shard-scores $i 8 b.tsv | reservoir -o x.$i; shard-scores $i 8 e.tsv | reservoir -o y.$i || exit; done; reservoir -o xb b.tsv; reservoir -o ye e.tsv
0 - cdf-pack --width 100 -o exact.npz xb ye && cdf-pack --width 100 x.8 y.[1-8] x.[1-7] | cmp - exact.npz
0 - reservoir x.[1357] -o odd && reservoir x.[2468] -o even && cdf-pack --width 100 ye even odd | cmp - exact.npz
0 - cdf-pack --width 100 -o b.npz b ye && cdf-pack --width 100 8.[4-8] y.[3-8] 8.[1-3] y.[12] | cmp - b.npz && cdf-pack --width 100 -@ 3 3.1 3.2 ye 3.3 | cmp - b.npz
0 bounded.keys npzrow b.npz | grep -v build_config
0 bounded.rows npzrow b.npz perbin
0 - npzrow b.npz effect > a && npzrow exact.npz effect | cmp - a
# 200 of 6000 values are the first and last 4 of 100 points: those are of their ranks in all values.
0 - npzrow b.npz perbin DNASE:a | cut -d ' ' -f 2-5,98-101 > a; awk '{ v[NR - 1] = $1 } END { for (i = 0; i < 100; i++) if (i < 4 || i > 95) { r = int(i * 5999 / 99 + 0.5); printf "%s%.9g", n++ ? " " : "", v[r] } print "" }' all | cmp - a
# Tracks kept whole stand beside thinned ones.
0 - (sed -n '/^#/p' b.tsv | sed '/end=/d'; grep -v '^#' b.tsv | awk -F '\t' '$8 != "MPRA:a" || $2 < 600'; echo "##pertrack_end=$(awk -F '\t' '!/^#/ && ($8 != "MPRA:a" || $2 < 600)' b.tsv | wc -l)") > m.tsv; reservoir --capacity 500 --tail 200 --width 100 m.tsv -o m && cdf-pack --width 100 m -o m.npz && reservoir -o mx m.tsv && cdf-pack --width 100 -o mx.npz mx && npzrow mx.npz perbin MPRA:a > a && npzrow m.npz perbin MPRA:a | cmp - a
# Binary scores have the same keys as their text.
0 - mkpred < $D/score-effect/sites.txt > p && score-effect p -o s.bin && score-effect --text p > s.txt && reservoir --capacity 3 --tail 2 --width 2 --text s.bin | grep -v '^##' > a; reservoir --capacity 3 --tail 2 --width 2 --text s.txt | grep -v '^##' | cmp - a && grep -q upper a
# The seed chooses others.
0 - reservoir --capacity 500 --tail 200 --width 100 -s 1 --text b.tsv | grep 'sample$' | cut -f 3 > a; grep 'sample$' b.txt | cut -f 3 | cmp -s - a && exit 1; test $(wc -l < a) = 3000
# Tails: derived, and refused when too short for 2 % of the points.
0 - reservoir --capacity 500 --expected 6000 --width 100 --text b.tsv | grep -q '"tail":123}'
0 - reservoir --capacity 500 --expected 6000 --text b.tsv | grep -q '"tail":10000}'
0 - reservoir --capacity 50K --expected 1088128 --text b.tsv | grep -q '"tail":22198}'
2 - err '--capacity needs --tail K, or --expected N' reservoir --capacity 500 b.tsv
2 - err '--tail 19000 makes 190 of 10000 points exact at each end when 1000000 values are expected, at least 200 are wanted; give --tail 20400' reservoir --capacity 500 --expected 1000000 --tail 19000 b.tsv
1 - err 'make 1 of 100 points of a row exact, at least 2 are wanted; make the reservoir again with --tail 123' reservoir --capacity 500 --tail 100 --width 100 -o short b.tsv
0 - test ! -e short
1 - err 'make the reservoir again with --tail 10000' reservoir --capacity 500 --tail 100 b.tsv
1 - reservoir --capacity 500 --tail 61 --width 99 -o few b.tsv && err "perbin of track 'DNASE:a' holds 500 of 6000 values" cdf-pack few
1 - err '61 at each end, which makes 101 of 10000 points exact there; at least 198 are wanted' cdf-pack few
0 - cdf-pack --allow-thinned few -o x.npz
# What cannot be joined.
1 - err 'not parts of one run: ' reservoir --width 100 2.1 x.2
1 - shard-scores 2 2 b.tsv > t; err 'not parts of one run: retention is' reservoir --capacity 500 --tail 201 --width 100 2.1 t
1 - err 'give states without it' reservoir --capacity 500 --tail 200 b
1 - err 'shard 1 of 2 was given already' reservoir --width 100 2.1 2.1
1 - err '2 missing' cdf-pack --width 100 2.1
1 - reservoir --capacity 500 --tail 210 --width 100 e.tsv -o e210; many-scores 900 effect | other-tracks z | reservoir --capacity 500 --tail 200 --width 100 -o z; err 'keeps 200 exact values at each end of effect, states before it 210' cdf-pack --width 100 e210 z
# Damage.
1 - head -c $(($(wc -c < b) - 400)) b > d; err 'without its end mark' reservoir d
1 - sed 's/"algorithm":"keyed"/"algorithm":"bogus"/' b > d; err 'header checksum' reservoir d
# Algorithm R: values that CPython draws, rows as the reference has them.
0 bounded.ordinals awk 'BEGIN { OFS = "\t"; print "#chrom", "pos", "ref", "alt", "kind", "track", "score"; for (i = 0; i < 400; i++) print "chr1", i + 1, "A", "C", "effect", "one", i }' > o.tsv; reservoir --no-provenance --algorithm R --capacity 40 --text o.tsv | grep -v '^##'
0 bounded.cdf10 reservoir --algorithm R --capacity 40 o.tsv | cdf-pack --width 10 --allow-thinned -o r.npz && npzrow r.npz effect
0 bounded.cdf16 reservoir --algorithm R --capacity 40 $R/reservoir/one.tsv | cdf-pack --width 16 --allow-thinned -o r.npz && npzrow r.npz effect
0 bounded.interleaved reservoir --algorithm R --capacity 25 $R/reservoir/two.tsv | cdf-pack --width 8 --allow-thinned -o r.npz && npzrow r.npz effect
0 bounded.sequential (head -n 1 $R/reservoir/two.tsv; grep -P '\ta\t' $R/reservoir/two.tsv; grep -P '\tb\t' $R/reservoir/two.tsv) | reservoir --algorithm R --capacity 25 | cdf-pack --width 8 --allow-thinned -o r.npz && npzrow r.npz effect
0 bounded.spliced awk 'BEGIN { OFS = "\t"; print "#chrom", "pos", "ref", "alt", "kind", "track", "score"; for (i = 0; i < 1000; i++) print "chr1", i + 1, "A", "C", "effect", "one", i }' | reservoir --algorithm R --capacity 50 --tail 20 -o r && cdf-pack --width 100 r -o r.npz && npzrow r.npz effect
1 - reservoir --algorithm R --capacity 40 o.tsv -o r; err 'holds 40 of 400 values' cdf-pack --width 10 r
1 - err 'cannot be joined: what algorithm R keeps depends on the order' reservoir r r
1 - shard-scores 1 2 b.tsv > t; err 'is a shard' reservoir --algorithm R --capacity 500 t
2 - err 'one input at a time with --algorithm R' reservoir --algorithm R --capacity 500 b.tsv e.tsv
2 - err '--algorithm R is of use with --capacity only' reservoir --algorithm R b.tsv
2 - err '--tail is of use with --capacity only' reservoir --tail 5 b.tsv
2 - err "--algorithm is 'S'" reservoir --algorithm S --capacity 5 b.tsv
