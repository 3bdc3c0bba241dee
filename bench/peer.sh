#!/bin/sh
# SPDX-License-Identifier: MIT
# peer.sh - predict against PyTorch on the same networks and cores, in one run.
#
#   PYTHON=venv/bin/python B=$PWD/build/release sh bench/peer.sh
#
# PYTHON has torch, numpy and h5py, best in a virtual environment outside the repository; without it
# the peer's columns stay empty.  First PyTorch's best layout and batch size are found for each
# network; then both take turns, ROUNDS times [3], and medians are shown.  Weights are synthetic and
# of full size.  PyTorch is measured in the forward pass alone, its inputs at hand; predict from
# process start to the written file.  Wants the machine for itself: the load average is printed.
#
# Where there is other work, BUSY=1 compares one thread with one thread by processor seconds, which
# that work does not lengthen (it still takes some of the caches and of the clock rate).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
B=${B:-$here/../build/release}
B=$(cd "$B" && pwd)
OUT=${OUT:-$B/../peer}
PYTHON=${PYTHON:-python3}
ROUNDS=${ROUNDS:-3}
WIDE=${WIDE:-200}           # sites of the wide and of the narrow network
NARROW=${NARROW:-4000}
PATH=$B/bin:$B/bench:$B/demo:$B/tests/helpers:$PATH
LC_ALL=C
export PATH LC_ALL
cores=$(getconf _NPROCESSORS_ONLN)
column=1 cpu=                               # of measure's lines: wall seconds
if [ -n "${BUSY:-}" ]; then
    cores=1 column=2 cpu=cpu                # processor seconds
fi

for program in predict sample-snps fma-peak measure mkweights make-demo; do
    command -v "$program" >/dev/null || {
        echo "peer.sh: $program is not in $B; run make bench, which builds it" >&2
        exit 2
    }
done
rm -rf "$OUT"
mkdir -p "$OUT"
cd "$OUT"

# calculate EXPRESSION FORMAT
calculate() {
    awk "BEGIN { printf \"$2\", $1 }"
}

# median NAME COLUMN: of the lines of a file
median() {
    sort -n -k "$2,$2" "$1" | awk -v c="$2" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'
}

load() {
    cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null || echo unknown
}

# ours NAME KERNELS ORACLE WEIGHTS SITES: one run of predict; a line of measure goes to NAME
ours() {
    PERTRACK_KERNELS=$2 measure predict -q -m "$3" -w "T=$4" -g demo/genome.fa -@ "$cores" \
        -o out.pred "$5" 3>>"$1" 2>>log
}

# peer NAME WEIGHTS: one run of PyTorch at its best setting, kept in NAME.best
peer() {
    [ -z "$no_peer" ] || return 0
    "$PYTHON" "$here/peer.py" "$2" --threads "$cores" --seconds 3 \
        ${cpu:+--cpu} --layout "$(cut -f 2 "$1.best")" --batch "$(cut -f 3 "$1.best")" >>"$1" 2>>log
}

# row WHAT FILE SITES PEER PASSES GOAL: sites per second of both, and their ratio
row() {
    rate=$(calculate "$3 / $(median "$2" $column)" %.4g)
    if [ -n "$no_peer" ]; then
        printf '%-46s %10s %10s %8s %8s\n' "$1" "$rate" - - "$6"
        return
    fi
    theirs=$(calculate "$(median "$4" 1) / $5" %.4g)
    printf '%-46s %10s %10s %8s %8s\n' "$1" "$rate" "$theirs" \
        "$(calculate "$rate / $theirs" %.2f)" "$6"
}

no_peer=
if ! "$PYTHON" -c 'import torch, numpy, h5py' 2>import.log; then
    no_peer="$PYTHON does not run or has no torch, numpy and h5py ($(tail -n 1 import.log))"
fi

echo "processor: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), family $(
    sed -n 's/^cpu family[^:]*: //p' /proc/cpuinfo | head -n 1), $cores cores used${cpu:+, processor seconds}"
predict --version
echo "load average before: $(load)"

make-demo demo >/dev/null
mkweights chrombpnet_nobias wide.h5
mkweights bpnet_chip narrow.h5
awk -v OFS='\t' '/^##contig=<ID=chr/ { split($0, f, "[=,>]"); print f[3], 3000, f[5] - 3000 }' \
    demo/variants.vcf >within.bed
sample-snps -q --recipe uniform -g demo/genome.fa --within within.bed -n "$NARROW" -s 1 2>>log \
    -o narrow.vcf
grep '^#' narrow.vcf >wide.vcf
grep -v '^#' narrow.vcf | head -n "$WIDE" >>wide.vcf
for size in wide narrow; do
    grep -v '^#' $size.vcf | awk -v OFS='\t' '{ print $1, $2 - 1, $2 }' >$size.bed
    head -n 1 $size.bed >one.$size.bed
    awk -v FS='\t' -v OFS='\t' '
        !/^#/ { $5 = substr("CAAA", index("ACGT", $4), 1) "," substr("GGCC", index("ACGT", $4), 1) \
                     "," substr("TTTG", index("ACGT", $4), 1) } { print }' $size.vcf >$size.all.vcf
done

if [ -z "$no_peer" ]; then
    for size in wide narrow; do
        "$PYTHON" "$here/peer.py" $size.h5 --threads "$cores" ${cpu:+--cpu} >peer.$size.best 2>peer.$size.all
        echo "PyTorch $(cut -f 4 peer.$size.best), $size network: best of $(
            wc -l <peer.$size.all | tr -d ' ') settings is $(
            cut -f 2 peer.$size.best), batch $(cut -f 3 peer.$size.best)"
    done
else
    echo "no PyTorch: $no_peer"
fi

round=0
while [ $round -lt "$ROUNDS" ]; do
    round=$((round + 1))
    ours wide.regions "" chrombpnet wide.h5 wide.bed
    peer peer.wide wide.h5
    ours wide.pairs "" chrombpnet wide.h5 wide.vcf
    fma-peak "$cores" 1 $cpu >>peaks
    ours wide.alts "" chrombpnet wide.h5 wide.all.vcf
    ours narrow.regions "" bpnet narrow.h5 narrow.bed
    peer peer.narrow narrow.h5
    ours narrow.pairs "" bpnet narrow.h5 narrow.vcf
    ours narrow.alts "" bpnet narrow.h5 narrow.all.vcf
    for kernels in avx512 avx512-direct avx2 avx2-direct; do
        ours "wide.$kernels" $kernels chrombpnet wide.h5 wide.bed || rm -f "wide.$kernels"
    done
    ours one.wide.time "" chrombpnet wide.h5 one.wide.bed
    ours one.narrow.time "" bpnet narrow.h5 one.narrow.bed
done

echo
printf '%-46s %10s %10s %8s %8s\n' "sites per second" predict PyTorch ratio goal
row "regions, ChromBPNet 512 x 8" wide.regions "$WIDE" peer.wide 1 2.5
row "ref/alt pairs, ChromBPNet 512 x 8" wide.pairs "$WIDE" peer.wide 2 5
row "three ALTs per site, ChromBPNet 512 x 8" wide.alts "$WIDE" peer.wide 4 7
row "regions, BPNet 64 x 8" narrow.regions "$NARROW" peer.narrow 1 3
row "ref/alt pairs, BPNet 64 x 8" narrow.pairs "$NARROW" peer.narrow 2 6
row "three ALTs per site, BPNet 64 x 8" narrow.alts "$NARROW" peer.narrow 4 -

peak=$(median peaks 1)
macs=$(predict -m chrombpnet -w T=wide.h5 --describe | awk '/^multiply-adds/ { print $2 }')
echo
printf '%-46s %10s %10s %8s %8s\n' "regions, ChromBPNet 512 x 8, by kernels" windows/s GFLOP/s \
    "of peak" goal
for kernels in avx512 avx512-direct avx2 avx2-direct; do
    case $kernels in
    avx512)        goal=1.45 ;;
    avx512-direct) goal=0.88 ;;
    *)             goal=- ;;
    esac
    if [ -s "wide.$kernels" ]; then
        rate=$(calculate "$WIDE / $(median "wide.$kernels" $column)" %.4g)
        gflops=$(calculate "2e-9 * $macs * $rate" %.0f)
        printf '%-46s %10s %10s %8s %8s\n' "$kernels" "$rate" "$gflops" \
            "$(calculate "$gflops / $peak" %.2f)" $goal
    else
        printf '%-46s %10s\n' "$kernels" "not on this processor"
    fi
done
[ -n "$no_peer" ] || printf '%-46s %10s %10s %8s\n' "PyTorch" "$(median peer.wide 1)" \
    "$(calculate "2e-9 * $macs * $(median peer.wide 1)" %.0f)" \
    "$(calculate "2e-9 * $macs * $(median peer.wide 1) / $peak" %.2f)"
printf '%-46s %10s %10s\n' "fused multiply-adds in registers (peak)" "" "$peak"
echo "GFLOP/s count every multiply-add of the direct form, whatever form ran, as two."
echo
echo "resident memory, $cores threads: $(median wide.regions 3) MB for $WIDE regions at 512 x 8," \
    "$(median wide.alts 3) MB for $WIDE sites of three ALTs (goal: under 200);" \
    "$(median narrow.alts 3) MB at 64 x 8"
echo "of predict's time the start, one region included, is $(calculate "100 * $(
    median one.wide.time $column) / $(median wide.regions $column)" %.1f) % at 512 x 8 and $(calculate "100 * $(
    median one.narrow.time $column) / $(median narrow.regions $column)" %.1f) % at 64 x 8, regions"
echo "load average after: $(load)"
