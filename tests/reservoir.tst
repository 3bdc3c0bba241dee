# Scores of $D/cdf: three tracks, made by hand with the metadata of score-effect; own.tsv has none.
0 reservoir.effect reservoir --no-provenance --text $D/cdf/effect.tsv
0 reservoir.effect reservoir --no-provenance --text < $D/cdf/effect.tsv
0 reservoir.effect reservoir --no-provenance --text - < $D/cdf/effect.tsv
0 reservoir.baseline reservoir --no-provenance --text $D/cdf/baseline.tsv
0 reservoir.own reservoir --no-provenance --text $D/cdf/own.tsv
0 - reservoir -o e $D/cdf/effect.tsv && reservoir < e | cmp - e
0 reservoir.effect reservoir --no-provenance -o e.bare $D/cdf/effect.tsv && reservoir --text e.bare
0 - reservoir --text e | grep -q '##pertrack_prov={"cl":"reservoir","id":"2:reservoir","pn":"reservoir","pp":"1:predict"'
0 - reservoir -v -o x e 2>&1 | grep -q 'kept 48 values'
# binary scores, from the pipe and from a file
0 - mkpred < $D/score-effect/sites.txt | score-effect -o s.bin && reservoir -o bin s.bin && reservoir < s.bin | cmp - bin
0 - mkpred < $D/score-effect/sites.txt | score-effect --text | reservoir --text > a; reservoir --text bin > b; grep -v prov a > a2; grep -v prov b > b2; cmp a2 b2
# the order of rows does not show
0 - (head -n 1 $D/cdf/own.tsv; sed 1d $D/cdf/own.tsv | sort -r) > shuffled.tsv; reservoir $D/cdf/own.tsv > a; reservoir shuffled.tsv | cmp - a
0 - (head -n 1 $D/cdf/own.tsv; sed -n 2,5p $D/cdf/own.tsv) > o1; (head -n 1 $D/cdf/own.tsv; sed 1,5d $D/cdf/own.tsv) > o2; reservoir o2 o1 | cmp - a
# shards: of scores, of states, of both; joined at once or in steps
0 - for i in 1 2 3 4; do shard-scores $i 4 $D/cdf/effect.tsv > t$i; reservoir -o s$i t$i || exit 1; done
0 - reservoir --text s2 | grep -qx '##pertrack_shards=2/4'
0 - reservoir s1 s2 s3 s4 | cmp - e
0 - reservoir s4 s1 s3 s2 | cmp - e
0 - reservoir t2 t4 t1 t3 | cmp - e
0 - reservoir s2 t4 s1 t3 | cmp - e
0 - reservoir s3 s1 -o half && reservoir --text half | grep -qx '##pertrack_shards=1,3/4' && reservoir s4 half s2 | cmp - e
0 - reservoir - s1 s3 s4 < s2 | cmp - e
1 - err 's1: shard 1 of 4 was given already' reservoir s1 s2 s1
1 - err 'half: shard 1 of 4 was given already' reservoir s1 half
1 - err 'is a shard of a run, but what came before is the whole' reservoir e s1
1 - err 'is the whole of a run, but what came before is a shard' reservoir s1 e
1 - shard-scores 1 3 $D/cdf/effect.tsv > t; err 'is of a run in 3 shards, but what came before is of one in 4' reservoir s1 t
1 - err 'holds the same whole run as e' reservoir e e
1 - err 'holds the same whole run as' reservoir $D/cdf/effect.tsv $D/cdf/effect.tsv
# parts of different runs, with both values
1 - err "track' and 'perbin'" reservoir $D/cdf/effect.tsv $D/cdf/baseline.tsv
1 - sed 's/"fai_sha256":"1/"fai_sha256":"9/' t2 > d; err "genome is '{\"fai_sha256\":\"1" reservoir t1 d
1 - sed 's/"pseudocount":1.0/"pseudocount":2.0/' t2 > d; err '"pseudocount":2.0' reservoir s1 d
1 - sed 's/aaaaaaaa/dddddddd/' t2 > d; err 'not parts of one run: track is' reservoir t1 d
1 - sed 's/sites=5/sites=6/' t2 > d; err "sites is '555" reservoir t1 d
1 - sed 's/--oracle toy/--oracle other/' t2 > d; err 'prov is' reservoir t1 d
1 - sed 's/tally=.*/tally=7/' t2 > d; err "tally line '7' is not a JSON object" reservoir t1 d
1 - sed 's/shard=.*/shard=5\/4/' t2 > d; err "shard line '5/4'" reservoir d
1 - err "genome is '(absent)' and" reservoir $D/cdf/own.tsv $D/cdf/effect.tsv
# no values
1 - err 'is empty' reservoir
1 - err 'is empty' reservoir /dev/null
1 - head -n 1 $D/cdf/own.tsv > none; err 'no values in none' reservoir none
1 - err 'no values in any input' reservoir none none
# but a shard may be empty
0 - grep -v '^chr' t1 | sed 's/shard=.*/shard=1\/2/;s/end=.*/end=0/' > none; reservoir -o s.none none && sed 's/^##pertrack_prov/##pertrack_shard=2\/2\n&/' $D/cdf/effect.tsv | reservoir -o s.all && reservoir s.none s.all > both && reservoir --text both | grep '^effect' > a && reservoir --text e | grep '^effect' | cmp - a
1 - sed 's/shard=.*/shard=1\/1/' none > d; err 'no values in d' reservoir d
# wrong values: NaN and infinity, with the line
1 - sed '3s/[^\t]*$/nan/' $D/cdf/own.tsv > d; err 'd:3: score is' reservoir d
1 - sed '4s/[^\t]*$/inf/' $D/cdf/own.tsv > d; err 'd:4: score is' reservoir d
1 - sed '4s/[^\t]*$/1e999/' $D/cdf/own.tsv > d; err 'd:4: score is' reservoir d
# damage
1 - head -n 20 $D/cdf/effect.tsv > d; err 'without its' reservoir d
1 - head -c 900 e > d; err 'without its end mark' reservoir d
1 - head -c $(($(wc -c < e) - 1)) e > d; err 'without its end mark' reservoir d
1 - head -c $(($(wc -c < s.bin) - 9)) s.bin > d; err 'without its end mark' reservoir d
1 - cat e e > d; err 'data follows the end record' reservoir d
1 - (head -c 1000 e; printf x; tail -c +1002 e) > d; err 'header checksum differs' reservoir d
1 - n=$(($(wc -c < e) - 400)); (head -c $n e; printf xxx; tail -c +$((n + 4)) e) > d; err 'damaged' reservoir d
1 - mkpred < $D/score-effect/sites.txt > p; err 'holds predictions, but scores or a reservoir state are expected' reservoir p
1 - reservoir --text e > d; err "column 'chrom' is missing" reservoir d
1 - echo hello > d; err 'no line of column names' reservoir d
1 - err 'cannot open' reservoir no-such-file
1 - err 'is a directory' reservoir .
# output
1 - err 'cannot write' reservoir e > /dev/full
1 - err 'cannot write' reservoir --text e > /dev/full
0 - closed reservoir e
0 - closed reservoir --text e
0 - echo old > kept; head -c 900 e > d; reservoir -o kept d; grep -qx old kept && test "$(ls -A | grep -c part)" = 0
1 - err 'cannot create' reservoir -o no/such/dir e
2 - err 'unrecognized option' reservoir --number 5 e
