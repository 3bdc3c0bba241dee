# A genome of 22 contigs without "chr", 2,000 to 4,100 bp, lower-case letters and N among them.
0 - awk 'BEGIN { for (c = 1; c <= 22; c++) { x = c; s = ""; for (i = 0; i < 1900 + 100 * c; i++) { x = (x * 1103 + 12345) % 65536; s = s substr("ACGTacgtNACGTACG", int(x / 4096) + 1, 1) } printf ">%d\n%s\n", c, s } }' > toy.fa

# Wrong usage.
0 - sample-baselines --help
2 - err 'there is no default' sample-baselines -g toy.fa
2 - err '  baseline-31500 ' sample-baselines -g toy.fa
2 - err "there is no recipe 'classic'" sample-baselines --recipe classic -g toy.fa
2 - err 'draw what needs no file: --only random' sample-baselines --recipe baseline-31500 -g toy.fa
2 - err 'needs --gtf FILE: the gene annotation of GENCODE' sample-baselines --recipe baseline-31500-ag --only tss -g toy.fa
2 - err "has no stratum 'gene_body'" sample-baselines --recipe baseline-29500 --only gene_body -g toy.fa
2 - err 'no genome given' sample-baselines --recipe baseline-31500 --only random
2 - err "unexpected argument 'toy.fa'" sample-baselines --recipe uniform toy.fa

# Wrong data.
1 - err 'no.fa' sample-baselines --recipe uniform -g no.fa
0 - : > empty.fa
1 - err 'is empty' sample-baselines --recipe uniform -g empty.fa
1 - err 'no contig is long enough for --margin 10000000' sample-baselines --recipe baseline-31500 --only random -g toy.fa

# The random stratum is the same in all baselines; N is not looked at; contigs in the order given.
0 sample-baselines.random sample-baselines --recipe baseline-31500 --only random -n 44 --margin 300 --no-provenance -g toy.fa
0 sample-baselines.random sample-baselines --recipe baseline-29500 --only random -n 44 --margin 300 --no-provenance -g toy.fa
0 sample-baselines.random sample-baselines --recipe baseline-34500 --only random -n 44 --margin 300 --no-provenance -g toy.fa
0 sample-baselines.random sample-baselines --recipe baseline-31500-ag --only random -n 44 --margin 300 --no-provenance -g toy.fa
0 - err 'left out 5 of 22 contigs' sample-baselines --recipe baseline-31500 --only random -n 44 --margin 1210 -g toy.fa
0 sample-baselines.contigs sample-baselines --recipe baseline-31500 --only random --contigs chr3,1 -n 5 --margin 300 --no-provenance -g toy.fa

# uniform: the positions of sample-snps.
0 - sample-baselines --recipe uniform -n 500 --seed 5 -g toy.fa | awk '!/^#/ { print $1, $3 }' > base.txt
0 - sample-snps --recipe uniform -n 500 --seed 5 -g toy.fa | awk '!/^#/ { print $1, $2 }' > snps.txt
0 - test $(wc -l < base.txt) = 500 && cmp base.txt snps.txt
0 - printf '1\t100\t200\n' > in.bed
0 - sample-baselines --recipe uniform -n 50 --within in.bed -g toy.fa | awk '!/^#/ && !($1 == 1 && $2 >= 100 && $3 <= 200 && $3 == $2 + 1) { exit 1 }'

# The same bytes twice; the metadata come first; output that cannot be written.
0 - sample-baselines --recipe baseline-31500 --only random --margin 300 -g toy.fa > a.bed
0 - sample-baselines --recipe baseline-31500 --only random --margin 300 -g toy.fa -o b.bed && cmp a.bed b.bed
0 - head -n 2 a.bed | grep -c '^##pertrack_' | grep -x 2
1 - err 'standard output: cannot write' sample-baselines --recipe uniform -n 50 -g toy.fa > /dev/full
1 - err 'no/such/x.bed' sample-baselines --recipe uniform -n 50 -g toy.fa -o no/such/x.bed
0 - closed sample-baselines --recipe uniform -n 30000 -g toy.fa -q
