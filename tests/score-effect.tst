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
# a shard may have no sites, or none that can be scored: the stream that says so is passed on whole
0 - (echo 'meta shard 2/3'; sed '/^variant/,/^v -1.5/d' $D/score-effect/sites.txt) | mkpred > none
0 - score-effect none | head -c 8 | od -An -tx1 | grep -q '89 50 54 52 53'
0 - score-effect --text none > t && grep -q '^##pertrack_shard=2/3' t && tail -n 2 t > end && score-effect --text p | tail -n 2 | sed 's/end=.*/end=0/' | cmp - end
0 - (echo 'meta shard 2/3'; sed 's/^v 0.999/v -1/' $D/score-effect/undefined.txt) | mkpred | err 'left out 2 of 2 sites' score-effect -o e
# genes: tracks whose values are their coordinates, scored over the exons of genes.gtf
0 - mkpred < $D/score-effect/genes.txt > g
0 score-effect.genes score-effect --no-provenance --text --gtf $D/score-effect/genes.gtf g
0 score-effect.chorus score-effect --no-provenance --text --gtf $D/score-effect/genes.gtf --compat chorus g
0 score-effect.sum score-effect --no-provenance --text --gtf $D/score-effect/genes.gtf --strand sum --genes tss --all-summaries g
0 - score-effect --gtf $D/score-effect/genes.gtf g | reservoir --text > a; score-effect --text --gtf $D/score-effect/genes.gtf g | reservoir --text > b; grep -v prov a > a2; grep -v prov b > b2; test -s a2 && cmp a2 b2
0 - gzip -c $D/score-effect/genes.gtf > genes.gtf.gz; for f in genes.gtf.gz $D/score-effect/genes.gtf; do score-effect --text --gtf $f g | grep -v '^##' > x.$(basename $f); done; cmp x.genes.gtf x.genes.gtf.gz
0 - sed 's/^chr//' $D/score-effect/genes.gtf > d; score-effect --text --gtf d g | grep -v '^##' | cmp - x.genes.gtf
0 - mkpred --segments < $D/score-effect/genes.txt | score-effect --text --gtf $D/score-effect/genes.gtf | grep -v '^##' | cmp - x.genes.gtf
0 - err 'no summary of tss_activity tracks at 1 cCREs' score-effect --gtf $D/score-effect/genes.gtf g
0 - err 'no exon of a gene lies in the output at 1 of 3 sites' score-effect --gtf $D/score-effect/genes.gtf g
0 - err 'no track is scored over genes; --gtf changes nothing' score-effect --no-provenance --text --gtf $D/score-effect/genes.gtf p | cmp - $D/../expected/score-effect.sites
1 - err "track 'RNA:a': layer gene_expression is scored over the exon bins of genes; give --gtf" score-effect g
1 - sed '/^meta window/d' $D/score-effect/genes.txt | mkpred | err "metadata line window is 'absent'" score-effect --gtf $D/score-effect/genes.gtf
1 - sed 's/"len_bp":64/"len_bp":"64"/' $D/score-effect/genes.txt | mkpred | err 'metadata line window is' score-effect --gtf $D/score-effect/genes.gtf
1 - sed 's/"len_bp":64/"len_bp":63/' $D/score-effect/genes.txt | mkpred | err '32 bp of output do not lie in the middle of a window of 63 bp' score-effect --gtf $D/score-effect/genes.gtf
1 - sed 's/^chr1/chr7/' $D/score-effect/genes.gtf > d; err 'no chromosome of the sites is in d' score-effect --gtf d g
1 - sed '/protein_coding/d' $D/score-effect/genes.gtf > d; err 'no exons of protein-coding genes' score-effect --gtf d g
1 - err 'cannot open' score-effect --gtf no-such-file g
1 - sed '/CAGE/d;/^v /d' $D/score-effect/genes.txt | mkpred > r; err 'no exon of a gene lies in the output' score-effect --strict --gtf $D/score-effect/genes.gtf r
0 - err 'left out 1 of 3 sites: 1 nothing to score' score-effect --gtf $D/score-effect/genes.gtf r
# the reference implementation's draws: one sequence, over all regions
0 - score-effect --text --compat chorus p | grep -q '^##pertrack_perbin={"draw":"mt19937-numpy/1","n":3,"seed":999}'
1 - sed 's/:999/:1/' $D/score-effect/sites.txt | mkpred --segments | err 'bins 7 to 7 are needed but were not predicted' score-effect --compat chorus
1 - (echo 'meta shard 1/2'; cat $D/score-effect/sites.txt) | mkpred | err 'regions of shard 1/2, but --compat chorus draws their bins in one sequence' score-effect --compat chorus
0 - (echo 'meta shard 1/2'; sed '/^region/,/^v -1.5/d' $D/score-effect/sites.txt) | mkpred | score-effect --compat chorus > x
# j2_sei_statistic: what was done is in the layer lines, so that another way of scoring is refused when states are joined
0 - score-effect --text --f32-pairwise p | grep '^##pertrack_layer' | grep -c '"accumulation":"float32_pairwise"' | grep -qx 3
0 - score-effect p | reservoir -o a; score-effect --strand sum p | reservoir -o b; ! reservoir -o c a b 2> log && grep -q 'not parts of one run: layer is' log
# j2_nan, j1_all_or_nothing, j1_empty_build: rows above; j1_index_zero, j1_builder_query_parity, j2_borzoi_origin and others: unit tests
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
2 - err '--genes takes overlap, tss or nearby' score-effect --genes x --gtf x p
2 - err 'give --gtf' score-effect --genes tss p
2 - err '--strand takes pooled or sum' score-effect --strand + p
2 - err '--compat takes chorus' score-effect --compat numpy p
2 - score-effect --no-such-option p
0 - score-effect --help | grep -q '^Usage: score-effect'
0 - score-effect --version | grep -q '^score-effect (pertrack)'
