#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reference values of small networks of Borzoi's shape, by the PyTorch port (borzoi-pytorch).

  make_borzoi_reference.py OUT_DIR

Its forward pass, its transform of squashed values and its choice of tracks for the other strand
are the port's own, in double precision behind random weights; its layers are the port's classes in
other sizes, where the port writes sizes into its code, and its table of positions is computed for
the tokens there are.

  tall    Borzoi's own layout: five stages to bins of 32 bp, an odd number of tokens, human and
          mouse head, two replicates (torch zip of float32; safetensors of bfloat16)
  short   two stages to bins of 4 bp, an even number of tokens, all bins kept, no final
          convolution, other kernel sizes and dense layers (safetensors and Keras HDF5, both of
          float16)
  wide    one stage to bins of 2 bp, more columns than are computed at a time (both of float16)

Of tall the tracks of targets.txt come in pairs, and its values are on both sides of clip_soft.
Packages: torch, borzoi-pytorch, pandas, safetensors, h5py.
"""
import copy
import json
import sys

import h5py
import numpy as np
import pandas
import torch
from torch import nn
from safetensors.torch import save_file

import borzoi_pytorch.pytorch_borzoi_model as port
from borzoi_pytorch.config_borzoi import BorzoiConfig
from borzoi_pytorch.pytorch_borzoi_transformer import Attention, get_positional_embed
from borzoi_pytorch.pytorch_borzoi_utils import Residual, TargetLengthCrop
from large_reference import (Genome, path_in, randomise, region_rows, variant_rows, write_sites,
                             write_table)

# identifier, clip_soft, scale, sum_stat, strand_pair, description.  The port pairs the n-th sense
# track with the n-th antisense track.
TARGETS = [
    ("T0+", 0.76, 1.0, "sum", 1, "CAGE:liver"), ("T1-", 0.76, 1.0, "sum", 0, "CAGE:liver"),
    ("T2", 0.45, 2.0, "mean", 2, "DNASE:liver"), ("T3", 0.06, 0.5, "mean", 3, "ATAC:liver"),
    ("T4", 32.0, 2.0, "mean", 4, "CHIP:H3K27ac:liver"),
    ("T5", 0.09, 1.0, "mean", 5, "CHIP:CTCF:K562"),
    ("T6+", 0.6, 0.3, "sum_sqrt", 8, "RNA:liver"), ("T7+", 4.1, 0.4, "sum_sqrt", 9, "RNA:brain"),
    ("T8-", 0.6, 0.3, "sum_sqrt", 6, "RNA:liver"), ("T9-", 4.1, 0.4, "sum_sqrt", 7, "RNA:brain"),
    ("T10", 26.0, 0.2, "sum_sqrt", 10, "RNA:K562"),
]

TALL = dict(length=1152, bins=20, stem=(6, 15), tower=[7, 9, 10, 12, 14], taps=5, dim=16, depth=2,
            heads=2, key=4, value=5, features=32, hidden=32, final=19, human=len(TARGETS), mouse=4)
SHORT = dict(length=384, bins=96, stem=(8, 11), tower=[10, 9], taps=3, dim=20, depth=3, heads=5,
             key=6, value=4, features=8, hidden=33, final=0, human=3, mouse=0)
WIDE = dict(length=2048, bins=60, stem=(5, 15), tower=[6], taps=5, dim=12, depth=1, heads=1, key=8,
            value=12, features=24, hidden=24, final=15, human=2, mouse=0)


def attention(c):
    a = Attention(c["dim"], num_rel_pos_features=c["features"], heads=c["heads"], dim_key=c["key"],
                  dim_value=c["value"])
    a.positions = get_positional_embed(tokens(c), c["features"], "cpu")
    return a


def tokens(c):
    return c["length"] >> (len(c["tower"]) + 2)


def block(c):
    dim, hidden = c["dim"], c["hidden"]
    return nn.Sequential(
        Residual(nn.Sequential(nn.LayerNorm(dim, eps=0.001), attention(c), nn.Dropout(0.2))),
        Residual(nn.Sequential(nn.LayerNorm(dim, eps=0.001), nn.Linear(dim, hidden),
                               nn.Dropout(0.2), nn.ReLU(), nn.Linear(hidden, dim),
                               nn.Dropout(0.2))))


def targets_frame():
    return pandas.DataFrame({
        "identifier": [t[0] for t in TARGETS], "file": "", "clip": 768,
        "clip_soft": [t[1] for t in TARGETS], "scale": [t[2] for t in TARGETS],
        "sum_stat": [t[3] for t in TARGETS], "strand_pair": [t[4] for t in TARGETS],
        "description": [t[5] for t in TARGETS]})


def make(c, seed, dtype):
    """The port with the layers of c in double precision, and its weights as they are saved."""
    net = port.AnnotatedBorzoi(BorzoiConfig(dim=c["dim"], depth=0, bins_to_return=c["bins"],
                                            enable_mouse_head=True), targets_frame())
    width, taps = c["stem"]
    net.conv_dna.conv_layer = nn.Conv1d(4, width, taps, padding="same")
    layers = []
    for n in c["tower"]:
        layers += [net._max_pool] * bool(layers) + [port.ConvBlock(width, n, c["taps"])]
        width = n
    net.res_tower = nn.Sequential(*layers)
    net.unet1 = nn.Sequential(net._max_pool, port.ConvBlock(width, c["dim"], c["taps"]))
    net.horizontal_conv0 = port.ConvBlock(width, c["dim"], 1)
    net.transformer = nn.Sequential(*[block(c) for _ in range(c["depth"])])
    net.crop = TargetLengthCrop(c["bins"])
    if c["final"]:
        net.final_joined_convs[0] = port.ConvBlock(c["dim"], c["final"], 1)
    else:
        net.final_joined_convs = net.final_joined_convs[2:]
    last = c["final"] or c["dim"]
    net.human_head = nn.Conv1d(last, c["human"], 1)
    net.mouse_head = nn.Conv1d(last, c["mouse"], 1) if c["mouse"] else None
    torch.manual_seed(seed)
    randomise(net.eval(), dtype)
    # The head is float32 in the port, whatever is before it.
    twin = copy.deepcopy(net).double()
    twin.human_head.float()
    if twin.mouse_head:
        twin.mouse_head.float()
    state = {k: v.to(dtype).contiguous() for k, v in net.state_dict().items()
             if "num_batches_tracked" not in k}
    return twin, state


def predict_with(net, is_human=True):
    def predict(x):
        with torch.no_grad():
            return net(x.double()[None], is_human=is_human)[0].double()
    return predict


def average_with(net):
    """Mean of both strands of every track of targets.txt.

    The port gives the sense and unstranded tracks, the other strand's bins in its own order; what
    an antisense track has is what its partner has for the reverse complement.
    """
    n, sense, antisense = net.crop.target_length, net.sense_tracks, net.antisense_tracks
    bins = [torch.arange(n)]

    def both(x):
        with torch.no_grad():
            forward, _ = net._predict_gene_count(x.double()[None], bins)
            other, _ = net._predict_gene_count(x.double()[None], bins, predict_antisense=True)
        return (forward.double() + other.double())[0] / 2

    def predict(x):
        result = torch.zeros(len(TARGETS), n, dtype=torch.double)
        result[antisense] = both(x.flip(dims=(0, 1))).flip(dims=(1,))
        result[sense] = both(x)
        return result
    return predict


def unsquash_with(net, predict):
    """The port's inverse of squashing on all tracks, with the tables of all of them in place."""
    frame = net.tracks_df

    def column(x):
        return torch.tensor(np.asarray(x, dtype=float))[None, :, None]
    net.scale_values = column(frame.scale)
    net.clip_values = column(frame.clip_soft)
    net.track_transform = column(frame.track_transform)
    return lambda x: net._undo_squashed_scale(predict(x)[None])[0]


def mean_of(*predicts):
    return lambda x: sum(p(x) for p in predicts) / len(predicts)


def write_targets(path):
    with open(path, "w") as f:
        f.write("\tidentifier\tfile\tclip\tclip_soft\tscale\tsum_stat\tstrand_pair\tdescription\n")
        for i, (name, soft, scale, stat, pair, text) in enumerate(TARGETS):
            f.write(f"{i}\t{name}\tx.w5\t768\t{soft}\t{scale}\t{stat}\t{pair}\t{text}\n")


def write_json(path, c):
    with open(path, "w") as f:
        json.dump({"seq_length": c["length"], "bins_to_return": c["bins"]}, f)
        f.write("\n")


def make_tall(out):
    first, first_state = make(TALL, 11, torch.float32)
    second, second_state = make(TALL, 12, torch.bfloat16)
    torch.save(first_state, path_in(out, "tall0.pt"))
    save_file(second_state, path_in(out, "tall1.safetensors"))
    write_json(path_in(out, "tall.json"), TALL)
    write_targets(path_in(out, "tall.targets.txt"))
    genome = Genome(1600, 5, n_at=(300, 301, 777))
    genome.write(path_in(out, "tall"))
    regions, variants = [600, 1000], genome.variants(800)
    write_sites(path_in(out, "tall"), genome, regions, variants)
    ids = [t[0] for t in TARGETS]
    numbers = [f"borzoi/{i}" for i in range(len(TARGETS))]

    def write(name, tracks, predict, of_variants=False):
        rows = variant_rows(genome, TALL["length"], variants, predict) if of_variants else \
            region_rows(genome, TALL["length"], regions, predict)
        write_table(path_in(out, f"tall.{name}.tsv"), tracks, rows)

    human = [predict_with(n) for n in (first, second)]
    average = [average_with(n) for n in (first, second)]
    write("human", numbers, human[0])
    write("mouse", numbers[:TALL["mouse"]], predict_with(first, is_human=False))
    write("replicates", numbers, mean_of(*human))
    write("unsquashed", ids, unsquash_with(first, human[0]))
    write("average", ids, average[0])
    write("all", ids, unsquash_with(first, mean_of(*average)), of_variants=True)


def keras_names(c):
    """Layer of the port, and kind and number of the layer in the published HDF5 files."""
    n, depth = len(c["tower"]) + 1, c["depth"]
    names = [("conv_dna.conv_layer", "conv1d", 0)]
    tower = [f"res_tower.{2 * i}" for i in range(n - 1)] + ["unet1.1"]
    for i, layer in enumerate(tower):
        names += [(layer + ".norm", "batch_normalization", i),
                  (layer + ".conv_layer", "conv1d", i + 1)]
    for i in range(depth):
        names += [(f"transformer.{i}.0.fn.0", "layer_normalization", 2 * i),
                  (f"transformer.{i}.1.fn.0", "layer_normalization", 2 * i + 1),
                  (f"transformer.{i}.1.fn.1", "dense", 2 * i),
                  (f"transformer.{i}.1.fn.4", "dense", 2 * i + 1)]
    ups = ["upsampling_unet1.0", "horizontal_conv1", "upsampling_unet0.0", "horizontal_conv0"]
    for i, layer in enumerate(ups):
        names += [(layer + ".norm", "batch_normalization", n + i),
                  (layer + ".conv_layer", "dense", 2 * depth + i)]
    names += [("human_head", "dense", 2 * depth + 4)]
    if c["final"]:
        names += [("final_joined_convs.0.norm", "batch_normalization", n + 4),
                  ("final_joined_convs.0.conv_layer", "conv1d", n + 1)]
    return names


def write_keras(path, c, state):
    """The same weights in Keras' layouts under the names of the published files."""
    leaves = {"weight": "gamma:0", "bias": "beta:0", "running_mean": "moving_mean:0",
              "running_var": "moving_variance:0"}
    heads = {"to_q": "q_layer", "to_k": "k_layer", "to_v": "v_layer", "to_rel_k": "r_k_layer",
             "to_out": "embedding_layer"}
    crop = ((c["length"] >> len(c["tower"])) - c["bins"]) // 2
    config = {"class_name": "Functional", "config": {"name": "model", "layers": [
        {"class_name": "InputLayer", "name": "sequence",
         "config": {"name": "sequence", "batch_input_shape": [None, c["length"], 4]}},
        {"class_name": "Cropping1D", "name": "cropping1d",
         "config": {"name": "cropping1d", "cropping": [crop, crop]}}]}}

    with h5py.File(path, "w", track_order=False) as f:
        def put(kind, number, leaf, value):
            layer = f"{kind}_{number}" if number else kind
            f.create_dataset(f"model_weights/{layer}/{layer}/{leaf}",
                             data=value.numpy(), track_times=False)

        for layer, kind, number in keras_names(c):
            for leaf in leaves:
                value = state.get(f"{layer}.{leaf}")
                if value is None:
                    continue
                if "norm" in kind:
                    put(kind, number, leaves[leaf], value)
                elif leaf == "bias":
                    put(kind, number, "bias:0", value)
                elif kind == "dense":
                    put(kind, number, "kernel:0", value.reshape(value.shape[:2]).T)
                else:
                    put(kind, number, "kernel:0", value.permute(2, 1, 0))
        for i in range(2):
            layer = f"separable{1 - i}.conv_layer"
            put("separable_conv1d", i, "depthwise_kernel:0",
                state[layer + ".0.weight"].permute(2, 0, 1))
            put("separable_conv1d", i, "pointwise_kernel:0",
                state[layer + ".1.weight"].permute(2, 1, 0))
            put("separable_conv1d", i, "bias:0", state[layer + ".1.bias"])
        for i in range(c["depth"]):
            layer = f"transformer.{i}.0.fn.1."
            for name, keras in heads.items():
                put("multihead_attention", i, keras + "/kernel:0", state[f"{layer}{name}.weight"].T)
            put("multihead_attention", i, "embedding_layer/bias:0", state[layer + "to_out.bias"])
            put("multihead_attention", i, "r_w_bias:0", state[layer + "rel_content_bias"])
            put("multihead_attention", i, "r_r_bias:0", state[layer + "rel_pos_bias"])
        f.attrs["backend"] = "tensorflow"
        f.attrs["model_config"] = json.dumps(config)


def make_short(out):
    net, state = make(SHORT, 13, torch.float16)
    save_file(state, path_in(out, "short.safetensors"))
    write_keras(path_in(out, "short.h5"), SHORT, state)
    write_json(path_in(out, "short.json"), SHORT)
    genome = Genome(800, 6, n_at=(333,))
    genome.write(path_in(out, "short"))
    variants = genome.variants(400)
    write_sites(path_in(out, "short"), genome, [300], variants)
    tracks = [f"borzoi/{i}" for i in range(SHORT["human"])]
    rows = variant_rows(genome, SHORT["length"], variants, predict_with(net))
    write_table(path_in(out, "short.human.tsv"), tracks, rows)


def make_wide(out):
    net, state = make(WIDE, 14, torch.float16)
    save_file(state, path_in(out, "wide.safetensors"))
    write_keras(path_in(out, "wide.h5"), WIDE, state)
    write_json(path_in(out, "wide.json"), WIDE)
    genome = Genome(2600, 7)
    genome.write(path_in(out, "wide"))
    write_sites(path_in(out, "wide"), genome, [1100, 1377], [])
    tracks = [f"borzoi/{i}" for i in range(WIDE["human"])]
    rows = region_rows(genome, WIDE["length"], [1100, 1377], predict_with(net))
    write_table(path_in(out, "wide.human.tsv"), tracks, rows)


if __name__ == "__main__":
    make_tall(sys.argv[1])
    make_short(sys.argv[1])
    make_wide(sys.argv[1])
