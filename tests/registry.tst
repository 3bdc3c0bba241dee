# SPDX-License-Identifier: MIT
# Track tables, where weights are looked for, the organism; presets; the scripts of models/.

0   -   mkdir -p weights/a elsewhere && cp "$R/small/cherimoya_fold0.torch" "$R/small/cherimoya_fold1.torch" weights/a && cp "$R/bpnet/ref.fa" "$R/bpnet/ref.fa.fai" "$R/bpnet/few.bed" .
0   -   printf 'id\tweights\toracle\tfold\torganism\tlicence\nDNASE:A\ta/cherimoya_fold0.torch\tcherimoya\t0\tHomo sapiens\tCC-BY-4.0\nDNASE:B\ta/cherimoya_fold0.torch,a/cherimoya_fold1.torch\tcherimoya\tensemble\thg38\tCC-BY-4.0\n' >elsewhere/tracks.tsv
1   -   err 'looked for elsewhere/a/cherimoya_fold0.torch); folders in $PERTRACK_MODELS are searched too; such weights are published at huggingface.co/programmable-genomics/CATv1' predict -m cherimoya -t elsewhere/tracks.tsv --list-tracks
1   -   export PERTRACK_MODELS="$T/none:$T/nor"; err "looked for elsewhere/a/cherimoya_fold0.torch, $T/none/a/cherimoya_fold0.torch, $T/nor/a" predict -m cherimoya -t elsewhere/tracks.tsv --list-tracks
0   -   PERTRACK_MODELS="$T/none:$T/weights" predict -m cherimoya -t elsewhere/tracks.tsv --list-tracks | cut -f 1,9- | grep -q 'DNASE:B.*ensemble.hg38.CC-BY-4.0'
0   -   PERTRACK_MODELS="$T/weights" predict -q -m cherimoya -t elsewhere/tracks.tsv -g ref.fa --full --text few.bed | grep -v '^#' | grep -c DNASE: | grep -qx 2
1   -   export PERTRACK_MODELS="$T/weights"; err 'is of oracle cherimoya, but this run is of bpnet' predict -m bpnet -t elsewhere/tracks.tsv --list-tracks
1   -   sed 's/hg38/mm10/' elsewhere/tracks.tsv >elsewhere/both.tsv; export PERTRACK_MODELS="$T/weights"; err 'is of mouse, the tracks before it of human' predict -m cherimoya -t elsewhere/both.tsv --list-tracks

# A genome whose first chromosome has the length of a mouse's is one.
0   -   printf '>chr1\n' >mouse.fa && head -c 195471971 /dev/zero | tr '\0' 'N' >>mouse.fa && printf '\n' >>mouse.fa && printf 'chr1\t195471971\t6\t195471971\t195471972\n' >mouse.fa.fai
1   -   export PERTRACK_MODELS="$T/weights"; err 'is of mouse, but the models are of human' predict -m cherimoya -t elsewhere/tracks.tsv -g mouse.fa few.bed
0   -   rm mouse.fa mouse.fa.fai

# Presets are the recipes by name.
0   -   printf '>chr1\n' >g.fa; awk 'BEGIN { srand(1); for (i = 0; i < 5000; i++) { s = ""; for (j = 0; j < 80; j++) s = s substr("ACGT", 1 + int(4 * rand()), 1); print s } }' >>g.fa
2   -   err "preset 'elk' is not known; known are bpnet" sample-snps --preset elk -g g.fa
2   -   err 'leave out --recipe' sample-snps --preset legnet --recipe classic -g g.fa
0   -   sample-baselines -q --preset legnet --only random --margin 100 --contigs chr1 -n 40 -g g.fa --no-provenance >a.bed && sample-baselines -q --recipe baseline-29500 --only random --margin 100 --contigs chr1 -n 40 -g g.fa --no-provenance | cmp - a.bed
0   -   sample-snps -q --preset chrombpnet --only random --margin 100 --contigs chr1 -n 40 -g g.fa --no-provenance >a.vcf && sample-snps -q --recipe accessibility --only random --margin 100 --contigs chr1 -n 40 -g g.fa --no-provenance | cmp - a.vcf
2   -   err 'of another oracle' predict --preset legnet -m bpnet -w X=f few.bed
0   -   for b in "" "--bins 5"; do predict -q --preset cherimoya $b -w X=weights/a/cherimoya_fold0.torch -g ref.fa few.bed | score-effect -q --text | awk -F '\t' '$7 == "perbin" { n++ } END { print n + 0 }'; done | tr '\n' ' ' | grep -qx '32 5 '
0   -   cp "$R/small/legnet.bed" "$R/small/legnet_12.ckpt" "$R/small/legnet_12.json" . && predict -q --preset legnet -w K562=legnet_12.ckpt,legnet_12.json -g ref.fa legnet.bed | score-effect -q --text | awk -F '\t' '$7 == "perbin" { bad = 1 } $7 == "summary" { n++ } END { exit bad || n != 3 }'

# From the published lists to track tables.
0   -   printf 'BASE_ID\tVERSION\tTF_NAME\tCELL_LINE\tTAX_ID\tDATA_TYPE\nBP1\t1\tREST\tK562\t9606\tChIP-seq\nBP2\t1\tREST\tK562\t9606\tChIP-seq\nBP3\t2\tCTCF\tT cell\t9606\tChIP-seq\nBP4\t1\tCTCF\theart\t10090\tChIP-seq\nBP5\t1\t\tK562\t9606\tDNase-seq\n' >jaspar.tsv
0   registry.jaspar   sh "$R/../../models/jaspar-tracks" jaspar.tsv
0   -   sh "$R/../../models/jaspar-tracks" jaspar.tsv 10090 | grep -q 'CHIP:heart:CTCF.*Mus musculus'
1   -   cut -f 1-4 jaspar.tsv >cut.tsv; err 'names no column TAX_ID' sh "$R/../../models/jaspar-tracks" cut.tsv
0   -   printf 'experiment_accession\tassay_term_name\texperiment_biosample_term_name\torganism\nENCSR9\tDNase-seq\tT cell\tHomo sapiens\nENCSR1\tATAC-seq\tliver\tHomo sapiens\n' >cat.tsv
0   registry.catv1   sh "$R/../../models/catv1-tracks" cat.tsv ensemble
0   -   sh "$R/../../models/catv1-tracks" cat.tsv 3 | grep -q 'models/ENCSR1/cherimoya.fold_3.torch'
2   -   err 'fold is 0 to 4' sh "$R/../../models/catv1-tracks" cat.tsv 5
0   -   sh "$R/../../models/fetch.sh" -n epinformerseq K562 | grep -q 'per_cell_widewin/K562/main.pt'
2   -   sh "$R/../../models/fetch.sh"
