#!/bin/sh
# SPDX-License-Identifier: MIT
# Published numbers of published weight files, each where its file is: in $PERTRACK_MODELS or below
# $PERTRACK_DATA/weights, and for some hg38 ($PERTRACK_HG38).  Those that are not here are SKIPped.
#
# ChromBPNet without bias, ATAC K562 fold 0: raw log-counts of Keras (move37-labs/nucleobench).
# rs12740374 (chr1:109274968 G>T): window sums, and EPInformer-seq's maximum, as scored by chorus.
dir=$(mktemp -d) && cd "$dir" || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0
compare() {
    golden-weights "$@" || failed=1
}
nobias=model.chrombpnet_nobias.fold_0.ENCSR483RKN.h5
compare log-count $nobias A 8.516833305
compare log-count $nobias GC 4.368660927
compare region $nobias chr15:74366826-74368940 4.351005077
compare region $nobias chr8:127148943-127151057 3.808642864
compare effect chrombpnet model.chrombpnet_nobias.fold_0.ENCSR149XIL.h5 287.2176 746.8658
fold=ENCSR149XIL/cherimoya.fold_
compare effect cherimoya ${fold}0.torch 603.3464 2093.2172
compare effect cherimoya "${fold}0.torch,${fold}1.torch,${fold}2.torch,${fold}3.torch,${fold}4.torch" \
    782.9413 2152.1508
compare enhancer HepG2/main.pt,HepG2/bias.pt 2.229899 3.253659
exit $failed
