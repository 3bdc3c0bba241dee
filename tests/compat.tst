# SPDX-License-Identifier: MIT
# Decisions where chorus, its queries and the models' authors differ (lib/score/decisions.h): each
# alone, all together with --compat chorus, and where they are recorded.
#
# The values of genes.txt and strands.txt are coordinates, so means can be worked out by hand: bins
# of 2 bp, the output's first base is base 85 (from 0), the input's base 69.  Exons of ONE (+) are
# bases 80-89 and 99, of THREE (-) bases 109-111 and 112-113.

0   -   mkpred <$D/score-effect/genes.txt >g && mkpred <$D/score-effect/strands.txt >s && cp $D/score-effect/genes.gtf . && printf '#!/bin/sh\nscore-effect -q --text --gtf genes.gtf "$@" | awk -F "\\t" -v OFS=" " "\\$7 == \\"effect\\" && \\$8 ~ /^RNA:(a|x)/ { printf \\"%%s%%s=%%.6g \\", \\$8, \\$9, \\$10 }"\n' >means && chmod +x means

# D2, D5, D6 alone.  ONE: bins 0-2 and 7; THREE: bins 12-14.
0   -   ./means g | grep -qx 'RNA:aONE=90 RNA:aTHREE=111 '
0   -   ./means --exon-origin output --exons gtf --gene-strand same --window-bins odd --sei-effect layer g | grep -qx 'RNA:aONE=90 RNA:aTHREE=111 '
# from the input's first base: ONE bins 5-10 and 15, (95 + ... + 105 + 115) / 7; THREE beyond the last
0   -   ./means --exon-origin input g | grep -qx 'RNA:aONE=102.143 '
# numbers taken for a BED's: ONE loses base 80 and its exon of one base, THREE base 109 and 112
0   -   ./means --exons bed g | grep -qx 'RNA:aONE=87 RNA:aTHREE=111 '
0   -   ./means s | grep -qx 'RNA:x+ONE=90 RNA:x-THREE=111 RNA:xONE=90 RNA:xTHREE=111 '
0   -   ./means --gene-strand any s | grep -qx 'RNA:x+ONE=90 RNA:x+THREE=111 RNA:x-ONE=90 RNA:x-THREE=111 RNA:xONE=90 RNA:xTHREE=111 '
# all of them: ONE bases 81-89 from base 69, bins 6-10
0   -   ./means --compat chorus s | grep -qx 'RNA:x+ONE=101 RNA:x-ONE=101 RNA:xONE=101 '
# what is given by name holds, whatever --compat says; queries' rule of genes has the output's origin
0   -   ./means --compat chorus --exon-origin output --gene-strand same s | grep -qx 'RNA:x+ONE=87 RNA:x-THREE=111 RNA:xONE=87 RNA:xTHREE=111 '
0   -   ./means --compat chorus --genes nearby g >near && ./means --compat chorus --genes nearby --exon-origin output g | cmp - near && ! ./means --compat chorus --genes nearby --exon-origin input g | cmp -s - near
# the bins of a region come from the genes of the track's own strand
0   -   score-effect -q --text --gtf genes.gtf s | awk -F '\t' '$7 == "perbin" { n++; if ($8 == "RNA:x+" ? $9 > 7 : $8 == "RNA:x-" && $9 < 12) exit 1 } END { exit n != 6 }'

# They are in the header, in force or not named at all, and states that contradict are refused.
0   -   score-effect -q --text --gtf genes.gtf --exons bed s | grep -qx '##pertrack_decisions={"exon-origin":"output","exons":"bed","gene-strand":"same"}'
0   -   score-effect -q --text --gtf genes.gtf --gene-strand any s | grep -q '^##pertrack_layer=.*"gene_strand":"any"'
0   -   score-effect -q --text --gtf genes.gtf --exon-origin input s | grep -q '^##pertrack_layer=.*"exon_origin":"input"'
0   -   score-effect -q --gtf genes.gtf s >same && score-effect -q --gtf genes.gtf --gene-strand any s | reservoir -q -o any.res && reservoir -q -o same.res same
1   -   err 'layer gene_expression is' cdf-pack -q --width 8 -o x.npz same.res any.res
0   -   cdf-pack -q --width 8 -o bg.npz same.res && cdf-lookup -b bg.npz --status | grep -qx 'decisions.exon-origin output, exons gtf, gene-strand same'
0   -   cdf-lookup -q -b bg.npz same >x
1   -   score-effect -q --gtf genes.gtf --gene-strand any s | err 'gene_strand of layer gene_expression is "any", but bg.npz was built with "the default"' cdf-lookup -q -b bg.npz
1   -   score-effect -q --gtf genes.gtf --exon-origin input s | err 'exon_origin of layer gene_expression is "input"' cdf-lookup -q -b bg.npz

# D7: 501 bp are 4 bins of 128 bp by AlphaGenome's authors, not 3: bins 4 to 7 of 12, not 5 to 7.
0   -   printf 'meta values expected_counts\nmeta perbin {"n":1,"seed":999}\ntrack C tf_binding 12 128 1\nvariant chr1 9 A C . .\nr 0 1\nr 0 2\n' | mkpred >w
0   -   score-effect -q --text w | grep -v '^#' | cut -f 10 | grep -qx 18
0   -   score-effect -q --text --window-bins ceil w >c.tsv && grep -v '^#' c.tsv | cut -f 10 | grep -qx 22 && grep -q '^##pertrack_layer=.*"bins":"ceil"' c.tsv && grep -q '"window-bins":"ceil"' c.tsv
0   -   score-effect -q --text --compat chorus w | grep -v '^#' | cut -f 10 | grep -qx 18

# D3 and D4: Sei.
0   -   mkdir model && cp "$R/sei/projvec_targets.npy" "$R/sei/histone_inds.npy" model && cp "$R/sei/sei.npz" model/sei.pth && printf '#!/bin/sh\npredict -q -m sei --input-length 128 -w s=model -g "$R/sei/sei.fa" "$@"\n' >sei && chmod +x sei
0   -   ./sei --compat chorus --text "$R/sei/sei.bed" | numcmp -k chrom,pos,track -c values:1e-5 "$R/sei/sei.forward.tsv"
0   -   ./sei --compat chorus "$R/sei/sei.vcf" --list-tracks >a && ./sei --forward --list-tracks >b && cmp a b
0   -   ./sei --compat chorus --text "$R/sei/sei.vcf" | grep -qx '##pertrack_decisions={"centre":"left","strands":"forward"}'
0   -   ./sei --text "$R/sei/sei.vcf" | grep -qx '##pertrack_decisions={"centre":"left","strands":"both"}'
0   -   ./sei "$R/sei/sei.vcf" >p && score-effect -q --text p | awk -F '\t' '/^#/ { next } { e = log(($11 + 1) / ($10 + 1)) / log(2); if (e < 0) e = -e; d = ($8 ~ /class/ ? $11 - $10 : e) - $12; if (d > 1e-7 || d < -1e-7) exit 1; n++ } END { exit n < 100 }'
0   -   for o in "--sei-effect difference" "--compat chorus"; do score-effect -q --text $o p | awk -F '\t' '/^#/ { next } { d = $11 - $10 - $12; if (d > 1e-12 || d < -1e-12) exit 1; n++; minus += $12 < 0 } END { exit n < 100 || minus < 9 }' || exit 1; done
0   -   score-effect -q --text --sei-effect difference p >d.tsv; grep -q '^##pertrack_decisions=.*"sei-effect":"difference"' d.tsv && ! grep '^##pertrack_track' d.tsv | grep -qv '"layer":"regulatory_classification"'

# D1: the variant right of the centre: the same sequence as one base further left has it left.
0   -   mkweights chrombpnet_nobias a.h5 --seed 11 --filters 16 --layers 3 --input 300 --output 100 && cp "$R/bpnet/ref.fa" "$R/bpnet/ref.fa.fai" . && printf 'chr1\t1699\t1700\n' >at.bed && printf 'chr1\t1698\t1699\n' >before.bed && printf '#!/bin/sh\npredict -q -m chrombpnet -w D=a.h5 -g ref.fa "$@"\n' >bp && chmod +x bp
0   -   ./bp --full --text before.bed | grep -v '^#' | cut -f 7- >left && ./bp --full --text --centre right at.bed | grep -v '^#' | cut -f 7- | cmp - left
0   -   ./bp --full --text at.bed | grep -v '^#' | cut -f 7- >other && ! cmp -s left other && ./bp --full --text --compat chorus at.bed | grep -v '^#' | cut -f 7- | cmp - other
0   -   awk '/^chr1\t1700\t/ || /^#/' "$R/bpnet/few.vcf" >snv.vcf && ./bp --full --text --centre right snv.vcf >snv.tsv && grep -qx '##pertrack_window={"len_bp":300,"variant_index":150}' snv.tsv && grep -qx '##pertrack_decisions={"centre":"right"}' snv.tsv && grep -v '^#' snv.tsv | head -n 1 | cut -f 7- | cmp - left
0   -   awk '/^>/ { print; at = $1 == ">chr1" ? 0 : -1e9; next } { if (1700 > at && 1700 <= at + length($0)) $0 = substr($0, 1, 1699 - at) "A" substr($0, 1701 - at); at += length($0); print }' ref.fa >alt.fa && predict -q -m chrombpnet -w D=a.h5 -g alt.fa --full --text before.bed | grep -v '^#' | cut -f 7- >alt && grep -v '^#' snv.tsv | tail -n 1 | cut -f 7- | cmp - alt && ! cmp -s alt left
0   -   ./bp --centre right snv.vcf | score-effect -q | reservoir -q -o right.res && ./bp snv.vcf | score-effect -q >left.scores && reservoir -q -o left.res left.scores && cdf-pack -q --width 8 -o right.npz right.res && cdf-lookup -b right.npz --status | grep -qx 'decisions.centre right, window-bins odd'
1   -   err 'left.scores: variants stand left of their windows' cdf-lookup -q -b right.npz left.scores
1   -   ./bp at.bed | score-effect -q | reservoir -q -o at.res; err 'was made with --centre left, but the states before with right' cdf-pack -q --width 8 -o x.npz right.res at.res
1   -   cdf-pack -q --width 8 -o left.npz left.res && sed 's/D=/E=/' bp >other && sh ./other snv.vcf | score-effect -q | reservoir -q -o e.res; err 'differ in centre ("right" and "left")' cdf-pack -q --width 8 --append right.npz -o x.npz e.res
1   -   onehot -q -g ref.fa --length 300 snv.vcf | err 'one-hot records hold the variant left' ./bp --centre right

# In sequence: predict draws chorus' bins too, so that score-effect finds them; not in shards.
0   -   mkweights chrombpnet_nobias b.h5 --seed 12 --filters 8 --layers 2 --input 1000 --output 800 && sed 's/a.h5/b.h5/' bp >long && chmod +x long && for p in 1000 2000 1500 900; do printf 'chr1\t%d\t%d\n' $p $((p + 1)); done >four.bed
0   -   ./long --compat chorus --bins 5 four.bed | score-effect -q --text --compat chorus | grep -v '^##pertrack_prov' >few.tsv && ./long --full --bins 5 four.bed | score-effect -q --text --compat chorus | grep -v '^##pertrack_prov' >all.tsv && grep -v '^##' all.tsv >a && grep -v '^##' few.tsv | cmp - a && grep -q perbin a
0   -   ./long --compat chorus --bins 5 -@ 3 --batch 2 four.bed | score-effect -q --text --compat chorus | grep -v '^##pertrack_prov' | cmp - few.tsv
1   -   ./long --compat chorus --bins 5 four.bed | err 'were drawn in one sequence' score-effect -q
1   -   ./long --bins 5 four.bed | err 'rerun predict with --full or with the same layers and --compat' score-effect -q --compat chorus
1   -   err 'cannot be predicted in shards' ./long --compat chorus --shard 1/2 four.bed
0   -   ./bp --compat chorus --shard 1/1 snv.vcf | score-effect -q --compat chorus >x

# What users get wrong.
2   -   err "--centre takes left or right, got '2048'" ./bp --centre 2048 at.bed
2   -   err "--compat takes chorus, got 'Chorus'" ./bp --compat Chorus at.bed
2   -   err "--exons takes gtf or bed, got '0'" score-effect --exons 0 s
2   -   err '--genes needs an annotation' ./bp --genes tss at.bed
2   -   err '--genes takes overlap, tss or nearby' ./bp --genes near --gtf genes.gtf at.bed
2   -   err 'at most 4294967295' ./bp --compat chorus --bin-seed 5000000000 at.bed
1   -   err '--forward is not for chrombpnet models' ./bp --forward at.bed
