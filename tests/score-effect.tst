# mkpred turns the descriptions in $D/score-effect into prediction streams.
0 - mkpred < $D/score-effect/sites.txt > p
0 score-effect.sites score-effect --no-provenance --text p
0 score-effect.sites score-effect --no-provenance --text < p
0 score-effect.sites score-effect --no-provenance --text - < p
0 score-effect.sites score-effect --no-provenance --text -o out p && cat out
0 score-effect.sites mkpred --segments < $D/score-effect/sites.txt | score-effect --no-provenance --text
0 - mkpred --segments < $D/score-effect/sites.txt | score-effect > b1; score-effect -o b2 p; test -s b1 && cmp b1 b2
0 score-effect.swap mkpred < $D/score-effect/swap.txt | score-effect --no-provenance --text | grep -v '^##'
0 score-effect.layer mkpred < $D/score-effect/swap.txt | score-effect --no-provenance --text --layer tf_binding
0 - score-effect --text --layer tf_binding p | grep -q '"cl":"score-effect --layer tf_binding"'
0 - score-effect --text p | grep -q '"pn":"score-effect"'
# a site with an undefined effect contributes nothing, and is counted
0 score-effect.undefined mkpred < $D/score-effect/undefined.txt | err "left out 1 of 2 sites: 1 effect undefined: logarithm of a non-positive number (first: site chr1:201, track 'RNA:a'" score-effect --no-provenance --text
1 - mkpred < $D/score-effect/undefined.txt | err "site chr1:201, track 'RNA:a': effect undefined" score-effect --strict
1 - sed '/^v 0.999/s/.*/v -1/' $D/score-effect/undefined.txt | mkpred | err 'none of 2 sites could be scored' score-effect
# predictions that cannot be scored
1 - mkpred --segments < $D/score-effect/sites.txt | err "site chr1:101, track 'DNASE:a': bins 0 to 7 are needed but were not predicted; rerun predict with --full" score-effect --layer histone_marks
1 - err 'exon bins' score-effect --layer gene_expression p
1 - sed 's/tf_binding/nothing/' $D/score-effect/sites.txt | mkpred | err "track 'CHIP:a:X' has layer 'nothing', expected one of chromatin_accessibility" score-effect
1 - sed 's/expected_counts/logits/' $D/score-effect/sites.txt | mkpred | err 'holds logits, expected expected_counts' score-effect
1 - sed '/^meta values/d' $D/score-effect/sites.txt | mkpred | err 'rerun predict without --raw' score-effect
1 - sed '/^meta perbin/d' $D/score-effect/sites.txt | mkpred | err 'no line perbin' score-effect
1 - sed 's/"n":3/"n":-3/' $D/score-effect/sites.txt > d; sed -i 's/^meta perbin/meta xperbin/' d; mkpred < d | err 'no line perbin' score-effect
1 - sed 's/^v 42/v nan/' $D/score-effect/sites.txt | mkpred | err 'site chr2:11: track number 3: the prediction is NaN or infinite' score-effect
1 - sed 's/^v 0.25/v inf/' $D/score-effect/sites.txt | mkpred | err 'NaN or infinite' score-effect
# a shard may have no sites: its empty stream is passed on whole
0 - (echo 'meta shard 2/3'; sed '/^variant/,/^v -1.5/d' $D/score-effect/sites.txt) > d; mkpred < d | score-effect -o e && reservoir -o /dev/null e p2 2> log; score-effect --text p > full; mkpred < d | score-effect --text > t; tail -n 2 t > tail.t; tail -n 2 full | sed 's/end=.*/end=0/' | cmp - tail.t && grep -q '^##pertrack_shard=2/3' t
0 - (echo 'meta shard 2/3'; sed '/^variant/,/^v -1.5/d' $D/score-effect/sites.txt) | mkpred | score-effect | head -c 8 | od -An -tx1 | grep -q '89 50 54 52 53'
0 - (echo 'meta shard 2/3'; sed 's/^v 0.999/v -1/' $D/score-effect/undefined.txt) | mkpred | err 'left out 2 of 2 sites' score-effect -o e
# damaged and wrong input
1 - err 'standard input: is empty' score-effect
1 - sed '/^variant/,$d' $D/score-effect/sites.txt | mkpred | err 'holds no sites' score-effect
1 - sed '/^track/d;/^variant/,$d' $D/score-effect/sites.txt | mkpred | err 'lists no tracks' score-effect
1 - head -c 900 p | err 'without its end mark' score-effect --text
1 - head -c 5 p | err 'not a pertrack stream' score-effect
1 - score-effect --text p | err 'is text' score-effect
1 - score-effect p | err 'holds scores, but predictions are expected' score-effect
1 - cat p p | err 'data follows the end record' score-effect
1 - err 'cannot open' score-effect no-such-file
0 - echo old > kept; head -c 900 p | score-effect -o kept; grep -qx old kept && test "$(ls -A | grep -c part)" = 0
# output that cannot be written
1 - err 'cannot write' score-effect --text p > /dev/full
1 - err 'cannot write' score-effect p > /dev/full
1 - err 'cannot write' score-effect -o /dev/full p
0 - closed score-effect p
0 - closed score-effect --text p
# wrong usage
2 - err 'one input at a time' score-effect p p
2 - err "unknown layer 'x'" score-effect --layer x p
2 - score-effect --no-such-option p
0 - score-effect --help | grep -q '^Usage: score-effect'
0 - score-effect --version | grep -q '^score-effect (pertrack)'
