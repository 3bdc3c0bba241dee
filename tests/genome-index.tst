# An index that is not of its FASTA file is seen wherever sequence is read.  STATUS  EXPECTED  command; see run.sh
# needs: bgzip
0 -  make-genome >g.fa && printf 'chr2\t300\t301\n' >r.bed && printf '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr2\t300\t.\tN\tA\t.\t.\t.\n' >v.vcf
0 -  onehot -q --no-provenance -g g.fa -L 20 --text r.bed | grep -v '^##' >right && test "$(wc -l <right)" = 21

# A contig line that has become longer, with the old index, older or newer than the file.
0 -  sed 's/^>chr2$/>chr2 version 2 with TTTTGGGG/' g.fa >stale.fa && cp g.fa.fai stale.fa.fai && touch -d '2020-01-01' g.fa.fai
1 -  err "stale.fa: is not the file that its index stale.fa.fai was made of: the bases of 'chr2' are to begin" onehot -q -g stale.fa -L 20 --text r.bed
1 -  err "stale.fa.fai, it is made anew" onehot -q -g stale.fa -L 20 --text v.vcf
1 -  err "the bases of 'chr2'" sample-snps -q -g stale.fa --recipe uniform -n 9 --contigs chr2
1 -  err "the bases of 'chr2'" sample-baselines -q -g stale.fa --recipe baseline-31500 --only random -n 9 --margin 0 --contigs chr2
1 -  touch -d '2020-01-01' stale.fa.fai; err "the bases of 'chr2'" onehot -q -g stale.fa -L 20 --text r.bed
0 -  printf 'chr1\t300\t301\n' | onehot -q -g g.fa -L 20 --text >a; cp g.fa.fai stale.fa.fai; touch stale.fa.fai; printf 'chr1\t300\t301\n' | onehot -q -g stale.fa -L 20 --text >b; grep -v '^##' a >a1; grep -v '^##' b | cmp - a1
0 -  rm stale.fa.fai && onehot -q -g stale.fa -L 20 --text r.bed | grep -v '^##' | cmp - right

# A file newer than an index that fits it: a warning, and the right bases.
0 -  touch g.fa && err 'onehot: warning: g.fa: is newer than its index g.fa.fai; its 2 contigs begin and end where that says' onehot -g g.fa -L 20 --text r.bed >c && grep -v '^##' c | cmp - right
0 -  err 'sample-snps: warning: g.fa: is newer' sample-snps -g g.fa --recipe uniform -n 9 --contigs chr2
0 -  touch g.fa.fai && onehot -g g.fa -L 20 --text r.bed 2>log | grep -v '^##' | cmp - right && ! test -s log

# CRLF in the index or the file; other widths; the whole contig in a line.
0 -  cp g.fa crlf.fa && sed 's/$/\r/' g.fa.fai >crlf.fa.fai && onehot -g crlf.fa -L 20 --text r.bed | grep -v '^##' | cmp - right
0 -  sed 's/$/\r/' g.fa >dos.fa && onehot -g dos.fa -L 20 --text r.bed | grep -v '^##' | cmp - right
0 -  awk '/^>/ { print (NR > 1 ? "\n" : "") $0; next } { printf "%s", $0 }' g.fa >line.fa && onehot -g line.fa -L 20 --text r.bed | grep -v '^##' | cmp - right

# Lines that differ from the index between a right begin and a right end.
1 -  awk '/^>chr2/ { two = 1 } two && /^[acgt]/ && ++n == 3 { print substr($0, 1, 59); x = substr($0, 60); next } n == 4 && x { print x $0; x = ""; next } { print }' g.fa >ragged.fa; cp g.fa.fai ragged.fa.fai; err 'no line ends at chr2:180' onehot -g ragged.fa -L 300 --text r.bed

# Letters that are no bases, where they are asked for.
1 -  awk '/^>chr2/ { two = 1 } two && /^[acgt]/ && ++n == 6 { sub(/^./, "U") } { print }' g.fa >rna.fa; err "rna.fa: 'U', which is no base, at chr2:301; the file is damaged" onehot -g rna.fa -L 20 --text r.bed
0 -  printf 'chr2\t400\t401\n' | onehot -q -g rna.fa -L 20 --text >a
1 -  sed 's/t/u/g' g.fa >u.fa; err "'u', which is no base, at chr2:" sample-snps -q -g u.fa --recipe uniform -n 30 --contigs chr2

# bgzip: an old .fai, an old .gzi.
0 -  bgzip -c g.fa >p.fa.gz && onehot -q -g p.fa.gz -L 20 --text r.bed | grep -v '^##' | cmp - right
1 -  bgzip -c stale.fa >s.fa.gz; cp p.fa.gz.fai s.fa.gz.fai; cp p.fa.gz.gzi s.fa.gz.gzi; err "s.fa.gz.fai and s.fa.gz.gzi, they are made anew" onehot -q -g s.fa.gz -L 20 --text r.bed
1 -  head -c 5 p.fa.gz.gzi >s.fa.gz.gzi; err 's.fa.gz.gzi: is not the index of a bgzip file, or not complete' onehot -q -g s.fa.gz -L 20 --text r.bed
