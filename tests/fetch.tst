# SPDX-License-Identifier: MIT
# needs: curl sha256sum
# models/fetch.sh from a folder in place of the publishers' hosts: whole, broken off, wrong, missing.

0   -   mkdir -p at/lucapinello/chorus-epinformerseq-v2/resolve/main && cd at/lucapinello/chorus-epinformerseq-v2/resolve/main && mkdir -p per_cell_widewin/K562 bias/K562 && cp "$R/small/epi_10x6.main.pt" per_cell_widewin/K562/main.pt && cp "$R/small/epi_10x6.bias.pt" bias/K562/bias.pt
0   -   printf 'PERTRACK_MIRROR=file://%s/at sh "%s/../models/fetch.sh" "$@"\n' "$T" "$R/.." >fetch
0   -   sh fetch -n epinformerseq K562 | grep -q "main.pt.file://$T/at/lucapinello/chorus-epinformerseq-v2/resolve/main/per_cell_widewin/K562/main.pt" && test ! -e got
0   -   sh fetch -d got epinformerseq K562 2>log && cmp got/epinformerseq/K562/main.pt "$R/small/epi_10x6.main.pt" && cd got && sha256sum --check --quiet SHA256SUMS && test "$(wc -l <SHA256SUMS)" -eq 2
0   -   PERTRACK_MODELS=got predict -q -m epinformerseq -w K562=epinformerseq/K562 --list-tracks | grep -c Enhancer | grep -qx 3

# Again: nothing to do.  One that broke off goes on where it was.
0   -   rm -r at/lucapinello/chorus-epinformerseq-v2/resolve/main/bias && sh fetch -d got epinformerseq K562
0   -   cd got/epinformerseq/K562 && head -c 1000 main.pt >main.pt.part && rm main.pt
0   -   sh fetch -d got epinformerseq K562 2>log && cmp got/epinformerseq/K562/main.pt "$R/small/epi_10x6.main.pt" && test ! -e got/epinformerseq/K562/main.pt.part

# What is not the file of SHA256SUMS does not get its name; one that has changed is found.
0   -   rm got/epinformerseq/K562/main.pt && head -c 1000 /dev/zero >got/epinformerseq/K562/main.pt.part
1   -   err 'has SHA-256' sh fetch -d got epinformerseq K562
0   -   test ! -e got/epinformerseq/K562/main.pt && rm got/epinformerseq/K562/main.pt.part
0   -   sh fetch -d got epinformerseq K562 2>log && echo x >>got/epinformerseq/K562/bias.pt
1   -   err 'remove it and run again' sh fetch -d got epinformerseq K562
1   -   err 'not downloaded' sh fetch -d got epinformerseq HepG2
0   -   test ! -e got/epinformerseq/HepG2/main.pt
