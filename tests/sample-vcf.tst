# needs: bcftools
# The genome of sample-snps.tst.
0 - awk 'BEGIN { for (c = 1; c <= 22; c++) { x = c; s = ""; for (i = 0; i < 1900 + 100 * c; i++) { x = (x * 1103 + 12345) % 65536; s = s substr("ACGTacgtNACGTACG", int(x / 4096) + 1, 1) } printf ">%d\n%s\n", c, s } }' > toy.fa

# Rejected draws come last, in the order of drawing.
0 - sample-snps --recipe classic -n 150 --margin 300 --no-provenance --emit-rejected -g toy.fa -q > all.vcf
0 sample-snps.rejected bcftools query -i 'FILTER="rejected"' -f '%CHROM %POS %REF %ALT %ORD %REJECT\n' all.vcf

# bcftools reads every type and keeps the metadata; REF agrees with the genome.
0 - for t in v z u b; do sample-snps --recipe classic -n 40 --margin 300 -g toy.fa -O $t | bcftools view --no-version > $t.vcf || exit 1; cmp $t.vcf v.vcf || exit 1; done
0 - sample-snps --recipe classic -n 40 --margin 300 -g toy.fa -O b > b.bcf
0 - bcftools view -i 'INFO/STRATUM="random"' b.bcf > kept.vcf && grep -q '^##pertrack_genome=' kept.vcf && grep -q '^##pertrack_prov=' kept.vcf
0 - test $(grep -vc '^#' kept.vcf) = $(grep -vc '^#' v.vcf)
0 - bcftools norm -f toy.fa -c e v.vcf > norm.vcf
0 - sample-snps --recipe classic -n 40 --margin 300 -g toy.fa -o x.vcf.gz && gzip -t x.vcf.gz && sample-snps --recipe classic -n 40 --margin 300 -g toy.fa -o x.bcf && bcftools view x.bcf > x.vcf
