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
