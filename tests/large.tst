# SPDX-License-Identifier: MIT
# The large oracles in small sizes against their original code: make_large_reference.py ran it.

# Enformer: both heads, both spellings of the names, any number of threads.
0   -   predict -q -m enformer -w "e=$R/large/enformer.pt,$R/large/enformer.json" -g "$R/large/enformer.fa" --regions --full --text "$R/large/enformer.bed" >human.tsv
0   -   numcmp -k track -c values:1e-5p "$R/large/enformer.human.tsv" human.tsv
0   -   predict -q -m enformer --head mouse -w "e=$R/large/enformer.trunk.pt,$R/large/enformer.json" -g "$R/large/enformer.fa" --regions --full --text "$R/large/enformer.bed" | numcmp -k track -c values:1e-5p "$R/large/enformer.mouse.tsv"
0   -   predict -q -m enformer -w "e=$R/large/enformer.pt,$R/large/enformer.json" -g "$R/large/enformer.fa" --regions --full --no-provenance -@ 1 "$R/large/enformer.bed" >one
0   -   predict -q -m enformer -w "e=$R/large/enformer.pt,$R/large/enformer.json" -g "$R/large/enformer.fa" --regions --full --no-provenance -@ 3 --window-threads 3 "$R/large/enformer.bed" | cmp - one

# Other sizes: an odd number of tokens, one feature a family and a prefix before the names; stages
# whose channels are rounded; more tokens than a tile has.
0   -   for h in human mouse; do predict -q -m enformer --head $h -w "e=$R/large/deep.safetensors,$R/large/deep.json" -g "$R/large/deep.fa" --regions --full --text "$R/large/deep.bed" | numcmp -k pos,track -c values:1e-5p "$R/large/deep.$h.tsv" || exit 1; done
0   -   for h in human mouse; do predict -q -m enformer --head $h -w "e=$R/large/growth.safetensors,$R/large/growth.json" -g "$R/large/growth.fa" --full --text "$R/large/growth.vcf" | numcmp -k pos,id,track,allele -c values:1e-5p "$R/large/growth.$h.tsv" || exit 1; done
0   -   for h in human mouse; do predict -q -m enformer --head $h -w "e=$R/large/wide.safetensors,$R/large/wide.json" -g "$R/large/wide.fa" --regions --full --text "$R/large/wide.bed" | numcmp -k pos,track -c values:1e-5p "$R/large/wide.$h.tsv" || exit 1; done
0   -   for k in ref avx2 avx2-direct avx512-direct; do PERTRACK_KERNELS=$k predict -q -m enformer -w "e=$R/large/growth.safetensors,$R/large/growth.json" -g "$R/large/growth.fa" --full --text "$R/large/growth.vcf" >k.tsv 2>k.err || { grep -q 'this processor has no' k.err && continue; exit 1; }; numcmp -k pos,id,track,allele -c values:1e-5p "$R/large/growth.human.tsv" k.tsv || exit 1; done

# Channels of the stages: 18 to 36 in steps of 12, 15 to 30 in steps of 6, halves to even.
0   -   for m in growth deep; do predict --describe "$R/large/$m.safetensors" | awk -F '\t' '$2 ~ /stem\.0\.weight$|conv_tower\.[0-9]\.0\.2\.weight$/ { sub(/,.*/, "", $4); sub(/^module\./, "", $2); print $2, $4 }' | sort -k 1,1 | awk '{ printf "%s,", $2 }'; done >found && printf '24,24,24,36,18,12,18,24,24,30,15,' | cmp - found

# TensorFlow: the authors' own code wrote one SavedModel and predicted; the other is spelled as the
# published one.
0   -   for v in released published; do for h in human mouse; do predict -q -m enformer --head $h -w "e=$R/large/$v,$R/large/tensorflow.json" -g "$R/large/tensorflow.fa" --regions --full --text "$R/large/tensorflow.bed" | numcmp -k pos,track -c values:1e-5p "$R/large/tensorflow.$h.tsv" || exit 1; done; done
0   -   for v in released published; do predict --describe "$R/large/$v" | grep -q enformer || exit 1; done
1   -   err "has no head 'rat'" predict -q -m enformer --head rat -w "e=$R/large/published,$R/large/tensorflow.json" --list-tracks
1   -   cp -r "$R/large/released" cut && chmod -R u+w cut && head -c 60000 "$R/large/released/variables/variables.data-00000-of-00001" >cut/variables/variables.data-00000-of-00001 && predict -q -m enformer -w "e=cut,$R/large/tensorflow.json" --list-tracks

# Both strands, with tracks that are paired.
0   -   predict -q -m enformer --average-strands -w "e=$R/large/growth.safetensors,$R/large/growth.json,$R/large/growth.targets.txt" -g "$R/large/growth.fa" --full --text "$R/large/growth.vcf" | numcmp -k pos,id,track,allele -c values:1e-5p "$R/large/growth.average.tsv"

# Single bins are those of the whole prediction.
0   -   predict -q -m enformer -w "e=$R/large/enformer.pt,$R/large/enformer.json" -g "$R/large/enformer.fa" --regions --bins 3 --text "$R/large/enformer.bed" | grep -v '^#' >some.tsv
0   -   awk -F '\t' '/^#/ { next } NR == FNR { all[$4] = $9; next } { n = split(all[$4], w, ","); m = split($9, v, ","); for (i = 1; i <= m; i++) if (v[i] != w[$8 + i]) exit 1; k++ } END { exit k < 5 }' human.tsv some.tsv

# An alternate allele computed on the reference's is that of a sequence that has it.
0   -   printf '##fileformat=VCFv4.2\n##contig=<ID=c,length=256>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n' >v.vcf && awk 'NR == 2 { r = substr($0, 128, 1); print "c\t128\tv\t" r "\t" (r == "A" ? "C" : "A") "\t.\t.\t." }' "$R/large/enformer.fa" >>v.vcf
0   -   awk 'NR == 2 { r = substr($0, 128, 1); $0 = substr($0, 1, 127) (r == "A" ? "C" : "A") substr($0, 129) } { print }' "$R/large/enformer.fa" >alt.fa && cp "$R/large/enformer.fa.fai" alt.fa.fai
0   -   predict -q -m enformer -w "e=$R/large/enformer.pt,$R/large/enformer.json" -g "$R/large/enformer.fa" --full --text v.vcf | grep -v '^#' | awk 'NR % 2 == 0' | cut -f 4,9 >changed.tsv
0   -   predict -q -m enformer -w "e=$R/large/enformer.pt,$R/large/enformer.json" -g alt.fa --regions --full --text "$R/large/enformer.bed" | grep -v '^#' | cut -f 4,9 | cmp - changed.tsv

# What users get wrong.
1   -   predict -q -m enformer --head rat -w "e=$R/large/enformer.pt,$R/large/enformer.json" -g "$R/large/enformer.fa" --regions "$R/large/enformer.bed"
1   -   predict -q -m enformer -w "e=$R/large/enformer.pt" -g "$R/large/enformer.fa" --regions "$R/large/enformer.bed"
1   -   predict -q -m borzoi -w "e=$R/large/enformer.pt" -g "$R/large/enformer.fa" --regions "$R/large/enformer.bed"
