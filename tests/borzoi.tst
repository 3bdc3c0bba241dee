# SPDX-License-Identifier: MIT
# Small networks of Borzoi's shape by the PyTorch port's own code (make_borzoi_reference.py), every
# list of numbers within 1e-5 of its peak.

# As published in small: both heads, replicates, values as they are and unsquashed, both strands.
0   -   ln -s "$R/borzoi" b
0   -   predict -q -m borzoi -w e=b/tall0.pt,b/tall.json -g b/tall.fa --regions --full --text b/tall.bed | numcmp -k pos,track -c values:1e-5p b/tall.human.tsv
0   -   predict -q -m borzoi --head mouse -w e=b/tall0.pt,b/tall.json -g b/tall.fa --regions --full --text b/tall.bed | numcmp -k pos,track -c values:1e-5p b/tall.mouse.tsv
0   -   predict -q -m borzoi -w e=b/tall0.pt,b/tall1.safetensors,b/tall.json -g b/tall.fa --regions --full --text b/tall.bed | numcmp -k pos,track -c values:1e-5p b/tall.replicates.tsv
0   -   predict -q -m borzoi --unsquash -w e=b/tall0.pt,b/tall.json,b/tall.targets.txt -g b/tall.fa --regions --full --text b/tall.bed | numcmp -k pos,track -c values:1e-5p b/tall.unsquashed.tsv
0   -   predict -q -m borzoi --average-strands -w e=b/tall0.pt,b/tall.json,b/tall.targets.txt -g b/tall.fa --regions --full --text b/tall.bed | numcmp -k pos,track -c values:1e-5p b/tall.average.tsv
0   -   predict -q -m borzoi --average-strands --unsquash -w e=b/tall0.pt,b/tall1.safetensors,b/tall.json,b/tall.targets.txt -g b/tall.fa --full --text b/tall.vcf >all.tsv && numcmp -k pos,id,track,allele -c values:1e-5p b/tall.all.tsv all.tsv
0   -   for k in ref avx2 avx2-direct avx512-direct; do PERTRACK_KERNELS=$k predict -q -m borzoi --average-strands --unsquash -w e=b/tall0.pt,b/tall1.safetensors,b/tall.json,b/tall.targets.txt -g b/tall.fa --full --text b/tall.vcf >k.tsv 2>k.err || { grep -q 'this processor has no' k.err && continue; exit 1; }; numcmp -k pos,id,track,allele -c values:1e-5p b/tall.all.tsv k.tsv || exit 1; done

# Tracks have the layers of their table, whichever strand they are of.
0   -   predict -q -m borzoi -w e=b/tall0.pt,b/tall.json,b/tall.targets.txt --list-tracks | awk -F '\t' 'NR > 1 { printf "%s%s:%s", (NR > 2 ? "," : ""), $1, $4 }' >found && printf 'T0+:tss_activity,T1-:tss_activity,T2:chromatin_accessibility,T3:chromatin_accessibility,T4:histone_marks,T5:tf_binding,T6+:gene_expression,T7+:gene_expression,T8-:gene_expression,T9-:gene_expression,T10:gene_expression' | cmp - found

# Other shapes: safetensors of 16 bits and Keras' HDF5 of the same, with crop and final convolution
# or without; more columns than a tile has.
0   -   predict -q -m borzoi -w e=b/short.safetensors,b/short.json -g b/short.fa --full --text b/short.vcf | numcmp -k pos,id,track,allele -c values:1e-5p b/short.human.tsv
0   -   predict -q -m borzoi -w e=b/short.h5 -g b/short.fa --full --text b/short.vcf | numcmp -k pos,id,track,allele -c values:1e-5p b/short.human.tsv
0   -   predict -q -m borzoi -w e=b/wide.safetensors,b/wide.json -g b/wide.fa --regions --full --text b/wide.bed | numcmp -k pos,track -c values:1e-5p b/wide.human.tsv
0   -   predict -q -m borzoi -w e=b/wide.h5 -g b/wide.fa --regions --full --text b/wide.bed | numcmp -k pos,track -c values:1e-5p b/wide.human.tsv

# Alternate alleles computed on the reference's are those of sequences that have them, bit for bit:
# on both strands, at the end of a pool's columns and over its border, through two replicates.
0   -   printf 'c\t799\t800\n' >site.bed && n=0 && while alt-genome b/tall.fa b/tall.vcf $((n + 1)) >alt.fa; do n=$((n + 1)); rm -f alt.fa.fai; predict -q -m borzoi --average-strands --unsquash -w e=b/tall0.pt,b/tall1.safetensors,b/tall.json,b/tall.targets.txt -g alt.fa --regions --full --text site.bed | grep -v '^#' | cut -f 4,9; done | sort >whole.tsv; grep -v '^#' all.tsv | awk -F '\t' '{ k = $3 "\t" $4 } !(k in seen) { seen[k]; next } { print $4 "\t" $9 }' | sort >changed.tsv && test $(wc -l <whole.tsv) = 44 && cmp whole.tsv changed.tsv

# What is written by default is those bins alone, the same numbers; and any number of threads.
0   -   predict -q -m borzoi --average-strands --unsquash -w e=b/tall0.pt,b/tall1.safetensors,b/tall.json,b/tall.targets.txt -g b/tall.fa --text b/tall.vcf | awk -F '\t' '/^#/ { next } NR == FNR { all[$3, $4, $5] = $9; next } { n = split(all[$3, $4, $5], w, ","); m = split($9, v, ","); for (i = 1; i <= m; i++) if (v[i] != w[$8 + i]) exit 1; fewer += m < n } END { exit !fewer }' all.tsv -
0   -   predict -q -m borzoi --average-strands --unsquash -w e=b/tall0.pt,b/tall1.safetensors,b/tall.json,b/tall.targets.txt -g b/tall.fa --full --text -@ 3 --window-threads 3 b/tall.vcf | grep -v '^##' >three && grep -v '^##' all.tsv | cmp - three

# What users get wrong.
1   -   err 'to average both strands' predict -q -m borzoi --average-strands -w e=b/tall0.pt,b/tall.json --list-tracks
1   -   err 'to undo the squashing' predict -q -m borzoi --unsquash -w e=b/tall0.pt,b/tall.json --list-tracks
1   -   cut -f 2-7,9 b/tall.targets.txt >no-pairs.txt && err 'column strand_pair' predict -q -m borzoi --average-strands -w e=b/tall0.pt,b/tall.json,no-pairs.txt --list-tracks
1   -   cut -f 1-5,7-9 b/tall.targets.txt >no-scale.txt && err 'their scales are needed' predict -q -m borzoi --unsquash -w e=b/tall0.pt,b/tall.json,no-scale.txt --list-tracks
1   -   sed 4d b/tall.targets.txt >cut.txt && err 'has the table been cut or sorted' predict -q -m borzoi -w e=b/tall0.pt,b/tall.json,cut.txt --list-tracks
1   -   err 'holds 11 tracks, but the model' predict -q -m borzoi --head mouse -w e=b/tall0.pt,b/tall.json,b/tall.targets.txt --list-tracks
1   -   err 'has no rat head' predict -q -m borzoi --head rat -w e=b/tall0.pt,b/tall.json --list-tracks
1   -   err "has no mouse head; a Keras file has one head without a name ('dense_" predict -q -m borzoi --head mouse -w e=b/short.h5 --list-tracks
1   -   err 'leave out --head to use it' predict -q -m borzoi --head mouse -w e=b/wide.h5 -g b/wide.fa --regions --text b/wide.bed
0   -   for h in short wide; do predict -q -m borzoi --head human -w e=b/$h.h5 --list-tracks >human && predict -q -m borzoi -w e=b/$h.h5 --list-tracks | cut -f 1-7 >one && cut -f 1-7 human | cmp one - || exit 1; done
1   -   echo '{"seq_length": 384, "bins_to_return": 60}' >both.json && err 'but the replicate before it' predict -q -m borzoi -w e=b/short.safetensors,b/wide.safetensors,both.json --list-tracks
1   -   err 'give a JSON file with the right seq_length' predict -q -m borzoi -w e=b/tall0.pt --input-length 1152 --list-tracks
1   -   echo '{"seq_length": 1000, "bins_to_return": 20}' >odd.json && err 'cannot be halved 7 times' predict -q -m borzoi -w e=b/tall0.pt,odd.json --list-tracks
1   -   head -c 40000 b/tall0.pt >half.pt && predict -q -m borzoi -w e=half.pt,b/tall.json --list-tracks
1   -   head -c 20000 b/tall1.safetensors >half.safetensors && predict -q -m borzoi -w e=half.safetensors,b/tall.json --list-tracks
