# SPDX-License-Identifier: MIT
# A small Sei against its published description in double precision (make_sei_reference.py).

0   -   predict -q -m sei --input-length 128 -w "s=$R/sei/sei.npz,$R/sei/projvec_targets.npy,$R/sei/histone_inds.npy" -g "$R/sei/sei.fa" --regions --text "$R/sei/sei.bed" | numcmp -k chrom,pos,track -c values:1e-5 "$R/sei/sei.regions.tsv"
0   -   predict -q -m sei --input-length 128 --forward -w "s=$R/sei/sei.npz,$R/sei/projvec_targets.npy,$R/sei/histone_inds.npy" -g "$R/sei/sei.fa" --regions --text "$R/sei/sei.bed" | numcmp -k chrom,pos,track -c values:1e-5 "$R/sei/sei.forward.tsv"
0   -   predict -q -m sei --input-length 128 -w "s=$R/sei/sei.npz,$R/sei/projvec_targets.npy,$R/sei/histone_inds.npy" -g "$R/sei/sei.fa" --text "$R/sei/sei.vcf" | numcmp -k chrom,pos,track,allele -c values:1e-5 "$R/sei/sei.variants.tsv"
0   -   for k in ref avx2-direct avx512-direct; do PERTRACK_KERNELS=$k predict -q -m sei --input-length 128 -w "s=$R/sei/sei.npz,$R/sei/projvec_targets.npy,$R/sei/histone_inds.npy" -g "$R/sei/sei.fa" --text "$R/sei/sei.vcf" >k.tsv 2>k.err || { grep -q 'this processor has no' k.err && continue; exit 1; }; numcmp -k chrom,pos,track,allele -c values:1e-5 "$R/sei/sei.variants.tsv" k.tsv || exit 1; done

# The same bytes whatever the batch, the threads and the shards.
0   -   predict -q -m sei --input-length 128 -w "s=$R/sei/sei.npz,$R/sei/projvec_targets.npy,$R/sei/histone_inds.npy" -g "$R/sei/sei.fa" --text -@ 1 --batch 1 "$R/sei/sei.vcf" | grep -v '^##' >one.tsv
0   -   predict -q -m sei --input-length 128 -w "s=$R/sei/sei.npz,$R/sei/projvec_targets.npy,$R/sei/histone_inds.npy" -g "$R/sei/sei.fa" --text -@ 3 "$R/sei/sei.vcf" | grep -v '^##' | cmp - one.tsv
0   -   for i in 1 2 3; do predict -q -m sei --input-length 128 -w "s=$R/sei/sei.npz,$R/sei/projvec_targets.npy,$R/sei/histone_inds.npy" -g "$R/sei/sei.fa" --text --shard $i/3 "$R/sei/sei.vcf"; done | grep -v '^#' | sort >parts.tsv && grep -v '^#' one.tsv | sort | cmp - parts.tsv

# As published: a folder with names of profiles and classes, which say the layers.
0   -   mkdir model && cp "$R/sei/projvec_targets.npy" "$R/sei/histone_inds.npy" model && cp "$R/sei/sei.npz" model/sei.pth && for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21; do echo "K562 | CTCF | $i"; done >model/target.names && printf 'K562 | DNase | 22\nK562 | H3K27ac | 23\n' >>model/target.names && for i in 1 2 3 4 5 6; do echo "PC$i Polycomb"; done >model/seqclass.names
0   -   predict -q -m sei --input-length 128 -w s=model --list-tracks | cut -f 1,4 | sed -n '2p;23,25p' >found && printf 'TA#K562@CTCF@1\ttf_binding\nTA#K562@DNase@22\tchromatin_accessibility\nTA#K562@H3K27ac@23\thistone_marks\nCA#PC1@Polycomb@@0\tregulatory_classification\n' | cmp - found
0   -   predict -q -m sei --input-length 128 -w s=model -g "$R/sei/sei.fa" "$R/sei/sei.vcf" | score-effect -q --text | grep -v "^#" | grep -c CA#PC6 | grep -qx 6

# What users get wrong.
1   -   err 'names 22 tracks, but the network has 23' sh -c 'sed 1d model/target.names >target.names && predict -q -m sei --input-length 128 -w s=model/sei.pth,target.names --list-tracks'
1   -   err 'holds no sei.pth' sh -c 'mkdir empty && predict -q -m sei -w s=empty --list-tracks'
1   -   cp "$R/sei/histone_inds.npy" projection.npy && err "expected the 23 profiles" predict -q -m sei --input-length 128 -w s=model/sei.pth,projection.npy --list-tracks
1   -   err 'multiple of 32' predict -q -m sei --input-length 100 -w s=model --list-tracks
1   -   err 'is not a weight file of sei' predict -q -m sei -w "s=$R/large/enformer.pt" --list-tracks
1   -   err 'no such file' predict -q -m sei --input-length 128 -w s=model/sei.pth,no-such.npy --list-tracks
