# SPDX-License-Identifier: MIT
# needs: data
# Published weights on real sequence, against published and independently computed values.

# The windows themselves as regions: 2114 bp, centred on themselves.
0   -   awk -F '\t' 'NR > 1 { print $3 "\t" $6 "\t" $7 }' "$PERTRACK_DATA/expected/ENCSR000AKO_64x8_published_7windows.tsv" >seven.bed
0   -   awk -F '\t' 'NR > 1 { split($2, r, "[:-]"); print r[1] "\t" r[2] "\t" r[3] }' "$PERTRACK_DATA/expected/sites_first200.tsv" >sites.bed
0   -   head -n 4 sites.bed >first4.bed

# Seven windows with published log-counts.  Those come from a GPU whose convolutions round (TF32 is
# the likely reason): exact arithmetic differs from them by 7.4e-4 for window 1922 and by up to
# 2.2e-4 for the others.  So all seven must meet the float32 recomputation within 1e-4, six the
# published value within 5e-4, and the seventh within 1e-3.
0   -   predict -q --oracle bpnet -g "$PERTRACK_DATA/genome/hg38_sparse.fa.gz" -w "ako=$PERTRACK_DATA/weights/bpnet-lite/ENCSR000AKO_CTCF_K562_64x8.torch" --raw --full --text seven.bed >seven.tsv
0   -   firsts ako seven.tsv >seven.plus.tsv
0   -   numcmp -c log_count=torch_f32:1e-4 "$PERTRACK_DATA/expected/ENCSR000AKO_64x8_published_7windows.tsv" seven.plus.tsv
0   -   numcmp -c log_count=published:1e-3 "$PERTRACK_DATA/expected/ENCSR000AKO_64x8_published_7windows.tsv" seven.plus.tsv
0   -   awk -F '\t' '$2 != 1922' "$PERTRACK_DATA/expected/ENCSR000AKO_64x8_published_7windows.tsv" >six.tsv
0   -   head -n 7 seven.plus.tsv | numcmp -c log_count=published:5e-4 six.tsv

# 200 sites by two published models: pickled bpnet-lite module, and FOS with control inputs from an
# npz and from the Keras file it came from, rebuilt.
0   -   mkweights --from-npz "$PERTRACK_DATA/weights/bpnet-refactor/ENCSR124AIG_FOS_IMR90.npz" fos.h5
0   -   predict -q --oracle bpnet -g "$PERTRACK_DATA/genome/hg38_sparse.fa.gz" -w "ako=$PERTRACK_DATA/weights/bpnet-lite/ENCSR000AKO_CTCF_K562_64x8.torch" -w "npz=$PERTRACK_DATA/weights/bpnet-refactor/ENCSR124AIG_FOS_IMR90.npz" -w keras=fos.h5 --raw --text sites.bed >sites.tsv
0   -   for t in ako npz keras; do firsts $t sites.tsv >sites.$t.tsv || exit; done
0   -   numcmp -c log_count=bpnet_AKO_logcount:1e-4 "$PERTRACK_DATA/expected/sites_first200.tsv" sites.ako.tsv
0   -   numcmp -c log_count=bpnet_FOS_IMR90_logcount_zero_control:1e-4 "$PERTRACK_DATA/expected/sites_first200.tsv" sites.npz.tsv
0   -   numcmp -c log_count=bpnet_FOS_IMR90_logcount_zero_control:1e-4 "$PERTRACK_DATA/expected/sites_first200.tsv" sites.keras.tsv

# Whole profiles, both strands, of the first four sites.
0   -   predict -q --oracle bpnet -g "$PERTRACK_DATA/genome/hg38_sparse.fa.gz" -w "ako=$PERTRACK_DATA/weights/bpnet-lite/ENCSR000AKO_CTCF_K562_64x8.torch" --raw --full --text first4.bed | numcmp -c values:1e-4 "$PERTRACK_DATA/expected/bpnet_AKO_profile_logits_first4.npy"
0   -   predict -q --oracle bpnet -g "$PERTRACK_DATA/genome/hg38_sparse.fa.gz" -w "fos=$PERTRACK_DATA/weights/bpnet-refactor/ENCSR124AIG_FOS_IMR90.npz" --raw --full --text first4.bed | numcmp -c values:1e-4 "$PERTRACK_DATA/expected/bpnet_FOS_profile_logits_first4.npy"
0   -   predict -q --oracle bpnet -g "$PERTRACK_DATA/genome/hg38_sparse.fa.gz" -w fos=fos.h5 --raw --full --text first4.bed | numcmp -c values:1e-4 "$PERTRACK_DATA/expected/bpnet_FOS_profile_logits_first4.npy"
