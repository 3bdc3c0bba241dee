#!/bin/sh
# SPDX-License-Identifier: MIT
# large.sh - a full-size Enformer with generated weights against PyTorch, in one run.
#
#   PYTHON=venv/bin/python B=$PWD/build/release sh bench/large.sh
#
# PYTHON has torch, numpy and enformer-pytorch.  Shown: agreement, seconds of one window and of a
# reference and alternate allele (two passes in PyTorch), predict's without its start: the
# difference of two sites and one, and of the pair and one window's start.  Takes some minutes, 1 GB
# of disk and 6 GB of memory for PyTorch.  Wants the machine for itself.
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
mkdir -p "$OUT"
cd "$OUT"

# calculate EXPRESSION FORMAT
calculate() {
    awk "BEGIN { printf \"$2\", $1 }"
}

# ours NAME SITES OPTION...: one run of predict; measure's line into NAME
ours() {
    name=$1 sites=$2
    shift 2
    measure predict -q -m enformer -w E=enformer.pt -g genome.fa -@ "$cores" \
        --window-threads "$cores" "$@" "$sites" 3>"$name" 2>>log
}

[ -s enformer.pt ] || "$PYTHON" "$here/large.py" weights . 2>>log
echo "processor: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), family $(
    sed -n 's/^cpu family[^:]*: //p' /proc/cpuinfo | head -n 1), $cores cores used"
predict --version
echo "load average before: $(cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null || echo unknown)"
peak=$(fma-peak "$cores" 1)
ours one region.bed --text -o one.tsv
ours two regions.bed -o two.pred
ours pair snp.vcf -o pair.pred
theirs=$("$PYTHON" "$here/large.py" time . --threads "$cores" 2>>log)
agreement=$("$PYTHON" "$here/large.py" compare . one.tsv 2>>log)
theirs=${theirs%%	*}
window=$(calculate "$(cut -d ' ' -f 1 two) - $(cut -d ' ' -f 1 one)" %.2f)
pair=$(calculate "$(cut -d ' ' -f 1 pair) - $(cut -d ' ' -f 1 one) + $window" %.2f)
printf '%-44s %9s %9s %7s %6s\n' "seconds" predict PyTorch ratio goal
printf '%-44s %9s %9s %7s %6s\n' "Enformer, one window" "$window" "$theirs" \
    "$(calculate "$theirs / $window" %.2f)" 1.2
printf '%-44s %9s %9s %7s %6s\n' "Enformer, ref/alt pair" "$pair" "$(calculate "2 * $theirs" %.2f)" \
    "$(calculate "2 * $theirs / $pair" %.2f)" 1.9
echo "GFLOP/s, direct-equivalent (1,642 multiply-adds, 10^9): $(
    calculate "2 * 1642 / $window" %.0f), $(calculate "2 * 1642 / $window / $peak" %.2f) of the peak of $peak"
echo "largest difference over a track's peak, values compared, spread of the tracks: $agreement (goal 1e-4)"
echo "resident memory $(cut -d ' ' -f 3 pair) MB; weights $(wc -c <enformer.pt | awk '{ print int($1 / 1048576) }') MB (goal: 1,500 MB more)"
echo "load average after: $(cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null || echo unknown)"
