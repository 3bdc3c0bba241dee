# SPDX-License-Identifier: MIT
# What weight files hold around and beside the network that is computed (tests/reference/
# make_account.py, and retensor: the same tensors in another file).

# Wrappers of training programs come off, for every family.
0   -   for w in checkpoint.pt parallel.torch; do same-values few.vcf "$R/account/state.pt" "$R/account/$w" -m chrombpnet || exit; done
0   -   cp "$R"/small/legnet_12.ckpt "$R"/small/legnet_12.json "$R"/small/cherimoya_catv1.torch "$R"/small/epi_10x6.*.pt .
0   -   ln -s "$R/borzoi" b && ln -s "$R/large" l
0   -   wrapped() { retensor "$1" plain.safetensors && retensor "$1" wrapped.safetensors under=model. under=_orig_mod. under=module. under=net.; }; wrapped "$R/small/lite_bpnet_state.torch" && same-values few.vcf plain.safetensors wrapped.safetensors -m bpnet && wrapped cherimoya_catv1.torch && same-values few.vcf plain.safetensors wrapped.safetensors -m cherimoya && wrapped "$R/small/mm_6x3/model.safetensors" && cp "$R/small/mm_6x3/config.json" . && same-values few.vcf plain.safetensors wrapped.safetensors -m multimolecule && rm config.json && wrapped legnet_12.ckpt && same-values "$R/small/legnet.vcf" plain.safetensors,legnet_12.json wrapped.safetensors,legnet_12.json -m legnet && wrapped epi_10x6.main.pt && same-values few.vcf plain.safetensors,epi_10x6.bias.pt wrapped.safetensors,epi_10x6.bias.pt -m epinformerseq && wrapped "$R/sei/sei.npz" && GENOME=$R/sei/sei.fa same-values "$R/sei/sei.vcf" plain.safetensors wrapped.safetensors -m sei --input-length 128 && wrapped l/enformer.pt && GENOME=l/enformer.fa same-values l/enformer.bed plain.safetensors,l/enformer.json wrapped.safetensors,l/enformer.json -m enformer --regions && wrapped b/tall0.pt && GENOME=b/tall.fa same-values b/tall.bed plain.safetensors,b/tall.json wrapped.safetensors,b/tall.json -m borzoi --regions
0   -   retensor "$R/small/lite_bpnet_state.torch" wrapped.npz under=model. under=module. && same-values few.vcf "$R/small/lite_bpnet_state.torch" wrapped.npz -m bpnet

# It is said, once for all tracks of which the same is to be said.
0   -   predict -m chrombpnet -w a="$R/account/checkpoint.pt" -w b="$R/account/checkpoint.pt" --list-tracks 2>said >list && grep -c "tensors are taken from 'model.module' of the file" said | grep -qx 1
0   -   predict -m chrombpnet -w a="$R/account/checkpoint.pt" --describe 2>/dev/null | grep -q "^note	tensors are taken from 'model.module'"
0   -   predict -q -m chrombpnet -w a="$R/account/checkpoint.pt" --list-tracks 2>&1 >/dev/null | wc -c | grep -qx 0
0   -   predict --describe "$R/account/checkpoint.pt" | grep -q '^tensor	model.module.iconv.weight	'

# Two networks in one file: named, chosen, and told apart by the tracks' checksums.
1   -   err "two.pt: holds a network at each of 'net', 'ema.shadow'; say which with --weights-key NAME" predict -m chrombpnet -w m="$R/account/two.pt" --list-tracks
1   -   err "holds nothing at 'best'; --weights-key takes one of 'net', 'ema.shadow'" predict -m chrombpnet --weights-key best -w m="$R/account/two.pt" --list-tracks
0   -   for k in net ema ema.shadow; do predict -q -m chrombpnet -w m="$R/account/two.pt" --weights-key $k -g "$R/bpnet/ref.fa" --text "$R/bpnet/few.vcf" | grep -v '^##' >$k.tsv || exit; done; for f in state other; do predict -q -m chrombpnet -w m="$R/account/$f.pt" -g "$R/bpnet/ref.fa" --text "$R/bpnet/few.vcf" | grep -v '^##' >$f.tsv; done; cmp net.tsv state.tsv && cmp ema.tsv other.tsv && cmp ema.shadow.tsv other.tsv && ! cmp -s net.tsv ema.tsv
0   -   for k in net ema; do predict -q -m chrombpnet -w m="$R/account/two.pt" --weights-key $k --list-tracks | tail -n 1 | cut -f 8; done | sort -u | wc -l | grep -qx 2
0   -   predict --describe "$R/account/two.pt" | grep -q "^note	.*holds a network at each of" && predict --weights-key ema --describe "$R/account/two.pt" | grep -q '^oracle	bpnet'
