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
# the publisher) must be met; so must the SHA-256 that a server tells with the file (X-Linked-ETag).
# $PERTRACK_MIRROR, an address or file:///folder, is asked in place of the publishers' hosts.
# Needs curl and sha256sum.
set -eu
folder=${PERTRACK_MODELS:-.}
folder=${folder%%:*}
dry=
usage() {
    sed -n 's/^# \{0,1\}//p' "$0" | sed -n '3,11p' >&2
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
[ -n "$dry" ] || command -v curl >/dev/null ||
    { echo "fetch.sh: curl is needed; install it (apt-get install curl)" >&2; exit 1; }

# fail TEXT: the end
fail() {
    echo "fetch.sh: $1" >&2
    exit 1
}

# pull PART URL OPTION...: curl gives up on a server that stands still
pull() {
    part=$1 from=$2
    shift 2
    curl --fail --location --retry 5 --connect-timeout 30 --speed-limit 1000 --speed-time 60 \
        --dump-header "$part.head" --output "$part" "$@" "$from"
}

# download PART URL: go on with a part, or begin anew where the server cannot (33, or HTTP's 416)
download() {
    status=0
    pull "$1" "$2" --continue-at - || status=$?
    if [ $status -eq 33 ] || grep -q '^HTTP/[^ ]* 416' "$1.head" 2>/dev/null; then
        rm -f "$1"
        status=0
        pull "$1" "$2" || status=$?
    fi
    told=$(tr -d '\r"' <"$1.head" 2>/dev/null |
        awk 'tolower($1) == "x-linked-etag:" && length($2) == 64 { print $2; exit }')
    rm -f "$1.head"
    [ $status -eq 0 ] || fail "$2: not downloaded (curl says $status); run again to go on"
    [ -z "$told" ] || echo "$told  $1" | sha256sum --check --quiet - >&2 ||
        { rm -f "$1"; fail "$2: what came has not the SHA-256 that the server tells; run again"; }
}

# get NAME URL: the file NAME of the folder
get() {
    url=$2
    [ -z "${PERTRACK_MIRROR:-}" ] || url=${PERTRACK_MIRROR%/}/${2#https://*/}
    if [ -n "$dry" ]; then
        printf '%s\t%s\n' "$1" "$url"
        return
    fi
    mkdir -p "$(dirname "$folder/$1")"
    if [ ! -f "$folder/$1" ]; then
        download "$folder/$1.part" "$url"
        file=$folder/$1.part
    else
        file=$folder/$1
    fi
    sum=$(sha256sum "$file" | cut -d ' ' -f 1)
    known=$(awk -v name="$1" '{ n = $2; sub(/^\*/, "", n) } n == name { print $1 }' \
            "$folder/SHA256SUMS" 2>/dev/null | tail -n 1)
    if [ -n "$known" ] && [ "$known" != "$sum" ]; then
        fail "$file: has SHA-256 $sum, expected $known ($folder/SHA256SUMS); remove it and run again"
    fi
    [ "$file" = "$folder/$1" ] || mv "$file" "$folder/$1"
    [ -n "$known" ] || printf '%s  %s\n' "$sum" "$1" >>"$folder/SHA256SUMS"
}

hub=https://huggingface.co
oracle=$1
shift
case $oracle in
legnet)
    get chorus_small_legnet.zip "$hub/lucapinello/chorus-legnet/resolve/main/chorus_small_legnet.zip"
    [ -n "$dry" ] ||
        echo "next: unzip -d '$folder' '$folder/chorus_small_legnet.zip'" >&2 ;;
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
        [ -n "$dry" ] || echo "next: tar -C '$folder' -xzf '$folder/$id.tar.gz'" >&2
    done ;;
*)  usage ;;
esac
