# What the documentation says is true.  STATUS  EXPECTED  command; see run.sh
# needs: bcftools bedtools parallel
# The demo succeeds, and its check of the percentiles with it.
0 -  OUT="$T/demo" sh "$D/../../demo/run.sh" >demo.log 2>&1 || { tail -n 20 demo.log >&2; false; }
0 -  grep -q 'disrupted motifs rank in the top' demo.log
# The commands of README.md, as typed, in the directory the demo left, with the output shown there.
0 -  cd demo && run-readme "$D/../../README.md"
# Every tool is in its table, every page it points to exists.
0 -  for t in "$D"/../../tools/*/; do grep -q "^| .$(basename "$t"). " "$D/../../README.md" || { basename "$t" >&2; false; } || exit; done
0 -  grep -o '[a-z-]*([15])' "$D/../../README.md" | sort -u | tr '()' '  ' | while read -r page section; do ls "$D"/../../*/*/$page.$section >/dev/null || exit 1; done
0 -  grep -o 'tests/[a-z/-]*\.[a-z]*\|demo/[a-z-]*\.sh\|tools/new' "$D/../../README.md" | sort -u | while read -r f; do test -e "$D/../../$f" || { echo "$f" >&2; exit 1; } || exit; done
# README.md names no option that no tool has (those of sbatch and parallel aside).
0 -  for t in "$D"/../../tools/*/; do "$(basename "$t")" --help | grep -o -e '--[a-z][a-z0-9-]*'; done | sort -u >options; grep -o -e '--[a-z][a-z0-9-]*' "$D/../../README.md" | sort -u | grep -vx -e --array -e --cpus-per-task -e --wrap -e --joblog -e --resume -e --will-cite >named; ! grep -vxF -f options named >&2
