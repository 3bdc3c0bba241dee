# needs: golden
# A background that chorus wrote: read, asked, appended to, with everything it has kept.
0 - cp $SHARED/golden/tiny_pertrack.npz old.npz && chmod u+w old.npz && npzrow old.npz effect > old.effect
0 append.tiny npzrow old.npz | grep -v build_config
0 - cdf-lookup -b old.npz -t ATAC:K562 0.5 && cdf-lookup -b old.npz --status | grep -q tiny
# Values of a user's own: three kinds of two tracks.
0 - awk 'BEGIN { OFS = "\t"; print "#chrom", "pos", "ref", "alt", "kind", "track", "score"; for (t = 0; t < 2; t++) for (i = 0; i < 20; i++) { print "chr1", i + 1, "A", "C", "effect", "own" t, i / 8; print "chr1", i + 1, ".", ".", "summary", "own" t, i; print "chr1", i + 1, ".", ".", "perbin", "own" t, i / 4 } }' > own.tsv; reservoir -o own own.tsv
1 - err '"custom"' cdf-pack --append old.npz own
0 - cdf-pack --oracle tiny --append old.npz own -o new.npz
0 append.tinynew npzrow new.npz | grep -v build_config
0 - for k in effect summary perbin; do npzrow old.npz $k > want; npzrow new.npz $k | head -n 3 | cmp - want || exit; done
0 - npzrow new.npz effect own1 | cut -d ' ' -f 2,9 | grep -qx '0 2.375'
0 - cdf-lookup -b new.npz -t own0 1.1 && cdf-lookup -b new.npz -t CHIP:K562:REST 0.5
0 - cdf-pack --oracle tiny --append new.npz --replace new.npz own; test $? = 1
0 - cdf-pack --oracle tiny --append old.npz --replace old.npz own && cmp old.npz new.npz
