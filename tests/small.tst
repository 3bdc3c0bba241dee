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
