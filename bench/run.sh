#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh - speed and memory against the floors, with synthetic weights of full size (make bench).
#
# Every ratio compares figures of this one run, measured in turn, because machines are noisy; the
# median of three is shown.  Wants the machine for itself.
set -eu
B=${B:?is not set; use make bench}
OUT=${OUT:-$(dirname "$B")/bench}
PATH=$B/bin:$B/bench:$B/demo:$B/tests/helpers:$PATH
LC_ALL=C
export PATH LC_ALL
cores=$(getconf _NPROCESSORS_ONLN)
rm -rf "$OUT"
mkdir -p "$OUT"
cd "$OUT"

# median FILE COLUMN
median() {
    sort -n -k "$2,$2" "$1" | awk -v c="$2" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'
}

# calculate EXPRESSION FORMAT
calculate() {
    awk "BEGIN { printf \"$2\", $1 }"
}

row() {
    printf '%-58s %12s   %s\n' "$1" "$2" "$3"
}

echo "processor: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $cores cores used"
predict --version
make-demo demo >/dev/null
mkweights chrombpnet_nobias wide.h5
mkweights bpnet_chip narrow.h5
echo
row "what" "measured" "floor"

# 1. The forward pass, against what the processor's multiply-add units can do.
# $1 model file, $2 oracle, $3 regions, $4 multiply-adds per window
forward() {
    awk -v n="$3" 'NR > n { exit } !/^#/' demo/regions.bed >regions.bed
    : >times && : >peaks
    for i in 1 2 3; do
        fma-peak "$cores" 1 >>peaks
        measure predict -q -m "$2" -w "T=$1" -g demo/genome.fa -@ "$cores" -o out.pred regions.bed 3>>times 2>>log
    done
    n=$(wc -l <regions.bed)
    rate=$(calculate "$n / $(median times 1)" %.2f)
    gflops=$(calculate "2e-9 * $4 * $rate" %.1f)
    peak=$(median peaks 1)
}

awk 'BEGIN { for (i = 0; i < 400; i++) printf "chr%d\t%d\t%d\n", i % 4 + 1, 5000 + 500 * i, 5001 + 500 * i }' >demo/regions.bed
row "multiply-add peak, GFLOP/s" "$(fma-peak "$cores" 1)" ""
macs=$(predict -m chrombpnet -w T=wide.h5 --describe | awk '/^multiply-adds/ { print $2 }')
forward wide.h5 chrombpnet 60 "$macs"
row "ChromBPNet 512 x 8, regions per second" "$rate" ""
row "  GFLOP/s, start-up and everything included" "$gflops" ""
row "  of the peak measured in turn" "$(calculate "100 * $gflops / $peak" %.0f) %" "60 %"
row "  resident memory, 60 regions" "$(median times 3) MB" "400 MB"
forward wide.h5 chrombpnet 240 "$macs"
row "  resident memory, 240 regions" "$(median times 3) MB" "400 MB"
macs=$(predict -m bpnet -w T=narrow.h5 --describe | awk '/^multiply-adds/ { print $2 }')
forward narrow.h5 bpnet 400 "$macs"
row "BPNet 64 x 8, regions per second" "$rate" ""
row "  of the peak measured in turn" "$(calculate "100 * $gflops / $peak" %.0f) %" ""

# 2. Reference and alternate allele.
sample-snps -q --recipe uniform -g demo/genome.fa -n 400 -s 1 -o snps.vcf
grep '^#' snps.vcf >few.vcf
grep -v '^#' snps.vcf | head -n 60 >>few.vcf
: >times
for i in 1 2 3; do
    measure predict -q -m chrombpnet -w T=wide.h5 -g demo/genome.fa -@ "$cores" -o snps.pred few.vcf 3>>times 2>>log
done
row "ChromBPNet 512 x 8, variants (both alleles) per second" "$(calculate "60 / $(median times 1)" %.2f)" ""
: >times
for i in 1 2 3; do
    measure predict -q -m bpnet -w T=narrow.h5 -g demo/genome.fa -@ "$cores" -o snps64.pred snps.vcf 3>>times 2>>log
done
row "BPNet 64 x 8, variants (both alleles) per second" "$(calculate "400 / $(median times 1)" %.1f)" ""

# 3. What the other stages cost of a build: processor time per site against predict's.
: >cpu
stage() {       # name, command
    measure sh -c "$2" 3>one 2>>log
    printf '%s %s\n' "$1" "$(cut -d ' ' -f 2 one)" >>cpu
}
stage sample-snps "sample-snps -q --recipe uniform -g demo/genome.fa -n 240 -o s.vcf"
stage sample-baselines "sample-baselines -q --recipe uniform -g demo/genome.fa -n 240 -o s.bed"
stage predict "predict -q -m chrombpnet -w T=wide.h5 -g demo/genome.fa -@ $cores -o e.pred s.vcf"
stage predict "predict -q -m chrombpnet -w T=wide.h5 -g demo/genome.fa -@ $cores -o b.pred s.bed"
stage score-effect "score-effect -q -o e.scores e.pred; score-effect -q -o b.scores b.pred"
stage reservoir "reservoir -q -o e.res e.scores; reservoir -q -o b.res b.scores"
stage cdf-pack "cdf-pack -q -o small.npz e.res b.res"
for s in sample-snps sample-baselines score-effect reservoir cdf-pack; do
    share=$(awk -v s="$s" '{ t[$1] += $2; sum += $2 } END { printf "%.2f %%", 100 * t[s] / sum }' cpu)
    row "$s, share of a build of 240 SNPs and 240 regions" "$share" "5 %"
done

# 4. reservoir from binary scores, one core: 33 values a site and track.
make-scores 1000 786 32 >scores
: >times
for i in 1 2 3; do
    measure reservoir -q -o states scores 3>>times
done
row "reservoir, million values per second on one core" \
    "$(calculate "1000 * 786 * 33e-6 / $(median times 2)" %.1f)" "20"

# 5. One value of one track, whole process, from a file of 786 tracks.
cdf-pack -q -@ "$cores" -o wide.npz states
row "file of 786 tracks, 2 kinds" "$(wc -c <wide.npz | awk '{ printf "%.0f", $1 / 1e6 }') MB" ""
: >times
for i in 1 2 3 4 5 6 7; do
    measure cdf-lookup -q -b wide.npz -t DNASE:cell700 --kind summary 0.5 3>>times >/dev/null
done
row "cdf-lookup of one value, milliseconds" "$(calculate "1000 * $(median times 1)" %.1f)" "20"

# 6. Lookups of binary scores, one core: counted only, and written as TSV.
: >times
for i in 1 2 3; do
    measure cdf-lookup -q -b wide.npz --summary scores 3>>times >/dev/null
done
row "cdf-lookup --summary, million values per second" \
    "$(calculate "1000 * 786 * 33e-6 / $(median times 2)" %.1f)" "5"
make-scores 100 786 32 >few.scores
: >times
for i in 1 2 3; do
    measure cdf-lookup -q -b wide.npz few.scores 3>>times >/dev/null
done
row "cdf-lookup to TSV, million rows per second" \
    "$(calculate "100 * 786 * 33e-6 / $(median times 2)" %.1f)" ""

# 7. reservoir in memory: exact, and bounded with exact ends (a track of 1.28 million bins).
make-scores 20000 20 64 >deep.scores
: >times && : >bounded
for i in 1 2 3; do
    measure reservoir -q -o states deep.scores 3>>times
    measure reservoir -q --capacity 50000 --expected 1280000 -o bounded.res deep.scores 3>>bounded
done
row "reservoir, exact, million values per second on one core" \
    "$(calculate "20000 * 20 * 65e-6 / $(median times 2)" %.1f)" "50"
row "  bytes of memory per value kept" \
    "$(calculate "$(median times 3) * 1048576 / (20000 * 20 * 65)" %.1f)" "12"
row "reservoir --capacity 50000, million values per second" \
    "$(calculate "20000 * 20 * 65e-6 / $(median bounded 2)" %.1f)" ""
row "  bytes of memory per value kept (50,000, 2 x 26,112 and 20,000)" \
    "$(calculate "$(median bounded 3) * 1048576 / (20 * (50000 + 2 * 26112 + 20000))" %.1f)" "12"

# 8. cdf-pack: 7,611 tracks x 3 kinds, 913 MB of floats, from states; NumPy packs the same arrays.
make-scores 2000 7611 -1 | reservoir -q -o effect.res
make-scores 2000 7611 1 | reservoir -q -o baseline.res
: >times
for i in 1 2 3; do      # to standard output: with -o the file is also synced to the disk
    measure cdf-pack -q -@ "$cores" effect.res baseline.res 3>>times >large.npz
done
row "cdf-pack, 7,611 tracks x 3 kinds: seconds" "$(median times 1)" "a tenth of NumPy's"
row "  seconds of processor" "$(median times 2)" ""
row "  MB of floats per second" "$(calculate "7611 * 3 * 0.04 / $(median times 1)" %.0f)" ""
row "  memory, MB" "$(median times 3)" ""
row "  size of the file, MB" "$(wc -c <large.npz | awk '{ printf "%.0f", $1 / 1e6 }')" "NumPy's"
: >times
for i in 1 2 3 4 5; do
    measure cdf-lookup -q -b large.npz -t DNASE:cell7000 --kind effect 0.5 3>>times >/dev/null
done
row "  one cold lookup in it, milliseconds" "$(calculate "1000 * $(median times 1)" %.1f)" "5"
python=${PYTHON:-python3}
script=$(dirname "$(dirname "$B")")/tests/reference/npz_speed.py
if "$python" -c 'import numpy' 2>/dev/null; then
    "$python" "$script" large.npz numpy.npz >one
    row "  numpy.savez_compressed of these arrays: seconds" "$(cut -d ' ' -f 1 one)" ""
    row "  seconds of processor" "$(cut -d ' ' -f 2 one)" ""
    row "  size of its file, MB" "$(awk '{ printf "%.0f", $3 / 1e6 }' one)" ""
else
    row "  numpy.savez_compressed" "not measured" "no NumPy in $python"
fi
rm -f large.npz numpy.npz deep.scores
