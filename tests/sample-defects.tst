# Defects that samplers of this kind have had, at the command line; those of the drawing itself are
# in unit/test_sampling_defects.c.
0 -  make-loci >loci.fa && ln -s $D/sample/* . && printf '>chr1\n%09000d\n' 0 | tr 0 N >n.fa

# A stage that lacks an input must not succeed, nor leave a file.
1 -  : j1_exit_0; err 'no.tsv: cannot open' sample-snps --recipe accessibility --contigs chr1 -n 20 --margin 500 -g loci.fa --dhs no.tsv -o x.vcf
1 -  : j1_exit_0; err 'no.bed: cannot open' sample-baselines --recipe baseline-29500 --contigs chr1 --margin 500 -g loci.fa --gtf genes.gtf --ccre no.bed -o x.vcf
1 -  : j1_empty_build; err 'none of 101 drawn positions' sample-snps --recipe classic -n 100 --margin 10 --contigs chr1 -g n.fa -o x.vcf
2 -  : j1_fall_through; err "has no stratum 'enhancer'" sample-snps --recipe unified --only enhancer -g loci.fa -o x.vcf
2 -  : j1_83; err 'there is no default' sample-snps -g loci.fa -o x.vcf
2 -  : j2_16; err 'needs --dhs FILE' sample-baselines --recipe baseline-34500 -g loci.fa --gtf genes.gtf --ccre ccre.bed -o x.vcf
1 -  : j2_23_assembly; awk '{ $3 += 90000; print }' OFS='\t' ccre.bed >long.bed; err 'is --genome the assembly of the elements' sample-snps --recipe ccre-anchored -n 5 --margin 10 -g loci.fa --ccre long.bed -o x.vcf
0 -  : j1_exit_0; test ! -e x.vcf

# Recipe, numbers per stratum, hashes of sites and inputs are in the file, also for --only.
0 -  : j1_124; sample-snps -q --recipe unified --only ccre --count ccre=50 --margin 1000 -g loci.fa --gtf genes.gtf --ccre ccre.bed -o p.vcf; for k in '"recipe":"unified"' '"stratum":"ccre"' '"n_requested":50' '"sites_sha256"' '"set_sha256"' '"genes_sha256"' '"margin":1000' '"rng":"mt19937-cpython/1"'; do grep '^##pertrack_prov' p.vcf | grep -qF "$k" || { echo "$k" >&2; exit 1; } || exit; done
# Every line has place, alleles, stratum and ordinal; sites_sha256 is of what is there.
0 -  : j1_stamps; test "$(grep -v '^#' p.vcf | cut -f 1,2,4,5 | sha256sum | cut -c 1-64)" = "$(grep -o 'sites_sha256":"[0-9a-f]*' p.vcf | cut -c 16-)"
0 -  : j1_stamps; test "$(grep -v '^#' p.vcf | sed 's/;ORD.*//; s/STRATUM=//' | awk '{ print $1 "|" $2 "|" $4 "|" $5 "|" $8 }' | LC_ALL=C sort -t '|' -k 1,1 -k 2,2n -k 3 | sha256sum | cut -c 1-64)" = "$(grep -o 'set_sha256":"[0-9a-f]*' p.vcf | cut -c 14-)"
0 -  : j1_stamps; grep -v '^#' p.vcf | awk -F 'ORD=' '$2 != NR - 1 { exit 1 }'
# Repeats and places by contig are told.
0 -  : j1_margins; err 'most often drawn: ' sample-snps -v --recipe unified -n 400 --margin 1000 -g loci.fa --gtf genes.gtf --ccre ccre.bed -o q.vcf
0 -  : j1_promoter_contigs; err 'kept per contig: chr1 ' sample-snps -v --recipe promoter -n 400 --margin 1000 -g loci.fa --gtf genes.gtf --ccre ccre.bed -o q.vcf
