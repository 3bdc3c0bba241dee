#!/bin/sh
# SPDX-License-Identifier: MIT
# fetch.sh - download published weights.  No other part of the suite downloads anything.
#
#   sh models/fetch.sh legnet                          into $PERTRACK_MODELS, or -d FOLDER
#   sh models/fetch.sh epinformerseq K562 GM12878      cells
#   sh models/fetch.sh cherimoya ENCSR149XIL 0         experiment and fold, or "all"
#   sh models/fetch.sh bpnet BP000001.1 BP000002.1     JASPAR ids
#   sh models/fetch.sh chrombpnet ENCFF984RAF          ENCODE file of all folds, 720 MB
#   sh models/fetch.sh multimolecule
#   sh models/fetch.sh -n ...                          print the addresses only
#
# A download that broke off goes on where it was.  Checksums are kept in SHA256SUMS of the folder: a
# file that is there already must still have the one it had, and a line put there beforehand (from
# the publisher) must be met.  Needs curl and sha256sum.
set -eu
folder=${PERTRACK_MODELS:-.}
folder=${folder%%:*}
dry=
usage() {
    sed -n 's/^# \{0,1\}//p' "$0" | sed -n '2,12p' >&2
    exit 2
}
while getopts d:n opt; do
    case $opt in
    d) folder=$OPTARG ;;
    n) dry=1 ;;
    *) usage ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage

# get NAME URL: the file NAME of the folder
get() {
    if [ -n "$dry" ]; then
        printf '%s\t%s\n' "$1" "$2"
        return
    fi
    mkdir -p "$(dirname "$folder/$1")"
    if [ ! -f "$folder/$1" ]; then
        curl --fail --location --retry 5 --continue-at - --output "$folder/$1.part" "$2" ||
            { echo "fetch.sh: $2: not downloaded; run again to go on" >&2; exit 1; }
        mv "$folder/$1.part" "$folder/$1"
    fi
    touch "$folder/SHA256SUMS"
    if awk -v name="$1" '$2 == name { found = 1 } END { exit !found }' "$folder/SHA256SUMS"; then
        (cd "$folder" && awk -v name="$1" '$2 == name' SHA256SUMS | sha256sum --check --quiet -) ||
            { echo "fetch.sh: $folder/$1: is not the file of SHA256SUMS; remove it and run again" >&2
              exit 1; }
    else
        (cd "$folder" && sha256sum "$1" >>SHA256SUMS)
    fi
}

hub=https://huggingface.co
oracle=$1
shift
case $oracle in
legnet)
    get chorus_small_legnet.zip "$hub/lucapinello/chorus-legnet/resolve/main/chorus_small_legnet.zip" ;;
multimolecule)
    for f in config.json model.safetensors; do
        get "multimolecule/$f" "$hub/multimolecule/chrombpnet/resolve/main/$f"
    done ;;
epinformerseq)
    [ $# -gt 0 ] || usage
    for cell; do
        at=$hub/lucapinello/chorus-epinformerseq-v2/resolve/main
        get "epinformerseq/$cell/main.pt" "$at/per_cell_widewin/$cell/main.pt"
        get "epinformerseq/$cell/bias.pt" "$at/bias/$cell/bias.pt"
    done ;;
cherimoya)
    [ $# -eq 2 ] || usage
    folds=$2
    [ "$folds" != all ] || folds='0 1 2 3 4'
    for fold in $folds; do
        file=models/$1/cherimoya.fold_$fold.torch
        get "$file" "$hub/programmable-genomics/CATv1/resolve/main/$file"
    done ;;
bpnet)
    [ $# -gt 0 ] || usage
    for id; do
        get "${id}_model.h5" \
            "https://mencius.uio.no/JASPAR/JASPAR_DeepLearning/2026/models/$id/${id}_model.h5"
    done ;;
chrombpnet)
    [ $# -gt 0 ] || usage
    for id; do
        get "$id.tar.gz" "https://www.encodeproject.org/files/$id/@@download/$id.tar.gz"
    done ;;
*)  usage ;;
esac
