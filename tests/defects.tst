# Defects of the predecessor in prediction and windows, each with the row that makes it impossible
# here.  Others are tested beside what they concern: grep for j1_ and j2_ in tests/.
0 - make-genome > g.fa && cp $D/predict/variants.vcf v.vcf && printf 'chr1\t200\t400\ttss\nchr1\t500\t501\trandom\nchr2\t100\t301\trandom\n' > r.bed
0 - mkweights chrombpnet_nobias acc.h5 --filters 8 --layers 2 --input 200 --output 60 && mkweights bpnet_chip chip.h5 --filters 8 --layers 2 --input 200 --output 60 && mkweights chrombpnet both.h5 --filters 8 --layers 2 --bias-filters 4 --bias-layers 1 --input 200 --output 60

# j1_113_count_head: one track has exp(C) - 1 reads in all; the two strands of BPNet together exp(C) - 2.
0 - predict -q -m chrombpnet -w a=acc.h5 -g g.fa --full --text r.bed | awk -F'\t' '!/^#/ { n = split($9, v, ","); s = 0; for (i = 1; i <= n; i++) s += v[i]; t = exp($7) - 1; d = s > t ? s - t : t - s; if (d > 1e-5 * (t > 0 ? t : -t) + 1e-6) bad = 1; seen++ } END { exit bad || seen != 3 }'
0 - predict -q -m bpnet -w a=chip.h5 -g g.fa --full --text r.bed | awk -F'\t' '!/^#/ { n = split($9, v, ","); s = 0; for (i = 1; i <= n; i++) s += v[i]; if ($6 == "+") { plus = s; next } s += plus; t = exp($7) - 2; d = s > t ? s - t : t - s; if (d > 1e-5 * (t > 0 ? t : -t) + 1e-6) bad = 1; seen++ } END { exit bad || seen != 3 }'
# j1_120_composition: logits of the two networks add, and so do exp(C).  The same file without the
# layers of one gives the other by itself.
0 - c="--filters 8 --layers 2 --bias-filters 4 --bias-layers 1 --input 200 --output 60"; mkweights chrombpnet acc_part.h5 $c --drop '[!w]*' && mkweights chrombpnet bias_part.h5 $c --drop 'wo_bias_*' && for f in both acc_part bias_part; do predict -q -m chrombpnet -w a=$f.h5 -g g.fa --raw --full --text r.bed | grep -v '^#' > $f.txt || exit 1; done
0 - paste both.txt acc_part.txt bias_part.txt | awk -F'\t' '{ n = split($9, v, ","); split($18, a, ","); split($27, b, ","); d = exp($7) - exp($16) - exp($25); if (d * d > 1e-10 * exp(2 * $7)) bad = 1; for (i = 1; i <= n; i++) { d = v[i] - a[i] - b[i]; if (d * d > 1e-10) bad = 1; if (b[i] * b[i] > 1e-6) matters = 1 } seen++ } END { exit bad || !matters || seen != 3 }'
0 - predict -q -m chrombpnet -w a=both.h5 -g g.fa --raw --full --text r.bed > both.txt

# j1_125_one_scorer: whole bins and demanded bins are scored by one function, to the same bytes.
0 - predict -q -m bpnet -w a=chip.h5 -g g.fa v.vcf 2>/dev/null | score-effect -q --text | grep -v '^##' > demanded; predict -q -m bpnet -w a=chip.h5 -g g.fa --full v.vcf 2>/dev/null | score-effect -q --text | grep -v '^##' | cmp - demanded
# j1_240_backends_agree: every head under every kernel set that runs here.
0 - for k in ref blas avx2-direct avx2 avx512-direct avx512; do PERTRACK_KERNELS=$k predict -q -m chrombpnet -w a=both.h5 -g g.fa --raw --full --text r.bed > $k.txt 2> why || { grep -q 'PERTRACK_KERNELS\|BLAS' why && continue; exit 1; }; numcmp -k chrom,pos,id,track,allele,strand,first_bin -c log_count:1e-5 -c values:1e-4 both.txt $k.txt || exit 1; done

# j2_6_one_window: a site is predicted from the same window whether it is a region or a variant.
0 - printf 'chr1\t299\t300\n' | predict -q -m chrombpnet -w a=acc.h5 -g g.fa --raw --full --text | grep -v '^#' | cut -f 7- > region; predict -q -m chrombpnet -w a=acc.h5 -g g.fa --raw --full --text v.vcf 2>/dev/null | awk -F'\t' '$3 == "snv" && $5 == "C"' | cut -f 7- | cmp - region
# j2_18_whole_sites: a site whose effect is undefined for one track contributes to none.
0 - mkpred < $D/score-effect/undefined.txt | score-effect -q --text 2>/dev/null | grep -v '^#' | cut -f 1-2 | sort -u | grep -c . | grep -qx 1
# j2_21_shards_draw_alike: the bins of a region are the same bins whatever part it is predicted in.
0 - predict -q -m bpnet -w a=chip.h5 -g g.fa --bins 5 r.bed | score-effect -q --text | grep -v "^#" | grep perbin | sort > whole; for i in 1 2 3; do predict -q -m bpnet -w a=chip.h5 -g g.fa --bins 5 --shard $i/3 r.bed | score-effect -q --text; done | grep -v "^#" | grep perbin | sort | cmp - whole
# j2_19_window_index: the base at POS stands at index W/2 - 1 of its window, in the window's own letters.
0 - printf 'chr1\t299\t300\n' | onehot -q -g g.fa -L 200 --text | awk -F'\t' '$3 == 99 { print $4 }' > base; awk '/^>/ { n++; next } n == 1 { s = s $0 } END { print substr(s, 300, 1) }' g.fa | cmp - base
# j1_231_rows_are_scoreable: a background has as many rows as the run has tracks, and answers for each.
0 - predict -q -m bpnet -w a=chip.h5 -w b=chip.h5 -w c=chip.h5 -g g.fa r.bed | score-effect -q | reservoir -q | cdf-pack -q -o three.npz; test "$(cdf-lookup -b three.npz --list | grep -vc '^#')" = 3 && for t in a b c; do cdf-lookup -b three.npz -t $t --kind summary 0.5 | grep -q "^$t" || exit 1; done
# j2_5_one_span: a transcription start is looked at through the same centred bins as everything else.
0 - predict -q -m bpnet -w a=chip.h5 -g g.fa --layer tss_activity --bins 0 r.bed | score-effect -q --text | grep -v '^#' | cut -f 12 > tss; predict -q -m bpnet -w a=chip.h5 -g g.fa --layer tf_binding --bins 0 r.bed | score-effect -q --text | grep -v '^#' | cut -f 12 | cmp - tss
