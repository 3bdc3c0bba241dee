# Backgrounds joined: --append, --merge, --replace.  STATUS  EXPECTED  command
0 - many-scores 300 baseline > b.tsv && many-scores 300 effect > e.tsv && reservoir -o b b.tsv && reservoir -o e e.tsv && cdf-pack --width 100 -o old.npz b e
# The same sites with other models: tracks of other names.
0 - for f in b e; do other-tracks z < $f.tsv | reservoir -o $f.z || exit; done
0 - cdf-pack --width 100 -o z.npz b.z e.z
0 - cdf-pack --width 100 --append old.npz -o all.npz b.z e.z
0 append.keys npzrow all.npz | grep -v build_config
# Rows of the old file are those bytes; new rows are those of a file of their own.
0 - for k in effect summary perbin; do (npzrow old.npz $k; npzrow z.npz $k) > want; npzrow all.npz $k | cmp - want || exit; done
0 - cdf-pack --width 100 -@ 3 --append old.npz e.z b.z | cmp - all.npz
0 - cdf-pack --append old.npz < e.z > x; test $? = 1
# Merging two files gives what appending gives; any number of them.
0 - cdf-pack --merge old.npz z.npz -o merged.npz && cmp merged.npz all.npz
0 - cdf-pack --merge old.npz z.npz | cmp - all.npz
0 - for f in b e; do other-tracks y < $f.tsv | reservoir -o $f.y || exit; done; cdf-pack --width 100 -o y.npz b.y e.y && cdf-pack --merge old.npz z.npz y.npz -o three.npz && cdf-pack --append all.npz b.y e.y -o x.npz && for k in effect summary perbin; do npzrow x.npz $k > a; npzrow three.npz $k | cmp - a || exit; done; npzrow three.npz | grep -qx 'track_ids <U8 9'
0 - cdf-lookup -b three.npz --status | grep -q 'effect made by'
# In place: the file is written beside and renamed.
0 - cp old.npz bg.npz && cdf-pack --width 100 --append bg.npz -o bg.npz b.z e.z && cmp bg.npz all.npz && ls -A | grep -c part | grep -qx 0
1 - cp old.npz bg.npz && err 'CHIP:a:X' cdf-pack --append bg.npz -o bg.npz b e
0 - cmp bg.npz old.npz
# What does not fit.
1 - err "3 tracks occur twice (first: 'CHIP:a:X', in old.npz and the states)" cdf-pack --append old.npz b e
1 - err "3 tracks occur twice (first: 'CHIP:a:X', in old.npz and all.npz)" cdf-pack --merge old.npz all.npz
1 - err 'old.npz has summary rows, but the states do not' cdf-pack --append old.npz e.z
1 - cdf-pack --width 100 -o only.npz e && err 'only.npz has no summary rows, but the states do' cdf-pack --append only.npz b.z
1 - err 'old.npz has summary_cdfs, but only.npz has none' cdf-pack --merge old.npz only.npz; other-tracks q < e.tsv | reservoir | cdf-pack --width 100 -o only.npz && err 'old.npz has summary_cdfs, but only.npz has none' cdf-pack --merge old.npz only.npz
1 - err 'effect rows have 100 points, expected 50' cdf-pack --width 50 --append old.npz b.z e.z
1 - cdf-pack --width 50 -o narrow.npz b.z e.z; err 'narrow.npz: effect rows have 50 points, expected 100' cdf-pack --merge old.npz narrow.npz
1 - for f in b e; do other-tracks z < $f.tsv | sed 's/"fai_sha256":"1/"fai_sha256":"9/' | reservoir -o $f.g; done; err 'differ in fai_sha256' cdf-pack --append old.npz b.g e.g
1 - for f in b e; do other-tracks z < $f.tsv | sed 's/"pseudocount":1.0/"pseudocount":2.0/' | reservoir -o $f.l; done; err 'differ in chromatin_accessibility' cdf-pack --append old.npz b.l e.l
1 - for f in b e; do other-tracks z < $f.tsv | sed 's/"oracle":"toy"/"oracle":"other"/' | reservoir -o $f.o; done; err 'differ in oracle ("toy" and "other"); name the set with --oracle' cdf-pack --append old.npz b.o e.o
0 - cdf-pack --oracle both --append old.npz b.o e.o -o x.npz && cdf-lookup -b x.npz --status | grep -qx 'oracle.both'
1 - for f in b e; do other-tracks z < $f.tsv | sed 's/sites=./sites=7/' | reservoir -o $f.s; done; err 'made from different sites or bins (' cdf-pack --append old.npz b.s e.s
0 - cdf-pack --other-sites --append old.npz b.s e.s -o x.npz
1 - other-tracks z < b.tsv | sed 's/"n":4,/"n":5,/' | reservoir -o b.n; err 'made from different sites or bins (' cdf-pack --append old.npz b.n e.z
2 - err 'exclude each other' cdf-pack --merge --append old.npz z.npz y.npz
2 - err 'needs two' cdf-pack --merge old.npz
2 - err 'of use with --append or --merge only' cdf-pack --other-sites b
2 - err 'leave --output out' cdf-pack --replace old.npz -o x.npz b e
1 - err 'cannot open' cdf-pack --append no-such.npz b e
1 - head -c 5000 old.npz > d.npz; err 'd.npz' cdf-pack --append d.npz b.z e.z
1 - n=$(npzrow old.npz effect | wc -l); (head -c 400 old.npz; printf xxxx; tail -c +405 old.npz) > d.npz; err 'damaged' cdf-pack --append d.npz b.z e.z -o x2.npz
0 - test ! -e x2.npz
1 - err 'cannot write' cdf-pack --merge old.npz z.npz > /dev/full
0 - closed cdf-pack --merge old.npz z.npz
# Hybrid rows keep tail_k, and exact ones stand beside them.
0 - reservoir --capacity 100 --tail 40 --width 100 -o b.h b.tsv && cdf-pack --width 100 -o h.npz b.h e && cdf-pack --append h.npz b.z e.z -o hz.npz && npzrow hz.npz | grep -qx 'perbin_tail_k <i8' && (npzrow h.npz perbin; npzrow z.npz perbin) > want && npzrow hz.npz perbin | cmp - want
1 - other-tracks z < b.tsv | reservoir --capacity 100 --tail 41 --width 100 -o b.i; cdf-pack --width 100 -o i.npz b.i e.z; err 'different summary_tail_k (40 and 41)' cdf-pack --merge h.npz i.npz
# Replacing: only by what stands comparison; otherwise the old file stays.
0 - cp old.npz bg.npz && cdf-pack --width 100 --replace bg.npz b e && cmp bg.npz old.npz
0 - cp old.npz bg.npz && err '3 tracks are new' cdf-pack --width 100 --append bg.npz --replace bg.npz b.z e.z && cmp bg.npz all.npz
1 - err 'has 3 tracks that the new background lacks (first: ' cdf-pack --width 100 --replace bg.npz b e
0 - cmp bg.npz all.npz && ls -A | grep -c part | grep -qx 0
1 - err 'which the new background lacks' cdf-pack --width 100 --replace old.npz e
1 - awk -F '\t' 'BEGIN { OFS = "\t" } /^#/ { print; next } { $12 *= 3; print }' b.tsv | reservoir -o b3; err 'values at the 50 % point are 3 times those of old.npz (median of 3 tracks), 0.5 to 2 are accepted' cdf-pack --width 100 --replace old.npz b3 e
0 - awk -F '\t' 'BEGIN { OFS = "\t" } /^#/ { print; next } { $12 *= 0.8; print }' b.tsv | reservoir -o b8; cp old.npz bg.npz; err 'warning: summary: largest values are 0.8 times those of bg.npz (median of 3 tracks)' cdf-pack --width 100 --replace bg.npz b8 e
1 - awk -F '\t' 'BEGIN { OFS = "\t" } /^#/ { print; next } { $12 = 0; print }' b.tsv | reservoir -o b0; err 'rows are all zeros; nothing was replaced' cdf-pack --width 100 --replace old.npz b0 e
0 - cp old.npz bg.npz; cdf-pack --width 100 --replace bg.npz --changed-model 'fold 1' b e && cdf-lookup -b bg.npz --status >/dev/null && npzrow bg.npz effect > a && npzrow old.npz effect | cmp - a
2 - err 'of use with --replace only' cdf-pack --changed-model why b
# Effects of variants that were not sampled must not lie beyond the rows more often than before.
0 - cp old.npz bg.npz && (sed -n '/^#/{/end=/d;p}' e.tsv; sed -n '/^chr/p' e.tsv | awk -F '\t' 'BEGIN { OFS = "\t" } { $12 *= 1.02; print }'; tail -n 1 e.tsv) > held.tsv; err 'lie beyond the new rows' cdf-pack --width 100 --replace bg.npz --held-out held.tsv b e
1 - awk -F '\t' 'BEGIN { OFS = "\t" } /^#/ { print; next } { $12 *= 0.95; print }' e.tsv | reservoir -o e95; err 'beyond those of bg.npz; nothing was replaced' cdf-pack --width 100 --replace bg.npz --held-out held.tsv b e95
0 - cp old.npz bg.npz; cdf-pack --width 100 --replace bg.npz --changed-model x --held-out held.tsv b e95
1 - err 'holds no effects of tracks' cdf-pack --width 100 --replace old.npz --held-out b.tsv b e
2 - err '--held-out is of use with --replace only' cdf-pack --held-out held.tsv b e
# More values than the sites can give.
1 - sed 's/sites=6*/sites={"n":299,"sha256":"66"}/' b.tsv | reservoir -o many; err "track 'DNASE:a' has 300 summary values, but 299 sites give no more than 299" cdf-pack --width 100 many
0 - sed 's/sites=6*/sites={"n":300,"sha256":"66"}/' b.tsv | reservoir -o many; cdf-pack --width 100 many -o x.npz
1 - err 'cannot open' cdf-pack --replace no-such.npz b e
0 - test ! -e no-such.npz
# Of 30 tracks the largest values must stay.
0 - awk 'BEGIN { OFS = "\t"; print "#chrom", "pos", "ref", "alt", "kind", "track", "score"; for (t = 0; t < 30; t++) for (i = 0; i < 40; i++) print "chr1", i + 1, "A", "C", "effect", "t" t, i + t / 100 }' > w.tsv; reservoir -o w w.tsv && cdf-pack --width 20 -o w.npz w
1 - awk -F '\t' 'BEGIN { OFS = "\t" } /^#/ { print; next } { $7 = $7 > 35 ? 30 : $7; print }' w.tsv | reservoir -o v; err 'largest values are 0.872' cdf-pack --width 20 --replace w.npz v
0 - cdf-pack --width 20 --replace w.npz --changed-model 'another fold' v
