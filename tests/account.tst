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

# How much bpnet-lite cuts off is not in a state dictionary.  Eight layers: its class and its command
# line agree.  Fewer: they do not, and the option says.  Two networks: the second as the first, or with
# a length of its own.
1   -   err "does not say how many positions it predicts: 1000 as trained by bpnet-lite's command line, 1992 by its class's own default for 3 layers; say which with --output-length BP" predict -m chrombpnet -w m="$R/account/short.pt" --list-tracks
0   -   TABLES=$R/account reference short few.vcf 50 "$R/account/short.pt" -m chrombpnet --output-length 1000
0   -   TABLES=$R/account reference wide few.vcf 50 "$R/account/wide.pt" -m chrombpnet
0   -   TABLES=$R/account reference uneven few.vcf 50 "$R/account/uneven.pt" -m chrombpnet --output-length 1514,1714
1   -   TABLES=$R/account reference uneven few.vcf 50 "$R/account/uneven.pt" -m chrombpnet --output-length 1514,1514 2>/dev/null
0   -   for l in 1000 1200 1992; do predict -q -m chrombpnet -w m="$R/account/short.pt" --output-length $l --list-tracks | tail -n 1 | cut -f 6,8; done | sort -u | wc -l | grep -qx 3
0   -   predict -m chrombpnet -w m="$R/account/wide.pt" --describe 2>said | grep '^note' | grep -c 'the file does not say' | grep -qx 2 && grep -c 'the file does not say' said | grep -qx 2
1   -   err 'the output reaches beyond what the input determines' predict -m chrombpnet -w m="$R/account/short.pt" --output-length 2000 --list-tracks
1   -   err 'the bias network predicts 1000 positions, fewer than the 1200' predict -m chrombpnet -w m="$R/account/uneven.pt" --output-length 1200,1000 --list-tracks

# A file that says is believed, and an option that says the same changes nothing.
1   -   err 'says itself that 1000 positions are predicted (trimming), --output-length says 1992' predict -m chrombpnet -w m="$R/account/parallel.torch" --output-length 1992 --list-tracks
0   -   for l in "" "--output-length 1000"; do predict -m chrombpnet -w m="$R/account/parallel.torch" $l --list-tracks 2>/dev/null; done | sort -u | wc -l | grep -qx 2
1   -   err 'positions are predicted (wo_bias_bpnet_logitt_before_flatten), --output-length says 900' predict -m chrombpnet -w m="$R/small/keras_chrombpnet.h5" --output-length 900 --list-tracks
0   -   mkweights chrombpnet_nobias bare.h5 --seed 11 --filters 16 --layers 3 --input 2114 --output 900 --no-config && mkweights chrombpnet_nobias full.h5 --seed 11 --filters 16 --layers 3 --input 2114 --output 900 && for w in bare full; do predict -q -m chrombpnet -w m=$w.h5 $(test $w = full || echo --output-length 900) -g "$R/bpnet/ref.fa" --text --full "$R/bpnet/few.vcf" | grep -v '^##' | cksum; done | sort -u | wc -l | grep -qx 1
0   -   predict -m chrombpnet -w m=bare.h5 --list-tracks 2>&1 >/dev/null | grep -q 'no architecture; that of published models is assumed, 2114 bp to 1000 positions'
0   -   retensor cherimoya_catv1.torch bare.npz && predict -m cherimoya -w m=bare.npz --list-tracks 2>&1 >/dev/null | grep -q '1000 positions predicted from 2114 bp and a residual scale of 0.15 are assumed'
0   -   retensor "$R/small/cherimoya_8x3.torch" bare.npz && for w in bare.npz "$R/small/cherimoya_8x3.torch"; do predict -q -m cherimoya -w m=$w $(test $w != bare.npz || echo --output-length 2008) -g "$R/bpnet/ref.fa" --text --full "$R/bpnet/few.vcf" | grep -v '^##' | cksum; done | sort -u | wc -l | grep -qx 1
1   -   err 'does not say how many positions it predicts' predict -m cherimoya -w m=bare.npz --list-tracks
0   -   cp "$R/small/mm_6x3/model.safetensors" mm.safetensors && predict -m multimolecule -w m=mm.safetensors --list-tracks 2>&1 >/dev/null | grep -q 'no config.json beside the weights'
1   -   err '--output-length is not for legnet models' predict -m legnet --output-length 100 -w m=legnet_12.ckpt,legnet_12.json --list-tracks
1   -   err 'but this is bpnet-lite BPNet; give one' predict -m chrombpnet --output-length 1000,1200 -w m="$R/account/short.pt" --list-tracks
2   -   err 'takes an even number of positions' predict -m chrombpnet --output-length 1000, -w m="$R/account/short.pt" --list-tracks

# A tensor more than the network has is an error that names it, for every family and container; what
# training leaves is none.
0   -   seen() { fam=$1 in=$2 extra=$3; shift 3; for c in safetensors npz; do retensor "$in" x.$c also=$extra,2,3; err "x.$c: tensor '$extra' (2 x 3) is no part of" predict -q -m $fam -w "m=x.$c$1" --list-tracks && return 1; test $? -eq 1 || return 1; retensor "$in" x.$c also=optimizer.state.exp_avg,3 also=rconvs.0.num_batches_tracked,1 && predict -q -m $fam -w "m=x.$c$1" --list-tracks >left || return 1; done; }; set -e; seen bpnet "$R/small/lite_bpnet_state.torch" rnorms.0.weight; seen chrombpnet "$R/bpnet/lite_chrombpnet.torch" bias.attention.weight; seen cherimoya cherimoya_catv1.torch blocks.0.gate.weight; cp "$R/small/mm_6x3/config.json" .; seen multimolecule "$R/small/mm_6x3/model.safetensors" accessibility.layer.0.norm.weight; rm config.json; seen legnet legnet_12.ckpt main.1.2.weight ,legnet_12.json; seen epinformerseq epi_10x6.main.pt blocks.1.se.weight ,epi_10x6.bias.pt; seen sei "$R/sei/sei.npz" dconv6.1.weight; seen enformer l/enformer.pt _heads.human.1.weight ,l/enformer.json; seen borzoi b/tall0.pt unet2.1.weight ,b/tall.json; mkweights chrombpnet full.h5 --seed 15 --filters 16 --layers 3 --bias-filters 7 --bias-layers 2 --input 400 --output 120; seen chrombpnet full.h5 wo_bias_bpnet_1st_bn/gamma:0; mkweights bpnet_chip full.h5 --seed 16 --filters 20 --layers 4; seen bpnet full.h5 squeeze/kernel:0; for k in wide short; do seen borzoi b/$k.h5 batch_normalization_99/gamma:0 ,b/$k.json; done
1   -   err "extra.pt: tensor 'rnorms.0.weight' (3) and 3 more are no part of bpnet-lite BPNet" predict -m chrombpnet -w m="$R/account/extra.pt" --list-tracks
1   -   err "extra.torch: tensor 'attention.in_proj_weight' (9 x 3) and 3 more" predict -m chrombpnet -w m="$R/account/extra.torch" --list-tracks
1   -   err "teacher.pt: holds a network at each of 'model', '.'" predict -m chrombpnet -w m="$R/account/teacher.pt" --list-tracks
0   -   predict -q -m chrombpnet -w m="$R/account/teacher.pt" --weights-key model --list-tracks >left

# What a Keras architecture says of a layer is what is computed, or is refused by layer and value.
0   -   mkweights chrombpnet_nobias plain.h5 --filters 8 --layers 2 --input 200 --output 60 && predict -m chrombpnet -w m=plain.h5 --list-tracks
0   -   sed '0,/"relu"/s//"silu"/' plain.h5 > silu.h5 && sed 's/"strides": \[1\]/"strides": [2]/' plain.h5 > stride.h5 && sed 's/"groups": 1/"groups": 2/' plain.h5 > groups.h5
1   -   err "layer 'wo_bias_bpnet_1st_conv' has activation silu, which is not computed here" predict -m chrombpnet -w m=silu.h5 --list-tracks
1   -   err "has strides 2, which is not computed here" predict -m chrombpnet -w m=stride.h5 --list-tracks
1   -   err "has groups 2, which is not computed here" predict -m chrombpnet -w m=groups.h5 --list-tracks
