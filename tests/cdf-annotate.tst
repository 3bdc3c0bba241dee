# INFO fields of a VCF from scores.  STATUS  EXPECTED  command; see run.sh
# needs: bcftools
0 - reservoir -q -o e $D/cdf/effect.tsv && reservoir -q -o b $D/cdf/baseline.tsv && cdf-pack --width 12 -o bg.npz e b
0 - mkpred < $D/score-effect/sites.txt > p && score-effect -q -o s.bin p && score-effect -q --text -o s.tsv p && reservoir -q s.bin | cdf-pack -q --width 7 --oracle toy -o s.npz
# VCF in, VCF out: lower case, bases around the change, alleles without scores, sites without ALT
0 cdf-annotate.vcf cdf-annotate --no-provenance -b bg.npz --vcf $D/cdf/calls.vcf $D/cdf/effect.tsv | hide-hash
0 cdf-annotate.vcf cdf-annotate --no-provenance -b bg.npz --vcf $D/cdf/calls.vcf < $D/cdf/effect.tsv | hide-hash
0 cdf-annotate.vcf cdf-lookup --no-provenance -b bg.npz --vcf $D/cdf/calls.vcf $D/cdf/effect.tsv | hide-hash
0 cdf-annotate.vcf cdf-lookup --no-provenance -b bg.npz $D/cdf/effect.tsv --vcf=- < $D/cdf/calls.vcf | hide-hash
0 cdf-annotate.vcf cdf-annotate --no-provenance -b bg.npz --vcf $D/cdf/calls.vcf -o out.vcf $D/cdf/effect.tsv && hide-hash out.vcf
0 cdf-annotate.vcf bcftools view -Ou --no-version $D/cdf/calls.vcf > in.bcf && cdf-annotate --no-provenance -b bg.npz --vcf in.bcf $D/cdf/effect.tsv | hide-hash
0 cdf-annotate.vcf bcftools view -Oz --no-version -o in.vcf.gz $D/cdf/calls.vcf && cdf-annotate --no-provenance -b bg.npz --vcf in.vcf.gz $D/cdf/effect.tsv | hide-hash
0 - err 'left out 5 of 17 alleles: 5 without a score (first: chr1:99 A>T)' cdf-annotate -b bg.npz --vcf $D/cdf/calls.vcf $D/cdf/effect.tsv
# every form of output holds the same
0 cdf-annotate.vcf cdf-annotate --no-provenance -b bg.npz --vcf $D/cdf/calls.vcf -O b $D/cdf/effect.tsv | bcftools view --no-version | hide-hash
0 cdf-annotate.vcf cdf-annotate --no-provenance -b bg.npz --vcf $D/cdf/calls.vcf -O u $D/cdf/effect.tsv | bcftools view --no-version | hide-hash
0 cdf-annotate.vcf cdf-annotate --no-provenance -b bg.npz --vcf $D/cdf/calls.vcf -@ 2 -o out.vcf.gz $D/cdf/effect.tsv && test $(head -c 2 out.vcf.gz | od -An -tx1 | tr -d ' ') = 1f8b && bcftools view --no-version out.vcf.gz | hide-hash
0 cdf-annotate.vcf cdf-annotate --no-provenance -b bg.npz --vcf $D/cdf/calls.vcf -o out.bcf $D/cdf/effect.tsv && bcftools view --no-version out.bcf | hide-hash
# fields
0 cdf-annotate.top cdf-annotate -q --no-provenance -b bg.npz --vcf $D/cdf/calls.vcf --top -t MPRA:a --fields percentile $D/cdf/effect.tsv | grep -v '^##pertrack'
0 cdf-annotate.phred cdf-annotate -q --no-provenance -b bg.npz --vcf $D/cdf/calls.vcf --scale phred --ci 0.95 --prefix X_ -t DNASE:a --fields percentile,activity $D/cdf/effect.tsv | grep -v '^##'
0 - cdf-annotate -q -b bg.npz --vcf $D/cdf/calls.vcf --scale pvalue -t DNASE:a $D/cdf/effect.tsv | grep -q 'PT_PVAL_DNASE_a=0.0769231;'
# the percentiles of cdf-lookup
0 - cdf-lookup -b bg.npz $D/cdf/effect.tsv | awk '$8 == "DNASE:a" { printf "%s %.6g\n", $2, $13 }' > a; cdf-annotate -q -b bg.npz --vcf $D/cdf/calls.vcf -t DNASE:a $D/cdf/effect.tsv | bcftools norm -m- 2>/dev/null | bcftools query -i 'PT_PCT_DNASE_a>-2' -f '%POS %PT_PCT_DNASE_a\n' > c; cmp a c
# header: the background and its hash, all provenance, nothing twice
0 - cdf-annotate -q -b bg.npz --vcf $D/cdf/calls.vcf $D/cdf/effect.tsv > o && grep -q '^##pertrack_background={"blake2b":"[0-9a-f]*","genome":"toy","name":"bg.npz","oracle":"toy"}$' o && test $(grep -c '^##pertrack_prov=' o) = 3 && grep -q '"cl":"sample-snps"' o && grep -q '"id":"2:cdf-annotate"' o
0 - cdf-annotate -q -b bg.npz --vcf o $D/cdf/effect.tsv > o2 && cmp o o2
0 - cdf-annotate -q -b bg.npz --vcf o --fields score $D/cdf/effect.tsv > o2 && test $(grep -c 'ID=PT_SCORE_DNASE_a,' o2) = 1
# many tracks: only the best of each allele
0 - awk 'BEGIN { print "#chrom\tpos\tref\talt\tkind\ttrack\tscore"; for (p = 100; p < 112; p++) for (t = 0; t < 9; t++) print "chr1\t" p "\tA\tC\teffect\tx:" t "\t" (p * 7 + t * 13) % 31 }' > nine.tsv; reservoir -q nine.tsv | cdf-pack -q --width 10 -o nine.npz; cdf-annotate -q -b nine.npz --vcf $D/cdf/calls.vcf nine.tsv > o; ! grep -q 'PT_PCT_x_' o && grep -q 'PT_TOP_TRACK=x:[0-8];PT_TOP_SCORE=30;PT_TOP_PCT=1;PT_TOP_EXC=.$' o
0 - cdf-annotate -q -b nine.npz --vcf $D/cdf/calls.vcf -t x:3 nine.tsv | grep -q 'AF=0.1;PT_SCORE_x_3=26;'
1 - err "nine.tsv: has no scores of track 'x:9'; it has those of 9 tracks, the first 'x:0'" cdf-annotate -b nine.npz --vcf $D/cdf/calls.vcf -t x:9 nine.tsv
1 - err "has no scores of track 'DNASE:b'; it has those of 3 tracks, the first 'DNASE:a'" cdf-annotate -b bg.npz --vcf $D/cdf/calls.vcf -t DNASE:b $D/cdf/effect.tsv
1 - sed 's/x:1\t/x_0\t/' nine.tsv > d; err 'two tracks would both be written as INFO/PT_SCORE_x_0' cdf-annotate -b nine.npz --vcf $D/cdf/calls.vcf -t x:0 -t x_0 --skip-unknown-tracks d
# multi-allelic sites, split after scoring, joined after scoring, another order
0 - bcftools norm -m- --no-version $D/cdf/calls.vcf 2>/dev/null > split.vcf; cdf-annotate -q --no-provenance -b bg.npz --vcf split.vcf -t DNASE:a $D/cdf/effect.tsv | bcftools query -f '%POS %ALT %PT_PCT_DNASE_a\n' | sort > a; cdf-annotate -q --no-provenance -b bg.npz --vcf $D/cdf/calls.vcf -t DNASE:a $D/cdf/effect.tsv | bcftools norm -m- 2>/dev/null | bcftools query -f '%POS %ALT %PT_PCT_DNASE_a\n' | sort | cmp a -
0 - printf '##fileformat=VCFv4.2\n##contig=<ID=chr1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr1\t101\t.\tA\tC,G\t.\t.\t.\n' > two.vcf; cdf-annotate -q -b s.npz --vcf two.vcf s.bin > o; bcftools query -f '%PT_SCORE_MPRA_a\n' o | grep -qx -e '-0.75,0.75'; for s in s.tsv s.bin; do cdf-annotate -q -b s.npz --vcf two.vcf $s | cmp o - || exit 1; done
0 - bcftools norm -m- --no-version two.vcf 2>/dev/null > split.vcf; cdf-annotate -q -b s.npz --vcf split.vcf s.bin | bcftools query -f '%ALT %PT_SCORE_MPRA_a\n' > a; printf 'C -0.75\nG 0.75\n' | cmp - a
0 - grep -v '^##' s.tsv | awk '/^#/ || ($4 == "C" && $8 == "MPRA:a")' > c.tsv; grep -v '^##' s.tsv | awk '$4 == "G" && $8 == "MPRA:a"' > g.tsv; awk -F '\t' -v OFS='\t' '{ $2 = 100; $3 = "TA"; $4 = "TG" } 1' g.tsv | cat c.tsv - > cg.tsv; cdf-annotate -q -b s.npz --vcf two.vcf -t MPRA:a --any-order cg.tsv | bcftools query -f '%PT_SCORE_MPRA_a\n' | grep -qx -e '-0.75,0.75' && cdf-annotate -q -b s.npz --vcf two.vcf -t MPRA:a cg.tsv | bcftools query -f '%PT_SCORE_MPRA_a\n' | grep -qx -e '-0.75,0.75'
0 - (grep -v '^##' $D/cdf/effect.tsv | head -n 1; grep -v '^#' $D/cdf/effect.tsv | tac) > tac.tsv; cdf-annotate -q --no-provenance -b bg.npz --vcf $D/cdf/calls.vcf --any-order tac.tsv | grep -v '^##' > a; cdf-annotate -q --no-provenance -b bg.npz --vcf $D/cdf/calls.vcf $D/cdf/effect.tsv | grep -v '^##' | sed 's/PT_TOP.*//' > c; cut -f 1-7 a > a7; cut -f 1-7 c | cmp a7 -
1 - err 'the scores of chr1:110 A>C belong to no record of' cdf-annotate -b bg.npz --vcf $D/cdf/calls.vcf tac.tsv
# contig names with and without chr; another assembly's contigs
0 - sed 's/chr//' $D/cdf/calls.vcf > nochr.vcf; cdf-annotate -q --no-provenance -b bg.npz --vcf nochr.vcf -t DNASE:a $D/cdf/effect.tsv | bcftools query -f '%PT_PCT_DNASE_a\n' > a; cdf-annotate -q --no-provenance -b bg.npz --vcf $D/cdf/calls.vcf -t DNASE:a $D/cdf/effect.tsv | bcftools query -f '%PT_PCT_DNASE_a\n' | cmp a -
1 - sed 's/chr1/chr9/' $D/cdf/calls.vcf > chr9.vcf; err 'chr9.vcf: none of its 17 alleles has a score in' cdf-annotate -b bg.npz --vcf chr9.vcf $D/cdf/effect.tsv
1 - err 'of the same variants and assembly?' cdf-annotate -b bg.npz --vcf chr9.vcf --any-order $D/cdf/effect.tsv
# scores of another VCF: some sites that the VCF lacks
1 - grep -v '	105	' $D/cdf/calls.vcf > less.vcf; err 'the scores of chr1:105 A>C belong to no record of less.vcf' cdf-annotate -b bg.npz --vcf less.vcf $D/cdf/effect.tsv > /dev/null
0 - err '1 scored alleles are not in less.vcf' cdf-annotate -b bg.npz --vcf less.vcf --any-order $D/cdf/effect.tsv
1 - err 'chr1:99 A>T: without a score (--strict)' cdf-annotate -b bg.npz --vcf $D/cdf/calls.vcf --strict $D/cdf/effect.tsv > /dev/null
# wrong backgrounds and inputs
1 - sed 's/aaaaaaaa/dddddddd/' $D/cdf/effect.tsv > d; err 'was predicted with other weights' cdf-annotate -b bg.npz --vcf $D/cdf/calls.vcf d > /dev/null
1 - sed 's/"fai_sha256":"1/"fai_sha256":"9/' $D/cdf/effect.tsv > d; err 'fai_sha256 is 9111' cdf-annotate -b bg.npz --vcf $D/cdf/calls.vcf d
1 - err "track 'x:0' is not in bg.npz" cdf-annotate -b bg.npz --vcf $D/cdf/calls.vcf nine.tsv
1 - err 'none of its tracks is in bg.npz' cdf-annotate -b bg.npz --skip-unknown-tracks --vcf $D/cdf/calls.vcf nine.tsv
1 - err 'only values of regions; score variants' cdf-annotate -b bg.npz --vcf $D/cdf/calls.vcf $D/cdf/baseline.tsv
1 - err 'has no effect rows' cdf-annotate -b nosuch.npz --vcf $D/cdf/calls.vcf nine.tsv || { cdf-pack -q -o only.npz b; err 'only.npz: has no effect rows (it has summary, perbin)' cdf-annotate -b only.npz --vcf $D/cdf/calls.vcf $D/cdf/effect.tsv; }
1 - err 'is neither VCF nor BCF' cdf-annotate -b bg.npz --vcf $D/cdf/own.tsv $D/cdf/effect.tsv
1 - err 'cannot be opened as VCF or BCF' cdf-annotate -b bg.npz --vcf none.vcf $D/cdf/effect.tsv
1 - bcftools view -Ob --no-version -o whole.bcf $D/cdf/calls.vcf && head -c 300 whole.bcf > cut.bcf; err 'cut.bcf: ' cdf-annotate -b bg.npz --vcf cut.bcf $D/cdf/effect.tsv
1 - head -n 20 $D/cdf/effect.tsv > d; err 'without its' cdf-annotate -b bg.npz --vcf $D/cdf/calls.vcf d
1 - grep -v '^##contig' $D/cdf/calls.vcf > plain.vcf; err 'uses a contig or field that the header does not declare' cdf-annotate -b bg.npz --vcf plain.vcf -O b $D/cdf/effect.tsv > /dev/null
0 - cdf-annotate -q -b bg.npz --vcf plain.vcf $D/cdf/effect.tsv | grep -q 'PT_PCT_DNASE_a=0.0833333'
# a file appears whole or not at all
1 - echo old > kept.vcf; head -n 20 $D/cdf/effect.tsv > d; cdf-annotate -q -b bg.npz --vcf $D/cdf/calls.vcf -o kept.vcf d; s=$?; grep -qx old kept.vcf && test "$(ls -A | grep -c part)" = 0 && exit $s
1 - err 'cannot write' cdf-annotate -q -b bg.npz --vcf $D/cdf/calls.vcf $D/cdf/effect.tsv > /dev/full
# table for bcftools annotate: the same fields
0 cdf-annotate.tsv cdf-annotate --no-provenance -b bg.npz --annotate-tsv -t DNASE:a -t MPRA:a $D/cdf/effect.tsv | grep -v '^##pertrack'
0 cdf-annotate.tsv cdf-lookup --no-provenance -b bg.npz --annotate-tsv -t DNASE:a -t MPRA:a $D/cdf/effect.tsv | grep -v '^##pertrack'
0 - cdf-annotate -b s.npz --annotate-tsv s.tsv > t.tsv && grep -q '^chr1.101.A.C,G.1.0,1.0.' t.tsv
# wrong usage
2 - err 'background is missing' cdf-annotate --vcf x
2 - err '--vcf is missing' cdf-annotate -b bg.npz
2 - err 'exclude each other' cdf-annotate -b bg.npz --vcf x --annotate-tsv
2 - err 'cannot both come from standard input' cdf-annotate -b bg.npz --vcf -
2 - err 'must be v, z, u or b' cdf-annotate -b bg.npz --vcf x -O bcf
2 - err "takes score, percentile, exceedance and activity, got 'rank'" cdf-annotate -b bg.npz --vcf $D/cdf/calls.vcf --fields score,rank $D/cdf/effect.tsv
2 - err '--prefix must be' cdf-annotate -b bg.npz --vcf x --prefix 1_
2 - err '--scale must be' cdf-annotate -b bg.npz --vcf x --scale log
2 - err 'one score file at a time' cdf-annotate -b bg.npz --vcf x y z
2 - err '--output-type is for --vcf' cdf-annotate -b bg.npz --annotate-tsv -O b
