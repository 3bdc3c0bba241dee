#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reference values of small Enformers by their PyTorch port (enformer-pytorch).

  make_large_reference.py OUT_DIR

The port runs in double precision, with the gamma features of gamma_features.py.

  enformer   both spellings of the names (torch zip of float32)
  deep       six stages to bins of 64 bp, an odd number of tokens, none cropped, one feature in each
             family of positions; the first stage narrower than the stem, 15 / 6 rounding to 2; a
             prefix before all names (safetensors of bfloat16)
  growth     a stem of 18 channels and stages of 24, 24, 24, 36: 18 / 12 rounds to 2 (safetensors of
             float16)
  wide       more tokens than are computed at a time (safetensors of bfloat16)

Packages: torch, enformer-pytorch, safetensors.
"""
import copy
import json
import sys

import torch
import enformer_pytorch.modeling_enformer as port
from safetensors.torch import save_file
from gamma_features import use_gamma_features
from large_reference import (Genome, path_in, randomise, region_rows, variant_rows, write_sites,
                             write_table)

HEADS = {"human": 5, "mouse": 3}
ENFORMER = dict(length=128, seed=7, dim=24, depth=2, heads=2, target_length=10, attn_dim_key=5,
                num_downsamples=3, dim_divisible_by=4)
DEEP = dict(length=576, seed=8, dim=30, depth=1, heads=5, target_length=9, attn_dim_key=3,
            num_downsamples=6, dim_divisible_by=6)
GROWTH = dict(length=448, seed=9, dim=36, depth=3, heads=3, target_length=6, attn_dim_key=7,
              num_downsamples=5, dim_divisible_by=12)
WIDE = dict(length=2048, seed=10, dim=24, depth=1, heads=1, target_length=100, attn_dim_key=16,
            num_downsamples=3, dim_divisible_by=2)


def check_growth():
    """Channels of Enformer's stages, and of those here whose rounding matters, as specified."""
    assert port.exponential_linspace_int(768, 1536, 6, 128) == [768, 896, 1024, 1152, 1280, 1536]
    assert port.exponential_linspace_int(608, 1536, 6, 32) == [608, 736, 896, 1056, 1280, 1536]
    assert port.exponential_linspace_int(18, 36, 4, 12) == [24, 24, 24, 36]
    assert port.exponential_linspace_int(15, 30, 5, 6) == [12, 18, 24, 24, 30]


def make(c, dtype):
    """Net in double precision, and its weights as they are saved."""
    use_gamma_features(port)
    sizes = {k: v for k, v in c.items() if k not in ("length", "seed")}
    torch.manual_seed(c["seed"])
    net = port.Enformer(port.EnformerConfig(output_heads=HEADS, use_tf_gamma=False, **sizes)).eval()
    randomise(net, dtype)
    state = {k: v.to(dtype).contiguous() for k, v in net.state_dict().items()}
    return copy.deepcopy(net).double(), state


def of_modules(state, prefix=""):
    return {prefix + k: v for k, v in state.items()
            if not k.startswith("_trunk") and "num_batches" not in k}


def predict_with(net, head):
    def predict(x):
        with torch.no_grad():
            return net(x.double().T[None])[head][0].T
    return predict


def middle(c, predict):
    """The window is twice as long as what the network reads."""
    return lambda x: predict(x[:, c["length"] // 2:c["length"] // 2 + c["length"]])


def write(out, name, c, net, genome, regions=(), variants=()):
    with open(path_in(out, name + ".json"), "w") as f:
        json.dump({"seq_length": c["length"], "target_length": c["target_length"]}, f)
        f.write("\n")
    genome.write(path_in(out, name))
    write_sites(path_in(out, name), genome, regions, variants)
    for head, n in HEADS.items():
        predict = middle(c, predict_with(net, head))
        rows = variant_rows(genome, 2 * c["length"], variants, predict) if variants else \
            region_rows(genome, 2 * c["length"], regions, predict)
        write_table(path_in(out, f"{name}.{head}.tsv"), [f"enformer/{t}" for t in range(n)], rows)


def make_enformer(out):
    net, state = make(ENFORMER, torch.float32)
    torch.save(of_modules(state), path_in(out, "enformer.pt"))
    torch.save({k: v for k, v in state.items() if k.startswith(("_trunk", "_heads"))},
               path_in(out, "enformer.trunk.pt"))
    write(out, "enformer", ENFORMER, net, Genome(256, 3, n_at=(150,)), regions=[128])


def make_deep(out):
    net, state = make(DEEP, torch.bfloat16)
    save_file(of_modules(state, "module."), path_in(out, "deep.safetensors"))
    write(out, "deep", DEEP, net, Genome(1500, 4, n_at=(500, 501)), regions=[600, 800])


# Channel of the other strand, and the track's description.
PAIRS = [(0, "DNASE:liver"), (3, "CAGE:liver"), (2, "CHIP:H3K4me3:liver"), (1, "CAGE:liver"),
         (4, "CHIP:CTCF:K562")]


def average(predict):
    """Mean of both strands: the other's bins from its end on, its tracks those of the pairs."""
    order = [pair for pair, _ in PAIRS]
    return lambda x: (predict(x) + predict(x.flip(dims=(0, 1))).flip(dims=(1,))[order]) / 2


def make_growth(out):
    net, state = make(GROWTH, torch.float16)
    save_file(of_modules(state), path_in(out, "growth.safetensors"))
    genome = Genome(1100, 5, n_at=(480,))
    variants = genome.variants(550)
    write(out, "growth", GROWTH, net, genome, variants=variants)
    with open(path_in(out, "growth.targets.txt"), "w") as f:
        f.write("index\tgenome\tidentifier\tstrand_pair\tdescription\n")
        for i, (pair, text) in enumerate(PAIRS):
            f.write(f"{i}\t0\tE{i}\t{pair}\t{text}\n")
    predict = average(middle(GROWTH, predict_with(net, "human")))
    write_table(path_in(out, "growth.average.tsv"), [f"E{i}" for i in range(len(PAIRS))],
                variant_rows(genome, 2 * GROWTH["length"], variants, predict))


def make_wide(out):
    net, state = make(WIDE, torch.bfloat16)
    save_file(of_modules(state), path_in(out, "wide.safetensors"))
    write(out, "wide", WIDE, net, Genome(4200, 6), regions=[2100])


if __name__ == "__main__":
    check_growth()
    make_enformer(sys.argv[1])
    make_deep(sys.argv[1])
    make_growth(sys.argv[1])
    make_wide(sys.argv[1])
