# SPDX-License-Identifier: MIT
# needs: data
# The trained small Borzoi on two real windows: within 1e-4 of each one's peak.

0   -   ln -s "$PERTRACK_DATA/genome/hg38_sparse.fa.gz" . && ln -s "$PERTRACK_DATA/genome/hg38_sparse.fa.gz.fai" . && ln -s "$PERTRACK_DATA/genome/hg38_sparse.fa.gz.gzi" .
0   -   printf 'chrX\t132299877\t132430949\nchr6\t158159743\t158290815\n' >two.bed
0   -   predict -q -m borzoi -w "mini=$PERTRACK_DATA/weights/borzoi-mini/model.h5,$PERTRACK_DATA/weights/borzoi-mini/params.json" -g hg38_sparse.fa.gz --regions --full --text two.bed | binnedcmp "$PERTRACK_DATA/expected/borzoi_mini_first2.npz" 1e-4
