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
2 - err 'must be hash or right' cdf-lookup -b bg.npz --ties left
2 - err 'must be effect, summary or perbin' cdf-lookup -b bg.npz -t MPRA:a --kind all 1
2 - err 'rows of a score file have their own kind' cdf-lookup -b bg.npz --kind effect
