#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reference values of the large oracles in small sizes, by their original code.

  make_large_reference.py OUT_DIR

Enformer: the PyTorch port (enformer-pytorch) in double precision, with its gamma features
normalised per feature over all positions, as the published weights have it; for any length other
than 196,608 bp the port itself normalises over the features.  Every parameter and stored statistic
is random; the window holds an N.  The two heads, all bins: OUT_DIR/enformer.{human,mouse}.tsv.
"""
import json
import math
import sys

import numpy as np
import torch
import enformer_pytorch.modeling_enformer as port

LENGTH, BINS = 128, 10
HEADS = {"human": 5, "mouse": 3}


def gamma_features(positions, features, seq_len, **kwargs):
    x = positions.double().abs()[..., None]
    f = torch.arange(1, features + 1).double()[None]
    shape, rate = 4 * f * f, 4 * f * features / seq_len
    density = torch.exp(torch.xlogy(shape - 1, x) - rate * x - torch.lgamma(shape) +
                        shape * torch.log(rate)) + 1e-8
    return (density / density.amax(dim=0, keepdim=True)).to(kwargs.get("dtype", torch.float))


def randomise(net):
    with torch.no_grad():
        for name, p in net.named_parameters():
            size = 0.5 if p.ndim < 2 else 0.8 / math.sqrt(p[0].numel())
            centre = 1.0 if p.ndim == 1 and name.endswith(".weight") else 0.0
            p.copy_(torch.randn_like(p) * size + centre)
        for name, b in net.named_buffers():
            if "running_mean" in name:
                b.copy_(torch.randn_like(b) * 0.3)
            if "running_var" in name:
                b.copy_(torch.rand_like(b) + 0.5)


def make_enformer(out):
    port.get_positional_features_gamma = gamma_features
    torch.manual_seed(7)
    net = port.Enformer(port.EnformerConfig(
        dim=24, depth=2, heads=2, output_heads=HEADS, target_length=BINS, attn_dim_key=5,
        num_downsamples=3, dim_divisible_by=4, use_tf_gamma=False)).eval()
    randomise(net)
    state = net.state_dict()
    torch.save({k: v for k, v in state.items() if not k.startswith("_trunk")}, f"{out}/enformer.pt")
    torch.save({k: v for k, v in state.items() if k.startswith(("_trunk", "_heads"))},
               f"{out}/enformer.trunk.pt")
    with open(f"{out}/enformer.json", "w") as f:
        json.dump({"seq_length": LENGTH, "target_length": BINS}, f)
    codes = np.random.RandomState(3).randint(0, 4, 2 * LENGTH)
    codes[150] = 4
    with open(f"{out}/enformer.fa", "w") as f:
        f.write(">c\n" + "".join("ACGTN"[c] for c in codes) + "\n")
    with open(f"{out}/enformer.fa.fai", "w") as f:
        f.write(f"c\t{2 * LENGTH}\t3\t{2 * LENGTH}\t{2 * LENGTH + 1}\n")
    with open(f"{out}/enformer.bed", "w") as f:
        f.write(f"c\t0\t{2 * LENGTH}\n")
    one_hot = np.eye(5)[codes][LENGTH // 2:LENGTH // 2 + LENGTH, :4]
    with torch.no_grad():
        predicted = net.double()(torch.tensor(one_hot)[None])
    for head, n in HEADS.items():
        with open(f"{out}/enformer.{head}.tsv", "w") as f:
            f.write("track\tvalues\n")
            for t in range(n):
                values = predicted[head][0, :, t].numpy()
                f.write(f"enformer/{t}\t" + ",".join(f"{v:.9g}" for v in values) + "\n")


if __name__ == "__main__":
    make_enformer(sys.argv[1])
