#!/bin/sh
# SPDX-License-Identifier: MIT
# large.sh - full-size networks with generated weights against PyTorch, in one run.
#
#   PYTHON=venv/bin/python sh bench/large.sh [enformer|borzoi|sei ...]       (all three)
#
# PYTHON has torch and numpy, and enformer-pytorch, borzoi-pytorch or scipy.  Shown of each network:
# seconds and processor seconds of one window and of a reference and alternate allele, which are two
# passes in PyTorch; agreement; resident memory.  predict's are without its start: reading, checking
# and packing the weights.  On a machine with other work look at the processor seconds.
#
#   B=DIR        where the programs are [build/release beside bench/]
#   OUT=DIR      weights are made in it, and removed at the end unless KEEP=1 [B/../large]
#
# Takes some ten minutes, 4 GB of disk and 10 GB of memory for PyTorch.  Exit status 1 when predict
# and PyTorch differ by more than the goal.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
B=${B:-$here/../build/release}
B=$(cd "$B" && pwd)
OUT=${OUT:-$B/../large}
PYTHON=${PYTHON:-python3}
PATH=$B/bin:$B/bench:$PATH
LC_ALL=C
export PATH LC_ALL
cores=$(getconf _NPROCESSORS_ONLN)
failed=0

die() {
    echo "large.sh: $*" >&2
    exit 1
}

# calculate EXPRESSION FORMAT
calculate() {
    awk "BEGIN { printf \"$2\", $1 }"
}

# python COMMAND ORACLE ARG...: its notes go to the log
python() {
    "$PYTHON" "$here/large.py" "$@" 2>>log
}

# ours NAME SITES OPTION...: one run of predict; measure's line into NAME
ours() {
    name=$1 sites=$2
    shift 2
    measure predict -q -m "$oracle" -w "E=$file" -g genome.fa -@ "$cores" $how "$@" "$sites" \
        3>"$name" 2>>log || [ "$name" = start ] || die "predict failed, see $OUT/$oracle/log"
}

# per NAME FIELD SITES: seconds (field 1) or processor seconds (2) of a site, without the start
per() {
    calculate "($(cut -d ' ' -f "$2" "$1") - $(cut -d ' ' -f "$2" start)) / $3" %.3f
}

# row NAME RUN SITES PASSES GOAL: PyTorch's are passes times those of one
row() {
    for field in 1 2; do
        mine=$(per "$2" "$field" "$3")
        other=$(calculate "$4 * $(printf '%s\n' "$theirs" | cut -f "$field")" %.3f)
        [ "$field" = 1 ] && unit=seconds goal=$5 || unit="processor seconds" goal=
        printf '%-40s %-18s %8s %8s %6s %5s\n' "$1" "$unit" "$mine" "$other" \
            "$(calculate "$other / $mine" %.2f)" "$goal"
    done
}

# network ORACLE FILE GMAC "OPTIONS" SITES MORE_MB WINDOW_GOAL PAIR_GOAL AGREEMENT
network() {
    oracle=$1 file=$2 gmac=$3 how=$4 n=$5
    mkdir -p "$OUT/$oracle"
    cd "$OUT/$oracle"
    : >log
    python weights "$oracle" . || die "no weights, see $OUT/$oracle/log"
    ours start none.vcf -o none.pred    # ends where sites would begin
    ours window sites.bed --full -o sites.pred
    ours pair sites.vcf -o pair.pred
    case $oracle in
    sei) ours text compared.vcf --text -o found.tsv ;;
    *) ours text sites.bed --text -o found.tsv ;;
    esac
    theirs=$(python time "$oracle" . --threads "$cores") || die "see $OUT/$oracle/log"
    row "$oracle, one window" window "$n" 1 "$7"
    row "$oracle, ref/alt pair" pair "$n" 2 "$8"
    seconds=$(per window 1 "$n")
    echo "  PyTorch $(printf '%s\n' "$theirs" | cut -f 5) at its best: $(
        printf '%s\n' "$theirs" | cut -f 3), batch $(printf '%s\n' "$theirs" | cut -f 4)"
    echo "  GFLOP/s of the window, direct-equivalent ($gmac multiply-adds, 10^9): $(
        calculate "2 * $gmac / $seconds" %.0f), $(
        calculate "2 * $gmac / $seconds / $peak" %.2f) of the peak of $peak"
    agreement=$(python compare "$oracle" . found.tsv) || failed=1
    echo "  largest difference $(printf '%s\n' "$agreement" | cut -f 1) (goal $9) in $(
        printf '%s\n' "$agreement" | cut -f 2) values; $(printf '%s\n' "$agreement" | cut -f 3)"
    weights=$(wc -c <"$file" | awk '{ printf "%.0f", $1 / 1048576 }')
    most=$(cut -d " " -f 3 window pair text | sort -n | tail -n 1)
    echo "  resident memory $most MB, of which the weights' file $weights MB: $(
        calculate "$most - $weights" %.0f) more (goal $6); start $(cut -d ' ' -f 1 start) seconds"
    cd "$OUT"
    [ "${KEEP:-}" = 1 ] || rm -rf "${OUT:?}/$oracle"
}

[ $# -gt 0 ] || set -- enformer borzoi sei
mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
command -v measure >/dev/null || die "$B/bench/measure is missing; run make bench first"
echo "processor: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), family $(
    sed -n 's/^cpu family[^:]*: //p' /proc/cpuinfo | head -n 1), $cores cores used"
predict --version
echo "load average before: $(cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null || echo unknown)"
peak=$(fma-peak "$cores" 1)
printf '%-40s %-18s %8s %8s %6s %5s\n' "" "" predict PyTorch ratio goal
for oracle; do
    case $oracle in
    enformer)
        network enformer enformer.pt 1642 "--window-threads $cores" 1 1500 1.2 1.9 1e-4 ;;
    borzoi)
        network borzoi borzoi.safetensors 2455 "--window-threads $cores" 1 1500 1.2 2.0 1e-4 ;;
    sei)
        network sei sei.pth 54.2 --forward 96 300 "" 3 1e-5 ;;
    *)
        die "'$oracle' is not known; known are enformer, borzoi, sei" ;;
    esac
done
echo "load average after: $(cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null || echo unknown)"
exit "$failed"
