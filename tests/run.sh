#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [PATTERN...] - run the tests: unit tests, tables of commands, and scripts.
#
#   sh tests/run.sh               all of them
#   sh tests/run.sh predict       those called predict: predict.tst, test_predict
#   REGENERATE=1 sh tests/run.sh  rewrite tests/expected/* from what the tools print now
#   JOBS=4 sh tests/run.sh        that many at a time [2]
#
# A line of a table (tests/*.tst) is:  STATUS  EXPECTED  command...
#   STATUS    exit status the command must give
#   EXPECTED  file under tests/expected/ its output must equal byte by byte, or - for any output
# Blank lines and lines beginning with # are left out, except
#   # needs: WORD...   the table is skipped unless all are there: data (PERTRACK_DATA), golden
#                      (SHARED/golden), anything else a program
#
# A command runs in the table's own scratch directory, where files stay for the lines after it,
# with the tools, tests/helpers and tests/scripts on PATH, standard input empty, and
#   D  tests/data            T  the scratch directory      SHARED         ../shared, where it exists
#   R  tests/reference       B  the build directory        PERTRACK_DATA  $SHARED/data, likewise
# A line that writes to /dev/full is skipped where the system has none.
#
# Unit tests and scripts exit 77 to be skipped, with the reason as their last line of output; for
# a part left out they print a line "SKIP reason" and go on.
# Exit status: 0 when nothing failed.

tests=$(cd "$(dirname "$0")" && pwd) || exit 2
self=$tests/$(basename "$0")
top=$(dirname "$tests")
B=${B:-$top/build/release}
D=$tests/data
R=$tests/reference
export LC_ALL=C B D R

if [ -z "$SHARED" ] && [ -d "$top/../shared" ]; then
    SHARED=$(cd "$top/../shared" && pwd) && export SHARED
fi
if [ -z "$PERTRACK_DATA" ] && [ -n "$SHARED" ] && [ -d "$SHARED/data" ]; then
    PERTRACK_DATA=$SHARED/data && export PERTRACK_DATA
fi
PATH=$B/bin:$B/tests/helpers:$tests/scripts:$PATH
export PATH

# Every job writes its messages to standard output and "PASSED FAILED SKIPPED" to $counts.

report_failure() {      # where, why, command, file with its standard error
    printf 'FAIL %s: %s\n     %s\n' "$1" "$2" "$3"
    head -n 20 "$4" | sed 's/^/   | /'
}

missing_need() {        # word of a "# needs:" line; prints the reason when it is not met
    case $1 in
    data)   [ -n "$PERTRACK_DATA" ] || echo "the real data is not here (PERTRACK_DATA)" ;;
    golden) [ -n "$SHARED" ] && [ -d "$SHARED/golden" ] || echo "no golden vectors here (SHARED)" ;;
    *)      command -v "$1" >/dev/null || echo "$1 is not installed" ;;
    esac
}

table_needs() {         # table; prints why it cannot run, if so
    for word in $(sed -n 's/^# needs://p' "$1"); do
        missing_need "$word"
    done | head -n 1
}

run_row() {             # where, status wanted, expected file, command; sets result
    ( cd "$T" && eval "$4" ) >"$scratch/out" 2>"$scratch/err" </dev/null
    status=$?
    result=fail
    if [ "$status" != "$2" ]; then
        report_failure "$1" "exit status $status, expected $2" "$4" "$scratch/err"
    elif [ "$3" != - ] && [ -n "$REGENERATE" ]; then
        cp "$scratch/out" "$tests/expected/$3"
        result=pass
    elif [ "$3" != - ] && ! cmp -s "$tests/expected/$3" "$scratch/out"; then
        diff "$tests/expected/$3" "$scratch/out" >"$scratch/diff" 2>&1
        report_failure "$1" "output differs from tests/expected/$3" "$4" "$scratch/diff"
    else
        result=pass
    fi
}

run_table() {           # table
    name=$(basename "$1")
    why=$(table_needs "$1")
    pass=0 fail=0 skip=0 n=0
    if [ -n "$why" ]; then
        skip=$(grep -c '^[0-9]' "$1")
        echo "SKIP $name: $why"
        echo "$pass $fail $skip" >"$counts"
        return
    fi
    while read -r want expected command; do
        n=$((n + 1))
        case $want in
        ''|'#'*) continue ;;
        esac
        case $command in
        */dev/full*)
            if [ ! -w /dev/full ]; then
                echo "SKIP $name:$n: this system has no /dev/full"
                skip=$((skip + 1))
                continue
            fi ;;
        esac
        run_row "$name:$n" "$want" "$expected" "$command"
        if [ $result = pass ]; then pass=$((pass + 1)); else fail=$((fail + 1)); fi
    done <"$1"
    echo "$pass $fail $skip" >"$counts"
}

run_program() {         # unit test or script; counts as one
    name=$(basename "$1")
    case $1 in
    *.sh) ( cd "$tests" && sh "$1" ) ;;
    *)    ( cd "$tests" && "$1" ) ;;
    esac >"$scratch/out" 2>"$scratch/err" </dev/null
    status=$?
    case $status in
    0)  echo "1 0 $(grep -c '^SKIP ' "$scratch/out")" >"$counts"
        grep '^SKIP ' "$scratch/out" ;;
    77) echo "0 0 1" >"$counts"
        echo "SKIP $name: $(cat "$scratch/out" "$scratch/err" | tail -n 1)" ;;
    *)  echo "0 1 0" >"$counts"
        cat "$scratch/out" >>"$scratch/err"
        report_failure "$name" "exit status $status" "$1" "$scratch/err" ;;
    esac
}

run_one() {             # file, directory of results
    name=$(basename "$1")
    counts=$2/$name.counts
    scratch=$(mktemp -d) || exit 2
    T=$scratch/t
    mkdir "$T"
    export T
    case $1 in
    *.tst) run_table "$1" ;;
    *)     run_program "$1" ;;
    esac >"$2/$name.log"
    cat "$2/$name.log"
    rm -rf "$scratch"
}

list_tests() {          # patterns; the slow ones first, so that none is left to run alone
    for f in "$tests"/*.tst "$tests"/engines.sh "$tests"/faults.sh \
        "$tests"/golden-weights.sh "$tests"/options.sh "$tests"/structure.sh "$tests"/fuzz.sh \
        "$tests"/unit/test_*.c; do
        [ -f "$f" ] || continue
        name=$(basename "$f")
        name=${name%.*}
        # By source: an old build folder may have programs of tests that are no more.
        case $f in
        *.c) f=$B/tests/unit/$name ;;
        esac
        for p in "${@:-*}"; do
            # The pattern is meant as one.
            # shellcheck disable=SC2254
            case $name in
            $p|test_$p) echo "$f"; break ;;
            esac
        done
    done
}

if [ "$1" = --one ]; then
    run_one "$3" "$2"
    exit 0
fi

results=$(mktemp -d) || exit 2
trap 'rm -rf "$results"' EXIT
trap 'exit 1' HUP INT TERM
if [ $# = 0 ]; then set -- '*'; fi
list_tests "$@" >"$results/list"
if [ ! -s "$results/list" ]; then
    echo "run.sh: no test is called $*" >&2
    exit 2
fi
# Paths may have blanks: one argument per line, quoted for xargs.
sed 's/.*/"&"/' "$results/list" | xargs -n 1 -P "${JOBS:-2}" sh "$self" --one "$results"
# A job that ended without its counts has failed.
while read -r f; do
    cat "$results/$(basename "$f").counts" 2>/dev/null || echo "0 1 0"
done <"$results/list" | awk '
    { pass += $1; fail += $2; skip += $3 }
    END { print pass " passed, " fail " failed, " skip " skipped"; exit fail > 0 }'
