#!/bin/sh
# SPDX-License-Identifier: MIT
# engines.sh - one build under every engine must give one file, byte by byte.
#
#   the pipes by hand, unsharded            pertrack-build --engine shell
#   make -j2                                GNU parallel, two slots
#   GNU parallel over ssh, two hosts, files sent and returned
#   Slurm, array and dependent merge        Snakemake; Nextflow
#
# An engine that is not installed is left out, and it is said.  The background is the real one of
# two tracks (PERTRACK_DATA); SITES variants and 2/3 as many regions in SHARDS shards [12 in 2;
# make soak: 3,000 in 12].  KEEP=DIR leaves everything in DIR.
[ -n "$PERTRACK_DATA" ] || { echo "the real data is not here (PERTRACK_DATA)"; exit 77; }
sites=${SITES:-12} shards=${SHARDS:-2}
work=${KEEP:-$(mktemp -d)} || exit 2
mkdir -p "$work"
finish() {
    test-hosts --stop "$work/hosts"
    test-slurm --stop "$work/slurm"
    [ -n "$KEEP" ] || rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
bad=0 n=0

fail() {
    echo "FAIL $*"
    bad=1
}

# A directory for an engine, with all files of its own: hosts get them by name.
new_build() {
    mkdir -p "$work/$1" && cd "$work/$1" || exit 2
    ln "$work"/data/* .
    cat >two.build <<END
oracle     bpnet
tracks     tracks.tsv
genome     hg38_sparse.fa.gz
assembly   hg38
variants   uniform --within pieces.bed -n $sites
baselines  uniform --within pieces.bed -n $((sites * 2 / 3))
shards     $shards
output     two.npz
END
}

# Compare what an engine made with what the pipes made.
check_build() {
    n=$((n + 1))
    if cmp -s "$work/plain.npz" "$work/$1/two.npz"; then
        echo "same: $1"
    else
        fail "$1 gives another file"
        tail -n 5 "$work/$1/out"
    fi
}

mkdir "$work/data"
cp "$PERTRACK_DATA"/genome/hg38_sparse.fa.gz* "$PERTRACK_DATA/genome/pieces.bed" \
    "$PERTRACK_DATA/weights/bpnet-lite/ENCSR000AKO_CTCF_K562_64x8.torch" \
    "$PERTRACK_DATA/weights/bpnet-refactor/ENCSR124AIG_FOS_IMR90.npz" "$work/data" || exit 2
chmod u+w "$work"/data/*
{
    printf 'id\tweights\tassay\tbiosample\tlayer\n'
    printf 'CHIP:K562:CTCF\tENCSR000AKO_CTCF_K562_64x8.torch\tCHIP\tK562\ttf_binding\n'
    printf 'CHIP:IMR-90:FOS\tENCSR124AIG_FOS_IMR90.npz\tCHIP\tIMR-90\ttf_binding\n'
} >"$work/data/tracks.tsv"

# The pipes by hand.
cd "$work/data" || exit 2
sample-snps -q --recipe uniform --within pieces.bed -n "$sites" -g hg38_sparse.fa.gz 2>/dev/null |
    predict -q -m bpnet -t tracks.tsv -g hg38_sparse.fa.gz | score-effect -q |
    reservoir -q -o ../effect.res
sample-baselines -q --recipe uniform --within pieces.bed -n $((sites * 2 / 3)) \
    -g hg38_sparse.fa.gz 2>/dev/null |
    predict -q -m bpnet -t tracks.tsv -g hg38_sparse.fa.gz | score-effect -q |
    reservoir -q -o ../base.res
cdf-pack -q -o ../plain.npz ../effect.res ../base.res || { echo "FAIL the pipes by hand"; exit 1; }

new_build shell
pertrack-build -q --engine shell two.build >out 2>&1
check_build shell

new_build make
pertrack-build -q -j 2 two.build >out 2>&1
check_build make

if command -v parallel >/dev/null; then
    new_build parallel
    pertrack-build -q --engine parallel -j 2 two.build >out 2>&1
    check_build parallel

    if command -v rsync >/dev/null && mkdir -p "$work/hosts" "$work/ssh" &&
        HIDE=$work/ssh test-hosts "$work/hosts" "${SSH_TEST_PORT:-22701}" hosta hostb \
            2>"$work/hosts/err"; then
        new_build ssh
        printf '1/ssh -F %s hosta\n1/ssh -F %s hostb\n' "$work/hosts/ssh.cfg" \
            "$work/hosts/ssh.cfg" >hosts
        pertrack-build -q --engine parallel --sshloginfile hosts --workdir "$work/hosts/remote" \
            two.build >out 2>&1
        check_build ssh
        hosts=$(cut -f 2 two.units/parallel.joblog | sed 1d | sort -u | wc -l)
        [ "$hosts" -ge 2 ] || { fail "all units were made on one host"; cat out; }
        test-hosts --stop "$work/hosts"
    else
        echo "SKIP ssh: $(cat "$work/hosts/err" 2>/dev/null || echo rsync is not installed)"
    fi
else
    echo "SKIP parallel: GNU parallel is not installed"
fi

mkdir -p "$work/slurm"
if test-slurm "$work/slurm" >"$work/slurm/err" 2>&1; then
    SLURM_CONF=$work/slurm/slurm.conf
    export SLURM_CONF
    new_build slurm
    pertrack-build -q --engine slurm two.build >out 2>&1
    for try in $(seq 600); do
        [ -n "$(squeue -h)" ] || break
        sleep 0.5
    done
    cat two.units/log/slurm-*.out >>out
    check_build slurm
    [ "$(grep -c . two.units/units.list)" = "$((2 * shards))" ] || fail "units of the array"
    test-slurm --stop "$work/slurm"
    unset SLURM_CONF
else
    echo "SKIP slurm: $(head -n 1 "$work/slurm/err")"
fi

if command -v snakemake >/dev/null; then
    new_build snakemake
    pertrack-build -q --engine snakemake -j 2 two.build >out 2>&1
    check_build snakemake
else
    echo "SKIP snakemake: it is not installed"
fi
if command -v nextflow >/dev/null; then
    new_build nextflow
    pertrack-build -q --engine nextflow -j 2 two.build >out 2>&1
    check_build nextflow
else
    echo "SKIP nextflow: it is not installed"
fi
echo "$n engines compared with the pipes by hand"
exit $bad
