0 - reservoir -q -o e $D/cdf/effect.tsv && reservoir -q -o b $D/cdf/baseline.tsv && cdf-pack --width 12 -o bg.npz e b
0 - reservoir -q $D/cdf/own.tsv | cdf-pack --width 10 -o own.npz
# values of one track
0 cdf-lookup.values cdf-lookup -b bg.npz -t MPRA:a -0.3 0 5 -9 1.83 -1.09 .31
0 cdf-lookup.values cdf-lookup --background bg.npz --track MPRA:a --kind effect -0.3 0 5 -9 1.83 -1.09 .31
0 cdf-lookup.values cdf-lookup -b bg.npz -t MPRA:a -o out -0.3 0 5 -9 1.83 -1.09 .31 && cat out
0 cdf-lookup.unsigned cdf-lookup -b bg.npz -t DNASE:a 0.41 -0.41 0 -0.0 99 -99
0 - cdf-lookup -b bg.npz -t DNASE:a 0 > a && cdf-lookup -b bg.npz -t DNASE:a --ties right 0 > b && ! cmp -s a b
0 - cdf-lookup -b bg.npz -t DNASE:a --kind summary 1e9 | tail -n 1 | cut -f 1-4 | grep -qx 'DNASE:a.summary.1e9.1.0'
0 - cdf-lookup -b bg.npz --strip-strand -t DNASE:a:+ 0.41 | grep -q '^DNASE:a.effect.0.41.'
1 - err "track 'DNASE:a:+' is not in bg.npz, which has 3 tracks; see cdf-lookup --list" cdf-lookup -b bg.npz -t DNASE:a:+ 0.41
1 - err "track 'a' is not in" cdf-lookup -b bg.npz -t a 1
1 - err 'has no perbin rows (it has effect)' cdf-lookup -b own.npz -t a --kind perbin 1
2 - err 'VALUE must be a number' cdf-lookup -b bg.npz -t MPRA:a nan
2 - err 'VALUE must be a number' cdf-lookup -b bg.npz -t MPRA:a 1x
2 - err 'VALUE must be a number' cdf-lookup -b bg.npz -t MPRA:a inf
0 - cdf-lookup -b bg.npz -t DNASE:a --ties left 0 | tail -n 1 | cut -f 4 | grep -qx 0.0
0 - cdf-lookup -b bg.npz -t MPRA:a --ties left 5 | tail -n 1 | cut -f 4 | grep -qx 1.0
# more columns
0 cdf-lookup.columns cdf-lookup -b bg.npz -t MPRA:a --support --ci 0.95 --rescale linear --render -1.09 0 0.31 5 -9 | round-numbers
0 cdf-lookup.phred cdf-lookup -b bg.npz -t DNASE:a --scale phred --ci 0.9 0 0.41 99 | round-numbers
0 cdf-lookup.pvalue cdf-lookup -b bg.npz -t MPRA:a --scale pvalue --ci 0.9 0 -1.09 99 | round-numbers
0 - cdf-lookup -b bg.npz -t DNASE:a --rescale log --kind summary 5 | head -n 1 | grep -qx '#track.kind.value.percentile.exceedance.display'
0 - cdf-lookup -b bg.npz -t DNASE:a --rescale linear --display-floor 0.1 --display-peak 0.5 --display-max 2 1e9 | tail -n 1 | cut -f 6 | grep -qx 2.0
0 cdf-lookup.activity cdf-lookup --no-provenance -b bg.npz --activity --render $D/cdf/effect.tsv | grep -v '^##' | cut -f 2,8,10,13- | head -n 7
0 - cdf-lookup -b bg.npz --near-zero 0.1 $D/cdf/effect.tsv | awk '$8 == "MPRA:a" && $2 == 100 { print $12, $13, $14 }' | grep -qx '0.07 . .'
0 - cdf-lookup -b bg.npz --near-zero 0.1 --render -t MPRA:a 0.0999 | tail -n 1 | grep -q 'near-zero$'
1 - err 'own.npz: has no summary rows (it has effect)' cdf-lookup -b own.npz --activity $D/cdf/own.tsv
# NaN, and infinities
0 - cdf-lookup -b bg.npz -t MPRA:a --on-nan na nan NA . 0.31 | cut -f 3,4 | tail -n 4 | tr '\t\n' '=;' | grep -qx 'nan=.;NA=.;.=.;0.31=0.0;'
2 - err 'VALUE must be a number' cdf-lookup -b bg.npz -t MPRA:a --on-nan na inf
0 - cdf-lookup -b bg.npz -t MPRA:a --compat chorus nan inf -inf | cut -f 4,5 | tail -n 3 | tr '\t\n' '=;' | grep -qx '1.0=.;1.0=inf;-1.0=inf;'
0 - sed '3s/[^\t]*$/nan/; 4s/[^\t]*$/./; 5s/[^\t]*$/NA/' $D/cdf/own.tsv > n.tsv; cdf-lookup --no-provenance -b own.npz --on-nan na n.tsv | awk 'NR > 2 && NR < 6 && $(NF - 1) == "." && $NF == "." { n++ } END { exit n != 3 }' && cdf-lookup -b own.npz --on-nan na --summary n.tsv | awk '!/^#/ { n += $3 } END { exit n != 7 }'
1 - err 'n.tsv:3: score is' cdf-lookup -b own.npz n.tsv
0 - cdf-lookup -b bg.npz -t MPRA:a 99 | cut -f 4 | tail -n 1 | grep -qx 1.0
# names of tracks
0 - cdf-lookup -b bg.npz -t DNASE_a --match chorus 0.41 | grep -q '^DNASE:a.effect.0.41.'
0 - cdf-lookup -b own.npz -t ATAC:a --match chorus 0.41 | grep -q '^a.effect.0.41.'
1 - err "(--match chorus would take 'a')" cdf-lookup -b own.npz -t ATAC:a 0.41
0 - printf 'mine\tDNASE:a\n' > alias.tsv; cdf-lookup -b bg.npz --alias alias.tsv -t mine 0.41 | grep -q '^DNASE:a.effect.0.41.'
0 - sed 's/\ta\t/\tmine\t/' $D/cdf/own.tsv > d; printf 'mine\ta\n' > a.tsv; cdf-lookup --no-provenance -b own.npz --alias a.tsv d | sed 's/\tmine\t/\ta\t/' > a; cdf-lookup --no-provenance -b own.npz $D/cdf/own.tsv | cmp a -
1 - printf 'mine DNASE:a\n' > bad.tsv; err 'bad.tsv:1: expected two columns separated by a tab' cdf-lookup -b bg.npz --alias bad.tsv -t mine 0.41
1 - err 'none.tsv: cannot open' cdf-lookup -b bg.npz --alias none.tsv -t mine 0.41
# every row of a file answers to its name (J.1 #126), the first one too (index 0)
0 - for t in $(cdf-lookup -b bg.npz --list | sed 1d | cut -f 1); do cdf-lookup -b bg.npz -t "$t" 1e9 | tail -n 1 | grep -q "^$t.effect.1e9.1.0." || exit 1; done
# bins of a bedGraph
0 cdf-lookup.bedgraph printf 'track type=bedGraph\n#x\nchr1\t0\t1\t0\nchr1\t1\t2\t3.5\nchr1 2 3 1e9\n' | cdf-lookup --no-provenance -b bg.npz -t DNASE:a --bedgraph - --rescale linear
0 - printf 'chr1\t0\t1\t3.5\r\n' > x.bg; cdf-lookup -b bg.npz -t DNASE:a --bedgraph x.bg | tail -n 1 | cut -f 5 > a; cdf-lookup -b bg.npz -t DNASE:a --kind perbin 3.5 | tail -n 1 | cut -f 4 | cmp a -
0 - cdf-lookup -b bg.npz -t DNASE:a --bedgraph x.bg --kind summary | tail -n 1 | cut -f 5 > a; cdf-lookup -b bg.npz -t DNASE:a --kind summary 3.5 | tail -n 1 | cut -f 4 | cmp a -
1 - printf 'chr1\t0\t1\n' | err 'standard input:1: expected 4 columns' cdf-lookup -b bg.npz -t DNASE:a --bedgraph -
1 - printf 'chr1\t0\t1\tnan\n' | err "standard input:1: value is 'nan'" cdf-lookup -b bg.npz -t DNASE:a --bedgraph -
0 - printf 'chr1\t0\t1\tnan\n' | cdf-lookup -b bg.npz -t DNASE:a --bedgraph - --on-nan na | tail -n 1 | cut -f 4- | tr '\t' ' ' | grep -qx 'nan \. \.'
1 - printf '\037\213xxxxxxxx\n' | err 'is compressed; use: zcat' cdf-lookup -b bg.npz -t DNASE:a --bedgraph -
1 - err 'holds no bins' cdf-lookup -b bg.npz -t DNASE:a --bedgraph - < /dev/null
# spread of percentiles: how many are pinned at the top (J.1 #83)
0 cdf-lookup.summary cdf-lookup --no-provenance -b bg.npz --summary $D/cdf/effect.tsv | grep -v '^##'
# score files: text, binary, from the pipe
0 cdf-lookup.effect cdf-lookup --no-provenance -b bg.npz $D/cdf/effect.tsv
0 cdf-lookup.effect cdf-lookup --no-provenance -b bg.npz < $D/cdf/effect.tsv
0 - cdf-lookup -b bg.npz $D/cdf/baseline.tsv | grep -v '^#' | cut -f 1-12 > a; grep -v '^#' $D/cdf/baseline.tsv | cmp - a
0 - cdf-lookup -b bg.npz $D/cdf/effect.tsv > once && reservoir --text once > a && reservoir --text $D/cdf/effect.tsv > b && grep -v '^##' a > a2 && grep -v '^##' b | cmp - a2
0 - mkpred < $D/score-effect/sites.txt > p && score-effect -o s.bin p && score-effect --text -o s.tsv p
0 - reservoir s.bin | cdf-pack --width 7 --oracle toy -o s.npz 2> log || { cat log >&2; exit 1; }
0 - cdf-lookup -b s.npz s.bin > a && cdf-lookup -b s.npz s.tsv > b && cmp a b && cdf-lookup -b s.npz < s.bin | cmp - a
0 - cdf-lookup -b bg.npz $D/cdf/effect.tsv | grep -q '##pertrack_prov={"background":"[0-9a-f]*","cl":"cdf-lookup","id":"2:cdf-lookup"'
0 - cp bg.npz other-name.npz && cdf-lookup -b other-name.npz $D/cdf/effect.tsv > a && cdf-lookup -b bg.npz $D/cdf/effect.tsv | cmp - a
# columns of a user's own pass through
0 cdf-lookup.own awk -F '\t' 'NR == 1 { print $0 "\tmine" } NR > 1 { print $0 "\tx" NR }' $D/cdf/own.tsv | cdf-lookup --no-provenance -b own.npz
# a wrong background is refused, with both values
1 - sed 's/"fai_sha256":"1/"fai_sha256":"9/' $D/cdf/effect.tsv > d; err 'fai_sha256 is 9111' cdf-lookup -b bg.npz d
1 - sed 's/aaaaaaaa/dddddddd/' $D/cdf/effect.tsv > d; err "track 'DNASE:a' was predicted with other weights than in bg.npz (dddd" cdf-lookup -b bg.npz d
1 - sed 's/"window_bp":501/"window_bp":2001/' $D/cdf/effect.tsv > d; err 'window_bp of layer chromatin_accessibility is 2001, but bg.npz was built with 501' cdf-lookup -b bg.npz d
1 - sed 's/"pseudocount":1.0/"pseudocount":0.5/' $D/cdf/effect.tsv > d; err 'pseudocount of layer chromatin_accessibility is 0.5' cdf-lookup -b bg.npz d
1 - sed 's/"formula":"diff"/"formula":"log2fc"/' $D/cdf/effect.tsv > d; err 'formula of layer promoter_activity is "log2fc"' cdf-lookup -b bg.npz d
1 - sed 's/"layer":"tf_binding"/"layer":"histone_marks"/' $D/cdf/effect.tsv > d; err "track 'CHIP:a:X' was scored as layer histone_marks, but its row in bg.npz is of layer tf_binding" cdf-lookup -b bg.npz d
1 - err "own.tsv: track 'b' is not in bg.npz" cdf-lookup -b bg.npz $D/cdf/own.tsv
1 - err 'none of its tracks is in bg.npz' cdf-lookup --skip-unknown-tracks -b bg.npz $D/cdf/own.tsv
0 - sed '3s/\ta\t/\tq\t/' $D/cdf/own.tsv | err 'left out 1 of 10 values: 1 track is not in the background (first: q)' cdf-lookup --skip-unknown-tracks -b own.npz > a && grep -vc '^#' a | grep -qx 9
# scores that are damaged or none
1 - head -n 20 $D/cdf/effect.tsv > d; err 'without its' cdf-lookup -b bg.npz d
1 - head -c $(($(wc -c < s.bin) - 9)) s.bin | err 'without its end mark' cdf-lookup -b s.npz
1 - sed '3s/[^\t]*$/nan/' $D/cdf/own.tsv | err 'standard input:3: score is' cdf-lookup -b own.npz
1 - head -n 1 $D/cdf/own.tsv | err 'holds no scores' cdf-lookup -b own.npz
1 - err 'is empty' cdf-lookup -b bg.npz
1 - err 'holds reservoir, but scores are expected' cdf-lookup -b bg.npz e
# files that are no backgrounds
1 - err 'no ZIP end record' cdf-lookup -b $D/cdf/effect.tsv --list
1 - err 'cannot open' cdf-lookup -b no-such-file --list
1 - err "has no array 'track_ids'" cdf-lookup -b $R/weights/stored.npz --list
1 - err "has no array 'track_ids'" cdf-lookup -b $R/weights/plain.pt --list
1 - head -c 1000 bg.npz > d; err 'd: no ZIP end record' cdf-lookup -b d --list
1 - (head -c 70 bg.npz; printf '\1\2\3'; tail -c +74 bg.npz) > d; err 'd: ' cdf-lookup -b d --list
1 - err 'from a pipe' cdf-lookup -b /dev/null --list
# what a background holds
0 cdf-pack.list cdf-lookup -b bg.npz --list
0 - cdf-lookup -b bg.npz --status > a && grep -qx 'tracks.3, 1 signed' a && grep -qx 'effect.width 12, offered 12 to 24, retained 12 to 24, mode exact, dead 0' a && grep -q '^genome.toy' a
0 - cdf-lookup -b bg.npz --status > a; ! grep -q strata a
# what a foreign or superseded file says of itself (J.1 cache, fold; J.2 25: strata are the file's)
# needs for these: the file written by chorus, where it is
0 - [ -n "$SHARED" ] || exit 0; f=$SHARED/golden/tiny_pertrack.npz; cdf-lookup -b $f --kind summary -t DNASE:HepG2 15 2> log | cut -f 4 | tail -n 1 | grep -qx 0.75 && ! test -s log
0 - [ -n "$SHARED" ] || exit 0; f=$SHARED/golden/tiny_pertrack.npz; for t in ATAC:K562 DNASE:HepG2 CHIP:K562:REST; do for k in effect summary perbin; do cdf-lookup -b $f -t $t --kind $k 1e9 | tail -n 1 | grep -q "^$t.$k.1e9.1.0." || exit 1; done; done
0 - err 'bg.npz: genome is toy, expected hg38; name the background' cdf-lookup -b bg.npz --expect genome=hg38 -t MPRA:a 1 || test $? = 1
0 - cdf-lookup -b bg.npz --expect genome=toy --expect schema_version=4 -t MPRA:a 1
# one value needs no htslib, which takes longer to load than all the rest
0 - ! command -v ldd >/dev/null || ! ldd "$(command -v cdf-lookup)" | grep -qE 'libhts|libhdf5|libcrypto'
# output
1 - err 'cannot write' cdf-lookup -b bg.npz -t MPRA:a 1 > /dev/full
1 - err 'cannot write' cdf-lookup -b bg.npz --list > /dev/full
1 - err 'cannot write' cdf-lookup -b bg.npz $D/cdf/effect.tsv > /dev/full
0 - closed cdf-lookup -b bg.npz $D/cdf/effect.tsv
0 - echo old > kept; head -n 20 $D/cdf/effect.tsv > d; cdf-lookup -b bg.npz -o kept d; grep -qx old kept && test "$(ls -A | grep -c part)" = 0
# wrong usage
2 - err 'background is missing' cdf-lookup -t a 1
2 - err 'exclude each other' cdf-lookup -b bg.npz --list --status
2 - err 'take no input' cdf-lookup -b bg.npz --list x
2 - err 'needs at least one value' cdf-lookup -b bg.npz -t MPRA:a
2 - err 'one score file at a time' cdf-lookup -b bg.npz x y
2 - err 'must be hash, right or left' cdf-lookup -b bg.npz --ties middle
2 - err 'must be effect, summary or perbin' cdf-lookup -b bg.npz -t MPRA:a --kind all 1
2 - err 'rows of a score file have their own kind' cdf-lookup -b bg.npz --kind effect
2 - err 'must be percentile, phred or pvalue' cdf-lookup -b bg.npz --scale log -t MPRA:a 1
2 - err '--match must be exact or chorus' cdf-lookup -b bg.npz --match all
2 - err '--on-nan must be error or na' cdf-lookup -b bg.npz --on-nan skip
2 - err '--compat must be chorus' cdf-lookup -b bg.npz --compat numpy
2 - err '--rescale must be linear or log' cdf-lookup -b bg.npz --rescale sqrt
2 - err '--ci must be a number from 1e-06 to 0.999999' cdf-lookup -b bg.npz --ci 95
2 - err '--render is for percentiles' cdf-lookup -b bg.npz --render --scale phred
2 - err 'belong to --rescale' cdf-lookup -b bg.npz --display-floor 0.5
2 - err '--bedgraph needs --track' cdf-lookup -b bg.npz --bedgraph x
2 - err 'takes the values from its file' cdf-lookup -b bg.npz --bedgraph x -t a 1
2 - err '--activity is for score files' cdf-lookup -b bg.npz --activity -t a 1
2 - err '--summary has columns of its own' cdf-lookup -b bg.npz --summary --ci 0.95
2 - err 'exclude each other' cdf-lookup -b bg.npz --summary --list
2 - err 'takes KEY=VALUE' cdf-lookup -b bg.npz --expect hg38
# how score-effect departed from its defaults is part of the statistic
0 - make-genome > g.fa && mkweights bpnet_chip chip.h5 --filters 8 --layers 2 --input 200 --output 60 && printf 'chr1\t300\t301\nchr1\t400\t401\nchr1\t500\t501\n' > r.bed && predict -q -m bpnet -w X=chip.h5 -g g.fa -o r.pred r.bed && score-effect -q --strand sum r.pred | reservoir -q | cdf-pack -q -o strands.npz
0 - score-effect -q --strand sum r.pred | cdf-lookup -q -b strands.npz | grep -q summary
1 - score-effect -q r.pred | err 'strands' cdf-lookup -b strands.npz > x
