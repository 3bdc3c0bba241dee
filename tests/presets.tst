# SPDX-License-Identifier: MIT
# --preset of the large oracles: published populations, their order, the bins drawn, and for each a
# pair of pipes that makes a background.  Those of the small oracles: registry.tst.

0   -   make-loci >loci.fa && cp $D/sample/genes.gtf $D/sample/ccre.bed . && printf '#!/bin/sh\ntool=$1; shift; sample-$tool "$@" --margin 1000 -g loci.fa --gtf genes.gtf --ccre ccre.bed --no-provenance\n' >draw && chmod +x draw

# 18,000 SNPs at genes and cCREs for all three; of Sei in an order of its own.
0   -   for p in enformer borzoi sei; do err '18000 requested' ./draw snps --preset $p >$p.vcf || exit 1; done; ./draw snps --recipe unified -q >unified.vcf && cmp unified.vcf enformer.vcf && cmp unified.vcf borzoi.vcf && test $(grep -vc '^#' borzoi.vcf) = 16867
0   -   ./draw snps --recipe unified --shuffle -q | cmp - sei.vcf && ! cmp -s sei.vcf unified.vcf && for f in sei unified; do grep -v '^#' $f.vcf | cut -f 1-5 | sort >$f.sorted; done; cmp sei.sorted unified.sorted
# 31,500 regions, of Sei 29,500: no gene bodies.
0   -   for p in enformer borzoi; do err '31500 requested' ./draw baselines --preset $p --contigs chr1,chr2,chr3 >$p.bed && ./draw baselines -q --recipe baseline-31500 --contigs chr1,chr2,chr3 | cmp - $p.bed || exit 1; done; cut -f 4 borzoi.bed | grep -q gene_body
0   -   err '29500 requested' ./draw baselines --preset sei --contigs chr1,chr2,chr3 >sei.bed && ./draw baselines -q --recipe baseline-29500 --contigs chr1,chr2,chr3 | cmp - sei.bed && ! cut -f 4 sei.bed | grep -q gene_body
2   -   err 'known are bpnet, borzoi, cherimoya, chrombpnet, enformer, epinformerseq, legnet, multimolecule, sei' predict --preset elk -w a=b r.bed
2   -   err '--preset borzoi is of another oracle than --oracle enformer' predict --preset borzoi -m enformer -w a=b r.bed
2   -   err 'leave out --recipe' sample-snps --preset borzoi --recipe classic -g loci.fa

# A background by presets alone: the small networks of the tests, 40 SNPs and 40 regions.
0   -   printf '#!/bin/sh\np=$1 w=$2; shift 2; ./draw snps -q --preset $p | head -n 60 | predict -q --preset $p -w $w -g loci.fa "$@" | score-effect -q | reservoir -q -o $p.effect && ./draw baselines -q --preset $p --contigs chr1,chr2,chr3 | head -n 60 | predict -q --preset $p -w $w -g loci.fa "$@" | score-effect -q | reservoir -q -o $p.baseline && cdf-pack -q --width 40 -o $p.npz $p.effect $p.baseline\n' >build && chmod +x build
0   -   ./build enformer "e=$R/large/enformer.pt,$R/large/enformer.json" && cdf-lookup -b enformer.npz --list | grep -q '^enformer/0.chromatin_accessibility.no' && cdf-lookup -b enformer.npz --status | grep -qx 'decisions.centre left, window-bins odd'
0   -   cdf-lookup -b enformer.npz --list | awk -F '\t' '!/^#/ { bins += $6; regions += $5 } END { exit !bins || bins != 10 * regions }'
0   -   mkdir m && cp "$R/sei/projvec_targets.npy" "$R/sei/histone_inds.npy" m && cp "$R/sei/sei.npz" m/sei.pth && ./build sei s=m --input-length 128 && cdf-lookup -b sei.npz --list | awk -F '\t' '!/^#/ { n++; c += $2 == "regulatory_classification" && $3 == "yes"; if ($5 == 0 || $6 + 0 != 0) exit 1 } END { exit n != 29 || c != 6 }'
0   -   cdf-lookup -b sei.npz --status | grep -qx 'decisions.centre left, sei-effect layer, strands both'
# As published: the forward strand, and differences of all tracks.
0   -   sed 's/score-effect -q/& --compat chorus/g; s/predict -q/& --compat chorus/g' build >published && sh published sei s=m --input-length 128 && cdf-lookup -b sei.npz --list | awk -F '\t' '!/^#/ && ($2 != "regulatory_classification" || $3 != "yes") { exit 1 }' && cdf-lookup -b sei.npz --status | grep -qx 'decisions.centre left, sei-effect difference, strands forward'
