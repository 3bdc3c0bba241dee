#!/bin/sh
# SPDX-License-Identifier: MIT
# soak.sh - the long forms of the tests that have one (make soak): half an hour on two cores.
#
#   engines.sh   thousands of sites under every engine that is installed
#   faults.sh    220 builds that are harmed at random moments
#   overhead.sh  the cost of 100 units against one run
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
B=${B:-$top/build/release}
export B LC_ALL=C
if [ -z "$PERTRACK_DATA" ] && [ -d "$top/../shared/data" ]; then
    PERTRACK_DATA=$(cd "$top/../shared/data" && pwd) && export PERTRACK_DATA
fi
PATH=$B/bin:$B/tests/helpers:$top/tests/scripts:$PATH
export PATH
cd "$top/tests" || exit 2
pass=0 fail=0 skip=0
for test in "SITES=3000 SHARDS=12 sh engines.sh" "RUNS=${RUNS:-220} sh faults.sh" "sh overhead.sh"; do
    echo "== $test"
    ( eval "$test" )
    case $? in
    0)  pass=$((pass + 1)) ;;
    77) skip=$((skip + 1)) ;;
    *)  fail=$((fail + 1)) ;;
    esac
done
echo "$pass passed, $fail failed, $skip skipped"
[ $fail = 0 ]
