#!/bin/sh
# SPDX-License-Identifier: MIT
# faults.sh - whatever happens to a build, running it again gives the same file, and no unit that
# was whole is made again.
#
# Each run starts a build, does it harm at a random moment, and resumes:
#   stage worker engine driver   kill -9 of a program of a pipe, of the maker of a unit, of make or
#                                GNU parallel, of pertrack-build itself
#   term                         SIGTERM to pertrack-build
#   ssh                          kill -9 of a host's sshd with all its sessions
#   disk                         the disk is full (a small tmpfs, where one can be mounted)
#   cut byte gone twin           a unit cut short, one with a changed byte, one removed, one that
#                                is a copy of another
#   clock                        times of files set to past and future, and a clock that is wrong
#
# RUNS [6; make soak: 220], SEED [1], ONLY="disk term" for some of the kinds.
runs=${RUNS:-6} seed=${SEED:-1}
: "${B:?is not set; use make test}"
command -v parallel >/dev/null || { echo "GNU parallel is not installed"; exit 77; }
work=$(mktemp -d) || exit 2
finish() {
    test-hosts --stop "$work/hosts"
    umount "$work/small" 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
bad=0

fail() {
    echo "FAIL run $run ($kind): $*"
    tail -n 6 "$work/out" | sed 's/^/   | /'
    bad=$((bad + 1))
}

# A number below $1, from the seed and how many were drawn before.
draws=0
draw() {
    draws=$((draws + 1))
    drawn=$(awk -v s="$seed" -v n="$draws" -v m="$1" \
        'BEGIN { srand(s * 100003 + n); rand(); print int(rand() * m) }')
}

# Descendants of a process, itself first: pid and name.
tree() {
    ps -eo pid=,ppid=,comm= | awk -v top="$1" '
        { parent[$1] = $2; name[$1] = $3 }
        END {
            for (p in parent) {
                for (q = p; q && q != top; q = parent[q])
                    ;
                if (q == top)
                    print p, name[p]
            }
        }'
}

# kill -9 one of the descendants of a process that is called as said.
kill_one() {        # top, names
    tree "$1" | awk -v want="$2" 'index(" " want " ", " " $2 " ")' >"$work/pids"
    n=$(wc -l <"$work/pids")
    [ "$n" -gt 0 ] || return 0
    draw "$n"
    pid=$(sed -n "$((drawn + 1))p" "$work/pids" | cut -d ' ' -f 1)
    kill -9 "$pid" 2>/dev/null
}

"$B/demo/make-demo" "$work/demo" >/dev/null || exit 1
cd "$work/demo" || exit 1
cat >toy.build <<END
oracle     chrombpnet
tracks     tracks.tsv
genome     genome.fa
variants   classic -n 240 --margin 3000 --contigs chr1,chr2,chr3,chr4
baselines  baseline-31500 --only random -n 180 --margin 3000 --contigs chr1,chr2,chr3,chr4
shards     5
tracks-per-set 2
width      100
output     toy.npz
END
sed 's/^output.*/output small.npz/' toy.build >small.build
echo "folder $work/small/units" >>small.build

pertrack-build -q toy.build >"$work/out" 2>&1 || { run=0 kind=none; fail "the build itself"; exit 1; }
cp toy.npz "$work/want.npz"
# What is there before the first unit.
rm -r toy.units/units/* toy.units/log/*.time toy.units/merged.tsv
cp -a toy.units "$work/prepared"

kinds="driver stage disk byte term"
if [ "$(id -u)" = 0 ] && mkdir -p "$work/small" &&
    mount -t tmpfs -o size=4m none "$work/small" 2>/dev/null; then
    umount "$work/small"
else
    echo "SKIP disk: no file system can be mounted"
    kinds=$(echo "$kinds" | sed 's/disk//')
fi
mkdir -p "$work/hosts"
hosts() {
    test-hosts "$work/hosts" "${SSH_TEST_PORT:-22721}" hosta hostb 2>"$work/hosts/err"
}
if [ "${NO_SSH:-}" = '' ] && hosts; then
    printf '1/ssh -F %s hosta\n1/ssh -F %s hostb\n' "$work/hosts/ssh.cfg" \
        "$work/hosts/ssh.cfg" >hosts
    kinds="$kinds ssh"
else
    echo "SKIP ssh: $(cat "$work/hosts/err")"
fi
kinds="$kinds twin worker clock cut engine gone"
kinds=${ONLY:-$kinds}

# Start the build in the background; sets driver.
start() {           # description, options
    pertrack-build -q "$@" >"$work/out" 2>&1 </dev/null &
    driver=$!
}

wait_random() {     # most milliseconds
    draw "$1"
    sleep "$(awk -v n="$drawn" 'BEGIN { printf "%.3f", n / 1000 }')"
}

# The unit files that are whole now, with inode and time: they must stay as they are.
list_whole() {
    pertrack-build --verify "$1" 2>/dev/null | awk '$2 == "whole" { print $1 }' |
    while read -r u; do
        stat -c "$u %i %Y" "$2/units/$u.res"
    done
}

# A unit that is there; sets unit.
pick_unit() {       # folder
    ls "$1"/units/*.res >"$work/list" 2>/dev/null
    n=$(wc -l <"$work/list")
    [ "$n" -gt 0 ] || return 1
    draw "$n"
    unit=$(sed -n "$((drawn + 1))p" "$work/list")
}

harm_file() {
    case $kind in
    gone) rm "$unit" ;;
    cut)
        size=$(wc -c <"$unit")
        draw "$size"
        truncate -s "$drawn" "$unit" ;;
    byte)
        size=$(wc -c <"$unit")
        draw "$size"
        old=$(od -An -tu1 -j "$drawn" -N 1 "$unit" | tr -d ' ')
        printf "\\$(printf %o $(((old + 1 + drawn % 255) % 256)))" |
            dd of="$unit" bs=1 seek="$drawn" conv=notrunc 2>/dev/null ;;
    twin)
        first=$unit
        pick_unit toy.units
        [ "$first" = "$unit" ] || cp "$first" "$unit" ;;
    esac
}

run=0 redone=0
while [ $run -lt "$runs" ]; do
    for kind in $kinds; do
        run=$((run + 1))
        [ $run -le "$runs" ] || break
        what=toy.build folder=toy.units
        rm -rf toy.npz small.npz toy.units
        draw 4
        # A quarter of them from the very beginning.
        span=900
        if [ "$drawn" != 0 ]; then cp -a "$work/prepared" toy.units; else span=2500; fi
        case $kind in
        stage)
            start -j 2 toy.build
            wait_random $span
            kill_one $driver "predict score-effect reservoir"
            wait $driver ;;
        worker)
            start -j 2 toy.build
            wait_random $span
            tree $driver | awk -v d=$driver '$1 != d && $2 ~ /^pertrack-build/ { print $1 }' |
                head -n 1 | xargs -r kill -9 2>/dev/null
            wait $driver ;;
        engine)
            draw 2
            if [ "$drawn" = 0 ]; then start --engine parallel -j 2 toy.build
            else start -j 2 toy.build; fi
            wait_random $span
            kill_one $driver "make perl parallel"
            wait $driver ;;
        driver|term)
            start -j 2 toy.build
            wait_random $span
            if [ $kind = term ]; then kill -TERM $driver; else kill -9 $driver; fi 2>/dev/null
            wait $driver 2>/dev/null
            status=$?
            if [ $kind = term ] && [ $status = 0 ] && [ ! -f toy.npz ]; then
                fail "SIGTERM: exit status 0 and no output"
            fi ;;
        ssh)
            start --engine parallel --sshloginfile hosts toy.build
            wait_random $((span + 500))
            for p in $(tree "$(cat "$work/hosts/hosta.sshd.pid")" | cut -d ' ' -f 1); do
                kill -9 "$p" 2>/dev/null
            done
            wait $driver
            test-hosts --stop "$work/hosts"
            sleep 0.2
            hosts || fail "the hosts do not come back" ;;
        disk)
            what=small.build folder=$work/small/units
            mount -t tmpfs -o size=16m none "$work/small"
            rm -rf toy.units
            start -j 2 small.build
            wait_random 2500
            # All of it but a few blocks.
            draw 12
            dd if=/dev/zero of="$work/small/filler" bs=4k 2>/dev/null
            truncate -s -$((4096 * drawn)) "$work/small/filler"
            wait $driver && [ ! -f small.npz ] && fail "a full disk went unnoticed"
            rm "$work/small/filler" ;;
        cut|byte|gone|twin)
            start -j 2 toy.build
            wait_random $((span + 1500))
            draw 2
            # With the driver at work or after it.
            [ "$drawn" = 0 ] || wait $driver
            pick_unit toy.units && harm_file
            wait $driver
            rm -f toy.npz ;;
        clock)
            start -j 2 toy.build
            wait_random $span
            kill -9 $driver 2>/dev/null
            wait $driver 2>/dev/null
            find toy.units -type f | while read -r f; do
                draw 3
                [ "$drawn" = 0 ] && touch -c -d '1980-01-01' "$f"
                [ "$drawn" = 1 ] && touch -c -d '2100-01-01' "$f"
            done ;;
        esac
        # Let what was left behind come to its end, then note what is whole.
        list_whole $what "$folder" >"$work/before"
        clock=
        if [ $kind = clock ] && command -v faketime >/dev/null; then clock="faketime -f -3d"; fi
        # shellcheck disable=SC2086
        $clock pertrack-build -q -j 2 $what >"$work/out" 2>&1 </dev/null ||
            fail "resuming: exit status $?"
        cmp -s "$work/want.npz" "${what%.build}.npz" || fail "another file after resuming"
        list_whole $what "$folder" >"$work/after"
        lost=$(sort "$work/after" "$work/after" "$work/before" | uniq -u | wc -l)
        [ "$lost" = 0 ] || fail "$lost whole units were made again"
        ls -A "$folder/units" | grep -q '\.part$' && fail "an unfinished file is left"
        redone=$((redone + $(wc -l <"$work/after") - $(wc -l <"$work/before")))
        [ $kind != disk ] || umount "$work/small"
        [ -z "$VERBOSE" ] || echo "run $run $kind: $(wc -l <"$work/before") of $(
            wc -l <"$work/after") units were whole"
    done
done
[ $run -le "$runs" ] || run=$runs
echo "$run runs with faults, $redone units made again, $bad failures (seed $seed)"
[ $bad = 0 ]
