# SPDX-License-Identifier: MIT
# The small oracles against their original code: tests/reference/make_small_reference.py ran it, on
# weight files that are here (small networks) or made by mktensors from the same formula (full size).

# Cherimoya: several lengths, depths and widths; CATv1's shape; an ensemble of three folds.
0   -   small-reference cherimoya_8x3 all.bed 1 "$R/small/cherimoya_8x3.torch" -m cherimoya --input-length 400
0   -   small-reference cherimoya_8x3 all.vcf 1 "$R/small/cherimoya_8x3.torch" -m cherimoya --input-length 400
0   -   small-reference cherimoya_13x4 all.bed 50 "$R/small/cherimoya_13x4.torch" -m cherimoya
0   -   small-reference cherimoya_13x4 all.vcf 50 "$R/small/cherimoya_13x4.torch" -m cherimoya
0   -   small-reference cherimoya_catv1 few.bed 50 "$R/small/cherimoya_catv1.torch" -m cherimoya
0   -   small-reference cherimoya_catv1 few.vcf 50 "$R/small/cherimoya_catv1.torch" -m cherimoya
0   -   small-reference cherimoya_ensemble all.bed counts "$R/small/cherimoya_fold0.torch,$R/small/cherimoya_fold1.torch,$R/small/cherimoya_fold2.torch" -m cherimoya
0   -   small-reference cherimoya_ensemble all.vcf counts "$R/small/cherimoya_fold0.torch,$R/small/cherimoya_fold1.torch,$R/small/cherimoya_fold2.torch" -m cherimoya

# Its bfloat16 on a GPU, against its own Triton kernels under Triton's interpreter.  Where a sum lies
# between two bfloat16 its last bits decide, so logits agree within 1e-3, four times closer than float32
# comes, and log-counts, means of many, within 5e-5, twenty times.  One run is one set of bits all the same.
0   -   cp "$R"/small/cherimoya_cuda.torch "$R"/small/cherimoya_catv1.torch "$R"/bpnet/ref.fa "$R"/bpnet/ref.fa.fai "$R"/bpnet/few.vcf .
0   -   cuda() { predict -q -m cherimoya -w m=cherimoya_cuda.torch --input-length 600 -g ref.fa --raw --full "$@"; }; for s in bed vcf; do cuda --rounding cuda --text "$R/bpnet/few.$s" | numcmp -k chrom,pos,id,track,allele,strand -c log_count:5e-5 -c values=logits:1e-3 "$R/small/cherimoya_cuda.$s.tsv" || exit; done
1   -   predict -q -m cherimoya -w m=cherimoya_cuda.torch --input-length 600 -g ref.fa --raw --full --text few.vcf | numcmp -k chrom,pos,id,track,allele,strand -c log_count:5e-5 -c values=logits:1e-3 "$R/small/cherimoya_cuda.vcf.tsv" 2>/dev/null
0   -   cuda() { predict -q -m cherimoya -w m=cherimoya_cuda.torch --rounding cuda --input-length 600 -g ref.fa --no-provenance "$@" few.vcf; }; cuda -@ 1 >cuda.one && cuda -@ 3 --batch 5 --window-threads 2 | cmp - cuda.one && { ! grep -qw avx512f /proc/cpuinfo || PERTRACK_KERNELS=avx2 cuda | cmp - cuda.one; }
0   -   for r in "" "--rounding cuda"; do predict -q -m cherimoya -w m=cherimoya_cuda.torch $r --list-tracks | tail -n 1 | cut -f 8; done | sort -u | wc -l | grep -qx 2
0   -   predict -q -m cherimoya -w m=cherimoya_cuda.torch --rounding cuda --input-length 600 -g ref.fa --text few.vcf | grep '^##' | grep -q -e '--rounding cuda'
0   -   predict -q -m cherimoya -w m=cherimoya_cuda.torch --rounding cuda --describe | grep -q 'arithmetic.blocks in bfloat16'
0   -   for r in "" "--rounding cuda"; do predict -q -m cherimoya -w m=cherimoya_catv1.torch $r -g ref.fa --text few.vcf | grep -v '^##' | cksum; done | sort -u | wc -l | grep -qx 1
1   -   err '--rounding must be cuda' predict -m cherimoya -w m=cherimoya_cuda.torch --rounding tpu -g ref.fa few.vcf
1   -   err '--rounding is not for legnet models' predict -m legnet --rounding cuda -w m="$R/small/legnet_12.ckpt,$R/small/legnet_12.json" -g ref.fa few.vcf

# LegNet: both orders of the adapters and none, kernels of 3 to 11 taps, pools of 1 to 3 columns.
0   -   small-reference legnet_12 legnet.bed scalar "$R/small/legnet_12.ckpt,$R/small/legnet_12.json" -m legnet
0   -   small-reference legnet_12 legnet.vcf scalar "$R/small/legnet_12.ckpt,$R/small/legnet_12.json" -m legnet
0   -   small-reference legnet_12_upstream legnet.bed scalar "$R/small/legnet_12.ckpt,$R/small/legnet_12.json" -m legnet --adapters upstream
0   -   small-reference legnet_12_none legnet.vcf scalar "$R/small/legnet_12.ckpt,$R/small/legnet_12.json" -m legnet --adapters none --input-length 170
0   -   small-reference legnet_wide legnet.bed scalar "$R/small/legnet_wide.ckpt,$R/small/legnet_wide.json" -m legnet
0   -   small-reference legnet_wide legnet.vcf scalar "$R/small/legnet_wide.ckpt,$R/small/legnet_wide.json" -m legnet

# EPInformer-seq: both geometries, one strand and both.
0   -   small-reference epi_10x6_2114 all.bed scalar "$R/small/epi_10x6.main.pt,$R/small/epi_10x6.bias.pt" -m epinformerseq
0   -   small-reference epi_10x6_2114 all.vcf scalar "$R/small/epi_10x6.main.pt,$R/small/epi_10x6.bias.pt" -m epinformerseq
0   -   small-reference epi_10x6_2114_rc all.vcf scalar "$R/small/epi_10x6.main.pt,$R/small/epi_10x6.bias.pt" -m epinformerseq --average-strands
0   -   small-reference epi_10x6_1024 all.bed scalar "$R/small/epi_10x6.main.pt,$R/small/epi_10x6.bias.pt" -m epinformerseq --input-length 1024
0   -   small-reference epi_10x6_1024 all.vcf scalar "$R/small/epi_10x6.main.pt,$R/small/epi_10x6.bias.pt" -m epinformerseq --input-length 1024
0   -   small-reference epi_10x6_1024_rc all.vcf scalar "$R/small/epi_10x6.main.pt,$R/small/epi_10x6.bias.pt" -m epinformerseq --input-length 1024 --average-strands

# ChromBPNet by Keras, composed and in parts, and BPNet: with and without control, of one task and
# of several.
0   -   small-reference keras_chrombpnet all.bed 1 "$R/small/keras_chrombpnet.h5" -m chrombpnet
0   -   small-reference keras_chrombpnet all.vcf 1 "$R/small/keras_chrombpnet.h5" -m chrombpnet
0   -   small-reference keras_chrombpnet_nobias all.vcf 1 "$R/small/keras_chrombpnet_nobias.h5" -m chrombpnet
0   -   small-reference keras_chrombpnet_bias all.vcf 1 "$R/small/keras_chrombpnet_bias.h5" -m chrombpnet
0   -   small-reference keras_bpnet all.bed 50 "$R/small/keras_bpnet.h5" -m bpnet
0   -   small-reference keras_bpnet all.vcf 50 "$R/small/keras_bpnet.h5" -m bpnet
0   -   small-reference keras_bpnet_nocontrol all.vcf 50 "$R/small/keras_bpnet_nocontrol.h5" -m bpnet
0   -   small-reference keras_bpnet_two all.vcf 50 "$R/small/keras_bpnet_two.h5" -m bpnet
0   -   small-reference keras_bpnet_two_nocontrol all.bed 50 "$R/small/keras_bpnet_two_nocontrol.h5" -m bpnet
0   -   small-reference keras_bpnet_mixed all.vcf 50 "$R/small/keras_bpnet_mixed.h5" -m bpnet

1   -   err 'count head has hidden layers' predict -m bpnet -w m="$R/small/keras_bpnet_hidden.h5" --list-tracks
1   -   err 'counts each of 2 strands by itself' predict -m bpnet -w m="$R/small/keras_bpnet_per_strand.h5" --list-tracks

# MultiMolecule: N adds nothing, or is a channel of its own; its own totals are one read larger.
0   -   small-reference mm_6x3 all.bed 1 "$R/small/mm_6x3/model.safetensors" -m multimolecule
0   -   small-reference mm_6x3 all.vcf 1 "$R/small/mm_6x3/model.safetensors" -m multimolecule
0   -   small-reference mm_6x3_n all.bed 1 "$R/small/mm_6x3/model.safetensors" -m multimolecule --n-channel
0   -   small-reference mm_4x8 all.vcf 50 "$R/small/mm_4x8/model.safetensors" -m multimolecule
0   -   small-reference mm_4x8_n all.bed 50 "$R/small/mm_4x8/model.safetensors" -m multimolecule --n-channel
0   -   for c in "" "--counts multimolecule"; do predict -q -m multimolecule -w m="$R/small/mm_6x3/model.safetensors" -g "$R/bpnet/ref.fa" $c --full --text "$R/bpnet/few.bed" | awk -F '\t' '!/^#/ { n = split($9, v, ","); s = 0; for (i = 1; i <= n; i++) s += v[i]; print s }'; done | awk '{ t[NR] = $1 } END { d = t[2] - t[1] - 1; exit !(NR == 2 && d < 1e-4 && d > -1e-4) }'

# bpnet-lite: pickled modules of the package itself, and a state dictionary.
0   -   small-reference lite_bpnet all.vcf 50 "$R/small/lite_bpnet.torch" -m bpnet
0   -   small-reference lite_bpnet_state all.bed 50 "$R/small/lite_bpnet_state.torch" -m bpnet
0   -   small-reference lite_control all.vcf 50 "$R/small/lite_control.torch" -m bpnet
0   -   small-reference lite_basepair all.vcf 50 "$R/small/lite_basepair.torch" -m bpnet
0   -   small-reference lite_chrombpnet all.vcf 50 "$R/small/lite_chrombpnet.torch" -m chrombpnet

# Networks of the published sizes.
0   -   mktensors cherimoya full.npz 54
0   -   small-reference cherimoya_full few.bed 50 full.npz -m cherimoya
0   -   small-reference cherimoya_full few.vcf 50 full.npz -m cherimoya
0   -   predict -q -m cherimoya -w m=full.npz --rounding cuda -g "$R/bpnet/ref.fa" --raw --full --text "$R/bpnet/few.vcf" | numcmp -k chrom,pos,id,track,allele,strand -c log_count:5e-5 -c values@50=logits:2e-3 "$R/small/cherimoya_cuda_full.vcf.tsv"
0   -   mktensors legnet full.npz 73
0   -   small-reference legnet_full legnet.bed scalar full.npz -m legnet
0   -   small-reference legnet_full legnet.vcf scalar full.npz -m legnet
0   -   mktensors legnet_11_9 full.npz 74
0   -   small-reference legnet_full_11_9 legnet.bed scalar full.npz -m legnet
0   -   small-reference legnet_full_11_9 legnet.vcf scalar full.npz -m legnet
0   -   mktensors epi_main main.npz 82
0   -   mktensors epi_bias bias.npz 182
0   -   small-reference epi_full_2114 few.bed scalar main.npz,bias.npz -m epinformerseq
0   -   small-reference epi_full_2114_rc few.vcf scalar main.npz,bias.npz -m epinformerseq --average-strands
0   -   small-reference epi_full_1024 few.vcf scalar main.npz,bias.npz -m epinformerseq --input-length 1024
0   -   small-reference epi_full_1024_rc few.bed scalar main.npz,bias.npz -m epinformerseq --input-length 1024 --average-strands
0   -   mktensors multimolecule full.npz 93
0   -   small-reference mm_full few.bed 50 full.npz -m multimolecule
0   -   small-reference mm_full few.vcf 50 full.npz -m multimolecule
0   -   small-reference mm_full_n few.bed 50 full.npz -m multimolecule --n-channel

# One result for all kernel sets that share their arithmetic, any number of threads, any batch and
# shard; and an allele computed as a change is one computed from scratch: alone it is the reference.
0   -   cp "$R"/small/cherimoya_catv1.torch c.torch; cp "$R"/small/legnet_12.ckpt "$R"/small/legnet_12.json "$R"/small/epi_10x6.*.pt .
0   -   cp "$R"/bpnet/ref.fa "$R"/bpnet/ref.fa.fai "$R"/bpnet/all.vcf "$R"/small/legnet.vcf .
0   -   printf '%s\n' 'cherimoya c.torch all.vcf' 'legnet legnet_12.ckpt,legnet_12.json legnet.vcf' 'epinformerseq epi_10x6.main.pt,epi_10x6.bias.pt all.vcf' >families
0   -   while read -r m w v; do predict -q -m $m -w m=$w -g ref.fa --no-provenance -@ 1 $v >$m.one && predict -q -m $m -w m=$w -g ref.fa --no-provenance -@ 3 --batch 5 --window-threads 2 $v | cmp - $m.one || exit; done <families
0   -   ! grep -qw avx512f /proc/cpuinfo || while read -r m w v; do PERTRACK_KERNELS=avx2 predict -q -m $m -w m=$w -g ref.fa --no-provenance $v | cmp - $m.one || exit; done <families
0   -   while read -r m w v; do PERTRACK_KERNELS=ref predict -q -m $m -w m=$w -g ref.fa --text $v >$m.ref && predict -q -m $m -w m=$w -g ref.fa --text $v | numcmp -k chrom,pos,id,track,allele,strand -c values:1e-5r $m.ref || exit; done <families
0   -   while read -r m w v; do predict -q -m $m -w m=$w -g ref.fa --text $v | grep -v '^#' | sort >$m.whole && for i in 1 2 3; do predict -q -m $m -w m=$w -g ref.fa --text --shard $i/3 $v 2>/dev/null | grep -v '^#'; done | sort | cmp - $m.whole || exit; done <families
0   -   while read -r m w v; do onehot -q -g ref.fa --length "$(test $m = legnet && echo 200 || echo 2114)" $v >x.oh && predict -q -m $m -w m=$w --text x.oh | grep -v '^#' | cut -f 5- >a && predict -q -m $m -w m=$w -g ref.fa --text $v | grep -v '^#' | cut -f 5- | cmp - a || exit; done <families

# Mistakes.
1   -   err 'it looks like cherimoya); use --oracle cherimoya' predict -m bpnet -w m=c.torch -g ref.fa all.vcf
1   -   err 'it looks like legnet' predict -m cherimoya -w m=legnet_12.ckpt -g ref.fa all.vcf
1   -   err 'it looks like epinformerseq' predict -m legnet -w m=epi_10x6.main.pt -g ref.fa all.vcf
1   -   err '--adapters is not for cherimoya models' predict -m cherimoya --adapters none -w m=c.torch -g ref.fa all.vcf
1   -   err '--adapters must be chorus, upstream or none' predict -m legnet --adapters left -w m=legnet_12.ckpt,legnet_12.json -g ref.fa legnet.vcf
1   -   err 'has no logits' predict -m cherimoya --raw -w m=c.torch,c.torch -g ref.fa all.vcf
1   -   err '--raw goes with --signals' predict -m epinformerseq --raw -w m=epi_10x6.main.pt,epi_10x6.bias.pt -g ref.fa all.vcf
1   -   err 'an even number of bases, 1024 or more' predict -m epinformerseq --input-length 1000 -w m=epi_10x6.main.pt,epi_10x6.bias.pt -g ref.fa all.vcf
2   -   err '--input-length must be even' predict -m epinformerseq --input-length 1025 -w m=epi_10x6.main.pt,epi_10x6.bias.pt -g ref.fa all.vcf
1   -   err 'trimming' predict -m cherimoya --input-length 1000 -w m=c.torch -g ref.fa all.vcf
1   -   printf '{ "pool_sizes": [2,' >bad.json; err 'bad.json:1: is not JSON' predict -m legnet -w m=legnet_12.ckpt,bad.json -g ref.fa legnet.vcf
1   -   printf '{ "pool_sizes": [200, 200, 2] }' >bad.json; err 'the window is too short' predict -m legnet -w m=legnet_12.ckpt,bad.json -g ref.fa legnet.vcf
0   -   printf 'chr1\t2200\t2250\nchr1\t3000\t3050\n' >r.bed; predict -m legnet -w m=legnet_12.ckpt,legnet_12.json -g ref.fa --text r.bed 2>log | grep -vc '^#' | grep -qx 1 && grep -q 'letters other than ACGTN in the window' log
