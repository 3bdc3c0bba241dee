#!/bin/sh
# SPDX-License-Identifier: MIT
# peaks.sh - call-peaks against macs3 bdgpeakcall on the same generated track, in one run.
#
#   MACS3=/path/to/macs3 LINES=4000000 ROUNDS=3 sh bench/peaks.sh
#
# The track is as long as a human genome, four chromosomes, values with five decimals.  Prints the
# median seconds and the peak memory of each, the ratio, and whether the peaks are the same bytes.
top=$(cd "$(dirname "$0")/.." && pwd)
B=${B:-$top/build/release}
MACS3=${MACS3:-macs3}
LINES=${LINES:-4000000}
ROUNDS=${ROUNDS:-3}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
command -v "$MACS3" >/dev/null || { echo "peaks.sh: no macs3; name it by MACS3 (pip install macs3)" >&2; exit 1; }
make -s -C "$top" "$B/bench/measure" "$B/bin/call-peaks" || exit 1

awk -v n="$LINES" 'BEGIN { srand(5); step = 3.1e9 / n
    for (c = 1; c <= 4; c++) for (i = p = 0; i < n / 4; i++) {
        w = 1 + int(2 * rand() * step)
        printf "chr%d\t%d\t%d\t%.5f\n", c, p, p + w, -2 * log(1 - rand()); p += w } }' >"$dir/in.bdg"

# time_of NAME COMMAND...: seconds and megabytes of one run
time_of() {
    name=$1; shift
    "$B/bench/measure" "$@" 3>>"$dir/$name" >/dev/null 2>&1
}
for args in "-c 5 -l 200 -g 30" "--cutoff-analysis"; do
    rm -f "$dir/ours" "$dir/theirs"
    i=0
    while [ $i -lt "$ROUNDS" ]; do
        # The options are words to be split.
        # shellcheck disable=SC2086
        time_of ours "$B/bin/call-peaks" $args --name peaks -o "$dir/a" "$dir/in.bdg"
        # shellcheck disable=SC2086
        (cd "$dir" && time_of theirs "$MACS3" bdgpeakcall --verbose 0 -i in.bdg $args -o peaks)
        i=$((i + 1))
    done
    cmp -s "$dir/a" "$dir/peaks" && same="the same bytes" || same="DIFFERENT"
    echo "$args: $(wc -l <"$dir/a") lines, $same"
    middle=$(((ROUNDS + 1) / 2))
    sort -n "$dir/ours" | sed -n "${middle}p" >"$dir/o"
    sort -n "$dir/theirs" | sed -n "${middle}p" | paste "$dir/o" - | awk '{
        printf "  call-peaks %.2f s, %d MB; macs3 %.2f s, %d MB: %.1f times\n", $1, $3, $4, $6, $4 / $1 }'
done
