# What users give for VCF and BED, and what they are told.  STATUS  EXPECTED  command
0 - make-genome > g.fa && mkweights bpnet_chip chip.h5 --filters 8 --layers 2 --input 200 --output 60
0 - vcf() { printf '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'; }; { vcf; printf 'chr1\t300\t.\tC\tA\t.\t.\t.\n'; } > snv.vcf; predict -q -m bpnet -w X=chip.h5 -g g.fa --text snv.vcf | grep -v '^##' > snv.txt

# A table of variants is called one, with a command that makes VCF of it: the one above.
1 - printf 'chr1\t299\t300\tC\tA\trs1\n' > t1; err 'columns 4 and 5 hold bases (C, A): a table of variants' predict -m bpnet -w X=chip.h5 -g g.fa t1
1 - printf 'chr1\t299\t300\trs1\tc\ta\n' > t2; err 'columns 5 and 6 hold bases' onehot -g g.fa -L 200 t2
1 - printf 'chr1\t299\t300\tC/A\n' > t3; err 'column 4 holds alleles (C, A)' predict -m bpnet -w X=chip.h5 -g g.fa t3
1 - printf 'chr1\t300\t300\tC\tA\n' > t4; err '{print $1, $2, ".", $4, $5' predict -m bpnet -w X=chip.h5 -g g.fa t4
1 - printf 'chr1\t300\tC\tA\n' > t5; err 'without the header of VCF' predict -m bpnet -w X=chip.h5 -g g.fa t5
1 - printf 'chr1,300,C,A\n' > t6; err 'commas between its columns' predict -m bpnet -w X=chip.h5 -g g.fa t6
1 - printf 'chrom,pos,ref,alt\n"chr1","300","C","A"\n' > t7; err 'names the columns of a table of variants' predict -m bpnet -w X=chip.h5 -g g.fa t7
1 - printf '"chr1","300","C","A"\n' > t8; err 'commas between its columns' predict -m bpnet -w X=chip.h5 -g g.fa t8
1 - printf 'chr1:300:C:A\n' > t9; err 'names variants in one column' predict -m bpnet -w X=chip.h5 -g g.fa t9
1 - printf 'chr1_300_C_A_b38\tENSG1\n' > t10; err 'names variants in one column' predict -m bpnet -w X=chip.h5 -g g.fa t10
1 - printf 'chr1-300-C-A\n' > t11; err 'names variants in one column' onehot -g g.fa -L 200 t11
1 - printf 'chr1 300 C A\n' > t12; err 'spaces between its columns' predict -m bpnet -w X=chip.h5 -g g.fa t12
1 - printf 'chr1\t299\t300\tCC\t-\n' > t0; err "a base: where one has none, both begin with the genome's base before it" predict -m bpnet -w X=chip.h5 -g g.fa t0; printf 'chr1\t298\t300\tCC\t-\n' > t0; err "with '-' for no bases" predict -m bpnet -w X=chip.h5 -g g.fa t0
0 - for i in 1 2 3 4 5 6 8 9 10 11 12; do predict -q -m bpnet -w X=chip.h5 -g g.fa t$i 2> why; sed "s/.*VCF of it: //; s/ >FILE.vcf.*//; s/FILE/t$i/" why > cmd && sh cmd > made.vcf && predict -q -m bpnet -w X=chip.h5 -g g.fa --text made.vcf | grep -v '^##' | sed 's/rs1/./' | cmp - snv.txt || { cat why; exit 1; }; done
1 - printf 'rs123\n' > t; err 'bcftools view -i' predict -m bpnet -w X=chip.h5 -g g.fa t
1 - printf 'NC_000001.11:g.300C>A\n' > t; err 'as HGVS does' predict -m bpnet -w X=chip.h5 -g g.fa t
1 - printf 'NC_000001.11:299:C:A\n' > t; err '$2 + 1' predict -m bpnet -w X=chip.h5 -g g.fa t
1 - printf 'chr1:300-310\n' > t; err 'names regions as browsers do' predict -m bpnet -w X=chip.h5 -g g.fa t
1 - printf 'chr1,300,310\n' > t; err "tr , '\\t'" predict -m bpnet -w X=chip.h5 -g g.fa t
# Regions stay regions: when the user says so, and whatever is no allele behind them.
0 - predict -q -m bpnet -w X=chip.h5 -g g.fa --text --regions t1 > x; printf 'chr1\t299\t300\tC\n' | predict -q -m bpnet -w X=chip.h5 -g g.fa --text | grep -v '^##' > y; grep -v '^##' x | cmp - y
0 - printf 'chr1\t300\t400\tpeak_A_C\t0\t+\nchr1\t300\t400\tCAT\t-\nchr1\t300\t400\tA\t0.5\nchr1\t300\t400\tA\tT1\n' | predict -q -m bpnet -w X=chip.h5 -g g.fa > x

# Alleles in other words: counted, and one score with --normalise, however they are split or joined.
0 - printf '>chr1\n%s' $(grep -v '>' g.fa | head -3 | tr -d '\n') > r.fa; printf 'GCACACACACACACATTTTTTTG' >> r.fa; grep -v '>' g.fa | head -8 | tr -d '\n' >> r.fa; echo >> r.fa; tail -1 r.fa | cut -c 181-203
0 - vcf() { printf '##fileformat=VCFv4.2\n##contig=<ID=chr1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'; }; v() { printf 'chr1\t%s\t%s\t%s\t%s\t.\t.\t.\n' $1 $2 $3 $4; }; { vcf; v 181 left GCA G; v 183 mid ACA A; v 187 both ACAC AC,ACACAC; v 192 pad CACATT CATT; v 195 snv ATT AGT; v 195 snv2 ATT AGT,TTT; v 196 plain T C,G; } > spelled.vcf
0 - err '7 of 10 alternate alleles are not normalised (first: spelled.vcf:5: chr1:183 ACA>A)' predict -q -m bpnet -w X=chip.h5 -g r.fa spelled.vcf > plain.pred
0 - err 'normalised 7 of 10 alternate alleles (first: spelled.vcf:5: chr1:183)' predict -m bpnet -w X=chip.h5 -g r.fa --normalise spelled.vcf > n.pred; score-effect -q --text n.pred | grep '^chr' | cut -f 1-5,12 > n.txt; cut -f 2-5 n.txt | uniq | tr '\t\n' ': ' | grep -qx '181:GCA:G:left 181:GCA:G:mid 181:GCA:G:both 181:G:GCA:both 181:GCA:G:pad 196:T:G:snv 196:T:G:snv2 195:A:T:snv2 196:T:C:plain 196:T:G:plain '
0 - test $(grep '181.GCA' n.txt | cut -f 6 | sort -u | wc -l) = 2 && test $(grep '196.T.G' n.txt | cut -f 6 | sort -u | wc -l) = 2
0 - bcftools norm -m -any -f r.fa spelled.vcf 2>/dev/null > b.vcf || exit 0; predict -q -m bpnet -w X=chip.h5 -g r.fa b.vcf 2> why | score-effect -q --text | grep '^chr' | cut -f 1-5,12 | sort > b; sort n.txt | cmp - b && ! grep 'not normalised' why
0 - for i in 1 2 3; do predict -q -m bpnet -w X=chip.h5 -g r.fa --normalise --shard $i/3 spelled.vcf | score-effect -q --text | grep '^chr' | cut -f 1-5,12; done | sort > s; sort n.txt | cmp - s
1 - onehot -q -g r.fa -L 200 spelled.vcf | err 'windows already' predict -m bpnet -w X=chip.h5 --normalise
# The VCF as it is spelled gets the scores of its normalised alleles.
0 - score-effect -q n.pred -o n.scores && reservoir -q -o n.res n.scores && cdf-pack -q -o n.npz n.res
1 - err 'give the genome too (--genome)' cdf-annotate -b n.npz --vcf spelled.vcf n.scores > x
0 - cdf-annotate -q -b n.npz --vcf spelled.vcf -g r.fa n.scores > a.vcf && ! grep -q 'PT_SCORE_X=[^;]*\.[,;]' a.vcf && test $(grep -v '^#' a.vcf | grep -c 'PT_SCORE_X=[-0-9]') = 7
0 - cdf-annotate -q -b n.npz --vcf spelled.vcf -g r.fa --any-order n.scores | cmp - a.vcf
0 - score() { grep -P "\t$1\t" a.vcf | sed 's/.*PT_SCORE_X=\([^;]*\).*/\1/'; }; test "$(score left)" = "$(score mid)" && test "$(score left)" = "$(score pad)" && test "$(score both | cut -d , -f 1)" = "$(score left)" && test "$(score snv)" = "$(score snv2 | cut -d , -f 1)"

# A VCF of a header alone passes through all stages on request, as records and as text.
0 - grep '^#' spelled.vcf > none.vcf; p="predict -q -m bpnet -w X=chip.h5 -g r.fa"; $p --allow-empty none.vcf > e.pred && score-effect -q --allow-empty e.pred -o e.sc && score-effect -q --allow-empty --text e.pred -o e.txt && reservoir -q --allow-empty e.sc -o e.res && test $(reservoir -q --allow-empty --text e.txt | grep -vc '^##') = 1 && cdf-lookup -q --allow-empty -b n.npz e.sc > e.sc.out && cdf-lookup -q --allow-empty -b n.npz e.txt | grep -v '^##' > e.txt.out && grep -v '^##' e.sc.out | cmp - e.txt.out && test $(wc -l < e.txt.out) = 1
0 - for s in e.sc e.txt; do cdf-annotate -q --allow-empty -b n.npz --vcf none.vcf $s > e.vcf && grep -v '^##' e.vcf | grep -c . | grep -qx 1 && grep -q 'ID=PT_SCORE_X' e.vcf && cdf-lookup -q --allow-empty -b n.npz --vcf none.vcf $s | cmp - e.vcf || exit 1; done; cdf-lookup -q --allow-empty --summary -b n.npz e.sc > x
0 - { grep '^#' spelled.vcf; printf 'chr1\t181\tsv\tG\t<DEL>\t.\t.\t.\n'; } > sv.vcf; err 'symbolic ALT' predict -q --allow-empty -m bpnet -w X=chip.h5 -g r.fa sv.vcf | score-effect -q --allow-empty | err 'without a score' cdf-annotate -q --allow-empty -b n.npz --vcf sv.vcf | grep -q '<DEL>.*PT_SCORE_X=\.'
1 - err '--allow-empty' predict -q -m bpnet -w X=chip.h5 -g r.fa none.vcf > x
1 - err '--allow-empty' score-effect e.pred > x
1 - err '--allow-empty' reservoir e.sc > x
1 - err '--allow-empty' cdf-lookup -b n.npz e.sc > x
1 - err '--allow-empty' cdf-annotate -b n.npz --vcf none.vcf e.sc > x
1 - { grep '^#' spelled.vcf; printf 'chr1\t181\tsv\tA\tT\t.\t.\t.\n'; } | err 'none of its 1 sites could be predicted' predict -q --allow-empty -m bpnet -w X=chip.h5 -g r.fa > x
1 - err 'belong to no record' cdf-annotate -q --allow-empty -b n.npz --vcf none.vcf -g r.fa n.scores > x || err 'none of its 0 alleles' cdf-annotate -q --allow-empty -b n.npz --vcf none.vcf -g r.fa n.scores > x

# An output that is an input is refused in every tool, by its name, a link or a redirection; the input stays.
0 - ln -s spelled.vcf sym.vcf; ln spelled.vcf hard.vcf; cp spelled.vcf keep.vcf; for o in spelled.vcf ./spelled.vcf sym.vcf hard.vcf; do err 'is a file that is read' predict -q -m bpnet -w X=chip.h5 -g r.fa spelled.vcf -o $o; test $? = 2 || exit 1; err 'is a file that is read' predict -q -m bpnet -w X=chip.h5 -g r.fa -o $o < spelled.vcf; test $? = 2 || exit 1; done; cmp spelled.vcf keep.vcf && test -L sym.vcf
0 - cp n.npz keep.npz; for f in chip.h5 r.fa; do err "$f: is a file that is read" predict -q -m bpnet -w X=chip.h5 -g r.fa spelled.vcf -o $f; test $? = 2 || exit 1; done; printf 'id\tweights\nX\tchip.h5\n' > tracks; err 'tracks: is a file that is read' predict -q -m bpnet -t tracks -g r.fa spelled.vcf -o tracks; test $? = 2
2 - cat spelled.vcf > in.vcf; err 'in.vcf: is read and is standard output too' predict -q -m bpnet -w X=chip.h5 -g r.fa in.vcf > in.vcf
2 - cat spelled.vcf > in.vcf; err 'standard input: is read and is standard output too' predict -q -m bpnet -w X=chip.h5 -g r.fa < in.vcf >> in.vcf; test $? = 2 && cmp in.vcf spelled.vcf && exit 2
2 - err 'n.pred: is a file that is read' score-effect n.pred -o n.pred
2 - err 'n.scores: is a file that is read' reservoir n.scores -o n.scores
2 - err 'n.res: is a file that is read' cdf-pack n.res -o n.res
2 - err 'n.npz: is a file that is read' cdf-lookup -b n.npz n.scores -o n.npz
2 - err 'n.scores: is a file that is read' cdf-lookup -b n.npz n.scores -o n.scores
2 - err 'spelled.vcf: is a file that is read' cdf-annotate -b n.npz -g r.fa --vcf spelled.vcf n.scores -o spelled.vcf
2 - err 'spelled.vcf: is read and is standard output too' cdf-annotate -b n.npz -g r.fa --vcf spelled.vcf n.scores >> spelled.vcf
2 - err 'spelled.vcf: is a file that is read' onehot -q -g r.fa -L 200 spelled.vcf -o spelled.vcf
2 - printf 'ACGT\n' > s.txt; err 's.txt: is a file that is read' onehot -q s.txt -o s.txt
2 - err 'g.fa: is a file that is read' sample-snps -q --recipe uniform -g g.fa -n 3 -o g.fa
2 - err 'spelled.vcf: is a file that is read' sample-snps -q --from spelled.vcf -n 3 -o spelled.vcf
2 - err 'g.fa: is a file that is read' sample-baselines -q --recipe uniform -g g.fa -n 3 -o g.fa
0 - cmp spelled.vcf keep.vcf && cmp n.npz keep.npz && predict -q -m bpnet -w X=chip.h5 -g r.fa --normalise spelled.vcf -o again && predict -q -m bpnet -w X=chip.h5 -g r.fa --normalise spelled.vcf -o again && cmp again n.pred
