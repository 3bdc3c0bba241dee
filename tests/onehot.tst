# onehot: sites and sequences to one-hot records.  tiny.fa has contigs of 70, 40 and 30 bases.
0 - cp $D/genome/tiny.fa .

# Table, array and records of the same sites; every form of input gives the same.
0 onehot.sites onehot -q --no-provenance -g tiny.fa -L 10 --text $D/genome/sites.vcf
0 onehot.sites onehot -q --no-provenance -g tiny.fa -L 10 --text $D/genome/sites.vcf.gz
0 onehot.sites onehot -q --no-provenance -g tiny.fa -L 10 --text $D/genome/sites.bcf
0 onehot.sites onehot -q --no-provenance -g tiny.fa -L 10 --text - < $D/genome/sites.bcf
0 onehot.sites cat $D/genome/sites.vcf | onehot -q --no-provenance -g tiny.fa -L 10 --text
0 onehot.sites sed 's/$/\r/' $D/genome/sites.vcf | onehot -q --no-provenance -g tiny.fa -L 10 --text
0 onehot.regions onehot --no-provenance -g tiny.fa -L 10 --max-n 1 --text $D/genome/regions.bed
0 onehot.regions sed 's/$/\r/' $D/genome/regions.bed | onehot --no-provenance -g tiny.fa -L 10 --max-n 1 --text
0 onehot.reverse onehot --no-provenance -g tiny.fa -L 10 --reverse-complement --text $D/genome/regions.bed
0 onehot.header onehot -q -g tiny.fa -L 10 $D/genome/sites.bcf | head -c 8 | od -An -c
0 - onehot -q -g tiny.fa -L 10 -o a.1h $D/genome/sites.bcf && onehot -q -g tiny.fa -L 10 < $D/genome/sites.bcf > b.1h && cmp a.1h b.1h

# Sequences.
0 onehot.gattaca printf 'GATTACAN\n' | onehot --no-provenance --text --order AGCT --n-value 0.25
0 onehot.fasta printf '>a x\r\nAC\r\n\r\ngt\r\n>b\r\nR\r\n' | onehot --no-provenance --text
0 onehot.npy printf 'ACGTN\nGATTA\n' | onehot --npy -o x.npy && od -An -v -t x1 x.npy
0 onehot.npy printf 'ACGTN\nGATTA\n' | onehot --npy > y.npy && od -An -v -t x1 y.npy
0 onehot.npyf printf 'NA\n' | onehot --npy --n-value 0.25 -o x.npy && od -An -v -j 128 -t f4 x.npy
1 - printf 'ACG\nAC\n' | err "sequence 'seq2' has 2 letters, those before it 3" onehot > x
1 - printf '>a\n>b\nA\n' | err "sequence 'a' has no letters" onehot --text
1 - printf '>a\nAC\nAEC\n' | err ":3: 'E' in column 2 is not a letter of DNA" onehot --text
1 - printf 'ACU\n' | err 'tr Uu Tt' onehot --text
1 - printf '@r\nAC\n' | err 'looks like FASTQ' onehot --text
1 - printf '\n\n' | err 'holds no sequences' onehot --text
1 - err 'is empty; expected FASTA' onehot --text
1 - err 'give the genome with --genome' onehot --text $D/genome/sites.vcf
1 - err 'give the genome with --genome' onehot --text $D/genome/regions.bed
1 - err 'is a binary file' onehot --text a.1h

# What is left out is counted, and --strict refuses it.
0 - err 'left out 4 of 10 alternate alleles: 1 symbolic ALT (first: ' onehot -g tiny.fa -L 10 --text $D/genome/sites.vcf
0 - err 'sites.bcf: record 4: chr1:30 ALT <DEL>)' onehot -g tiny.fa -L 10 --text $D/genome/sites.bcf
0 - printf 'chr1\t20\t21\nchr2\t9\t10\n' | err 'left out 1 of 2 sites: 1 too many N in the window (first: standard input:2: chr2:10)' onehot -g tiny.fa -L 10 --text
1 - err 'sites.vcf:16: chr1:30 ALT <DEL>: symbolic ALT (--strict)' onehot --strict -g tiny.fa -L 10 --text $D/genome/sites.vcf
1 - printf 'chr1\t3\t4\n' | err 'none of its 1 sites could be encoded' onehot -g tiny.fa -L 10 --text
1 - printf '# nothing\n' | err 'none of its 0 sites could be encoded' onehot -g tiny.fa -L 10 --text
1 - printf '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\nchr1\t21\t.\tT\tA\n' | err '1 REF differs from the genome (first: standard input:3: chr1:21 REF T, genome G)' onehot -g tiny.fa -L 10 --text

# Contig names.
0 - printf '1\t20\t21\nMT\t9\t10\n' | err "contig names: '1' taken as 'chr1' (1 name), 'MT' taken as 'chrM' (1 name)" onehot -g tiny.fa -L 10 --text
1 - printf 'chr1\t20\t21\nchr9\t9\t10\n' | err "standard input:2: contig 'chr9' of standard input is not in tiny.fa; tiny.fa has chr1, chr2, chrM; standard input has chr1, chr9; --skip-contigs" onehot -g tiny.fa -L 10 --text
0 - printf 'chr1\t20\t21\nchr9\t9\t10\n' | err 'left out 1 of 2 sites: 1 contig not in the genome (first: standard input:2: chr9)' onehot --skip-contigs -g tiny.fa -L 10 --text
1 - printf '##fileformat=VCFv4.2\n##contig=<ID=1,length=249250621>\n#CHROM\tPOS\tID\tREF\tALT\n' | err '1 is 249250621 bp in the VCF header (hg19?) but 70 in tiny.fa' onehot -g tiny.fa -L 10 --text
1 - printf '##pertrack_genome={"length":5,"n_contigs":1}\nchr1\t20\t21\n' | err 'made for another genome' onehot -g tiny.fa -L 10 --text

# Input that is broken.
1 - err 'standard input: is empty; expected VCF, BCF or BED' onehot -g tiny.fa
1 - err 'none.vcf: cannot open: No such file' onehot -g tiny.fa none.vcf
1 - err 'is a binary stream already' onehot -g tiny.fa a.1h
1 - err 'is FASTA' onehot -g tiny.fa tiny.fa
1 - head -c 400 $D/genome/sites.vcf.gz | err 'cut short' onehot -g tiny.fa -L 10 -o never.1h
1 - head -c 500 $D/genome/sites.vcf.gz | err 'without the end mark of bgzip' onehot -g tiny.fa -L 10 -o never.1h
1 - head -c 400 $D/genome/sites.bcf | err 'cut short' onehot -g tiny.fa -L 10 -o never.1h
1 - test -e never.1h
1 - printf 'chr1 20 21\n' | err 'standard input:1: columns are separated by spaces' onehot -g tiny.fa
1 - err 'cannot open' onehot -g none.fa $D/genome/sites.vcf
0 - gzip -c tiny.fa > gz.fa.gz
1 - err 'recompress with bgzip' onehot -g gz.fa.gz $D/genome/sites.vcf

# Output that cannot be written, and a reader that leaves.
1 - err 'cannot write' onehot -q -g tiny.fa -L 10 $D/genome/sites.vcf > /dev/full
1 - err 'cannot write' onehot -q -g tiny.fa -L 10 --text $D/genome/sites.vcf > /dev/full
1 - err 'cannot create' onehot -q -g tiny.fa -L 10 -o none/x.1h $D/genome/sites.vcf
0 - closed onehot -q -g tiny.fa -L 10 $D/genome/sites.vcf
0 - closed onehot -q -g tiny.fa -L 10 --text $D/genome/sites.vcf

# Wrong usage.
2 - err '--text and --npy are two forms' onehot --text --npy tiny.fa

2 - printf 'A\n' | err 'cannot be written to a pipe or appended' onehot --npy >> x.npy
2 - err '--length must be even, got 11' onehot -g tiny.fa -L 11
2 - err '--length must be a whole number from 2 to' onehot -g tiny.fa -L 10x
2 - err 'are for sites' onehot -L 10 tiny.fa
2 - err '--n-value must be 0 or 0.25, got 0.1' onehot --n-value 0.1 tiny.fa
2 - err "channel order 'ACGG' is not an order of the four letters ACGT" onehot --order ACGG tiny.fa
2 - err 'one INPUT at a time' onehot a b
