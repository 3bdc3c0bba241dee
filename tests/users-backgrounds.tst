# What users put into backgrounds, and what they are told.  STATUS  EXPECTED  command
0 - scores() { printf '#chrom\tpos\tref\talt\tkind\ttrack\tscore\n'; awk -F'\t' -v OFS='\t' '{ print "chr1", NR, $3 == "effect" ? "A" : ".", $3 == "effect" ? "C" : ".", $3, $1, $2 }'; }; seq 50 | awk -v OFS='\t' '{ print "DEAD", 0, "effect"; print "LIVE", $1 / 10, "effect"; print "DEAD", 3, "summary"; print "LIVE", $1, "summary" }' | scores > dead.tsv; printf 'T\t1e39\teffect\nT\t0.5\teffect\n' | scores > big.tsv

# A value beyond single precision is refused where it enters, by line and value.
1 - err "big.tsv:2: score is '1e39', beyond single precision (3.4e38)" reservoir big.tsv
1 - sed 's/1e39/-3.4028236e38/' big.tsv > d; err "d:2: score is '-3.4028236e38', beyond" reservoir d
0 - sed 's/1e39/3.4028234663852886e38/' big.tsv | reservoir -q | cdf-pack -q --width 12 -o big.npz && cdf-lookup --ties right -b big.npz -t T 3.4028234663852886e38 | grep -q '^T.effect.3.4028234663852886e38.1.0'
1 - err "big.tsv:2: score is '1e39', beyond single precision" cdf-lookup -b big.npz big.tsv
2 - err "from -3.40282e+38 to 3.40282e+38, got '1e39'" cdf-lookup -b big.npz -t T 1e39
0 - cdf-lookup --compat chorus -b big.npz -t T 1e39 | grep -q '^T.effect.1e39.1.0'
1 - printf 'chr1\t0\t1\t0.5\nchr1\t1\t2\t1e39\n' > b; err "b:2: value is '1e39', expected a finite number of single precision" cdf-lookup -b big.npz -t T --kind effect --bedgraph b
