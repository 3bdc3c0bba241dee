# Defects that backgrounds have had, one row or more for each: reservoirs, rows and files.
# STATUS  EXPECTED  : name; command
0 - many-scores 400 baseline > b.tsv && many-scores 400 effect > e.tsv && reservoir -o b b.tsv && reservoir -o e e.tsv && cdf-pack --width 100 -o bg.npz b e
# Effects of held-out variants beyond the rows are counted and may not become more.
1 - : j1_83; awk -F '\t' 'BEGIN { OFS = "\t" } /^#/ { print; next } { $12 *= 0.9; print }' e.tsv | reservoir -o low; cp bg.npz keep.npz; err 'lie beyond the new rows, but' cdf-pack --width 100 --replace bg.npz --held-out e.tsv b low
0 - : j1_83; cmp bg.npz keep.npz
# The denominator is the width of the row: the median of a row is its 50th percentile, for any N.
0 - : j1_119; for n in 3 40 99 100 101 5000; do awk -v n=$n 'BEGIN { print "#chrom\tpos\tref\talt\tkind\ttrack\tscore"; for (i = 0; i < n; i++) print "chr1\t" i + 1 "\tA\tC\teffect\tt\t" i + i * i / 1e6 }' | reservoir | cdf-pack --width 1000 -o n.npz; v=$(npzrow n.npz effect | cut -d ' ' -f 501); q=$(cdf-lookup -b n.npz -t t --kind effect "$v" 2>/dev/null | tail -n 1 | tr ' ' '\t' | awk '{ for (i = 1; i <= NF; i++) if ($i > 0.45 && $i < 0.85) print $i }' | head -n 1); awk -v q="$q" -v n=$n 'BEGIN { exit !(q >= 0.498 && q <= 0.502 + 1 / n) }' || { echo "$n: $q" >&2; exit 1; }; done
# Rows are made here, of all values: the last point is the largest value, whatever N and width.
0 - : j1_143; for n in 9606 10000 12345; do awk -v n=$n 'BEGIN { print "#chrom\tpos\tref\talt\tkind\ttrack\tscore"; for (i = 0; i < n; i++) print "chr1\t" i + 1 "\tA\tC\teffect\tt\t" i }' | reservoir | cdf-pack -o n.npz; npzrow n.npz effect | tr ' ' '\n' | tail -n 1 | grep -qx $((n - 1)) && npzrow n.npz effect | tr ' ' '\n' | sed 1d | sort -gu | wc -l | awk -v n=$n '{ exit !($1 > (n < 10000 ? n - 1 : 9990)) }' || exit; done
# Every value stays unless a capacity is given, which has no default; without exact ends it is refused.
0 - : j1_retention; npzrow bg.npz | grep -q tail_k && exit 1; cdf-lookup -b bg.npz --status | grep -q .
1 - : j1_retention; reservoir --algorithm R --capacity 100 b.tsv -o r; err 'holds 100 of 400 values' cdf-pack --width 100 r
2 - : j1_retention; err '--capacity needs --tail K' reservoir --capacity 100 b.tsv
# A rebuilt background with fewer tracks does not replace the old one.
1 - : j1_scope; (grep '^#' b.tsv | grep -v 'MPRA\|end='; grep -v '^#' b.tsv | grep -v MPRA; echo "##pertrack_end=$(grep -v '^#' b.tsv | grep -vc MPRA)") | reservoir -o b2; (grep '^#' e.tsv | grep -v 'MPRA\|end='; grep -v '^#' e.tsv | grep -v MPRA; echo "##pertrack_end=$(grep -v '^#' e.tsv | grep -vc MPRA)") | reservoir -o e2; cp bg.npz keep.npz; err "1 tracks that the new background lacks (first: 'MPRA:a'; 2 of 3 are there)" cdf-pack --width 100 --replace bg.npz b2 e2
0 - : j1_scope; cmp bg.npz keep.npz
# Nothing sampled, or zeros only: an error, and no file.
1 - : j1_empty_build; head -n 1 $D/cdf/own.tsv | err 'no values in' reservoir -o none
1 - : j1_empty_build; awk -F '\t' 'BEGIN { OFS = "\t" } /^#/ { print; next } { $12 = 0; print }' b.tsv | reservoir -o b0; err 'rows are all zeros' cdf-pack --width 100 --replace bg.npz b0 e
0 - : j1_empty_build; test ! -e none && cmp bg.npz keep.npz
# A missing shard or file is an error, not a message.
1 - : j1_exit_0; for i in 1 2 3; do shard-scores $i 3 b.tsv | reservoir -o s$i; done; err '2 missing' cdf-pack --width 100 s1 s3 -o x.npz
1 - : j1_exit_0; err 's4: cannot open' cdf-pack --width 100 s1 s2 s3 s4 -o x.npz
0 - : j1_exit_0; test ! -e x.npz
# A track without values stops the build: its row would answer 1.0 to everything.
1 - : j1_dead_track; (grep '^#' b.tsv | grep -v 'end='; grep -v '^#' b.tsv | grep -v MPRA; echo "##pertrack_end=$(grep -v '^#' b.tsv | grep -vc MPRA)") | reservoir -o dead; err "1 of 3 tracks have no summary values (first: 'MPRA:a')" cdf-pack --width 100 dead
# Arrays survive every stage, in the order of the format.
0 - : j1_arrays_lost; for f in b e; do other-tracks z < $f.tsv | reservoir -o $f.z; done; cdf-pack --append bg.npz -o x.npz b.z e.z && npzrow bg.npz | cut -d ' ' -f 1 > a && npzrow x.npz | cut -d ' ' -f 1 | cmp - a && for k in layers_per_row effect_retained summary_retained perbin_retained build_config; do grep -qx $k a || exit; done
0 - : j1_arrays_lost; cdf-pack --width 100 -o z.npz b.z e.z && cdf-pack --merge bg.npz z.npz -o y.npz && npzrow y.npz | cut -d ' ' -f 1 | cmp - a
# build_config of one track and of many has shape (1,), and stays when a file of one track grows.
0 - : j1_config_shape; npzrow bg.npz | grep -q '^build_config <U[0-9]* 1$'
0 - : j1_config_shape; awk 'BEGIN { OFS = "\t"; print "#chrom", "pos", "ref", "alt", "kind", "track", "score"; for (i = 0; i < 9; i++) print "chr1", i + 1, "A", "C", "effect", "one", i }' > one.tsv; sed 's/one/two/' one.tsv | reservoir -o two; reservoir -o one one.tsv; cdf-pack --width 8 -o one.npz one && cdf-pack --append one.npz -o both.npz two && npzrow both.npz | grep -q '^build_config <U[0-9]* 1$' && cdf-lookup -b both.npz --status | grep -qx 'oracle.custom'
# Shards of another build, as many and of the same tracks, are not taken in.
1 - : j1_stale_shards; shard-scores 2 3 b.tsv | sed 's/sites=6/sites=7/' | reservoir -o stale; err 'sites is' cdf-pack --width 100 s1 stale s3
1 - : j1_stale_shards; shard-scores 2 3 b.tsv | sed 's/"seed":999/"seed":998/' | reservoir -o stale; err 'perbin is' cdf-pack --width 100 s1 stale s3
# The provenance of what was consumed is in the file.
0 - : j1_124; cdf-lookup -b bg.npz --status | grep -q 'effect made by.predict 1 | reservoir .* | cdf-pack'
# Track names of any length and alphabet keep their letters.
0 - : j1_dtype; sed 's/DNASE:a/DNASE:a_very_long_name_of_a_cell_line_(ß-é-日本)_that_goes_on_and_on/' e.tsv | reservoir | cdf-pack --width 10 -o x.npz && npzrow x.npz effect 'DNASE:a_very_long_name_of_a_cell_line_(ß-é-日本)_that_goes_on_and_on' >/dev/null
# Rows of ties and plateaus are good rows.
0 - : j1_grid_guard; for v in 0 i%2 'i<90?0:1' 'i>9606?9606:i'; do awk "BEGIN { print \"#chrom\tpos\tref\talt\tkind\ttrack\tscore\"; for (i = 0; i < 100; i++) print \"chr1\t\" i + 1 \"\tA\tC\teffect\tt\t\" ($v) }" | reservoir | cdf-pack -o x.npz || exit; done
# Counts that differ by one: some sites were counted for some tracks only.
0 - : j1_123; grep -v 'chr1	100	A	C	.	random	effect	DNASE:a' e.tsv | sed "s/end=.*/end=1199/" | reservoir -o u; err 'warning: effect: numbers of values differ by one between tracks (399 to 400)' cdf-pack --width 10 u -o x.npz
0 - : j1_123; cdf-pack --width 10 -o x.npz e 2>&1 | wc -c | grep -qx 0
# Append: the same new id twice, kept arrays, one track, missing layers, width, and in place.
1 - : j2_4_twice; err 'but are not shards of one run' cdf-pack --append bg.npz b.z e.z e.z -o x2.npz
1 - : j2_4_twice; err 'tracks occur twice' cdf-pack --append bg.npz b e -o x2.npz
0 - : j2_4_kept; npzrow x.npz >/dev/null; cdf-pack --append bg.npz -o x.npz b.z e.z; for k in effect summary perbin; do npzrow bg.npz $k > a; npzrow x.npz $k | head -n 3 | cmp - a || exit; done
1 - : j2_4_layers; err 'has summary rows, but the states do not' cdf-pack --append bg.npz e.z -o x2.npz
1 - : j2_4_width; err 'expected 50' cdf-pack --append bg.npz --width 50 b.z e.z -o x2.npz
0 - : j2_4_atomic; cp bg.npz t.npz; head -c 900 b.z > cut; cdf-pack --append t.npz -o t.npz cut e.z; cmp t.npz bg.npz && test ! -e x2.npz && ls -A | grep -c part | grep -qx 0
# NaN and infinities do not enter.
1 - : j2_7; sed '40s/[^\t]*$/nan/' b.tsv | err 'score is' reservoir -o x2
1 - : j2_7; sed '40s/[^\t]*$/inf/' b.tsv | err 'score is' reservoir --capacity 50 --tail 50 --width 10 -o x2
# The exact share is 2 % of any width.
0 - : j2_11; reservoir --capacity 100 --tail 40 --width 50 -o h b.tsv && cdf-pack --width 50 h e -o x.npz && cdf-pack --width 7 h e -o x.npz
# What was offered and kept is recorded as it is; missing shards are refused.
0 - : j2_12; reservoir --capacity 100 --tail 40 --width 100 -o h b.tsv && cdf-pack --width 100 h e -o h.npz && cdf-lookup -b h.npz --status | grep -q . && npzrow h.npz | grep -qx 'perbin_tail_k <i8'
1 - : j2_12; shard-scores 1 2 b.tsv | reservoir --capacity 100 --tail 40 --width 100 -o h1; err '2 missing' cdf-pack --width 100 h1
# Only the named path is written, and only when it is complete.
0 - : j2_13; mkdir d && cp bg.npz d/ && (cd d && cdf-pack --width 100 -o other.npz ../b ../e && cmp bg.npz ../bg.npz && ls -A | tr '\n' ' ' | grep -qx 'bg.npz other.npz ')
0 - : j2_14; (trap '' XFSZ; ulimit -f 8; cdf-pack --width 2000 --replace d/bg.npz b e) 2>/dev/null; cmp d/bg.npz bg.npz && ls -A d | wc -l | grep -qx 2
# Adding one model: the file that results is compared, not the addition.
0 - : j2_15; cp bg.npz t.npz && cdf-pack --append t.npz --replace t.npz b.z e.z && npzrow t.npz | grep -qx 'track_ids <U8 6'
# Python objects in a file are never read.
1 - : j2_26; err 'x.npz' npzrow $R/weights/module.torch effect; err 'no array' cdf-pack --append $R/weights/stored.npz b e
