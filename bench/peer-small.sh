#!/bin/sh
# SPDX-License-Identifier: MIT
# peer-small.sh - predict against PyTorch on Cherimoya, EPInformer-seq and LegNet, in one run.
#
#   PYTHON=venv/bin/python B=$PWD/build/release sh bench/peer-small.sh
#
# As peer.sh: weights of full size by formula, PyTorch's best batch size (its forward pass alone),
# both in turns, ROUNDS times [3], medians; predict from process start to the written file.
# BUSY=1 compares one thread with one by processor seconds, on a machine that has other work.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
B=${B:-$here/../build/release}
B=$(cd "$B" && pwd)
OUT=${OUT:-$B/../peer-small}
PYTHON=${PYTHON:-python3}
ROUNDS=${ROUNDS:-3}
PATH=$B/bin:$B/bench:$B/demo:$B/tests/helpers:$PATH
LC_ALL=C
export PATH LC_ALL
cores=$(getconf _NPROCESSORS_ONLN)
column=1 cpu=
if [ -n "${BUSY:-}" ]; then
    cores=1 column=2 cpu=--cpu
fi
for program in predict sample-snps measure mktensors make-demo; do
    command -v "$program" >/dev/null || {
        echo "peer-small.sh: $program is not in $B; run make bench, which builds it" >&2
        exit 2
    }
done
rm -rf "$OUT"
mkdir -p "$OUT"
cd "$OUT"

median() {
    sort -n -k "$2,$2" "$1" | awk -v c="$2" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'
}

make-demo demo >/dev/null
mktensors cherimoya cherimoya.npz 54
mktensors legnet legnet.npz 73
mktensors legnet_11_9 legnet_11_9.npz 74
mktensors epi_main main.npz 82
mktensors epi_bias bias.npz 182
awk -v OFS='\t' '/^##contig=<ID=chr/ { split($0, f, "[=,>]"); print f[3], 3000, f[5] - 3000 }' \
    demo/variants.vcf >within.bed
sample-snps -q --recipe uniform -g demo/genome.fa --within within.bed -n 4000 -s 1 -o all.vcf 2>>log

# compare WHAT GOAL ORACLE SITES REGIONS|PAIRS WEIGHTS...
compare() {
    what=$1 goal=$2 oracle=$3 n=$4 kind=$5
    shift 5
    files=$(echo "$*" | tr ' ' ,)
    { grep '^#' all.vcf; grep -v '^#' all.vcf | head -n "$n"; } >sites.vcf
    passes=2 sites=sites.vcf
    if [ "$kind" = regions ]; then
        passes=1 sites=sites.bed
        grep -v '^#' sites.vcf | awk -v OFS='\t' '{ print $1, $2 - 1, $2 }' >sites.bed
    fi
    best=$("$PYTHON" "$here/peer_small.py" "$oracle" "$@" --threads "$cores" $cpu 2>>log | cut -f 2)
    rm -f ours theirs
    round=0
    while [ $round -lt "$ROUNDS" ]; do
        round=$((round + 1))
        measure predict -q -m "$oracle" -w "T=$files" -g demo/genome.fa -@ "$cores" -o out.pred \
            "$sites" 3>>ours 2>>log
        "$PYTHON" "$here/peer_small.py" "$oracle" "$@" --threads "$cores" $cpu --batch "$best" \
            >>theirs 2>>log
    done
    awk -v what="$what" -v n="$n" -v t="$(median ours $column)" -v r="$(median theirs 1)" \
        -v passes="$passes" -v goal="$goal" -v batch="$best" 'BEGIN {
            printf "%-42s %10.4g %10.4g %8.2f %6s   batch %s\n", what, n / t, r / passes,
                n / t / (r / passes), goal, batch }'
}

echo "cores used: $cores${cpu:+, processor seconds}; load average: $(cut -d ' ' -f 1-3 /proc/loadavg)"
printf '%-42s %10s %10s %8s %6s\n' "sites per second" predict PyTorch ratio goal
compare "regions, Cherimoya 128 x 9" 2 cherimoya 150 regions cherimoya.npz
compare "regions, EPInformer-seq" 2 epinformerseq 1000 regions main.npz bias.npz
compare "ref/alt pairs, EPInformer-seq" 6 epinformerseq 1000 pairs main.npz bias.npz
compare "regions, LegNet 5/3" 2 legnet 4000 regions legnet.npz
compare "regions, LegNet 11/9" 2 legnet 3000 regions legnet_11_9.npz
awk -v t="$(median ours $column)" 'BEGIN {
    printf "LegNet 11/9: %.2f ms a window; chorus took 360 ms on a processor: %.0f times\n",
        1000 * t / 3000, 360 * 3000 / t / 1000 }'
echo "load average: $(cut -d ' ' -f 1-3 /proc/loadavg)"
