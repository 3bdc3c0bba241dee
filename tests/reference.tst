# SPDX-License-Identifier: MIT
# The BPNet family against an independent implementation (tests/reference/make_bpnet_reference.py,
# which has the same geometries and seeds): file by tests/helpers/mkweights, tables of expected
# values in tests/reference/bpnet.  `reference NAME SITES EVERY WEIGHTS OPTION...` compares.

# The comparison itself: what it must not let pass.
0   -   numcmp -k chrom,pos,id,allele -c log_count:0 -c logits:0 "$R/bpnet/nobias_16x3.vcf.tsv" "$R/bpnet/nobias_16x3.vcf.tsv"
1   -   err 'too large' numcmp -c log_count:1e-2 "$R/bpnet/nobias_16x3.bed.tsv" "$R/bpnet/nobias_20x2.bed.tsv"
1   -   err 'no column' numcmp -k stratum -c log_count:1 "$R/bpnet/nobias_16x3.vcf.tsv" "$R/bpnet/nobias_16x3.vcf.tsv"
1   -   head -n 9 "$R/bpnet/nobias_16x3.vcf.tsv" | err missing numcmp -k chrom,pos,allele -c log_count:1 "$R/bpnet/nobias_16x3.vcf.tsv"
1   -   head -n 9 "$R/bpnet/nobias_16x3.vcf.tsv" | err 'rows, expected' numcmp -c log_count:9 "$R/bpnet/nobias_16x3.bed.tsv"
1   -   sed 's/,/,nan,/' "$R/bpnet/nobias_16x3.bed.tsv" | err 'not a finite' numcmp -c logits:1 "$R/bpnet/nobias_16x3.bed.tsv"

# Small networks: filters that fill no vector, one layer, other lengths, crops of all sizes.
0   -   mkweights chrombpnet_nobias a.h5 --seed 11 --filters 16 --layers 3 --input 300 --output 100
0   -   reference nobias_16x3 all.bed 1 a.h5 --oracle chrombpnet
0   -   reference nobias_16x3 all.vcf 1 a.h5 --oracle chrombpnet
0   -   mkweights chrombpnet_nobias b.h5 --seed 12 --filters 20 --layers 2 --input 200 --output 80
0   -   reference nobias_20x2 all.bed 1 b.h5 --oracle chrombpnet
0   -   reference nobias_20x2 all.vcf 1 b.h5 --oracle chrombpnet
0   -   mkweights chrombpnet_nobias c.h5 --seed 13 --filters 33 --layers 5 --input 512 --output 128
0   -   reference nobias_33x5 few.bed 1 c.h5 --oracle chrombpnet
0   -   reference nobias_33x5 few.vcf 1 c.h5 --oracle chrombpnet
0   -   mkweights bias_model_scaled d.h5 --seed 14 --filters 7 --layers 1 --input 256 --output 60
0   -   reference bias_7x1 all.bed 1 d.h5 --oracle chrombpnet
0   -   reference bias_7x1 all.vcf 1 d.h5 --oracle chrombpnet
0   -   mkweights chrombpnet e.h5 --seed 15 --filters 16 --layers 3 --bias-filters 7 --bias-layers 2 --input 400 --output 120
0   -   reference composed_16x3_7x2 few.bed 1 e.h5 --oracle chrombpnet
0   -   reference composed_16x3_7x2 few.vcf 1 e.h5 --oracle chrombpnet
0   -   mkweights bpnet_chip f.h5 --seed 16 --filters 20 --layers 4 --input 320 --output 50
0   -   reference chip_20x4 all.bed 1 f.h5 --oracle bpnet
0   -   reference chip_20x4 all.vcf 1 f.h5 --oracle bpnet
0   -   mkweights bpnet_chip g.h5 --seed 17 --filters 7 --layers 1 --input 202 --output 90
0   -   reference chip_7x1 few.bed 1 g.h5 --oracle bpnet
0   -   reference chip_7x1 few.vcf 1 g.h5 --oracle bpnet

# The same by the portable kernels, by AVX2 where there is more, and on two threads.
0   -   PERTRACK_KERNELS=ref reference nobias_33x5 few.vcf 1 c.h5 --oracle chrombpnet
0   -   PERTRACK_KERNELS=ref reference chip_20x4 all.vcf 1 f.h5 --oracle bpnet
0   -   ! grep -qw avx2 /proc/cpuinfo || PERTRACK_KERNELS=avx2 reference nobias_33x5 few.vcf 1 c.h5 --oracle chrombpnet
0   -   ! grep -qw avx2 /proc/cpuinfo || PERTRACK_KERNELS=avx2 reference chip_20x4 all.vcf 1 f.h5 --oracle bpnet
0   -   reference composed_16x3_7x2 few.vcf 1 e.h5 --oracle chrombpnet --threads 2

# Networks of the published sizes.
0   -   mkweights chrombpnet_nobias full.h5 --seed 1
0   -   reference nobias_full few.bed 50 full.h5 --oracle chrombpnet --threads 2
0   -   reference nobias_full few.vcf 50 full.h5 --oracle chrombpnet --threads 2
0   -   mkweights bias_model_scaled full.h5 --seed 2
0   -   reference bias_full all.bed 50 full.h5 --oracle chrombpnet
0   -   reference bias_full all.vcf 50 full.h5 --oracle chrombpnet
0   -   mkweights chrombpnet full.h5 --seed 3
0   -   head -n 5 "$R/bpnet/few.vcf" >one.vcf
0   -   reference composed_full few.bed 50 full.h5 --oracle chrombpnet
0   -   reference composed_full "$T/one.vcf" 50 full.h5 --oracle chrombpnet
0   -   mkweights bpnet_chip full.h5 --seed 4
0   -   reference chip_full all.bed 50 full.h5 --oracle bpnet
0   -   reference chip_full all.vcf 50 full.h5 --oracle bpnet

# Without its architecture a file is taken for one of the published sizes.
0   -   mkweights bpnet_chip bare.h5 --seed 4 --no-config
0   -   reference chip_full all.bed 50 bare.h5 --oracle bpnet
0   -   mkweights bias_model_scaled bare.h5 --seed 2 --no-config
0   -   reference bias_full all.bed 50 bare.h5 --oracle chrombpnet

# bpnet-lite: state dictionaries and pickled modules, run in their padded form by the reference.
0   -   reference lite_state few.bed 50 "$R/bpnet/lite_state.torch" --oracle bpnet
0   -   reference lite_state few.vcf 50 "$R/bpnet/lite_state.torch" --oracle bpnet
0   -   reference lite_control few.bed 50 "$R/bpnet/lite_control.torch" --oracle bpnet
0   -   reference lite_control few.vcf 50 "$R/bpnet/lite_control.torch" --oracle bpnet
0   -   reference lite_basepair_state few.bed 50 "$R/bpnet/lite_basepair_state.torch" --oracle bpnet --residual pre
0   -   reference lite_basepair_state few.vcf 50 "$R/bpnet/lite_basepair_state.torch" --oracle bpnet --residual pre
0   -   reference lite_chrombpnet few.bed 50 "$R/bpnet/lite_chrombpnet.torch" --oracle chrombpnet --output-length 1000,1960
0   -   reference lite_chrombpnet few.vcf 50 "$R/bpnet/lite_chrombpnet.torch" --oracle chrombpnet --output-length 1000,1960
0   -   reference lite_chrombpnet_module few.bed 50 "$R/bpnet/lite_chrombpnet_module.torch" --oracle chrombpnet
0   -   reference lite_chrombpnet_module few.vcf 50 "$R/bpnet/lite_chrombpnet_module.torch" --oracle chrombpnet

# Modules that cut off more than their layers need: the mean is taken over what is left and 37
# columns on each side, not over all of the last layer.
0   -   reference lite_trimmed few.bed 50 "$R/bpnet/lite_trimmed.torch" --oracle bpnet
0   -   reference lite_trimmed few.vcf 50 "$R/bpnet/lite_trimmed.torch" --oracle bpnet
0   -   reference lite_basepair few.bed 50 "$R/bpnet/lite_basepair.torch" --oracle bpnet
0   -   reference lite_basepair few.vcf 50 "$R/bpnet/lite_basepair.torch" --oracle bpnet

# Files that are not what they should be.
1   -   err 'bpnet' predict --oracle bpnet -g "$R/bpnet/ref.fa" -w m=a.h5 "$R/bpnet/all.bed"
1   -   err 'chrombpnet' predict --oracle chrombpnet -g "$R/bpnet/ref.fa" -w m=f.h5 "$R/bpnet/all.bed"
0   -   mkweights chrombpnet_nobias h.h5 --filters 16 --layers 3 --input 300 --output 100 --drop wo_bias_bpnet_2conv
1   -   err wo_bias_bpnet_2conv predict --oracle chrombpnet -g "$R/bpnet/ref.fa" -w m=h.h5 "$R/bpnet/all.bed"
0   -   mkweights bpnet_chip h.h5 --filters 7 --layers 1 --input 202 --output 90 --drop logcounts_predictions
1   -   err logcounts_predictions predict --oracle bpnet -g "$R/bpnet/ref.fa" -w m=h.h5 "$R/bpnet/all.bed"
