#!/bin/sh
# SPDX-License-Identifier: MIT
# overhead.sh - what cutting a build into 100 units costs, in processor seconds, against one unit
# of each kind; 3 % is the most.
#
# SITES variants and 1.5 times as many regions of the real two-track background, ROUNDS of both
# after each other [10,000 sites, 2 rounds].
[ -n "$PERTRACK_DATA" ] || { echo "the real data is not here (PERTRACK_DATA)"; exit 77; }
sites=${SITES:-10000} rounds=${ROUNDS:-2}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 2
ln -s "$PERTRACK_DATA" data
cp data/genome/hg38_sparse.fa.gz* . && chmod u+w hg38_sparse*
{
    printf 'id\tweights\tassay\tbiosample\tlayer\n'
    printf 'CTCF\tdata/weights/bpnet-lite/ENCSR000AKO_CTCF_K562_64x8.torch\tCHIP\tK562\ttf_binding\n'
    printf 'FOS\tdata/weights/bpnet-refactor/ENCSR124AIG_FOS_IMR90.npz\tCHIP\tIMR-90\ttf_binding\n'
} >tracks.tsv
for n in 1 50; do
    cat >$n.build <<END
oracle     bpnet
tracks     tracks.tsv
genome     hg38_sparse.fa.gz
variants   uniform --within data/genome/pieces.bed -n $sites
baselines  uniform --within data/genome/pieces.bed -n $((sites * 3 / 2))
shards     $n
output     $n.npz
END
    pertrack-build -q --plan $n.build >plan 2>err || { cat err; exit 1; }
done

# Processor seconds of everything that a command starts.
cost() {
    sh -c '"$@" >out 2>&1; times' sh "$@" | awk '
        NR == 2 { gsub(/m/, " "); gsub(/s/, ""); print 60 * $1 + $2 + 60 * $3 + $4 }'
}

i=0 one=0 many=0
while [ $i -lt "$rounds" ]; do
    for n in 1 50; do
        rm -f $n.npz $n.units/units/* $n.units/merged.tsv
        t=$(cost pertrack-build -q --engine shell $n.build)
        [ -f $n.npz ] || { cat out; exit 1; }
        echo "round $((i + 1)): $((2 * n)) units, $t s"
        if [ $n = 1 ]; then one=$(echo "$one $t" | awk '{ print $1 + $2 }')
        else many=$(echo "$many $t" | awk '{ print $1 + $2 }'); fi
    done
    i=$((i + 1))
done
cmp 1.npz 50.npz || { echo "FAIL 2 and 100 units give different files"; exit 1; }
echo "$one $many" | awk '{
    p = 100 * ($2 - $1) / $1
    printf "100 units cost %.2f %% more processor time than 2\n", p
    exit p > 3
}'
