# predict on small random networks: 200 bp in, 60 positions out.
0 - make-genome > g.fa && cp $D/predict/variants.vcf v.vcf
0 - mkweights chrombpnet_nobias acc.h5 --filters 8 --layers 2 --input 200 --output 60
0 - mkweights bpnet_chip chip.h5 --filters 20 --layers 2 --input 200 --output 60
0 - printf 'chr1\t200\t400\tpeak\nchr1\t500\t501\trandom\nchr2\t100\t301\trandom\n' > r.bed
0 predict.variants predict -q --no-provenance -m chrombpnet -w ATAC:a=acc.h5 -g g.fa --text --full v.vcf | grep -v '^##' | cut -f 1-6
0 predict.regions predict --no-provenance -m bpnet -w X=chip.h5 -g g.fa --text --bins 3 r.bed | grep -v '^##' | cut -f 1-6,8

# The same records whatever the threads, the batch and the form of the input.
0 - predict -q -m bpnet -w X=chip.h5 -g g.fa -@ 1 -o a.pred v.vcf
0 - predict -q -m bpnet -w X=chip.h5 -g g.fa -@ 3 --batch 2 v.vcf | cmp - a.pred
0 - predict -q -m bpnet -w X=chip.h5 -g g.fa -@ 6 --window-threads 3 v.vcf | cmp - a.pred
0 - predict -q -m bpnet -w X=chip.h5 -g g.fa --batch 100 < v.vcf | cmp - a.pred
0 - sed 's/$/\r/' v.vcf | predict -q -m bpnet -w X=chip.h5 -g g.fa | cmp - a.pred
0 - gzip -c v.vcf > v.vcf.gz && predict -q -m bpnet -w X=chip.h5 -g g.fa v.vcf.gz | cmp - a.pred
# ALTs of one site share its reference pass: split into records of one ALT they score the same.
0 - grep -v mixed v.vcf > one.vcf && grep -v mixed v.vcf | awk -F'\t' -v OFS='\t' '/^#/{print;next}{n=split($5,a,",");for(i=1;i<=n;i++){$5=a[i];print}}' > split.vcf
0 - predict -q -m bpnet -w X=chip.h5 -g g.fa --text --raw one.vcf | grep -v '^#' | sort -u > one.txt; predict -q -m bpnet -w X=chip.h5 -g g.fa --text --raw split.vcf | grep -v '^#' | sort -u | cmp - one.txt
# So do records whose windows are one sequence, in one batch or in many.
0 - predict -q -m bpnet -w X=chip.h5 -g g.fa --batch 1 -o s1.pred split.vcf && predict -q -m bpnet -w X=chip.h5 -g g.fa --batch 50 -@ 1 split.vcf | cmp - s1.pred
0 - awk -F'\t' -v OFS='\t' '!/^#/ {for (i = 0; i < 30; i++) print} /^#/' split.vcf > many.vcf; predict -q -m bpnet -w X=chip.h5 -w Y=chip.h5 -g g.fa -@ 2 --text many.vcf | grep -v '^#' | sort -u > n; predict -q -m bpnet -w X=chip.h5 -w Y=chip.h5 -g g.fa --text split.vcf | grep -v '^#' | sort -u | cmp - n

# An alternate allele is what its own window as a region of another genome would be.
0 - predict -q -m chrombpnet -w a=acc.h5 -g g.fa --text --raw --full v.vcf | awk -F'\t' '$3=="snv" && $5=="A"' | cut -f 7- > alt.txt
0 - awk 'NR>1 && !/^>/ && c==0 {s=s $0} /^>chr2/{c=1} END{print ">chr1"; print substr(s,1,299) "A" substr(s,301)}' g.fa > changed.fa
0 - printf 'chr1\t299\t300\n' | predict -q -m chrombpnet -w a=acc.h5 -g changed.fa --text --raw --full | grep -v '^#' | cut -f 7- | cmp - alt.txt
# A deletion, likewise: two bases gone behind the anchor.
0 - predict -q -m chrombpnet -w a=acc.h5 -g g.fa --text --raw --full v.vcf | awk -F'\t' '$3=="del" && $5=="G"' | cut -f 7- > alt.txt
0 - awk 'NR>1 && !/^>/ && c==0 {s=s $0} /^>chr2/{c=1} END{print ">chr1"; print substr(s,1,320) substr(s,323)}' g.fa > deleted.fa
0 - printf 'chr1\t319\t320\n' | predict -q -m chrombpnet -w a=acc.h5 -g deleted.fa --text --raw --full | grep -v '^#' | cut -f 7- | cmp - alt.txt

# Ready one-hot records instead of sites.
0 - grep -v -e wrong -e edge -e mixed v.vcf > ok.vcf; onehot -q --no-provenance -g g.fa -L 200 ok.vcf | predict -q -m bpnet -w X=chip.h5 --text | grep -v '^##' > x.txt
0 - predict -q -m bpnet -w X=chip.h5 -g g.fa --text ok.vcf | grep -v '^##' | cmp - x.txt
1 - onehot -q -g g.fa -L 100 ok.vcf | err 'use onehot --length 200' predict -m bpnet -w X=chip.h5
1 - onehot -q -g g.fa -L 200 --reverse-complement ok.vcf | err 'reverse complement' predict -m bpnet -w X=chip.h5

# Shards are disjoint and complete.
0 - for i in 1 2 3; do predict -q --no-provenance -m bpnet -w X=chip.h5 -g g.fa --text --shard $i/3 v.vcf; done | grep -v '^#' | sort > shards.txt
0 - predict -q -m bpnet -w X=chip.h5 -g g.fa --text v.vcf | grep -v '^#' | sort | cmp - shards.txt

# Kernel sets agree within rounding, and a set that does not exist is refused.
0 - PERTRACK_KERNELS=ref predict -q -m bpnet -w X=chip.h5 -g g.fa --text --raw v.vcf > ref.txt; predict -q -m bpnet -w X=chip.h5 -g g.fa --text --raw v.vcf | numcmp -k chrom,pos,id,track,allele,strand,first_bin -c log_count:1e-5 -c values:1e-5 ref.txt -
1 - PERTRACK_KERNELS=fast err 'known are ref, blas, avx2, avx512, avx2-direct' predict -m bpnet -w X=chip.h5 -g g.fa v.vcf
# OpenBLAS that takes the processor for a slower one is told better, or refused.
0 - PERTRACK_KERNELS=blas predict -v -m bpnet -w X=chip.h5 -g g.fa --text v.vcf 2> why > x || grep -q 'no BLAS library' why; ! grep -iq 'OpenBLAS \(Prescott\|Nehalem\|Sandybridge\)' why || ! grep -q avx2 /proc/cpuinfo
0 - OPENBLAS_CORETYPE=Prescott PERTRACK_KERNELS=blas predict -v -m bpnet -w X=chip.h5 -g g.fa --text v.vcf 2> why > x; status=$?; if grep -q 'OpenBLAS' why && grep -q avx2 /proc/cpuinfo; then test $status = 1 && grep -q 'takes this processor for a .Prescott.' why || grep -q 'kernels: blas (OpenBLAS [^P]' why; fi
0 - err 'kernels: ref' env PERTRACK_KERNELS=ref predict -v -m bpnet -w X=chip.h5 -g g.fa --text v.vcf > x

# Track tables.
0 - printf 'id\tweights\tassay\tbiosample\tlayer\nA\tchip.h5\tCHIP\tK562\t\n# a comment\nB\tchip.h5\t\tHepG2\thistone_marks\n' > t.tsv
1 - printf 'id\tweights\tassay\nA\tchip.h5\tMAGIC\n' > t4.tsv; err "no layer is known for assay 'MAGIC'" predict -m bpnet -t t4.tsv --list-tracks
0 - printf 'id\tweights\tassay\nCHIP:K562:H3K27ac\tchip.h5\tCHIP\n' > t5.tsv; predict -m bpnet -t t5.tsv --list-tracks | grep -q histone_marks
0 predict.tracks predict -m bpnet -t t.tsv -w C=chip.h5 --list-tracks | cut -f 1-7
1 - printf 'id\tfile\nA\tchip.h5\n' > t2.tsv; err "t2.tsv:1: the first line must name the columns, 'id' and 'weights'" predict -m bpnet -t t2.tsv --list-tracks
1 - printf 'id\tweights\nA\n' > t3.tsv; err 't3.tsv:2: 1 columns, expected the 2' predict -m bpnet -t t3.tsv --list-tracks
1 - err "A" predict -m bpnet -w A=chip.h5 -w A=chip.h5 --list-tracks
1 - mkweights bpnet_chip wide.h5 --filters 4 --layers 1 --input 300 --output 60 && err 'reads 300 bp' predict -m bpnet -w A=chip.h5 -w B=wide.h5 --list-tracks
0 - predict -m chrombpnet -w A=acc.h5 --describe | grep -q 'ChromBPNet without bias'
0 - predict --describe acc.h5 > d.txt && grep -q '^oracle.chrombpnet$' d.txt && grep -q '^multiply-adds' d.txt && grep -q '^tensor.wo_bias_bpnet_1conv/wo_bias_bpnet_1conv/kernel:0.float32.3,' d.txt
0 - predict --describe "$R/weights/small.safetensors" | grep -q '^oracle.not recognised$'
1 - err 'not a weight file' predict --describe g.fa
2 - predict --describe

# What is left out is counted.
0 - err 'left out 5 of 14 alternate alleles' predict -m bpnet -w X=chip.h5 -g g.fa v.vcf > x
0 - err 'variants.vcf:12: chr1:350 REF A, genome G' predict -m bpnet -w X=chip.h5 -g g.fa $D/predict/variants.vcf > x
1 - err '(--strict)' predict --strict -m bpnet -w X=chip.h5 -g g.fa v.vcf > x
1 - grep -e '^#' -e wrong v.vcf | err 'none of its 1 sites could be predicted' predict -m bpnet -w X=chip.h5 -g g.fa > x
1 - grep '^#' v.vcf | err 'holds no sites' predict -m bpnet -w X=chip.h5 -g g.fa > x
1 - awk 'BEGIN{print "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"; for(i=200;i<400;i++) print "chr1\t" i "\t.\tC\tA\t.\t.\t."}' | err 'is --genome g.fa the assembly of the variants' predict -m bpnet -w X=chip.h5 -g g.fa > x

# Contig names.
0 - sed 's/^chr//; s/=chr1/=1/' v.vcf | err "'1' taken as 'chr1'" predict -m bpnet -w X=chip.h5 -g g.fa > x
1 - sed 's/^chr2/chrUn/' v.vcf | err 'chrUn' predict -m bpnet -w X=chip.h5 -g g.fa > x
0 - sed 's/^chr2/chrUn/' v.vcf | err '1 contig not in the genome' predict --skip-contigs -m bpnet -w X=chip.h5 -g g.fa > x
1 - sed 's/length=900/length=950/' v.vcf | err '950' predict -m bpnet -w X=chip.h5 -g g.fa > x

# Weight files that cannot be used.
1 - err 'is not a weight file of bpnet (it looks like chrombpnet); use --oracle chrombpnet' predict -m bpnet -w X=acc.h5 --describe
1 - err 'use --oracle bpnet' predict -m chrombpnet -w X=chip.h5 --describe
1 - mkweights chrombpnet_nobias d.h5 --filters 8 --layers 2 --input 200 --output 60 --drop wo_bias_bpnet_1conv && err "'wo_bias_bpnet_1conv/kernel' is missing" predict -m chrombpnet -w X=d.h5 --describe
1 - err 'no-such.h5: no such file' predict -m bpnet -w X=no-such.h5 --describe
1 - head -c 3000 acc.h5 > cut.h5 && err 'cut.h5' predict -m chrombpnet -w X=cut.h5 --describe
1 - err 'not a weight file' predict -m chrombpnet -w X=g.fa --describe

# Input and genome that cannot be read.
1 - err 'standard input: is empty; expected VCF, BCF or BED' predict -m bpnet -w X=chip.h5 -g g.fa > x
1 - err 'cannot open' predict -m bpnet -w X=chip.h5 -g no-such.fa v.vcf > x
1 - err 'no-such.vcf' predict -m bpnet -w X=chip.h5 -g g.fa no-such.vcf > x
1 - err 'expected' predict -m bpnet -w X=chip.h5 -g g.fa a.pred > x
1 - printf 'chr1 200 400\n' | err 'tab' predict -m bpnet -w X=chip.h5 -g g.fa > x
1 - printf 'chr1\t200\tabc\n' | err ':1:' predict -m bpnet -w X=chip.h5 -g g.fa > x

# Output that cannot be written; an old file survives.
1 - err 'cannot write' predict -q -m bpnet -w X=chip.h5 -g g.fa v.vcf > /dev/full
1 - err 'cannot write' predict -q -m bpnet -w X=chip.h5 -g g.fa --text v.vcf > /dev/full
0 - closed predict -q -m bpnet -w X=chip.h5 -g g.fa v.vcf
0 - echo old > kept; grep '^#' v.vcf | predict -q -m bpnet -w X=chip.h5 -g g.fa -o kept; grep -qx old kept && test "$(ls -A | grep -c part)" = 0

# Wrong usage.
2 - err '--oracle is needed: bpnet' predict -w X=chip.h5 -g g.fa v.vcf
2 - err "oracle 'eel' is not known" predict -m eel -w X=chip.h5 -g g.fa v.vcf
2 - err 'no model' predict -m bpnet -g g.fa v.vcf
2 - err 'a genome is needed' predict -m bpnet -w X=chip.h5 v.vcf > x
2 - err '--weights takes ID=FILE' predict -m bpnet -w chip.h5 -g g.fa v.vcf
2 - err '--shard takes i/n' predict -m bpnet -w X=chip.h5 -g g.fa --shard 4/3 v.vcf
2 - err '--threads must be a whole number' predict -m bpnet -w X=chip.h5 -g g.fa -@ 1.5 v.vcf
2 - err "layer 'x' is not known" predict -m bpnet -w X=chip.h5 -g g.fa --layer x v.vcf
2 - err 'one input at a time' predict -m bpnet -w X=chip.h5 -g g.fa v.vcf v.vcf
