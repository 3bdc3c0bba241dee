#!/bin/sh
# SPDX-License-Identifier: MIT
# structure.sh - rules of the source tree that a linker or compiler does not enforce.
#
#   no external name is defined twice in the library (an archive would pick one in silence)
#   lib/ includes nothing from tools/; outside lib/prog/ it ends no program and prints nothing
#   tools do not include each other
#   programs that need no genome start without htslib (start-up time)
#   programs that run no network contain none, whatever families declare
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
status=0

complain() {
    echo "$1"
    status=1
}

twice=$(nm -A "$B/libpertrack.a" 2>/dev/null |
        awk '$(NF-1) ~ /^[BDRT]$/ { print $NF }' | sort | uniq -d)
[ -z "$twice" ] || complain "defined more than once in lib/: $twice"

found=$(grep -rnE '#include "\.\./|#include "tools/' lib tools)
[ -z "$found" ] || complain "includes across directories: $found"

found=$(find lib -name '*.c' ! -path 'lib/prog/*' -exec \
        grep -nE '(^|[^a-z_])(exit|printf|puts|perror|warn|note|note_always|chat)\(' {} +)
[ -z "$found" ] || complain "lib/ outside lib/prog/ prints or exits: $found"

for tool in reservoir cdf-pack cdf-lookup; do
    if ldd "$B/bin/$tool" 2>/dev/null | grep -qE 'libhts|blas'; then
        complain "$tool is linked with libraries it does not use"
    fi
done

for tool in sample-snps sample-baselines score-effect reservoir cdf-pack cdf-lookup cdf-annotate pertrack-build; do
    if nm "$B/bin/$tool" 2>/dev/null | grep -qE ' T (net_run|weights_open|model_open)$'; then
        complain "$tool is linked with networks or readers of weights"
    fi
done
exit $status
