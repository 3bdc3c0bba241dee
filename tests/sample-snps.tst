# A genome of 22 contigs without "chr", 2,000 to 4,100 bp, lower-case letters and N among them.
0 - awk 'BEGIN { for (c = 1; c <= 22; c++) { x = c; s = ""; for (i = 0; i < 1900 + 100 * c; i++) { x = (x * 1103 + 12345) % 65536; s = s substr("ACGTacgtNACGTACG", int(x / 4096) + 1, 1) } printf ">%d\n%s\n", c, s } }' > toy.fa

# Wrong usage.
0 - sample-snps --help
2 - err 'there is no default' sample-snps -g toy.fa
2 - err '  classic ' sample-snps -g toy.fa
2 - err "there is no recipe 'clasic'" sample-snps --recipe clasic -g toy.fa
2 - err 'recipe unified needs --gtf FILE' sample-snps --recipe unified -g toy.fa
2 - err 'recipe accessibility needs --dhs FILE' sample-snps --recipe accessibility -g toy.fa
2 - err 'recipe promoter needs --gtf FILE' sample-snps --recipe promoter -g toy.fa
2 - err 'give one with -n' sample-snps --recipe ccre-anchored -g toy.fa
2 - err "has no stratum 'dhs'; it has random" sample-snps --recipe classic --only dhs -g toy.fa
2 - err 'no genome given' sample-snps --recipe classic
2 - err 'must be v, z, u or b' sample-snps --recipe classic -g toy.fa -O x
2 - err '--within does not go with recipe classic' sample-snps --recipe classic --within x.bed -g toy.fa
2 - err '--margin and --max-pos do not go' sample-snps --recipe uniform --margin 5 -g toy.fa
2 - err 'exclude each other' sample-snps --recipe uniform --within x.bed --contigs 1 -g toy.fa
2 - err 'leaves no room' sample-snps --recipe classic --max-pos 100 --margin 200 -g toy.fa
2 - err '--number must be' sample-snps --recipe classic -n 0 -g toy.fa
2 - err "unexpected argument 'toy.fa'" sample-snps --recipe classic toy.fa

# Wrong data.
1 - err 'no.fa' sample-snps --recipe classic -g no.fa
0 - : > empty.fa
1 - err 'is empty' sample-snps --recipe classic -g empty.fa
1 - err 'no contig is long enough for --margin 5000000' sample-snps --recipe classic -g toy.fa
1 - err "contig 'chrZ' of --contigs is not in toy.fa" sample-snps --recipe classic --contigs 1,chrZ -g toy.fa
1 - err "'chr1' is given twice" sample-snps --recipe classic --contigs 1,chr1 -g toy.fa
1 - err 'has an empty name' sample-snps --recipe classic --contigs 1,,2 -g toy.fa
1 - err 'too many for' sample-snps --recipe uniform -n 1G -g toy.fa
0 - printf '>chr1\n%0500d\n' 0 | tr 0 N > n.fa
1 - err 'none of 101 drawn positions' sample-snps --recipe classic -n 100 --margin 10 --contigs 1 -g n.fa -o none.vcf
1 - err 'nearly all others are not A, C, G or T' sample-snps --recipe uniform -n 10 -g n.fa
0 - test ! -e none.vcf

# The classic recipe; names without "chr" are resolved; the numbers are CPython's.
0 sample-snps.classic sample-snps --recipe classic -n 40 --margin 300 --no-provenance -g toy.fa
0 sample-snps.classic sample-snps --recipe classic -n 40 --margin 300 --no-provenance -g toy.fa --only random
0 - err "'chr1' taken as '1' (22 names)" sample-snps --recipe classic -n 40 --margin 300 -g toy.fa
0 - err 'base is not A, C, G or T (first: ' sample-snps --recipe classic -n 40 --margin 300 -g toy.fa
0 - err 'random: 395 kept of 418 positions drawn, 400 requested, 393 distinct' sample-snps --recipe classic -n 400 --margin 300 -g toy.fa
0 - err 'left out 5 of 22 contigs: 5 too short for --margin' sample-snps --recipe classic -n 100 --margin 1210 -g toy.fa

# The same bytes twice; a file and standard output alike.
0 - sample-snps --recipe classic -n 400 --margin 300 -g toy.fa > a.vcf
0 - sample-snps --recipe classic -n 400 --margin 300 -g toy.fa -o b.vcf && cmp a.vcf b.vcf
0 - sample-snps --recipe classic -n 400 --margin 300 -g toy.fa -o a.bcf && cp a.bcf c.bcf && sample-snps --recipe classic -n 400 --margin 300 -g toy.fa -o a.bcf && cmp a.bcf c.bcf
1 - grep -i date a.vcf

# uniform: exactly n, inside the intervals.
0 - printf '1\t100\t200\nchr2\t0\t50\n2\t40\t90\n' > in.bed
0 sample-snps.uniform sample-snps --recipe uniform -n 12 --within in.bed --no-provenance -g toy.fa
0 - sample-snps --recipe uniform -n 90 --within in.bed -g toy.fa | awk '!/^#/ && !($1 == 1 && $2 > 100 && $2 <= 200 || $1 == 2 && $2 <= 90) { exit 1 }'
0 - sample-snps --recipe uniform -n 95 --within in.bed -g toy.fa -o u.vcf && test $(grep -vc '^#' u.vcf) = 95
0 - sample-snps --recipe uniform -n 95 --within - -g toy.fa -o v.vcf < in.bed && cmp u.vcf v.vcf
1 - err 'too many for 190 bases' sample-snps --recipe uniform -n 96 --within in.bed -g toy.fa
0 - printf '1\t100\t20000\n' > long.bed
1 - err 'long.bed:1: interval ends at 20000, but 1 has 2000 bp' sample-snps --recipe uniform -n 9 --within long.bed -g toy.fa
0 - printf 'chrQ\t100\t200\n' > alien.bed
1 - err "contig 'chrQ' of alien.bed is not in toy.fa" sample-snps --recipe uniform -n 9 --within alien.bed -g toy.fa
1 - err 'is VCF; expected BED' sample-snps --recipe uniform -n 9 --within a.vcf -g toy.fa
1 - err 'no.bed' sample-snps --recipe uniform -n 9 --within no.bed -g toy.fa
0 - printf '#nothing\n' > none.bed
1 - err 'no bases to draw from' sample-snps --recipe uniform -n 9 --within none.bed -g toy.fa
1 - err 'is empty' sample-snps --recipe uniform -n 9 --within empty.fa -g toy.fa

# Output that cannot be written.
1 - err 'standard output: cannot write' sample-snps --recipe classic -n 40 --margin 300 -g toy.fa > /dev/full
1 - err 'standard output: cannot write' sample-snps --recipe classic -n 40 --margin 300 -g toy.fa -O b > /dev/full
1 - err 'cannot write' sample-snps --recipe classic -n 40 --margin 300 -g toy.fa -o /dev/full
1 - err 'no/such/x.vcf' sample-snps --recipe classic -n 40 --margin 300 -g toy.fa -o no/such/x.vcf
0 - closed sample-snps --recipe uniform -n 30000 -g toy.fa -q
