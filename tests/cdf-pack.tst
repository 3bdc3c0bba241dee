0 - reservoir -q -o e $D/cdf/effect.tsv && reservoir -q -o b $D/cdf/baseline.tsv && reservoir -q -o own $D/cdf/own.tsv
0 - cdf-pack --width 12 -o bg.npz e b
0 cdf-pack.list cdf-lookup -b bg.npz --list
0 - cdf-lookup -b bg.npz --status | grep -q 'effect made by.predict 1 | reservoir .* | cdf-pack '
# the bytes do not depend on threads, on the order of kinds, or on where they go
0 - cdf-pack --width 12 -@ 2 e b > x && cmp x bg.npz
0 - cdf-pack --width 12 -@ 7 e b | cmp - bg.npz
0 - cdf-pack --width 12 b e | cmp - bg.npz
0 - cdf-pack --width 12 - b < e | cmp - bg.npz
0 - reservoir < $D/cdf/effect.tsv | cdf-pack -o effect.npz && cdf-lookup -b effect.npz --status | grep -q 'width 10000'
# nor on shards, joined here or before
0 - for i in 1 2 3; do shard-scores $i 3 $D/cdf/effect.tsv | reservoir -o s$i || exit 1; done
0 - cdf-pack --width 12 s3 b s1 s2 | cmp - bg.npz
0 - reservoir s2 s3 -o s23 && cdf-pack --width 12 s23 b s1 | cmp - bg.npz
1 - err 's1: shards 1,3 of 3 are given; 2 missing' cdf-pack s1 b s3
1 - err 's23: shards 2,3 of 3 are given; 1 missing' cdf-pack s23
1 - err 's23: shard 3 of 3 was given already' cdf-pack s1 s3 s23
1 - shard-scores 2 3 $D/cdf/effect.tsv | sed 's/aaaaaaaa/dddddddd/' | reservoir -o d; err 's1 and d are not parts of one run: track is' cdf-pack s1 d s3
1 - err "e and e both hold the effect values of track 'DNASE:a'" cdf-pack e b e
1 - err 'but are not shards of one run' cdf-pack e s1 s2 s3
# states that do not fit each other
1 - sed 's/"fai_sha256":"1/"fai_sha256":"9/' $D/cdf/baseline.tsv | reservoir -o d; err 'are of different genomes' cdf-pack e d
1 - sed 's/aaaaaaaa/dddddddd/' $D/cdf/baseline.tsv | reservoir -o d; err "d: track 'DNASE:a' is another one than in the states before (layer chromatin_accessibility, oracle toy, weights dddd" cdf-pack e d
1 - sed 's/"pseudocount":1.0/"pseudocount":2.0/' $D/cdf/baseline.tsv | reservoir -o d; err 'd: layer chromatin_accessibility is' cdf-pack e d
1 - err 'are of different genomes' cdf-pack e own
# every kind covers all tracks
0 - sed '/\tMPRA:a\t/d;/end=/s/=.*/=112/' $D/cdf/baseline.tsv > less && sed -i "s/end=.*/end=$(grep -vc '^#' less)/" less && reservoir -o d less
1 - err "1 of 3 tracks have no summary values (first: 'MPRA:a')" cdf-pack e d
1 - err 'tracks have no summary values' cdf-pack d
# tracks of different states: a union, in order of appearance
0 - (sed -n 1p $D/cdf/own.tsv; sed -n '/\tb\t/p' $D/cdf/own.tsv) | reservoir -o own.b; (sed -n 1p $D/cdf/own.tsv; sed -n '/\ta\t/p' $D/cdf/own.tsv) | reservoir -o own.a
0 cdf-pack.union cdf-pack --width 5 own.b own.a > u.npz && cdf-lookup -b u.npz --list
0 - cdf-lookup -b u.npz --status | grep -qx 'oracle.custom'
0 - cdf-pack --width 5 --oracle mine --genome-name hg38 own > n.npz && cdf-lookup -b n.npz --status | grep -qx 'oracle.mine' && cdf-lookup -b n.npz --status | grep -qx 'genome.hg38'
1 - sed '/DNASE:a.*oracle/s/"oracle":"toy"/"oracle":"other"/' $D/cdf/effect.tsv | reservoir -o d; err 'name the set with --oracle' cdf-pack d
0 - cdf-pack -o x --oracle two d
# an unsigned layer has no negative effects
1 - sed '/\tDNASE:a\t/s/[^\t]*$/-0.5/' $D/cdf/effect.tsv | reservoir -o d; err "effect of track 'DNASE:a' goes down to -0.5, but its layer chromatin_accessibility is unsigned" cdf-pack d
# wrong input
1 - err 'is empty' cdf-pack
1 - err 'is text' cdf-pack $D/cdf/effect.tsv
1 - mkpred < $D/score-effect/sites.txt | score-effect > s; err 'holds scores, but reservoir are expected here; pipe it through reservoir first' cdf-pack s
1 - head -c 1500 e > d; err 'ends after' cdf-pack d
1 - head -c $(($(wc -c < e) - 1)) e > d; err 'without its end mark' cdf-pack d
1 - n=$(($(wc -c < e) - 400)); (head -c $n e; printf xxx; tail -c +$((n + 4)) e) > d; err 'damaged' cdf-pack d
1 - err 'cannot open' cdf-pack no-such-file
# output
1 - err 'cannot write' cdf-pack e > /dev/full
0 - closed cdf-pack e
0 - echo old > kept; head -c 1500 e > d; cdf-pack -o kept d; cdf-pack -o kept s1; grep -qx old kept && test "$(ls -A | grep -c part)" = 0
2 - err 'width must be a whole number from 2 to 1000000' cdf-pack --width 1 e
2 - cdf-pack --threads 0 e
